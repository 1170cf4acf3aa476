/** The GRU over a window, equations as in src/engine/gru.ts. Rows of r and z, and those of n, are matrices apart. */
import { Activations } from './activations';
import { product } from './panels';
import { Simd } from './simd';

class Gru {
  /** h = (1 - z) * n + z * h', stored with z and n. */
  @inline
  static finish(record: usize, z: v128, n: v128, hidden: usize, signal: usize, count: i32): void {
    const kept = f32x4.mul(z, v128.load(hidden));
    const h = Simd.multiplyAdd(f32x4.sub(f32x4.splat(1), z), n, kept);
    v128.store(hidden, h);
    Simd.storeSome(record + signal, z, count);
    Simd.storeSome(record + 2 * signal, n, count);
    Simd.storeSome(record + 3 * signal, h, count);
  }
}

/**
 * @param projected rows [(gatePanels + panels) * 32] of W x + b: that of step t is the t-th, or, with `tokens`, the
 *   tokens[t]-th; r and z in the first gatePanels, n in the others. All of d is in b, but d_n where `bias` is given
 * @param tokens ids [steps], or 0
 * @param weights U in panels [gatePanels + panels, units, 32]
 * @param gatePanels of the 2 * units rows of r, z
 * @param panels of the `units` rows of n
 * @param bias d_n [panels * 32] for the form that resets after the product; 0 for the one that resets before it
 * @param sums room [(gatePanels + panels) * 32]
 * @param hidden [units, up to a multiple of 4] h', left as h after the last step
 * @param shown room for r * h' [units, up to a multiple of 4]
 * @param record where step 0 stores r, z, n, h, each [units]
 * @param recordStride bytes from one step's record to the next
 */
export function gru(
  projected: usize,
  tokens: usize,
  steps: i32,
  units: i32,
  weights: usize,
  gatePanels: i32,
  panels: i32,
  bias: usize,
  sums: usize,
  hidden: usize,
  shown: usize,
  record: usize,
  recordStride: usize,
): void {
  const gateBytes = (<usize>gatePanels) << 7;
  const rowBytes = gateBytes + ((<usize>panels) << 7);
  const signal = (<usize>units) << 2;
  const candidateWeights = weights + gateBytes * <usize>units;
  const candidateSums = sums + gateBytes;
  for (let t = 0; t < steps; t++) {
    const row = projected + (tokens ? <usize>load<u32>(tokens + ((<usize>t) << 2)) : <usize>t) * rowBytes;
    product(row, weights, hidden, units, gatePanels, sums);
    if (bias) {
      product(bias, candidateWeights, hidden, units, panels, candidateSums);
      for (let unit = 0; unit < units; unit += 4) {
        const offset = (<usize>unit) << 2;
        const count = units - unit;
        const r = Activations.sigmoid(v128.load(sums + offset));
        const z = Activations.sigmoid(v128.load(sums + signal + offset));
        const input = v128.load(row + gateBytes + offset);
        const n = Activations.tanh(Simd.multiplyAdd(r, v128.load(candidateSums + offset), input));
        Simd.storeSome(record + offset, r, count);
        Gru.finish(record + offset, z, n, hidden + offset, signal, count);
      }
    } else {
      for (let unit = 0; unit < units; unit += 4) {
        const offset = (<usize>unit) << 2;
        const r = Activations.sigmoid(v128.load(sums + offset));
        v128.store(shown + offset, f32x4.mul(r, v128.load(hidden + offset)));
        Simd.storeSome(record + offset, r, units - unit);
      }
      product(row + gateBytes, candidateWeights, shown, units, panels, candidateSums);
      for (let unit = 0; unit < units; unit += 4) {
        const offset = (<usize>unit) << 2;
        const z = Activations.sigmoid(v128.load(sums + signal + offset));
        const n = Activations.tanh(v128.load(candidateSums + offset));
        Gru.finish(record + offset, z, n, hidden + offset, signal, units - unit);
      }
    }
    record += recordStride;
  }
}
