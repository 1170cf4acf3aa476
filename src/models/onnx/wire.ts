/**
 * A protobuf message as its fields by number, none of them interpreted yet
 * (https://protobuf.dev/programming-guides/encoding/). A field keeps where it lies, not its bytes, so that a model of
 * any size is walked without being read. pbf reads the numbers; what points outside the message is refused here.
 */
import { PbfReader } from 'pbf';
import { say, textIn, type Text } from '../../shared/l10n';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Bytes that are read at once while headers are walked. */
const CHUNK = 65_536;
/** Of a varint. */
const LONGEST = 10;

/** What a message may hold: beyond it, the places of its fields would take more memory than any model needs. */
const MOST_FIELDS = 500_000;
/** Numbers of a list that is read as a whole. Tensors are read otherwise. */
const MOST_NUMBERS = 1_000_000;

/** A message that cannot be read; the reader of a file makes it a refusal with the file's name. */
export class WireError extends Error {
  constructor(
    readonly text: Text,
    options?: ErrorOptions,
  ) {
    super(textIn(text), options);
  }
}

/** Bytes that are read in parts: what a message needs of a ModelSource. */
export interface ByteSource {
  readonly size: number;
  read(from: number, length: number): Uint8Array;
}

type Field =
  | { readonly wire: 'varint'; readonly value: number }
  | { readonly wire: 'fixed' | 'bytes'; readonly from: number; readonly length: number };

/** The part of a file that is being walked; all messages of a file share one. */
class Window {
  private start = 0;
  private reader = new PbfReader(new Uint8Array(0));

  constructor(readonly source: ByteSource) {}

  /** A number at `from`, and where it ends. @param end of what it lies in @throws WireError */
  varint(from: number, end: number, signed: boolean): [value: number, after: number] {
    const reader = this.at(from, end);
    let value: number;
    try {
      value = signed ? reader.readVarint(true) : reader.readVarint();
    } catch (cause) {
      throw new WireError(say`A number does not end.`, { cause });
    }
    const after = this.start + reader.pos;
    if (after > end) throw new WireError(say`A number is cut off.`);
    return [value, after];
  }

  /** Bytes, out of the part at hand where they lie in it: most names do. */
  read(from: number, length: number): Uint8Array {
    const at = from - this.start;
    if (at >= 0 && at + length <= this.reader.buf.length) return this.reader.buf.subarray(at, at + length);
    return this.source.read(from, length);
  }

  private at(from: number, end: number): PbfReader {
    const { length } = this.reader.buf;
    const there = from >= this.start && from + LONGEST <= this.start + length;
    if (!there && !(from >= this.start && this.start + length === this.source.size)) {
      this.start = from;
      this.reader = new PbfReader(this.source.read(from, Math.min(CHUNK, this.source.size - from)));
    }
    if (from >= end) throw new WireError(say`A number is cut off.`);
    this.reader.pos = from - this.start;
    return this.reader;
  }
}

/** Repeated numbers may be packed into bytes or stand one by one; both are read. */
export class Message {
  private readonly fields = new Map<number, Field[]>();

  /** @throws WireError */
  constructor(bytes: Uint8Array) {
    const source = { size: bytes.length, read: (from: number, length: number) => bytes.subarray(from, from + length) };
    this.window = new Window(source);
    this.walk(0, source.size);
  }

  private window: Window;

  /** The message that is the whole source. @throws WireError, and what the source throws */
  static of(source: ByteSource): Message {
    const message = new Message(new Uint8Array(0));
    message.window = new Window(source);
    message.walk(0, source.size);
    return message;
  }

  private walk(from: number, end: number): void {
    let count = 0;
    for (let at = from; at < end;) {
      const [tag, body] = this.window.varint(at, end, false);
      const [field, after] = this.readField(body, end, tag & 7);
      const number = Math.floor(tag / 8);
      const fields = this.fields.get(number);
      if (fields) fields.push(field);
      else this.fields.set(number, [field]);
      if (++count > MOST_FIELDS) throw new WireError(say`A message has more than ${MOST_FIELDS} fields.`);
      at = after;
    }
  }

