/**
 * The recurrent stack of a file with PyTorch's names: which of several is run, its layers and directions with their
 * tensors, and that their shapes agree.
 */
import { GATES, type CellVariant, type LayerWeights } from '../engine/network';
import type { RecurrentLayer } from '../engine/sequence';
import type { CellKind } from '../shared/signals';
import { damaged, quote, quoteSome, shapeText, unsupported } from './errors';
import { say, type Text } from '../shared/l10n';
import { LIMITS } from './limits';
import { findGroups, naturally, parameterName, type Part, type StackGroup } from './stackNames';
import { countOf, type Tensor, type TensorFile } from './tensors';

/** One direction's tensors before they are read. */
export interface Direction {
  readonly cell: CellKind;
  readonly activation: 'tanh' | 'relu';
  readonly reverse: boolean;
  readonly units: number;
  readonly inputSize: number;
  /** Values of its hidden state. */
  readonly hidden: number;
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly weightHr: Tensor | undefined;
  readonly biasIh: Tensor | undefined;
  readonly biasHh: Tensor | undefined;
}

export interface StackLayer {
  readonly directions: readonly Direction[];
  readonly inputSize: number;
  /** Values that it gives to the layer above. */
  readonly width: number;
}

export interface Stack {
  readonly groups: readonly StackGroup[];
  /** Stacks that are left out. */
  readonly others: readonly StackGroup[];
  readonly layers: readonly StackLayer[];
  readonly inputSize: number;
  readonly width: number;
  readonly warnings: readonly Text[];
}

export const CELL_NAMES: Readonly<Record<CellKind, string>> = { lstm: 'LSTM', gru: 'GRU', rnn: 'SimpleRNN' };

const CELLS: readonly CellKind[] = ['lstm', 'gru', 'rnn'];

const isCell = (name: string): name is CellKind => CELLS.some((kind) => kind === name);

const ENCODER = /(?:^|[._])(?:\w*enc(?:oder)?|src|source)\d*(?:[._]|$)/iu;
const DECODER = /(?:^|[._])(?:\w*dec(?:oder)?|tgt|target|trg|gen|generator)\d*(?:[._]|$)/iu;

/** @throws model-unsupported where there is none or too much of it; model-damaged where shapes disagree */
export function findStack(source: TensorFile): Stack {
  const { file, tensors, ordered } = source;
  const names = [...tensors.keys()];
  const groups = findGroups(names, ordered);
  if (groups.length > LIMITS.stacks) {
    const what = say`It holds ${groups.length} recurrent stacks.`;
    throw unsupported(file, what, say`At most ${LIMITS.stacks} are looked at.`);
  }
  const first = firstOf(source, groups);
  if (first === undefined && names.some((name) => /(?:zero_point|_packed_params.*)$/su.test(name))) {
    throw unsupported(file, say`Its weights are quantised.`, say`Save the model as it is before quantisation.`);
  }
  if (first === undefined) {
    const what =
      names.length === 0
        ? say`It holds no tensors.`
        : say`It holds no recurrent layer: its tensors are ${quoteSome(names)}.`;
    throw unsupported(file, what, say`Tensors are found by PyTorch's names, such as weight_ih_l0 and weight_hh_l0.`);
  }
  const chosen = [first];
  const layers = [...layersOf(source, first)];
  const warnings: Text[] = [];
  for (;;) {
    const below = chosen.at(-1) ?? first;
    const next = groups.find((group) => !chosen.includes(group) && feeds(source, below, group));
    if (next === undefined) break;
    const more = layersOf(source, next);
    if (layers.length + more.length > LIMITS.layers) throw tooDeep(file, layers.length + more.length);
    layers.push(...more);
    chosen.push(next);
  }
  const { inputSize = 0 } = layers[0] ?? {};
  const { width = 0 } = layers.at(-1) ?? {};
  const others = groups.filter((group) => !chosen.includes(group));
  if (others.length > 0) {
    const named = quoteSome(others.map(({ prefix }) => prefix.replace(/\.$/u, '')));
    warnings.push(
      say`It holds ${groups.length} recurrent stacks; ${quote(first.prefix.replace(/\.$/u, ''))} is run, ${named} not.`,
    );
  }
  const untold = layers.some(({ directions }) => directions.some(({ cell }) => cell === 'rnn'));
  if (untold && nonlinearityOf(source, first) === undefined) {
    warnings.push(say`It does not say whether its SimpleRNN uses tanh or relu; tanh is taken.`);
  }
  return { groups: chosen, others, layers, inputSize, width, warnings };
}

const tooDeep = (file: string, layers: number): Error =>
  unsupported(file, say`Its stack has ${layers} layers.`, say`At most ${LIMITS.layers} are supported.`);

const withoutDigits = (name: string): string => name.replace(/\d+/gu, '');

const parentOf = (prefix: string): string => prefix.replace(/[^.]*\.$/u, '');

const hasRole = ({ prefix }: StackGroup): boolean => ENCODER.test(prefix) || DECODER.test(prefix);

