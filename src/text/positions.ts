/**
 * Where each token of a text stands, in about one byte a token: how far it starts behind the one before, and its length.
 * A look-up walks from the nearest of sparse marks.
 */
import type { Glyph, TextRange } from '../shared/trace';

/** Tokens between marks. */
const MARK_TOKENS = 256;

/** A token's code is `gap << 6 | length`; what does not fit is ESCAPED and stands in a list of its own. */
const ADJACENT = 0;
const BEHIND_A_SPACE = 1;
const SAME_RANGE = 2;
const ESCAPED = 3;
const LENGTH_BITS = 6;
const MOST_LENGTH = 2 ** LENGTH_BITS - 1;

type Numbers = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** A typed array that grows. */
export class Growing<T extends Numbers> {
  length = 0;

  constructor(
    private values: T,
    private readonly create: (length: number) => T,
  ) {}

  static bytes = (): Growing<Uint8Array<ArrayBuffer>> =>
    new Growing(new Uint8Array(1024), (length) => new Uint8Array(length));
  static words = (): Growing<Uint32Array<ArrayBuffer>> =>
    new Growing(new Uint32Array(64), (length) => new Uint32Array(length));
  static floats = (): Growing<Float32Array<ArrayBuffer>> =>
    new Growing(new Float32Array(1024), (length) => new Float32Array(length));

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = this.create(Math.ceil(this.length * 1.5));
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index] ?? 0;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  /** What was pushed, without the room to grow; a view. */
  whole(): T {
    return this.values.subarray(0, this.length) as T;
  }
}

