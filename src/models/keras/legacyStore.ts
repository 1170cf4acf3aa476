/**
 * Weights in the HDF5 layout of Keras 1, 2 and 3's `.h5`: a group for each layer, whose attribute `weight_names` lists its
 * datasets in order (keras/src/legacy/saving/legacy_h5_format.py). Keras 0 has `param_0` … instead.
 */
import type { AttributeValue } from '../hdf5/attributes';
import type { Hdf5Group, Hdf5Node } from '../hdf5/file';
import { damaged, quote } from '../errors';
import { say } from '../../shared/l10n';
import type { Tensor } from '../tensors';
import type { KerasLayer } from './config';
import type { KerasStore } from './tensors';

/** Of layers, and of a layer's tensors: more than any model has. */
const MAX_NAMES = 5000;

/** A list of texts; Keras cuts one that is too long for an attribute into `name0`, `name1` … */
export function textsOf(file: string, node: Hdf5Node, name: string): readonly string[] | undefined {
  const whole = listOf(file, node, name);
  if (whole !== undefined) return whole;
  const parts: string[] = [];
  for (let index = 0; ; index++) {
    const part = listOf(file, node, `${name}${String(index)}`);
    if (part === undefined) return index === 0 ? undefined : parts;
    parts.push(...part);
    if (parts.length > MAX_NAMES) throw damaged(file, say`${quote(node.path)} has more than ${MAX_NAMES} names.`);
  }
}

function listOf(file: string, node: Hdf5Node, name: string): readonly string[] | undefined {
  const value = node.attribute(name);
  if (value === undefined) return undefined;
  if (value.length > MAX_NAMES && typeof value !== 'string') {
    throw damaged(file, say`The attribute ${quote(name)} of ${quote(node.path)} has ${value.length} values.`);
  }
  if (typeof value === 'string') return [value];
  if (!(value instanceof Float32Array)) return value;
  // NumPy writes an empty list as one of numbers.
  if (value.length === 0) return [];
  throw damaged(
    file,
    say`The attribute ${quote(name)} of ${quote(node.path)} holds numbers; it must be a list of texts.`,
  );
}

/** The group that holds the layers' groups; undefined where the file is of another layout. */
export function legacyRoot(file: string, root: Hdf5Group): Hdf5Group | undefined {
  const inner = root.find('model_weights');
  const group = inner?.kind === 'group' ? inner : root;
  const found = textsOf(file, group, 'layer_names') ?? group.attribute('nb_layers');
  return found === undefined ? undefined : group;
}

/** Every layer's name with its tensors in order, as far as they are asked for. */
export function legacyLayers(file: string, group: Hdf5Group): readonly string[] {
  const names = textsOf(file, group, 'layer_names');
  if (names && new Set(names).size < names.length) throw damaged(file, say`It has two layers of the same name.`);
  if (names !== undefined) return names;
  return numbered('layer', group.attribute('nb_layers'));
}

/** Keras 0: `param_0` …, as many as an attribute says. */
function numbered(stem: string, count: AttributeValue): readonly string[] {
  const length = count instanceof Float32Array ? (count[0] ?? 0) : 0;
  return Array.from({ length: Math.min(MAX_NAMES, Math.max(0, Math.floor(length))) }, (_, k) => `${stem}_${String(k)}`);
}

/** @throws model-damaged where a layer or tensor that is named is not there */
export function legacyTensors(file: string, group: Hdf5Group, layer: string): readonly Tensor[] {
  const found = group.find(layer);
  if (found?.kind !== 'group') throw damaged(file, say`Its weights have no layer ${quote(layer)}.`);
  const names = textsOf(file, found, 'weight_names') ?? numbered('param', found.attribute('nb_params'));
  return names.map((name) => {
    const tensor = found.find(name);
    if (tensor?.kind !== 'dataset') throw damaged(file, say`Layer ${quote(layer)} has no tensor ${quote(name)}.`);
    return { name, shape: tensor.shape, floating: tensor.floating, read: () => tensor.read() };
  });
}

/** Tensors that bear a layer's name among their own: how the layers of an inner model are told apart. */
export const ofLayer = (tensors: readonly Tensor[], layer: string): readonly Tensor[] =>
  tensors.filter(({ name }) => name.split('/').slice(0, -1).includes(layer));

export function legacyStore(file: string, group: Hdf5Group): KerasStore {
  const known = new Map<string, readonly Tensor[]>();
  const tensorsOf = (name: string): readonly Tensor[] => {
    const tensors = known.get(name) ?? legacyTensors(file, group, name);
    known.set(name, tensors);
    return tensors;
  };
  return {
    weightsOf: ({ name, inside: [outer] }: KerasLayer) =>
      outer === undefined ? tensorsOf(name) : ofLayer(tensorsOf(outer.name), name),
  };
}
