/** Dense layers: MatMul and Gemm with constant weights, and what scales and shifts column by column. */
import { expandInto, sizeOf } from './arrays';
import { onConstants } from './arithmetic';
import { need, type Context, type NodeView, type Operator } from './context';
import type { DenseSource, Source } from './sources';
import { constantOf, derived, isOpen, NotFollowed, type Axis, type Constant, type Stream, type Value } from './values';
import type { Squashing } from '../../engine/squashing';
import { say } from '../../shared/l10n';

interface Row {
  readonly feed: Int32Array;
  readonly layers: number;
  readonly behind: number;
}

/** The columns of a stream along one axis, which no other closed axis stands beside. */
export function rowOf(context: Context, stream: Stream, axis: number): Row {
  const size = axis < 0 ? 1 : stream.axes[axis];
  if (typeof size !== 'number' || size !== stream.columns.length) {
    throw new NotFollowed(say`it does not go over all values of a step`);
  }
  const { sources } = context.sources.vector(stream.columns);
  const [source] = sources;
  if (source.kind === 'cell' || source.kind === 'softmax') throw new NotFollowed(say`it stands behind ${source.label}`);
  return { feed: stream.columns, layers: source.layers, behind: source.behind + 1 };
}

export const withColumns = (context: Context, stream: Stream, source: Source, axes: readonly Axis[]): Stream => ({
  ...stream,
  axes,
  columns: context.sources.columnsOf(source),
});

/** The dense layer that a stream is the whole of, in its order, if it has no function yet. */
export function linearWhole(context: Context, stream: Stream): DenseSource | undefined {
  const source = context.sources.of(stream.columns[0] ?? 0);
  const whole =
    source.width === stream.columns.length && stream.columns.every((column, k) => column === source.first + k);
  return whole && source.kind === 'dense' && source.activation === undefined ? source : undefined;
}

/** The axis that holds all values of a step; -1 where a step is one value and has none. */
export function closedAxis(stream: Stream): number {
  const wide = stream.axes.flatMap((size, axis) => (isOpen(size) || size === 1 ? [] : [axis]));
  const [axis, ...more] = wide;
  if (more.length > 0) throw new NotFollowed(say`it does not go over all values of a step`);
  return axis ?? stream.axes.findLastIndex((size) => !isOpen(size));
}

/** A diagonal layer that must be written out as a matrix is at most so wide. */
export const WIDEST_DIAGONAL = 1024;

export const diagonalSource = (
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

/** y = scale x + shift, column by column: into the dense layer that it stands behind, or as a layer of its own. */
export function affine(
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

/** A constant as a value for each of `width` columns. */
export function vectorOf(context: Context, value: Value, width: number): Constant {
  const constant =
    value.kind === 'fill'
      ? constantOf({ kind: 'entries', shape: [], entries: [value.value] }, 'float')
      : value.kind === 'entries'
        ? constantOf(value, 'float')
        : value;
  if (constant.kind !== 'constant') throw new NotFollowed(say`it does not join a constant`);
  const size = sizeOf(constant.shape);
  if (size !== (constant.shape.at(-1) ?? 1) || (size !== width && size !== 1)) {
    throw new NotFollowed(say`its constant is not one value for each column`);
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

const scaled = (context: Context, constant: Constant, factor: number): Constant =>
  factor === 1
    ? constant
    : derived(context.limits, [constant], constant.shape, (out, [data]) => {
        data?.forEach((value, k) => (out[k] = value * factor));
      });

function turned(context: Context, constant: Constant): Constant {
  const [rows = 0, columns = 0] = constant.shape;
  return derived(context.limits, [constant], [columns, rows], (out, [data]) => {
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data?.[r * columns + c] ?? 0;
  });
}

/** A matrix, whatever axes of 1 stand in front of it. */
function matrix(value: Value, node: NodeView): Constant {
  if (value.kind !== 'constant') throw new NotFollowed(say`its weight is not constant`);
  const { shape } = value;
  if (shape.length < 2 || shape.slice(0, -2).some((size) => size !== 1)) {
    throw shape.length < 2
      ? new NotFollowed(say`its weight is no matrix`)
      : node.damaged(say`a weight that is no matrix`);
  }
  return { ...value, shape: shape.slice(-2) };
}

function dense(context: Context, node: NodeView, stream: Stream, weight: Constant, bias: Constant | undefined): Stream {
  const row = rowOf(context, stream, stream.axes.length - 1);
  const [width = 0, inputs = 0] = weight.shape;
  if (inputs !== row.feed.length) {
    throw node.damaged(say`a weight of ${inputs} inputs over ${row.feed.length} values`);
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

const matMul: Operator = (context, node, inputs) => {
  const [a, b] = [need(node, inputs, 0), need(node, inputs, 1)];
  if (a.kind === 'constant' && b.kind === 'constant') return [product(context, node, a, b)];
  if (a.kind !== 'stream') throw new NotFollowed(say`what it multiplies is no step of a sequence`);
  return [dense(context, node, a, turned(context, matrix(b, node)), undefined)];
};

/** Two constant matrices. */
function product(context: Context, node: NodeView, a: Constant, b: Constant): Constant {
  const [rows = 0, inner = 0] = matrix(a, node).shape;
  const [same = 0, columns = 0] = matrix(b, node).shape;
  if (inner !== same) throw node.damaged(say`matrices that do not fit`);
  if (rows * inner * columns > context.limits.cost)
    throw new NotFollowed(say`its constants are too large to be worked out`);
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
    throw new NotFollowed(say`what it multiplies is no step of a sequence`);
  }
  const given = matrix(b, node);
  const weight = scaled(context, node.int('transB', 0) === 1 ? given : turned(context, given), node.float('alpha', 1));
  const out = dense(context, node, a, weight, undefined);
  const bias = inputs[2];
  if (bias === undefined) return [out];
  const constant = vectorOf(context, bias, weight.shape[0] ?? 0);
  return [affine(context, node, out, undefined, scaled(context, constant, node.float('beta', 1)))];
};

/** y = scale (x - mean) / sqrt(variance + epsilon) + bias, over the second axis. */
const batchNormalization: Operator = (context, node, inputs) => {
  const stream = need(node, inputs, 0);
  if (stream.kind !== 'stream') throw new NotFollowed(say`it is not of a step of a sequence`);
  if (closedAxis(stream) !== 1) throw new NotFollowed(say`it does not go over all values of a step`);
  const [gain, bias, mean, variance] = [1, 2, 3, 4].map((place) =>
    vectorOf(context, need(node, inputs, place), stream.columns.length),
  );
  if (!gain || !bias || !mean || !variance) throw node.damaged(say`too few inputs`);
  const epsilon = node.float('epsilon', 1e-5);
  const scale = onConstants(context, node, gain, variance, (x, y) => x / Math.sqrt(y + epsilon));
  const product = onConstants(context, node, mean, scale, (x, y) => x * y);
  const shift = onConstants(context, node, bias, product, (x, y) => x - y);
  return [affine(context, node, stream, scale, shift)];
};

export const DENSE: Readonly<Record<string, Operator>> = {
  MatMul: matMul,
  Gemm: gemm,
  BatchNormalization: batchNormalization,
};
