/** Finds a dataset's chunks by each of HDF5's indexes, and puts them together. */
import { damaged } from '../errors';
import { say } from '../../shared/l10n';
import { readRecords } from './btree2';
import { countOf } from './datatype';
import type { Storage } from './fields';
import { unfilter, type Filter } from './filters';
import type { ChunkIndex } from './layout';

export interface ChunkedValues {
  /** Of the whole, and of a chunk, in values. */
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly valueBytes: number;
  readonly filters: readonly Filter[];
  readonly index: ChunkIndex;
}

interface Chunk {
  readonly address: number;
  /** In the file. */
  readonly bytes: number;
  readonly mask: number;
  /** Its first value's place. */
  readonly from: readonly number[];
}

const MAX_CHUNKS = 1_000_000;
const MAX_DEPTH = 32;
/** Chunks may hang over the edge; small ones by much. */
const MAX_OVERHANG_BYTES = 16 * 1024 * 1024;
const UNFILTERED_RECORD = 10;
const FILTERED_RECORD = 11;

/** @returns the values' bytes, row after row @throws model-damaged, model-unsupported */
export function readChunked(storage: Storage, values: ChunkedValues): Uint8Array {
  const { shape, chunkShape, valueBytes, filters } = values;
  const { file } = storage;
  const chunkBytes = countOf(chunkShape) * valueBytes;
  const grid = shape.map((size, axis) => Math.ceil(size / (chunkShape[axis] ?? 0)));
  const count = countOf(grid);
  const total = countOf(shape) * valueBytes;
  if (chunkShape.length !== shape.length || !(count <= MAX_CHUNKS)) {
    throw damaged(file, say`A dataset of shape [${shape.join(', ')}] has chunks of shape [${chunkShape.join(', ')}].`);
  }
  if (count * chunkBytes > 4 * total + MAX_OVERHANG_BYTES) {
    throw damaged(file, say`A dataset of ${total} bytes has ${count} chunks of ${chunkBytes} bytes.`);
  }
  const found = findChunks(storage, values, grid, chunkBytes);
  if (found.length !== count) {
    throw damaged(file, say`A dataset has ${found.length} chunks; ${count} are expected.`);
  }
  const whole = new Uint8Array(total);
  const seen = new Set<string>();
  for (const { address, bytes, mask, from } of found) {
    const place = from.join();
    const fits = from.every((at, axis) => at < (shape[axis] ?? 0) && at % (chunkShape[axis] ?? 1) === 0);
    if (!fits || from.length !== shape.length || seen.has(place)) {
      throw damaged(file, say`A chunk lies at [${place}] of a dataset of shape [${shape.join(', ')}].`);
    }
    seen.add(place);
    if (bytes > 2 * chunkBytes + 1024) {
      throw damaged(file, say`A chunk of ${chunkBytes} bytes takes ${bytes} in the file.`);
    }
    const chunk = unfilter(file, filters, mask, storage.data(address, bytes), chunkBytes);
    copyChunk(whole, shape, chunk, chunkShape, from, valueBytes);
  }
  return whole;
}

/** Copies a chunk's rows, cut at the edges of the whole. */
function copyChunk(
  whole: Uint8Array,
  shape: readonly number[],
  chunk: Uint8Array,
  chunkShape: readonly number[],
  from: readonly number[],
  valueBytes: number,
): void {
  const last = shape.length - 1;
  function copy(axis: number, target: number, source: number): void {
    const size = shape[axis] ?? 1;
    const start = from[axis] ?? 0;
    const count = Math.min(chunkShape[axis] ?? 1, size - start);
    if (axis >= last) {
      const begin = source * (chunkShape[axis] ?? 1) * valueBytes;
      whole.set(chunk.subarray(begin, begin + count * valueBytes), (target * size + start) * valueBytes);
      return;
    }
    for (let k = 0; k < count; k++) copy(axis + 1, target * size + start + k, source * (chunkShape[axis] ?? 1) + k);
  }
  if (shape.length === 0) whole.set(chunk.subarray(0, valueBytes));
  else copy(0, 0, 0);
}

/** The place of the chunk of that number, counted row after row. */
function placeOf(index: number, grid: readonly number[], chunkShape: readonly number[]): number[] {
  const place = new Array<number>(grid.length).fill(0);
  let rest = index;
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    const size = grid[axis] ?? 1;
    place[axis] = (rest % size) * (chunkShape[axis] ?? 1);
    rest = Math.floor(rest / size);
  }
  return place;
}

