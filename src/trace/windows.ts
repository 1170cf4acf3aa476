/**
 * Windows and finer summaries that were computed again, kept as long as their bytes allow. Windows are shown to
 * visitors and not handed out, so that their memory can be used again at once: left to the garbage collector, it would
 * grow far beyond the budget.
 */
import { LRUCache } from 'lru-cache';
import { WINDOW_TOKENS } from '../engine/engine';
import { TILE_COLUMNS } from '../shared/trace';
import { Pacer } from './pacer';
import { Summary } from './summary';
import { traceGone, type Window } from './trace';

/** A window and the state after it. */
interface Kept extends Window {
  readonly kind: 'window';
  readonly buffer: Float32Array;
  readonly after: Float32Array;
}

/** A tile's worth of a summary finer than the resident one; grows while the first pass goes on. */
export interface Chunk {
  readonly kind: 'chunk';
  readonly summary: Summary;
  readonly state: Float32Array;
  /** Next token to add. */
  at: number;
}

interface Visitor {
  readonly see: (window: Window) => void;
  readonly fail: (reason: unknown) => void;
}

export interface Pieces {
  add(records: Float32Array): void;
  /** All are there. @param after the state after the window; copied */
  keep(index: number, after: Float32Array): Window;
}

export class Windows {
  closed = false;
  private readonly cache: LRUCache<string, Kept | Chunk>;
  private readonly free: Float32Array[] = [];
  private readonly visitors = new Map<number, Visitor[]>();
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly bufferLength: number;

  /**
   * @param width values of a record
   * @param length tokens of the text
   * @param bytes that are kept, at least one window's
   */
  constructor(
    private readonly width: number,
    length: number,
    bytes: number,
  ) {
    this.bufferLength = Math.min(WINDOW_TOKENS, length) * width;
    this.cache = new LRUCache({
      maxSize: Math.max(bytes, 2 * this.bufferLength * Float32Array.BYTES_PER_ELEMENT),
      sizeCalculation: (entry) =>
        entry.kind === 'window' ? entry.buffer.byteLength : Summary.bytes(width, TILE_COLUMNS),
      dispose: (entry) => {
        if (entry.kind === 'window') this.free.push(entry.buffer);
      },
    });
  }

  /** Whether one more fits without dropping another. */
  get roomy(): boolean {
    const { calculatedSize, maxSize } = this.cache;
    return calculatedSize + this.bufferLength * Float32Array.BYTES_PER_ELEMENT <= maxSize;
  }

  /** Keeps copies of a window and of the state after it. */
  keep(index: number, records: Float32Array, after: Float32Array): Window {
    const pieces = this.begin();
    pieces.add(records);
    return pieces.keep(index, after);
  }

  /** A window whose records come in pieces, in their order; copied. */
  begin(): Pieces {
    const buffer = this.free.pop() ?? new Float32Array(this.bufferLength);
    let length = 0;
    return {
      add: (records) => {
        buffer.set(records, length);
        length += records.length;
      },
      keep: (index, after) => {
        const records = buffer.subarray(0, length);
        const kept: Kept = { kind: 'window', tokens: length / this.width, records, buffer, after: after.slice() };
        this.cache.set(windowKey(index), kept);
        return kept;
      },
    };
  }

  /** A copy of the state after a window that is kept. */
  after(index: number): Float32Array | undefined {
    const known = this.cache.get(windowKey(index));
    return known?.kind === 'window' ? known.after.slice() : undefined;
  }

  chunk(level: number, index: number): Chunk | undefined {
    const known = this.cache.get(chunkKey(level, index));
    return known?.kind === 'chunk' ? known : undefined;
  }

  keepChunk(level: number, index: number, chunk: Chunk): void {
    this.cache.set(chunkKey(level, index), chunk);
  }

  /**
   * Shows a window to a visitor: the kept one, else the one that `compute` finds, for all who asked meanwhile.
   * @param compute calls `found` with the window, and then may go on
   */
  async read<T>(
    index: number,
    visit: (window: Window) => T,
    compute: (found: (window: Window) => void) => Promise<void>,
  ): Promise<T> {
    const known = this.cache.get(windowKey(index));
    if (known?.kind === 'window') return visit(known);
    return new Promise<T>((resolve, reject) => {
      const visitor: Visitor = {
        see: (window) => {
          try {
            resolve(visit(window));
          } catch (error) {
            reject(asError(error));
          }
        },
        fail: reject,
      };
      const others = this.visitors.get(index);
      if (others) {
        others.push(visitor);
        return;
      }
      const visitors = [visitor];
      this.visitors.set(index, visitors);
      const found = (window: Window): void => {
        this.visitors.delete(index);
        for (const { see } of visitors) see(window);
      };
      compute(found).catch((error: unknown) => {
        this.visitors.delete(index);
        for (const { fail } of visitors) fail(error);
      });
    });
  }

  /** Runs `work` unless the same is under way already: then both callers get its result. */
  once<T>(level: number, index: number, work: () => Promise<T>): Promise<T> {
    const key = chunkKey(level, index);
    const known = this.running.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const promise = work().finally(() => this.running.delete(key));
    this.running.set(key, promise);
    return promise;
  }

  /** @throws trace-gone when the trace was closed meanwhile */
  async breathe(pacer: Pacer): Promise<void> {
    await pacer.breathe();
    if (this.closed) throw traceGone();
  }

  close(): void {
    this.closed = true;
    this.cache.clear();
    this.free.length = 0;
  }
}

const windowKey = (index: number): string => `window ${String(index)}`;
const chunkKey = (level: number, index: number): string => `chunk ${String(level)} ${String(index)}`;
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
