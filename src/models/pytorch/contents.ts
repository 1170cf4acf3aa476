/**
 * Finds in what a PyTorch file holds its tensors by name, whatever they are wrapped in: a bare state dict, a checkpoint
 * with it at any depth, state dicts side by side, a whole module. Modules are walked as data.
 */
import { damaged, quote } from '../errors';
import { say } from '../../shared/l10n';
import { LIMITS } from '../limits';
import { namesClasses, namesVocabulary, type Note, type NoteValue } from '../notes';
import type { ModuleNote, Tensor } from '../tensors';
import { isTensor, tensorOf, type Container } from './storage';
import { attributesOf, isSet, itemsOf, pairsOf, PyPersistent, PyGlobal, PyRecord, type PyValue } from './values';

/** Tensors that a dict or a module has, by their names in it. */
export interface Group {
  readonly path: readonly string[];
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly modules: ReadonlyMap<string, ModuleNote>;
}

export interface Contents {
  readonly groups: readonly Group[];
  readonly notes: readonly Note[];
  /** Texts and numbers by name. */
  readonly scalars: ReadonlyMap<string, string>;
}

type Pair = readonly [key: string, value: PyValue];

/** What a look at a module costs, in looks at a value. */
const MODULE_VISITS = 40;

/** Scalars that are kept of a file: settings, not the entries of a vocabulary. */
const MOST_SCALARS = 200;
const LONGEST_SCALAR = 10_000;

/** @throws model-damaged for tensors that do not fit their storages, or too many values */
export function contentsOf(container: Container): Contents {
  const walk = new Walk(container);
  walk.visit(container.root, [], 0);
  return walk;
}

const namedPairs = (pairs: readonly (readonly [PyValue, PyValue])[]): Pair[] =>
  pairs.flatMap(([key, value]) => (typeof key === 'string' ? [[key, value] as const] : []));

class Walk implements Contents {
  readonly groups: Group[] = [];
  readonly notes: Note[] = [];
  readonly scalars = new Map<string, string>();
  /** What was visited: objects may be shared, and lie in themselves. */
  private readonly seen = new Set<PyValue>();
  private visits = 0;
  private tensors = 0;

  constructor(private readonly container: Container) {}

  visit(value: PyValue, path: readonly string[], depth: number): void {
    if (typeof value !== 'object' || value === null || this.seen.has(value) || depth > LIMITS.depth) return;
    this.seen.add(value);
    if (isModule(value)) {
      this.module(value, path);
      return;
    }
    const all = pairsOf(value) ?? attributesOf(value);
    this.count(1 + all.length + (itemsOf(value)?.length ?? 0));
    const pairs = namedPairs(all);
    const own = pairs.filter(([, item]) => isTensor(item));
    if (own.length > 0) {
      const named = own.map(([name, item]) => [name, this.tensor(name, item)] as const);
      this.groups.push({ path, tensors: new Map(named.filter(isThere)), modules: new Map() });
    }
    for (const [name, item] of pairs) {
      if (isTensor(item)) continue;
      this.keep([...path, name], item);
      this.visit(item, [...path, name], depth + 1);
    }
    for (const [index, item] of (itemsOf(value) ?? []).entries()) {
      if (typeof item === 'object') this.visit(item, [...path, String(index)], depth + 1);
    }
  }

  private count(values: number): void {
    this.visits += values;
    if (this.visits > LIMITS.visits) {
      throw damaged(this.container.file, say`It holds over ${LIMITS.visits} values, the most that are looked at.`);
    }
  }

  private tensor(name: string, value: PyValue): Tensor | undefined {
    if (name.length > LIMITS.name) {
      throw damaged(
        this.container.file,
        say`Tensor ${quote(name)} has a name of ${name.length} characters; the most is ${LIMITS.name}.`,
      );
    }
    if (++this.tensors > LIMITS.tensors) {
      throw damaged(this.container.file, say`It holds over ${LIMITS.tensors} tensors, the most that are looked at.`);
    }
    return tensorOf(this.container, name, value);
  }

