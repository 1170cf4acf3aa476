/**
 * RNN, GRU and LSTM within a graph: a node becomes a layer over the stream that it reads, its outputs streams of what
 * the layer shows (https://onnx.ai/onnx/operators/onnx__LSTM.html and its neighbours).
 */
import { GATES } from '../../engine/network';
import type { Squashing } from '../../engine/squashing';
import { GatescopeError } from '../../shared/errors';
import { say } from '../../shared/l10n';
import { damaged, quote, shapeText } from '../errors';
import { sizeOf } from './arrays';
import { readAttributes, type RecurrentAttributes } from './attributes';
import type { Context } from './context';
import { labelOf, type OnnxNode, type RecurrentOp } from './graph';
import type { CellSource, DenseSource, DirectionSource, NodeWeights, Source } from './sources';
import {
  constantOf,
  derived,
  isOpen,
  NotFollowed,
  opaque,
  type Axis,
  type Constant,
  type Stream,
  type Value,
} from './values';

const IN = { x: 0, w: 1, r: 2, b: 3, lengths: 4, hidden: 5, cell: 6, peephole: 7 } as const;
const MOST_UNITS = 100_000;
/** A constant initial state is read to see whether it is zero, if it is no larger. */
const LARGEST_STATE = 1_000_000;

/** @throws NotFollowed, model-damaged, model-unsupported, naming the input or attribute */
export function recurrentOutputs(
  context: Context,
  node: OnnxNode & { readonly op: RecurrentOp },
  number: number,
  inputs: readonly (Value | undefined)[],
): Value[] {
  const { file } = context;
  const label = labelOf(node);
  const x = inputs[IN.x];
  if (x === undefined) throw damaged(file, say`${label} has no input X.`);
  if (x.kind === 'opaque') throw new NotFollowed(say`its input is not known`);
  if (x.kind !== 'stream') throw new NotFollowed(say`its input does not depend on any input of the graph`);
  const below = context.sources.vector(x.columns).sources[0];
  if (below.kind === 'cell' || below.kind === 'softmax') throw new NotFollowed(say`it stands behind ${below.label}`);
  checkBelow(context, below);
  const attributes = attributesOf(file, node, below.layers > 0);
  const { cell, reverses, batchFirst } = attributes;
  const weights = weightsOf(context, label, attributes, inputs);
  const { units, inputSize } = weights;

  const [first, second, features] = x.axes;
  const [time, batch] = batchFirst ? [second, first] : [first, second];
  const symbol = stepsOf(context, x, time);
  if (time === undefined || batch === undefined || features === undefined || x.axes.length !== 3) {
    throw damaged(file, say`${label} reads X of ${x.axes.length} axes; 3 are expected.`);
  }
  if (!isOpen(batch) && batch !== 1) throw new NotFollowed(say`its sequences are cut out of the values of a step`);
  if (isOpen(features)) throw new NotFollowed(say`the number of its inputs is open`);
  if (features !== inputSize) {
    throw damaged(file, say`${label} reads ${features} values a step; its W has ${inputSize} columns.`);
  }
  checkStates(context, label, node, inputs);

  const backwards = x.reversed === symbol;
  if (x.reversed !== undefined && !backwards) throw new NotFollowed(say`its input is reversed along another axis`);
  const common = { width: units, label, layers: below.layers + 1, behind: 0 };
  const directions = reverses.map((reverse, place) =>
    context.sources.add<DirectionSource>({
      ...common,
      kind: 'direction',
      node: number,
      place,
      reverse: reverse !== backwards,
      feed: x.columns,
      weights,
      ...variantOf(attributes, place),
    }),
  );
  context.time = symbol;
  const hidden = joined(context, directions);
  const states = batchFirst ? [batch, reverses.length, units] : [reverses.length, batch, units];
  const y: Stream = {
    kind: 'stream',
    axes: batchFirst ? [batch, time, reverses.length, units] : [time, reverses.length, batch, units],
    columns: hidden,
    reversed: x.reversed,
    picked: undefined,
  };
  const last: Stream = {
    kind: 'stream',
    axes: states,
    columns: hidden,
    reversed: undefined,
    picked: `${label}, its last state`,
  };
  if (cell !== 'lstm') return [y, last];
  const cells = directions.map(() => context.sources.add<CellSource>({ ...common, kind: 'cell' }));
  return [y, last, { ...last, columns: joined(context, cells) }];
}

