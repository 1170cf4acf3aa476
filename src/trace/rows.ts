/** Units put into rows: in any order, some left out, neighbours merged. */
import type { Arrangement } from '../shared/trace';
import type { Merging } from './gather';

/** The rows of a tile: row r merges units[starts[r]] up to units[starts[r + 1]]. */
export interface Rows {
  readonly rows: number;
  readonly units: Uint16Array;
  readonly starts: Uint32Array;
}

/** @param group neighbouring units that share a row, at least 1; the pinned have each their own */
export function rowsOf({ units, pinned }: Pick<Arrangement, 'units' | 'pinned'>, group: number): Rows {
  const rows = pinned + Math.ceil((units.length - pinned) / group);
  const starts = new Uint32Array(rows + 1);
  for (let row = 0; row <= rows; row++) {
    starts[row] = Math.min(units.length, row <= pinned ? row : pinned + (row - pinned) * group);
  }
  return { rows, units, starts };
}

/** Columns that are turned at a time: so many lines of memory are read side by side. */
const STRIP = 16;

/** One row for each unit, in that order. @param bytes [columns, units] @returns [order.length, columns] */
export function turned(bytes: Uint8Array, columns: number, units: number, order: Uint16Array): Uint8Array {
  const out = new Uint8Array(order.length * columns);
  for (let from = 0; from < columns; from += STRIP) {
    const to = Math.min(columns, from + STRIP);
    for (let place = 0; place < order.length; place++) {
      const unit = order[place] ?? 0;
      for (let c = from; c < to; c++) out[place * columns + c] = bytes[c * units + unit] ?? 0;
    }
  }
  return out;
}

/** @param values [columns, units] @returns [columns, rows]; the same array where it is every unit's, by index */
export function merged(
  values: Float32Array,
  columns: number,
  units: number,
  { rows, units: order, starts }: Rows,
  how: Merging,
): Float32Array {
  if (rows === order.length && rows === units && inOrder(order)) return values;
  const out = new Float32Array(columns * rows);
  for (let c = 0; c < columns; c++) {
    const of = c * units;
    for (let row = 0; row < rows; row++) {
      const [from, to] = [starts[row] ?? 0, starts[row + 1] ?? 0];
      let value = values[of + (order[from] ?? 0)] ?? NaN;
      for (let place = from + 1; place < to; place++) {
        const other = values[of + (order[place] ?? 0)] ?? NaN;
        if (how === 'mean') value = Math.fround(value + other);
        else value = how === 'min' ? Math.min(value, other) : Math.max(value, other);
      }
      out[c * rows + row] = how === 'mean' ? value / (to - from) : value;
    }
  }
  return out;
}

function inOrder(order: Uint16Array): boolean {
  for (let place = 0; place < order.length; place++) if (order[place] !== place) return false;
  return true;
}

export function byIndex(units: number): Uint16Array {
  const order = new Uint16Array(units);
  for (let unit = 0; unit < units; unit++) order[unit] = unit;
  return order;
}

/** Every unit in a row of its own. */
export const everyUnit = (units: number): Rows => rowsOf({ units: byIndex(units), pinned: 0 }, 1);
