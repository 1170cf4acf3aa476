/** A tile's bytes as a picture: one pixel per column; units as rows, or fewer rows that average neighbouring units. */
import { byteValue, type ByteScale } from '../../src/shared/bytes';
import { positionOf, type ValueScale } from '../layout/scale';

/** Where each byte of a tile lies on a colour map of 256 colours, not rounded. */
export function positionTable(tile: ByteScale, scale: ValueScale): Float32Array {
  return Float32Array.from({ length: 256 }, (_, q) => 255 * positionOf(scale, byteValue(tile, q)));
}

/**
 * Places [units, columns] bytes on the map, and reduces them to [rows, columns] by the mean of the units that fall
 * into a row, each weighted by how much of it does. Sampling every n-th unit instead would hide units and shimmer
 * when heights change; the mean is of positions, so that one far value does not drown its neighbours.
 */
export function reduceRows(
  values: Uint8Array,
  units: number,
  columns: number,
  rows: number,
  table: Float32Array,
): Uint8Array {
  const out = new Uint8Array(Math.min(rows, units) * columns);
  if (rows >= units) {
    const rounded = Uint8Array.from(table, Math.round);
    for (let i = 0; i < out.length; i++) out[i] = rounded[values[i] ?? 0] ?? 0;
    return out;
  }
  const sums = new Float32Array(columns);
  const per = units / rows;
  for (let row = 0; row < rows; row++) {
    const from = row * per;
    const to = from + per;
    sums.fill(0);
    for (let unit = Math.floor(from); unit < Math.min(units, Math.ceil(to - 1e-9)); unit++) {
      const weight = (Math.min(to, unit + 1) - Math.max(from, unit)) / per;
      const base = unit * columns;
      for (let c = 0; c < columns; c++) sums[c] = (sums[c] ?? 0) + weight * (table[values[base + c] ?? 0] ?? 0);
    }
    const base = row * columns;
    for (let c = 0; c < columns; c++) out[base + c] = Math.round(sums[c] ?? 0);
  }
  return out;
}

/** Pixels of places on a map, by its colours (see `mapPixels`). */
export function colourise(places: Uint8Array, colours: Uint32Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) pixels[i] = colours[places[i] ?? 0] ?? 0;
  return new Uint8ClampedArray(pixels.buffer);
}
