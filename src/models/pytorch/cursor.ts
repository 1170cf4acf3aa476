/** Reads a file front to back in chunks, as a pickle is read: numbers, byte strings, lines. */
import { damaged } from '../errors';
import { say } from '../../shared/l10n';
import type { ModelSource } from '../source';

const CHUNK = 65_536;

export class Cursor {
  private chunk: Uint8Array = new Uint8Array(0);
  private view = new DataView(this.chunk.buffer);
  /** Where in the file the chunk begins. */
  private base: number;
  /** Place in the chunk. */
  private at = 0;

  constructor(
    private readonly source: ModelSource,
    from = 0,
  ) {
    this.base = from;
  }

  get position(): number {
    return this.base + this.at;
  }

  /** Makes sure that `length` bytes are in the chunk. @throws model-damaged at the end of the file */
  private need(length: number): void {
    if (this.at + length <= this.chunk.length) return;
    const { position } = this;
    const left = this.source.size - position;
    if (length > left) {
      throw damaged(
        this.source.name,
        say`The pickle is cut off: ${length} bytes are due at byte ${position}, ${left} are left.`,
      );
    }
    this.chunk = this.source.read(position, Math.min(Math.max(length, CHUNK), left));
    this.view = new DataView(this.chunk.buffer, this.chunk.byteOffset, this.chunk.byteLength);
    this.base = position;
    this.at = 0;
  }

  private advance(length: number): number {
    this.need(length);
    const { at } = this;
    this.at += length;
    return at;
  }

  u8(): number {
    const at = this.advance(1);
    return this.view.getUint8(at);
  }

  u16(): number {
    const at = this.advance(2);
    return this.view.getUint16(at, true);
  }

  u32(): number {
    const at = this.advance(4);
    return this.view.getUint32(at, true);
  }

  i32(): number {
    const at = this.advance(4);
    return this.view.getInt32(at, true);
  }

  /** Exact below 2^53; more is refused as a length in any case. */
  u64(): number {
    const at = this.advance(8);
    return Number(this.view.getBigUint64(at, true));
  }

  /** Pickles keep floats with the most significant byte first. */
  float64BigEndian(): number {
    const at = this.advance(8);
    return this.view.getFloat64(at);
  }

  /** A view that is valid until the next read. */
  bytes(length: number): Uint8Array {
    const at = this.advance(length);
    return this.chunk.subarray(at, at + length);
  }

  /** Up to a line feed, which is passed over. @param most bytes */
  line(most: number): Uint8Array {
    const start = this.position;
    for (let length = 0; ;) {
      const end = this.chunk.indexOf(0x0a, this.at + length);
      if (end >= 0) {
        const line = this.chunk.subarray(this.at, end);
        this.at = end + 1;
        return line;
      }
      length = this.chunk.length - this.at;
      if (length > most) {
        throw damaged(this.source.name, say`The pickle has a line of over ${most} bytes at byte ${start}.`);
      }
      // Twice as much each time, so that a long line is not read again and again.
      this.need(Math.max(length + 1, Math.min(2 * length, this.source.size - start)));
    }
  }
}
