/**
 * Which rectangle of which tile goes where along a track: finest tiles at hand, stand-ins beneath what is missing; and
 * which stretches are only stood in for, or bare.
 */
import type { TileRequest } from '../../src/shared/trace';
import type { HeldTile } from '../tiles';
import type { Axis } from './axis';
import { tokensPerColumn, tokensPerTile, visibleTiles } from './level';

/** A tile at hand, and what it answers. */
export interface Found {
  readonly held: HeldTile;
  readonly request: TileRequest;
}

export interface TileSource {
  readonly get: (request: TileRequest) => HeldTile | undefined;
  /** What is drawn of an edited text until the tile itself is here. */
  readonly earlier?: (request: TileRequest) => HeldTile | undefined;
  /** The same place and level, with rows merged otherwise or other values of several: as before a track was resized. */
  readonly alike?: (request: TileRequest) => Found | undefined;
  coarser(request: TileRequest, tokens: number): Found | undefined;
  /** Whether it can be drawn without making this frame long; always where absent. */
  readonly ready?: (held: HeldTile) => boolean;
}

/** Columns [from, from + columns) of a tile, drawn at device pixels [left, right). */
export interface Quad {
  readonly request: TileRequest;
  readonly held: HeldTile;
  readonly from: number;
  readonly columns: number;
  readonly left: number;
  readonly right: number;
}

/** Device pixels [left, right) of a track: bare where nothing is at hand, else drawn from what is not the tile itself. */
export interface PendingSpan {
  readonly left: number;
  readonly right: number;
  readonly kind: 'bare' | 'standIn';
}

export interface Placed {
  /** From back to front. */
  readonly quads: readonly Quad[];
  /** From left to right. */
  readonly spans: readonly PendingSpan[];
  /** A pass that computes it is under way: what is bare will take a while. */
  readonly computing: boolean;
}

/** How much of device pixels [0, end) is there, 0 to 1. */
export function shareThere(spans: readonly PendingSpan[], end: number): number {
  const within = (x: number): number => Math.max(0, Math.min(end, x));
  const bare = spans.filter(({ kind }) => kind === 'bare');
  return 1 - bare.reduce((sum, { left, right }) => sum + within(right) - within(left), 0) / Math.max(1, end);
}

/**
 * The device pixel of a token. The window's start is rounded once, for all: so tiles and marks move by whole pixels
 * together when panned, and columns keep their widths.
 */
export function devicePixel(axis: Axis, token: number, ratio: number): number {
  return Math.round(token * axis.scale * ratio) - Math.round(axis.start * axis.scale * ratio);
}

/** A tile that was just left by zooming out is at hand as its halves, or theirs. */
const FINER = 2;

type TrackTiles = Omit<TileRequest, 'level' | 'index'>;

class Placing {
  readonly quads: Quad[] = [];
  readonly spans: PendingSpan[] = [];
  computing = false;
  readonly #axis: Axis;
  readonly #ratio: number;
  readonly #source: TileSource;
  readonly #end: number;

  /** @param end tokens that can be drawn */
  constructor(axis: Axis, ratio: number, source: TileSource, end: number) {
    this.#axis = axis;
    this.#ratio = ratio;
    this.#source = source;
    this.#end = end;
  }

