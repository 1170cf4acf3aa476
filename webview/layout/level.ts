/** Zoom levels and tiles: which level is drawn at a scale, and which tiles of it are in sight. */
import { TILE_COLUMNS } from '../../src/shared/trace';
import { visibleTokens, type Axis } from './axis';

/** Tokens that a column of `level` covers. */
export const tokensPerColumn = (level: number): number => 2 ** level;

/** Tokens that a full tile of `level` covers. */
export const tokensPerTile = (level: number): number => TILE_COLUMNS * 2 ** level;

/** The finest level whose columns are at least one device pixel wide. */
export function levelFor(scale: number, pixelRatio: number): number {
  // The tolerance keeps a scale of exactly 2^-L, reached by arithmetic, on its level.
  return Math.max(0, Math.ceil(-Math.log2(scale * pixelRatio) - 1e-9));
}

/** The finest level at which one tile holds the whole text: what is drawn until finer tiles arrive. */
export const rootLevel = (tokens: number): number =>
  Math.max(0, Math.ceil(Math.log2(Math.max(1, tokens) / TILE_COLUMNS)));

export interface TileRange {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

export function visibleTiles(axis: Axis, level: number): TileRange {
  const { from, to } = visibleTokens(axis);
  const per = tokensPerTile(level);
  return { first: Math.floor(from / per), last: Math.max(Math.floor(from / per), Math.ceil(to / per) - 1) };
}

/** Tiles worth having: those in sight, from the middle outwards; and the neighbour to which the window moves. */
export function tilesToAsk(
  axis: Axis,
  level: number,
  moving: -1 | 0 | 1,
): { readonly seen: readonly number[]; readonly next: readonly number[] } {
  const { first, last } = visibleTiles(axis, level);
  const middle = (first + last) / 2;
  const seen = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  seen.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  const count = Math.max(1, Math.ceil(axis.tokens / tokensPerTile(level)));
  const beside = moving > 0 ? [last + 1] : moving < 0 ? [first - 1] : [];
  return { seen, next: beside.filter((index) => index >= 0 && index < count) };
}

/** The column of `level` that holds a token, and the tokens it covers. */
export function columnOf(
  token: number,
  level: number,
  tokens: number,
): { column: number; first: number; count: number } {
  const per = tokensPerColumn(level);
  const column = Math.floor(token / per);
  const first = column * per;
  return { column, first, count: Math.min(per, tokens - first) };
}
