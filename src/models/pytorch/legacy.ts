/**
 * PyTorch's files from before 1.6 (`_use_new_zipfile_serialization=False`): a magic number, a protocol, facts of the
 * system, the object, the list of its storages' keys, each a pickle; then for each storage its number of values in eight
 * bytes, and those values (https://github.com/pytorch/pytorch/blob/main/torch/serialization.py, `_legacy_load`).
 *
 * Values and numbers are least significant byte first whatever system wrote them: PyTorch turns them while it writes, and
 * never looks at the `little_endian` of the system's facts. Nor do we.
 */
import { damaged, quote, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import type { ModelSource } from '../source';
import { Cursor } from './cursor';
import { readPickle } from './pickle';
import { storageItemSize, type Container } from './storage';
import { itemsOf, PyDict, PyPersistent, PyRecord, PyList, PySet, PyTuple, type PyValue } from './values';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const COUNT_BYTES = 8;

/** How the magic number's pickle begins: as LONG1 behind a protocol, or as the digits of protocols 0 and 1. */
const STARTS: readonly (readonly number[])[] = [
  [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20],
  [...Buffer.from('L1195470', 'latin1')],
];

const PROTOCOL_OPCODE = 0x80;
const FRAME_OPCODE = 0x95;

/** Whether the file begins as one of these; of a plain pickle only its first byte can be told. */
export function looksLikeLegacy(head: Uint8Array): boolean {
  let at = 0;
  if (head[at] === PROTOCOL_OPCODE) at += 2;
  if (head[at] === FRAME_OPCODE) at += 9;
  return STARTS.some((start) => start.every((byte, k) => head[at + k] === byte));
}

export const looksLikePickle = (head: Uint8Array): boolean =>
  head[0] === PROTOCOL_OPCODE && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5;

/** @throws model-damaged, model-unsupported */
export function readLegacy(source: ModelSource): Container {
  const { name: file } = source;
  const cursor = new Cursor(source);
  if (readPickle(file, cursor) !== MAGIC) {
    const what = say`It is a pickle that torch.save has not written.`;
    throw unsupported(file, what, say`Save the model with torch.save(model.state_dict(), PATH).`);
  }
  const protocol = readPickle(file, cursor);
  if (protocol !== PROTOCOL) {
    throw unsupported(file, say`Its protocol is ${quote(plain(protocol))}.`, say`${PROTOCOL} is supported.`);
  }
  readPickle(file, cursor);
  const root = readPickle(file, cursor);
  const keys = itemsOf(readPickle(file, cursor)) ?? [];
  const places = storagePlaces(source, cursor.position, keys, itemSizes(file, root));
  return {
    file,
    size: source.size,
    root,
    bigEndian: false,
    storage: (key, itemSize) => {
      const place = places.get(key);
      if (place === undefined) throw damaged(file, say`There is no storage ${quote(key)}.`);
      const size = place.count * itemSize;
      if (place.start + size > source.size) {
        throw damaged(file, say`Storage ${quote(key)} ends at byte ${place.start + size} of ${source.size}.`);
      }
      return { size, read: (from, length) => source.read(place.start + from, Math.min(length, size - from)) };
    },
  };
}

const plain = (value: PyValue): unknown => (typeof value === 'object' ? 'an object' : String(value));

interface Place {
  /** First byte of its values. */
  readonly start: number;
  /** Values in it. */
  readonly count: number;
}

function storagePlaces(
  source: ModelSource,
  from: number,
  keys: readonly PyValue[],
  sizes: ReadonlyMap<string, number>,
): ReadonlyMap<string, Place> {
  const { name: file, size } = source;
  const places = new Map<string, Place>();
  let at = from;
  for (const key of keys) {
    const itemSize = typeof key === 'string' ? sizes.get(key) : undefined;
    if (typeof key !== 'string' || itemSize === undefined) {
      throw damaged(file, say`Its list of storages names ${quote(plain(key))}, which no tensor has.`);
    }
    if (places.has(key)) throw damaged(file, say`Its list of storages names ${quote(key)} twice.`);
    if (at + COUNT_BYTES > size) throw damaged(file, say`It is cut off at byte ${size}, before storage ${quote(key)}.`);
    const bytes = source.read(at, COUNT_BYTES);
    const count = Number(new DataView(bytes.buffer, bytes.byteOffset, COUNT_BYTES).getBigUint64(0, true));
    const start = at + COUNT_BYTES;
    at = start + count * itemSize;
    if (at > size) {
      throw damaged(file, say`Storage ${quote(key)} ends at byte ${at}; the file ends at ${size}.`);
    }
    places.set(key, { start, count });
  }
  return places;
}

/** Bytes of a value in each storage that the object mentions anywhere. */
function itemSizes(file: string, root: PyValue): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const seen = new Set<PyValue>();
  const open: PyValue[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof PyPersistent) {
      const found = storageItemSize(file, value);
      if (found) sizes.set(...found);
    }
    for (const inner of innerOf(value)) open.push(inner);
  }
  return sizes;
}

function* innerOf(value: PyValue): Iterable<PyValue> {
  if (value instanceof PyList || value instanceof PyTuple || value instanceof PySet) yield* value.items;
  else if (value instanceof PyPersistent) yield value.id;
  else if (value instanceof PyDict || value instanceof PyRecord) {
    for (const [key, item] of value.entries) {
      yield key;
      yield item;
    }
    if (value instanceof PyDict) return;
    yield value.of;
    yield* value.args;
    yield* value.items;
    if (value.state !== undefined) yield value.state;
  }
}