/** Dense layers in front are put into the layer's weights, or into the table of tokens: then they may have functions. */
function checkBelow(context: Context, below: Source): void {
  let source = below;
  let curved: DenseSource | undefined;
  while (source.kind === 'dense') {
    if (source.activation) curved ??= source;
    [source] = context.sources.vector(source.feed).sources;
  }
  if (curved === undefined || source.kind === 'tokens') return;
  throw new NotFollowed(say`its input goes through ${curved.label}, whose function cannot be put into its weights`, [
    curved.label,
  ]);
}

const joined = (context: Context, sources: readonly Source[]): Int32Array => {
  const parts = sources.map((source) => context.sources.columnsOf(source));
  const whole = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const part of parts) {
    whole.set(part, from);
    from += part.length;
  }
  return whole;
};

/** A node behind others that is of a kind that is not supported ends the trace; the first one's is a refusal. */
function attributesOf(
  file: string,
  node: OnnxNode & { readonly op: RecurrentOp },
  behind: boolean,
): RecurrentAttributes {
  try {
    return readAttributes(file, node);
  } catch (error) {
    if (behind && error instanceof GatescopeError && error.code === 'model-unsupported') {
      throw new NotFollowed(error.message);
    }
    throw error;
  }
}

/** The open axis that the layer walks along. */
function stepsOf(context: Context, x: Stream, time: Axis | undefined): string {
  if (!isOpen(time)) throw new NotFollowed(say`it does not walk along an axis of an input`);
  const [symbol, ...more] = time;
  if (symbol === undefined || more.length > 0) throw new NotFollowed(say`its steps are of several axes at once`);
  if (context.time !== undefined && context.time !== symbol) {
    throw new NotFollowed(say`it walks along another axis than the layers before it`);
  }
  if (x.picked !== undefined) throw new NotFollowed(say`it reads what ${x.picked} gives`);
  return symbol;
}

function weightsOf(
  context: Context,
  label: string,
  { cell, reverses, hiddenSize, gruForm }: RecurrentAttributes,
  inputs: readonly (Value | undefined)[],
): NodeWeights {
  const { file } = context;
  const directions = reverses.length;
  const constant = (place: number, name: string): Constant | undefined => {
    const value = inputs[place];
    if (value === undefined) return undefined;
    if (value.kind === 'constant') return value;
    if (value.kind === 'entries') return constantOf(value, 'float');
    const cause = value.kind === 'opaque' ? ` (${value.causes.join(', ')})` : '';
    throw new NotFollowed(say`its ${name} is not constant${cause}`);
  };
  const [w, r] = [constant(IN.w, 'W'), constant(IN.r, 'R')];
  if (!w || !r) throw damaged(file, say`${label} has no W or no R.`);
  const units = hiddenSize ?? r.shape[2] ?? 0;
  const inputSize = w.shape[2] ?? 0;
  if (!(units >= 1 && units <= MOST_UNITS)) throw damaged(file, say`${label} has ${units} units.`);
  const rows = GATES[cell] * units;
  const checked = (value: Constant | undefined, name: string, shape: readonly number[]): Constant | undefined => {
    if (value && (value.shape.length !== shape.length || value.shape.some((size, axis) => size !== shape[axis]))) {
      const found = `${name} of ${label} (${quote(value.name)}) has the shape ${shapeText(value.shape.slice(0, 8))}`;
      throw damaged(file, say`${found}; ${shapeText(shape)} is expected.`);
    }
    return value;
  };
  checked(w, 'W', [directions, rows, inputSize]);
  checked(r, 'R', [directions, rows, units]);
  return {
    cell,
    gruForm,
    inputSize,
    units,
    w,
    r,
    b: checked(biasOf(context, inputs[IN.b], [directions, 2 * rows]) ?? constant(IN.b, 'B'), 'B', [
      directions,
      2 * rows,
    ]),
    p: cell === 'lstm' ? checked(constant(IN.peephole, 'P'), 'P', [directions, 3 * units]) : undefined,
  };
}

