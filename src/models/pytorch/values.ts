/**
 * What a pickle says, as data. Nothing here stands for a Python object that could act: a class or function is its name,
 * an object is the name of what would have made it, with what that would have been given.
 */

/** A class or function, by name. */
export class PyGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

export class PyList {
  readonly items: PyValue[] = [];
}

export class PyTuple {
  constructor(readonly items: readonly PyValue[]) {}
}

/** A set has no order that a file could tell. */
export class PySet {
  readonly items: PyValue[] = [];
}

export class PyDict {
  /** In the order of insertion; a key that is set again stands twice, the last one counts. */
  readonly entries: (readonly [key: PyValue, value: PyValue])[] = [];
}

/** An object that a call would have made: its maker and arguments, and what was put in it later. */
export class PyRecord {
  readonly items: PyValue[] = [];
  readonly entries: (readonly [key: PyValue, value: PyValue])[] = [];
  /** What BUILD gave it: usually a dict of attributes. */
  state: PyValue | undefined;

  constructor(
    readonly of: PyValue,
    readonly args: readonly PyValue[],
  ) {}

  /** `torch.nn.modules.rnn.LSTM`; empty where its maker is no plain name. */
  get path(): string {
    const { of } = this;
    if (of instanceof PyGlobal) return of.path;
    // A legacy file keeps a module's class together with its source: ('module', class, file, source).
    const [tag, named] = of instanceof PyPersistent && of.id instanceof PyTuple ? of.id.items : [];
    return tag === 'module' && named instanceof PyGlobal ? named.path : '';
  }
}

/** What lies outside of the pickle: PyTorch's storages. */
export class PyPersistent {
  constructor(readonly id: PyValue) {}
}

export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyGlobal
  | PyList
  | PyTuple
  | PySet
  | PyDict
  | PyRecord
  | PyPersistent;

/** Makers whose object is a dict, whatever they are given. */
const DICTS = new Set(['collections.OrderedDict', 'collections.defaultdict', 'collections.Counter']);

/** The pairs of a dict or of an object of a dict's class; undefined for anything else. */
export function pairsOf(value: PyValue | undefined): (readonly [key: PyValue, value: PyValue])[] | undefined {
  if (value instanceof PyDict) return value.entries;
  if (!(value instanceof PyRecord)) return undefined;
  if (value.entries.length > 0) return value.entries;
  if (!DICTS.has(value.path)) return undefined;
  // Protocols 0 and 1 give an OrderedDict its pairs as a list of lists, a Counter its dict.
  const [first] = value.args;
  if (first instanceof PyDict) return first.entries;
  return (itemsOf(first) ?? []).flatMap((pair) => {
    const [key, item, ...more] = itemsOf(pair) ?? [];
    return key !== undefined && item !== undefined && more.length === 0 ? [[key, item] as const] : [];
  });
}

/** Items of a list or tuple, or of a list's subclass. */
export function itemsOf(value: PyValue | undefined): readonly PyValue[] | undefined {
  if (value instanceof PyList || value instanceof PyTuple) return value.items;
  return value instanceof PyRecord && value.items.length > 0 ? value.items : undefined;
}

const SETS = new Set(['builtins.set', '__builtin__.set', 'builtins.frozenset', '__builtin__.frozenset']);

export const isSet = (value: PyValue | undefined): boolean =>
  value instanceof PySet || (value instanceof PyRecord && SETS.has(value.path));

/** Attributes of an object: the dict that BUILD gave it, or the second of (dict, slots). */
export function attributesOf(value: PyValue | undefined): (readonly [key: PyValue, value: PyValue])[] {
  if (!(value instanceof PyRecord)) return [];
  const { state } = value;
  if (state instanceof PyTuple && state.items.length === 2) return state.items.flatMap((part) => pairsOf(part) ?? []);
  return pairsOf(state) ?? [];
}
