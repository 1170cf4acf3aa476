/** The filters that a chunk's bytes went through: deflate, shuffle and the checksum, undone in the opposite order. */
import { inflateSync } from 'node:zlib';
import { damaged, quote, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import type { Fields } from './fields';

export interface Filter {
  readonly id: number;
  readonly name: string;
  readonly values: readonly number[];
}

const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER32 = 3;
const CHECKSUM_BYTES = 4;

const NAMES: Readonly<Record<number, string>> = {
  [DEFLATE]: 'deflate',
  [SHUFFLE]: 'shuffle',
  [FLETCHER32]: 'fletcher32',
  4: 'szip',
  5: 'nbit',
  6: 'scaleoffset',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32015: 'zstd',
};

/** @throws model-damaged; model-unsupported, naming the filter */
export function readFilters(fields: Fields): readonly Filter[] {
  const version = fields.version(1, 2);
  const count = fields.u8();
  if (version === 1) fields.skip(6);
  return Array.from({ length: count }, () => {
    const id = fields.u16();
    const nameLength = version === 1 || id >= 256 ? fields.u16() : 0;
    fields.skip(2);
    const values = fields.u16();
    const stored = fields.text(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength);
    const filter = { id, name: NAMES[id] ?? stored, values: Array.from({ length: values }, () => fields.u32()) };
    if (version === 1 && values % 2 === 1) fields.skip(4);
    if (id > FLETCHER32 || id === 0) {
      throw unsupported(
        fields.file,
        say`It has a dataset with the filter ${quote(filter.name)} (${id}).`,
        'deflate (gzip), shuffle and fletcher32 are supported.',
      );
    }
    return filter;
  });
}

/**
 * @param mask a bit for each filter that this chunk did not go through
 * @param size bytes of the chunk when all is undone; no more memory than that is taken
 * @throws model-damaged where they are not as many
 */
export function unfilter(
  file: string,
  filters: readonly Filter[],
  mask: number,
  bytes: Uint8Array,
  size: number,
): Uint8Array {
  let chunk = bytes;
  for (const [index, filter] of [...filters.entries()].reverse()) {
    if (mask & (1 << index)) continue;
    if (filter.id === DEFLATE) chunk = inflate(file, chunk, size + CHECKSUM_BYTES);
    else if (filter.id === SHUFFLE) chunk = unshuffle(chunk, filter.values[0] ?? 1);
    else chunk = chunk.subarray(0, Math.max(0, chunk.length - CHECKSUM_BYTES));
  }
  if (chunk.length !== size) {
    throw damaged(file, say`A chunk has ${chunk.length} bytes; ${size} are expected.`);
  }
  return chunk;
}

function inflate(file: string, bytes: Uint8Array, most: number): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: most });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(file, say`A chunk cannot be inflated to at most ${most} bytes (${reason}).`);
  }
}

/** Shuffled bytes are the first bytes of all values, then the second ones, and so on; what is left over stays in place. */
function unshuffle(bytes: Uint8Array, size: number): Uint8Array {
  if (size <= 1) return bytes;
  const count = Math.floor(bytes.length / size);
  const out = new Uint8Array(bytes);
  for (let byte = 0; byte < size; byte++) {
    for (let k = 0; k < count; k++) out[k * size + byte] = bytes[byte * count + k] ?? 0;
  }
  return out;
}
