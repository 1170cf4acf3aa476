/** Operators that make larger values of smaller ones: Concat, Expand, Tile, ConstantOfShape. */
import { broadcastShape, expandInto, joinInto, sizeOf } from './arrays';
import { need, type Context, type Operator } from './context';
import { isShaped, shapeOf, axesOf, moved, sameAxes, isSize, type Shaped } from './shaped';
import {
  axisOf,
  closedIndex,
  constantOf,
  derived,
  entriesOf,
  isOpen,
  knownInts,
  MOST_ENTRIES,
  NotFollowed,
  opaque,
  type Axis,
  type Constant,
  type Entries,
  type Entry,
  type Fill,
} from './values';
import { say } from '../../shared/l10n';

const concat: Operator = (context, node, inputs) => {
  const values = inputs.filter((value) => value !== undefined);
  const [first] = values;
  if (first === undefined) throw node.damaged(say`no inputs`);
  if (values.length === 1) return [first];
  const unfollowed = values.some(({ kind }) => kind === 'opaque');
  if (unfollowed) return [opaque([], values)];
  const fills = values.filter((value) => value.kind === 'fill');
  if (fills.length === values.length) {
    const [{ value } = { value: 0 }] = fills;
    if (fills.every((one) => one.value === value)) return [{ kind: 'fill', value }];
    throw new NotFollowed(say`it joins different constants of open sizes`);
  }
  const shaped = values.filter(isShaped);
  if (shaped.length !== values.length) throw new NotFollowed(say`it joins constants and other values`);
  const rank = axesOf(shaped[0] ?? { kind: 'entries', shape: [], entries: [] }).length;
  const axis = axisOf(node.int('axis', 0), rank, (what) => node.damaged(what));
  const others = (value: Shaped): Axis[] => axesOf(value).toSpliced(axis, 1);
  const [head] = shaped;
  if (head === undefined || !shaped.every((value) => sameAxes(context, others(value), others(head)))) {
    throw shaped.every(({ kind }) => kind === 'constant')
      ? node.damaged(say`inputs whose shapes do not fit`)
      : new NotFollowed(say`its inputs are of different steps or shapes`);
  }
  const shapes = shaped.map(shapeOf);
  const place = closedIndex(axesOf(head), axis);
  const joined = (): number[] => {
    const whole = [...(shapes[0] ?? [])];
    whole[place] = shapes.reduce((sum, shape) => sum + (shape[place] ?? 0), 0);
    return whole;
  };
  if (shaped.every((value) => value.kind === 'stream')) {
    if (shaped.some((value) => isOpen(value.axes[axis]))) throw new NotFollowed(say`it joins steps`);
    if (shaped.some((value) => value.reversed !== shaped[0]?.reversed)) {
      throw new NotFollowed(say`it joins steps in two orders`);
    }
    const shape = joined();
    const columns = new Int32Array(sizeOf(shape));
    context.spend(columns.length);
    joinInto<number>(
      columns,
      shaped.map((value, k) => ({ data: value.columns, shape: shapes[k] ?? [] })),
      place,
    );
    const axes = (shaped[0]?.axes ?? []).with(axis, shape[place] ?? 1);
    const picked = shaped.find((value) => value.picked !== undefined)?.picked;
    return [{ kind: 'stream', axes, columns, picked, reversed: shaped[0]?.reversed }];
  }
  if (shaped.every((value) => value.kind !== 'stream')) {
    const small = shaped.map((value) => entriesOf(value));
    if (shaped.some(({ kind }) => kind === 'entries') && small.every((value) => value !== undefined)) {
      const shape = joined();
      const entries = new Array<Entry>(sizeOf(shape)).fill(undefined);
      context.spend(entries.length);
      joinInto<Entry>(
        entries,
        small.map((value) => ({ data: [...value.entries], shape: value.shape })),
        place,
      );
      return [{ kind: 'entries', shape, entries }];
    }
    const constants = shaped.map((value) => (value.kind === 'entries' ? constantOf(value) : value));
    return [
      derived(context.limits, constants, joined(), (out, parts) => {
        joinInto<number>(
          out,
          parts.map((data, k) => ({ data, shape: shapes[k] ?? [] })),
          place,
        );
      }),
    ];
  }
  throw new NotFollowed(say`it joins constants and other values`);
};

