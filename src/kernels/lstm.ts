/**
 * The LSTM over a window, equations as in src/engine/lstm.ts.
 *
 * A step is two passes: all rows of the recurrent product, then all gates. Finishing the gates of each panel at once was
 * slower (13.9 microseconds a step against 13.4 at 256 units): their long chains stood in the way of the next weights.
 */
import { Activations } from './activations';
import { product } from './panels';
import { Simd } from './simd';

/**
 * @param projected rows [panels * 32] of W x + b: that of step t is the t-th, or, with `tokens`, the tokens[t]-th
 * @param tokens ids [steps], or 0
 * @param weights U in panels [panels, units, 32]
 * @param panels of the 4 * units rows of gates i, f, g, o
 * @param sums room [panels * 32]
 * @param hidden [units, up to a multiple of 4] h', left as h after the last step
 * @param cell [units, up to a multiple of 4] c', left as c
 * @param record where step 0 stores i, f, g, o, c, h, each [units]
 * @param recordStride bytes from one step's record to the next
 */
export function lstm(
  projected: usize,
  tokens: usize,
  steps: i32,
  units: i32,
  weights: usize,
  panels: i32,
  sums: usize,
  hidden: usize,
  cell: usize,
  record: usize,
  recordStride: usize,
): void {
  const rowBytes = (<usize>panels) << 7;
  const signal = (<usize>units) << 2;
  for (let t = 0; t < steps; t++) {
    const row = tokens ? <usize>load<u32>(tokens + ((<usize>t) << 2)) : <usize>t;
    product(projected + row * rowBytes, weights, hidden, units, panels, sums);
    for (let unit = 0; unit < units; unit += 4) {
      const offset = (<usize>unit) << 2;
      const a = sums + offset;
      const i = Activations.sigmoid(v128.load(a));
      const f = Activations.sigmoid(v128.load(a + signal));
      const g = Activations.tanh(v128.load(a + 2 * signal));
      const o = Activations.sigmoid(v128.load(a + 3 * signal));
      const c = Simd.multiplyAdd(f, v128.load(cell + offset), f32x4.mul(i, g));
      const h = f32x4.mul(o, Activations.tanh(c));
      v128.store(cell + offset, c);
      v128.store(hidden + offset, h);
      const at = record + offset;
      const count = units - unit;
      Simd.storeSome(at, i, count);
      Simd.storeSome(at + signal, f, count);
      Simd.storeSome(at + 2 * signal, g, count);
      Simd.storeSome(at + 3 * signal, o, count);
      Simd.storeSome(at + 4 * signal, c, count);
      Simd.storeSome(at + 5 * signal, h, count);
    }
    record += recordStride;
  }
}
