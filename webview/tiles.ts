/** The tiles at hand: asked for when wanted, a few at a time, kept in bounded memory, refreshed while a trace grows. */
import { byteValue } from '../src/shared/bytes';
import type { Tile, TileRequest } from '../src/shared/trace';
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
  /** Of this content at this place, and of no other. */
  readonly version: number;
}

interface Entry extends HeldTile {
  readonly request: TileRequest;
  readonly bytes: number;
  readonly askedAt: number;
  /** What was known when it was asked for. */
  readonly known: number;
}

const DEFAULT_BUDGET = 64 * 2 ** 20;
const DEFAULT_PARALLEL = 6;
/** A tile that still grows is asked for again at most this often, in milliseconds. */
const REFRESH = 300;
/** After a failure a tile rests this long, in milliseconds. */
const REST = 4000;

export const tileKey = ({ layer, signal, level, index, rows = 0, group = 1, of = 'mean' }: TileRequest): string =>
  `${String(layer)}/${signal}/${String(level)}/${String(index)}/${String(rows)}/${String(group)}/${of}`;

/** Of all tiles that show the same stretch of the same signal. */
const placeKey = ({ layer, signal, level, index, rows = 0 }: TileRequest): string =>
  `${String(layer)}/${signal}/${String(level)}/${String(index)}/${String(rows)}`;

const scaleKey = ({ layer, signal }: Pick<TileRequest, 'layer' | 'signal'>): string => `${String(layer)}/${signal}`;

/** The largest value of a tile, whatever its sign: its bytes span no more. */
export const peakOf = ({ values, lo, hi }: Tile): number =>
  values.length === 0 ? 0 : Math.max(Math.abs(lo), Math.abs(hi));

/** Of the values of a tile this share is not beyond its bulk. */
const BULK = 0.99;

/** The size that all but the largest hundredth of a tile's values stay within. */
export function bulkOf(tile: Tile): number {
  const counts = new Uint32Array(256);
  for (const q of tile.values) counts[q] = (counts[q] ?? 0) + 1;
  const sizes = Array.from(counts, (count, q) => ({ count, size: Math.abs(byteValue(tile, q)) }));
  sizes.sort((a, b) => a.size - b.size);
  let below = 0;
  for (const { count, size } of sizes) {
    below += count;
    if (count > 0 && below >= BULK * tile.values.length) return size;
  }
  return 0;
}

