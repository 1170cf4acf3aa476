/**
 * A recurrent layer of Keras as one of ours. Keras keeps kernels as [inputs, gates * units], gates in the order
 * LSTM i, f, c, o and GRU z, r, h (keras/src/layers/rnn/lstm.py and gru.py). Other layouts that its files may have:
 *
 * - Keras 1 with one matrix a gate: W, U, b of each in turn (LSTM i, c, f, o; GRU z, r, h);
 * - CuDNN (CuDNNLSTM, CuDNNGRU): a gate's block of the kernel is stored as [units, inputs] in the block's memory, that of
 *   the recurrent kernel is transposed, and the bias has the input's and the recurrent one in a row.
 */
import { GATES, type CellVariant, type GruForm, type LayerWeights } from '../../engine/network';
import { SIGMOID, TANH, type Squashing } from '../../engine/squashing';
import type { CellKind } from '../../shared/signals';
import { damaged, quote, shapeText, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import type { Tensor } from '../tensors';
import { activationOf, squashingOf } from './activations';
import { layerText, unitsOf, type KerasLayer } from './config';
import { NotRun } from './notRun';
import { transposed, type TensorReader } from './tensors';

const CELLS: Readonly<Record<string, CellKind | undefined>> = {
  SimpleRNN: 'rnn',
  SimpleRNNCell: 'rnn',
  GRU: 'gru',
  GRUCell: 'gru',
  GRUV2: 'gru',
  CuDNNGRU: 'gru',
  LSTM: 'lstm',
  LSTMCell: 'lstm',
  LSTMV2: 'lstm',
  CuDNNLSTM: 'lstm',
};

export const cellOf = (className: string): CellKind | undefined =>
  Object.hasOwn(CELLS, className) ? CELLS[className] : undefined;

/** Where each of our blocks of rows (LSTM i, f, g, o; GRU r, z, n) lies among Keras's. */
const BLOCKS: Readonly<Record<CellKind, readonly number[]>> = { rnn: [0], gru: [1, 0, 2], lstm: [0, 1, 2, 3] };

/** Keras 1's letters of the same, and the order in which it lists them. */
const LETTERS: Readonly<Record<CellKind, readonly string[]>> = {
  rnn: [],
  gru: ['r', 'z', 'h'],
  lstm: ['i', 'f', 'c', 'o'],
};
const LISTED: Readonly<Record<CellKind, readonly string[]>> = {
  rnn: [],
  gru: ['z', 'r', 'h'],
  lstm: ['i', 'c', 'f', 'o'],
};

/** Shapes and readers of a cell's parts; a part's rows are ours, its shape [rows, columns]. */
interface Parts {
  readonly inputSize: number;
  readonly units: number;
  readonly gruForm: GruForm | undefined;
  readonly weightIh: () => Float32Array;
  readonly weightHh: () => Float32Array;
  readonly biasIh: (() => Float32Array) | undefined;
  readonly biasHh: (() => Float32Array) | undefined;
}

/**
 * @param layer LSTM, GRU, SimpleRNN, a cell of theirs, or one of CuDNN's
 * @param major version of Keras: 1, 2 or 3
 * @returns weights that are read when they are asked for
 * @throws model-damaged for other tensors than such a layer has, NotRun for functions that are not known
 */
export function readCell(
  file: string,
  layer: KerasLayer,
  tensors: readonly Tensor[],
  reader: TensorReader,
  major: number,
): LayerWeights {
  const cell = cellOf(layer.className);
  if (cell === undefined)
    throw unsupported(file, say`${layerText(layer)} is no recurrent layer.`, say`LSTM, GRU and SimpleRNN are.`);
  const functions = squashingsOf(layer, cell, major);
  const split = cell !== 'rnn' && tensors.length === 3 * GATES[cell];
  const parts = split
    ? splitParts(file, layer, cell, tensors, reader)
    : wholeParts(file, layer, cell, tensors, reader, major);
  const { inputSize, units, gruForm } = parts;
  const said = unitsOf(layer);
  if (said !== undefined && said !== units) {
    throw damaged(file, say`${layerText(layer)} should have ${said} units; its tensors have ${units}.`);
  }
  return {
    cell,
    ...functions,
    ...(gruForm && { gruForm }),
    inputSize,
    units,
    get weightIh() {
      return parts.weightIh();
    },
    get weightHh() {
      return parts.weightHh();
    },
    get biasIh() {
      return parts.biasIh?.();
    },
    get biasHh() {
      return parts.biasHh?.();
    },
  };
}

/** @throws NotRun for functions that are not known */
function squashingsOf(
  layer: KerasLayer,
  cell: CellKind,
  major: number,
): { activation: 'tanh' | 'relu'; variant?: CellVariant } {
  const { className, config } = layer;
  const pick = (keys: readonly string[], usual: Squashing): Squashing => {
    const value = keys.map((key) => config[key]).find((one) => one !== undefined);
    if (value === undefined || className.startsWith('CuDNN')) return usual;
    const activation = activationOf(value, major);
    const found = squashingOf(activation);
    if (found) return found;
    const name = activation.kind === 'unknown' ? activation.name : activation.kind;
    throw new NotRun(say`${layerText(layer)} with the function ${quote(name)}`);
  };
  const shown = pick(['activation'], TANH);
  if (cell === 'rnn') {
    if (shown.name === 'tanh' || shown.name === 'relu') return { activation: shown.name };
    return { activation: 'tanh', variant: { squashings: [shown] } };
  }
  const gate = pick(['recurrent_activation', 'inner_activation'], defaultGate(layer, major));
  if (gate === SIGMOID && shown === TANH) return { activation: 'tanh' };
  return { activation: 'tanh', variant: { squashings: cell === 'gru' ? [gate, shown] : [gate, shown, shown] } };
}

/** What Keras took for the gates where a configuration leaves it out: hard sigmoid before 2.3. */
function defaultGate({ className }: KerasLayer, major: number): Squashing {
  const usual = squashingOf(activationOf(major === 1 ? 'hard_sigmoid' : 'sigmoid', major));
  return className.startsWith('CuDNN') || usual === undefined ? SIGMOID : usual;
}

const listText = (tensors: readonly Tensor[]): string =>
  tensors.map(({ name, shape }) => `${quote(name)} ${shapeText(shape)}`).join(', ');

/** Kernel, recurrent kernel, perhaps a bias. */
function wholeParts(
  file: string,
  layer: KerasLayer,
  cell: CellKind,
  tensors: readonly Tensor[],
  reader: TensorReader,
  major: number,
): Parts {
  const [kernel, recurrent, bias, ...more] = tensors;
  const gates = GATES[cell];
  if (kernel?.shape.length !== 2 || recurrent?.shape.length !== 2 || more.length > 0) {
    throw damaged(
      file,
      say`${layerText(layer)} has
        ${tensors.length === 0 ? 'no tensors' : `the tensors ${listText(tensors.slice(0, 6))}`}.`,
    );
  }
  const [inputSize = 0] = kernel.shape;
  const [units = 0] = recurrent.shape;
  if (inputSize === 0 || units === 0) throw damaged(file, say`${layerText(layer)} has tensors without values.`);
  const columns = gates * units;
  reader.use(kernel, [inputSize, columns]);
  reader.use(recurrent, [units, columns]);
  const cudnn = bias?.shape.length === 1 && bias.shape[0] === 2 * columns && cell !== 'rnn';
  const twoRows = bias?.shape.length === 2 && cell === 'gru';
  if (bias) reader.use(bias, cudnn ? [2 * columns] : twoRows ? [2, columns] : [columns]);
  const blocks = BLOCKS[cell];
  const biasRow = (tensor: Tensor, row: number) => (): Float32Array =>
    blocksOf(reader.read(tensor).subarray(row * columns, (row + 1) * columns), blocks, units);
  return {
    inputSize,
    units,
    gruForm: cell === 'gru' ? formOf(file, layer, major, bias && (cudnn || twoRows)) : undefined,
    weightIh: () => {
      const values = reader.read(kernel);
      return cudnn
        ? cudnnKernel(values, blocks, inputSize, units)
        : blocksOf(transposed(values, inputSize, columns), blocks, units * inputSize);
    },
    weightHh: () => {
      const values = reader.read(recurrent);
      return cudnn
        ? cudnnRecurrent(values, blocks, units)
        : blocksOf(transposed(values, units, columns), blocks, units * units);
    },
    biasIh: bias && biasRow(bias, 0),
    biasHh: bias && (cudnn || twoRows) ? biasRow(bias, 1) : undefined,
  };
}

/** @param twoBiases whether the file has two biases; undefined where it has none @throws model-damaged */
function formOf(file: string, layer: KerasLayer, major: number, twoBiases: boolean | undefined): GruForm {
  const said = layer.config['reset_after'];
  const after = typeof said === 'boolean' ? said : undefined;
  if (after !== undefined && twoBiases !== undefined && after !== twoBiases && !layer.className.startsWith('CuDNN')) {
    // A plain layer may be given CuDNN's weights only where it multiplies by the reset gate afterwards.
    throw damaged(
      file,
      say`${layerText(layer)} says reset_after ${String(after)}, but has the bias of the other form.`,
    );
  }
  const isAfter = twoBiases ?? after ?? (major >= 3 || layer.className === 'CuDNNGRU');
  return isAfter ? 'resetAfter' : 'resetBefore';
}

/** Blocks of `size` values each, in another order. */
function blocksOf(values: Float32Array, blocks: readonly number[], size: number): Float32Array {
  const out = new Float32Array(blocks.length * size);
  for (const [to, from] of blocks.entries()) out.set(values.subarray(from * size, (from + 1) * size), to * size);
  return out;
}

/** @param kernel [inputs, gates * units], each gate's block of columns holding [units, inputs] in its own memory */
function cudnnKernel(kernel: Float32Array, blocks: readonly number[], inputs: number, units: number): Float32Array {
  const out = new Float32Array(kernel.length);
  const columns = blocks.length * units;
  for (const [to, from] of blocks.entries()) {
    for (let k = 0; k < inputs * units; k++) {
      const row = Math.floor(k / units);
      out[to * inputs * units + k] = kernel[row * columns + from * units + (k % units)] ?? 0;
    }
  }
  return out;
}

/** @param recurrent [units, gates * units], each gate's block transposed */
function cudnnRecurrent(recurrent: Float32Array, blocks: readonly number[], units: number): Float32Array {
  const out = new Float32Array(recurrent.length);
  const columns = blocks.length * units;
  for (const [to, from] of blocks.entries()) {
    for (let row = 0; row < units; row++) {
      const start = row * columns + from * units;
      out.set(recurrent.subarray(start, start + units), (to * units + row) * units);
    }
  }
  return out;
}

/** Keras 1: W, U, b of each gate in turn. */
function splitParts(
  file: string,
  layer: KerasLayer,
  cell: CellKind,
  tensors: readonly Tensor[],
  reader: TensorReader,
): Parts {
  const find = (part: 'W' | 'U' | 'b', letter: string): Tensor => {
    const place = 3 * LISTED[cell].indexOf(letter) + 'WUb'.indexOf(part);
    const named = tensors.filter(({ name }) => new RegExp(`_${part}_${letter}(?::0)?$`, 'u').test(name));
    const tensor = named.length === 1 ? named[0] : tensors[place];
    if (tensor === undefined) throw damaged(file, say`${layerText(layer)} has no tensor ${part}_${letter}.`);
    return tensor;
  };
  const letters = LETTERS[cell];
  const [inputSize = 0, units = 0] = find('W', letters[0] ?? '').shape;
  if (inputSize === 0 || units === 0) throw damaged(file, say`${layerText(layer)} has tensors without values.`);
  const part = (which: 'W' | 'U' | 'b', shape: readonly number[]): (() => Float32Array) => {
    const gates = letters.map((letter) => find(which, letter));
    for (const tensor of gates) reader.use(tensor, shape);
    const [rows = 0, columns = 1] = shape;
    return () => {
      const out = new Float32Array(gates.length * rows * columns);
      for (const [gate, tensor] of gates.entries()) {
        out.set(transposed(reader.read(tensor), rows, columns), gate * rows * columns);
      }
      return out;
    };
  };
  return {
    inputSize,
    units,
    gruForm: cell === 'gru' ? 'resetBefore' : undefined,
    weightIh: part('W', [inputSize, units]),
    weightHh: part('U', [units, units]),
    biasIh: part('b', [units]),
    biasHh: undefined,
  };
}