  private readField(from: number, end: number, wire: number): [Field, after: number] {
    if (wire === VARINT) {
      const [value, after] = this.window.varint(from, end, true);
      return [{ wire: 'varint', value }, after];
    }
    const fixed = wire === FIXED64 ? 8 : wire === FIXED32 ? 4 : undefined;
    if (fixed === undefined && wire !== BYTES) throw new WireError(say`There is no wire type ${wire}.`);
    const [length, start] = fixed === undefined ? this.window.varint(from, end, false) : [fixed, from];
    if (start + length > end) {
      throw new WireError(say`A field of ${length} bytes is cut off after ${end - start}.`);
    }
    return [{ wire: fixed === undefined ? 'bytes' : 'fixed', from: start, length }, start + length];
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  count(field: number): number {
    return this.all(field).length;
  }

  /** Signed 64-bit numbers; beyond 2^53 they are rounded. */
  ints(field: number): number[] {
    const values: number[] = [];
    this.eachInt(field, (value) => {
      if (values.push(value) > MOST_NUMBERS) {
        throw new WireError(say`A list has more than ${MOST_NUMBERS} numbers.`);
      }
    });
    return values;
  }

  /** The same one by one, however many there are. */
  eachInt(field: number, visit: (value: number) => void): void {
    for (const one of this.all(field)) {
      if (one.wire === 'varint') {
        visit(one.value);
        continue;
      }
      const end = one.from + one.length;
      for (let at = one.from; at < end;) {
        const [value, after] = this.window.varint(at, end, true);
        visit(value);
        at = after;
      }
    }
  }

  /** The last of them, as protobuf asks; undefined where there is none. */
  int(field: number): number | undefined {
    const last = this.all(field).at(-1);
    return last?.wire === 'varint' ? last.value : this.ints(field).at(-1);
  }

  floats(field: number): number[] {
    if (this.byteLength(field, 4) > MOST_NUMBERS * 4) {
      throw new WireError(say`A list has more than ${MOST_NUMBERS} numbers.`);
    }
    const bytes = this.joined(field, 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: bytes.length / 4 }, (_, k) => view.getFloat32(k * 4, true));
  }

  /** Bytes of a list of numbers of a fixed size. @throws WireError when they are no whole number of them */
  byteLength(field: number, size: number): number {
    return this.ranges(field, 'fixed').reduce((sum, { length }) => {
      if (length % size !== 0) throw new WireError(say`A list of numbers is cut off.`);
      return sum + length;
    }, 0);
  }

  /** The bytes of such a list, one part behind the other. */
  joined(field: number, size: number): Uint8Array {
    const total = this.byteLength(field, size);
    const [first, ...more] = this.ranges(field, 'fixed');
    if (first === undefined) return new Uint8Array(0);
    if (more.length === 0) return this.read(first);
    const whole = new Uint8Array(total);
    let to = 0;
    for (const range of [first, ...more]) {
      whole.set(this.read(range), to);
      to += range.length;
    }
    return whole;
  }

  /** The last of a field's byte strings, where it lies; undefined where there is none. */
  range(field: number): { readonly from: number; readonly length: number } | undefined {
    return this.ranges(field).at(-1);
  }

  bytes(field: number): Uint8Array[] {
    return this.ranges(field).map((range) => this.read(range));
  }

  strings(field: number): string[] {
    return this.ranges(field).map((range) => (range.length === 0 ? '' : DECODER.decode(this.read(range))));
  }

  string(field: number): string {
    const range = this.range(field);
    return range === undefined || range.length === 0 ? '' : DECODER.decode(this.read(range));
  }

  messages(field: number): Message[] {
    return this.ranges(field).map((range) => this.inner(range));
  }

  /** One at a time, so that the fields of many need not be in memory together. */
  *eachMessage(field: number): Generator<Message> {
    for (const range of this.ranges(field)) yield this.inner(range);
  }

  private inner({ from, length }: { readonly from: number; readonly length: number }): Message {
    const message = new Message(new Uint8Array(0));
    message.window = this.window;
    message.walk(from, from + length);
    return message;
  }

  private read({ from, length }: { readonly from: number; readonly length: number }): Uint8Array {
    return this.window.read(from, length);
  }

  private ranges(field: number, or?: 'fixed'): { readonly from: number; readonly length: number }[] {
    return this.all(field).map((one) => {
      if (one.wire === 'bytes' || (one.wire !== 'varint' && one.wire === or)) return one;
      throw new WireError(say`Field ${field} is of another type.`);
    });
  }

  private all(field: number): readonly Field[] {
    return this.fields.get(field) ?? [];
  }
}

const DECODER = new TextDecoder();