export class TileStore {
  readonly #options: TileStoreOptions;
  /** In order of use: the oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #asked = new Set<string>();
  readonly #resting = new Map<string, number>();
  readonly #peaks = new Map<string, number>();
  readonly #bulks = new Map<string, number>();
  /** Keys of the tiles at hand of each place. */
  readonly #places = new Map<string, Set<string>>();
  /** Of the text before an edit: stand in until those of the text as it is now have come. */
  readonly #earlier = new Map<string, Entry>();
  #wanted: readonly TileRequest[] = [];
  /** Wanted once all of those are here. */
  #ahead: readonly TileRequest[] = [];
  #done = 0;
  #running = false;
  /** Grows with tokens traced, and with those that coarse tiles are exact for. */
  #known = 0;
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
    this.#earlier.clear();
    this.#peaks.clear();
    this.#bulks.clear();
    this.#forget();
  }

  /**
   * The same text, edited: what is at hand stands in, place by place, until its successor is as wide. Peaks stay too,
   * that the colours do not jump.
   */
  succeed(): void {
    for (const [key, entry] of this.#entries) this.#earlier.set(key, entry);
    this.#forget();
  }

  /** Some of what was wanted is still drawn from the text before an edit. */
  get outdated(): boolean {
    return this.#earlier.size > 0;
  }

  /** What stands in for a tile; never to be read values from. */
  earlier(request: TileRequest): HeldTile | undefined {
    return this.#earlier.get(tileKey(request));
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
   * A tile at hand of the same place whose rows are merged otherwise, or that stands for other values of several: the
   * nearest in both. None for the loss, whose bars would be read for what they are not.
   */
  alike(request: TileRequest): { readonly held: HeldTile; readonly request: TileRequest } | undefined {
    if (request.signal === 'loss') return undefined;
    const own = tileKey(request);
    const far = (entry: Entry): number =>
      Math.abs(Math.log2((entry.request.group ?? 1) / (request.group ?? 1))) +
      (entry.request.of === request.of ? 0 : 0.5);
    let best: Entry | undefined;
    for (const key of this.#places.get(placeKey(request)) ?? []) {
      const entry = key === own ? undefined : this.#entries.get(key);
      if (entry === undefined || entry.tile.columns === 0) continue;
      if (best === undefined || far(entry) < far(best)) best = entry;
    }
    return best && { held: best, request: best.request };
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
      const alike = this.alike(parent);
      if (alike !== undefined) return alike;
    }
    return undefined;
  }

  /**
   * The tiles wanted now, the most urgent first; the rest is no longer asked for.
   *
   * @param done tokens that are traced
   * @param settled tokens that coarse tiles are exact for
   * @param running more will be traced
   * @param ahead what is asked for once all of those are here
   */
  want(
    requests: readonly TileRequest[],
    done: number,
    settled = done,
    running = false,
    ahead: readonly TileRequest[] = [],
  ): void {
    this.#wanted = requests;
    this.#ahead = ahead;
    this.#done = done;
    this.#known = done + settled;
    this.#running = running;
    if (this.#earlier.size > 0) this.#dropEarlier();
    this.#pump();
  }

  /** Takes a tile that nobody asked for. One that still grows is asked for again. */
  take(request: TileRequest, tile: Tile): void {
    this.#put(request, tileKey(request), tile, this.#options.now(), 0);
  }

  /** The largest value seen of a signal, whatever its sign; only ever grows. */
  peak(layer: number, signal: TileRequest['signal']): number {
    return this.#peaks.get(scaleKey({ layer, signal })) ?? 0;
  }

  /** The size that all but a hundredth of the values seen of a signal stay within, in each tile; only ever grows. */
  bulk(layer: number, signal: TileRequest['signal']): number {
    return this.#bulks.get(scaleKey({ layer, signal })) ?? 0;
  }

  #forget(): void {
    this.#places.clear();
    this.#ahead = [];
    this.#entries.clear();
    this.#asked.clear();
    this.#resting.clear();
    this.#wanted = [];
    this.#bytes = 0;
    this.#done = 0;
    this.#known = 0;
    this.#generation++;
  }

  /** Once all that is wanted has come, nothing of before stays: scrolled into sight later, it would be wrong. */
  #dropEarlier(): void {
    for (const key of this.#earlier.keys()) if (this.#succeeded(key)) this.#earlier.delete(key);
    const waiting = this.#wanted.some((request) => {
      const key = tileKey(request);
      const comes = this.#running || request.index * tokensPerTile(request.level) < this.#done;
      return comes && (this.#earlier.has(key) || !this.#entries.has(key));
    });
    if (!waiting) this.#earlier.clear();
  }

  #succeeded(key: string): boolean {
    const [before, after] = [this.#earlier.get(key)?.tile, this.#entries.get(key)?.tile];
    return before !== undefined && after !== undefined && (after.final || after.columns >= before.columns);
  }

  #pump(): void {
    const now = this.#options.now();
    const wait = this.#askFor(this.#wanted, now);
    const here = (request: TileRequest): boolean =>
      request.index * tokensPerTile(request.level) >= this.#done || this.#entries.has(tileKey(request));
    if (this.#asked.size === 0 && this.#wanted.every(here)) this.#askFor(this.#ahead, now);
    if (wait < Infinity && !this.#timer) {
      this.#timer = true;
      this.#options.later(() => {
        this.#timer = false;
        this.#pump();
      }, wait);
    }
  }

  /** Asks for what is due of it, as many as may be asked for at a time. @returns milliseconds until more is due */
  #askFor(requests: readonly TileRequest[], now: number): number {
    let wait = Infinity;
    for (const request of requests) {
      if (this.#asked.size >= (this.#options.parallel ?? DEFAULT_PARALLEL)) return Infinity;
      const key = tileKey(request);
      if (this.#asked.has(key) || request.index * tokensPerTile(request.level) >= this.#done) continue;
      const entry = this.#entries.get(key);
      // What is computed without being told of is asked for again and again.
      const same = entry !== undefined && entry.known >= this.#known && entry.tile.pending !== true;
      if (entry !== undefined && (entry.tile.final || same)) continue;
      const due = Math.max(entry === undefined ? 0 : entry.askedAt + REFRESH, this.#resting.get(key) ?? 0);
      if (due > now) wait = Math.min(wait, due - now);
      else this.#ask(request, key, now);
    }
    return wait;
  }

  #ask(request: TileRequest, key: string, now: number): void {
    const generation = this.#generation;
    const known = this.#known;
    this.#asked.add(key);
    this.#options.fetch(request).then(
      (tile) => {
        if (generation !== this.#generation) return;
        this.#asked.delete(key);
        this.#put(request, key, tile, now, known);
        if (this.#earlier.size > 0) this.#dropEarlier();
        this.#options.changed();
        this.#pump();
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        this.#asked.delete(key);
        this.#resting.set(key, this.#options.now() + REST);
        this.#earlier.delete(key);
        this.#options.failed(error);
        this.#pump();
      },
    );
  }

  #put(request: TileRequest, key: string, tile: Tile, askedAt: number, known: number): void {
    const bytes = tile.values.length + 256;
    const scale = scaleKey(request);
    this.#peaks.set(scale, Math.max(peakOf(tile), this.#peaks.get(scale) ?? 0));
    this.#bulks.set(scale, Math.max(bulkOf(tile), this.#bulks.get(scale) ?? 0));
    this.#bytes += bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { tile, version: ++this.#versions, bytes, request, askedAt, known });
    const place = placeKey(request);
    const there = this.#places.get(place);
    if (there === undefined) this.#places.set(place, new Set([key]));
    else there.add(key);
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= (this.#options.budget ?? DEFAULT_BUDGET) || oldest === key) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
      this.#leave(oldest, entry.request);
    }
  }

  #leave(key: string, request: TileRequest): void {
    const place = placeKey(request);
    const there = this.#places.get(place);
    there?.delete(key);
    if (there?.size === 0) this.#places.delete(place);
  }
}
