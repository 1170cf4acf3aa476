/** A tile's bytes as a picture: one pixel per column; units as rows, or fewer rows that average neighbouring units. */

/**
 * Reduces [units, columns] bytes to [rows, columns] by the mean of the units that fall into a row, each weighted by
 * how much of it does. Sampling every n-th unit instead would hide units and shimmer when heights change.
 */
export function reduceRows(values: Uint8Array, units: number, columns: number, rows: number): Uint8Array {
  if (rows >= units) return values;
  const out = new Uint8Array(rows * columns);
  const sums = new Float32Array(columns);
  const per = units / rows;
  for (let row = 0; row < rows; row++) {
    const from = row * per;
    const to = from + per;
    sums.fill(0);
    for (let unit = Math.floor(from); unit < Math.min(units, Math.ceil(to - 1e-9)); unit++) {
      const weight = (Math.min(to, unit + 1) - Math.max(from, unit)) / per;
      const base = unit * columns;
      for (let c = 0; c < columns; c++) sums[c] = (sums[c] ?? 0) + weight * (values[base + c] ?? 0);
    }
    const base = row * columns;
    for (let c = 0; c < columns; c++) out[base + c] = Math.round(sums[c] ?? 0);
  }
  return out;
}

/** Pixels of bytes by a table of 256 colours (see `tileColours`). */
export function colourise(values: Uint8Array, colours: Uint32Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) pixels[i] = colours[values[i] ?? 0] ?? 0;
  return new Uint8ClampedArray(pixels.buffer);
}