const expand: Operator = (context, node, inputs) => {
  const value = need(node, inputs, 0);
  if (!isShaped(value)) return [value];
  const given = inputs[1] && entriesOf(inputs[1]);
  if (value.kind === 'stream') {
    const rank = given?.entries.length;
    const same = given?.entries.every((entry, k) => {
      const size = value.axes[k + value.axes.length - (rank ?? 0)];
      return entry === 1 || entry === size || (isOpen(size) && isSize(entry, size, context));
    });
    if (same === true && rank !== undefined && rank <= value.axes.length) return [value];
    throw new NotFollowed(say`it repeats what it is given`);
  }
  const target = given?.entries.map((entry) => (typeof entry === 'number' ? entry : undefined));
  if (target?.every((size) => size !== undefined) === true) {
    const shape = broadcastShape(value.shape, target);
    if (shape === undefined) throw node.damaged(say`a shape that does not fit`);
    if (sizeOf(shape) <= Math.max(context.limits.values, MOST_ENTRIES)) {
      const { shape: before } = value;
      return [
        moved(context, value, shape, (out, data) => {
          expandInto(out, data, before, shape);
        }),
      ];
    }
  }
  const filled = uniform(context, value);
  return [given ? { ...filled, shape: given.entries } : filled];
};

/** Values that are all alike, of an open shape; otherwise what cannot be followed, by the tensor's name. */
function uniform(context: Context, value: Constant | Entries): Fill {
  const constant = value.kind === 'entries' ? constantOf(value) : value;
  if (sizeOf(constant.shape) > MOST_ENTRIES) throw new NotFollowed(say`it repeats a constant`);
  const values = context.read(constant);
  const [first = 0] = values;
  if (values.every((one) => one === first)) return { kind: 'fill', value: first };
  throw new NotFollowed(say`it repeats a constant that is not the same everywhere`);
}

const tile: Operator = (context, node, inputs) => {
  const value = need(node, inputs, 0);
  if (!isShaped(value)) return [value];
  const given = inputs[1] && entriesOf(inputs[1]);
  if (given?.entries.every((entry) => entry === 1) === true) return [value];
  if (value.kind === 'stream') throw new NotFollowed(say`it repeats what it is given`);
  const repeats =
    given?.entries.every((entry) => typeof entry === 'number') === true ? knownInts(given, 'repeats') : undefined;
  if (repeats?.length !== value.shape.length) return [uniform(context, value)];
  // [a, b] tiled [m, n] is [1, a, 1, b] expanded to [m, a, n, b].
  const thin = value.shape.flatMap((size) => [1, size]);
  const wide = value.shape.flatMap((size, k) => [repeats[k] ?? 1, size]);
  const shape = value.shape.map((size, k) => size * (repeats[k] ?? 1));
  if (repeats.some((count) => count < 0)) throw node.damaged(say`repeats below 0`);
  if (sizeOf(shape) > context.limits.values) return [uniform(context, value)];
  return [
    moved(context, value, shape, (out, data) => {
      expandInto(out, data, thin, wide);
    }),
  ];
};

const constantOfShape: Operator = (context, node, inputs) => {
  const tensor = node.get('value', 'TENSOR');
  if (tensor && sizeOf(tensor.shape) !== 1) throw node.damaged(say`a value that is not one`);
  const value = tensor ? (tensor.read()[0] ?? 0) : 0;
  const kind = tensor?.kind ?? 'float';
  const given = inputs[0] && entriesOf(inputs[0]);
  const target = given?.entries.map((entry) => (typeof entry === 'number' ? entry : -1));
  const size = target?.every((one) => one >= 0) === true ? sizeOf(target) : undefined;
  if (kind === 'int') {
    if (target === undefined || size === undefined || size > MOST_ENTRIES)
      throw new NotFollowed(say`its shape is not known`);
    context.spend(size);
    return [{ kind: 'entries', shape: target, entries: new Array<Entry>(size).fill(value) }];
  }
  if (target === undefined || size === undefined || size > context.limits.values) {
    return [{ kind: 'fill', value, ...(given && { shape: given.entries }) }];
  }
  return [derived(context.limits, [], target, (out) => out.fill(value), 'float')];
};

export const GROWTH: Readonly<Record<string, Operator>> = {
  Concat: concat,
  Expand: expand,
  Tile: tile,
  ConstantOfShape: constantOfShape,
};
