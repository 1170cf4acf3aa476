/** A network's weights as the engine takes them: an input, a stack of recurrent layers, a head. Plain data. */
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { CellKind } from '../shared/signals';
import { SIGMOID, squashing, TANH, type Squashing } from './squashing';

/** A token id picks a row of `table` [vocab, width]; without one it is one-hot, and `width` is `vocab`. */
export interface EmbeddingInput {
  readonly table: Float32Array | undefined;
  readonly vocab: number;
  readonly width: number;
}

/**
 * Which of the two GRUs: `resetAfter` multiplies U_n h' + b_hn by the reset gate (PyTorch, Keras reset_after, ONNX
 * linear_before_reset=1), `resetBefore` multiplies h' by it first (Cho et al. 2014, ONNX's default).
 */
export type GruForm = 'resetAfter' | 'resetBefore';

/** What sets a cell apart from the plain one; each is absent where the cell is as usual. */
export interface CellVariant {
  /**
   * The functions in place of the usual, in ONNX's order: SimpleRNN [f]; GRU [f for the gates, g for the candidate];
   * LSTM [f for the gates, g for the candidate, h for what the cell shows].
   */
  readonly squashings?: readonly Squashing[];
  /** LSTM: the gates' weights on the cell state, i, f, o [3 * units]. */
  readonly peephole?: Float32Array;
  /** LSTM: the forget gate is 1 - i (ONNX input_forget). Its own weights are not used. */
  readonly coupled?: boolean;
  /** All sums are held within ±clip before the functions (ONNX clip). The cell state is not. */
  readonly clip?: number;
  /** LSTM: h = projection (o * tanh(c)) (PyTorch proj_size) [projected, units]. */
  readonly projection?: Float32Array;
}

/**
 * One recurrent layer in PyTorch's arrangement. Rows are gate-major: LSTM i, f, g, o (4 * units rows), GRU r, z, n
 * (3 * units), SimpleRNN one block of `units` rows. `hidden` below is `units`, or the projection's rows.
 */
