/**
 * The structures of an HDF5 file as fields to be read one after another, each checked against the end of its piece
 * (https://docs.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html). What is read for structure is counted, so that no
 * file, however it points at itself, can keep the reader busy.
 */
import { damaged, quote } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { LIMITS } from '../limits';
import type { ModelSource } from '../source';

/** Far above what a model of thousands of layers needs. */
const MAX_READS = 200_000;

/** Bytes of an address and of a length in this file. */
export interface FieldSizes {
  readonly offset: number;
  readonly length: number;
}

/** Little-endian fields of one piece of the file. */
export class Fields {
  private at = 0;

  /** @param what the piece, for messages: `The superblock` */
  constructor(
    readonly file: string,
    readonly what: Text,
    readonly bytes: Uint8Array,
    readonly sizes: FieldSizes,
  ) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  get position(): number {
    return this.at;
  }

  /** @throws model-damaged where fewer bytes are left */
  take(length: number): Uint8Array {
    if (!(length >= 0 && length <= this.left)) {
      throw damaged(
        this.file,
        say`${this.what} has ${this.left} bytes where ${length} are expected at its byte ${this.at}.`,
      );
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  skip(length: number): void {
    this.take(length);
  }

  /** A whole number of so many bytes. @throws model-damaged beyond 2^53, where no size or address can lie */
  uint(size: number): number {
    let value = 0;
    const bytes = this.take(size);
    for (let k = size - 1; k >= 0; k--) value = value * 256 + (bytes[k] ?? 0);
    if (!Number.isSafeInteger(value)) {
      throw damaged(this.file, say`${this.what} holds the number ${value}, which is beyond any file.`);
    }
    return value;
  }

  u8(): number {
    return this.uint(1);
  }

  u16(): number {
    return this.uint(2);
  }

  u32(): number {
    return this.uint(4);
  }

  length(): number {
    return this.uint(this.sizes.length);
  }

  /** An address from the file's base; undefined where there is none (all bits set). */
  address(): number | undefined {
    const { offset } = this.sizes;
    const next = this.bytes.subarray(this.at, this.at + offset);
    if (next.length === offset && next.every((byte) => byte === 0xff)) {
      this.at += offset;
      return undefined;
    }
    return this.uint(offset);
  }

  /** @throws model-damaged where there is none */
  needAddress(): number {
    const address = this.address();
    if (address === undefined) throw damaged(this.file, say`${this.what} points nowhere.`);
    return address;
  }

  /** Text of so many bytes, up to its first zero byte if any. */
  text(length: number): string {
    return decodeText(this.take(length));
  }

  /** @throws model-damaged for other letters */
  signature(expected: string): void {
    const found = String.fromCharCode(...this.take(expected.length));
    if (found !== expected) {
      throw damaged(this.file, say`${this.what} begins with ${quote(found)}; ${quote(expected)} is expected.`);
    }
  }

  /** @throws model-damaged for any other version */
  version(...known: readonly number[]): number {
    const version = this.u8();
    if (!known.includes(version)) {
      throw damaged(this.file, say`${this.what} is of version ${version}; ${known.join(', ')} are known.`);
    }
    return version;
  }

  /** The rest or the next bytes as fields of their own. */
  piece(what: Text, length: number): Fields {
    return new Fields(this.file, what, this.take(length), this.sizes);
  }
}

/** Up to the first zero byte. Bytes that are no UTF-8 become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The file below its structures: reads pieces at addresses, and counts them. */
export class Storage {
  private reads = 0;
  private bytesRead = 0;

  /** @param base of all addresses, in bytes from the file's start */
  constructor(
    readonly source: ModelSource,
    readonly base: number,
    readonly sizes: FieldSizes,
  ) {}

  get file(): string {
    return this.source.name;
  }

  /** Up to `length` bytes of structure at an address; fewer where the file ends before. */
  fields(what: Text, address: number, length: number): Fields {
    const from = this.base + address;
    const there = Math.min(length, Math.max(0, this.source.size - from));
    this.reads++;
    this.bytesRead += there;
    if (this.reads > MAX_READS || this.bytesRead > LIMITS.structure) {
      throw damaged(this.file, say`Its structure has no end: ${this.reads} parts were read.`);
    }
    const bytes = there === 0 ? new Uint8Array(0) : this.source.read(from, there);
    return new Fields(this.file, what, bytes, this.sizes);
  }

  /** @throws model-damaged where values at an address would reach over the file's end */
  checkData(what: Text, address: number, length: number): void {
    const end = this.base + address + length;
    if (end <= this.source.size) return;
    throw damaged(this.file, say`${what} ends at byte ${end}; the file ends at ${this.source.size}.`);
  }

  /** Values at an address. @throws model-damaged where the file ends before */
  data(address: number, length: number): Uint8Array {
    return this.source.read(this.base + address, length);
  }
}
