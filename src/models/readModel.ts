/** From a file to a Model: recognises the format, by content first, and hands on to its reader. */
import { damaged, unsupported } from './errors';
import { say, type Text } from '../shared/l10n';
import { looksLikeHdf5 } from './hdf5/file';
import { holdsKeras, readKerasHdf5, readKerasZip } from './keras/readKeras';
import { readTfjs } from './keras/tfjs';
import { materialize, type Model } from './model';
import { readOnnx } from './onnx/readOnnx';
import { modelOfPytorchNames } from './pytorchNames';
import { holdsPytorch, readArchive } from './pytorch/archive';
import { looksLikeLegacy, looksLikePickle, readLegacy } from './pytorch/legacy';
import { tensorsOfPytorch } from './pytorch/readPytorch';
import type { Container } from './pytorch/storage';
import { looksLikeSafetensors, readSafetensors } from './safetensors';
import { bytesSource, type ModelSource } from './source';
import { looksLikeZip, openZip } from './zip';

const REMEDY = say`Gatescope reads PyTorch (.pt, .pth, .bin), safetensors, ONNX, Keras (.keras, .h5) and TensorFlow.js
  (model.json) files.`;

/** Bytes by which a format is told. */
const HEAD_BYTES = 64;

interface Format {
  /** @param head the file's first bytes */
  readonly fits: (head: Uint8Array, source: ModelSource) => boolean;
  readonly read: (source: ModelSource) => Model;
}

const named = (source: ModelSource, extension: RegExp): boolean => extension.test(source.name);

/** The first that fits reads the file. */
const FORMATS: readonly Format[] = [
  { fits: (_, source) => named(source, /\.safetensors$/iu), read: readSafetensorsModel },
  { fits: (head, source) => looksLikeSafetensors(head, source.size), read: readSafetensorsModel },
  { fits: (_, source) => named(source, /\.onnx$/iu), read: readOnnx },
  { fits: looksLikeZip, read: readZipModel },
  { fits: (_, source) => looksLikeHdf5(source), read: readKerasHdf5 },
  { fits: (_, source) => named(source, /\.json$/iu), read: readTfjs },
  {
    fits: (head) => looksLikeLegacy(head) || looksLikePickle(head),
    read: (source) => pytorchModel(readLegacy(source)),
  },
];

/** Other formats by how their files begin, so that a refusal can say what was found. */
const SIGNATURES: readonly (readonly [start: readonly number[], what: Text])[] = [
  [[0x47, 0x47, 0x55, 0x46], say`a GGUF file`],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], say`a NumPy .npy file`],
];

/**
 * Describes a model without reading its weights; those are read from the source when they are asked for, so that it must
 * stay open as long.
 *
 * @throws model-damaged, model-unsupported
 */
export function readModel(source: ModelSource): Model {
  if (source.size === 0 && !named(source, /\.safetensors$/iu)) throw damaged(source.name, say`The file is empty.`);
  const head = source.read(0, Math.min(HEAD_BYTES, source.size));
  const format = FORMATS.find(({ fits }) => fits(head, source));
  if (format) return format.read(source);
  throw unsupported(source.name, say`It is ${formatOf(head)}.`, REMEDY);
}

/** The same of bytes in memory, with all weights read. */
export const readModelBytes = (name: string, bytes: Uint8Array): Model =>
  materialize(readModel(bytesSource(name, bytes)));

function readSafetensorsModel(source: ModelSource): Model {
  return modelOfPytorchNames(readSafetensors(source));
}

function readZipModel(source: ModelSource): Model {
  const zip = openZip(source);
  if (holdsKeras(zip)) return readKerasZip(source, zip);
  if (holdsPytorch(zip)) return pytorchModel(readArchive(source, zip));
  throw unsupported(source.name, say`It is a zip archive without a model of PyTorch or Keras.`, REMEDY);
}

function pytorchModel(container: Container): Model {
  const file = tensorsOfPytorch(container);
  return modelOfPytorchNames(file, file.warnings);
}

function formatOf(head: Uint8Array): Text {
  const known = SIGNATURES.find(([start]) => start.every((byte, at) => head[at] === byte));
  if (known) return known[1];
  return say`of an unknown format`;
}
