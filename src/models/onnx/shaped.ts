/** What Transpose, Slice, Concat and their kin share: a value with axes, of whatever kind, and its values elsewhere. */
import { takeInto, type Cells, type Places } from './arrays';
import { need, type Context, type NodeView, type Operator } from './context';
import {
  checkedSize,
  closedIndex,
  closedShape,
  derived,
  isOpen,
  knownInts,
  NotFollowed,
  type Axis,
  type Constant,
  type Entries,
  type Entry,
  type Stream,
  type Value,
} from './values';
import { say } from '../../shared/l10n';

/** A size so large that it means "to the end". */
export const ENDLESS = 2 ** 31 - 1;

/** What has a shape of closed axes: a constant, entries, and of a stream its closed part. */
export type Shaped = Constant | Entries | Stream;

export const isShaped = (value: Value): value is Shaped =>
  value.kind === 'constant' || value.kind === 'entries' || value.kind === 'stream';

export const shapeOf = (value: Shaped): readonly number[] =>
  value.kind === 'stream' ? closedShape(value.axes) : value.shape;

export const axesOf = (value: Shaped): readonly Axis[] => (value.kind === 'stream' ? value.axes : value.shape);

/** The same values elsewhere. @param axes of the result, whose closed ones are what `into` fills */
export function moved(
  context: Context,
  value: Shaped,
  axes: readonly Axis[],
  into: <T>(out: Cells<T>, data: Cells<T>) => void,
): Shaped {
  const shape = closedShape(axes);
  const size = checkedSize(shape);
  if (value.kind === 'constant')
    return derived(context.limits, [value], shape, (out, [data]) => {
      if (data) into(out, data);
    });
  context.spend(size);
  if (value.kind === 'entries') {
    const entries = new Array<Entry>(size).fill(undefined);
    into<Entry>(entries, [...value.entries]);
    return { kind: 'entries', shape, entries };
  }
  const columns = new Int32Array(size);
  into<number>(columns, value.columns);
  return { ...value, axes, columns };
}

/** The same values in the same order with other axes. */
export function renamed(value: Shaped, axes: readonly Axis[]): Shaped {
  if (value.kind === 'stream') return { ...value, axes };
  const shape = closedShape(axes);
  if (value.kind === 'entries') return { ...value, shape };
  return { ...value, shape };
}

/** Fills and what cannot be followed pass through every move. */
export function passing(
  move: (context: Context, node: NodeView, value: Shaped, inputs: readonly (Value | undefined)[]) => Value,
): Operator {
  return (context, node, inputs) => {
    const value = need(node, inputs, 0);
    if (value.kind === 'fill') return [{ kind: 'fill', value: value.value }];
    return [isShaped(value) ? move(context, node, value, inputs) : value];
  };
}

/** Axes of an attribute or, in later operator sets, of an input. */
export function axesGiven(
  node: NodeView,
  inputs: readonly (Value | undefined)[],
  place: number,
): readonly number[] | undefined {
  const written = node.get('axes', 'INTS');
  if (written) return written;
  return inputs[place] === undefined ? undefined : knownInts(inputs[place], 'axes');
}

/** Some places of a closed axis. @param to what stands for that axis: its new size, or nothing */
export function taken(context: Context, value: Shaped, axis: number, places: Places, to?: readonly number[]): Shaped {
  const axes = axesOf(value);
  const shape = shapeOf(value);
  const place = closedIndex(axes, axis);
  const size = shape[place] ?? 0;
  const ends = places.list ?? [places.start, places.start + (places.count - 1) * places.step];
  const bad = places.count > 0 ? ends.find((index) => !(index >= 0 && index < size)) : undefined;
  if (bad !== undefined) throw new NotFollowed(say`it asks for place ${bad} of ${size}`);
  context.spend(places.list?.length ?? 0);
  const made = [...axes.slice(0, axis), ...(to ?? [places.count]), ...axes.slice(axis + 1)];
  return moved(context, value, made, (out, data) => {
    takeInto(out, data, shape, place, places);
  });
}

export const isSize = (entry: Entry, axis: readonly string[], context: Context): boolean => {
  if (typeof entry === 'number')
    return entry >= ENDLESS || (axis.length === 1 && entry === context.hints.get(axis[0] ?? ''));
  return entry?.times === 1 && entry.symbols.join('\n') === axis.join('\n');
};

const sameAxis = (context: Context, a: Axis | undefined, b: Axis | undefined): boolean => {
  if (isOpen(a) && isOpen(b)) return a.join('\n') === b.join('\n');
  if (isOpen(a)) return a.length === 1 && context.hints.get(a[0] ?? '') === b;
  return isOpen(b) ? sameAxis(context, b, a) : a === b;
};

/** Whether two streams are of the same steps. */
export const sameAxes = (context: Context, a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length && a.every((axis, k) => sameAxis(context, axis, b[k]));
