/**
 * Byte pair encoding (Sennrich, Haddow & Birch 2016) as Hugging Face's tokenizers do it: of the pairs that can be merged
 * the one of the lowest rank, of equal ones the leftmost, until there is none.
 */
import { byteIds, Encoding, SafeCuts, type Encoded, type PieceModel } from './encoding';
import { notSupported, refuse, type Part } from './json';
import { say } from '../../shared/l10n';

interface Merges {
  /** Rank by `left * PAIR + right`. */
  readonly ranks: ReadonlyMap<number, number>;
  /** What a merge makes, by rank. */
  readonly made: readonly number[];
}

const PAIR = 2 ** 26;

/** Merges between breaths. */
const BREATH_MERGES = 8192;

interface Options {
  readonly merges: Merges;
  /** Of each character behind the first of a piece; and behind the last. */
  readonly prefix: string;
  readonly suffix: string;
  readonly unknown: number | undefined;
  readonly fuse: boolean;
  readonly byteFallback: boolean;
  /** Whole pieces that are in the vocabulary need no merge. */
  readonly whole: boolean;
}

export function bpeOf(part: Part, vocabulary: ReadonlyMap<string, number>): PieceModel {
  if (part.get('dropout').number(0) !== 0) throw notSupported(say`a BPE model with dropout`);
  const prefix = part.get('continuing_subword_prefix').string('');
  const unknownToken = part.get('unk_token');
  const options: Options = {
    merges: mergesOf(part.get('merges'), vocabulary, prefix),
    prefix,
    suffix: part.get('end_of_word_suffix').string(''),
    unknown: unknownToken.absent ? undefined : vocabulary.get(unknownToken.string()),
    fuse: part.get('fuse_unk').boolean(false),
    byteFallback: part.get('byte_fallback').boolean(false),
    whole: part.get('ignore_merges').boolean(false),
  };
  return new Bpe(vocabulary, options);
}

function mergesOf(part: Part, vocabulary: ReadonlyMap<string, number>, prefix: string): Merges {
  const ranks = new Map<number, number>();
  const made: number[] = [];
  for (const [rank, merge] of part.list().entries()) {
    const pair = typeof merge.value === 'string' ? merge.value.split(' ') : merge.list().map((one) => one.string());
    const [left = '', right = ''] = pair;
    const ids = [left, right, left + right.slice(prefix.length)].map((token) => vocabulary.get(token));
    const [a, b, c] = ids;
    if (pair.length !== 2 || a === undefined || b === undefined || c === undefined) {
      throw refuse(say`${merge.path} merges ${JSON.stringify(pair)}, which are not all in the vocabulary.`);
    }
    // Of a pair that stands twice the later rank holds.
    ranks.set(a * PAIR + b, rank);
    made.push(c);
  }
  return { ranks, made };
}

class Bpe implements PieceModel {
  readonly cuts: SafeCuts | undefined;

  constructor(
    readonly vocabulary: ReadonlyMap<string, number>,
    private readonly options: Options,
  ) {
    const { prefix, suffix, whole } = options;
    // Marks inside a piece depend on where it starts and ends.
    this.cuts = prefix === '' && suffix === '' && !whole ? new SafeCuts(vocabulary.keys()) : undefined;
  }

  *encode(piece: string): Generator<undefined, Encoded> {
    const { whole, fuse } = this.options;
    if (whole) {
      const id = this.vocabulary.get(piece);
      if (id !== undefined) return { ids: [id], starts: [0], ends: [piece.length], unknown: [false] };
    }
    if (this.cuts === undefined) return yield* this.encodeSection(piece);
    const all = new Encoding();
    let count = 0;
    for (const { text, start } of this.cuts.sections(piece)) {
      all.append(yield* this.encodeSection(text), start, fuse);
      if (++count % 256 === 0) yield;
    }
    return all;
  }

  private *encodeSection(section: string): Generator<undefined, Encoded> {
    const { ids, starts, ends, unknown } = this.symbols(section);
    yield* this.merge(ids, ends);
    const out = new Encoding();
    for (const [index, id] of ids.entries()) {
      if (id >= 0) out.add(id, starts[index] ?? 0, ends[index] ?? 0, unknown[index] ?? false);
    }
    return out;
  }

  /** The characters of a section as tokens. */
  private symbols(section: string): Encoding {
    const { prefix, suffix, unknown = 0, fuse, byteFallback } = this.options;
    const out = new Encoding();
    let at = 0;
    for (const character of section) {
      const end = at + character.length;
      const written = (at > 0 ? prefix : '') + character + (end === section.length ? suffix : '');
      const id = this.vocabulary.get(written);
      const bytes = id === undefined && byteFallback ? byteIds(written, this.vocabulary) : undefined;
      if (id !== undefined) out.add(id, at, end);
      else if (bytes) for (const byte of bytes) out.add(byte, at, end);
      else out.addUnknown(unknown, at, end, fuse);
      at = end;
    }
    return out;
  }

  /** Merges in place: a token that was merged into the one before has the id -1. */
  private *merge(ids: number[], ends: number[]): Generator<undefined, void> {
    const { ranks, made } = this.options.merges;
    const count = ids.length;
    const next = Int32Array.from({ length: count }, (_, index) => (index + 1 < count ? index + 1 : -1));
    const before = Int32Array.from({ length: count }, (_, index) => index - 1);
    const heap = new Heap();
    const rankAt = (index: number): number | undefined => {
      const right = index < 0 ? -1 : (next[index] ?? -1);
      return right < 0 ? undefined : ranks.get((ids[index] ?? 0) * PAIR + (ids[right] ?? 0));
    };
    const offer = (index: number): void => {
      const rank = rankAt(index);
      if (rank !== undefined) heap.push(rank * PAIR + index);
    };
    for (let index = 0; index < count; index++) offer(index);
    let merges = 0;
    for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
      const index = top % PAIR;
      const rank = Math.floor(top / PAIR);
      // The pair may be another by now, or gone.
      if ((ids[index] ?? -1) < 0 || rankAt(index) !== rank) continue;
      const right = next[index] ?? -1;
      ids[index] = made[rank] ?? 0;
      ends[index] = ends[right] ?? 0;
      ids[right] = -1;
      const after = next[right] ?? -1;
      next[index] = after;
      if (after >= 0) before[after] = index;
      offer(before[index] ?? -1);
      offer(index);
      if (++merges % BREATH_MERGES === 0) yield;
    }
  }
}

/** A heap of numbers, the least on top. */
class Heap {
  private readonly values: number[] = [];

  push(value: number): void {
    const { values } = this;
    let at = values.length;
    values.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = values[parent] ?? 0;
      if (above <= value) break;
      values[at] = above;
      at = parent;
    }
    values[at] = value;
  }

  pop(): number | undefined {
    const { values } = this;
    const [top] = values;
    const last = values.pop();
    if (last === undefined || values.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= values.length) break;
      if (child + 1 < values.length && (values[child + 1] ?? 0) < (values[child] ?? 0)) child++;
      const below = values[child] ?? 0;
      if (below >= last) break;
      values[at] = below;
      at = child;
    }
    values[at] = last;
    return top;
  }
}
