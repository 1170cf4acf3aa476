/** The tiles at hand: asked for when wanted, a few at a time, kept in bounded memory, refreshed while a trace grows. */
import type { Tile, TileRequest } from '../src/shared/trace';
import { roundUp } from './layout/numbers';
import { rootLevel, tokensPerTile } from './layout/level';

export interface TileStoreOptions {
  readonly fetch: (request: TileRequest) => Promise<Tile>;
  /** A tile has come. */
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
  readonly now: () => number;
  /** Calls `run` after `ms`; a timer, or a test's. */
  readonly later: (run: () => void, ms: number) => void;
  readonly budget?: number;
  readonly parallel?: number;
}

export interface HeldTile {
  readonly tile: Tile;
  /** Grows with every new content of the same place. */
  readonly version: number;
}

interface Entry extends HeldTile {
  readonly bytes: number;
  readonly askedAt: number;
  /** Tokens that were traced when it was asked for. */
  readonly done: number;
}

const DEFAULT_BUDGET = 64 * 2 ** 20;
const DEFAULT_PARALLEL = 6;
/** A tile that still grows is asked for again at most this often, in milliseconds. */
const REFRESH = 300;
/** After a failure a tile rests this long, in milliseconds. */
const REST = 4000;
/** Share of a tile's values that a free scale shows unclipped. */
const SHARE_IN_RANGE = 0.98;

export const tileKey = ({ layer, signal, level, index }: TileRequest): string =>
  `${String(layer)}/${signal}/${String(level)}/${String(index)}`;

const scaleKey = ({ layer, signal }: Pick<TileRequest, 'layer' | 'signal'>): string => `${String(layer)}/${signal}`;

/** The size below which lie `SHARE_IN_RANGE` of a tile's means; `peak` is the largest value of all. */
export function spread(tile: Tile): { readonly typical: number; readonly peak: number } {
  const counts = new Uint32Array(256);
  for (const q of tile.mean) counts[q] = (counts[q] ?? 0) + 1;
  const value = (q: number): number => Math.abs(tile.lo + (q / 255) * (tile.hi - tile.lo));
  const bySize = Array.from(counts, (count, q) => ({ count, size: value(q) })).sort((a, b) => a.size - b.size);
  let left = tile.mean.length * SHARE_IN_RANGE;
  let typical = 0;
  for (const { count, size } of bySize) {
    if (left <= 0) break;
    if (count > 0) typical = size;
    left -= count;
  }
  let low = 255;
  let high = 0;
  for (const q of tile.min) low = Math.min(low, q);
  for (const q of tile.max) high = Math.max(high, q);
  return { typical, peak: tile.mean.length === 0 ? 0 : Math.max(value(low), value(high)) };
}

export class TileStore {
  readonly #options: TileStoreOptions;
  /** In order of use: the oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #asked = new Set<string>();
  readonly #resting = new Map<string, number>();
  readonly #ranges = new Map<string, { typical: number; peak: number }>();
  #wanted: readonly TileRequest[] = [];
  #done = 0;
  #bytes = 0;
  #versions = 0;
  #generation = 0;
  #timer = false;

  constructor(options: TileStoreOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Forgets everything, as for another trace; replies still under way are dropped. */
  clear(): void {
    this.#entries.clear();
    this.#asked.clear();
    this.#resting.clear();
    this.#ranges.clear();
    this.#wanted = [];
    this.#bytes = 0;
    this.#done = 0;
    this.#generation++;
  }

  get(request: TileRequest): HeldTile | undefined {
    const key = tileKey(request);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /**
   * The nearest coarser tile at hand that covers a tile's place, up to the one that holds the whole text; what is
   * drawn until the tile itself arrives.
   */
  coarser(
    request: TileRequest,
    tokens: number,
  ): { readonly held: HeldTile; readonly request: TileRequest } | undefined {
    const top = rootLevel(tokens);
    for (let level = request.level + 1; level <= top; level++) {
      const parent = { ...request, level, index: Math.floor(request.index / 2 ** (level - request.level)) };
      const held = this.get(parent);
      if (held !== undefined && held.tile.columns > 0) return { held, request: parent };
    }
    return undefined;
  }

  /** The tiles wanted now, the most urgent first, and how many tokens are traced; the rest is no longer asked for. */
  want(requests: readonly TileRequest[], done: number): void {
    this.#wanted = requests;
    this.#done = done;
    this.#pump();
  }

  /** End of a free scale: covers nearly all values seen, and only ever grows. */
  range(layer: number, signal: TileRequest['signal']): { readonly end: number; readonly peak: number } {
    const seen = this.#ranges.get(scaleKey({ layer, signal }));
    return { end: roundUp(seen?.typical ?? 0), peak: seen?.peak ?? 0 };
  }

  #pump(): void {
    const now = this.#options.now();
    let wait = Infinity;
    for (const request of this.#wanted) {
      if (this.#asked.size >= (this.#options.parallel ?? DEFAULT_PARALLEL)) return;
      const key = tileKey(request);
      if (this.#asked.has(key) || request.index * tokensPerTile(request.level) >= this.#done) continue;
      const entry = this.#entries.get(key);
      if (entry !== undefined && (entry.tile.final || entry.done >= this.#done)) continue;
      const due = Math.max(entry === undefined ? 0 : entry.askedAt + REFRESH, this.#resting.get(key) ?? 0);
      if (due > now) wait = Math.min(wait, due - now);
      else this.#ask(request, key, now);
    }
    if (wait < Infinity && !this.#timer) {
      this.#timer = true;
      this.#options.later(() => {
        this.#timer = false;
        this.#pump();
      }, wait);
    }
  }

  #ask(request: TileRequest, key: string, now: number): void {
    const generation = this.#generation;
    const done = this.#done;
    this.#asked.add(key);
    this.#options.fetch(request).then(
      (tile) => {
        if (generation !== this.#generation) return;
        this.#asked.delete(key);
        this.#put(request, key, tile, now, done);
        this.#options.changed();
        this.#pump();
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        this.#asked.delete(key);
        this.#resting.set(key, this.#options.now() + REST);
        this.#options.failed(error);
        this.#pump();
      },
    );
  }

  #put(request: TileRequest, key: string, received: Tile, askedAt: number, done: number): void {
    // At level 0 the three arrays are equal; a message may have brought three copies.
    const tile = request.level === 0 ? { ...received, min: received.mean, max: received.mean } : received;
    const bytes = tile.mean.length * (request.level === 0 ? 1 : 3) + 256;
    const { typical, peak } = spread(tile);
    const range = this.#ranges.get(scaleKey(request));
    this.#ranges.set(scaleKey(request), {
      typical: Math.max(typical, range?.typical ?? 0),
      peak: Math.max(peak, range?.peak ?? 0),
    });
    this.#bytes += bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { tile, version: ++this.#versions, bytes, askedAt, done });
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= (this.#options.budget ?? DEFAULT_BUDGET) || oldest === key) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}
