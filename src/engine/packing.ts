/**
 * Weights in the order in which the kernels read them: panels of 32 rows, [panels, columns, 32], rows in their order,
 * zeros behind the last.
 */
import { at } from './vector';

export const PANEL_ROWS = 32;

/** Panels that hold so many rows. */
export const panelsOf = (rows: number): number => Math.ceil(rows / PANEL_ROWS);

/**
 * @param matrix [rows, columns]
 * @param to [panels, columns, 32]
 */
export function packMatrix(matrix: Float32Array, columns: number, to: Float32Array): void {
  to.fill(0);
  for (let row = 0; row * columns < matrix.length; row++) {
    const lane = row % PANEL_ROWS;
    const start = (row - lane) * columns + lane;
    for (let k = 0; k < columns; k++) to[start + k * PANEL_ROWS] = at(matrix, row * columns + k);
  }
}

/**
 * The sum of some biases.
 *
 * @param from row of the first
 * @param end row behind the last
 * @param absent what is behind them
 * @param to [panels * 32]
 */
export function packBias(
  biases: readonly (Float32Array | undefined)[],
  [from, end]: readonly [from: number, end: number],
  absent: number,
  to: Float32Array,
): void {
  to.fill(absent);
  for (let row = from; row < end; row++) {
    to[row - from] = biases.reduce((sum, bias) => sum + (bias ? at(bias, row) : 0), 0);
  }
}
