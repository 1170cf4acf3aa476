/**
 * Reads safetensors: eight bytes of header length (little-endian), a JSON header of names, types, shapes and offsets,
 * then the data. Everything is checked before any of it is used, as the format's page asks:
 * https://github.com/huggingface/safetensors#format
 */
import { isCounts, isRecord } from '../shared/json';
import { duplicateKey } from './duplicateKeys';
import { damaged, quote, shapeText, unsupported } from './errors';
import { say } from '../shared/l10n';
import { FLOAT_DECODERS } from './floats';
import { LIMITS } from './limits';
import { notesOfMetadata } from './notes';
import type { ModelSource } from './source';
import type { Tensor, TensorFile } from './tensors';

const LENGTH_BYTES = 8;

/** Bits a value. Types that hold no weights are known too, for their sizes must add up. */
const TYPE_BITS: Readonly<Record<string, number | undefined>> = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
  C64: 64,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
};

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Whether the file can be nothing else: a header length that fits, and the brace that must follow.
 *
 * @param head its first bytes, nine at least where it has as many @param size of all of it
 */
export function looksLikeSafetensors(head: Uint8Array, size: number): boolean {
  return head[LENGTH_BYTES] === 0x7b && headerLength(head) <= BigInt(size - LENGTH_BYTES);
}

/**
 * Reads the header; a tensor's bytes when it is asked for.
 *
 * @throws model-damaged where the file breaks the format, model-unsupported for an unknown type of value
 */
export function readSafetensors(source: ModelSource): TensorFile {
  const { name: file } = source;
  const { header, dataStart } = readHeader(source);
  const { __metadata__: given, ...tensors } = header;
  const named = Object.entries(tensors);
  if (named.length > LIMITS.tensors) {
    throw damaged(file, say`The header has ${named.length} tensors; the most is ${LIMITS.tensors}.`);
  }
  const entries = named.map(([name, value]) => readEntry(file, name, value));
  checkPlaces(file, entries, source.size - dataStart);
  const metadata = readMetadata(file, given);
  return {
    file,
    size: source.size,
    tensors: new Map(entries.map((entry) => [entry.name, tensorOf(source, entry, dataStart)])),
    // The library writes tensors by size of their values and by name.
    ordered: false,
    modules: new Map(),
    metadata,
    notes: notesOfMetadata(metadata),
  };
}

/** @param bytes eight at least */
const headerLength = (bytes: Uint8Array): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);

function readHeader(source: ModelSource): { header: Record<string, unknown>; dataStart: number } {
  const { name: file, size } = source;
  if (size < LENGTH_BYTES) {
    throw damaged(file, say`The file has ${size} bytes; a safetensors file has at least 8.`);
  }
  const length = headerLength(source.read(0, LENGTH_BYTES));
  const rest = size - LENGTH_BYTES;
  if (length > BigInt(rest)) {
    throw damaged(file, say`The header says that it has ${String(length)} bytes, but ${rest} follow.`);
  }
  if (length > BigInt(LIMITS.header)) {
    throw damaged(file, say`The header has ${String(length)} bytes; the most is ${LIMITS.header}.`);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  const header = parseHeader(file, source.read(LENGTH_BYTES, Number(length)));
  return { header, dataStart };
}

function parseHeader(file: string, bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw damaged(file, say`The header does not start with "{".`);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw damaged(file, say`The header is not JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw damaged(file, say`The header has the key ${quote(twice)} twice.`);
  return header as Record<string, unknown>;
}

function readMetadata(file: string, value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw damaged(file, say`__metadata__ is ${quote(value)}; it must be an object of texts.`);
  const pairs = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== 'string') {
      throw damaged(file, say`__metadata__ has ${quote(text)} under ${quote(key)}; it must be a text.`);
    }
    return [key, text];
  });
  return Object.fromEntries(pairs);
}

function readEntry(file: string, name: string, value: unknown): Entry {
  const tensor = `Tensor ${quote(name)}`;
  if (name.length > LIMITS.name) {
    throw damaged(file, say`${tensor} has a name of ${name.length} characters; the most is ${LIMITS.name}.`);
  }
  if (!isRecord(value)) throw damaged(file, say`${tensor} is described by ${quote(value)}; it must be an object.`);
  const { dtype, shape, data_offsets: offsets } = value as Record<'dtype' | 'shape' | 'data_offsets', unknown>;
  if (typeof dtype !== 'string') throw damaged(file, say`${tensor} has the type ${quote(dtype)}; it must be a text.`);
  if (!isCounts(shape)) {
    throw damaged(file, say`${tensor} has the shape ${quote(shape)}; it must be a list of whole numbers from 0.`);
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw damaged(file, say`${tensor} has the offsets ${quote(offsets)}; they must be two whole numbers from 0.`);
  }
  const [begin = 0, end = 0] = offsets;
  const bits = TYPE_BITS[dtype];
  if (bits === undefined) {
    throw unsupported(
      file,
      say`${tensor} has the unknown type ${quote(dtype)}.`,
      say`Export the model as F32, F16 or BF16.`,
    );
  }
  // Beyond 2^53 the product is inexact, but then it is no file's length either.
  const size = shape.reduce((a, b) => a * b, 1) * (bits / 8);
  if (end - begin !== size) {
    throw damaged(
      file,
      say`${tensor} of type ${dtype} and shape ${shapeText(shape)} needs ${size} bytes, but its offsets
        ${shapeText(offsets)} span ${end - begin}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** Tensors must fill the data from first byte to last, in any order: no overlap, no gap, nothing outside. */
function checkPlaces(file: string, entries: readonly Entry[], length: number): void {
  let filled = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const tensor = `Tensor ${quote(name)}`;
    if (end > length) throw damaged(file, say`${tensor} ends at byte ${end} of ${length} bytes of data.`);
    if (begin < filled) {
      throw damaged(file, say`${tensor} starts at byte ${begin}, inside another that ends at ${filled}.`);
    }
    if (begin > filled) {
      throw damaged(file, say`No tensor holds the bytes from ${filled} to ${begin}, before ${quote(name)}.`);
    }
    filled = end;
  }
  if (filled < length) {
    throw damaged(file, say`No tensor holds the last ${length - filled} of ${length} bytes of data.`);
  }
}

function tensorOf(source: ModelSource, { name, dtype, shape, begin, end }: Entry, dataStart: number): Tensor {
  const { name: file } = source;
  const decode = FLOAT_DECODERS[dtype];
  return {
    name,
    shape,
    floating: decode !== undefined,
    read() {
      if (decode === undefined) {
        const what = say`Tensor ${quote(name)} has the type ${dtype}, which is no supported type of weight.`;
        throw unsupported(file, what, say`Export the model as F32, F16 or BF16.`);
      }
      return decode(source.read(dataStart + begin, end - begin));
    },
  };
}
