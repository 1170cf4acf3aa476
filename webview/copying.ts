/** What is copied: the tokens selected, or else in sight, of the tracks and rows that are shown. No DOM. */
import type { Arrangement, CopyRequest } from '../src/shared/trace';
import type { TrackSignal } from './choices';
import { visibleTokens } from './layout/axis';
import { isHeat, type Track } from './layout/tracks';
import { formatCount } from './layout/numbers';
import { t } from './l10n';
import { selectionOf } from './selection';
import { doneOf, shownTracks, traceOf, type State } from './state';

export type CopyFormat = CopyRequest['format'];
/** All rows shown, or only the marked unit's. */
export type CopyUnits = 'shown' | 'marked';

const copied = (signal: TrackSignal): signal is Exclude<TrackSignal, 'next'> => signal !== 'next';

/** The units of the rows shown; undefined where they are all, by number. */
function unitsOf(
  tracks: readonly Track[],
  arrangement: (layer: number) => Arrangement | undefined,
): readonly number[] | undefined {
  const layers = [...new Set(tracks.filter(isHeat).map(({ layer }) => layer))];
  const lists = layers.map((layer) => arrangement(layer)).filter((own) => own !== undefined);
  const [first, ...rest] = lists;
  if (first === undefined || first.id === 0) return undefined;
  // Several layers have one list of units between them: where their rows differ, all are copied.
  const same = rest.every(({ units }) => units.join() === first.units.join());
  return same ? Array.from(first.units) : undefined;
}

/**
 * @param arrangement the rows of a layer
 * @returns undefined where nothing is traced yet, or no such track is open
 */
export function copyRequest(
  state: State,
  format: CopyFormat,
  units: CopyUnits,
  arrangement: (layer: number) => Arrangement | undefined,
): CopyRequest | undefined {
  const trace = traceOf(state)?.info.id;
  const done = doneOf(state);
  const selection = selectionOf(state);
  const seen = visibleTokens(state.axis);
  const from = selection?.token ?? seen.from;
  const to = Math.min(done, selection === undefined ? seen.to : selection.token + selection.count);
  const marked = state.mark?.unit;
  const shown = shownTracks(state).filter(({ choice, layer, signal }) => {
    if (choice.folded === true || !copied(signal)) return false;
    return units === 'shown' || signal === 'loss' || layer === state.mark?.layer;
  });
  const tracks = shown.flatMap(({ layer, signal }) => (copied(signal) ? [{ layer, signal }] : []));
  if (trace === undefined || to <= from || tracks.length === 0) return undefined;
  const list = units === 'marked' ? (marked === undefined ? undefined : [marked]) : unitsOf(shown, arrangement);
  if (units === 'marked' && list === undefined) return undefined;
  return { trace, from, to, tracks, format, ...(list !== undefined && { units: list }) };
}

/** What was done, for people. */
export function copiedText({ from, to, tracks }: CopyRequest, values: number): string {
  const [tokens, count] = [formatCount(to - from), formatCount(tracks.length)];
  return t('Copied {0} tokens × {1} tracks: {2} values', tokens, count, formatCount(values));
}
