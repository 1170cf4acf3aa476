/** A network's weights as the engine takes them: an input, a stack of recurrent layers, a head. Plain data. */
import { GatescopeError } from '../shared/errors';
import type { CellKind } from '../shared/signals';

/** A token id picks a row of `table` [vocab, width]. */
export interface EmbeddingInput {
  readonly table: Float32Array;
  readonly vocab: number;
  readonly width: number;
}

/**
 * One recurrent layer in PyTorch's arrangement. Rows are gate-major: LSTM i, f, g, o (4 * units rows), SimpleRNN one
 * block of `units` rows.
 */
export interface LayerWeights {
  readonly cell: CellKind;
  /** SimpleRNN's squashing; the LSTM's is fixed. */
  readonly activation: 'tanh' | 'relu';
  readonly inputSize: number;
  readonly units: number;
  /** [gates * units, inputSize] */
  readonly weightIh: Float32Array;
  /** [gates * units, units] */
  readonly weightHh: Float32Array;
  /** [gates * units] each: the input's and the recurrent bias. */
  readonly biasIh: Float32Array | undefined;
  readonly biasHh: Float32Array | undefined;
}

/** logits = weight h + bias, h the last layer's hidden state. */
export interface HeadWeights {
  readonly vocab: number;
  /** [vocab, units] */
  readonly weight: Float32Array;
  /** [vocab] */
  readonly bias: Float32Array | undefined;
}

export interface Network {
  readonly input: EmbeddingInput;
  readonly layers: readonly LayerWeights[];
  readonly head: HeadWeights | undefined;
}

/** Blocks of `units` rows in a layer's weights. */
export const GATES: Readonly<Record<CellKind, number>> = { rnn: 1, lstm: 4 };

/** Blocks of `units` values in a layer's state: hidden, and for an LSTM then cell. */
export const STATE_PARTS: Readonly<Record<CellKind, number>> = { rnn: 1, lstm: 2 };

const noLayers = (): GatescopeError =>
  new GatescopeError('model-damaged', 'The network has no recurrent layer. Choose a model that has at least one.');

const badSize = (what: string, found: number): GatescopeError =>
  new GatescopeError(
    'model-damaged',
    `${what} is ${String(found)}; it must be a whole number of at least 1. Export the model again.`,
  );

const wrongShape = (tensor: string, found: string, expected: readonly number[]): GatescopeError =>
  new GatescopeError(
    'model-damaged',
    `${tensor} has ${found}; [${expected.join(', ')}] is expected. Export the model again.`,
  );

const valuesText = (count: number): string => (count === 1 ? '1 value' : `${String(count)} values`);

function checkSize(what: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) throw badSize(what, size);
}

function checkTensor(name: string, values: Float32Array | undefined, shape: readonly number[]): void {
  if (values !== undefined && values.length !== shape.reduce((a, b) => a * b, 1)) {
    throw wrongShape(name, valuesText(values.length), shape);
  }
}

/**
 * Makes sure that all shapes agree, so that no kernel reads past a tensor.
 *
 * @throws model-damaged, naming the tensor (`layers[1].weightHh`), what it has and the shape expected
 */
export function checkNetwork({ input, layers, head }: Network): void {
  checkSize("The input's vocabulary", input.vocab);
  checkSize("The input's width", input.width);
  checkTensor('input.table', input.table, [input.vocab, input.width]);
  if (layers.length === 0) throw noLayers();
  let below = { what: 'the embedding', width: input.width };
  for (const [index, layer] of layers.entries()) {
    const name = `layers[${String(index)}]`;
    const { inputSize, units } = layer;
    checkSize(`${name}.units`, units);
    if (inputSize !== below.width) {
      throw wrongShape(
        `${name}.weightIh`,
        `rows of ${valuesText(inputSize)}, but ${below.what} gives ${String(below.width)}`,
        [GATES[layer.cell] * units, below.width],
      );
    }
    const rows = GATES[layer.cell] * units;
    checkTensor(`${name}.weightIh`, layer.weightIh, [rows, inputSize]);
    checkTensor(`${name}.weightHh`, layer.weightHh, [rows, units]);
    checkTensor(`${name}.biasIh`, layer.biasIh, [rows]);
    checkTensor(`${name}.biasHh`, layer.biasHh, [rows]);
    below = { what: name, width: units };
  }
  if (head === undefined) return;
  checkSize("The head's vocabulary", head.vocab);
  if (head.vocab !== input.vocab) {
    throw wrongShape('head.weight', `${String(head.vocab)} rows, but the embedding has ${String(input.vocab)}`, [
      input.vocab,
      below.width,
    ]);
  }
  checkTensor('head.weight', head.weight, [head.vocab, below.width]);
  checkTensor('head.bias', head.bias, [head.vocab]);
}
