/**
 * The SimpleRNN cell in float64 (Elman 1990, as in PyTorch's nn.RNN). x is the input, h' the hidden state before the
 * step; W = weightIh, U = weightHh, b = biasIh + biasHh. The sum is held within ±clip where there is one; f is tanh or
 * relu unless the layer has its own.
 *
 *   h = f(W x + U h' + b)
 */
import { squashingsOf, type LayerWeights } from './network';
import { preActivation } from './preActivations';
import { squash, TANH } from './squashing';
import { clamp } from './vector';

/**
 * One step.
 *
 * @param x input [inputSize]
 * @param state h' [units]; left as h
 * @param record where the step's signal goes: h [units]
 */
export function rnnStep(weights: LayerWeights, x: Float64Array, state: Float64Array, record: Float64Array): void {
  const [squashing = TANH] = squashingsOf(weights);
  const f = squash(squashing);
  const clip = weights.variant?.clip ?? Infinity;
  for (let u = 0; u < weights.units; u++) record[u] = f(clamp(preActivation(weights, u, x, state), -clip, clip));
  state.set(record.subarray(0, weights.units));
}
