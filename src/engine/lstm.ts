/**
 * The LSTM cell in float64 (Gers, Schmidhuber & Cummins 2000, as in PyTorch's nn.LSTM). x is the input, h' and c' the
 * hidden and cell state before the step; W = weightIh, U = weightHh, b = biasIh + biasHh; * is elementwise.
 *
 *   i = f(W_i x + U_i h' + b_i + p_i * c')    input gate
 *   f = f(W_f x + U_f h' + b_f + p_f * c')    forget gate; 1 - i where the two are coupled
 *   g = g(W_g x + U_g h' + b_g)               candidate
 *   c = f * c' + i * g                        cell state
 *   o = f(W_o x + U_o h' + b_o + p_o * c)     output gate, which sees the new cell state
 *   h = o * h(c)                              hidden state; P (o * h(c)) with a projection P
 *
 * The functions f, g, h are sigmoid, tanh, tanh unless the layer has its own. What the first two and the gates' f are
 * given is held within ±clip where there is one; the cell state is not. p is the peephole, if any (Gers & Schmidhuber
 * 2000); P is that of Sak, Senior & Beaufays 2014. Variants are as in https://onnx.ai/onnx/operators/onnx__LSTM.html.
 */
import { hiddenSize, squashingsOf, type LayerWeights } from './network';
import { preActivation } from './preActivations';
import { SIGMOID, squash, TANH } from './squashing';
import { at, clamp, rowTimes } from './vector';

/**
 * One step.
 *
 * @param x input [inputSize]
 * @param state h' then c' [hidden + units]; left as h then c
 * @param record where the step's signals go: i, f, g, o, c [5 * units], then h [hidden]
 */
export function lstmStep(weights: LayerWeights, x: Float64Array, state: Float64Array, record: Float64Array): void {
  const { units, variant = {} } = weights;
  const { peephole, coupled = false, clip = Infinity, projection } = variant;
  const [gate = SIGMOID, candidate = TANH, shown = TANH] = squashingsOf(weights);
  const [gateOf, candidateOf, shownOf] = [squash(gate), squash(candidate), squash(shown)];
  const before = state.slice(0, hiddenSize(weights));
  const cells = state.subarray(before.length);
  /** @param block of rows @param look of the peephole, if the gate has one @param cell what it sees */
  const sum = (u: number, block: number, look?: number, cell = 0): number => {
    const peep = peephole && look !== undefined ? at(peephole, look * units + u) * cell : 0;
    return clamp(preActivation(weights, block * units + u, x, before) + peep, -clip, clip);
  };
  const open = new Float64Array(units);
  for (let u = 0; u < units; u++) {
    const old = at(cells, u);
    const i = gateOf(sum(u, 0, 0, old));
    const f = coupled ? 1 - i : gateOf(sum(u, 1, 1, old));
    const g = candidateOf(sum(u, 2));
    const c = f * old + i * g;
    const o = gateOf(sum(u, 3, 2, c));
    for (const [k, value] of [i, f, g, o, c].entries()) record[k * units + u] = value;
    cells[u] = c;
    open[u] = o * shownOf(c);
  }
  const hidden = projection ? before.map((_, row) => rowTimes(projection, row, open)) : open;
  state.set(hidden);
  record.set(hidden, 5 * units);
}
