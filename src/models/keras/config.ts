/**
 * What a Keras configuration says of a model: its layers, in the order in which data passes through them. Reads those of
 * Keras 1 to 3 and of TensorFlow.js: a Sequential model, a functional one as far as it is a single path, and such models
 * inside of each other.
 */
import { isRecord } from '../../shared/json';
import { damaged, quote, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { isList, numberOf, textOf, type JsonObject } from './json';

/** A layer, before its weights are known. */
export interface KerasLayer {
  /** `LSTM` */
  readonly className: string;
  readonly name: string;
  readonly config: JsonObject;
  /** Where weights files of Keras 3 keep it among the layers of its model: `lstm`, `lstm_1`. */
  readonly stored: string;
  /** The models that it is in, outermost first; the whole model is none of them. */
  readonly inside: readonly KerasLayer[];
}

export interface KerasPath {
  readonly name: string | undefined;
  /** From the input on, as far as data passes through a single path. */
  readonly layers: readonly KerasLayer[];
  /** Layers that are beside the path or behind its end. */
  readonly beside: readonly KerasLayer[];
  /** Why the path ends before the model does. */
  readonly end: Text | undefined;
}

const MODELS = new Set(['Sequential', 'Model', 'Functional']);
const MAX_LAYERS = 1000;
const MAX_DEPTH = 16;

export const isModel = ({ className }: KerasLayer): boolean => MODELS.has(className);

/** For people: `LSTM "lstm_1"`. */
export const layerText = ({ className, name }: KerasLayer): string => `${className} ${quote(name)}`;

/** The class of a model whose path through its layers the file does not say: one of a person's own. */
export function ownClass(topology: unknown): string | undefined {
  const className = isRecord(topology) ? textOf(topology, 'class_name') : undefined;
  return className === undefined || MODELS.has(className) ? undefined : className;
}

/** @param topology `{class_name, config}` @throws model-damaged, model-unsupported */
export function readTopology(file: string, topology: unknown): KerasPath {
  if (!isRecord(topology)) throw damaged(file, say`Its configuration is ${quote(topology)}; it must be an object.`);
  const className = textOf(topology, 'class_name') ?? '';
  if (!MODELS.has(className)) {
    throw unsupported(
      file,
      say`Its model is of the class ${quote(className)}.`,
      say`Sequential and functional models are supported; of others, save the weights alone (model.save_weights).`,
    );
  }
  return pathOf(file, className, topology['config'], []);
}

function pathOf(file: string, className: string, config: unknown, inside: readonly KerasLayer[]): KerasPath {
  if (inside.length > MAX_DEPTH) throw damaged(file, say`Its models lie more than ${MAX_DEPTH} deep in each other.`);
  const list = isList(config) ? config : isRecord(config) ? config['layers'] : undefined;
  if (!isList(list)) throw damaged(file, say`Its configuration has no list of layers.`);
  if (list.length > MAX_LAYERS) throw damaged(file, say`Its configuration has ${list.length} layers.`);
  const name = isRecord(config) ? textOf(config, 'name') : undefined;
  const layers = named(file, list, inside);
  if (className === 'Sequential') return flat(file, { name, layers, beside: [], end: undefined });
  return flat(file, { name, ...singlePath(file, isRecord(config) ? config : {}, list, layers) });
}

/** With the layers of models that stand among the layers in their place. */
function flat(file: string, path: KerasPath): KerasPath {
  const layers: KerasLayer[] = [];
  const beside = [...path.beside];
  let { end } = path;
  for (const [index, layer] of path.layers.entries()) {
    if (!isModel(layer)) {
      layers.push(layer);
      continue;
    }
    const inner = pathOf(file, layer.className, layer.config, [...layer.inside, layer]);
    layers.push(...inner.layers);
    if (layers.length > MAX_LAYERS) throw damaged(file, say`Its configuration has more than ${MAX_LAYERS} layers.`);
    if (inner.end === undefined) continue;
    end = inner.end;
    beside.unshift(...inner.beside, ...path.layers.slice(index + 1));
    break;
  }
  return { ...path, layers, beside, end };
}

/** `SimpleRNN` → `simple_rnn`, as Keras makes names of classes. */
export const snakeCase = (className: string): string =>
  className
    .replace(/\W+/gu, '')
    .replace(/(.)([A-Z][a-z]+)/gu, '$1_$2')
    .replace(/([a-z])([A-Z])/gu, '$1_$2')
    .toLowerCase();

function named(file: string, list: readonly unknown[], inside: readonly KerasLayer[]): KerasLayer[] {
  const counts = new Map<string, number>();
  return list.map((value, index) => {
    const layer = layerOf(file, value, `layer ${String(index)}`);
    const stem = snakeCase(layer.className);
    const count = counts.get(stem) ?? 0;
    counts.set(stem, count + 1);
    return { ...layer, stored: count === 0 ? stem : `${stem}_${String(count)}`, inside };
  });
}

/** @throws model-damaged */
function layerOf(file: string, value: unknown, fallback: string): Pick<KerasLayer, 'className' | 'name' | 'config'> {
  const className = isRecord(value) ? textOf(value, 'class_name') : undefined;
  if (!isRecord(value) || className === undefined) {
    throw damaged(
      file,
      say`Its configuration has ${quote(value)} as ${fallback}; it must be an object with a class_name.`,
    );
  }
  const config = isRecord(value['config']) ? value['config'] : { layers: value['config'] };
  // A registered class of a package of one's own is called `package>Class`.
  return {
    className: className.split('>').at(-1) ?? className,
    name: textOf(config, 'name') ?? textOf(value, 'name') ?? fallback,
    config,
  };
}

/** A layer inside a wrapper. @throws model-damaged where there is none */
export function wrapped(file: string, layer: KerasLayer, key: string): KerasLayer | undefined {
  const value = layer.config[key];
  if (value === undefined || value === null) return undefined;
  return { ...layer, ...layerOf(file, value, `the ${key} of ${layerText(layer)}`) };
}

/** Layers of a list inside a wrapper: the cells of StackedRNNCells. */
export function wrappedList(file: string, layer: KerasLayer, key: string): readonly KerasLayer[] {
  const list = layer.config[key];
  if (!isList(list) || list.length > MAX_LAYERS) throw damaged(file, say`${layerText(layer)} has no list of ${key}.`);
  return list.map((value) => ({ ...layer, ...layerOf(file, value, `one of the ${key} of ${layerText(layer)}`) }));
}

/** The layers whose outputs a functional model's layer takes; undefined where it is called more than once. */
function inputsOf(node: JsonObject): readonly string[] | undefined {
  const calls = node['inbound_nodes'];
  if (!isList(calls) || calls.length === 0) return [];
  if (calls.length > 1) return undefined;
  const names: string[] = [];
  collectInputs(calls[0], names, 0);
  return [...new Set(names)];
}

/** Keras 1 and 2 write [name, node, tensor, kwargs], Keras 3 tensors with a `keras_history` of [name, node, tensor]. */
function collectInputs(value: unknown, names: string[], depth: number): void {
  if (depth > 64 || names.length > MAX_LAYERS) return;
  if (isRecord(value)) {
    const history = value['keras_history'];
    if (isList(history) && typeof history[0] === 'string') names.push(history[0]);
    else for (const part of Object.values(value)) collectInputs(part, names, depth + 1);
  } else if (isList(value)) {
    const [name, node, tensor, ...more] = value;
    if (typeof name === 'string' && typeof node === 'number' && typeof tensor === 'number') {
      names.push(name);
      collectInputs(more, names, depth + 1);
    } else {
      for (const part of value) collectInputs(part, names, depth + 1);
    }
  }
}

const isRecurrent = (layer: KerasLayer): boolean => /LSTM|GRU|RNN|Bidirectional/u.test(layer.className);

/** Follows the data from each input in turn, and takes the first path on which there is a recurrent layer. */
function singlePath(
  file: string,
  config: JsonObject,
  list: readonly unknown[],
  layers: readonly KerasLayer[],
): Omit<KerasPath, 'name'> {
  const inputs = new Map(
    layers.map((layer, index) => [layer.name, inputsOf(isRecord(list[index]) ? list[index] : {})]),
  );
  const consumers = new Map<string, KerasLayer[]>();
  for (const layer of layers) {
    for (const name of inputs.get(layer.name) ?? []) {
      const known = consumers.get(name) ?? [];
      known.push(layer);
      consumers.set(name, known);
    }
  }
  const starts = layers.filter(({ name }) => inputs.get(name)?.length === 0);
  const outputs = outputNames(config);
  let best: { path: KerasLayer[]; end: Text | undefined } | undefined;
  for (const start of starts) {
    const found = follow(start, inputs, consumers, outputs);
    const better = found.path.some((layer) => isRecurrent(layer) || isModel(layer));
    if (best === undefined || (better && !best.path.some(isRecurrent))) best = found;
  }
  if (best === undefined) throw damaged(file, say`Its configuration has no layer that takes the input.`);
  const taken = new Set(best.path);
  return { layers: best.path, beside: layers.filter((layer) => !taken.has(layer)), end: best.end };
}

function outputNames(config: JsonObject): ReadonlySet<string> {
  const names: string[] = [];
  collectInputs(config['output_layers'], names, 0);
  return new Set(names);
}

function follow(
  start: KerasLayer,
  inputs: ReadonlyMap<string, readonly string[] | undefined>,
  consumers: ReadonlyMap<string, readonly KerasLayer[]>,
  outputs: ReadonlySet<string>,
): { path: KerasLayer[]; end: Text | undefined } {
  const path = [start];
  const seen = new Set(path);
  let layer = start;
  for (;;) {
    const fed = consumers.get(layer.name) ?? [];
    // Of several branches the first recurrent one is followed, if none is on the way yet: something can be traced.
    const branch = fed.length > 1 && !path.some(isRecurrent) ? fed.find(isRecurrent) : undefined;
    const next = branch ?? fed[0];
    if (next === undefined) return { path, end: undefined };
    if (fed.length > 1 && branch === undefined) {
      return { path, end: say`${layerText(layer)} feeds ${fed.length} layers` };
    }
    const taken = inputs.get(next.name);
    if (taken === undefined || taken.length > 1 || seen.has(next)) {
      return { path, end: say`${layerText(next)} takes more than one input` };
    }
    if (outputs.has(layer.name) && isRecurrent(layer))
      return { path, end: say`${layerText(layer)} is an output itself` };
    path.push(next);
    seen.add(next);
    layer = next;
  }
}

/** The number of a recurrent layer's units or a dense layer's outputs; Keras 1 calls it output_dim. */
export const unitsOf = ({ config }: KerasLayer): number | undefined => numberOf(config, 'units', 'output_dim');
