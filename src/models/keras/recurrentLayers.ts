/** A recurrent layer of Keras with what is around its cells: both directions, stacks of cells, layers that go backwards. */
import type { LayerWeights } from '../../engine/network';
import type { Merge, RecurrentLayer, SequenceDirection } from '../../engine/sequence';
import { damaged, quote } from '../errors';
import { say } from '../../shared/l10n';
import type { Tensor } from '../tensors';
import { cellOf, readCell } from './cells';
import { layerText, wrapped, wrappedList, type KerasLayer } from './config';
import { NotRun } from './notRun';
import type { TensorReader } from './tensors';

export interface RecurrentContext {
  /** For people: the path or name of the file. */
  readonly file: string;
  readonly reader: TensorReader;
  /** Version of Keras: 1, 2 or 3. */
  readonly major: number;
  /** Whether what the layer is given runs from the last step to the first: behind a layer that goes backwards. */
  readonly backwards: boolean;
}

export interface RecurrentPart {
  /** At least one; several of stacked cells. */
  readonly layers: readonly RecurrentLayer[];
  /** Whether what the layer gives runs from the last step to the first. */
  readonly backwards: boolean;
}

const MERGES: Readonly<Record<string, Merge | undefined>> = {
  concat: 'concat',
  sum: 'sum',
  ave: 'average',
  mul: 'multiply',
};

export const isRecurrent = ({ className }: KerasLayer): boolean =>
  cellOf(className) !== undefined || className === 'RNN' || className === 'Bidirectional';

/** @throws model-damaged, model-unsupported, NotRun */
export const readRecurrent = (
  context: RecurrentContext,
  layer: KerasLayer,
  tensors: readonly Tensor[],
): RecurrentPart =>
  layer.className === 'Bidirectional' ? bidirectional(context, layer, tensors) : oneDirection(context, layer, tensors);

/** Keras writes a layer that goes backwards from its first step, the text's last, on; so must what comes after it. */
function oneDirection(context: RecurrentContext, layer: KerasLayer, tensors: readonly Tensor[]): RecurrentPart {
  const reverse = context.backwards !== (layer.config['go_backwards'] === true);
  const cells = cellsOf(context.file, layer);
  const each = tensors.length / cells.length;
  if (!Number.isInteger(each)) {
    throw damaged(context.file, say`${layerText(layer)} has ${tensors.length} tensors.`);
  }
  const layers = cells.map((cell, index): RecurrentLayer => {
    const weights = weightsOf(context, cell, tensors.slice(index * each, (index + 1) * each));
    return { directions: [{ reverse, weights }], merge: 'concat' };
  });
  for (const [index, above] of layers.slice(1).entries()) {
    const given = layers[index]?.directions[0]?.weights.units;
    const taken = above.directions[0]?.weights.inputSize;
    if (given === taken) continue;
    throw damaged(context.file, say`A cell of ${layerText(layer)} takes ${String(taken)} values of ${String(given)}.`);
  }
  return { layers, backwards: reverse };
}

function bidirectional(context: RecurrentContext, layer: KerasLayer, tensors: readonly Tensor[]): RecurrentPart {
  const { file } = context;
  const forward = wrapped(file, layer, 'layer');
  const backward = wrapped(file, layer, 'backward_layer') ?? forward;
  if (forward === undefined || backward === undefined)
    throw damaged(file, say`${layerText(layer)} has no layer inside.`);
  const mode = layer.config['merge_mode'];
  const merge = MERGES[typeof mode === 'string' ? mode : mode === undefined ? 'concat' : ''];
  if (merge === undefined) throw new NotRun(say`${layerText(layer)} with the merge_mode ${quote(mode)}`);
  const half = tensors.length / 2;
  if (!Number.isInteger(half)) throw damaged(file, say`${layerText(layer)} has ${tensors.length} tensors.`);
  const backwards = context.backwards !== (forward.config['go_backwards'] === true);
  const direction = (inner: KerasLayer, reverse: boolean, own: readonly Tensor[]): SequenceDirection => {
    const [cell, ...more] = cellsOf(file, inner);
    if (cell === undefined || more.length > 0) throw new NotRun(say`${layerText(layer)} of stacked cells`);
    return { reverse, weights: weightsOf(context, { ...cell, name: layer.name }, own) };
  };
  const directions = [
    direction(forward, backwards, tensors.slice(0, half)),
    direction(backward, !backwards, tensors.slice(half)),
  ];
  const [one, two] = directions.map(({ weights }) => weights);
  if (one?.inputSize !== two?.inputSize || (merge !== 'concat' && one?.units !== two?.units)) {
    throw damaged(file, say`The directions of ${layerText(layer)} do not fit each other.`);
  }
  return { layers: [{ directions, merge }], backwards };
}

/** The cells of a layer, from the first to the last: of a stack, several. */
function cellsOf(file: string, layer: KerasLayer): readonly KerasLayer[] {
  if (layer.className !== 'RNN') return [layer];
  const cells = listed(file, layer);
  const odd = cells.find(({ className }) => cellOf(className) === undefined);
  if (odd || cells.length === 0) throw new NotRun(say`${layerText(layer)} of the cell ${quote(odd?.className)}`);
  return cells.map((one) => ({ ...one, name: layer.name }));
}

/** `cell` of an RNN is a cell, a list of cells, or a stack of them. */
function listed(file: string, layer: KerasLayer): readonly KerasLayer[] {
  const cell = Array.isArray(layer.config['cell']) ? undefined : wrapped(file, layer, 'cell');
  if (cell === undefined) return wrappedList(file, layer, 'cell');
  return cell.className === 'StackedRNNCells' ? wrappedList(file, cell, 'cells') : [cell];
}

const weightsOf = (
  { file, reader, major }: RecurrentContext,
  cell: KerasLayer,
  tensors: readonly Tensor[],
): LayerWeights => readCell(file, cell, tensors, reader, major);

/** Values that a layer gives a step. */
export function widthOf({ directions, merge }: RecurrentLayer): number {
  const units = directions.map(({ weights }) => weights.units);
  return merge === 'concat' ? units.reduce((a, b) => a + b, 0) : (units[0] ?? 0);
}
