/**
 * Finds a recurrent stack among tensors by the parameter names of PyTorch's nn.LSTM, nn.GRU and nn.RNN
 * (https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html): `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`,
 * `bias_hh_l0`, then `_l1` …, behind any prefix. What cannot be traced is refused by its name.
 */
import { GATES, type LayerWeights } from '../engine/network';
import type { CellKind } from '../shared/signals';
import { damaged, quote, quoteSome, shapeText, unsupported } from './errors';
import type { Tensor, TensorFile } from './tensors';

/** A layer's tensors before they are read. */
export interface StackLayer {
  readonly cell: CellKind;
  readonly units: number;
  readonly inputSize: number;
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | undefined;
  readonly biasHh: Tensor | undefined;
}

type Part = 'weight_ih' | 'weight_hh' | 'weight_hr' | 'bias_ih' | 'bias_hh';

interface StackName {
  readonly prefix: string;
  readonly part: Part;
  readonly layer: number;
  readonly reverse: boolean;
}

const NAME =
  /^(?<prefix>|.*\.)(?<part>weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)_l(?<layer>\d{1,3})(?<reverse>_reverse)?$/su;

const CELLS: readonly CellKind[] = ['lstm', 'gru', 'rnn'];

const isCell = (name: string): name is CellKind => CELLS.some((kind) => kind === name);

function stackName(name: string): StackName | undefined {
  const groups = NAME.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const { prefix = '', part, layer, reverse } = groups;
  return { prefix, part: part as Part, layer: Number(layer), reverse: reverse !== undefined };
}

/** @throws model-unsupported, model-damaged */
export function findStack(source: TensorFile): readonly StackLayer[] {
  const { file, tensors } = source;
  const names = [...tensors.keys()];
  const parts = names.flatMap((name) => {
    const parsed = stackName(name);
    return parsed ? [{ ...parsed, name }] : [];
  });
  if (parts.length === 0) {
    const what =
      names.length === 0 ? 'It holds no tensors.' : `It holds no recurrent layer: its tensors are ${quoteSome(names)}.`;
    throw unsupported(file, what, "Tensors are found by PyTorch's names, such as weight_ih_l0 and weight_hh_l0.");
  }
  const prefixes = [...new Set(parts.map(({ prefix }) => prefix))];
  if (prefixes.length > 1) {
    const what = `It holds ${String(prefixes.length)} recurrent stacks, ${quoteSome(prefixes)}.`;
    throw unsupported(file, what, 'One stack is supported.');
  }
  const reverse = parts.find((part) => part.reverse);
  if (reverse) {
    throw unsupported(
      file,
      `${quote(reverse.name)} belongs to a bidirectional stack.`,
      'Forward layers are supported.',
    );
  }
  const projection = parts.find(({ part }) => part === 'weight_hr');
  if (projection) {
    throw unsupported(
      file,
      `${quote(projection.name)} is a projection (proj_size).`,
      'LSTM layers without one are supported.',
    );
  }
  const [prefix = ''] = prefixes;
  const count = 1 + parts.reduce((most, { layer }) => Math.max(most, layer), 0);
  return Array.from({ length: count }, (_, layer) => findLayer(source, prefix, layer));
}

function findLayer({ file, tensors, metadata }: TensorFile, prefix: string, layer: number): StackLayer {
  const find = (part: Part): Tensor | undefined => tensors.get(`${prefix}${part}_l${String(layer)}`);
  const need = (part: Part): Tensor => {
    const tensor = find(part);
    if (tensor === undefined) throw damaged(file, `Tensor ${quote(`${prefix}${part}_l${String(layer)}`)} is missing.`);
    return tensor;
  };
  const weightIh = need('weight_ih');
  const weightHh = need('weight_hh');
  const [rows = 0, units = 0] = weightHh.shape;
  const [, inputSize = 0] = weightIh.shape;
  if (units === 0 || rows % units !== 0) {
    throw damaged(
      file,
      `Tensor ${quote(weightHh.name)} has the shape ${shapeText(weightHh.shape)}; ` +
        'its rows must be a multiple of its columns, the units.',
    );
  }
  const cell = cellOf(file, weightHh, rows / units, metadata['architecture']);
  const found = { cell, units, inputSize, weightIh, weightHh, biasIh: find('bias_ih'), biasHh: find('bias_hh') };
  expectShape(file, weightIh, [rows, inputSize]);
  expectShape(file, weightHh, [rows, units]);
  if (inputSize === 0) throw damaged(file, `Tensor ${quote(weightIh.name)} has no columns, so that there is no input.`);
  for (const bias of [found.biasIh, found.biasHh]) if (bias) expectShape(file, bias, [rows]);
  return found;
}

/** What the file says it is, and what its shapes say, must agree. */
function cellOf(file: string, weightHh: Tensor, gates: number, architecture: string | undefined): CellKind {
  const said = architecture?.toLowerCase();
  if (said !== undefined && !isCell(said)) {
    throw unsupported(
      file,
      `Its metadata names the architecture ${quote(architecture)}.`,
      'lstm, gru and rnn are supported.',
    );
  }
  const cell = said ?? CELLS.find((kind) => GATES[kind] === gates) ?? 'rnn';
  if (gates !== GATES[cell]) {
    throw damaged(
      file,
      `Tensor ${quote(weightHh.name)} has ${String(gates)} rows a unit; ` +
        `${said === undefined ? 'an LSTM has 4, a GRU 3, a SimpleRNN 1' : `${quote(architecture)} has ${String(GATES[cell])}`}.`,
    );
  }
  return cell;
}

/** @throws model-damaged, naming the tensor, the shape found and the one expected */
export function expectShape(file: string, tensor: Tensor, expected: readonly number[]): void {
  const { name, shape } = tensor;
  if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis])) {
    throw damaged(file, `Tensor ${quote(name)} has the shape ${shapeText(shape)}; ${shapeText(expected)} is expected.`);
  }
}

/** @param read decodes a tensor */
export const readLayer = (
  { cell, units, inputSize, weightIh, weightHh, biasIh, biasHh }: StackLayer,
  activation: 'tanh' | 'relu',
  read: (tensor: Tensor) => Float32Array,
): LayerWeights => ({
  cell,
  activation,
  inputSize,
  units,
  weightIh: read(weightIh),
  weightHh: read(weightHh),
  biasIh: biasIh && read(biasIh),
  biasHh: biasHh && read(biasHh),
});
