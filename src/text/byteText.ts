/**
 * A text as byte tokens, each with the exact UTF-16 range of the character that it helps to encode. Nothing is stored
 * per token: positions are found by walking from the nearest of sparse marks.
 */
import type { Text } from '../shared/l10n';
import type { Glyph } from '../shared/trace';
import { byteLabel } from './labels';
import type { Breathe, TracedText } from './tracedText';
import { readSequence, sequenceText, utf16Length, type Sequence } from './utf8';

/** Bytes between marks; a look-up walks at most this far. */
const MARK_BYTES = 1024;

/** Bytes between breaths. */
const BREATH_BYTES = 2 ** 18;

export interface ByteText extends TracedText {
  /** Token ids are byte values. */
  readonly tokens: Uint8Array;
  /** Number of invalid UTF-8 sequences. */
  readonly invalid: number;
}

export async function byteText(tokens: Uint8Array, notes: readonly Text[], breathe: Breathe): Promise<ByteText> {
  // Mark k: the first sequence that starts at or after byte k * MARK_BYTES, and its UTF-16 offset.
  const marks = Math.ceil(tokens.length / MARK_BYTES);
  const markByte = new Uint32Array(marks);
  const markOffset = new Uint32Array(marks);
  const sequence: Sequence = { length: 0, codePoint: 0 };
  let offset = 0;
  let invalid = 0;
  for (let at = 0, mark = 0, breath = BREATH_BYTES; at < tokens.length; at += sequence.length) {
    if (at >= breath) {
      await breathe();
      breath += BREATH_BYTES;
    }
    if (mark < marks && at >= mark * MARK_BYTES) {
      markByte[mark] = at;
      markOffset[mark++] = offset;
    }
    readSequence(tokens, at, sequence);
    if (sequence.codePoint < 0) invalid++;
    offset += utf16Length(sequence);
  }
  // A last sequence of several bytes may run past the place of the last mark: then it has no sequence of its own.
  for (let mark = 1; mark < marks; mark++) {
    if (markByte[mark] === 0) {
      markByte[mark] = tokens.length;
      markOffset[mark] = offset;
    }
  }
  const textLength = offset;

  /** Visits sequences from a mark on until `visit` returns true. */
  function walk(mark: number, visit: (at: number, offset: number, sequence: Sequence) => boolean): void {
    let from = markOffset[mark] ?? 0;
    for (let at = markByte[mark] ?? 0; at < tokens.length; at += sequence.length) {
      readSequence(tokens, at, sequence);
      if (visit(at, from, sequence)) return;
      from += utf16Length(sequence);
    }
  }

  /** The last mark whose entry in `table` is at most `value`. */
  function markBefore(table: Uint32Array, value: number): number {
    let low = 0;
    let high = marks;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((table[middle] ?? 0) <= value) low = middle;
      else high = middle;
    }
    return low;
  }

  function glyphs(from: number, to: number): Glyph[] {
    const found: Glyph[] = [];
    walk(markBefore(markByte, from), (at, start, s) => {
      if (at >= to) return true;
      if (at + s.length > from) found.push({ text: sequenceText(s), token: at, count: s.length, start });
      return false;
    });
    return found;
  }

  function glyphOf(token: number): Glyph {
    const [glyph] = glyphs(token, token + 1);
    if (glyph === undefined) throw new RangeError(`token ${String(token)} of ${String(tokens.length)}`);
    return glyph;
  }

  function glyphAt(wanted: number): Glyph {
    const within = Math.min(wanted, textLength - 1);
    let token = 0;
    walk(markBefore(markOffset, within), (at, start, s) => {
      token = at;
      return within < start + utf16Length(s);
    });
    return glyphOf(token);
  }

  function ranges(from: number, to: number): Int32Array {
    const pairs = new Int32Array(2 * (to - from));
    walk(markBefore(markByte, from), (at, start, s) => {
      if (at >= to) return true;
      for (let token = Math.max(at, from); token < Math.min(at + s.length, to); token++) {
        pairs[2 * (token - from)] = start;
        pairs[2 * (token - from) + 1] = start + utf16Length(s);
      }
      return false;
    });
    return pairs;
  }

  return {
    tokens,
    numbers: undefined,
    steps: tokens.length,
    text: undefined,
    textLength,
    invalid,
    notes,
    labelAt: (step) => byteLabel(tokens[step] ?? 0),
    labelOf: byteLabel,
    glyphOf,
    glyphAt,
    glyphs,
    ranges,
    unknown: () => [],
  };
}
