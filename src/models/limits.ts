/**
 * How much a model file may ask for before it is refused. Models come from strangers: every count and size in a file is
 * held against this table before memory is taken. Sizes are in bytes.
 */

const MiB = 2 ** 20;

export const LIMITS = {
  /** JSON header of a safetensors file. The reference allows 100 MB; a recurrent model names a few dozen tensors. */
  header: 16 * MiB,
  /** Zip: entries, and the bytes of their directory. */
  zipEntries: 65_536,
  zipDirectory: 8 * MiB,
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
} as const;

/** What a part of a file may become once it is unpacked: real weights hardly compress, so that more is a bomb. */
export const unpackedLimit = (fileSize: number): number => 2 * fileSize + 16 * MiB;

/**
 * What all weights of a model may take as float32. A half-precision table that is also the head's weight takes four
 * times its bytes in the file; a view that repeats its values endlessly takes more.
 */
export const weightsLimit = (fileSize: number): number => 4 * fileSize + 16 * MiB;
