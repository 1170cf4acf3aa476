/** The SimpleRNN over a window, equation as in src/engine/rnn.ts. A panel holds 16 units. */
import { Activations } from './activations';
import { clearBehind, PANEL_BYTES, Panels, SUMS } from './panels';
import { Simd } from './simd';

/**
 * @param projected rows [panels * 16] of W x + b: that of step t is the t-th, or, with `tokens`, the tokens[t]-th
 * @param tokens ids [steps], or 0
 * @param rectify 1 for relu, 0 for tanh
 * @param weights [panels, columns, 16], columns = units up to a multiple of 4
 * @param hidden [panels * 16] h', zero behind the units; left as h after the last step
 * @param spare [panels * 16]
 * @param record where step 0 stores h [units]
 * @param recordStride bytes from one step's record to the next
 */
export function rnn(
  projected: usize,
  tokens: usize,
  steps: i32,
  units: i32,
  rectify: i32,
  weights: usize,
  hidden: usize,
  spare: usize,
  record: usize,
  recordStride: usize,
): void {
  const panels = (units + 15) >> 4;
  const columns = (units + 3) & ~3;
  const rowBytes = <usize>panels * PANEL_BYTES;
  const panelBytes = <usize>columns * PANEL_BYTES;
  let now = hidden;
  let next = spare;
  for (let t = 0; t < steps; t++) {
    const row = tokens ? <usize>load<u8>(tokens + t) : <usize>t;
    let initial = projected + row * rowBytes;
    let panel = weights;
    for (let first = 0; first < units; first += 16) {
      Panels.sums(initial, panel, now, columns);
      for (let k = 0; k < 16; k += 4) {
        const sum = v128.load(SUMS + ((<usize>k) << 2));
        // pmax keeps a NaN that is its first operand.
        const out = rectify ? f32x4.pmax(sum, f32x4.splat(0)) : Activations.tanh(sum);
        const at = (<usize>(first + k)) << 2;
        v128.store(next + at, out);
        const count = units - first - k;
        if (count > 0) Simd.storeSome(record + at, out, count);
      }
      initial += PANEL_BYTES;
      panel += panelBytes;
    }
    clearBehind(next, units, columns);
    const before = now;
    now = next;
    next = before;
    record += recordStride;
  }
  if (now != hidden) memory.copy(hidden, now, rowBytes);
}
