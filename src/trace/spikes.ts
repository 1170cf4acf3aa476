/**
 * The picture of means in which what stands out is shown: one extreme token in a million is seen from afar, and a gate
 * that is busy everywhere stays its mean.
 *
 * A unit's maximum in a column (likewise its minimum) stands out if it lies farther beyond the upper tenth of the unit's
 * maxima in the tile than twice that tenth lies beyond their median, and by a tenth of the byte range at least. So of
 * any unit no more than a tenth of the columns stand out to one side; for maxima that scatter normally, those beyond 3.8
 * standard deviations. (Median absolute deviations, as they are usual, would let a unit's columns fall into halves: what
 * four in ten columns have is far from the median of the others, and is no spike.) Of maximum and minimum, and of the
 * units that share a row, that which lies farthest from its median wins; and what wins must stand out by the same rule
 * from what won in the row's other columns, or a row of many units would always show one of them.
 *
 * All of it is reckoned in bytes, so in the spacing in which they are drawn, by counting them.
 *
 * A tile of few columns tells too little of what is usual. Then the same is done with shorter columns of the same tokens,
 * and a column shows the extreme that one of them shows (viewTile.ts); with fewer than FEWEST of those, the mean.
 */
import type { Rows } from './rows';

/** Columns below which nothing is said to stand out. */
export const FEWEST = 8;

/** Least distance of a spike from the rest, in bytes: a tenth of their range. */
const LEAST = 26;

/** Bytes [places, columns], a place being a unit of `rows.units`. */
export interface Bytes {
  readonly min: Uint8Array;
  readonly max: Uint8Array;
}

/**
 * @returns for each row and column [rows, columns] the byte that stands out, or -1; and by how much, in bytes
 */
export function spikes(
  { min, max }: Bytes,
  columns: number,
  { rows, starts }: Rows,
): { readonly bytes: Int16Array; readonly sizes: Uint8Array } {
  const bytes = new Int16Array(rows * columns).fill(-1);
  const sizes = new Uint8Array(rows * columns);
  if (columns < FEWEST) return { bytes, sizes };
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let found = 0;
    for (let place = starts[row] ?? 0; place < (starts[row + 1] ?? 0); place++) {
      count(max, place * columns, columns);
      found += side(max, place * columns, columns, 0, bytes, sizes, at);
      if (min !== max) count(min, place * columns, columns);
      found += side(min, place * columns, columns, 255, bytes, sizes, at);
    }
    if (found > 0) thin(bytes, sizes, at, columns);
  }
  return { bytes, sizes };
}

/** How often each byte was counted. */
const counts = new Uint16Array(256);

function count(values: Uint8Array, from: number, columns: number): void {
  counts.fill(0);
  for (let c = from; c < from + columns; c++) {
    const byte = values[c] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
}

/** @param turn 0, or 255 for the same to the other side: with bytes counted from the top @returns the median of what was counted */
function medianOf(columns: number, turn: number): number {
  const half = (columns - 1) >> 1;
  let byte = 0;
  for (let seen = counts[turn] ?? 0; seen <= half; seen += counts[byte ^ turn] ?? 0) byte++;
  return byte;
}

/**
 * How far from the median a byte must lie to stand out; `NOTHING` where none does. From the largest byte down: all but
 * the largest tenth lie up to the byte that is found.
 */
function leastOf(columns: number, turn: number, median: number): number {
  const tenth = Math.max(1, Math.floor(columns / 10));
  let byte = 255;
  let above = counts[byte ^ turn] ?? 0;
  while (above === 0) above = counts[--byte ^ turn] ?? 0;
  const largest = byte;
  while (above <= tenth) above += counts[--byte ^ turn] ?? 0;
  const least = byte - median + Math.max(2 * (byte - median), LEAST);
  return largest - median > least ? least : NOTHING;
}

const NOTHING = -1;

/**
 * The maxima (or minima, with `turn` 255) of one unit, which are counted: those that stand out, and more than what the
 * row has already, are its.
 *
 * @returns how many
 */
function side(
  values: Uint8Array,
  from: number,
  columns: number,
  turn: number,
  bytes: Int16Array,
  sizes: Uint8Array,
  at: number,
): number {
  const median = medianOf(columns, turn);
  const least = leastOf(columns, turn, median);
  if (least === NOTHING) return 0;
  let found = 0;
  for (let c = 0; c < columns; c++) {
    const byte = values[from + c] ?? 0;
    const size = (byte ^ turn) - median;
    if (size <= least || size <= (sizes[at + c] ?? 0)) continue;
    sizes[at + c] = size;
    bytes[at + c] = byte;
    found++;
  }
  return found;
}

/** Leaves of what stands out in a row only that which does so among the rest of it. */
function thin(bytes: Int16Array, sizes: Uint8Array, at: number, columns: number): void {
  count(sizes, at, columns);
  const median = medianOf(columns, 0);
  const least = leastOf(columns, 0, median);
  for (let c = at; c < at + columns; c++) {
    if (least !== NOTHING && (sizes[c] ?? 0) - median > least) continue;
    bytes[c] = -1;
    sizes[c] = 0;
  }
}
