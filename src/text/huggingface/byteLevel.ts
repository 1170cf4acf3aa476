/**
 * GPT-2's way of writing bytes as characters: those that can be seen stand for themselves, the others for characters
 * from U+0100 on.
 */
import { byteLabel, textLabel } from '../labels';
import { endIn, startIn, type Piece } from './pieces';

const seen = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

const CHARACTERS: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(seen(byte) ? byte : next++));
})();

const BYTES: ReadonlyMap<string, number> = new Map(CHARACTERS.map((character, byte) => [character, byte]));

const encoder = new TextEncoder();

/** A piece with its UTF-8 bytes as characters; all bytes of a character stand where it stands. */
export function byteCharacters(piece: Piece): Piece {
  const { text } = piece;
  let out = '';
  if (/^[\x00-\x7F]*$/u.test(text)) {
    for (let at = 0; at < text.length; at++) out += CHARACTERS[text.charCodeAt(at)] ?? '';
    return { ...piece, text: out };
  }
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of text) {
    const start = startIn(piece, at);
    at += character.length;
    const end = endIn(piece, at);
    for (const byte of encoder.encode(character)) {
      out += CHARACTERS[byte] ?? '';
      starts.push(start);
      ends.push(end);
    }
  }
  return { ...piece, text: out, lead: 0, map: { starts: Int32Array.from(starts), ends: Int32Array.from(ends) } };
}

/** The label of a token that is written in bytes; bytes that are no whole character are shown as such. */
export function byteTokenLabel(token: string, id: number): string {
  const bytes = Array.from(token, (character) => BYTES.get(character));
  if (bytes.includes(undefined)) return textLabel(token, id);
  const whole = Uint8Array.from(bytes.flatMap((byte) => (byte === undefined ? [] : [byte])));
  try {
    return textLabel(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(whole), id);
  } catch {
    return [...whole].map(byteLabel).join('');
  }
}
