/** Operators on whole numbers that stand for sizes and truths, and on constants: what weights and shapes are made with. */
import { broadcastShape, expandInto, sizeOf } from './arrays';
import { need, type Context, type NodeView, type Operator } from './context';
import {
  checkedSize,
  constantOf,
  derived,
  entriesOf,
  knownInts,
  MOST_ENTRIES,
  NotFollowed,
  opaque,
  type Constant,
  type Entries,
  type Entry,
  type OpenSize,
  type Value,
} from './values';
import { say } from '../../shared/l10n';

type OnEntries = (a: Entry, b: Entry, hint: (size: OpenSize) => number | undefined) => Entry;
type OnNumbers = (a: number, b: number) => number;

const asOpen = (entry: Exclude<Entry, undefined>): OpenSize =>
  typeof entry === 'number' ? { times: entry, symbols: [] } : entry;

const MOST_SYMBOLS = 8;

function product(a: Entry, b: Entry): Entry {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 0 || b === 0) return 0;
  if (a === undefined || b === undefined) return undefined;
  const [x, y] = [asOpen(a), asOpen(b)];
  const symbols = [...x.symbols, ...y.symbols];
  return symbols.length > MOST_SYMBOLS ? undefined : { times: x.times * y.times, symbols };
}

function quotient(a: Entry, b: Entry): Entry {
  if (a === undefined || b === undefined || b === 0) return undefined;
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b);
  const [x, y] = [asOpen(a), asOpen(b)];
  const left = [...x.symbols];
  for (const symbol of y.symbols) {
    const at = left.indexOf(symbol);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  const times = x.times / y.times;
  if (!Number.isInteger(times)) return undefined;
  return left.length === 0 ? times : { times, symbols: left };
}

/** The number that an entry is, where the file fixes its sizes. */
const fixed = (entry: Entry, hint: (size: OpenSize) => number | undefined): number | undefined =>
  typeof entry === 'object' ? hint(entry) : entry;

const plain =
  (of: OnNumbers): OnEntries =>
  (a, b) =>
    typeof a === 'number' && typeof b === 'number' ? of(a, b) : undefined;

const compared =
  (of: (a: number, b: number) => boolean): OnEntries =>
  (a, b, hint) => {
    const [x, y] = [fixed(a, hint), fixed(b, hint)];
    return x === undefined || y === undefined ? undefined : Number(of(x, y));
  };

const equal: OnEntries = (a, b, hint) => {
  // No size is below 1 here, so that an open one is neither 0 nor -1: what Expand's shapes are asked for.
  if (typeof a === 'number' && typeof b === 'object' && a < 1) return 0;
  if (typeof b === 'number' && typeof a === 'object' && b < 1) return 0;
  if (typeof a === 'object' && typeof b === 'object') {
    return a.times === b.times && a.symbols.join('\n') === b.symbols.join('\n') ? 1 : undefined;
  }
  return compared((x, y) => x === y)(a, b, hint);
};

const ON_ENTRIES: Readonly<Record<string, OnEntries>> = {
  Add: (a, b) => (a === 0 ? b : b === 0 ? a : plain((x, y) => x + y)(a, b, () => undefined)),
  Sub: (a, b) => (b === 0 ? a : plain((x, y) => x - y)(a, b, () => undefined)),
  Mul: product,
  Div: quotient,
  Mod: plain((a, b) => (b === 0 ? NaN : a - b * Math.floor(a / b))),
  Max: plain(Math.max),
  Min: plain(Math.min),
  Equal: equal,
  Greater: compared((a, b) => a > b),
  GreaterOrEqual: compared((a, b) => a >= b),
  Less: compared((a, b) => a < b),
  LessOrEqual: compared((a, b) => a <= b),
  And: plain((a, b) => (a !== 0 && b !== 0 ? 1 : 0)),
  Or: plain((a, b) => (a !== 0 || b !== 0 ? 1 : 0)),
  Xor: plain((a, b) => ((a !== 0) === (b !== 0) ? 0 : 1)),
};

const ON_NUMBERS: Readonly<Record<string, OnNumbers>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

