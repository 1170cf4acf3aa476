/**
 * The GRU cell in float64 (Cho et al. 2014; the form after it as in PyTorch's nn.GRU). x is the input, h' the hidden
 * state before the step; W = weightIh, U = weightHh, b = biasIh, d = biasHh; * is elementwise. Every sum in the first
 * three lines is held within ±clip where there is one; f and g are sigmoid and tanh unless the layer has its own.
 *
 *   r = f(W_r x + b_r + U_r h' + d_r)            reset gate
 *   z = f(W_z x + b_z + U_z h' + d_z)            update gate
 *   n = g(W_n x + b_n + r * (U_n h' + d_n))      candidate, resetAfter
 *   n = g(W_n x + b_n + U_n (r * h') + d_n)      candidate, resetBefore
 *   h = (1 - z) * n + z * h'                     hidden state
 */
import { squashingsOf, type LayerWeights } from './network';
import { preActivation, recurrentSum, inputSum } from './preActivations';
import { squash, SIGMOID, TANH } from './squashing';
import { at, clamp } from './vector';

/**
 * One step.
 *
 * @param x input [inputSize]
 * @param state h' [units]; left as h
 * @param record where the step's signals go: r, z, n, h [4 * units]
 */
export function gruStep(weights: LayerWeights, x: Float64Array, state: Float64Array, record: Float64Array): void {
  const { units, gruForm = 'resetAfter', variant } = weights;
  const [gate = SIGMOID, candidate = TANH] = squashingsOf(weights);
  const [f, g] = [squash(gate), squash(candidate)];
  const clip = variant?.clip ?? Infinity;
  const before = state.slice();
  for (let u = 0; u < units; u++) {
    record[u] = f(clamp(preActivation(weights, u, x, before), -clip, clip));
    record[units + u] = f(clamp(preActivation(weights, units + u, x, before), -clip, clip));
  }
  // With resetBefore every row of U_n sees all reset gates, hence the second loop.
  const seen = gruForm === 'resetBefore' ? before.map((h, u) => at(record, u) * h) : before;
  for (let u = 0; u < units; u++) {
    const row = 2 * units + u;
    const r = gruForm === 'resetAfter' ? at(record, u) : 1;
    const z = at(record, units + u);
    const n = g(clamp(inputSum(weights, row, x) + r * recurrentSum(weights, row, seen), -clip, clip));
    const h = (1 - z) * n + z * at(before, u);
    record[2 * units + u] = n;
    record[3 * units + u] = h;
    state[u] = h;
  }
}
