/**
 * A protobuf message as its fields by number, none of them interpreted yet
 * (https://protobuf.dev/programming-guides/encoding/). pbf reads the numbers; what points outside the bytes is refused
 * here, because pbf would go on with what there is.
 */
import { PbfReader } from 'pbf';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

type Field =
  | { readonly wire: 'varint'; readonly value: number }
  | { readonly wire: 'fixed' | 'bytes'; readonly bytes: Uint8Array };

/** A message that cannot be read; the reader of a file makes it a refusal with the file's name. */
export class WireError extends Error {}

/** Repeated numbers may be packed into bytes or stand one by one; both are read. */
export class Message {
  private readonly fields = new Map<number, Field[]>();

  /** @throws WireError */
  constructor(bytes: Uint8Array) {
    const reader = new PbfReader(bytes);
    while (reader.pos < bytes.length) {
      const tag = attempt(() => reader.readVarint());
      const field = readField(reader, bytes, tag & 7);
      const number = Math.floor(tag / 8);
      const fields = this.fields.get(number);
      if (fields) fields.push(field);
      else this.fields.set(number, [field]);
    }
    if (reader.pos > bytes.length) throw new WireError('A number is cut off.');
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  /** Signed 64-bit numbers; beyond 2^53 they are rounded. */
  ints(field: number): number[] {
    return this.all(field).flatMap((one) => {
      if (one.wire === 'varint') return [one.value];
      const reader = new PbfReader(one.bytes);
      const values: number[] = [];
      while (reader.pos < one.bytes.length) values.push(attempt(() => reader.readVarint(true)));
      if (reader.pos > one.bytes.length) throw new WireError('A number is cut off.');
      return values;
    });
  }

  /** The last of them, as protobuf asks; undefined where there is none. */
  int(field: number): number | undefined {
    return this.ints(field).at(-1);
  }

  /** Numbers of a fixed size. @param read one of them from a view */
  fixed(field: number, size: 4 | 8, read: (view: DataView, offset: number) => number): number[] {
    return this.bytes(field, 'fixed').flatMap((bytes) => {
      if (bytes.length % size !== 0) throw new WireError('A list of numbers is cut off.');
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return Array.from({ length: bytes.length / size }, (_, k) => read(view, k * size));
    });
  }

  floats(field: number): number[] {
    return this.fixed(field, 4, (view, offset) => view.getFloat32(offset, true));
  }

  bytes(field: number, or?: 'fixed'): Uint8Array[] {
    return this.all(field).map((one) => {
      if (one.wire === 'bytes' || one.wire === or) return one.bytes;
      throw new WireError(`Field ${String(field)} is of another type.`);
    });
  }

  strings(field: number): string[] {
    return this.bytes(field).map((bytes) => new TextDecoder().decode(bytes));
  }

  string(field: number): string {
    return this.strings(field).at(-1) ?? '';
  }

  messages(field: number): Message[] {
    return this.bytes(field).map((bytes) => new Message(bytes));
  }

  private all(field: number): readonly Field[] {
    return this.fields.get(field) ?? [];
  }
}

function readField(reader: PbfReader, bytes: Uint8Array, wire: number): Field {
  if (wire === VARINT) return { wire: 'varint', value: attempt(() => reader.readVarint(true)) };
  const fixed = wire === FIXED64 ? 8 : wire === FIXED32 ? 4 : undefined;
  if (fixed === undefined && wire !== BYTES) throw new WireError(`There is no wire type ${String(wire)}.`);
  const length = fixed ?? attempt(() => reader.readVarint());
  const { pos } = reader;
  if (pos + length > bytes.length) {
    throw new WireError(`A field of ${String(length)} bytes is cut off after ${String(bytes.length - pos)}.`);
  }
  reader.pos = pos + length;
  return { wire: fixed === undefined ? 'bytes' : 'fixed', bytes: bytes.subarray(pos, pos + length) };
}

/** pbf throws plain errors for a number that does not end. */
function attempt(read: () => number): number {
  try {
    return read();
  } catch (cause) {
    throw new WireError('A number does not end.', { cause });
  }
}
