/** Units put into rows: in any order, some left out, neighbours merged. */
import type { Arrangement } from '../shared/trace';
import type { Blocks } from './blocks';

/** The rows of a tile: row r merges units[starts[r]] up to units[starts[r + 1]]. */
export interface Rows {
  readonly rows: number;
  readonly units: Uint16Array;
  readonly starts: Uint32Array;
}

/** @param group neighbouring units that share a row, at least 1; the pinned have each their own */
export function rowsOf({ units, pinned }: Pick<Arrangement, 'units' | 'pinned'>, group: number): Rows {
  const rows = pinned + Math.ceil((units.length - pinned) / group);
  const starts = Uint32Array.from({ length: rows + 1 }, (_, row) =>
    Math.min(units.length, row <= pinned ? row : pinned + (row - pinned) * group),
  );
  return { rows, units, starts };
}

/** Columns that are turned at a time: so many lines of memory are read side by side. */
const STRIP = 8;

/** One row for each unit, in the rows' order. @param values [columns, units] @returns [rows.units.length, columns] */
export function turned(values: Float32Array, columns: number, units: number, { units: order }: Rows): Float32Array {
  const out = new Float32Array(order.length * columns);
  for (let from = 0; from < columns; from += STRIP) {
    const to = Math.min(columns, from + STRIP);
    for (let place = 0; place < order.length; place++) {
      const unit = order[place] ?? 0;
      for (let c = from; c < to; c++) out[place * columns + c] = values[c * units + unit] ?? NaN;
    }
  }
  return out;
}

/** What a row shows of its units. NaN wins: it must stay visible. */
export type Merging = 'min' | 'mean' | 'max';

/** @param values [rows.units.length, columns] @returns [rows, columns]; the same array where no row has two units */
export function merged(values: Float32Array, columns: number, { rows, starts }: Rows, how: Merging): Float32Array {
  if (rows * columns === values.length) return values;
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [starts[row] ?? 0, starts[row + 1] ?? 0];
    const at = row * columns;
    out.set(values.subarray(from * columns, (from + 1) * columns), at);
    for (let place = from + 1; place < to; place++) {
      const of = place * columns;
      for (let c = 0; c < columns; c++) {
        const [one, other] = [out[at + c] ?? NaN, values[of + c] ?? NaN];
        out[at + c] = how === 'mean' ? one + other : how === 'min' ? Math.min(one, other) : Math.max(one, other);
      }
    }
    if (how === 'mean') for (let c = at; c < at + columns; c++) out[c] = (out[c] ?? NaN) / (to - from);
  }
  return out;
}

/** Every unit in a row of its own. */
export const everyUnit = (units: number): Rows =>
  rowsOf({ units: Uint16Array.from({ length: units }, (_, unit) => unit), pinned: 0 }, 1);

/** A reduction of a tile's columns and rows, [rows, columns]. */
export const reduced = (from: Blocks, rows: Rows, how: Merging): Float32Array =>
  merged(turned(from[how], from.columns, from.units, rows), from.columns, rows, how);
