/**
 * Weights in the HDF5 layout of Keras 3 (`.weights.h5`, and inside of `.keras`): groups nested as the objects are, with
 * `vars/0` … for the variables of each (keras/src/saving/saving_lib.py). TensorFlow's Keras 2.11 has other names for the
 * list of layers.
 */
import type { Hdf5Group } from '../hdf5/file';
import { damaged } from '../errors';
import { say } from '../../shared/l10n';
import type { Tensor } from '../tensors';
import type { KerasLayer } from './config';
import type { KerasStore } from './tensors';

const LISTS = ['layers', '_layer_checkpoint_dependencies'];

/** Where a layer keeps the variables of what is inside of it, in the order in which Keras lists them. */
const INSIDE = ['forward_layer', 'backward_layer', 'layer', 'cell'];

const MAX_VARIABLES = 10_000;
/** Of a layer, in it a direction, in that a cell, in that one of several. */
const MAX_DEPTH = 4;

const groupOf = (group: Hdf5Group, name: string): Hdf5Group | undefined => {
  if (!group.names.includes(name)) return undefined;
  const found = group.find(name);
  return found?.kind === 'group' ? found : undefined;
};

/** `lstm_cell_10` after `lstm_cell_9`. */
export function byNumber(a: string, b: string): number {
  const parts = (name: string): [string, number] => {
    const found = /^(.*?)(?:_(\d+))?$/su.exec(name);
    return [found?.[1] ?? name, Number(found?.[2] ?? 0)];
  };
  const [[stemA, numberA], [stemB, numberB]] = [parts(a), parts(b)];
  return stemA === stemB ? numberA - numberB : stemA < stemB ? -1 : 1;
}

export function layerList(group: Hdf5Group): Hdf5Group | undefined {
  for (const name of LISTS) {
    const found = groupOf(group, name);
    if (found) return found;
  }
  return undefined;
}

/** The variables of a group and of what is inside of it. */
export function variablesOf(file: string, group: Hdf5Group, depth = 0): readonly Tensor[] {
  if (depth > MAX_DEPTH) throw damaged(file, say`Its weights lie more than ${MAX_DEPTH} deep in each other.`);
  const own = groupOf(group, 'vars');
  const names = (own?.names ?? []).filter((name) => /^\d+$/u.test(name)).sort((a, b) => Number(a) - Number(b));
  if (names.length > MAX_VARIABLES) throw damaged(file, say`A layer has ${names.length} variables.`);
  const tensors = names.flatMap((name): Tensor[] => {
    const found = own?.find(name);
    return found?.kind === 'dataset' ? [found] : [];
  });
  const inner = INSIDE.flatMap((name) => {
    const found = groupOf(group, name);
    return found ? [found] : [];
  });
  const cells = groupOf(group, 'cells');
  const stacked = [...(cells?.names ?? [])].sort(byNumber).flatMap((name) => {
    const found = cells && groupOf(cells, name);
    return found ? [found] : [];
  });
  return [...tensors, ...[...inner, ...stacked].flatMap((one) => variablesOf(file, one, depth + 1))];
}

/** The name that Keras gave the layer, where the file says so. */
function writtenName(group: Hdf5Group): string | undefined {
  const name = groupOf(group, 'vars')?.attribute('name');
  return typeof name === 'string' ? name : undefined;
}

/** @throws model-damaged where a layer has no place in the file */
export function weightsStore(file: string, root: Hdf5Group): KerasStore {
  /** A layer's group among those of its model: by the name that the file says, else by its class and number. */
  function find(model: Hdf5Group, layer: KerasLayer): Hdf5Group | undefined {
    const list = layerList(model) ?? model;
    const stored = groupOf(list, layer.stored);
    if (stored && (writtenName(stored) ?? layer.name) === layer.name) return stored;
    const named = groupOf(list, layer.name);
    if (named && (writtenName(named) ?? layer.name) === layer.name) return named;
    for (const name of list.names) {
      const group = groupOf(list, name);
      if (group && writtenName(group) === layer.name) return group;
    }
    return stored ?? named;
  }
  return {
    weightsOf: (layer) => {
      let model: Hdf5Group | undefined = root;
      for (const outer of layer.inside) model = model && find(model, outer);
      const group = model && find(model, layer);
      return group ? variablesOf(file, group) : [];
    },
  };
}
