/**
 * What follows from the signals of a step and the memory m' before it (`memoryOf`: the cell state c, else h), for each
 * kind of cell; the same in the worker and in the webview. The equations are those of the cells, so they hold for
 * every variant: peepholes, clipping and coupled gates change what a gate is, not what is done with it, and a
 * projection comes after the cell state.
 *
 *   change      m - m'
 *   written     LSTM i * g         GRU (1 - z) * n
 *   kept        LSTM f * c'        GRU z * h'
 *   saturation  the mean over the gates and the candidate (SimpleRNN: over h alone) of 1 - slope / steepest slope
 *
 * The slope of a function is told by its value (`Curve`). What an LSTM shows of its cell, tanh(c), is not counted.
 */
import { memoryOf, type CellKind, type DerivedName, type SignalName } from './signals';

/**
 * A function by whose value y its slope is known: `sigmoid` steepest at 1/2, `tanh` (of height `scale`) and `softsign`
 * at 0; `even` has one slope. At `low` and `high` and beyond them it is flat: hard functions end there, and clipped sums
 * are held there.
 */
export interface Curve {
  readonly shape: 'sigmoid' | 'tanh' | 'softsign' | 'even';
  readonly scale: number;
  /** Absent where there is none: infinities do not cross every boundary. */
  readonly low?: number;
  readonly high?: number;
}

/** The functions of a layer's gates and of its candidate; of a SimpleRNN both are its one function. */
export interface Curves {
  readonly gate: Curve;
  readonly candidate: Curve;
}

const SIGMOID: Curve = { shape: 'sigmoid', scale: 1 };
const TANH: Curve = { shape: 'tanh', scale: 1 };

/** Of a layer with the usual functions. */
export const usualCurves = (cell: CellKind): Curves => ({ gate: cell === 'rnn' ? TANH : SIGMOID, candidate: TANH });

/** How much of a function's slope is lost where its value is y, 0 to 1; NaN for NaN. */
export function lostSlope({ shape, scale, low, high }: Curve, y: number): number {
  if ((low !== undefined && y <= low) || (high !== undefined && y >= high)) return 1;
  switch (shape) {
    // sigmoid' = y (1 - y), at most 1/4
    case 'sigmoid':
      return (2 * y - 1) ** 2;
    // tanh' = 1 - (y / scale)², at most 1 for a scale of 1
    case 'tanh':
      return (y / scale) ** 2;
    // softsign' = (1 - |y|)², at most 1
    case 'softsign':
      return 1 - (1 - Math.abs(y)) ** 2;
    case 'even':
      return y - y;
  }
}

/** Of each signal an array whose value of unit u, in the row that begins at `row`, lies at row + u. */
export type Signals = Readonly<Partial<Record<SignalName, Float32Array>>>;

const NONE = new Float32Array(0);

/**
 * One derived signal of one step, of all units; rounded to float32 once.
 *
 * @param row where the step's row begins in each of `signals`
 * @param before the memory before the step, its first unit at `beforeRow`
 * @param to where the values go, the first to `at`
 */
export function deriveInto(
  name: DerivedName,
  cell: CellKind,
  { gate, candidate }: Curves,
  signals: Signals,
  row: number,
  before: Float32Array,
  beforeRow: number,
  units: number,
  to: Float32Array,
  at: number,
): void {
  const of = (signal: SignalName): Float32Array => signals[signal] ?? NONE;
  if (name === 'change') {
    const now = of(memoryOf(cell));
    for (let u = 0; u < units; u++) to[at + u] = (now[row + u] ?? NaN) - (before[beforeRow + u] ?? NaN);
  } else if (name === 'written' && cell === 'lstm') {
    const [i, g] = [of('input'), of('candidate')];
    for (let u = 0; u < units; u++) to[at + u] = (i[row + u] ?? NaN) * (g[row + u] ?? NaN);
  } else if (name === 'written') {
    const [z, n] = [of('update'), of('candidate')];
    for (let u = 0; u < units; u++) to[at + u] = (1 - (z[row + u] ?? NaN)) * (n[row + u] ?? NaN);
  } else if (name === 'kept') {
    const keeping = of(cell === 'lstm' ? 'forget' : 'update');
    for (let u = 0; u < units; u++) to[at + u] = (keeping[row + u] ?? NaN) * (before[beforeRow + u] ?? NaN);
  } else if (cell === 'lstm') {
    const [i, f, o, g] = [of('input'), of('forget'), of('output'), of('candidate')];
    for (let u = row; u < row + units; u++) {
      const gates = lostSlope(gate, i[u] ?? NaN) + lostSlope(gate, f[u] ?? NaN) + lostSlope(gate, o[u] ?? NaN);
      to[at + u - row] = (gates + lostSlope(candidate, g[u] ?? NaN)) / 4;
    }
  } else if (cell === 'gru') {
    const [r, z, n] = [of('reset'), of('update'), of('candidate')];
    for (let u = row; u < row + units; u++) {
      const gates = lostSlope(gate, r[u] ?? NaN) + lostSlope(gate, z[u] ?? NaN);
      to[at + u - row] = (gates + lostSlope(candidate, n[u] ?? NaN)) / 3;
    }
  } else {
    const h = of('hidden');
    for (let u = 0; u < units; u++) to[at + u] = lostSlope(gate, h[row + u] ?? NaN);
  }
}

/**
 * One derived signal of one step, [units].
 *
 * @param values of the step by signal, each [units] (a projection's hidden state has fewer, and is not asked)
 * @param before the memory of the step before, [units]; zeros at the first
 * @param curves where the layer's functions are not the usual (`LayerInfo.curves`)
 */
export function derive(
  name: DerivedName,
  cell: CellKind,
  values: Signals,
  before: Float32Array,
  curves = usualCurves(cell),
): Float32Array {
  const to = new Float32Array(before.length);
  deriveInto(name, cell, curves, values, 0, before, 0, before.length, to, 0);
  return to;
}
