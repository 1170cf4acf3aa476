/** What a tokenizer's model makes of one piece. */

export interface Encoded {
  readonly ids: readonly number[];
  /** [start, end) of each token in the piece's UTF-16 units. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly unknown: readonly boolean[];
}

export class Encoding implements Encoded {
  readonly ids: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly unknown: boolean[] = [];

  add(id: number, start: number, end: number, unknown = false): void {
    this.ids.push(id);
    this.starts.push(start);
    this.ends.push(end);
    this.unknown.push(unknown);
  }

  /** An unknown one, which goes on with the one before if that is unknown too and such are fused. */
  addUnknown(id: number, start: number, end: number, fuse: boolean): void {
    const last = this.ids.length - 1;
    if (fuse && this.unknown[last] === true && this.ends[last] === start) this.ends[last] = end;
    else this.add(id, start, end, true);
  }

  append(other: Encoded, shift: number, fuse: boolean): void {
    for (const [index, id] of other.ids.entries()) {
      const [start, end] = [(other.starts[index] ?? 0) + shift, (other.ends[index] ?? 0) + shift];
      if (other.unknown[index] === true) this.addUnknown(id, start, end, fuse);
      else this.add(id, start, end);
    }
  }
}

/** A model: BPE, Unigram, WordPiece, WordLevel. It yields where other work may have its turn. */
export interface PieceModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Where a piece may be cut without its tokens being others; undefined where what a token is depends on the whole. */
  readonly cuts: SafeCuts | undefined;
  encode(piece: string): Generator<undefined, Encoded>;
}

const encoder = new TextEncoder();

/** Ids of a text's bytes, as `<0xE6>`; undefined where the vocabulary has not all of them. */
export function byteIds(text: string, vocabulary: ReadonlyMap<string, number>): number[] | undefined {
  const ids: number[] = [];
  for (const byte of encoder.encode(text)) {
    const id = vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    if (id === undefined) return undefined;
    ids.push(id);
  }
  return ids;
}

/** A piece this long is cut where no token can reach across. */
const LONG = 64;

/**
 * Cuts between characters that stand side by side in no token: what a model makes of a text does not depend on such cuts,
 * and a long text without spaces costs no more than a short one.
 */
export class SafeCuts {
  private readonly pairs = new Set<number>();

  constructor(tokens: Iterable<string>) {
    for (const token of tokens) {
      let before = -1;
      for (const character of token) {
        const code = character.codePointAt(0) ?? 0;
        if (before >= 0) this.pairs.add(before * 2 ** 21 + code);
        before = code;
      }
    }
  }

  /**
   * Ends of chunks of at least `least` units, which may be encoded apart. None lies between two unknown characters, which
   * may be one token.
   *
   * @param spaces what its spaces are written as
   */
  *chunks(
    text: string,
    spaces: string | undefined,
    vocabulary: ReadonlyMap<string, number>,
    least: number,
  ): Generator<number> {
    let start = 0;
    while (text.length - start > least) {
      let at = start + least;
      if (isLow(text.charCodeAt(at))) at++;
      let before = this.codeAt(text, isLow(text.charCodeAt(at - 1)) ? at - 2 : at - 1, spaces);
      for (; at < text.length;) {
        const code = this.codeAt(text, at, spaces);
        if (!this.pairs.has(before * 2 ** 21 + code) && vocabulary.has(String.fromCodePoint(code))) break;
        at += code > 0xffff ? 2 : 1;
        before = code;
      }
      yield at;
      start = at;
    }
    if (start < text.length) yield text.length;
  }

  private codeAt(text: string, at: number, spaces: string | undefined): number {
    const code = text.codePointAt(at) ?? 0;
    return code === 0x20 && spaces !== undefined ? (spaces.codePointAt(0) ?? code) : code;
  }

  *sections(piece: string): Generator<{ readonly text: string; readonly start: number }> {
    if (piece.length <= LONG) {
      yield { text: piece, start: 0 };
      return;
    }
    let start = 0;
    let at = 0;
    let before = -1;
    for (const character of piece) {
      const code = character.codePointAt(0) ?? 0;
      if (before >= 0 && !this.pairs.has(before * 2 ** 21 + code)) {
        yield { text: piece.slice(start, at), start };
        start = at;
      }
      at += character.length;
      before = code;
    }
    yield { text: piece.slice(start), start };
  }
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
