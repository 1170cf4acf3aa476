/** B-trees of version 2: the records of a dense group, of dense attributes, or of chunks, in order. */
import { damaged } from '../errors';
import { say } from '../../shared/l10n';
import type { Fields, Storage } from './fields';

const NODE_PREFIX = 6;
const CHECKSUM = 4;
const MAX_DEPTH = 16;
const MAX_NODE_BYTES = 1024 * 1024;

interface Level {
  /** Bytes of the count of all records below a child. */
  readonly totalSize: number;
  readonly mostRecords: number;
  readonly pointerSize: number;
}

/** Bytes that hold numbers up to `most`. */
const bytesFor = (most: number): number => Math.floor(Math.log2(Math.max(1, most)) / 8) + 1;

/**
 * @param type the records' type that is expected
 * @returns each record as fields of its own
 * @throws model-damaged
 */
export function readRecords(storage: Storage, address: number, types: readonly number[]): readonly Fields[] {
  const header = storage.fields(say`A B-tree`, address, 64);
  header.signature('BTHD');
  header.version(0);
  const type = header.u8();
  if (!types.includes(type)) {
    throw damaged(storage.file, say`A B-tree has records of type ${type}; ${types.join(' or ')} is expected.`);
  }
  const nodeSize = header.u32();
  const recordSize = header.u16();
  const depth = header.u16();
  header.skip(2);
  const root = header.address();
  const rootRecords = header.u16();
  const total = header.length();
  if (root === undefined || total === 0) return [];
  if (depth > MAX_DEPTH || nodeSize > MAX_NODE_BYTES || recordSize === 0 || recordSize + 10 > nodeSize) {
    throw damaged(storage.file, say`A B-tree has ${depth} levels of nodes of ${nodeSize} bytes.`);
  }
  const levels = levelsOf(storage, nodeSize, recordSize, depth);
  const leafCount = bytesFor(levels[0]?.mostRecords ?? 1);
  const records: Fields[] = [];
  const seen = new Set<number>();

  function visit(node: number, count: number, level: number): void {
    if (seen.has(node)) throw damaged(storage.file, say`A B-tree holds one of its nodes twice.`);
    seen.add(node);
    const fields = storage.fields(say`A node of a B-tree`, node, nodeSize);
    fields.signature(level === 0 ? 'BTLF' : 'BTIN');
    fields.version(0);
    fields.skip(1);
    const own = Array.from({ length: count }, () => fields.piece(say`A record of a B-tree`, recordSize));
    if (level === 0) {
      records.push(...own);
      return;
    }
    for (let child = 0; child <= count; child++) {
      const below = fields.needAddress();
      const belowCount = fields.uint(leafCount);
      if (level > 1) fields.skip(levels[level - 1]?.totalSize ?? 0);
      visit(below, belowCount, level - 1);
      const record = own[child];
      if (record) records.push(record);
    }
  }

  visit(root, rootRecords, depth);
  if (records.length !== total) {
    throw damaged(storage.file, say`A B-tree says that it has ${total} records, and has ${records.length}.`);
  }
  return records;
}

/** From the leaves up. How many records a node can hold decides how wide the counts in the nodes above are. */
function levelsOf(storage: Storage, nodeSize: number, recordSize: number, depth: number): readonly Level[] {
  const room = nodeSize - NODE_PREFIX - CHECKSUM;
  const leaf = Math.floor(room / recordSize);
  const levels: Level[] = [{ totalSize: 0, mostRecords: leaf, pointerSize: 0 }];
  let below = leaf;
  for (let level = 1; level <= depth; level++) {
    const pointerSize = storage.sizes.offset + bytesFor(leaf) + (levels[level - 1]?.totalSize ?? 0);
    const mostRecords = Math.floor((room - pointerSize) / (recordSize + pointerSize));
    below = (mostRecords + 1) * below + mostRecords;
    levels.push({ totalSize: bytesFor(below), mostRecords, pointerSize });
  }
  return levels;
}
