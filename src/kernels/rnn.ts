/** The SimpleRNN over a window, equation as in src/engine/rnn.ts. */
import { Activations } from './activations';
import { product } from './panels';
import { Simd } from './simd';

/**
 * @param projected rows [panels * 32] of W x + b: that of step t is the t-th, or, with `tokens`, the tokens[t]-th
 * @param tokens ids [steps], or 0
 * @param rectify 1 for relu, 0 for tanh
 * @param weights U in panels [panels, units, 32]
 * @param panels of the `units` rows
 * @param sums room [panels * 32]
 * @param hidden [units, up to a multiple of 4] h', left as h after the last step
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
  panels: i32,
  sums: usize,
  hidden: usize,
  record: usize,
  recordStride: usize,
): void {
  const rowBytes = (<usize>panels) << 7;
  for (let t = 0; t < steps; t++) {
    const row = tokens ? <usize>load<u32>(tokens + ((<usize>t) << 2)) : <usize>t;
    product(projected + row * rowBytes, weights, hidden, units, panels, sums);
    for (let unit = 0; unit < units; unit += 4) {
      const at = (<usize>unit) << 2;
      const sum = v128.load(sums + at);
      // pmax keeps a NaN that is its first operand.
      const h = rectify ? f32x4.pmax(sum, f32x4.splat(0)) : Activations.tanh(sum);
      v128.store(hidden + at, h);
      Simd.storeSome(record + at, h, units - unit);
    }
    record += recordStride;
  }
}