export interface LayerWeights {
  readonly cell: CellKind;
  /** SimpleRNN's squashing; the others' are fixed, unless `variant` has its own. */
  readonly activation: 'tanh' | 'relu';
  /** GRU; PyTorch's `resetAfter` where absent. */
  readonly gruForm?: GruForm;
  readonly inputSize: number;
  readonly units: number;
  /** [gates * units, inputSize] */
  readonly weightIh: Float32Array;
  /** [gates * units, hidden] */
  readonly weightHh: Float32Array;
  /** [gates * units] each: the input's and the recurrent bias. Only in a GRU's candidate are they more than their sum. */
  readonly biasIh: Float32Array | undefined;
  readonly biasHh: Float32Array | undefined;
  readonly variant?: CellVariant;
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
export const GATES: Readonly<Record<CellKind, number>> = { rnn: 1, gru: 3, lstm: 4 };

/** Parts of a layer's state: hidden, and for an LSTM then cell. In a plain layer each has `units` values. */
export const STATE_PARTS: Readonly<Record<CellKind, number>> = { rnn: 1, gru: 1, lstm: 2 };

/** Whether the layer is the usual cell and no variant of it. The fast kernels know only plain layers, of either GRU form. */
export const isPlain = ({ variant = {} }: Pick<LayerWeights, 'variant'>): boolean =>
  Object.values(variant).every((value: unknown) => value === undefined || value === false);

/** Values of a layer's hidden state: its units, or what they are projected to. */
export const hiddenSize = ({ units, variant }: Pick<LayerWeights, 'units' | 'variant'>): number =>
  variant?.projection ? variant.projection.length / units : units;

/** Values of a layer's state: hidden, and for an LSTM then cell. */
export const stateSize = (layer: Pick<LayerWeights, 'cell' | 'units' | 'variant'>): number =>
  hiddenSize(layer) + (layer.cell === 'lstm' ? layer.units : 0);

const USUAL: Readonly<Record<CellKind, readonly Squashing[]>> = {
  rnn: [TANH],
  gru: [SIGMOID, TANH],
  lstm: [SIGMOID, TANH, TANH],
};

/** The functions of a layer, as in CellVariant. */
export function squashingsOf({
  cell,
  activation,
  variant,
}: Pick<LayerWeights, 'cell' | 'activation' | 'variant'>): readonly Squashing[] {
  if (variant?.squashings) return variant.squashings;
  return cell === 'rnn' ? [squashing(activation)] : USUAL[cell];
}

const noLayers = (): GatescopeError =>
  new GatescopeError('model-damaged', say`The network has no recurrent layer. Choose a model that has at least one.`);

const badSize = (what: string, found: number): GatescopeError =>
  new GatescopeError(
    'model-damaged',
    say`${what} is ${found}; it must be a whole number of at least 1. Export the model again.`,
  );

const wrongShape = (tensor: string, found: string, expected: readonly number[]): GatescopeError =>
  new GatescopeError(
    'model-damaged',
    say`${tensor} has ${found}; [${expected.join(', ')}] is expected. Export the model again.`,
  );

const notOfCell = (what: string, cell: CellKind): GatescopeError =>
  new GatescopeError('model-damaged', say`${what} belongs to an LSTM; the layer is of kind ${cell}. Leave it out.`);

const badClip = (what: string, found: number): GatescopeError =>
  new GatescopeError('model-damaged', say`${what} is ${found}; it must be at least 0. Export the model again.`);

const valuesText = (count: number): string => (count === 1 ? '1 value' : `${String(count)} values`);

const badOneHot = (width: number, vocab: number): GatescopeError =>
  new GatescopeError(
    'model-damaged',
    say`The input's width is ${width}; one-hot tokens of a vocabulary of ${vocab} are as wide as it.`,
  );

function checkSize(what: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) throw badSize(what, size);
}

function checkTensor(name: string, values: Float32Array | undefined, shape: readonly number[]): void {
  if (values !== undefined && values.length !== shape.reduce((a, b) => a * b, 1)) {
    throw wrongShape(name, valuesText(values.length), shape);
  }
}

/**
 * Makes sure that a layer's own shapes agree, and that it is a cell that there is.
 *
 * @param name for people: `layers[1]`
 * @throws model-damaged, naming the tensor, what it has and the shape expected
 */
export function checkLayer(name: string, layer: LayerWeights): void {
  const { cell, inputSize, units, variant = {} } = layer;
  checkSize(`${name}.units`, units);
  const hidden = hiddenSize(layer);
  checkSize(`${name}.projection's rows`, hidden);
  const rows = GATES[cell] * units;
  checkTensor(`${name}.weightIh`, layer.weightIh, [rows, inputSize]);
  checkTensor(`${name}.weightHh`, layer.weightHh, [rows, hidden]);
  checkTensor(`${name}.biasIh`, layer.biasIh, [rows]);
  checkTensor(`${name}.biasHh`, layer.biasHh, [rows]);
  checkTensor(`${name}.peephole`, variant.peephole, [3 * units]);
  const found = squashingsOf(layer).length;
  if (found !== USUAL[cell].length) throw wrongShape(`${name}.squashings`, valuesText(found), [USUAL[cell].length]);
  const lstmOnly = (['peephole', 'coupled', 'projection'] as const).find((key) => Boolean(variant[key]));
  if (lstmOnly && cell !== 'lstm') throw notOfCell(`${name}.${lstmOnly}`, cell);
  if (variant.clip !== undefined && !(variant.clip >= 0)) throw badClip(`${name}.clip`, variant.clip);
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
  if (input.table === undefined && input.width !== input.vocab) throw badOneHot(input.width, input.vocab);
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
    checkLayer(name, layer);
    below = { what: name, width: hiddenSize(layer) };
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
