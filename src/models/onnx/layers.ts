/** Functions behind dense layers, and operators on two values: a bias, a scale, the sum of two directions. */
import { squashing, type SquashingName } from '../../engine/squashing';
import { sizeOf } from './arrays';
import { pairOf } from './arithmetic';
import { need, type Context, type NodeView, type Operator } from './context';
import { rowOf, withColumns, linearWhole, closedAxis, diagonalSource, affine, vectorOf } from './dense';
import { oneHotOfEqual } from './lookup';
import { sameAxes } from './shaped';
import type { DenseSource, MergeSource, SoftmaxSource, Source } from './sources';
import { axisOf, closedShape, derived, isOpen, NotFollowed, type Constant, type Stream, type Value } from './values';
import { say } from '../../shared/l10n';

/** Add, Sub, Mul, Div and comparisons. */
export const pair: Operator = (context, node, inputs) => {
  const [a, b] = [need(node, inputs, 0), need(node, inputs, 1)];
  if (a.kind === 'opaque' || b.kind === 'opaque') throw new NotFollowed(say`it joins what is not known`);
  const { op } = node.node;
  if (a.kind === 'stream' && b.kind === 'stream') return [merged(context, node, a, b)];
  if (a.kind !== 'stream' && b.kind !== 'stream') return [pairOf(context, node, a, b)];
  const stream = a.kind === 'stream' ? a : b.kind === 'stream' ? b : undefined;
  const other = a.kind === 'stream' ? b : a;
  if (stream === undefined) throw new NotFollowed(say`it joins what is not known`);
  if (op === 'Equal') return [oneHotOfEqual(context, node, stream, other)];
  return [withConstant(context, node, stream, other, a.kind === 'stream')];
};

function withConstant(context: Context, node: NodeView, stream: Stream, other: Value, first: boolean): Stream {
  const { op } = node.node;
  const axis = closedAxis(stream);
  const width = stream.columns.length;
  const size = other.kind === 'constant' || other.kind === 'entries' ? sizeOf(other.shape) : 1;
  if (size > 1 && (axis < 0 || axis !== stream.axes.length - 1))
    throw new NotFollowed(say`its constant is not one value for each column`);
  const constant = vectorOf(context, other, width);
  const each = (of: (value: number) => number): Constant =>
    derived(
      context.limits,
      [constant],
      [width],
      (out, [data]) => data?.forEach((value, k) => (out[k] = of(value))),
      'float',
    );
  switch (op) {
    case 'Add':
      return affine(context, node, stream, undefined, constant);
    case 'Sub':
      return first
        ? affine(
            context,
            node,
            stream,
            undefined,
            each((value) => -value),
          )
        : affine(
            context,
            node,
            stream,
            each(() => -1),
            constant,
          );
    case 'Mul':
      return halved(context, stream, constant, (value) => value) ?? affine(context, node, stream, constant, undefined);
    case 'Div':
      if (first) {
        const half = halved(context, stream, constant, (value) => 1 / value);
        return (
          half ??
          affine(
            context,
            node,
            stream,
            each((value) => 1 / value),
            undefined,
          )
        );
      }
      break;
    default:
  }
  throw new NotFollowed(say`it is not among the layers that are known`);
}

/** The sum of two directions times a half is their average. */
function halved(context: Context, stream: Stream, factor: Constant, of: (value: number) => number): Stream | undefined {
  const { sources, columns } = context.sources.vector(stream.columns);
  const [source] = sources;
  if (source.kind !== 'merge' || source.merge !== 'sum' || columns) return undefined;
  if (!context.read(factor).every((value) => of(value) === 0.5)) return undefined;
  const average = context.sources.add<MergeSource>({ ...source, merge: 'average' });
  return withColumns(context, stream, average, stream.axes);
}