/** The last index in [0, count) whose entry is at most `value`; 0 where there is none. */
function lastAtMost(table: Growing<Uint32Array<ArrayBuffer>>, value: number): number {
  let low = 0;
  let high = table.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (table.at(middle) <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** A group of tokens that share characters: one glyph. */
interface Group {
  first: number;
  count: number;
  start: number;
  end: number;
  unknown: boolean;
}

export class Positions {
  length = 0;
  /** Number of unknown tokens. */
  unknownCount = 0;
  private readonly codes = Growing.bytes();
  private readonly escapedToken = Growing.words();
  private readonly escapedStart = Growing.words();
  private readonly escapedEnd = Growing.words();
  /** Mark k: the first group that starts at or after token k * MARK_TOKENS; its token, offset, and where the one before ends. */
  private readonly markToken = Growing.words();
  private readonly markOffset = Growing.words();
  private readonly markBefore = Growing.words();
  /** A bit for each token. */
  private readonly unknownBits = Growing.bytes();
  private lastStart = 0;
  private lastEnd = 0;
  private group: Group | undefined;

  constructor(private readonly text: string) {}

  /** Starts and ends must not go backwards. */
  add(start: number, end: number, unknown = false): void {
    const token = this.length++;
    const gap = start - this.lastEnd;
    if (token > 0 && start === this.lastStart && end === this.lastEnd && end > start) this.codes.push(SAME_RANGE << 6);
    else if ((gap === 0 || gap === 1) && end - start <= MOST_LENGTH && end >= start) {
      this.codes.push(((gap === 0 ? ADJACENT : BEHIND_A_SPACE) << LENGTH_BITS) | (end - start));
    } else {
      this.codes.push(ESCAPED << LENGTH_BITS);
      this.escapedToken.push(token);
      this.escapedStart.push(start);
      this.escapedEnd.push(end);
    }
    const { group } = this;
    if (group !== undefined && joins(group, start)) {
      group.end = Math.max(group.end, end);
    } else {
      if (token >= this.markToken.length * MARK_TOKENS) {
        this.markToken.push(token);
        this.markOffset.push(start);
        this.markBefore.push(this.lastEnd);
      }
      this.group = { first: token, count: 0, start, end, unknown: false };
    }
    if (token % 8 === 0) this.unknownBits.push(0);
    if (unknown) {
      this.unknownCount++;
      this.unknownBits.set(token >> 3, this.unknownBits.at(token >> 3) | (1 << (token & 7)));
    }
    this.lastStart = start;
    this.lastEnd = end;
  }

  isUnknown(token: number): boolean {
    return (this.unknownBits.at(token >> 3) & (1 << (token & 7))) !== 0;
  }

  /** The exact ranges of tokens from a mark on, until `visit` returns true. */
  private walk(mark: number, visit: (token: number, start: number, end: number) => boolean): void {
    let token = this.markToken.at(mark);
    let escaped = 0;
    if (this.escapedToken.length > 0) {
      escaped = lastAtMost(this.escapedToken, token);
      if (this.escapedToken.at(escaped) < token) escaped++;
    }
    let start = 0;
    let end = this.markBefore.at(mark);
    for (; token < this.length; token++) {
      const code = this.codes.at(token);
      const gap = code >> LENGTH_BITS;
      if (gap === ESCAPED) {
        start = this.escapedStart.at(escaped);
        end = this.escapedEnd.at(escaped++);
      } else if (gap !== SAME_RANGE) {
        start = end + gap;
        end = start + (code & MOST_LENGTH);
      }
      if (visit(token, start, end)) return;
    }
  }

  /** Groups from a mark on, until `visit` returns true. */
  private walkGroups(mark: number, visit: (group: Group) => boolean): void {
    const open: Group[] = [];
    this.walk(mark, (token, start, end) => {
      const [group] = open;
      if (group !== undefined && joins(group, start)) {
        group.count++;
        group.end = Math.max(group.end, end);
        group.unknown ||= this.isUnknown(token);
        return false;
      }
      if (group !== undefined && visit(group)) {
        open.pop();
        return true;
      }
      open[0] = { first: token, count: 1, start, end, unknown: this.isUnknown(token) };
      return false;
    });
    for (const last of open) visit(last);
  }

  private glyph({ first, count, start, end, unknown }: Group): Glyph {
    const glyph = { text: this.text.slice(start, end), token: first, count, start };
    return unknown ? { ...glyph, unknown } : glyph;
  }

  glyphs(from: number, to: number): Glyph[] {
    const found: Glyph[] = [];
    if (from >= to) return found;
    this.walkGroups(lastAtMost(this.markToken, from), (group) => {
      if (group.first >= to) return true;
      if (group.first + group.count > from) found.push(this.glyph(group));
      return false;
    });
    return found;
  }

  glyphOf(token: number): Glyph {
    const [glyph] = this.glyphs(token, token + 1);
    if (glyph === undefined) throw new RangeError(`token ${String(token)} of ${String(this.length)}`);
    return glyph;
  }

  glyphAt(offset: number): Glyph {
    const within = Math.min(offset, this.text.length - 1);
    let found: Group | undefined;
    this.walkGroups(lastAtMost(this.markOffset, within), (group) => {
      if (group.start > within && found !== undefined) return true;
      found = group;
      return group.end > within;
    });
    if (found === undefined) throw new RangeError('a text without tokens');
    return this.glyph(found);
  }

  ranges(from: number, to: number): Int32Array {
    const pairs = new Int32Array(2 * (to - from));
    this.walk(lastAtMost(this.markToken, from), (token, start, end) => {
      if (token >= to) return true;
      if (token >= from) pairs.set([start, end], 2 * (token - from));
      return false;
    });
    return pairs;
  }

  unknown(from: number, to: number, most: number): TextRange[] {
    const found: TextRange[] = [];
    if (this.unknownCount === 0 || most < 1) return found;
    this.walk(lastAtMost(this.markOffset, from), (token, start, end) => {
      if (start >= to) return true;
      if (end > from && this.isUnknown(token)) {
        const last = found.at(-1);
        // Bytes that stand for one character are one range.
        if (last?.start !== start || last.end !== end) found.push({ start, end });
      }
      return found.length === most;
    });
    return found;
  }
}

/** Whether the next token belongs to the same glyph: it shares a character, or stands where nothing was yet. */
const joins = (group: Group, start: number): boolean => start < group.end || group.end === group.start;