function findChunks(storage: Storage, values: ChunkedValues, grid: readonly number[], chunkBytes: number): Chunk[] {
  const { index, chunkShape, filters } = values;
  const count = countOf(grid);
  const numbered = (k: number): number[] => placeOf(k, grid, chunkShape);
  switch (index.kind) {
    case 'single':
      return [{ address: index.address, bytes: index.size ?? chunkBytes, mask: index.mask, from: numbered(0) }];
    case 'implicit':
      return Array.from({ length: count }, (_, k) => {
        return { address: index.address + k * chunkBytes, bytes: chunkBytes, mask: 0, from: numbered(k) };
      });
    case 'fixedArray':
      return fixedArray(storage, index.address, chunkBytes, count).map((chunk, k) => ({ ...chunk, from: numbered(k) }));
    case 'btree1':
      return oldTree(storage, index.address, grid.length, count);
    case 'btree2':
      return readRecords(storage, index.address, [UNFILTERED_RECORD, FILTERED_RECORD]).map((record) => {
        const address = record.needAddress();
        const filtered = filters.length > 0;
        const sizeBytes = record.left - 4 - 8 * grid.length;
        const bytes = filtered ? record.uint(Math.max(0, sizeBytes)) : chunkBytes;
        const mask = filtered ? record.u32() : 0;
        return { address, bytes, mask, from: grid.map((_, axis) => record.uint(8) * (chunkShape[axis] ?? 1)) };
      });
  }
}

/** A B-tree of version 1, whose keys say where each chunk lies and how many bytes it has. */
function oldTree(storage: Storage, root: number, rank: number, most: number): Chunk[] {
  const { file, sizes } = storage;
  const chunks: Chunk[] = [];
  const seen = new Set<number>();
  function visit(node: number, level: number | undefined): void {
    if (seen.has(node) || seen.size > MAX_DEPTH + most * 2)
      throw damaged(file, say`A dataset's B-tree runs in a circle.`);
    seen.add(node);
    const head = storage.fields(say`A node of a dataset's B-tree`, node, 8 + 2 * sizes.offset);
    head.signature('TREE');
    if (head.u8() !== 1) throw damaged(file, say`A dataset's B-tree has nodes of another kind.`);
    const own = head.u8();
    if (own > MAX_DEPTH || (level !== undefined && own !== level)) {
      throw damaged(file, say`A dataset's B-tree has nodes at the wrong level.`);
    }
    const entries = head.u16();
    const entryBytes = 8 + 8 * (rank + 1) + sizes.offset;
    const fields = storage.fields(head.what, node, head.bytes.length + entries * entryBytes);
    fields.skip(head.bytes.length);
    for (let k = 0; k < entries; k++) {
      const bytes = fields.u32();
      const mask = fields.u32();
      const from = Array.from({ length: rank }, () => fields.uint(8));
      fields.skip(8);
      const address = fields.needAddress();
      if (own > 0) visit(address, own - 1);
      else chunks.push({ address, bytes, mask, from });
      if (chunks.length > most) throw damaged(file, say`A dataset has more than its ${most} chunks.`);
    }
  }
  visit(root, undefined);
  return chunks;
}

/** A fixed array: one element a chunk, in pages where they are many. */
function fixedArray(storage: Storage, address: number, chunkBytes: number, count: number): Omit<Chunk, 'from'>[] {
  const { file, sizes } = storage;
  const header = storage.fields(say`A list of chunks`, address, 64);
  header.signature('FAHD');
  header.version(0);
  const filtered = header.u8() === 1;
  const elementBytes = header.u8();
  const pageBits = header.u8();
  const entries = header.length();
  const block = header.needAddress();
  const sizeBytes = elementBytes - sizes.offset - 4;
  if (entries < count || pageBits > 32 || (filtered && (sizeBytes < 1 || sizeBytes > 8))) {
    throw damaged(file, say`A list of chunks has ${entries} entries; ${count} are expected.`);
  }
  const perPage = 2 ** pageBits;
  const pages = entries > perPage ? Math.ceil(entries / perPage) : 0;
  const bytes = 10 + sizes.offset + Math.ceil(pages / 8) + count * elementBytes + 4 * (pages + 1);
  const fields = storage.fields(say`A list of chunks`, block, bytes);
  fields.signature('FADB');
  fields.version(0);
  fields.skip(1 + sizes.offset);
  if (pages > 0) fields.skip(Math.ceil(pages / 8) + 4);
  return Array.from({ length: count }, (_, k) => {
    // Each page ends with a checksum.
    if (pages > 0 && k > 0 && k % perPage === 0) fields.skip(4);
    const element = fields.piece(say`A chunk`, elementBytes);
    const at = element.needAddress();
    return { address: at, bytes: filtered ? element.uint(sizeBytes) : chunkBytes, mask: filtered ? element.u32() : 0 };
  });
}
