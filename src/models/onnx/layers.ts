/**
 * Operators that are layers of a network: an embedding or one-hot, dense layers with their functions, the sum of two
 * directions. Each makes a new source of columns out of those that it reads.
 */
import { squashing, type Squashing, type SquashingName } from '../../engine/squashing';
import { expandInto, sizeOf } from './arrays';
import { onConstants, pairOf } from './arithmetic';
import { need, type Context, type NodeView, type Operator } from './context';
import { gather, sameAxes } from './moves';
import type { DenseSource, MergeSource, RawSource, SoftmaxSource, Source, TokensSource } from './sources';
import {
  axisOf,
  closedShape,
  constantOf,
  derived,
  entriesOf,
  isOpen,
  NotFollowed,
  type Axis,
  type Constant,
  type Stream,
  type Value,
} from './values';

/** A diagonal layer that must be written out as a matrix is at most so wide. */
export const WIDEST_DIAGONAL = 1024;

/** The one source of a stream that is read as ids; undefined where it is none. */
function idsOf(context: Context, stream: Stream): RawSource | undefined {
  if (stream.columns.length !== 1) return undefined;
  const source = context.sources.of(stream.columns[0] ?? 0);
  return source.kind === 'raw' && source.integers && source.width === 1 ? source : undefined;
}

function tokens(context: Context, node: NodeView, ids: Stream, vocab: number, width: number, table?: Constant): Stream {
  const input = idsOf(context, ids);
  if (input === undefined) throw new NotFollowed('it looks up something else than token ids');
  if (vocab < 1) throw node.damaged('no tokens to look up');
  const source = context.sources.add<TokensSource>({
    kind: 'tokens',
    vocab,
    width,
    table,
    input,
    label: node.label,
    layers: 0,
    behind: 0,
  });
  return { ...ids, columns: context.sources.columnsOf(source) };
}

/** Gather: an embedding where ids pick rows of a constant, else a move. */
const lookUp: Operator = (context, node, inputs) => {
  const table = need(node, inputs, 0);
  const ids = need(node, inputs, 1);
  if (ids.kind !== 'stream') return gather(context, node, inputs);
  const data = table.kind === 'entries' ? constantOf(table) : table;
  const [vocab = 0, width = 0] = data.kind === 'constant' ? data.shape : [];
  if (data.kind !== 'constant' || data.shape.length !== 2 || node.int('axis', 0) !== 0) {
    throw new NotFollowed('what it picks is known only when it runs');
  }
  const found = tokens(context, node, ids, vocab, width, data);
  return [{ ...found, axes: [...ids.axes, width] }];
};

/** [.., ids] -> [.., depth], 1 at the id. */
const oneHot: Operator = (context, node, inputs) => {
  const ids = need(node, inputs, 0);
  if (ids.kind !== 'stream') throw new NotFollowed('it is not of the input');
  const [depth] = entriesOf(need(node, inputs, 1))?.entries ?? [];
  const values = need(node, inputs, 2);
  const [off, on] =
    values.kind === 'constant' && sizeOf(values.shape) === 2
      ? context.read(values)
      : (entriesOf(values)?.entries ?? []);
  if (typeof depth !== 'number' || off !== 0 || on !== 1) throw new NotFollowed('it is not of 0 and 1');
  const rank = ids.axes.length + 1;
  const axis = axisOf(node.int('axis', -1), rank, (what) => node.damaged(what));
  const found = tokens(context, node, ids, depth, depth);
  return [{ ...found, axes: ids.axes.toSpliced(axis, 0, depth) }];
};

/** ids == 0, 1, 2 … is one-hot too: what PyTorch's newer exporter writes. */
function oneHotOfEqual(context: Context, node: NodeView, ids: Stream, numbers: Value): Stream {
  const { axes } = ids;
  const list = numbers.kind === 'entries' ? constantOf(numbers) : numbers;
  if (list.kind !== 'constant' || axes.at(-1) !== 1) throw new NotFollowed('it compares what is not known');
  const vocab = list.shape.at(-1) ?? 1;
  if (sizeOf(list.shape) !== vocab || !context.read(list).every((one, k) => one === k)) {
    throw new NotFollowed('it compares with other numbers than 0, 1, 2 and so on');
  }
  return { ...tokens(context, node, ids, vocab, vocab), axes: axes.with(-1, vocab) };
}

