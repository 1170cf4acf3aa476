/** What the tiles at hand say of the stretch in sight, in three numbers a track: the picture's text alternative. No DOM. */
import { byteValue } from '../src/shared/bytes';
import type { TileRequest } from '../src/shared/trace';
import { visibleTokens, type Axis } from './layout/axis';
import { tokensPerColumn, tokensPerTile, visibleTiles } from './layout/level';
import type { HeldTile } from './tiles';

export interface Extreme {
  readonly value: number;
  /** First token of its column. */
  readonly token: number;
}

export interface Summary {
  readonly least: Extreme;
  readonly mean: number;
  readonly greatest: Extreme;
  /** Columns in sight that are not at hand. */
  readonly missing: number;
}

/**
 * Least, mean and greatest of all rows over the columns in sight, each to the byte that is drawn.
 *
 * @param get the tile at hand of a level and index; undefined where there is none
 * @param done tokens that are traced
 * @returns undefined where nothing in sight is at hand
 */
export function summarise(
  axis: Axis,
  level: number,
  done: number,
  get: (place: Pick<TileRequest, 'level' | 'index'>) => HeldTile | undefined,
): Summary | undefined {
  const { from, to } = visibleTokens(axis);
  const per = tokensPerColumn(level);
  const { first, last } = visibleTiles(axis, level);
  let [sum, count, missing] = [0, 0, 0];
  let least: Extreme = { value: Infinity, token: from };
  let greatest: Extreme = { value: -Infinity, token: from };
  for (let index = first; index <= last; index++) {
    const origin = index * tokensPerTile(level);
    const begin = Math.max(0, Math.floor((from - origin) / per));
    const end = Math.ceil((Math.min(to, done, origin + tokensPerTile(level)) - origin) / per);
    if (end <= begin) continue;
    const tile = get({ level, index })?.tile;
    const here = Math.min(end, tile?.columns ?? 0);
    missing += end - Math.max(begin, here);
    if (tile === undefined) continue;
    const values = Float64Array.from({ length: 256 }, (_, q) => byteValue(tile, q));
    for (let column = begin; column < here; column++) {
      const token = origin + column * per;
      for (let row = 0; row < tile.rows; row++) {
        const value = values[tile.values[row * tile.columns + column] ?? 0] ?? 0;
        sum += value;
        count++;
        if (value < least.value) least = { value, token };
        if (value > greatest.value) greatest = { value, token };
      }
    }
  }
  return count === 0 ? undefined : { least, mean: sum / count, greatest, missing };
}
