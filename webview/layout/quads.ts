/** Which rectangle of which tile goes where along a track: finest tiles at hand, coarser ones stretched beneath them. */
import type { TileRequest } from '../../src/shared/trace';
import type { HeldTile } from '../tiles';
import type { Axis } from './axis';
import { tokensPerColumn, tokensPerTile, visibleTiles } from './level';

export interface TileSource {
  readonly get: (request: TileRequest) => HeldTile | undefined;
  /** What is drawn of an edited text until the tile itself is here. */
  readonly earlier?: (request: TileRequest) => HeldTile | undefined;
  coarser(request: TileRequest, tokens: number): { readonly held: HeldTile; readonly request: TileRequest } | undefined;
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

/**
 * The device pixel of a token. The window's start is rounded once, for all: so tiles and marks move by whole pixels
 * together when panned, and columns keep their widths.
 */
export function devicePixel(axis: Axis, token: number, ratio: number): number {
  return Math.round(token * axis.scale * ratio) - Math.round(axis.start * axis.scale * ratio);
}

/** Quads of a track from back to front. */
export function placeQuads(
  axis: Axis,
  level: number,
  ratio: number,
  track: Omit<TileRequest, 'level' | 'index'>,
  source: TileSource,
): readonly Quad[] {
  const quads: Quad[] = [];
  const { first, last } = visibleTiles(axis, level);
  const add = (request: TileRequest, held: HeldTile, from: number, to: number): void => {
    const per = tokensPerColumn(request.level);
    const origin = request.index * tokensPerTile(request.level);
    const c0 = Math.max(0, (from - origin) / per);
    const c1 = Math.min(held.tile.columns, (to - origin) / per);
    if (c1 <= c0) return;
    // A text's last column may be cut short: its pixels then reach beyond the text, and are clipped by the painter.
    const left = devicePixel(axis, origin + c0 * per, ratio);
    const right = devicePixel(axis, origin + c1 * per, ratio);
    quads.push({ request, held, from: c0, columns: c1 - c0, left, right });
  };
  for (let index = first; index <= last; index++) {
    const request = { ...track, level, index };
    const from = index * tokensPerTile(level);
    const to = from + tokensPerTile(level);
    const held = source.get(request);
    // The picture before an edit is calmer than a coarser one in between.
    const earlier = held?.tile.final === true ? undefined : source.earlier?.(request);
    const fresh = held?.tile.columns ?? 0;
    if (earlier !== undefined) add(request, earlier, from + fresh * tokensPerColumn(level), to);
    else if (held?.tile.final !== true) {
      const coarse = source.coarser(request, axis.tokens);
      if (coarse !== undefined) add(coarse.request, coarse.held, from, to);
    }
    if (held !== undefined) add(request, held, from, to);
    else if (level > 0 && earlier === undefined) {
      // Just zoomed out: the finer halves are still at hand.
      for (const half of [2 * index, 2 * index + 1]) {
        const finer = { ...track, level: level - 1, index: half };
        const part = source.get(finer);
        if (part !== undefined) add(finer, part, from, to);
      }
    }
  }
  return quads;
}