interface Row {
  readonly feed: Int32Array;
  readonly layers: number;
  readonly behind: number;
}

/** The columns of a stream along one axis, which no other closed axis stands beside. */
function rowOf(context: Context, stream: Stream, axis: number): Row {
  const size = axis < 0 ? 1 : stream.axes[axis];
  if (typeof size !== 'number' || size !== stream.columns.length) {
    throw new NotFollowed('it does not go over all values of a step');
  }
  const { sources } = context.sources.vector(stream.columns);
  const [source] = sources;
  if (source.kind === 'cell' || source.kind === 'softmax') throw new NotFollowed(`it stands behind ${source.label}`);
  return { feed: stream.columns, layers: source.layers, behind: source.behind + 1 };
}

const withColumns = (context: Context, stream: Stream, source: Source, axes: readonly Axis[]): Stream => ({
  ...stream,
  axes,
  columns: context.sources.columnsOf(source),
});

function dense(context: Context, node: NodeView, stream: Stream, weight: Constant, bias: Constant | undefined): Stream {
  const row = rowOf(context, stream, stream.axes.length - 1);
  const [width = 0, inputs = 0] = weight.shape;
  if (inputs !== row.feed.length) {
    throw node.damaged(`a weight of ${String(inputs)} inputs over ${String(row.feed.length)} values`);
  }
  const source = context.sources.add<DenseSource>({
    kind: 'dense',
    label: node.label,
    ...row,
    width,
    weight,
    diagonal: false,
    bias,
    activation: undefined,
  });
  return withColumns(context, stream, source, stream.axes.with(-1, width));
}

function turned(context: Context, constant: Constant): Constant {
  const [rows = 0, columns = 0] = constant.shape;
  return derived(context.limits, [constant], [columns, rows], (out, [data]) => {
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data?.[r * columns + c] ?? 0;
  });
}

const scaled = (context: Context, constant: Constant, factor: number): Constant =>
  factor === 1
    ? constant
    : derived(context.limits, [constant], constant.shape, (out, [data]) => {
        data?.forEach((value, k) => (out[k] = value * factor));
      });

/** A matrix, whatever axes of 1 stand in front of it. */
function matrix(value: Value, node: NodeView): Constant {
  if (value.kind !== 'constant') throw new NotFollowed('its weight is not constant');
  const { shape } = value;
  if (shape.length < 2 || shape.slice(0, -2).some((size) => size !== 1)) {
    throw shape.length < 2 ? new NotFollowed('its weight is no matrix') : node.damaged('a weight that is no matrix');
  }
  return { ...value, shape: shape.slice(-2) };
}

const matMul: Operator = (context, node, inputs) => {
  const [a, b] = [need(node, inputs, 0), need(node, inputs, 1)];
  if (a.kind === 'constant' && b.kind === 'constant') return [product(context, node, a, b)];
  if (a.kind !== 'stream') throw new NotFollowed('what it multiplies is no step of a sequence');
  return [dense(context, node, a, turned(context, matrix(b, node)), undefined)];
};

/** Two constant matrices. */
function product(context: Context, node: NodeView, a: Constant, b: Constant): Constant {
  const [rows = 0, inner = 0] = matrix(a, node).shape;
  const [same = 0, columns = 0] = matrix(b, node).shape;
  if (inner !== same) throw node.damaged('matrices that do not fit');
  if (rows * inner * columns > context.limits.cost)
    throw new NotFollowed('its constants are too large to be worked out');
  const shape = [...a.shape.slice(0, -1), columns];
  return derived(context.limits, [a, b], shape, (out, [x, y]) => {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += (x?.[r * inner + k] ?? 0) * (y?.[k * columns + c] ?? 0);
        out[r * columns + c] = sum;
      }
    }
  });
}

