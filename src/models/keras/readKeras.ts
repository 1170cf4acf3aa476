/**
 * Reads models that Keras saved: `.h5` of Keras 1 to 3, `.keras`, and weights alone (`.weights.h5`, `save_weights`).
 * https://keras.io/guides/serialization_and_saving
 */
import { isRecord } from '../../shared/json';
import { damaged, quote, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import { openHdf5, type Hdf5Group } from '../hdf5/file';
import { LIMITS } from '../limits';
import type { Model } from '../model';
import type { ModelSource } from '../source';
import type { Zip } from '../zip';
import { modelOfLayers, type KerasContents } from './build';
import { ownClass, readTopology } from './config';
import { guessLayers, type NamedTensors } from './guess';
import { parseJson, textOf } from './json';
import { legacyLayers, legacyRoot, legacyStore, legacyTensors } from './legacyStore';
import { byNumber, layerList, variablesOf, weightsStore } from './weightsStore';

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';
const METADATA = 'metadata.json';

const DEPTH_OF_WEIGHTS = 6;
const MAX_TENSORS = 20_000;

/** `2.2.4-tf` → 2; undefined where none is said. */
export const majorOf = (version: string | undefined): number | undefined => {
  const found = version === undefined ? undefined : /^\d+/u.exec(version);
  return found ? Number(found[0]) : undefined;
};

/** A version that says nothing of itself: what Keras 1 alone calls the gates' function. */
export const majorOfConfig = (config: string): number => (/"inner_(?:activation|init)"/u.test(config) ? 1 : 2);

/** @throws model-damaged, model-unsupported */
export function readKerasHdf5(source: ModelSource): Model {
  const file = source.name;
  const root = openHdf5(source);
  const legacy = legacyRoot(file, root);
  const version = textAttribute(root, 'keras_version') ?? (legacy && textAttribute(legacy, 'keras_version'));
  const config = textAttribute(root, 'model_config');
  const backend = textAttribute(root, 'backend') ?? (legacy && textAttribute(legacy, 'backend'));
  const metadata: Record<string, string> = {
    ...(version !== undefined && { keras_version: version }),
    ...(backend !== undefined && { backend }),
  };
  const contents = { file, fileBytes: source.size, warnings: [], metadata };
  if (config === undefined) return modelOfWeights(contents, root, legacy, version);
  const topology = parseJson(file, 'Its model_config', config);
  if (ownClass(topology) !== undefined) return modelOfWeights(contents, root, legacy, version, topology);
  return modelOfLayers({
    ...contents,
    path: readTopology(file, topology),
    store: legacy ? legacyStore(file, legacy) : weightsStore(file, root),
    major: majorOf(version) ?? majorOfConfig(config),
    configured: true,
  });
}

const textAttribute = (group: Hdf5Group, name: string): string | undefined => {
  const value = group.attribute(name);
  return typeof value === 'string' ? value : undefined;
};

/** A model by its weights alone. @param topology what the file says of a model of a person's own class */
function modelOfWeights(
  contents: Pick<KerasContents, 'file' | 'fileBytes' | 'warnings' | 'metadata'>,
  root: Hdf5Group,
  legacy: Hdf5Group | undefined,
  version: string | undefined,
  topology?: unknown,
): Model {
  const { file, warnings } = contents;
  const own = ownClass(topology);
  if (own !== undefined) {
    warnings.push(
      say`Its model is of the class ${quote(own)}, which the file does not hold: only its weights are read.`,
    );
  }
  const groups = legacy ? collectLegacy(file, legacy) : collect(file, root);
  const oneAGate = groups.some(({ tensors }) => tensors.length >= 9);
  const major = majorOf(version) ?? (legacy ? 2 : 3);
  // Keras took hard sigmoid before 2.3, as did TensorFlow before its second version.
  const old = major < 2 || (version !== undefined && /^2\.[0-2]\.\d+$/u.test(version));
  const gate = old || oneAGate ? 'hard_sigmoid' : 'sigmoid';
  const guess = guessLayers(groups, legacy !== undefined, gate, warnings);
  return modelOfLayers({ ...contents, ...guess, major: oneAGate ? 1 : major, configured: false });
}

function collectLegacy(file: string, group: Hdf5Group): readonly NamedTensors[] {
  let count = 0;
  return legacyLayers(file, group).map((name) => {
    const tensors = legacyTensors(file, group, name);
    count += tensors.length;
    if (count > MAX_TENSORS) throw damaged(file, say`It has more than ${MAX_TENSORS} tensors.`);
    return { name, tensors };
  });
}

/** Every layer below a group of Keras 3's layout; of a model of one's own class they lie beside each other. */
function collect(file: string, root: Hdf5Group): readonly NamedTensors[] {
  const found: NamedTensors[] = [];
  let seen = 0;
  function visit(group: Hdf5Group, name: string, depth: number): void {
    if (depth > DEPTH_OF_WEIGHTS) throw damaged(file, say`Its groups lie more than ${DEPTH_OF_WEIGHTS} deep.`);
    const list = layerList(group) ?? group;
    for (const child of [...list.names].sort(byNumber)) {
      if (child === 'vars' || child === 'optimizer') continue;
      const inner = list.find(child);
      if (inner?.kind !== 'group') continue;
      if (++seen > MAX_TENSORS) throw damaged(file, say`It has more than ${MAX_TENSORS} groups.`);
      const whole = name === '' ? child : `${name}/${child}`;
      const tensors = layerList(inner) ? [] : variablesOf(file, inner);
      if (tensors.length > 0) found.push({ name: whole, tensors });
      else visit(inner, whole, depth + 1);
    }
  }
  visit(root, '', 0);
  if (found.length === 0) {
    throw unsupported(
      file,
      say`It holds no weights of Keras.`,
      say`Files that model.save and model.save_weights write are supported.`,
    );
  }
  return found;
}

/** Whether a zip archive is one of Keras's. */
export const holdsKeras = ({ entries }: Zip): boolean => entries.has(CONFIG) || entries.has(WEIGHTS);

/** @param zip of config.json and model.weights.h5 @throws model-damaged, model-unsupported */
export function readKerasZip(source: ModelSource, zip: Zip): Model {
  const file = source.name;
  const { entries } = zip;
  const need = (name: string): ModelSource => {
    const entry = entries.get(name);
    if (entry === undefined) throw damaged(file, say`It has no ${name}.`);
    return zip.open(entry);
  };
  const config = textOfSource(need(CONFIG), CONFIG);
  const metadata = entries.has(METADATA) ? parseJson(file, METADATA, textOfSource(need(METADATA), METADATA)) : {};
  const version = isRecord(metadata) ? textOf(metadata, 'keras_version') : undefined;
  const topology = parseJson(file, CONFIG, config);
  const root = openHdf5(need(WEIGHTS));
  const contents: Pick<KerasContents, 'file' | 'fileBytes' | 'warnings' | 'metadata'> = {
    file,
    fileBytes: source.size,
    warnings: [],
    metadata: version === undefined ? {} : { keras_version: version },
  };
  if (ownClass(topology) !== undefined) return modelOfWeights(contents, root, undefined, version, topology);
  return modelOfLayers({
    ...contents,
    path: readTopology(file, topology),
    store: weightsStore(file, root),
    major: majorOf(version) ?? 3,
    configured: true,
  });
}

/** @throws model-damaged where it is too long for what it is */
export function textOfSource(source: ModelSource, what: string): string {
  if (source.size > LIMITS.json) {
    throw damaged(source.name, say`${what} has ${source.size} bytes; the most is ${LIMITS.json}.`);
  }
  return new TextDecoder().decode(source.read(0, source.size));
}