/** The stack that the input reaches: an encoder, else the first; where the order is lost, one that none other feeds. */
function firstOf(source: TensorFile, groups: readonly StackGroup[]): StackGroup | undefined {
  const encoder = groups.find(({ prefix }) => ENCODER.test(prefix));
  const others = groups.filter(({ prefix }) => !DECODER.test(prefix));
  const fed = (group: StackGroup): boolean => others.some((other) => other !== group && feeds(source, other, group));
  return encoder ?? (source.ordered ? undefined : others.find((group) => !fed(group))) ?? others[0] ?? groups[0];
}

/** Values that a stack of that group takes and gives, by its shapes alone. */
function sizesOf({ tensors }: TensorFile, group: StackGroup): { readonly inputSize: number; readonly width: number } {
  const top = group.layers - 1;
  const hidden = tensors.get(parameterName(group, 'weight_hh', top, false))?.shape[1] ?? NaN;
  const inputSize = tensors.get(parameterName(group, 'weight_ih', 0, false))?.shape[1] ?? NaN;
  return { inputSize, width: hidden * (group.bidirectional ? 2 : 1) };
}

/**
 * Whether `group` reads what `below` gives: `lstm1`, `lstm2` and `cells.0`, `cells.1` are numbered, others must lie side
 * by side, fit only this way round, and be no encoder and decoder.
 */
function feeds(source: TensorFile, below: StackGroup, group: StackGroup): boolean {
  const [from, to] = [sizesOf(source, below), sizesOf(source, group)];
  if (from.width !== to.inputSize) return false;
  if (withoutDigits(below.prefix) === withoutDigits(group.prefix)) return naturally(below.prefix, group.prefix) < 0;
  if (hasRole(below) || hasRole(group) || parentOf(below.prefix) !== parentOf(group.prefix)) return false;
  return from.width !== from.inputSize && to.width !== from.inputSize;
}

function layersOf(source: TensorFile, group: StackGroup): readonly StackLayer[] {
  const { file } = source;
  if (group.layers > LIMITS.layers) {
    // A number beyond all others is a gap rather than a tall stack: what is missing is named first.
    findDirection(source, group, 1, false);
    throw tooDeep(file, group.layers);
  }
  let below: StackLayer | undefined;
  return Array.from({ length: group.layers }, (_, index) => {
    const directions = (group.bidirectional ? [false, true] : [false]).map((reverse) =>
      findDirection(source, group, index, reverse),
    );
    const [first] = directions;
    if (first === undefined) throw damaged(file, say`It has no layers.`);
    for (const { weightIh } of directions) {
      expectShape(file, weightIh, [weightIh.shape[0] ?? 0, below?.width ?? first.inputSize]);
    }
    const width = directions.reduce((sum, { hidden }) => sum + hidden, 0);
    below = { directions, inputSize: first.inputSize, width };
    return below;
  });
}

function findDirection(source: TensorFile, group: StackGroup, layer: number, reverse: boolean): Direction {
  const { file, tensors } = source;
  const find = (part: Part): Tensor | undefined => {
    const tensor = tensors.get(parameterName(group, part, layer, reverse));
    // Quantised, sparse, of integers: reading says which.
    if (tensor?.floating === false) tensor.read();
    return tensor;
  };
  const need = (part: Part): Tensor => {
    const tensor = find(part);
    if (tensor) return tensor;
    throw damaged(file, say`Tensor ${quote(parameterName(group, part, layer, reverse))} is missing.`);
  };
  const weightIh = need('weight_ih');
  const weightHh = need('weight_hh');
  const weightHr = find('weight_hr');
  const [rows = 0, hidden = 0] = weightHh.shape;
  const [, inputSize = 0] = weightIh.shape;
  const units = weightHr ? (weightHr.shape[1] ?? 0) : hidden;
  if (units === 0 || hidden === 0 || rows % units !== 0) {
    throw damaged(
      file,
      say`Tensor ${quote(weightHh.name)} has the shape ${shapeText(weightHh.shape)}; its rows must be a multiple of
        its columns, the units.`,
    );
  }
  const cell = cellOf(source, group, weightHh, rows / units);
  expectShape(file, weightIh, [rows, inputSize]);
  expectShape(file, weightHh, [rows, hidden]);
  if (weightHr) {
    if (cell !== 'lstm') {
      throw damaged(file, say`Tensor ${quote(weightHr.name)} is a projection, which only an LSTM has.`);
    }
    expectShape(file, weightHr, [hidden, units]);
  }
  if (inputSize === 0)
    throw damaged(file, say`Tensor ${quote(weightIh.name)} has no columns, so that there is no input.`);
  const [biasIh, biasHh] = [find('bias_ih'), find('bias_hh')];
  for (const bias of [biasIh, biasHh]) if (bias) expectShape(file, bias, [rows]);
  const activation = activationOf(source, group, cell);
  return { cell, activation, reverse, units, inputSize, hidden, weightIh, weightHh, weightHr, biasIh, biasHh };
}