  /** Notes and scalars. */
  private keep(path: readonly string[], value: PyValue): void {
    const name = path.at(-1) ?? '';
    if (this.notes.length < LIMITS.notes && (namesVocabulary(name) || namesClasses(name))) {
      const note = noteOf(value);
      if (note) this.notes.push({ path, value: note });
    }
    const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!scalar || this.scalars.size >= MOST_SCALARS || this.scalars.has(name)) return;
    const text = String(value);
    if (text.length <= LONGEST_SCALAR) this.scalars.set(name, text);
  }

  private module(root: PyRecord, path: readonly string[]): void {
    const tensors = new Map<string, Tensor>();
    const modules = new Map<string, ModuleNote>();
    const inside = (object: PyRecord, prefix: string, depth: number): void => {
      if (depth > LIMITS.depth || prefix.length > LIMITS.name) {
        throw damaged(this.container.file, say`Its modules are nested deeper than ${LIMITS.depth}.`);
      }
      const attributes = namedPairs(attributesOf(object));
      // One module may lie in many, and each time is a visit.
      this.count(MODULE_VISITS + attributes.length);
      modules.set(prefix.replace(/\.$/u, ''), { className: className(object), attributes: scalarsOf(attributes) });
      const children = childrenOf(attributes, '_modules');
      const own = [...childrenOf(attributes, '_parameters'), ...childrenOf(attributes, '_buffers')];
      this.count(children.length + own.length);
      for (const [name, value] of own) {
        const tensor = this.tensor(prefix + name, value);
        if (tensor) tensors.set(prefix + name, tensor);
      }
      for (const [name, value] of attributes) {
        if (name.startsWith('_')) continue;
        if (isModule(value)) children.push([name, value]);
        else if (isTensor(value)) {
          const tensor = this.tensor(prefix + name, value);
          if (tensor) tensors.set(prefix + name, tensor);
        } else {
          this.keep([...path, ...prefix.split('.').slice(0, -1), name], value);
          this.visit(value, [...path, name], depth + 1);
        }
      }
      for (const [name, value] of children) {
        // A module may be used in two places: then it has two names, as in a state dict.
        if (value instanceof PyRecord) inside(value, `${prefix}${name}.`, depth + 1);
      }
    };
    inside(root, '', 0);
    this.groups.push({ path, tensors, modules });
  }
}

const isThere = (pair: readonly [string, Tensor | undefined]): pair is readonly [string, Tensor] =>
  pair[1] !== undefined;

/** TorchScript puts its own name in front, and tells classes of one name apart: `__torch__.___torch_mangle_3.Net`. */
const className = ({ path }: PyRecord): string =>
  path.replace(/^__torch__\./u, '').replace(/___torch_mangle_\d+\./gu, '');

/** torch.nn.Module keeps its parts in these; a TorchScript object has them as plain attributes. */
function isModule(value: PyValue): value is PyRecord {
  if (!(value instanceof PyRecord)) return false;
  if (value.of instanceof PyGlobal && value.of.module.startsWith('__torch__')) return true;
  // A legacy file keeps a class together with its source.
  if (value.of instanceof PyPersistent || value.of instanceof PyGlobal) {
    return attributesOf(value).some(([key]) => key === '_modules' || key === '_parameters');
  }
  return false;
}

/** What a module keeps under a name; where it is set twice, what came last. */
const childrenOf = (attributes: readonly Pair[], name: string): Pair[] =>
  namedPairs(pairsOf(attributes.findLast(([key]) => key === name)?.[1]) ?? []);

function scalarsOf(attributes: readonly Pair[]): ModuleNote['attributes'] {
  const found = new Map<string, string | number | boolean | null>();
  for (const [name, value] of attributes) {
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      found.set(name, value);
    }
  }
  return found;
}

function noteOf(value: PyValue): NoteValue | undefined {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (isSet(value)) return { kind: 'set' };
  const pairs = pairsOf(value);
  if (pairs) return { kind: 'dict', pairs };
  const items = itemsOf(value);
  return items && { kind: 'list', items };
}