/** Both directions of a layer in one; any other sum of two streams is no Model's. */
function merged(context: Context, node: NodeView, a: Stream, b: Stream): Stream {
  const { op } = node.node;
  const merge = op === 'Add' ? 'sum' : op === 'Mul' ? 'multiply' : undefined;
  const both = Int32Array.of(...[a, b].flatMap(({ columns }) => [context.sources.of(columns[0] ?? 0).first]));
  const [x, y] = [...both].map((column) => context.sources.of(column));
  const whole = (stream: Stream, source: Source | undefined): boolean =>
    source?.kind === 'direction' &&
    source.width === stream.columns.length &&
    stream.columns.every((column, k) => column === source.first + k);
  if (!merge || !x || !y || x === y || !whole(a, x) || !whole(b, y) || !sameAxes(context, a.axes, b.axes)) {
    throw new NotFollowed(say`it joins two streams`);
  }
  if (a.reversed !== b.reversed) throw new NotFollowed(say`it joins steps in two orders`);
  const feed = new Int32Array(a.columns.length * 2);
  feed.set(a.columns);
  feed.set(b.columns, a.columns.length);
  const { sources, columns } = context.sources.vector(feed);
  if (sources.length !== 2 || (columns && columns[0] !== x.width)) throw new NotFollowed(say`it joins two streams`);
  const source = context.sources.add<MergeSource>({
    kind: 'merge',
    merge,
    feed,
    width: x.width,
    label: node.label,
    layers: x.layers,
    behind: x.behind,
  });
  return { ...withColumns(context, a, source, a.axes), picked: a.picked ?? b.picked };
}

/** By operator; attributes as ONNX's operator of that name has them by default. */
const ACTIVATIONS: Readonly<Record<string, SquashingName>> = {
  Relu: 'relu',
  Tanh: 'tanh',
  Sigmoid: 'sigmoid',
  LeakyRelu: 'leakyRelu',
  Elu: 'elu',
  HardSigmoid: 'hardSigmoid',
  ThresholdedRelu: 'thresholdedRelu',
  Softplus: 'softplus',
  Softsign: 'softsign',
};

const activation: Operator = (context, node, inputs) => {
  const stream = need(node, inputs, 0);
  const name = ACTIVATIONS[node.node.op];
  if (stream.kind !== 'stream' || name === undefined) throw new NotFollowed(say`it is not of a step of a sequence`);
  const f = squashing(name, node.get('alpha', 'FLOAT'), node.get('beta', 'FLOAT'));
  const linear = linearWhole(context, stream);
  const source = linear
    ? context.sources.add<DenseSource>({ ...linear, activation: f })
    : diagonalSource(context, node, rowOf(context, stream, closedAxis(stream)), undefined, undefined, f);
  return [withColumns(context, stream, source, stream.axes)];
};

const softmax: Operator = (context, node, inputs) => {
  const stream = need(node, inputs, 0);
  if (stream.kind !== 'stream') throw new NotFollowed(say`it is not of a step of a sequence`);
  const old = context.opset < 13;
  const axis = axisOf(node.int('axis', old ? 1 : -1), stream.axes.length, (what) => node.damaged(what));
  // Before set 13 all axes from this one on are one.
  const over = old ? stream.axes.slice(axis) : [stream.axes[axis] ?? 1];
  if (over.some((size) => isOpen(size)) || sizeOf(closedShape(over)) !== stream.columns.length) {
    throw new NotFollowed(say`it does not go over all values of a step`);
  }
  const row = rowOf(context, stream, closedAxis(stream));
  const source = context.sources.add<SoftmaxSource>({
    kind: 'softmax',
    label: node.label,
    ...row,
    width: row.feed.length,
  });
  return [withColumns(context, stream, source, stream.axes)];
};

/** Log of a softmax is a log-softmax. */
const log: Operator = (context, node, inputs) => {
  const stream = need(node, inputs, 0);
  if (stream.kind === 'stream' && context.sources.of(stream.columns[0] ?? 0).kind === 'softmax') return [stream];
  throw new NotFollowed(say`it is not among the layers that are known`);
};

/** Operators that look at what a model gives: behind a head they take nothing from it. */
export const ENDS: ReadonlySet<string> = new Set([
  'ArgMax',
  'ArgMin',
  'TopK',
  'Multinomial',
  'ReduceMax',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'Round',
  'Hardmax',
]);

export const LAYERS: Readonly<Record<string, Operator>> = {
  Softmax: softmax,
  LogSoftmax: softmax,
  Log: log,
  ...Object.fromEntries(Object.keys(ACTIVATIONS).map((op) => [op, activation])),
};
