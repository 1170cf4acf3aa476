/**
 * What is known of a value while a graph is read: a constant, sizes, or a stream of vectors that comes from an input by
 * ways that a Model can say. Nothing is computed that a text would be needed for.
 */
import type { Values } from '../../engine/vector';
import { GatescopeError } from '../../shared/errors';
import { say, textIn, type Text } from '../../shared/l10n';
import { sizeOf } from './arrays';

/** A stored tensor, or one that is worked out of stored ones when it is read. */
export interface Constant {
  readonly kind: 'constant';
  /** The stored tensor's, for messages. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: 'float' | 'int';
  /** Values that are touched to read it, and how many operators that takes. */
  readonly cost: number;
  readonly depth: number;
  /** Each time anew: floats as float32, integers as float64. */
  readonly read: () => Values;
}

/** A product of open sizes, each by its name, times a number. */
export interface OpenSize {
  readonly times: number;
  readonly symbols: readonly string[];
}

/** A size or another whole number; undefined where it is not known. */
export type Entry = number | OpenSize | undefined;

/** A small array of whole numbers, or of truth as 0 and 1: shapes and what is worked out of them. */
export interface Entries {
  readonly kind: 'entries';
  readonly shape: readonly number[];
  readonly entries: readonly Entry[];
}

/** Floats that are all alike, of a shape that is open: initial states. */
export interface Fill {
  readonly kind: 'fill';
  readonly value: number;
  /** Where it is known; a move forgets it. */
  readonly shape?: readonly Entry[];
}

/** A size that the file gives, or a product of open ones: a batch, a time, both in one. */
export type Axis = number | readonly string[];

/**
 * Vectors at each place of its open axes. What stands at the closed axes is told value by value: a column of a source
 * (sources.ts) by its number. So every move of axes and columns is exact.
 */
export interface Stream {
  readonly kind: 'stream';
  readonly axes: readonly Axis[];
  /** [the closed axes] */
  readonly columns: Int32Array;
  /** The open axis that runs backwards, if one does. */
  readonly reversed: string | undefined;
  /** How one step was picked out of a sequence, for people: `Gather "last"`. */
  readonly picked: string | undefined;
}

/** What cannot be followed. */
export interface Opaque {
  readonly kind: 'opaque';
  /** The operators that it fails for. */
  readonly causes: readonly string[];
  /** Sources that it was made of: numbers of columns, one of each. */
  readonly reach: readonly number[];
}

export type Value = Constant | Entries | Fill | Stream | Opaque;

export const isOpen = (axis: Axis | OpenSize | undefined): axis is readonly string[] => Array.isArray(axis);

/** Sizes of the closed axes in their order. */
export const closedShape = (axes: readonly Axis[]): number[] => axes.filter((axis) => typeof axis === 'number');

/** Place of an axis among the closed ones. */
export const closedIndex = (axes: readonly Axis[], axis: number): number => closedShape(axes.slice(0, axis)).length;

/** An operator, or a use of one, that a Model cannot say. Not an error of the file. */
export class NotFollowed extends Error {
  /** @param causes labels of other operators that it fails for */
  constructor(
    readonly text: Text,
    readonly causes: readonly string[] = [],
  ) {
    super(textIn(text));
  }
}

/** The most causes and reached sources that an opaque value keeps. */
const MOST_KEPT = 8;

export function opaque(causes: readonly string[], from: readonly (Value | undefined)[]): Opaque {
  const before = from.flatMap((value) => (value?.kind === 'opaque' ? [...value.causes] : []));
  const reach = from.flatMap((value) => {
    if (value?.kind === 'opaque') return [...value.reach];
    return value?.kind === 'stream' ? [...sample(value.columns)] : [];
  });
  return {
    kind: 'opaque',
    causes: [...new Set([...before, ...causes])].slice(0, MOST_KEPT),
    reach: [...new Set(reach)].slice(0, MOST_KEPT * 2),
  };
}

/** The first and last columns: enough to find the sources by. */
const sample = (columns: Int32Array): Int32Array =>
  columns.length <= 2 ? columns : Int32Array.of(columns[0] ?? 0, columns[columns.length - 1] ?? 0);

