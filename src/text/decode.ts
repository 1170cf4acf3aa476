/** A file's bytes or a document's text -> the UTF-8 bytes that a byte-level model reads. */
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import { byteText, type ByteText } from './byteText';
import type { Breathe } from './tracedText';

/** The most text that is taken, in bytes: offsets are 32-bit, and the text itself is kept in memory. */
export const MAX_TEXT_BYTES = 2 ** 30;

/** Bytes at the start that decide whether a file is text, as many as VS Code looks at. */
const PROBE_BYTES = 512;

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'binary';

interface Detected {
  readonly encoding: Encoding;
  /** Length of the byte order mark, which is no part of the text. */
  readonly mark: number;
}

/** Finds the encoding as VS Code does: by its byte order mark, else UTF-16 by where the zero bytes are, else UTF-8. */
function detect(bytes: Uint8Array): Detected {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', mark: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', mark: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', mark: 2 };
  const probe = bytes.subarray(0, PROBE_BYTES);
  if (!probe.includes(0)) return { encoding: 'utf-8', mark: 0 };
  const even = probe.filter((_, i) => i % 2 === 0);
  const odd = probe.filter((_, i) => i % 2 === 1);
  if (odd.length === 0) return { encoding: 'binary', mark: 0 };
  if (odd.every((v) => v === 0) && !even.includes(0)) return { encoding: 'utf-16le', mark: 0 };
  if (even.every((v) => v === 0) && !odd.includes(0)) return { encoding: 'utf-16be', mark: 0 };
  return { encoding: 'binary', mark: 0 };
}

/** Longest text that V8 can hold as one string, in units. */
const MAX_STRING = 2 ** 29 - 24;

const emptyText = (name: string): GatescopeError =>
  new GatescopeError('empty-text', say`${name} is empty: there is nothing to trace. Write some text and trace again.`);

const tooLarge = (name: string, bytes: number, most: number): GatescopeError =>
  new GatescopeError(
    'text-too-large',
    say`${name} holds ${bytes} bytes; at most ${most} can be traced. Trace a part of it.`,
  );

function checkSize(name: string, bytes: number): void {
  if (bytes === 0) throw emptyText(name);
  if (bytes > MAX_TEXT_BYTES) throw tooLarge(name, bytes, MAX_TEXT_BYTES);
}

/** What a file is, and its bytes behind the byte order mark. @throws empty-text, binary-file */
function bodyOf(
  name: string,
  file: Uint8Array,
): { readonly encoding: Exclude<Encoding, 'binary'>; readonly body: Uint8Array } {
  const { encoding, mark } = detect(file);
  if (encoding === 'binary') {
    throw new GatescopeError(
      'binary-file',
      say`${name} looks binary: a zero byte stands at position ${file.indexOf(0)}. Choose a text file.`,
    );
  }
  if (mark > 0 && file.length === mark) {
    throw new GatescopeError(
      'empty-text',
      say`${name} holds only a byte order mark: there is nothing to trace. Write some text and trace again.`,
    );
  }
  checkSize(name, file.length);
  return { encoding, body: file.subarray(mark) };
}

/** A document as an editor shows it. */
export interface Decoded {
  readonly text: string;
  /** One sentence each. */
  readonly notes: readonly Text[];
}

/**
 * A file's text: UTF-8, or UTF-16 by its byte order mark or its zero bytes; a byte order mark is no part of it.
 * @throws empty-text, text-too-large, binary-file
 */
export function decodeFile(name: string, file: Uint8Array): Decoded {
  const { encoding, body } = bodyOf(name, file);
  if (body.length > MAX_STRING) throw tooLarge(name, body.length, MAX_STRING);
  if (encoding !== 'utf-8') {
    return {
      text: new TextDecoder(encoding, { ignoreBOM: true }).decode(body),
      notes: [say`Decoded from ${encoding.toUpperCase()}.`],
    };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body), notes: [] };
  } catch {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
    return { text, notes: [say`It is not valid UTF-8; what cannot be decoded is read as U+FFFD.`] };
  }
}

/**
 * The byte tokens of a document's text: its UTF-8 bytes. A lone surrogate is encoded as U+FFFD.
 * @param name what the text is called in an error
 * @throws empty-text, text-too-large
 */
export async function bytesOfText(name: string, text: string, breathe: Breathe): Promise<ByteText> {
  const bytes = new TextEncoder().encode(text);
  checkSize(name, bytes.length);
  return byteText(bytes, [], breathe);
}

/**
 * The byte tokens of a file. UTF-8 is taken as it is, invalid bytes included (each stands under the U+FFFD that an editor
 * shows for it); UTF-16 is turned into UTF-8; a byte order mark is no part of the text.
 * @throws empty-text, text-too-large, binary-file
 */
export async function bytesOfFile(name: string, file: Uint8Array, breathe: Breathe): Promise<ByteText> {
  const { encoding, body } = bodyOf(name, file);
  if (encoding === 'utf-8') {
    const text = await byteText(body, [], breathe);
    if (text.invalid === 0) return text;
    const note =
      text.invalid === 1
        ? say`1 byte sequence is not valid UTF-8; the model reads the bytes as they are.`
        : say`${text.invalid} byte sequences are not valid UTF-8; the model reads the bytes as they are.`;
    return { ...text, notes: [note] };
  }
  const bytes = new TextEncoder().encode(new TextDecoder(encoding, { ignoreBOM: true }).decode(body));
  checkSize(name, bytes.length);
  return byteText(bytes, [say`Decoded from ${encoding.toUpperCase()}; the model reads it as UTF-8.`], breathe);
}
