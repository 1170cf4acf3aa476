/**
 * How much a model file may ask for before it is refused. Models come from strangers: every count and size in a file is
 * held against this table before memory is taken. The setting `gatescope.models.limits` changes it, once for a worker.
 */

const MiB = 2 ** 20;

/** As declared in package.json. Sizes are in bytes. */
const DEFAULTS = {
  /** JSON header of a safetensors file. The reference allows 100 MB; a recurrent model names a few dozen tensors. */
  header: 16 * MiB,
  /** Zip: entries, and the bytes of their directory. */
  zipEntries: 65_536,
  zipDirectory: 8 * MiB,
  /** What a zip archive may become once it is unpacked, in sizes of the file: real weights hardly compress. */
  unpacked: 2,
  /**
   * What all weights may take as float32, in sizes of the file. A half-precision table that is also the head's weight
   * takes four times its bytes; a view that repeats its values endlessly takes more.
   */
  weights: 4,
  /** A JSON text of Keras or TensorFlow.js. */
  json: 64 * MiB,
  /** What an HDF5 file reads for its structure, without the values. */
  structure: 48 * MiB,
  /** Nodes of an ONNX graph, with its inner graphs and functions. */
  nodes: 50_000,
  /** A pickle; weights lie outside of it, but vocabularies inside. */
  pickle: 64 * MiB,
  /** Values that a pickle makes, and how many of them may be containers or records, which cost most. */
  pickleValues: 2_000_000,
  pickleContainers: 250_000,
  /** Values that it keeps for later, and marks that it may have open at once. */
  pickleMemo: 1_500_000,
  pickleMarks: 10_000,
  /** A line of a text opcode, and an integer beyond 64 bits. */
  pickleLine: 16 * MiB,
  pickleInteger: 256,
  /** Nesting of what a file says, when it is walked. */
  depth: 64,
  /** Values visited when a file's notes are searched, and notes that are kept. */
  visits: 4_000_000,
  notes: 100,
  /** A recurrent model names a few dozen tensors in as many characters; what compares them may take the square of it. */
  tensors: 10_000,
  name: 512,
  stacks: 64,
  dimensions: 32,
  /** Recurrent layers of a stack. */
  layers: 128,
};

export type ModelLimits = Readonly<Record<keyof typeof DEFAULTS, number>>;

export const DEFAULT_LIMITS: ModelLimits = DEFAULTS;

/** A slip in a setting must not take the checks away. */
const MOST_TIMES_DEFAULT = 64;

const held: Record<keyof ModelLimits, number> = { ...DEFAULTS };

/** Read where it is needed, not kept. */
export const LIMITS: ModelLimits = held;

/**
 * @param given limits by name, from a hand-written settings file. Whole numbers are kept within 1 and 64 times the
 *   default; what is left out, unknown or no number has its default.
 */
export function setLimits(given: unknown): void {
  const values =
    typeof given === 'object' && given !== null ? new Map<string, unknown>(Object.entries(given)) : undefined;
  for (const name of Object.keys(DEFAULTS) as (keyof ModelLimits)[]) {
    const value = values?.get(name);
    const usual = DEFAULTS[name];
    held[name] =
      typeof value === 'number' && Number.isFinite(value)
        ? Math.floor(Math.min(Math.max(value, 1), MOST_TIMES_DEFAULT * usual))
        : usual;
  }
}

/** Bytes that a part of a file may become once it is unpacked: more is a bomb. */
export const unpackedLimit = (fileSize: number): number => LIMITS.unpacked * fileSize + 16 * MiB;

/** Bytes that all weights of a model may take as float32. */
export const weightsLimit = (fileSize: number): number => LIMITS.weights * fileSize + 16 * MiB;