/** What the file says it is, and what its shapes say, must agree. */
function cellOf({ file, metadata, modules }: TensorFile, group: StackGroup, weightHh: Tensor, gates: number): CellKind {
  // A pickled module or a checkpoint has its shapes alone: what it calls its architecture is free text.
  const { architecture } = modules.size > 0 ? {} : (metadata as { architecture?: string });
  const said = architecture?.toLowerCase();
  if (said !== undefined && !isCell(said)) {
    throw unsupported(
      file,
      say`Its metadata names the architecture ${quote(architecture)}.`,
      say`lstm, gru and rnn are supported.`,
    );
  }
  const cell = said ?? CELLS.find((kind) => GATES[kind] === gates) ?? 'rnn';
  if (gates !== GATES[cell]) {
    throw damaged(
      file,
      say`Tensor ${quote(weightHh.name)} of ${quote(group.prefix)} has ${gates} rows a unit;
        ${said === undefined ? say`an LSTM has 4, a GRU 3, a SimpleRNN 1` : say`${quote(architecture)} has ${GATES[cell]}`}.`,
    );
  }
  return cell;
}

/** Of a SimpleRNN: as its pickled module has it, else as the file's notes. */
function nonlinearityOf({ metadata, modules }: TensorFile, { prefix }: StackGroup): string | undefined {
  const attributes = modules.get(prefix.replace(/\.$/u, ''))?.attributes;
  const said = attributes?.get('nonlinearity') ?? attributes?.get('mode') ?? metadata['nonlinearity'];
  return typeof said === 'string' ? said.toLowerCase().replace(/^rnn_/u, '') : undefined;
}

function activationOf(source: TensorFile, group: StackGroup, cell: CellKind): 'tanh' | 'relu' {
  // A module of another kind has its mode too: "LSTM".
  const own = source.modules.size > 0 && cell !== 'rnn' ? undefined : nonlinearityOf(source, group);
  const nonlinearity = own ?? 'tanh';
  if (nonlinearity === 'tanh' || (nonlinearity === 'relu' && cell === 'rnn')) return nonlinearity;
  const what = say`Its metadata names the nonlinearity ${quote(nonlinearity)} for ${cell === 'lstm' ? 'an' : 'a'}
    ${CELL_NAMES[cell]}.`;
  throw unsupported(source.file, what, cell === 'rnn' ? say`tanh and relu are supported.` : say`tanh is supported.`);
}

/** @throws model-damaged, naming the tensor, the shape found and the one expected */
export function expectShape(file: string, tensor: Tensor, expected: readonly number[]): void {
  const { name, shape } = tensor;
  if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis])) {
    throw damaged(
      file,
      say`Tensor ${quote(name)} has the shape ${shapeText(shape)}; ${shapeText(expected)} is expected.`,
    );
  }
}

export const tensorsOf = ({ directions }: StackLayer): readonly Tensor[] =>
  directions.flatMap(({ weightIh, weightHh, weightHr, biasIh, biasHh }) =>
    [weightIh, weightHh, weightHr, biasIh, biasHh].filter((tensor) => tensor !== undefined),
  );

/** @param read decodes a tensor; it is called each time that a weight is asked for */
export const recurrentLayer = ({ directions }: StackLayer, read: (tensor: Tensor) => Float32Array): RecurrentLayer => ({
  merge: 'concat',
  directions: directions.map((direction) => ({ reverse: direction.reverse, weights: weightsOf(direction, read) })),
});

function weightsOf(direction: Direction, read: (tensor: Tensor) => Float32Array): LayerWeights {
  const { cell, activation, inputSize, units, weightIh, weightHh, weightHr, biasIh, biasHh } = direction;
  return {
    cell,
    activation,
    // PyTorch's only form.
    ...(cell === 'gru' && { gruForm: 'resetAfter' }),
    inputSize,
    units,
    get weightIh() {
      return read(weightIh);
    },
    get weightHh() {
      return read(weightHh);
    },
    get biasIh() {
      return biasIh && read(biasIh);
    },
    get biasHh() {
      return biasHh && read(biasHh);
    },
    ...(weightHr && { variant: projectionOf(weightHr, read) }),
  };
}

/** Asked for often, for its length: read once. */
function projectionOf(weightHr: Tensor, read: (tensor: Tensor) => Float32Array): CellVariant {
  let values: Float32Array | undefined;
  return {
    get projection() {
      values ??= read(weightHr);
      return values;
    },
  };
}

/** For people: `LSTM "decoder.lstm"`. */
export function groupName(source: TensorFile, group: StackGroup): string {
  const name = group.prefix.replace(/\.$/u, '');
  const weight = source.tensors.get(parameterName(group, 'weight_hh', 0, false));
  const [rows = 0, columns = 1] = weight?.shape ?? [];
  const cell = CELLS.find((kind) => GATES[kind] === rows / columns);
  return `${cell ? CELL_NAMES[cell] : 'recurrent layer'} ${quote(name)}`;
}

export const valuesOf = (layers: readonly StackLayer[]): number =>
  layers.flatMap(tensorsOf).reduce((sum, tensor) => sum + countOf(tensor), 0);
