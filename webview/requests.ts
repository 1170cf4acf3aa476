/** Which tiles a state wants: of each track in sight, at the level that is drawn; coarse ones where it would be blank. No DOM. */
import type { Arrangement, TileRequest } from '../src/shared/trace';
import { rootLevel, tilesToAsk } from './layout/level';
import type { Axis } from './layout/axis';
import type { TileSource } from './layout/quads';
import type { RowGrid } from './layout/rows';
import type { Track } from './layout/tracks';
import type { State } from './state';
import { traceOf } from './state';

/** What the tiles of a track have in common at a level. */
export type TrackTiles = Omit<TileRequest, 'level' | 'index'>;

/** A heatmap's tiles; `of` makes no difference where every value is one token's and one unit's, and after a NaN is the mean. */
export function heatTiles(state: State, track: Track, grid: RowGrid, { id }: Arrangement, level: number): TrackTiles {
  const exact = level === 0 && grid.group === 1;
  // Among many columns without numbers all others would stand out.
  const { of } = state.choices;
  const plain = of === 'spikes' && traceOf(state)?.progress.fault !== undefined;
  return {
    trace: traceOf(state)?.info.id ?? -1,
    layer: track.layer,
    signal: track.signal as TileRequest['signal'],
    rows: id,
    group: grid.group,
    of: exact || plain ? 'mean' : of,
  };
}

/** The loss's: its mean, and its greatest where a column has several tokens. */
export function lossTiles(state: State, level: number): readonly TrackTiles[] {
  const trace = traceOf(state)?.info.id ?? -1;
  const mean = { trace, layer: 0, signal: 'loss', of: 'mean' } as const;
  return level === 0 ? [mean] : [mean, { ...mean, of: 'max' }];
}

/** The way a window goes: 1 to later tokens, -1 to earlier ones; 0 where nobody knows what comes next. */
export type Movement = -1 | 0 | 1;

/** The way from one axis to the next; after a jump or another zoom none, at rest that of before. */
export function movementOf(before: Axis | undefined, now: Axis, last: Movement): Movement {
  if (before?.scale !== now.scale || before.tokens !== now.tokens) return 0;
  const step = (now.start - before.start) * now.scale;
  if (step === 0) return last;
  return Math.abs(step) > now.width ? 0 : step > 0 ? 1 : -1;
}

export interface Wanted {
  /** The most urgent first. */
  readonly now: readonly TileRequest[];
  /** Once those are here. */
  readonly ahead: readonly TileRequest[];
}

/**
 * Roots first, that nothing be blank, but only of tracks that would be blank otherwise; then what is in sight, track by
 * track; then, once that is here, the neighbour in the direction of movement.
 *
 * @param tiles of each track at a level, the most urgent first
 */
export function wantedTiles(
  { axis }: Pick<State, 'axis'>,
  level: number,
  tiles: (level: number) => readonly TrackTiles[],
  source: TileSource,
  moving: Movement = 0,
): Wanted {
  const root = rootLevel(axis.tokens);
  const { seen, next } = tilesToAsk(axis, level, moving);
  const tracks = tiles(level);
  const of = (indices: readonly number[]): readonly TileRequest[] =>
    indices.flatMap((index) => tracks.map((track) => ({ ...track, level, index })));
  const bare = (request: TileRequest): boolean =>
    source.get(request) === undefined &&
    source.earlier?.(request) === undefined &&
    source.alike?.(request) === undefined &&
    source.coarser(request, axis.tokens) === undefined;
  // The loss of the whole text is the overview's, and small.
  const roots = tiles(root)
    .filter(
      (track) =>
        track.signal === 'loss' ||
        (level < root &&
          tracks.some(
            (own) =>
              own.layer === track.layer &&
              own.signal === track.signal &&
              seen.some((index) => bare({ ...own, level, index })),
          )),
    )
    .map((track) => ({ ...track, level: root, index: 0 }));
  return level === root ? { now: of(seen), ahead: [] } : { now: [...roots, ...of(seen)], ahead: of(next) };
}
