/**
 * The LSTM over a window, equations as in src/engine/lstm.ts. A panel holds four units, its 16 rows being their i, f, g
 * and o in that order; so one pass over a panel ends with all that its four units need.
 */
import { Activations } from './activations';
import { clearBehind, PANEL_BYTES, Panels, SUMS } from './panels';
import { Simd } from './simd';

/**
 * @param projected rows [panels * 16] of W x + b: that of step t is the t-th, or, with `tokens`, the tokens[t]-th
 * @param tokens ids [steps], or 0
 * @param weights [panels, columns, 16], columns = units up to a multiple of 4
 * @param hidden [columns] h', zero behind the units; left as h after the last step
 * @param spare [columns]
 * @param cell [columns] c', left as c
 * @param record where step 0 stores i, f, g, o, c, h, each [units]
 * @param recordStride bytes from one step's record to the next
 */
export function lstm(
  projected: usize,
  tokens: usize,
  steps: i32,
  units: i32,
  weights: usize,
  hidden: usize,
  spare: usize,
  cell: usize,
  record: usize,
  recordStride: usize,
): void {
  const panels = (units + 3) >> 2;
  const columns = panels << 2;
  const rowBytes = <usize>panels * PANEL_BYTES;
  const panelBytes = <usize>columns * PANEL_BYTES;
  const signal = (<usize>units) << 2;
  let now = hidden;
  let next = spare;
  for (let t = 0; t < steps; t++) {
    const row = tokens ? <usize>load<u8>(tokens + t) : <usize>t;
    let initial = projected + row * rowBytes;
    let panel = weights;
    let at = record;
    let c = cell;
    let h = next;
    for (let unit = 0; unit < units; unit += 4) {
      Panels.sums(initial, panel, now, columns);
      const i = Activations.sigmoid(v128.load(SUMS));
      const f = Activations.sigmoid(v128.load(SUMS, 16));
      const g = Activations.tanh(v128.load(SUMS, 32));
      const o = Activations.sigmoid(v128.load(SUMS, 48));
      const state = Simd.multiplyAdd(f, v128.load(c), f32x4.mul(i, g));
      const out = f32x4.mul(o, Activations.tanh(state));
      v128.store(c, state);
      v128.store(h, out);
      const count = units - unit;
      Simd.storeSome(at, i, count);
      Simd.storeSome(at + signal, f, count);
      Simd.storeSome(at + 2 * signal, g, count);
      Simd.storeSome(at + 3 * signal, o, count);
      Simd.storeSome(at + 4 * signal, state, count);
      Simd.storeSome(at + 5 * signal, out, count);
      initial += PANEL_BYTES;
      panel += panelBytes;
      at += 16;
      c += 16;
      h += 16;
    }
    clearBehind(next, units, columns);
    const before = now;
    now = next;
    next = before;
    record += recordStride;
  }
  if (now != hidden) memory.copy(hidden, now, (<usize>columns) << 2);
}
