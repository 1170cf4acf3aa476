/**
 * Weights in the order in which the kernels read them: panels of 32 rows, [panels, columns, 32]. Rows that are computed
 * together form a group, which begins a panel; zeros fill its last.
 */
import { GATES, type LayerWeights } from './network';
import { at } from './vector';

export const PANEL_ROWS = 32;

/** Panels that hold so many rows. */
export const panelsOf = (rows: number): number => Math.ceil(rows / PANEL_ROWS);

/** In place of a row: nothing. */
const FILL = -1;

/** The rows of a matrix in the order of their lanes [panels * 32], FILL behind a group's last. */
export interface RowOrder {
  readonly lanes: readonly number[];
  /** Panels of the first group. */
  readonly firstPanels: number;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);

/** Units of an LSTM's panel: the rows of all four gates of eight units lie together, and are finished together. */
export const PANEL_UNITS = PANEL_ROWS / GATES.lstm;

/** A GRU's candidate waits for its gates, so it is a group apart. */
export function rowOrder({ cell, units }: Pick<LayerWeights, 'cell' | 'units'>): RowOrder {
  if (cell === 'lstm') return lstmOrder(units);
  const groups = cell === 'gru' ? [range(0, 2 * units), range(2 * units, 3 * units)] : [range(0, units)];
  const filled = groups.map((rows) =>
    Array.from({ length: panelsOf(rows.length) * PANEL_ROWS }, (_, lane) => rows[lane] ?? FILL),
  );
  return { lanes: filled.flat(), firstPanels: (filled[0]?.length ?? 0) / PANEL_ROWS };
}

function lstmOrder(units: number): RowOrder {
  const panels = Math.ceil(units / PANEL_UNITS);
  const lanes = Array.from({ length: panels * PANEL_ROWS }, (_, lane) => {
    const unit = Math.floor(lane / PANEL_ROWS) * PANEL_UNITS + (lane % PANEL_UNITS);
    const gate = Math.floor((lane % PANEL_ROWS) / PANEL_UNITS);
    return unit < units ? gate * units + unit : FILL;
  });
  return { lanes, firstPanels: panels };
}

/** Rows as they are. */
export const plainOrder = (rows: number): RowOrder => {
  const panels = panelsOf(rows);
  const lanes = Array.from({ length: panels * PANEL_ROWS }, (_, lane) => (lane < rows ? lane : FILL));
  return { lanes, firstPanels: panels };
};

/**
 * @param matrix [rows, columns]
 * @param to [panels, columns, 32]
 */
export function packMatrix(matrix: Float32Array, columns: number, { lanes }: RowOrder, to: Float32Array): void {
  to.fill(0);
  for (const [lane, row] of lanes.entries()) {
    if (row === FILL) continue;
    const inPanel = lane % PANEL_ROWS;
    const start = (lane - inPanel) * columns + inPanel;
    for (let k = 0; k < columns; k++) to[start + k * PANEL_ROWS] = at(matrix, row * columns + k);
  }
}

/**
 * The sum of some biases.
 *
 * @param absent what fills
 * @param to [panels * 32]
 */
export function packBias(
  biases: readonly (Float32Array | undefined)[],
  lanes: readonly number[],
  absent: number,
  to: Float32Array,
): void {
  for (const [lane, row] of lanes.entries()) {
    to[lane] = row === FILL ? absent : biases.reduce((sum, bias) => sum + (bias ? at(bias, row) : 0), 0);
  }
}

/**
 * What one-hot tokens give: the columns of a matrix, with the bias.
 *
 * @param matrix [rows, vocab]
 * @param bias [panels * 32]
 * @param to [vocab, panels * 32]
 */
export function packColumns(
  matrix: Float32Array,
  vocab: number,
  { lanes }: RowOrder,
  bias: Float32Array,
  to: Float32Array,
): void {
  for (const [lane, row] of lanes.entries()) {
    for (let token = 0; token < vocab; token++) {
      to[token * lanes.length + lane] = at(bias, lane) + (row === FILL ? 0 : at(matrix, row * vocab + token));
    }
  }
}