const gemm: Operator = (context, node, inputs) => {
  const [a, b] = [need(node, inputs, 0), need(node, inputs, 1)];
  if (a.kind !== 'stream' || node.int('transA', 0) !== 0) {
    throw new NotFollowed('what it multiplies is no step of a sequence');
  }
  const given = matrix(b, node);
  const weight = scaled(context, node.int('transB', 0) === 1 ? given : turned(context, given), node.float('alpha', 1));
  const out = dense(context, node, a, weight, undefined);
  const bias = inputs[2];
  if (bias === undefined) return [out];
  const constant = vectorOf(context, bias, weight.shape[0] ?? 0);
  return [affine(context, node, out, undefined, scaled(context, constant, node.float('beta', 1)))];
};

/** A constant as a value for each of `width` columns. */
function vectorOf(context: Context, value: Value, width: number): Constant {
  const constant =
    value.kind === 'fill'
      ? constantOf({ kind: 'entries', shape: [], entries: [value.value] }, 'float')
      : value.kind === 'entries'
        ? constantOf(value, 'float')
        : value;
  if (constant.kind !== 'constant') throw new NotFollowed('it does not join a constant');
  const size = sizeOf(constant.shape);
  if (size !== (constant.shape.at(-1) ?? 1) || (size !== width && size !== 1)) {
    throw new NotFollowed('its constant is not one value for each column');
  }
  if (size === width) return { ...constant, shape: [width] };
  return derived(
    context.limits,
    [constant],
    [width],
    (out, [data]) => {
      if (data) expandInto<number>(out, data, [1], [width]);
    },
    'float',
  );
}

/** The dense layer that a stream is the whole of, in its order, if it has no function yet. */
function linearWhole(context: Context, stream: Stream): DenseSource | undefined {
  const source = context.sources.of(stream.columns[0] ?? 0);
  const whole =
    source.width === stream.columns.length && stream.columns.every((column, k) => column === source.first + k);
  return whole && source.kind === 'dense' && source.activation === undefined ? source : undefined;
}

/** y = scale x + shift, column by column: into the dense layer that it stands behind, or as a layer of its own. */
function affine(
  context: Context,
  node: NodeView,
  stream: Stream,
  scale: Constant | undefined,
  shift: Constant | undefined,
): Stream {
  const times = (a: Constant | undefined): Constant | undefined =>
    a && scale ? onConstants(context, node, a, scale, (x, y) => x * y) : a;
  const linear = linearWhole(context, stream);
  if (linear) {
    const { weight, bias, diagonal, width } = linear;
    const rows = scale && !diagonal ? { ...scale, shape: [width, 1] } : scale;
    const made = weight && rows ? onConstants(context, node, weight, rows, (x, y) => x * y) : (weight ?? scale);
    const moved = times(bias);
    const sum = moved && shift ? onConstants(context, node, moved, shift, (x, y) => x + y) : (moved ?? shift);
    const source = context.sources.add<DenseSource>({ ...linear, weight: made, bias: sum });
    return withColumns(context, stream, source, stream.axes);
  }
  const axis = closedAxis(stream);
  return withColumns(
    context,
    stream,
    diagonalSource(context, node, rowOf(context, stream, axis), scale, shift),
    stream.axes,
  );
}

const diagonalSource = (
  context: Context,
  node: NodeView,
  row: Row,
  weight: Constant | undefined,
  bias: Constant | undefined,
  activation?: Squashing,
): DenseSource =>
  context.sources.add<DenseSource>({
    kind: 'dense',
    label: node.label,
    ...row,
    width: row.feed.length,
    weight,
    diagonal: true,
    bias,
    activation,
  });

/** The axis that holds all values of a step; -1 where a step is one value and has none. */
function closedAxis(stream: Stream): number {
  const wide = stream.axes.flatMap((size, axis) => (isOpen(size) || size === 1 ? [] : [axis]));
  const [axis, ...more] = wide;
  if (more.length > 0) throw new NotFollowed('it does not go over all values of a step');
  return axis ?? stream.axes.findLastIndex((size) => !isOpen(size));
}

