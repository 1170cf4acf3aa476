/** Attributes of a group or dataset: texts and numbers, in the object's header or in a fractal heap. */
import { damaged, quote, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import { readRecords } from './btree2';
import { countOf, decoderOf, readDataspace, readDatatype } from './datatype';
import { decodeText, type Fields, type Storage } from './fields';
import { openHeap } from './fractalHeap';
import type { GlobalHeap } from './globalHeap';
import { MESSAGE, type HeaderMessage } from './header';

/** One text, a list of texts, or numbers; undefined for what is neither. */
export type AttributeValue = string | readonly string[] | Float32Array | undefined;

/** More values than layers of any model. */
const MAX_VALUES = 1_000_000;
const HEAP_ID_BYTES = 8;
/** A record's type: attributes by their names' hash. */
const BY_NAME = 8;

/** Each attribute's value, read when it is asked for. */
export type Attributes = ReadonlyMap<string, () => AttributeValue>;

/** @throws model-damaged, model-unsupported */
export function readAttributes(storage: Storage, heap: GlobalHeap, messages: readonly HeaderMessage[]): Attributes {
  const found = new Map<string, () => AttributeValue>();
  const add = (fields: Fields): void => {
    const { name, value } = readAttribute(heap, fields);
    found.set(name, value);
  };
  for (const message of messages) {
    if (message.type === MESSAGE.attribute) add(message.fields());
    if (message.type === MESSAGE.attributeInfo) readDense(storage, message.fields(), add);
  }
  return found;
}

function readDense(storage: Storage, info: Fields, add: (fields: Fields) => void): void {
  info.version(0);
  const flags = info.u8();
  if (flags & 1) info.skip(2);
  const heapAddress = info.address();
  const treeAddress = info.address();
  if (heapAddress === undefined || treeAddress === undefined) return;
  const read = openHeap(storage, heapAddress);
  for (const record of readRecords(storage, treeAddress, [BY_NAME])) {
    add(read(record.piece(say`An attribute`, HEAP_ID_BYTES), say`An attribute`));
  }
}

function readAttribute(heap: GlobalHeap, fields: Fields): { name: string; value: () => AttributeValue } {
  const version = fields.version(1, 2, 3);
  const flags = fields.u8();
  if (version > 1 && flags & 3) {
    throw unsupported(
      fields.file,
      say`An attribute shares its type.`,
      say`Attributes as h5py writes them are supported.`,
    );
  }
  const [nameSize, typeSize, spaceSize] = [fields.u16(), fields.u16(), fields.u16()];
  if (version === 3) fields.skip(1);
  // Version 1 fills each part up to a multiple of 8.
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const name = fields.text(padded(nameSize));
  const type = readDatatype(fields.piece(say`A datatype`, padded(typeSize)));
  const shape = readDataspace(fields.piece(say`A dataspace`, padded(spaceSize)));
  const count = countOf(shape);
  const what = say`The attribute ${quote(name)}`;
  if (count > MAX_VALUES) throw damaged(fields.file, say`${what} has ${count} values.`);
  const data = fields.take(count * type.size);
  const one = <T>(values: readonly T[]): T | readonly T[] | undefined => (shape.length === 0 ? values[0] : values);
  const pieces = (): Uint8Array[] =>
    Array.from({ length: count }, (_, k) => data.subarray(k * type.size, (k + 1) * type.size));
  return {
    name,
    value: () => {
      if (type.kind === 'text') return one(pieces().map(decodeText));
      if (type.kind === 'variableText') return one(pieces().map((reference) => heap.text(what, reference)));
      return decoderOf(type)?.(data);
    },
  };
}
