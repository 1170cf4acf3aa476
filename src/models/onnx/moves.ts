/**
 * Operators that move axes and values and compute nothing: https://onnx.ai/onnx/operators, Transpose, Reshape, Slice,
 * Concat and their kin. Each works alike on constants, on sizes and on streams.
 */
import {
  broadcastShape,
  expandInto,
  joinInto,
  sizeOf,
  takeInto,
  transposeInto,
  type Cells,
  type Places,
} from './arrays';
import { need, type Context, type NodeView, type Operator } from './context';
import { reshapedAxes } from './reshape';
import {
  axisOf,
  checkedSize,
  closedIndex,
  closedShape,
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
  type OpenSize,
  type Stream,
  type Value,
} from './values';

/** A size so large that it means "to the end". */
const ENDLESS = 2 ** 31 - 1;

/** What has a shape of closed axes: a constant, entries, and of a stream its closed part. */
type Shaped = Constant | Entries | Stream;

const isShaped = (value: Value): value is Shaped =>
  value.kind === 'constant' || value.kind === 'entries' || value.kind === 'stream';

const shapeOf = (value: Shaped): readonly number[] => (value.kind === 'stream' ? closedShape(value.axes) : value.shape);

const axesOf = (value: Shaped): readonly Axis[] => (value.kind === 'stream' ? value.axes : value.shape);

/** The same values elsewhere. @param axes of the result, whose closed ones are what `into` fills */
function moved(
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
function renamed(value: Shaped, axes: readonly Axis[]): Shaped {
  if (value.kind === 'stream') return { ...value, axes };
  const shape = closedShape(axes);
  if (value.kind === 'entries') return { ...value, shape };
  return { ...value, shape };
}

/** Fills and what cannot be followed pass through every move. */
function passing(
  move: (context: Context, node: NodeView, value: Shaped, inputs: readonly (Value | undefined)[]) => Value,
): Operator {
  return (context, node, inputs) => {
    const value = need(node, inputs, 0);
    if (value.kind === 'fill') return [{ kind: 'fill', value: value.value }];
    return [isShaped(value) ? move(context, node, value, inputs) : value];
  };
}

/** Axes of an attribute or, in later operator sets, of an input. */
function axesGiven(
  node: NodeView,
  inputs: readonly (Value | undefined)[],
  place: number,
): readonly number[] | undefined {
  const written = node.get('axes', 'INTS');
  if (written) return written;
  return inputs[place] === undefined ? undefined : knownInts(inputs[place], 'axes');
}

const transpose = passing((context, node, value) => {
  const axes = axesOf(value);
  const perm = node.get('perm', 'INTS') ?? axes.map((_, axis) => axes.length - 1 - axis);
  if (perm.length !== axes.length || new Set(perm).size !== perm.length) throw node.damaged('axes that do not fit');
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
  if (target === undefined) throw new NotFollowed('its shape is not known before it runs');
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
    if (closed > 1) throw new NotFollowed('it makes one axis of steps and values');
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
    if (size !== 1 && !isOpen(size)) throw node.damaged(`an axis of ${String(size)} to squeeze`);
    if (isOpen(size) && size.includes(context.time ?? '')) throw new NotFollowed('it squeezes the steps');
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
  if (given.length > 16) throw node.damaged(`${String(given.length)} axes`);
  const places = new Set(given.map((axis) => axisOf(axis, rank, (what) => node.damaged(what))));
  const old = [...axes];
  const made = Array.from({ length: rank }, (__, axis): Axis => (places.has(axis) ? 1 : (old.shift() ?? 1)));
  return renamed(value, made);
});

/** Some places of a closed axis. @param to what stands for that axis: its new size, or nothing */
function taken(context: Context, value: Shaped, axis: number, places: Places, to?: readonly number[]): Shaped {
  const axes = axesOf(value);
  const shape = shapeOf(value);
  const place = closedIndex(axes, axis);
  const size = shape[place] ?? 0;
  const ends = places.list ?? [places.start, places.start + (places.count - 1) * places.step];
  const bad = places.count > 0 ? ends.find((index) => !(index >= 0 && index < size)) : undefined;
  if (bad !== undefined) throw new NotFollowed(`it asks for place ${String(bad)} of ${String(size)}`);
  context.spend(places.list?.length ?? 0);
  const made = [...axes.slice(0, axis), ...(to ?? [places.count]), ...axes.slice(axis + 1)];
  return moved(context, value, made, (out, data) => {
    takeInto(out, data, shape, place, places);
  });
}

/** One place of an open axis: of the steps, or of the sequences. @param keep whether an axis of 1 stays */
function pickedStep(context: Context, node: NodeView, value: Stream, axis: number, keep: boolean): Stream {
  const open = value.axes[axis];
  const axes = [...value.axes.slice(0, axis), ...(keep ? [1] : []), ...value.axes.slice(axis + 1)];
  const steps = isOpen(open) && (context.time === undefined || open.includes(context.time));
  if (steps && context.time === undefined) throw new NotFollowed('it picks a part of the input');
  return { ...value, axes, ...(steps && { picked: value.picked ?? node.label }) };
}

const flipped = (value: Stream, axis: number): Stream => {
  const open = value.axes[axis];
  const [symbol, ...more] = isOpen(open) ? open : [];
  if (symbol === undefined || more.length > 0 || (value.reversed !== undefined && value.reversed !== symbol)) {
    throw new NotFollowed('it reverses more than the steps');
  }
  return { ...value, reversed: value.reversed === undefined ? symbol : undefined };
};

const isSize = (entry: Entry, axis: readonly string[], context: Context): boolean => {
  if (typeof entry === 'number')
    return entry >= ENDLESS || (axis.length === 1 && entry === context.hints.get(axis[0] ?? ''));
  return entry?.times === 1 && entry.symbols.join('\n') === axis.join('\n');
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
    throw new NotFollowed('it takes some of the steps backwards');
  }
  if (step !== 1) throw new NotFollowed('it leaves out steps');
  if (start === 0 && isSize(end, open, context)) return value;
  const last = start === -1 || (size !== undefined && start === size - 1);
  if ((last && isSize(end, open, context)) || (start === 0 && end === 1))
    return pickedStep(context, node, value, axis, true);
  context.warn(`${node.label} leaves out some steps of its sequences; all of them are shown.`);
  return value;
}