function onEntries(context: Context, node: NodeView, a: Entries, b: Entries, of: OnEntries): Entries {
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === undefined) throw node.damaged(say`shapes that do not fit`);
  const size = checkedSize(shape);
  if (size > MOST_ENTRIES) throw new NotFollowed(say`its numbers are too many to be worked out`);
  context.spend(size);
  const wide = (value: Entries): Entry[] => {
    const out = new Array<Entry>(size).fill(undefined);
    expandInto<Entry>(out, [...value.entries], value.shape, shape);
    return out;
  };
  const [x, y] = [wide(a), wide(b)];
  const hint = (open: OpenSize): number | undefined => {
    let product = open.times;
    for (const symbol of open.symbols) product *= context.hints.get(symbol) ?? NaN;
    return Number.isNaN(product) ? undefined : product;
  };
  return { kind: 'entries', shape, entries: x.map((entry, k) => of(entry, y[k], hint)) };
}

/** Both as constants, value by value. */
export function onConstants(context: Context, node: NodeView, a: Constant, b: Constant, of: OnNumbers): Constant {
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === undefined) throw node.damaged(say`shapes that do not fit`);
  return derived(
    context.limits,
    [a, b],
    shape,
    (out, [x, y]) => {
      if (!x || !y) return;
      expandInto<number>(out, x, a.shape, shape);
      const second = new Float64Array(out.length);
      expandInto<number>(second, y, b.shape, shape);
      for (let k = 0; k < out.length; k++) out[k] = of(out[k] ?? 0, second[k] ?? 0);
    },
    a.type === 'float' || b.type === 'float' ? 'float' : 'int',
  );
}

const asConstant = (value: Value): Constant | undefined =>
  value.kind === 'constant'
    ? value
    : value.kind === 'entries'
      ? constantOf(value)
      : value.kind === 'fill'
        ? constantOf({ kind: 'entries', shape: [], entries: [value.value] }, 'float')
        : undefined;

/** A pair of values neither of which is a stream. */
export function pairOf(context: Context, node: NodeView, a: Value, b: Value): Value {
  if (a.kind === 'opaque' || b.kind === 'opaque') return opaque([], [a, b]);
  const { op } = node.node;
  const floats = [a, b].some((value) => value.kind === 'constant' && value.type === 'float');
  const [x, y] = [entriesOf(a), entriesOf(b)];
  const entries = ON_ENTRIES[op];
  if (x && y && entries && !floats) return onEntries(context, node, x, y, entries);
  const numbers = ON_NUMBERS[op];
  if (a.kind === 'fill' && b.kind === 'fill' && numbers) return { kind: 'fill', value: numbers(a.value, b.value) };
  const [p, q] = [asConstant(a), asConstant(b)];
  if (p && q && numbers && a.kind !== 'fill' && b.kind !== 'fill') return onConstants(context, node, p, q, numbers);
  throw new NotFollowed(say`its numbers are not known before it runs`);
}

export const isPairOp = (op: string): boolean => ON_ENTRIES[op] !== undefined;

const oneByOne =
  (of: (entry: number) => number): Operator =>
  (context, node, inputs) => {
    const value = need(node, inputs, 0);
    if (value.kind === 'opaque') return [value];
    if (value.kind === 'stream') throw new NotFollowed(say`it is not among the layers that are known`);
    if (value.kind === 'fill') return [{ kind: 'fill', value: of(value.value) }];
    if (value.kind === 'constant') {
      return [
        derived(context.limits, [value], value.shape, (out, [data]) => data?.forEach((one, k) => (out[k] = of(one)))),
      ];
    }
    context.spend(value.entries.length);
    const entries = value.entries.map((entry) => (typeof entry === 'number' ? of(entry) : undefined));
    const whole = entries.every((entry) => entry === undefined || Number.isInteger(entry));
    return [whole ? { ...value, entries } : constantOf({ ...value, entries }, 'float')];
  };

const where: Operator = (context, node, inputs) => {
  const [condition, yes, no] = [0, 1, 2].map((place) => need(node, inputs, place));
  const entries = [condition, yes, no].map((value) => value && entriesOf(value));
  const [c, a, b] = entries;
  if (!c || !a || !b) throw new NotFollowed(say`what it chooses by is not known before it runs`);
  const shape = [a, b].reduce((sum: number[] | undefined, one) => sum && broadcastShape(sum, one.shape), [...c.shape]);
  if (shape === undefined) throw node.damaged(say`shapes that do not fit`);
  const size = checkedSize(shape);
  if (size > MOST_ENTRIES) throw new NotFollowed(say`its numbers are too many to be worked out`);
  context.spend(size);
  const wide = ({ entries: from, shape: before }: Entries): Entry[] => {
    const out = new Array<Entry>(size).fill(undefined);
    expandInto<Entry>(out, [...from], before, shape);
    return out;
  };
  const [chosen, x, y] = [wide(c), wide(a), wide(b)];
  return [
    {
      kind: 'entries',
      shape,
      entries: chosen.map((one, k) => (typeof one === 'number' ? (one === 0 ? y[k] : x[k]) : undefined)),
    },
  ];
};

