/** The SimpleRNN over a window, equation as in src/engine/rnn.ts. */
import { Activations } from './activations';
import { Layer } from './layer';
import { product } from './panels';
import { Simd } from './simd';

/**
 * `steps` steps; parameters as in layer.ts.
 *
 * @param record where the first of these steps stores h [units]
 */
export function rnn(l: Layer, tokens: usize, steps: i32, record: usize, recordStride: usize): void {
  const units = l.units;
  const panels = l.panels;
  const rectify = l.variant;
  const hidden = l.hidden;
  const sums = l.sums;
  const rowBytes = (<usize>panels) << 7;
  for (let t = 0; t < steps; t++) {
    const row = tokens ? <usize>load<u32>(tokens + ((<usize>t) << 2)) : <usize>t;
    product(l.projected + row * rowBytes, l.weightHh, hidden, units, panels, sums, t & 1);
    let unit = 0;
    // Two vectors side by side, as in lstm.ts. pmax keeps a NaN that is its first operand.
    for (; unit + 8 <= units; unit += 8) {
      const at = (<usize>unit) << 2;
      const a0 = v128.load(sums + at);
      const a1 = v128.load(sums + at, 16);
      const h0 = rectify ? f32x4.pmax(a0, f32x4.splat(0)) : Activations.tanh(a0);
      const h1 = rectify ? f32x4.pmax(a1, f32x4.splat(0)) : Activations.tanh(a1);
      v128.store(hidden + at, h0);
      v128.store(hidden + at, h1, 16);
      v128.store(record + at, h0);
      v128.store(record + at, h1, 16);
    }
    for (; unit < units; unit += 4) {
      const at = (<usize>unit) << 2;
      const sum = v128.load(sums + at);
      const h = rectify ? f32x4.pmax(sum, f32x4.splat(0)) : Activations.tanh(sum);
      v128.store(hidden + at, h);
      Simd.storeSome(record + at, h, units - unit);
    }
    record += recordStride;
  }
}
