/** Arithmetic of the scalar twins: plain loops in float64, one definition of each so that the cells read as equations. */

/** Weights are float32, everything computed is float64. */
export type Values = Float32Array | Float64Array;

/** An index outside the array gives NaN, which no later step can hide. */
export const at = (values: Values, index: number): number => values[index] ?? NaN;

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const relu = (x: number): number => (x < 0 ? 0 : x);

/** NaN stays NaN: Math.min and Math.max keep it. */
export const clamp = (x: number, least: number, most: number): number => Math.min(most, Math.max(least, x));

/** Row `row` of `matrix` [rows, vector.length] times `vector`. */
export function rowTimes(matrix: Values, row: number, vector: Values): number {
  const width = vector.length;
  let sum = 0;
  for (let k = 0; k < width; k++) sum += at(matrix, row * width + k) * at(vector, k);
  return sum;
}

/** Rounds in place to the nearest float32. */
export function roundToFloat32(values: Float64Array): void {
  for (let k = 0; k < values.length; k++) values[k] = Math.fround(at(values, k));
}