/** Biases that are all alike, zeros for the most part, of whatever shape they were written. */
function biasOf(context: Context, value: Value | undefined, shape: readonly number[]): Constant | undefined {
  if (value?.kind !== 'fill') return undefined;
  return derived(context.limits, [], shape, (out) => out.fill(value.value), 'float');
}

const USUAL: Readonly<Record<RecurrentAttributes['cell'], readonly string[]>> = {
  rnn: ['tanh'],
  gru: ['sigmoid', 'tanh'],
  lstm: ['sigmoid', 'tanh', 'tanh'],
};

/** Only what differs from the usual cell: the fast kernels know no variant. */
function variantOf(
  { cell, squashings, clip, coupled }: RecurrentAttributes,
  place: number,
): Pick<DirectionSource, 'activation' | 'variant'> {
  const own: readonly Squashing[] = squashings[place] ?? [];
  const relu = cell === 'rnn' && own[0]?.name === 'relu';
  const usual = relu || own.every(({ name }, k) => name === USUAL[cell][k]);
  return {
    activation: relu ? 'relu' : 'tanh',
    variant: { ...(!usual && { squashings: own }), ...(coupled && { coupled }), ...(clip !== undefined && { clip }) },
  };
}

/** Initial states and lengths: what is not zero and not everything is said, for a text begins from zeros. */
function checkStates(context: Context, label: string, node: OnnxNode, inputs: readonly (Value | undefined)[]): void {
  const places = node.op === 'LSTM' ? ([IN.hidden, IN.cell] as const) : ([IN.hidden] as const);
  for (const place of places) {
    const value = inputs[place];
    const what = `The initial ${place === IN.hidden ? 'hidden' : 'cell'} state of ${label}`;
    if (value === undefined) continue;
    if (value.kind === 'stream') {
      const [source] = context.sources.among(value.columns);
      if (source?.kind !== 'raw') throw new NotFollowed(say`it begins from the state of ${source?.label ?? 'another'}`);
      context.warn(say`${what} is the input ${quote(source.input)} of the graph; zeros are used.`);
    } else if (value.kind === 'opaque') {
      if (value.reach.some((column) => context.sources.of(column).layers > 0)) {
        throw new NotFollowed(say`it begins from the state of another layer`);
      }
      context.warn(say`${what} is made by ${value.causes.join(', ')}; zeros are used.`);
    } else if (!isZero(context, value)) {
      const name = value.kind === 'constant' && value.name !== '' ? ` (${quote(value.name)})` : '';
      context.warn(say`${what}${name} is not zero in the file; zeros are used, so that the first steps differ.`);
    }
  }
  const lengths = inputs[IN.lengths];
  if (lengths?.kind === 'entries' && lengths.entries.every((entry) => typeof entry === 'number')) {
    context.warn(say`${label} is told its sequences' lengths by a constant; every step is shown.`);
  }
}

function isZero(context: Context, value: Exclude<Value, Stream>): boolean {
  if (value.kind === 'fill') return value.value === 0;
  if (value.kind === 'entries') return value.entries.every((entry) => entry === 0);
  return (
    value.kind === 'constant' && sizeOf(value.shape) <= LARGEST_STATE && context.read(value).every((one) => one === 0)
  );
}

/** What a node of which no output is known gives. */
export const unknownOutputs = (
  node: OnnxNode,
  causes: readonly string[],
  inputs: readonly (Value | undefined)[],
): Value[] => new Array<Value>(node.outputs.length).fill(opaque(causes, inputs));