/** What a file may cost: more is refused, so that a small file cannot take much time or memory. */
export interface Limits {
  /** Values of a constant that is worked out. */
  readonly values: number;
  /** Values touched for one. */
  readonly cost: number;
  /** Column numbers and entries that are kept while the graph is read, and entries that are looked at. */
  readonly work: number;
}

/** Values of a shape that was worked out. @throws NotFollowed where it is none */
export function checkedSize(shape: readonly number[]): number {
  const size = sizeOf(shape);
  if (shape.every((one) => Number.isInteger(one) && one >= 0) && Number.isSafeInteger(size)) return size;
  throw new NotFollowed(say`there is no shape [${shape.slice(0, 8).join(', ')}]`);
}

const DEEPEST = 100;
/** What an operator costs however few values it has, in values. */
const COST_OF_STEP = 4000;

/** A constant that is worked out of others. @throws NotFollowed beyond the limits */
export function derived(
  limits: Limits,
  from: readonly Constant[],
  shape: readonly number[],
  fill: (out: Values, from: readonly Values[]) => void,
  type: Constant['type'] = from[0]?.type ?? 'float',
): Constant {
  const size = checkedSize(shape);
  const cost = from.reduce((sum, one) => sum + one.cost, size + COST_OF_STEP);
  const depth = 1 + from.reduce((most, one) => Math.max(most, one.depth), 0);
  if (!(size <= limits.values && cost <= limits.cost && depth <= DEEPEST)) {
    throw new NotFollowed(say`its constants are too large to be worked out`);
  }
  return {
    kind: 'constant',
    name: from[0]?.name ?? '',
    shape,
    type,
    cost,
    depth,
    read: () => {
      const out = type === 'float' ? new Float32Array(size) : new Float64Array(size);
      fill(
        out,
        from.map((one) => one.read()),
      );
      return out;
    },
  };
}

/** Whole numbers that are read at once are at most so many. */
export const MOST_ENTRIES = 4096;

/** A constant that is worked out of others costs at most so much to be looked at. */
const CHEAP = 16_000;
const seen = new WeakMap<Constant, Entries | null>();

/** A constant as a list of whole numbers where it is small and whole; undefined otherwise. */
export function entriesOf(value: Value): Entries | undefined {
  if (value.kind === 'entries') return value;
  if (value.kind !== 'constant' || sizeOf(value.shape) > MOST_ENTRIES || value.cost > CHEAP) return undefined;
  const before = seen.get(value);
  if (before !== undefined) return before ?? undefined;
  const values = value.read();
  const whole = value.type === 'int' || values.every((one) => Number.isInteger(one));
  const entries: Entries | null = whole ? { kind: 'entries', shape: value.shape, entries: Array.from(values) } : null;
  seen.set(value, entries);
  return entries ?? undefined;
}

/** The same the other way. @throws NotFollowed where a number is not known */
export function constantOf(entries: Entries, type: Constant['type'] = 'int'): Constant {
  const numbers = entries.entries.map((entry) => {
    if (typeof entry === 'number') return entry;
    throw new NotFollowed(say`a number that it needs is not known before it runs`);
  });
  const read = (): Values => (type === 'int' ? Float64Array.from(numbers) : Float32Array.from(numbers));
  return { kind: 'constant', name: '', shape: entries.shape, type, cost: numbers.length, depth: 0, read };
}

/** Whole numbers that must be known. @throws NotFollowed */
export function knownInts(value: Value | undefined, what: string): number[] {
  const entries = value && entriesOf(value);
  if (!entries) throw new NotFollowed(say`its ${what} are not known before it runs`);
  return entries.entries.map((entry) => {
    if (typeof entry === 'number') return entry;
    throw new NotFollowed(say`its ${what} are not known before it runs`);
  });
}

/** @param axis may count from the end @throws GatescopeError of `bad` where there is none such */
export function axisOf(axis: number, rank: number, bad: (what: Text) => GatescopeError): number {
  const place = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(place) && place >= 0 && place < rank) return place;
  throw bad(say`the axis ${axis} of ${rank}`);
}
