/** Walks UTF-8 one sequence at a time, valid or not, exactly as the WHATWG decoder cuts it. */

/** What stands for bytes that are no UTF-8. */
export const REPLACEMENT = '\uFFFD';

/**
 * Bytes of the sequence that starts at `at`, and its code point; -1 for an invalid one, which is as long as the
 * longest prefix of a valid sequence (Unicode's "maximal subpart", https://encoding.spec.whatwg.org/#utf-8-decoder),
 * so that every invalid sequence decodes to exactly one U+FFFD.
 */
export interface Sequence {
  length: number;
  codePoint: number;
}

/** Reads the sequence at `at` into `into`, which is returned: walking megabytes must not allocate. */
export function readSequence(bytes: Uint8Array, at: number, into: Sequence): Sequence {
  const lead = bytes[at] ?? 0;
  into.length = 1;
  into.codePoint = lead;
  if (lead < 0x80) return into;
  into.codePoint = -1;
  let needed: number;
  let codePoint: number;
  // Bounds of the second byte: they exclude overlong forms, surrogates and what lies beyond U+10FFFF.
  let low = 0x80;
  let high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    needed = 1;
    codePoint = lead & 0x1f;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    needed = 2;
    codePoint = lead & 0x0f;
    if (lead === 0xe0) low = 0xa0;
    if (lead === 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    needed = 3;
    codePoint = lead & 0x07;
    if (lead === 0xf0) low = 0x90;
    if (lead === 0xf4) high = 0x8f;
  } else {
    return into;
  }
  for (let i = 1; i <= needed; i++) {
    const next = bytes[at + i];
    if (next === undefined || next < low || next > high) return into;
    low = 0x80;
    high = 0xbf;
    codePoint = (codePoint << 6) | (next & 0x3f);
    into.length = i + 1;
  }
  into.codePoint = codePoint;
  return into;
}

/** UTF-16 units of a sequence once decoded. */
export const utf16Length = ({ codePoint }: Sequence): number => (codePoint > 0xffff ? 2 : 1);

export const sequenceText = ({ codePoint }: Sequence): string =>
  codePoint < 0 ? REPLACEMENT : String.fromCodePoint(codePoint);
