/** From a file's bytes to a Model: recognises the format and hands on to its reader. */
import { damaged, unsupported } from './errors';
import type { Model } from './model';
import { readOnnx } from './onnx/readOnnx';
import { modelOfPytorchNames } from './pytorchNames';
import { looksLikeSafetensors, parseSafetensors } from './safetensors';
import { bytesSource } from './source';

const REMEDY =
  'Gatescope reads ONNX files, and safetensors files with PyTorch parameter names (an LSTM or SimpleRNN over bytes).';

/** Other formats by how their files begin, so that a refusal can say what was found. */
const SIGNATURES: readonly (readonly [start: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive (PyTorch .pt, Keras .keras or NumPy .npz)'],
  [[0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], 'an HDF5 file (Keras .h5)'],
  [[0x80, 0x02], 'a Python pickle (PyTorch .pt or .pth)'],
  [[0x47, 0x47, 0x55, 0x46], 'a GGUF file'],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'a NumPy .npy file'],
];

/**
 * @param name the file's path or name; its extension decides where the content does not, and messages begin with it
 * @throws model-damaged, model-unsupported
 */
export function readModel(name: string, bytes: Uint8Array): Model {
  if (/\.safetensors$/iu.test(name) || looksLikeSafetensors(bytes)) {
    return modelOfPytorchNames(parseSafetensors(name, bytes));
  }
  if (bytes.length === 0) throw damaged(name, 'The file is empty.');
  if (/\.onnx$/iu.test(name)) return readOnnx(bytesSource(name, bytes));
  throw unsupported(name, `It is ${formatOf(bytes)}.`, REMEDY);
}

function formatOf(bytes: Uint8Array): string {
  const known = SIGNATURES.find(([start]) => start.every((byte, at) => bytes[at] === byte));
  if (known) return known[1];
  return 'of an unknown format';
}
