/**
 * Blocks of a summary merged into columns: the mean of every unit, its least and its greatest. Each by itself, since a
 * tile needs rarely all of them; and giving way, since a long text at a large budget has tens of thousands of blocks.
 */
import { DECODED } from './bfloat';
import { Bounds } from './bounds';
import { Pacer } from './pacer';
import type { Source } from './source';
import type { Summary } from './summary';

/** Columns of blocks that are there. */
export interface Span {
  readonly summary: Summary;
  /** Of the first unit in a row of the summary; and how many there are. */
  readonly offset: number;
  readonly units: number;
  readonly columns: number;
  /** The first block; blocks of a column, and where they end: the last column may have fewer. */
  readonly first: number;
  readonly merged: number;
  readonly end: number;
  /** Tokens that are traced: the last block of a text may have fewer than the others. */
  readonly done: number;
}

/** What a column shows of its tokens. NaN wins: it must stay visible. */
export type Merging = 'min' | 'mean' | 'max';

/** Merges `merged` blocks from `first` on into each of so many columns. */
export const spanOf = (
  summary: Summary,
  { offset, units, done }: Pick<Source, 'offset' | 'units' | 'done'>,
  columns: number,
  first: number,
  merged: number,
): Span => {
  const end = Math.min(summary.shown, first + columns * merged);
  return { summary, offset, units, columns, first, merged, end, done };
};

/** @returns [columns, units] */
export async function gathered(span: Span, how: Merging): Promise<Float32Array> {
  const { summary, offset, units, columns, first, merged, end } = span;
  const out = new Float32Array(units * columns);
  const words = summary[how];
  const pacer = new Pacer();
  const bounds = how === 'mean' || merged === 1 ? undefined : new Bounds(words, units, how);
  for (let c = 0; c < columns; c++) {
    const from = first + c * merged;
    if (merged === 1) copyWords(words, from * summary.width + offset, out, c * units, units);
    else if (bounds) bounds.gather(from, Math.min(end, from + merged), summary.width, offset, out, c * units);
    else addBlocks(span, from, Math.min(end, from + merged), out, c * units);
    await pacer.breathe();
  }
  return out;
}

/** Blocks that are looked at between breaths. */
const STRIP = 32;

/**
 * The size of the largest finite value, whatever its sign, of all blocks: by their words below the sign, which lie in
 * the order of the sizes.
 */
export async function largestIn({ summary, offset, units, first, end }: Span): Promise<number> {
  const { min, max, width } = summary;
  const pacer = new Pacer();
  let most = 0;
  for (let block = first; block < end; block += STRIP) {
    const to = Math.min(end, block + STRIP);
    for (let row = block * width + offset; row < to * width; row += width) {
      most = largestWord(min, row, units, most);
      most = largestWord(max, row, units, most);
    }
    await pacer.breathe();
  }
  return DECODED[most] ?? NaN;
}

/** Infinity has the least word of those that are not finite. */
const INFINITE = 0x7f80;

/** Four at a time, of which one is seldom larger: a third of the time. @param least what is known already */
function largestWord(words: Uint16Array, row: number, units: number, least: number): number {
  let most = least;
  const end = row + units;
  for (let at = row; at < end; at += 4) {
    const a = (words[at] ?? 0) & 0x7fff;
    const b = at + 1 < end ? (words[at + 1] ?? 0) & 0x7fff : 0;
    const c = at + 2 < end ? (words[at + 2] ?? 0) & 0x7fff : 0;
    const d = at + 3 < end ? (words[at + 3] ?? 0) & 0x7fff : 0;
    if (((most - a) | (most - b) | (most - c) | (most - d)) >= 0) continue;
    for (const size of [a, b, c, d]) if (size > most && size < INFINITE) most = size;
  }
  return most;
}

function copyWords(words: Uint16Array, row: number, to: Float32Array, at: number, units: number): void {
  for (let u = 0; u < units; u++) to[at + u] = DECODED[words[row + u] ?? 0] ?? NaN;
}

/** The mean of a column's blocks by their tokens. Two at a time: what was added is read and written half as often. */
function addBlocks(
  { summary, offset, units, done }: Span,
  from: number,
  to: number,
  out: Float32Array,
  at: number,
): void {
  // Only the last block of a text is shorter than the others.
  const blockTokens = 2 ** summary.level;
  const weightOf = (block: number): number => Math.min(blockTokens, done - block * blockTokens);
  let weights = 0;
  for (let block = from; block < to; block += 2) {
    const row = block * summary.width + offset;
    const two = block + 1 < to;
    const [weight, other] = [weightOf(block), two ? weightOf(block + 1) : 0];
    weights += weight + other;
    if (two) addTwo(summary.mean, row, weight, row + summary.width, other, out, at, units);
    else for (let u = 0; u < units; u++) out[at + u] = (out[at + u] ?? NaN) + weight * wordAt(summary.mean, row + u);
  }
  for (let u = at; u < at + units; u++) out[u] = (out[u] ?? NaN) / weights;
}

const wordAt = (words: Uint16Array, at: number): number => DECODED[words[at] ?? 0] ?? NaN;

/** Adds two blocks to the sums, each rounded as if it were stored. */
function addTwo(
  words: Uint16Array,
  row: number,
  weight: number,
  otherRow: number,
  other: number,
  sums: Float32Array,
  out: number,
  units: number,
): void {
  for (let u = 0; u < units; u++) {
    const one = Math.fround((sums[out + u] ?? NaN) + weight * wordAt(words, row + u));
    sums[out + u] = one + other * wordAt(words, otherRow + u);
  }
}
