/**
 * The LSTM cell in float64 (Gers, Schmidhuber & Cummins 2000, as in PyTorch's nn.LSTM). x is the input, h' and c' the
 * hidden and cell state before the step; W = weightIh, U = weightHh, b = biasIh + biasHh; * is elementwise.
 *
 *   i = sigmoid(W_i x + U_i h' + b_i)    input gate
 *   f = sigmoid(W_f x + U_f h' + b_f)    forget gate
 *   g = tanh   (W_g x + U_g h' + b_g)    candidate
 *   o = sigmoid(W_o x + U_o h' + b_o)    output gate
 *   c = f * c' + i * g                   cell state
 *   h = o * tanh(c)                      hidden state
 */
import type { LayerWeights } from './network';
import { at, sigmoid } from './vector';
import { preActivations } from './preActivations';

/**
 * One step.
 *
 * @param x input [inputSize]
 * @param state h' then c' [2 * units]; left as h then c
 * @param record where the step's signals go: i, f, g, o, c, h [6 * units]
 */
export function lstmStep(weights: LayerWeights, x: Float64Array, state: Float64Array, record: Float64Array): void {
  const { units } = weights;
  const a = preActivations(weights, x, state.subarray(0, units));
  for (let u = 0; u < units; u++) {
    const i = sigmoid(at(a, u));
    const f = sigmoid(at(a, units + u));
    const g = Math.tanh(at(a, 2 * units + u));
    const o = sigmoid(at(a, 3 * units + u));
    const c = f * at(state, units + u) + i * g;
    const h = o * Math.tanh(c);
    for (const [k, value] of [i, f, g, o, c, h].entries()) record[k * units + u] = value;
    state[u] = h;
    state[units + u] = c;
  }
}