const slice = passing((context, node, value, inputs) => {
  const list = (name: string, place: number): readonly Entry[] | undefined => {
    const written = node.get(name, 'INTS');
    if (written) return written;
    const given = inputs[place];
    if (given === undefined) return undefined;
    const entries = entriesOf(given);
    if (!entries) throw new NotFollowed(`its ${name} are not known before it runs`);
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
    throw node.damaged('starts, ends, axes and steps that do not fit');
  }
  let now = value;
  for (const [k, start] of starts.entries()) {
    const end = ends[k];
    const [axis, step] = [given[k], steps[k]];
    if (typeof axis !== 'number' || typeof step !== 'number' || step === 0) throw node.damaged('no axis or step');
    const axes = axesOf(now);
    const place = axisOf(axis, axes.length, (what) => node.damaged(what));
    const size = axes[place];
    if (now.kind === 'stream' && isOpen(size)) {
      now = slicedOpen(context, node, now, place, start, end, step);
      continue;
    }
    if (typeof start !== 'number' || typeof end !== 'number' || typeof size !== 'number') {
      throw new NotFollowed('its starts or ends are not known before it runs');
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
  if (!entries) throw new NotFollowed('its places are not known before it runs');
  if (value.kind === 'stream' && isOpen(size)) {
    if (entries.entries.length !== 1 || entries.shape.length > 1) throw new NotFollowed('it picks several steps');
    return [pickedStep(context, node, value, axis, entries.shape.length === 1)];
  }
  const places = knownInts(index, 'places').map((at) => (at < 0 && typeof size === 'number' ? at + size : at));
  return [taken(context, value, axis, { start: 0, step: 1, count: places.length, list: places }, entries.shape)];
};

const sameAxis = (context: Context, a: Axis | undefined, b: Axis | undefined): boolean => {
  if (isOpen(a) && isOpen(b)) return a.join('\n') === b.join('\n');
  if (isOpen(a)) return a.length === 1 && context.hints.get(a[0] ?? '') === b;
  return isOpen(b) ? sameAxis(context, b, a) : a === b;
};

/** Whether two streams are of the same steps. */
export const sameAxes = (context: Context, a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length && a.every((axis, k) => sameAxis(context, axis, b[k]));

const concat: Operator = (context, node, inputs) => {
  const values = inputs.filter((value) => value !== undefined);
  const [first] = values;
  if (first === undefined) throw node.damaged('no inputs');
  if (values.length === 1) return [first];
  const unfollowed = values.some(({ kind }) => kind === 'opaque');
  if (unfollowed) return [opaque([], values)];
  const fills = values.filter((value) => value.kind === 'fill');
  if (fills.length === values.length) {
    const [{ value } = { value: 0 }] = fills;
    if (fills.every((one) => one.value === value)) return [{ kind: 'fill', value }];
    throw new NotFollowed('it joins different constants of open sizes');
  }
  const shaped = values.filter(isShaped);
  if (shaped.length !== values.length) throw new NotFollowed('it joins constants and other values');
  const rank = axesOf(shaped[0] ?? { kind: 'entries', shape: [], entries: [] }).length;
  const axis = axisOf(node.int('axis', 0), rank, (what) => node.damaged(what));
  const others = (value: Shaped): Axis[] => axesOf(value).toSpliced(axis, 1);
  const [head] = shaped;
  if (head === undefined || !shaped.every((value) => sameAxes(context, others(value), others(head)))) {
    throw shaped.every(({ kind }) => kind === 'constant')
      ? node.damaged('inputs whose shapes do not fit')
      : new NotFollowed('its inputs are of different steps or shapes');
  }
  const shapes = shaped.map(shapeOf);
  const place = closedIndex(axesOf(head), axis);
  const joined = (): number[] => {
    const whole = [...(shapes[0] ?? [])];
    whole[place] = shapes.reduce((sum, shape) => sum + (shape[place] ?? 0), 0);
    return whole;
  };
  if (shaped.every((value) => value.kind === 'stream')) {
    if (shaped.some((value) => isOpen(value.axes[axis]))) throw new NotFollowed('it joins steps');
    if (shaped.some((value) => value.reversed !== shaped[0]?.reversed)) {
      throw new NotFollowed('it joins steps in two orders');
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
  throw new NotFollowed('it joins constants and other values');
};

const split: Operator = (context, node, inputs) => {
  const value = need(node, inputs, 0);
  const count = node.node.outputs.length;
  if (!isShaped(value)) return new Array<Value>(count).fill(value);
  const axes = axesOf(value);
  const axis = axisOf(node.int('axis', 0), axes.length, (what) => node.damaged(what));
  const size = axes[axis];
  if (typeof size !== 'number') throw new NotFollowed('it splits steps');
  const each = Math.ceil(size / count);
  const sizes =
    node.get('split', 'INTS') ??
    (inputs[1] === undefined
      ? Array.from({ length: count }, (_, k) => Math.max(0, Math.min(each, size - k * each)))
      : knownInts(inputs[1], 'sizes'));
  if (sizes.length !== count || sizes.some((one) => one < 0) || sizes.reduce((a, b) => a + b, 0) !== size) {
    throw node.damaged('parts that do not make up the whole');
  }
  let from = 0;
  return sizes.map((one) => {
    const part = taken(context, value, axis, { start: from, step: 1, count: one });
    from += one;
    return part;
  });
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
    throw new NotFollowed('it repeats what it is given');
  }
  const target = given?.entries.map((entry) => (typeof entry === 'number' ? entry : undefined));
  if (target?.every((size) => size !== undefined) === true) {
    const shape = broadcastShape(value.shape, target);
    if (shape === undefined) throw node.damaged('a shape that does not fit');
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
  if (sizeOf(constant.shape) > MOST_ENTRIES) throw new NotFollowed('it repeats a constant');
  const values = context.read(constant);
  const [first = 0] = values;
  if (values.every((one) => one === first)) return { kind: 'fill', value: first };
  throw new NotFollowed('it repeats a constant that is not the same everywhere');
}

const tile: Operator = (context, node, inputs) => {
  const value = need(node, inputs, 0);
  if (!isShaped(value)) return [value];
  const given = inputs[1] && entriesOf(inputs[1]);
  if (given?.entries.every((entry) => entry === 1) === true) return [value];
  if (value.kind === 'stream') throw new NotFollowed('it repeats what it is given');
  const repeats =
    given?.entries.every((entry) => typeof entry === 'number') === true ? knownInts(given, 'repeats') : undefined;
  if (repeats?.length !== value.shape.length) return [uniform(context, value)];
  // [a, b] tiled [m, n] is [1, a, 1, b] expanded to [m, a, n, b].
  const thin = value.shape.flatMap((size) => [1, size]);
  const wide = value.shape.flatMap((size, k) => [repeats[k] ?? 1, size]);
  const shape = value.shape.map((size, k) => size * (repeats[k] ?? 1));
  if (repeats.some((count) => count < 0)) throw node.damaged('repeats below 0');
  if (sizeOf(shape) > context.limits.values) return [uniform(context, value)];
  return [
    moved(context, value, shape, (out, data) => {
      expandInto(out, data, thin, wide);
    }),
  ];
};

const constantOfShape: Operator = (context, node, inputs) => {
  const tensor = node.get('value', 'TENSOR');
  if (tensor && sizeOf(tensor.shape) !== 1) throw node.damaged('a value that is not one');
  const value = tensor ? (tensor.read()[0] ?? 0) : 0;
  const kind = tensor?.kind ?? 'float';
  const given = inputs[0] && entriesOf(inputs[0]);
  const target = given?.entries.map((entry) => (typeof entry === 'number' ? entry : -1));
  const size = target?.every((one) => one >= 0) === true ? sizeOf(target) : undefined;
  if (kind === 'int') {
    if (target === undefined || size === undefined || size > MOST_ENTRIES)
      throw new NotFollowed('its shape is not known');
    context.spend(size);
    return [{ kind: 'entries', shape: target, entries: new Array<Entry>(size).fill(value) }];
  }
  if (target === undefined || size === undefined || size > context.limits.values) {
    return [{ kind: 'fill', value, ...(given && { shape: given.entries }) }];
  }
  return [derived(context.limits, [], target, (out) => out.fill(value), 'float')];
};

/** The size of an axis as an entry. */
const sizeEntry = (axis: Axis): number | OpenSize => (isOpen(axis) ? { times: 1, symbols: axis } : axis);

const shape: Operator = (_, node, inputs) => {
  const value = need(node, inputs, 0);
  if (value.kind === 'opaque') return [value];
  const axes = value.kind === 'fill' ? value.shape : axesOf(value).map(sizeEntry);
  if (axes === undefined) throw new NotFollowed('the shape of a constant of open size is asked for');
  const place = (at: number): number => (at < 0 ? at + axes.length : at);
  const part = axes.slice(Math.max(0, place(node.int('start', 0))), Math.max(0, place(node.int('end', axes.length))));
  return [{ kind: 'entries', shape: [part.length], entries: part }];
};

const reverseSequence = passing((_, node, value) => {
  if (value.kind !== 'stream') throw new NotFollowed('it reverses a constant');
  return flipped(
    value,
    axisOf(node.int('time_axis', 0), value.axes.length, (what) => node.damaged(what)),
  );
});

const pad = passing((_, node, value, inputs) => {
  const pads = node.get('pads', 'INTS') ?? knownInts(inputs[1], 'pads');
  if (pads.some((count) => count !== 0)) throw new NotFollowed('it puts values around what it is given');
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
  Slice: slice,
  Concat: concat,
  Split: split,
  Expand: expand,
  Tile: tile,
  ConstantOfShape: constantOfShape,
  Shape: shape,
  ReverseSequence: reverseSequence,
  Pad: pad,
};
