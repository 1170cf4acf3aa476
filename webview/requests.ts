/** Which tiles a state wants: of each track in sight, at the level that is drawn; and the coarse ones beneath. No DOM. */
import type { TileRequest } from '../src/shared/trace';
import { rootLevel, tilesToAsk } from './layout/level';
import type { RowGrid } from './layout/rows';
import type { Arrangement } from '../src/shared/trace';
import type { Track } from './layout/tracks';
import type { State } from './state';
import { traceOf } from './state';

/** What the tiles of a track have in common at a level. */
export type TrackTiles = Omit<TileRequest, 'level' | 'index'>;

/** A heatmap's tiles; `of` makes no difference where every value is one token's and one unit's. */
export function heatTiles(state: State, track: Track, grid: RowGrid, { id }: Arrangement, level: number): TrackTiles {
  const exact = level === 0 && grid.group === 1;
  return {
    trace: traceOf(state)?.info.id ?? -1,
    layer: track.layer,
    signal: track.signal as TileRequest['signal'],
    rows: id,
    group: grid.group,
    of: exact ? 'mean' : state.choices.of,
  };
}

/** The loss's: its mean, and its greatest where a column has several tokens. */
export function lossTiles(state: State, level: number): readonly TrackTiles[] {
  const trace = traceOf(state)?.info.id ?? -1;
  const mean = { trace, layer: 0, signal: 'loss', of: 'mean' } as const;
  return level === 0 ? [mean] : [mean, { ...mean, of: 'max' }];
}

/**
 * Roots first, that nothing be blank; then what is in sight, track by track; then the neighbours.
 *
 * @param tiles of each track at a level, the most urgent first
 */
export function wantedTiles(
  { axis }: Pick<State, 'axis'>,
  level: number,
  tiles: (level: number) => readonly TrackTiles[],
): readonly TileRequest[] {
  const root = rootLevel(axis.tokens);
  const finer = tilesToAsk(axis, level).flatMap((index) => tiles(level).map((track) => ({ ...track, level, index })));
  if (level === root) return finer;
  return [...tiles(root).map((track) => ({ ...track, level: root, index: 0 })), ...finer];
}
