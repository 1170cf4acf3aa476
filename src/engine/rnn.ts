/**
 * The SimpleRNN cell in float64 (Elman 1990, as in PyTorch's nn.RNN). x is the input, h' the hidden state before the
 * step; W = weightIh, U = weightHh, b = biasIh + biasHh.
 *
 *   h = tanh(W x + U h' + b)    or relu in place of tanh
 */
import type { LayerWeights } from './network';
import { preActivations } from './preActivations';
import { at, relu } from './vector';

/**
 * One step.
 *
 * @param x input [inputSize]
 * @param state h' [units]; left as h
 * @param record where the step's signal goes: h [units]
 */
export function rnnStep(weights: LayerWeights, x: Float64Array, state: Float64Array, record: Float64Array): void {
  const squash = weights.activation === 'relu' ? relu : Math.tanh;
  const a = preActivations(weights, x, state);
  for (let u = 0; u < weights.units; u++) {
    const h = squash(at(a, u));
    record[u] = h;
    state[u] = h;
  }
}
