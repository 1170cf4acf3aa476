/** The engine in plain float64 loops: slow, readable, and what the WASM kernels are compared with. */
import type { TokenIds } from '../shared/tokens';
import { STEPS } from './cells';
import type { Engine, Reduction } from './engine';
import { headLoss, headProbabilities } from './head';
import { recordLayout, type RecordLayout } from './layout';
import { checkNetwork, hiddenSize, stateSize as stateOf, type Network } from './network';
import { checkRange, checkState, checkWindow } from './requests';
import { at, roundToFloat32 } from './vector';

export interface ScalarEngine extends Engine {
  /** `run` with nothing rounded: records and state in float64, windows of any length. */
  runExact(tokens: TokenIds, state: Float64Array): Float64Array;
}

/**
 * @throws model-damaged when the network's shapes disagree
 */
export function createScalarEngine(network: Network): ScalarEngine {
  checkNetwork(network);
  const layout = recordLayout(network.layers, network.head !== undefined);
  const stateSize = network.layers.reduce((size, layer) => size + stateOf(layer), 0);
  let last = new Float32Array(0);

  /** `settle` sees the state after each step. */
  function steps(tokens: TokenIds, state: Float64Array, settle: (state: Float64Array) => void): Float64Array {
    const records = new Float64Array(tokens.length * layout.width);
    for (const [t, token] of tokens.entries()) {
      step(network, layout, token, state, records.subarray(t * layout.width, (t + 1) * layout.width));
      settle(state);
    }
    return records;
  }

  return {
    layout,
    vocab: network.input.vocab,
    stateSize,
    runExact: (tokens, state) => steps(tokens, state, () => undefined),
    run(tokens, state) {
      checkWindow(tokens, state, network.input.vocab, stateSize);
      // A state crosses windows in float32. It is rounded so after every step, or the cuts between windows would show.
      const wide = Float64Array.from(state);
      last = Float32Array.from(steps(tokens, wide, roundToFloat32));
      state.set(wide);
      return last;
    },
    reduce(from, to) {
      checkRange(from, to, last.length / layout.width);
      return reduceRecords(last, layout.width, from, to);
    },
    predict(state) {
      checkState(state, stateSize);
      if (network.head === undefined) return new Float32Array(0);
      return Float32Array.from(headProbabilities(network.head, topHidden(network, Float64Array.from(state))));
    },
  };
}

/** One token through all layers. @param record [layout.width] */
function step(network: Network, layout: RecordLayout, token: number, state: Float64Array, record: Float64Array): void {
  const { input, layers, head } = network;
  const loss = head && headLoss(head, topHidden(network, state), token);
  let x = inputVector(input, token);
  let from = 0;
  for (const [index, layer] of layers.entries()) {
    const columns = layout.columns.filter((column) => column.layer === index);
    const part = state.subarray(from, from + stateOf(layer));
    STEPS[layer.cell](layer, x, part, record.subarray(columns[0]?.offset));
    x = part.slice(0, hiddenSize(layer));
    from += stateOf(layer);
  }
  const column = layout.columns.find(({ signal }) => signal === 'loss');
  if (column !== undefined && loss !== undefined) record[column.offset] = loss;
}

function inputVector({ table, width }: Network['input'], token: number): Float64Array {
  if (table) return Float64Array.from(table.subarray(token * width, (token + 1) * width));
  const x = new Float64Array(width);
  x[token] = 1;
  return x;
}

/** Hidden state of the last layer [units]. */
function topHidden(network: Network, state: Float64Array): Float64Array {
  const top = network.layers.at(-1);
  if (top === undefined) return new Float64Array(0);
  const from = state.length - stateOf(top);
  return state.subarray(from, from + hiddenSize(top));
}

function reduceRecords(records: Float32Array, width: number, from: number, to: number): Reduction {
  const min = new Float32Array(width).fill(Infinity);
  const max = new Float32Array(width).fill(-Infinity);
  const sum = new Float64Array(width);
  for (let t = from; t < to; t++) {
    for (let k = 0; k < width; k++) {
      const value = at(records, t * width + k);
      min[k] = Math.min(at(min, k), value);
      max[k] = Math.max(at(max, k), value);
      sum[k] = at(sum, k) + value;
    }
  }
  return { min, sum: Float32Array.from(sum), max };
}
