/** Which files may be models, by their names and first bytes. Pure. */

/** Endings of the formats that are read. */
export const MODEL_ENDINGS = ['safetensors', 'pt', 'pth', 'bin', 'onnx', 'h5', 'hdf5', 'keras'] as const;

/** A TensorFlow.js model is named by its folder. */
const TFJS = 'model.json';

/** For `findFiles`, and for the custom editor's selector in package.json. */
export const MODEL_PATTERNS: readonly string[] = [...MODEL_ENDINGS.map((ending) => `*.${ending}`), TFJS];

export const MODEL_GLOB = `**/{${MODEL_PATTERNS.join(',')}}`;

/** Folders of packages, tools and caches: what is in them is not the person's own. */
const OTHERS = [
  'node_modules',
  'bower_components',
  '.git',
  '.hg',
  '.svn',
  '.venv',
  'venv',
  'env',
  '.tox',
  'site-packages',
  'dist-packages',
  '__pycache__',
  '.cache',
  '.vscode-test',
];

export const EXCLUDED_GLOB = `**/{${OTHERS.join(',')}}/**`;

const nameOf = (path: string): string => path.split(/[\\/]/u).pop() ?? path;

const endingOf = (path: string): string => /\.([^.\\/]+)$/u.exec(path)?.[1]?.toLowerCase() ?? '';

export function isModelFile(path: string): boolean {
  const ending = endingOf(path);
  return MODEL_ENDINGS.some((known) => known === ending) || nameOf(path).toLowerCase() === TFJS;
}

export const isSafetensors = (path: string): boolean => endingOf(path) === 'safetensors';

/** The name of a model's file, without folder and ending; of a model.json that of its folder. */
export function modelLabel(path: string): string {
  const parts = path.split(/[\\/]/u);
  const name = parts.at(-1) ?? path;
  if (name.toLowerCase() === TFJS) return parts.at(-2) ?? name;
  return isModelFile(name) ? name.slice(0, name.lastIndexOf('.')) : name;
}

/** Bytes of a file's beginning that `looksLikeModel` wants to see. */
export const SNIFFED = 65_536;

const ZIP = [0x50, 0x4b, 0x03, 0x04];
const PICKLE = [0x80];

const begins = (bytes: Uint8Array, signature: readonly number[]): boolean =>
  signature.every((byte, at) => bytes[at] === byte);

/** Names that many files bear which are no models; for these the first bytes decide. */
export const isAmbiguous = (path: string): boolean => endingOf(path) === 'bin' || endingOf(path) === 'json';

/** @param bytes the first `SNIFFED` bytes of the file, or all of it */
export function looksLikeModel(path: string, bytes: Uint8Array): boolean {
  if (endingOf(path) !== 'json') return begins(bytes, ZIP) || begins(bytes, PICKLE);
  // The topology comes first and may be long, so that the manifest behind it may be out of sight.
  return /"(?:modelTopology|weightsManifest)"/u.test(new TextDecoder().decode(bytes));
}
