/** Fractal heaps: where links and attributes lie that are too many for an object's header. */
import { damaged, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { Fields, type Storage } from './fields';

const MAX_OBJECT_BYTES = 16 * 1024 * 1024;

/** Reads an object of a heap by its ID. */
export type HeapReader = (id: Fields, what: Text) => Fields;

/** @throws model-damaged, model-unsupported for filtered heaps and objects outside of it */
export function openHeap(storage: Storage, address: number): HeapReader {
  const { file, sizes } = storage;
  const header = storage.fields(say`A fractal heap`, address, 256);
  header.signature('FRHP');
  header.version(0);
  header.skip(2);
  if (header.u16() > 0) {
    throw unsupported(file, say`It has a fractal heap with filters.`, say`Heaps as h5py writes them are supported.`);
  }
  const checksums = (header.u8() & 2) !== 0;
  const mostManaged = header.u32();
  // Places of huge objects, free space and counts are not needed to find an object by its ID.
  header.skip(sizes.length + sizes.offset + sizes.length + sizes.offset + 8 * sizes.length);
  const width = header.u16();
  const startSize = header.length();
  const mostDirect = header.length();
  const heapBits = header.u16();
  header.skip(2);
  const root = header.address();
  const rootRows = header.u16();
  if (width === 0 || width > 1024 || heapBits > 64 || !isPowerOf2(startSize) || !isPowerOf2(mostDirect)) {
    throw damaged(file, say`A fractal heap has blocks of impossible sizes.`);
  }
  const offsetBytes = Math.ceil(heapBits / 8);
  const lengthBytes = Math.min(Math.ceil(Math.log2(mostDirect) / 8), bytesUpTo(mostManaged));
  const directRows = Math.log2(mostDirect) - Math.log2(startSize) + 2;
  const rowSize = (row: number): number => (row < 2 ? startSize : startSize * 2 ** (row - 1));

  /** The direct block that holds a place: its address and where in the heap it begins. */
  function find(offset: number, block: number, rows: number, begin: number, depth: number): [number, number] {
    if (depth > 32 || rows > 64) throw damaged(file, say`A fractal heap is too deep.`);
    const fields = storage.fields(
      say`A fractal heap block`,
      block,
      5 + sizes.offset * (1 + width * rows) + offsetBytes,
    );
    fields.signature('FHIB');
    fields.version(0);
    fields.skip(sizes.offset + offsetBytes);
    let at = begin;
    for (let row = 0; row < rows; row++) {
      const size = rowSize(row);
      for (let column = 0; column < width; column++, at += size) {
        const child = fields.address();
        if (offset < at || offset >= at + size) continue;
        if (child === undefined) throw damaged(file, say`A fractal heap has no block where an object should be.`);
        if (row < directRows) return [child, at];
        return find(offset, child, Math.log2(size / startSize / width) + 1, at, depth + 1);
      }
    }
    throw damaged(file, say`A fractal heap ends before the object at ${offset}.`);
  }

  return (id, what) => {
    const first = id.u8();
    const kind = (first >> 4) & 3;
    if (kind === 2) return id.piece(what, (first & 0x0f) + 1);
    if (kind !== 0) {
      throw unsupported(
        file,
        say`${what} lies outside of its heap.`,
        say`Attributes and links below 64 KiB are supported.`,
      );
    }
    const offset = id.uint(offsetBytes);
    const length = id.uint(lengthBytes);
    if (root === undefined || length > MAX_OBJECT_BYTES) {
      throw damaged(file, say`${what} of ${length} bytes lies in an empty heap.`);
    }
    const [block, begin] = rootRows === 0 ? [root, 0] : find(offset, root, rootRows, 0, 0);
    const prefix = 5 + sizes.offset + offsetBytes + (checksums ? 4 : 0);
    if (offset - begin < prefix) throw damaged(file, say`${what} overlaps the head of its heap block.`);
    storage.fields(say`A fractal heap block`, block, 4).signature('FHDB');
    const bytes = storage.fields(what, block + offset - begin, length).take(length);
    return new Fields(file, what, bytes, sizes);
  };
}

const isPowerOf2 = (size: number): boolean => size > 0 && Number.isInteger(Math.log2(size));

/** Bytes that hold lengths up to `most`. */
const bytesUpTo = (most: number): number => Math.floor(Math.log2(Math.max(1, most)) / 8) + 1;