const reduced =
  (of: (a: Entry, b: Entry) => Entry, start: number): Operator =>
  (context, node, inputs) => {
    const value = need(node, inputs, 0);
    const entries = value.kind === 'stream' ? undefined : entriesOf(value);
    if (!entries || entries.shape.length > 1) throw new NotFollowed(say`it gathers what is not known before it runs`);
    context.spend(entries.entries.length);
    const whole = entries.entries.reduce(of, start);
    return [{ kind: 'entries', shape: node.int('keepdims', 1) === 1 ? [1] : [], entries: [whole] }];
  };

const range: Operator = (context, _, inputs) => {
  const [start = 0, limit = 0, step = 1] = [0, 1, 2].map((place) => knownInts(inputs[place], 'bounds')[0]);
  const count = step === 0 ? 0 : Math.max(0, Math.ceil((limit - start) / step));
  if (count > MOST_ENTRIES) {
    return [
      derived(
        context.limits,
        [],
        [count],
        (out) => {
          for (let k = 0; k < out.length; k++) out[k] = start + k * step;
        },
        'int',
      ),
    ];
  }
  context.spend(count);
  return [{ kind: 'entries', shape: [count], entries: Array.from({ length: count }, (_, k) => start + k * step) }];
};

const size: Operator = (_, node, inputs) => {
  const value = need(node, inputs, 0);
  if (value.kind === 'opaque') return [value];
  if (value.kind !== 'constant' && value.kind !== 'entries') throw new NotFollowed(say`it counts what is open`);
  return [{ kind: 'entries', shape: [], entries: [sizeOf(value.shape)] }];
};

/** What Constant holds, in each of its ways to say it. */
const constant: Operator = (_, node) => {
  const tensor = node.get('value', 'TENSOR');
  if (tensor) return [storedConstant(tensor)];
  const one = node.get('value_float', 'FLOAT');
  const floats = node.get('value_floats', 'FLOATS') ?? (one === undefined ? undefined : [one]);
  if (floats) {
    const shape = one === undefined ? [floats.length] : [];
    return [constantOf({ kind: 'entries', shape, entries: floats }, 'float')];
  }
  const int = node.get('value_int', 'INT');
  const ints = node.get('value_ints', 'INTS') ?? (int === undefined ? undefined : [int]);
  if (ints) return [{ kind: 'entries', shape: int === undefined ? [ints.length] : [], entries: ints }];
  throw new NotFollowed(say`its value is of a kind that is not supported`);
};

/** A stored tensor as a value: whole numbers are read at once where they are few. */
export function storedConstant({
  name,
  shape,
  kind,
  read,
}: {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'float' | 'int';
  readonly read: Constant['read'];
}): Value {
  const value: Constant = { kind: 'constant', name, shape, type: kind, cost: sizeOf(shape), depth: 0, read };
  return (kind === 'int' ? entriesOf(value) : undefined) ?? value;
}

export const ARITHMETIC: Readonly<Record<string, Operator>> = {
  Constant: constant,
  Range: range,
  Size: size,
  Where: where,
  Neg: oneByOne((value) => -value),
  Not: oneByOne((value) => (value === 0 ? 1 : 0)),
  Abs: oneByOne(Math.abs),
  Sqrt: oneByOne(Math.sqrt),
  Reciprocal: oneByOne((value) => 1 / value),
  Floor: oneByOne(Math.floor),
  Ceil: oneByOne(Math.ceil),
  ReduceProd: reduced(product, 1),
  ReduceSum: reduced((a, b) => (typeof a === 'number' && typeof b === 'number' ? a + b : undefined), 0),
  ReduceMax: reduced(
    (a, b) => (typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : undefined),
    -Infinity,
  ),
  ReduceMin: reduced((a, b) => (typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : undefined), Infinity),
};
