/** Operators that take some of the places along an axis: Slice, Split, and Gather of places that are known. */
import type { Places } from './arrays';
import { need, type Context, type NodeView, type Operator } from './context';
import { isShaped, axesOf, passing, isSize, taken, ENDLESS } from './shaped';
import { axisOf, entriesOf, isOpen, knownInts, NotFollowed, type Entry, type Stream, type Value } from './values';
import { say } from '../../shared/l10n';

/** One place of an open axis: of the steps, or of the sequences. @param keep whether an axis of 1 stays */
function pickedStep(context: Context, node: NodeView, value: Stream, axis: number, keep: boolean): Stream {
  const open = value.axes[axis];
  const axes = [...value.axes.slice(0, axis), ...(keep ? [1] : []), ...value.axes.slice(axis + 1)];
  const steps = isOpen(open) && (context.time === undefined || open.includes(context.time));
  if (steps && context.time === undefined) throw new NotFollowed(say`it picks a part of the input`);
  return { ...value, axes, ...(steps && { picked: value.picked ?? node.label }) };
}

const flipped = (value: Stream, axis: number): Stream => {
  const open = value.axes[axis];
  const [symbol, ...more] = isOpen(open) ? open : [];
  if (symbol === undefined || more.length > 0 || (value.reversed !== undefined && value.reversed !== symbol)) {
    throw new NotFollowed(say`it reverses more than the steps`);
  }
  return { ...value, reversed: value.reversed === undefined ? symbol : undefined };
};

function slicedOpen(
  context: Context,
  node: NodeView,
  value: Stream,
  axis: number,
  start: Entry,
  end: Entry,
  step: number,
): Stream {
  const open = value.axes[axis];
  if (!isOpen(open)) return value;
  const size = open.length === 1 ? context.hints.get(open[0] ?? '') : undefined;
  if (step === -1) {
    const fromEnd = start === -1 || isSize(start, open, context) || (size !== undefined && start === size - 1);
    if (fromEnd && typeof end === 'number' && (end <= -ENDLESS || (size !== undefined && end < -size))) {
      return flipped(value, axis);
    }
    throw new NotFollowed(say`it takes some of the steps backwards`);
  }
  if (step !== 1) throw new NotFollowed(say`it leaves out steps`);
  if (start === 0 && isSize(end, open, context)) return value;
  const last = start === -1 || (size !== undefined && start === size - 1);
  if ((last && isSize(end, open, context)) || (start === 0 && end === 1))
    return pickedStep(context, node, value, axis, true);
  context.warn(say`${node.label} leaves out some steps of its sequences; all of them are shown.`);
  return value;
}

const slice = passing((context, node, value, inputs) => {
  const list = (name: string, place: number): readonly Entry[] | undefined => {
    const written = node.get(name, 'INTS');
    if (written) return written;
    const given = inputs[place];
    if (given === undefined) return undefined;
    const entries = entriesOf(given);
    if (!entries) throw new NotFollowed(say`its ${name} are not known before it runs`);
    return entries.entries;
  };
  const starts = list('starts', 1) ?? [];
  const ends = list('ends', 2) ?? [];
  const given = list('axes', 3) ?? starts.map((_, k) => k);
  const steps = list('steps', 4) ?? starts.map(() => 1);
  if (
    ends.length !== starts.length ||
    given.length !== starts.length ||
    steps.length !== starts.length ||
    starts.length > 16
  ) {
    throw node.damaged(say`starts, ends, axes and steps that do not fit`);
  }
  let now = value;
  for (const [k, start] of starts.entries()) {
    const end = ends[k];
    const [axis, step] = [given[k], steps[k]];
    if (typeof axis !== 'number' || typeof step !== 'number' || step === 0) throw node.damaged(say`no axis or step`);
    const axes = axesOf(now);
    const place = axisOf(axis, axes.length, (what) => node.damaged(what));
    const size = axes[place];
    if (now.kind === 'stream' && isOpen(size)) {
      now = slicedOpen(context, node, now, place, start, end, step);
      continue;
    }
    if (typeof start !== 'number' || typeof end !== 'number' || typeof size !== 'number') {
      throw new NotFollowed(say`its starts or ends are not known before it runs`);
    }
    const places = slicePlaces(start, end, step, size);
    if (places.count === size && step === 1) continue;
    now = taken(context, now, place, places);
  }
  return now;
});

/** As NumPy's slices. */
function slicePlaces(start: number, end: number, step: number, size: number): Places {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? size : size - 1;
  const place = (at: number): number => Math.min(high, Math.max(low, at < 0 ? at + size : at));
  const [from, to] = [place(start), end < -size ? low : place(end)];
  return { start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) };
}

/** Gather of a place or places that are known; an embedding is lookup.ts's. */
export const gather: Operator = (context, node, inputs) => {
  const value = need(node, inputs, 0);
  const index = need(node, inputs, 1);
  if (!isShaped(value)) return [value];
  const axes = axesOf(value);
  const axis = axisOf(node.int('axis', 0), axes.length, (what) => node.damaged(what));
  const size = axes[axis];
  const entries = entriesOf(index);
  if (!entries) throw new NotFollowed(say`its places are not known before it runs`);
  if (value.kind === 'stream' && isOpen(size)) {
    if (entries.entries.length !== 1 || entries.shape.length > 1) throw new NotFollowed(say`it picks several steps`);
    return [pickedStep(context, node, value, axis, entries.shape.length === 1)];
  }
  const places = knownInts(index, 'places').map((at) => (at < 0 && typeof size === 'number' ? at + size : at));
  return [taken(context, value, axis, { start: 0, step: 1, count: places.length, list: places }, entries.shape)];
};

const split: Operator = (context, node, inputs) => {
  const value = need(node, inputs, 0);
  const count = node.node.outputs.length;
  if (!isShaped(value)) return new Array<Value>(count).fill(value);
  const axes = axesOf(value);
  const axis = axisOf(node.int('axis', 0), axes.length, (what) => node.damaged(what));
  const size = axes[axis];
  if (typeof size !== 'number') throw new NotFollowed(say`it splits steps`);
  const each = Math.ceil(size / count);
  const sizes =
    node.get('split', 'INTS') ??
    (inputs[1] === undefined
      ? Array.from({ length: count }, (_, k) => Math.max(0, Math.min(each, size - k * each)))
      : knownInts(inputs[1], 'sizes'));
  if (sizes.length !== count || sizes.some((one) => one < 0) || sizes.reduce((a, b) => a + b, 0) !== size) {
    throw node.damaged(say`parts that do not make up the whole`);
  }
  let from = 0;
  return sizes.map((one) => {
    const part = taken(context, value, axis, { start: from, step: 1, count: one });
    from += one;
    return part;
  });
};

const reverseSequence = passing((_, node, value) => {
  if (value.kind !== 'stream') throw new NotFollowed(say`it reverses a constant`);
  return flipped(
    value,
    axisOf(node.int('time_axis', 0), value.axes.length, (what) => node.damaged(what)),
  );
});

export const PLACES: Readonly<Record<string, Operator>> = {
  Slice: slice,
  Split: split,
  ReverseSequence: reverseSequence,
};
