/**
 * A model of weights alone: each layer's kind by the shapes of its tensors, options as Keras sets them by itself. What was
 * assumed is said in warnings.
 */
import { GATES } from '../../engine/network';
import type { CellKind } from '../../shared/signals';
import { quoteSome } from '../errors';
import { say, type Text } from '../../shared/l10n';
import type { Tensor } from '../tensors';
import type { KerasLayer, KerasPath } from './config';
import type { JsonObject } from './json';
import type { KerasStore } from './tensors';

/** A layer's tensors under the name that the file gives it. */
export interface NamedTensors {
  readonly name: string;
  readonly tensors: readonly Tensor[];
}

export interface Guess {
  readonly path: KerasPath;
  readonly store: KerasStore;
}

interface Found extends NamedTensors {
  readonly className: string;
  readonly config: JsonObject;
  /** Values a step; undefined for what is not known. */
  readonly inputSize: number | undefined;
  readonly outputSize: number | undefined;
}

const CLASSES: Readonly<Record<CellKind, string>> = { lstm: 'LSTM', gru: 'GRU', rnn: 'SimpleRNN' };
const MAX_SEARCHED = 8;

/**
 * @param ordered whether the layers are in the order of the model; else it is found by their widths
 * @param gate the gates' function
 */
export function guessLayers(
  groups: readonly NamedTensors[],
  ordered: boolean,
  gate: 'sigmoid' | 'hard_sigmoid',
  warnings: Text[],
): Guess {
  const found = groups.filter(({ tensors }) => tensors.length > 0).map((group) => kindOf(group, gate));
  const order = ordered ? found : inOrder(found);
  const unplaced = found.filter(isScaling).map(({ name }) => name);
  if (!ordered && unplaced.length > 0) {
    warnings.push(say`It does not say where ${quoteSome(unplaced)} stands: up to the recurrent layers it is left out.`);
  }
  const layers = untoldFunctions(fittedMerges(order)).map(({ name, className, config }): KerasLayer => {
    return { name, className, config, stored: name, inside: [] };
  });
  const tensors = new Map(groups.map((group) => [group.name, group.tensors]));
  warnings.push(
    say`It holds weights without a configuration: layers are told by their shapes, and options are taken to be as
      Keras sets them (gates ${gate}, cell tanh, a single dense layer without a function).`,
  );
  return {
    path: { name: undefined, layers, beside: [], end: undefined },
    store: { weightsOf: ({ name }) => tensors.get(name) ?? [] },
  };
}

function kindOf(group: NamedTensors, gate: string): Found {
  const { name, tensors } = group;
  const cell = cellShape(tensors);
  if (cell) {
    return {
      ...group,
      className: CLASSES[cell.cell],
      config: configOf(cell.cell, gate, tensors),
      inputSize: cell.inputSize,
      outputSize: cell.units,
    };
  }
  const half = tensors.length / 2;
  const one = Number.isInteger(half) ? cellShape(tensors.slice(0, half)) : undefined;
  const two = one && cellShape(tensors.slice(half));
  if (one && two?.cell === one.cell && two.inputSize === one.inputSize) {
    const layer = { class_name: CLASSES[one.cell], config: configOf(one.cell, gate, tensors.slice(0, half)) };
    return {
      ...group,
      className: 'Bidirectional',
      config: { layer },
      inputSize: one.inputSize,
      outputSize: one.units + two.units,
    };
  }
  const [kernel, bias, ...more] = tensors;
  const [rows, columns] = kernel?.shape ?? [];
  const matrix = kernel?.shape.length === 2 && more.length === 0;
  if (matrix && bias === undefined && /embed/iu.test(`${name} ${kernel.name}`)) {
    return { ...group, className: 'Embedding', config: {}, inputSize: undefined, outputSize: columns };
  }
  if (matrix && (bias === undefined || (bias.shape.length === 1 && bias.shape[0] === columns))) {
    return { ...group, className: 'Dense', config: {}, inputSize: rows, outputSize: columns };
  }
  return { ...group, className: 'Layer', config: {}, inputSize: undefined, outputSize: undefined };
}

/** What tells a GRU with no bias apart is its age alone, which the caller knows. */
const configOf = (cell: CellKind, gate: string, tensors: readonly Tensor[]): JsonObject => {
  const biasSize = tensors.at(-1)?.shape.reduce((a, b) => a * b, 1) ?? 0;
  const units = tensors[1]?.shape[0] ?? 0;
  const cudnn =
    cell !== 'rnn' && tensors.length === 3 && tensors[2]?.shape.length === 1 && biasSize === 2 * GATES[cell] * units;
  // CuDNN has no other function.
  return cell === 'rnn' || cudnn ? {} : { recurrent_activation: gate };
};