  /** Draws what a tile has of tokens [from, to). @returns the token up to which it has them */
  #add({ request, held }: Found, from: number, to: number): number {
    const per = tokensPerColumn(request.level);
    const origin = request.index * tokensPerTile(request.level);
    const c0 = Math.max(0, (from - origin) / per);
    const c1 = Math.min(held.tile.columns, (to - origin) / per);
    if (c1 <= c0) return from;
    // A text's last column may be cut short: its pixels then reach beyond the text, and are clipped by the painter.
    const left = devicePixel(this.#axis, origin + c0 * per, this.#ratio);
    const right = devicePixel(this.#axis, origin + c1 * per, this.#ratio);
    this.quads.push({ request, held, from: c0, columns: c1 - c0, left, right });
    return origin + c1 * per;
  }

  #mark(from: number, to: number, kind: PendingSpan['kind']): void {
    const left = devicePixel(this.#axis, from, this.#ratio);
    const right = devicePixel(this.#axis, Math.min(to, this.#end), this.#ratio);
    if (right <= left) return;
    const last = this.spans.at(-1);
    if (last?.kind === kind && last.right === left) this.spans[this.spans.length - 1] = { ...last, right };
    else this.spans.push({ left, right, kind });
  }

  /** Tokens [from, to) of a tile that is not here, or not all of it. */
  #standIn(request: TileRequest, from: number, to: number): void {
    const source = this.#source;
    const earlier = source.earlier?.(request);
    // The picture before an edit is calmer than a coarser one in between; and the whole of it is marked as such.
    if (earlier !== undefined) {
      this.#add({ request, held: earlier }, from, to);
      return;
    }
    const alike = source.alike?.(request);
    if (alike?.held.tile.final === true) {
      this.#mark(from, this.#add(alike, from, to), 'standIn');
      return;
    }
    const coarse = source.coarser(request, this.#axis.tokens);
    const reached = coarse === undefined ? from : this.#add(coarse, from, to);
    let covered = alike === undefined ? from : this.#add(alike, from, to);
    if (alike !== undefined) {
      this.#mark(from, Math.max(reached, covered), 'standIn');
      this.#mark(Math.max(reached, covered), to, 'bare');
      return;
    }
    for (const { found, start } of this.#finer(request)) {
      const until = this.#add(found, from, to);
      if (until <= start) continue;
      this.#gap(covered, Math.max(from, start), reached);
      this.#mark(Math.max(from, start), until, 'standIn');
      covered = until;
    }
    this.#gap(covered, to, reached);
  }

  /** Tokens [from, to), of which a coarser tile reaches as far as it does. */
  #gap(from: number, to: number, reached: number): void {
    this.#mark(from, Math.min(to, Math.max(from, reached)), 'standIn');
    this.#mark(Math.max(from, reached), to, 'bare');
  }

  /** Of the halves of a tile those at hand, else their halves; in order. */
  #finer(request: TileRequest, deep = FINER): readonly { readonly found: Found; readonly start: number }[] {
    if (request.level === 0 || deep === 0) return [];
    const level = request.level - 1;
    return [2 * request.index, 2 * request.index + 1].flatMap((index) => {
      const half = { ...request, level, index };
      const held = this.#source.get(half);
      if (held === undefined) return this.#finer(half, deep - 1);
      return [{ found: { request: half, held }, start: index * tokensPerTile(level) }];
    });
  }

  tile(request: TileRequest): void {
    const { level, index } = request;
    const source = this.#source;
    const from = index * tokensPerTile(level);
    const to = from + tokensPerTile(level);
    const held = source.get(request);
    if (held?.tile.pending === true) this.computing = true;
    const usable = held !== undefined && source.ready?.(held) !== false;
    if (usable && held.tile.final) {
      this.#add({ request, held }, from, to);
      return;
    }
    const [drawn, marked] = [this.quads.length, this.spans.length];
    const fresh = usable ? held.tile.columns * tokensPerColumn(level) : 0;
    this.#standIn(request, from + fresh, to);
    if (held === undefined) return;
    if (!usable) {
      if (!this.spans.slice(marked).some(({ kind }) => kind === 'bare')) return;
      // Better a long frame than a hole.
      this.quads.length = drawn;
      this.spans.length = marked;
    }
    this.#add({ request, held }, from, to);
  }
}

/**
 * What is drawn of a track, and what of it is still to come.
 *
 * @param end tokens that can be drawn; what lies beyond is not marked as bare. The whole text where absent
 */
export function placeTiles(
  axis: Axis,
  level: number,
  ratio: number,
  track: TrackTiles,
  source: TileSource,
  end = axis.tokens,
): Placed {
  const placing = new Placing(axis, ratio, source, Math.min(end, axis.tokens));
  const { first, last } = visibleTiles(axis, level);
  for (let index = first; index <= last; index++) placing.tile({ ...track, level, index });
  return placing;
}

/** Quads of a track from back to front. */
export const placeQuads = (
  axis: Axis,
  level: number,
  ratio: number,
  track: TrackTiles,
  source: TileSource,
): readonly Quad[] => placeTiles(axis, level, ratio, track, source).quads;
