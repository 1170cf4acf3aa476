/** The global heap: collections of objects of any length, in which texts of variable length lie. */
import { damaged } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { decodeText, Fields, type Storage } from './fields';

const MAX_COLLECTION_BYTES = 32 * 1024 * 1024;
const HEAD_BYTES = 8;

export class GlobalHeap {
  /** Objects by index, of the collection read last: texts of one attribute lie side by side. */
  private last: { readonly address: number; readonly objects: ReadonlyMap<number, Uint8Array> } | undefined;

  constructor(private readonly storage: Storage) {}

  /** @param reference length, address and index of a text @throws model-damaged */
  text(what: Text, reference: Uint8Array): string {
    const { file, sizes } = this.storage;
    const fields = new Fields(file, what, reference, sizes);
    const length = fields.u32();
    const address = fields.address();
    const index = fields.u32();
    if (length === 0 || address === undefined || address === 0) return '';
    if (this.last?.address !== address) this.last = { address, objects: this.collection(address) };
    const object = this.last.objects.get(index);
    if (object === undefined || object.length < length) {
      throw damaged(file, say`${what} has a text of ${length} bytes, which is not in its heap.`);
    }
    return decodeText(object.subarray(0, length));
  }

  private collection(address: number): ReadonlyMap<number, Uint8Array> {
    const { storage } = this;
    const { length: lengthBytes } = storage.sizes;
    const head = storage.fields(say`A global heap`, address, HEAD_BYTES + lengthBytes);
    head.signature('GCOL');
    head.version(1);
    head.skip(3);
    const size = head.length();
    if (size > MAX_COLLECTION_BYTES) {
      throw damaged(storage.file, say`A global heap has ${size} bytes.`);
    }
    const fields = storage.fields(say`A global heap`, address, size);
    fields.skip(head.position);
    const objects = new Map<number, Uint8Array>();
    while (fields.left >= HEAD_BYTES + lengthBytes) {
      const index = fields.u16();
      fields.skip(6);
      const length = fields.length();
      // What follows index 0 is free.
      if (index === 0) break;
      objects.set(index, fields.take(length));
      fields.skip(Math.min(fields.left, (8 - (length % 8)) % 8));
    }
    return objects;
  }
}