function cellShape(tensors: readonly Tensor[]): { cell: CellKind; inputSize: number; units: number } | undefined {
  const [kernel, recurrent, bias] = tensors;
  const [inputSize = 0, columns = 0] = kernel?.shape ?? [];
  const [units = 0, recurrentColumns] = recurrent?.shape ?? [];
  if (kernel?.shape.length !== 2 || recurrent?.shape.length !== 2 || units === 0) return undefined;
  for (const cell of ['lstm', 'gru'] as const) {
    // Keras 1: W, U, b for each gate.
    const split = tensors.length === 3 * GATES[cell] && units === columns && bias?.shape[0] === units;
    if (split && tensors.every(({ shape }, k) => shape.length === (k % 3 === 2 ? 1 : 2)))
      return { cell, inputSize, units };
  }
  if (tensors.length > 3 || recurrentColumns !== columns || columns % units !== 0) return undefined;
  const cell = (['rnn', 'gru', 'lstm'] as const).find((kind) => GATES[kind] === columns / units);
  const biasSize = bias?.shape.reduce((a, b) => a * b, 1);
  if (cell === undefined || !(biasSize === undefined || biasSize === columns || biasSize === 2 * columns))
    return undefined;
  return { cell, inputSize, units };
}

const isRecurrent = ({ className }: Found): boolean => !['Embedding', 'Dense', 'Layer'].includes(className);

/** Embedding, recurrent layers, dense layers: each where what it takes is what the one before gives. */
function inOrder(found: readonly Found[]): readonly Found[] {
  const embeddings = found.filter(({ className }) => className === 'Embedding');
  const recurrent = chain(found.filter(isRecurrent), embeddings[0]?.outputSize);
  const dense = chain(
    found.filter(({ className }) => className === 'Dense'),
    recurrent.at(-1)?.outputSize,
  );
  const rest = found.filter((layer) => layer.className === 'Layer' && !isScaling(layer));
  // A normalisation may stand before any dense layer: what lies behind it would give other numbers.
  return [...embeddings, ...recurrent, ...found.filter(isScaling), ...dense, ...rest];
}

/** Vectors alone, as a normalisation has. */
const isScaling = ({ className, tensors }: Found): boolean =>
  className === 'Layer' && tensors.every(({ shape }) => shape.length < 2);

const follows = (width: number | undefined, layer: Found): boolean =>
  width === undefined || layer.inputSize === width || (layer.inputSize !== undefined && layer.inputSize * 2 === width);

/** The first order in which each fits; the file's where there is none, or too many layers to try. */
function chain(layers: readonly Found[], width: number | undefined): readonly Found[] {
  if (layers.length > MAX_SEARCHED) return layers;
  function search(left: readonly Found[], before: number | undefined): readonly Found[] | undefined {
    if (left.length === 0) return [];
    for (const layer of left) {
      if (!follows(before, layer)) continue;
      const rest = search(
        left.filter((one) => one !== layer),
        layer.outputSize,
      );
      if (rest) return [layer, ...rest];
    }
    return undefined;
  }
  return search(layers, width) ?? layers;
}

/**
 * The last dense layer's function is left out of a head, but one between two makes other numbers, and most have one: what
 * is behind the stack is run only where it is a single layer.
 */
function untoldFunctions(layers: readonly Found[]): readonly Found[] {
  const behind = layers.findLastIndex(isRecurrent) + 1;
  const last = layers.findLastIndex(({ className }) => className === 'Dense');
  return layers.map((layer, index) =>
    index >= behind && index < last && layer.className === 'Dense'
      ? { ...layer, config: { ...layer.config, activation: NOT_SAID } }
      : layer,
  );
}

/** In place of a function's name: none is called so, and it is named where the layer is not run. */
const NOT_SAID = 'not in the file';

/** Directions are side by side, unless what comes next takes half as much; then they are summed. */
function fittedMerges(layers: readonly Found[]): readonly Found[] {
  return layers.map((layer, index) => {
    const next = layers[index + 1]?.inputSize;
    if (layer.className !== 'Bidirectional' || next === undefined || next * 2 !== layer.outputSize) return layer;
    return { ...layer, config: { ...layer.config, merge_mode: 'sum' } };
  });
}
