/** The values of a signal by columns of 2^level tokens: minimum, mean and maximum of every unit. */
import { WINDOW_TOKENS } from '../engine/engine';
import type { Extent } from '../shared/trace';
import { TILE_COLUMNS } from '../shared/trace';
import { DECODED } from './bfloat';
import { Bounds } from './bounds';
import { reach, type Reach, type Source } from './source';
import type { Summary } from './summary';

/** Each array [columns, units]; the same array three times at level 0. */
export interface Blocks extends Extent, Reach {
  readonly units: number;
}

const none = new Float32Array(0);

/** Columns of a tile, as far as they are there. @param most columns that are wanted, from the tile's first on */
export async function blocks(source: Source, level: number, index: number, most = TILE_COLUMNS): Promise<Blocks> {
  const first = index * TILE_COLUMNS;
  const { columns, ...rest } = reach(source, level, first, most);
  return { units: source.units, ...(await columnsOf(source, level, index, 0, columns)), ...rest };
}

/**
 * Columns [from, from + columns) of a tile, which must be there.
 * @returns fewer where a window is not traced to its end
 */
export async function columnsOf(
  source: Source,
  level: number,
  index: number,
  from: number,
  columns: number,
): Promise<Extent & { readonly columns: number }> {
  if (level >= source.level || columns > 0) {
    if (level === 0) {
      // Tiles are as wide as the engine's windows, so that a tile of single tokens is one window.
      const all = await source.read((index * TILE_COLUMNS) / WINDOW_TOKENS, ({ records }) =>
        pick(records, source, from, columns),
      );
      return { columns, min: all, mean: all, max: all };
    }
    // Asked for even where nothing is there yet: it begins the pass of derived signals.
    const { summary, first } = await source.summary(level, index);
    const merged = 2 ** Math.max(0, level - summary.level);
    const there = Math.min(columns, Math.max(0, Math.ceil((summary.shown - first) / merged) - from));
    if (there > 0) return gather(summary, source, there, first + from * merged, merged);
  }
  return { columns: 0, min: none, mean: none, max: none };
}

function pick(records: Float32Array, { offset, units, width }: Source, from: number, columns: number): Float32Array {
  const out = new Float32Array(units * columns);
  for (let c = 0; c < columns; c++) {
    const row = (from + c) * width + offset;
    out.set(records.subarray(row, row + units), c * units);
  }
  return out;
}

/** Merges `merged` blocks of a summary into each column; the last block of a text counts by the tokens it has. */
function gather(
  summary: Summary,
  { offset, units, done }: Source,
  columns: number,
  first: number,
  merged: number,
): Extent & { readonly columns: number } {
  const size = units * columns;
  const [min, mean, max] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
  // A chunk starts at its tile, the resident summary at the text; only the latter can be partial within a column.
  const blockTokens = 2 ** summary.level;
  const weightOf = (block: number): number => Math.min(blockTokens, done - block * blockTokens);
  const bounds = new Bounds(summary, units);
  for (let c = 0; c < columns; c++) {
    const from = first + c * merged;
    const to = Math.min(summary.shown, from + merged);
    const out = c * units;
    if (merged === 1) {
      const row = from * summary.width + offset;
      for (let u = 0; u < units; u++) {
        min[out + u] = DECODED[summary.min[row + u] ?? 0] ?? NaN;
        mean[out + u] = DECODED[summary.mean[row + u] ?? 0] ?? NaN;
        max[out + u] = DECODED[summary.max[row + u] ?? 0] ?? NaN;
      }
      continue;
    }
    let weights = 0;
    // Two blocks at a time: what was gathered is read and written half as often.
    for (let block = from; block < to; block += 2) {
      const row = block * summary.width + offset;
      const two = block + 1 < to;
      const [weight, other] = [weightOf(block), two ? weightOf(block + 1) : 0];
      weights += weight + other;
      bounds.add(row, two ? row + summary.width : row);
      if (two) addTwo(summary.mean, row, weight, row + summary.width, other, mean, out, units);
      else
        for (let u = 0; u < units; u++) mean[out + u] = (mean[out + u] ?? NaN) + weight * wordAt(summary.mean, row + u);
    }
    bounds.take(min, max, out);
    for (let u = out; u < out + units; u++) mean[u] = (mean[u] ?? NaN) / weights;
  }
  return { columns, min, mean, max };
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
