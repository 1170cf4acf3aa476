/**
 * Reads layers models of TensorFlow.js: `model.json` with the configuration and a manifest of weights, which lie one after
 * another in shards beside it (tfjs-converter's README, and tfjs-core/src/io/types.ts).
 */
import { isCounts, isRecord } from '../../shared/json';
import { damaged, quote, shapeText, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import { halfToNumber } from '../floats';
import { weightsLimit } from '../limits';
import type { Model } from '../model';
import type { ModelSource } from '../source';
import type { Tensor } from '../tensors';
import { modelOfLayers } from './build';
import { readTopology, type KerasLayer } from './config';
import { isList, numberOf, parseJson, textOf, type JsonObject } from './json';
import { ofLayer } from './legacyStore';
import { majorOf, majorOfConfig, textOfSource } from './readKeras';
import type { KerasStore } from './tensors';

const MAX_WEIGHTS = 5000;
const MAX_SHARDS = 2000;

/** Bytes of a value as stored. */
const TYPE_BYTES: Readonly<Record<string, number | undefined>> = {
  float32: 4,
  int32: 4,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** The files of a group of weights, one after another. */
interface Shards {
  readonly files: readonly { readonly name: string; readonly from: number; readonly size: number }[];
  readonly size: number;
}

/** Whether a JSON text is a model of TensorFlow.js. */
export const looksLikeTfjs = (json: unknown): boolean =>
  isRecord(json) && 'modelTopology' in json && 'weightsManifest' in json;

/** @throws model-damaged, model-unsupported */
export function readTfjs(source: ModelSource): Model {
  const file = source.name;
  const text = textOfSource(source, 'The file');
  const json = parseJson(file, 'The file', text);
  if (!isRecord(json)) throw damaged(file, say`It is no JSON object.`);
  const topology = json['modelTopology'];
  if (json['format'] === 'graph-model' || (isRecord(topology) && 'node' in topology)) {
    throw unsupported(
      file,
      say`It is a graph model of TensorFlow.js.`,
      say`Layers models are supported; convert with output_format tfjs_layers_model.`,
    );
  }
  if (!isRecord(topology)) throw damaged(file, say`It has no modelTopology.`);
  const config = 'model_config' in topology ? topology['model_config'] : topology;
  const version = textOf(topology, 'keras_version');
  const { tensors, bytes } = readManifest(source, json['weightsManifest']);
  const path = readTopology(file, config);
  return modelOfLayers({
    file,
    fileBytes: source.size + bytes,
    path,
    store: storeOf(tensors, path.name),
    // What TensorFlow.js itself saves has a name for a version.
    major: majorOf(version) ?? majorOfConfig(text),
    configured: true,
    warnings: [],
    metadata: { format: 'TensorFlow.js', ...(version !== undefined && { keras_version: version }) },
  });
}

/** Weights are listed under their layer's name, perhaps below that of the model. */
function storeOf(tensors: readonly Tensor[], model: string | undefined): KerasStore {
  const first = (layer: string): readonly Tensor[] => tensors.filter(({ name }) => name.split('/')[0] === layer);
  const below = (outer: string | undefined, layer: string): readonly Tensor[] =>
    tensors.filter(({ name }) => name.startsWith(`${outer ?? ''}/${layer}/`));
  return {
    weightsOf: ({ name, inside: [outer] }: KerasLayer) => {
      const tries = [
        below(model, name),
        ...(outer ? [below(outer.name, name)] : []),
        first(name),
        ofLayer(tensors, name),
      ];
      return tries.find((found) => found.length > 0) ?? [];
    },
  };
}

function readManifest(source: ModelSource, manifest: unknown): { tensors: readonly Tensor[]; bytes: number } {
  const file = source.name;
  if (!isList(manifest)) throw damaged(file, say`It has no list of weights (weightsManifest).`);
  const tensors: Tensor[] = [];
  let bytes = 0;
  if (manifest.length > MAX_SHARDS) throw damaged(file, say`Its weights are in ${manifest.length} groups.`);
  for (const group of manifest) {
    const paths = isRecord(group) ? group['paths'] : undefined;
    const weights = isRecord(group) ? group['weights'] : undefined;
    if (!isList(paths) || !isList(weights) || paths.length > MAX_SHARDS || weights.length > MAX_WEIGHTS) {
      throw damaged(file, say`A group of its weights has no paths or no list of weights.`);
    }
    const shards = shardsOf(source, paths);
    bytes += shards.size;
    let at = 0;
    for (const weight of weights) {
      const { tensor, length } = tensorOf(source, shards, weight, at);
      tensors.push(tensor);
      if (tensors.length > MAX_WEIGHTS) throw damaged(file, say`It has more than ${MAX_WEIGHTS} weights.`);
      at += length;
    }
  }
  return { tensors, bytes };
}

/** @throws model-damaged for a file that is not there, or not in the model's own folder */
function openShard(source: ModelSource, name: string): ModelSource {
  const found = source.sibling(name);
  if (found) return found;
  throw damaged(source.name, say`Its weights ${quote(name)} are not beside it.`);
}

function shardsOf(source: ModelSource, paths: readonly unknown[]): Shards {
  let size = 0;
  const files = paths.map((path) => {
    if (typeof path !== 'string') throw damaged(source.name, say`It names ${quote(path)} as a file of weights.`);
    const shard = openShard(source, path.replace(/^\.\//u, ''));
    shard.close();
    const one = { name: path.replace(/^\.\//u, ''), from: size, size: shard.size };
    size += shard.size;
    return one;
  });
  return { files, size };
}

function readShards(source: ModelSource, { files }: Shards, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const { name, from: start, size } of files) {
    const begin = Math.max(from, start);
    const end = Math.min(from + length, start + size);
    if (begin >= end) continue;
    const shard = openShard(source, name);
    try {
      bytes.set(shard.read(begin - start, end - begin), begin - from);
    } finally {
      shard.close();
    }
  }
  return bytes;
}

/** @param at where in the group's bytes it begins @returns it, and how many bytes it takes */
function tensorOf(
  source: ModelSource,
  shards: Shards,
  weight: unknown,
  at: number,
): { tensor: Tensor; length: number } {
  const file = source.name;
  const name = isRecord(weight) ? textOf(weight, 'name') : undefined;
  if (!isRecord(weight) || name === undefined) throw damaged(file, say`It lists ${quote(weight)} as a weight.`);
  const what = `Tensor ${quote(name)}`;
  const shape = weight['shape'];
  if (!isCounts(shape))
    throw damaged(file, say`${what} has the shape ${quote(shape)}; it must be a list of whole numbers.`);
  const quantization = isRecord(weight['quantization']) ? weight['quantization'] : undefined;
  const dtype = quantization ? textOf(quantization, 'dtype') : textOf(weight, 'dtype');
  const valueBytes = dtype !== undefined && Object.hasOwn(TYPE_BYTES, dtype) ? TYPE_BYTES[dtype] : undefined;
  if (dtype === undefined || valueBytes === undefined) {
    throw unsupported(
      file,
      say`${what} has the type ${quote(dtype)}.`,
      'float32, int32, and values quantised to float16, uint16 or uint8 are supported.',
    );
  }
  const count = shape.reduce((a, b) => a * b, 1);
  const length = count * valueBytes;
  if (at + length > shards.size || 4 * count > weightsLimit(shards.size)) {
    throw damaged(file, say`${what} of shape ${shapeText(shape)} ends at byte ${at + length} of ${shards.size}.`);
  }
  const read = (): Float32Array => decode(readShards(source, shards, at, length), dtype, valueBytes, quantization);
  return { tensor: { name, shape, read }, length };
}

function decode(
  bytes: Uint8Array,
  dtype: string,
  valueBytes: number,
  quantization: JsonObject | undefined,
): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scale = quantization ? (numberOf(quantization, 'scale') ?? 1) : 1;
  const min = quantization ? (numberOf(quantization, 'min') ?? 0) : 0;
  const values = new Float32Array(bytes.length / valueBytes);
  for (let k = 0; k < values.length; k++) {
    if (dtype === 'float32') values[k] = view.getFloat32(4 * k, true);
    else if (dtype === 'int32') values[k] = view.getInt32(4 * k, true);
    else if (dtype === 'float16') values[k] = halfToNumber(view.getUint16(2 * k, true));
    else values[k] = (dtype === 'uint16' ? view.getUint16(2 * k, true) : view.getUint8(k)) * scale + min;
  }
  return values;
}