/** Add, Sub, Mul, Div and comparisons. */
export const pair: Operator = (context, node, inputs) => {
  const [a, b] = [need(node, inputs, 0), need(node, inputs, 1)];
  if (a.kind === 'opaque' || b.kind === 'opaque') throw new NotFollowed('it joins what is not known');
  const { op } = node.node;
  if (a.kind === 'stream' && b.kind === 'stream') return [merged(context, node, a, b)];
  if (a.kind !== 'stream' && b.kind !== 'stream') return [pairOf(context, node, a, b)];
  const stream = a.kind === 'stream' ? a : b.kind === 'stream' ? b : undefined;
  const other = a.kind === 'stream' ? b : a;
  if (stream === undefined) throw new NotFollowed('it joins what is not known');
  if (op === 'Equal') return [oneHotOfEqual(context, node, stream, other)];
  return [withConstant(context, node, stream, other, a.kind === 'stream')];
};

function withConstant(context: Context, node: NodeView, stream: Stream, other: Value, first: boolean): Stream {
  const { op } = node.node;
  const axis = closedAxis(stream);
  const width = stream.columns.length;
  const size = other.kind === 'constant' || other.kind === 'entries' ? sizeOf(other.shape) : 1;
  if (size > 1 && (axis < 0 || axis !== stream.axes.length - 1))
    throw new NotFollowed('its constant is not one value for each column');
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
  throw new NotFollowed('it is not among the layers that are known');
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
    throw new NotFollowed('it joins two streams');
  }
  if (a.reversed !== b.reversed) throw new NotFollowed('it joins steps in two orders');
  const feed = new Int32Array(a.columns.length * 2);
  feed.set(a.columns);
  feed.set(b.columns, a.columns.length);
  const { sources, columns } = context.sources.vector(feed);
  if (sources.length !== 2 || (columns && columns[0] !== x.width)) throw new NotFollowed('it joins two streams');
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
  if (stream.kind !== 'stream' || name === undefined) throw new NotFollowed('it is not of a step of a sequence');
  const f = squashing(name, node.get('alpha', 'FLOAT'), node.get('beta', 'FLOAT'));
  const linear = linearWhole(context, stream);
  const source = linear
    ? context.sources.add<DenseSource>({ ...linear, activation: f })
    : diagonalSource(context, node, rowOf(context, stream, closedAxis(stream)), undefined, undefined, f);
  return [withColumns(context, stream, source, stream.axes)];
};

const softmax: Operator = (context, node, inputs) => {
  const stream = need(node, inputs, 0);
  if (stream.kind !== 'stream') throw new NotFollowed('it is not of a step of a sequence');
  const old = context.opset < 13;
  const axis = axisOf(node.int('axis', old ? 1 : -1), stream.axes.length, (what) => node.damaged(what));
  // Before set 13 all axes from this one on are one.
  const over = old ? stream.axes.slice(axis) : [stream.axes[axis] ?? 1];
  if (over.some((size) => isOpen(size)) || sizeOf(closedShape(over)) !== stream.columns.length) {
    throw new NotFollowed('it does not go over all values of a step');
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
  throw new NotFollowed('it is not among the layers that are known');
};

/** y = scale (x - mean) / sqrt(variance + epsilon) + bias, over the second axis. */
const batchNormalization: Operator = (context, node, inputs) => {
  const stream = need(node, inputs, 0);
  if (stream.kind !== 'stream') throw new NotFollowed('it is not of a step of a sequence');
  if (closedAxis(stream) !== 1) throw new NotFollowed('it does not go over all values of a step');
  const [gain, bias, mean, variance] = [1, 2, 3, 4].map((place) =>
    vectorOf(context, need(node, inputs, place), stream.columns.length),
  );
  if (!gain || !bias || !mean || !variance) throw node.damaged('too few inputs');
  const epsilon = node.float('epsilon', 1e-5);
  const scale = onConstants(context, node, gain, variance, (x, y) => x / Math.sqrt(y + epsilon));
  const product = onConstants(context, node, mean, scale, (x, y) => x * y);
  const shift = onConstants(context, node, bias, product, (x, y) => x - y);
  return [affine(context, node, stream, scale, shift)];
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
  Gather: lookUp,
  OneHot: oneHot,
  MatMul: matMul,
  Gemm: gemm,
  Softmax: softmax,
  LogSoftmax: softmax,
  Log: log,
  BatchNormalization: batchNormalization,
  ...Object.fromEntries(Object.keys(ACTIVATIONS).map((op) => [op, activation])),
};
