/**
 * Operators that move axes and compute nothing: https://onnx.ai/onnx/operators, Transpose, Reshape, Squeeze and their
 * kin. Each works alike on constants, on sizes and on streams.
 */
import { sizeOf, transposeInto } from './arrays';
import { need, type Operator } from './context';
import { reshapedAxes } from './reshape';
import { shapeOf, axesOf, moved, renamed, passing, axesGiven } from './shaped';
import {
  axisOf,
  closedIndex,
  closedShape,
  constantOf,
  derived,
  entriesOf,
  isOpen,
  knownInts,
  NotFollowed,
  type Axis,
  type OpenSize,
} from './values';
import { say } from '../../shared/l10n';

const transpose = passing((context, node, value) => {
  const axes = axesOf(value);
  const perm = node.get('perm', 'INTS') ?? axes.map((_, axis) => axes.length - 1 - axis);
  if (perm.length !== axes.length || new Set(perm).size !== perm.length) throw node.damaged(say`axes that do not fit`);
  const places = perm.map((axis) => axisOf(axis, axes.length, (what) => node.damaged(what)));
  const closed = places.filter((axis) => !isOpen(axes[axis])).map((axis) => closedIndex(axes, axis));
  const to = places.map((axis) => axes[axis] ?? 1);
  if (closed.every((axis, k) => axis === k)) return renamed(value, to);
  const shape = shapeOf(value);
  return moved(context, value, to, (out, data) => {
    transposeInto(out, data, shape, closed);
  });
});

const reshape = passing((context, node, value, inputs) => {
  const entries = inputs[1] && entriesOf(inputs[1]);
  const target = entries?.entries ?? node.get('shape', 'INTS');
  if (target === undefined) throw new NotFollowed(say`its shape is not known before it runs`);
  const axes = reshapedAxes(context, axesOf(value), target, node.int('allowzero', 0) === 1);
  return renamed(value, axes);
});

const flatten = passing((_, node, value) => {
  const axes = axesOf(value);
  const axis = node.int('axis', 1);
  const at = axis === axes.length ? axis : axisOf(axis, axes.length, (what) => node.damaged(what));
  const one = (part: readonly Axis[]): Axis => {
    const open = part.flatMap((size) => (isOpen(size) ? [...size] : []));
    const closed = sizeOf(closedShape(part));
    if (open.length === 0) return closed;
    if (closed > 1) throw new NotFollowed(say`it makes one axis of steps and values`);
    return open;
  };
  return renamed(value, [one(axes.slice(0, at)), one(axes.slice(at))]);
});

const squeeze = passing((context, node, value, inputs) => {
  const axes = axesOf(value);
  const given = axesGiven(node, inputs, 1)?.map((axis) => axisOf(axis, axes.length, (what) => node.damaged(what)));
  const dropped = given ?? axes.flatMap((size, axis) => (size === 1 ? [axis] : []));
  for (const axis of dropped) {
    const size = axes[axis];
    if (size !== 1 && !isOpen(size)) throw node.damaged(say`an axis of ${String(size)} to squeeze`);
    if (isOpen(size) && size.includes(context.time ?? '')) throw new NotFollowed(say`it squeezes the steps`);
  }
  return renamed(
    value,
    axes.filter((_, axis) => !dropped.includes(axis)),
  );
});

const unsqueeze = passing((_, node, value, inputs) => {
  const axes = axesOf(value);
  const given = axesGiven(node, inputs, 1) ?? [];
  const rank = axes.length + given.length;
  if (given.length > 16) throw node.damaged(say`${given.length} axes`);
  const places = new Set(given.map((axis) => axisOf(axis, rank, (what) => node.damaged(what))));
  const old = [...axes];
  const made = Array.from({ length: rank }, (__, axis): Axis => (places.has(axis) ? 1 : (old.shift() ?? 1)));
  return renamed(value, made);
});

/** The size of an axis as an entry. */
const sizeEntry = (axis: Axis): number | OpenSize => (isOpen(axis) ? { times: 1, symbols: axis } : axis);

const shape: Operator = (_, node, inputs) => {
  const value = need(node, inputs, 0);
  if (value.kind === 'opaque') return [value];
  const axes = value.kind === 'fill' ? value.shape : axesOf(value).map(sizeEntry);
  if (axes === undefined) throw new NotFollowed(say`the shape of a constant of open size is asked for`);
  const place = (at: number): number => (at < 0 ? at + axes.length : at);
  const part = axes.slice(Math.max(0, place(node.int('start', 0))), Math.max(0, place(node.int('end', axes.length))));
  return [{ kind: 'entries', shape: [part.length], entries: part }];
};

const pad = passing((_, node, value, inputs) => {
  const pads = node.get('pads', 'INTS') ?? knownInts(inputs[1], 'pads');
  if (pads.some((count) => count !== 0)) throw new NotFollowed(say`it puts values around what it is given`);
  return value;
});

const identity: Operator = (_, node, inputs) => [need(node, inputs, 0)];

/** TensorProto.DataType, BOOL among them. */
const TO_INTEGERS = new Set([2, 3, 4, 5, 6, 7, 9, 12, 13]);

const cast: Operator = (context, node, inputs) => {
  const value = need(node, inputs, 0);
  const toInteger = TO_INTEGERS.has(node.int('to', 1));
  if (value.kind === 'entries') {
    const known = value.entries.every((entry) => typeof entry === 'number');
    return [known && !toInteger ? constantOf(value, 'float') : value];
  }
  if (value.kind !== 'constant' || (value.type === 'int') === toInteger) return [value];
  return [
    derived(
      context.limits,
      [value],
      value.shape,
      (out, [data]) => {
        data?.forEach((one, k) => (out[k] = toInteger ? Math.trunc(one) : one));
      },
      toInteger ? 'int' : 'float',
    ),
  ];
};

export const MOVES: Readonly<Record<string, Operator>> = {
  Identity: identity,
  Dropout: identity,
  CastLike: identity,
  Cast: cast,
  Transpose: transpose,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Shape: shape,
  Pad: pad,
};
