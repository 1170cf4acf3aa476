/**
 * Weights in the order in which the kernels read them: panels of 16 rows, [panels, columns, 16]. A panel of a layer holds
 * 16 / gates units, all gates of each: for an LSTM the rows i, f, g, o of units 4p … 4p + 3, so that one pass finishes
 * them.
 */
import { at } from './vector';

export const PANEL_ROWS = 16;

/** Marks a place in a panel that no row fills. */
const NO_ROW = -1;

export interface Packing {
  readonly panels: number;
  /** Row of the plain matrix at each place of the packed one [panels * 16], or NO_ROW. */
  readonly rows: Int32Array;
}

/** @param gates 1 or 4 @param units rows of each gate in the plain, gate-major matrix */
export function packing(gates: number, units: number): Packing {
  const each = PANEL_ROWS / gates;
  const panels = Math.ceil(units / each);
  const rows = Int32Array.from({ length: panels * PANEL_ROWS }, (_, place) => {
    const lane = place % PANEL_ROWS;
    const unit = Math.floor(place / PANEL_ROWS) * each + (lane % each);
    return unit < units ? Math.floor(lane / each) * units + unit : NO_ROW;
  });
  return { panels, rows };
}

/**
 * @param matrix [rows, columns]
 * @param to [panels, paddedColumns, 16]; zero where no row or column is
 */
export function packMatrix(
  { rows }: Packing,
  matrix: Float32Array,
  columns: number,
  paddedColumns: number,
  to: Float32Array,
): void {
  to.fill(0);
  for (const [place, row] of rows.entries()) {
    if (row === NO_ROW) continue;
    const lane = place % PANEL_ROWS;
    const start = (place - lane) * paddedColumns + lane;
    for (let k = 0; k < columns; k++) to[start + k * PANEL_ROWS] = at(matrix, row * columns + k);
  }
}

/**
 * The sum of some biases, packed.
 *
 * @param absent the bias of a place that no row fills
 * @param to [panels * 16]
 */
export function packBias(
  { rows }: Packing,
  biases: readonly (Float32Array | undefined)[],
  absent: number,
  to: Float32Array,
): void {
  for (const [place, row] of rows.entries()) {
    to[place] = row === NO_ROW ? absent : biases.reduce((sum, bias) => sum + (bias ? at(bias, row) : 0), 0);
  }
}
