/** The picture in words: its name, what lies under the pointer, and the rows of its table. No DOM. */
import type { Arrangement } from '../src/shared/trace';
import { t } from './l10n';
import { visibleTokens } from './layout/axis';
import type { Hit } from './layout/hit';
import { BITS_PER_NAT, formatCount } from './layout/numbers';
import { isHeat, type Track } from './layout/tracks';
import type { TrackTiles } from './requests';
import { doneOf, layerOf, shownTracks, traceOf, type State } from './state';
import { summarise } from './summaries';
import type { TileStore } from './tiles';
import { explain, nameOf } from './ui/signals';
import type { TableRow } from './ui/table';

/** The rows of a layer's tracks. */
type RowsOf = (layer: number) => Arrangement | undefined;

/** What lies under the pointer, for a tooltip: empty where the picture speaks for itself. */
export function hint(state: State, { zone, track: id, layer: index, place }: Hit, rowsOf: RowsOf): string {
  const layers = traceOf(state)?.info.model.layers ?? [];
  if (zone === 'overview')
    return t('The whole text, and the part of it in sight: drag it, or its edges; click elsewhere to go there.');
  const track = shownTracks(state).find((other) => other.id === id);
  const cell = layers[track?.layer ?? state.layer]?.cell;
  if (track === undefined || cell === undefined) return '';
  if (zone === 'fold') return track.choice.folded === true ? t('Unfold') : t('Fold');
  if (zone === 'gutter' && index !== undefined && place !== undefined) {
    const unit = rowsOf(index)?.units[place] ?? 0;
    const pinned = (state.choices.rows.pins[layers[index]?.name ?? ''] ?? []).includes(unit);
    return pinned ? t('Unit {0}: click to let it go', unit) : t('Unit {0}: click to pin it to the top', unit);
  }
  return zone === 'head' || (zone === 'gutter' && !isHeat(track)) ? explain(track.signal, cell) : '';
}

/** The picture in words. */
export function describe(state: State, rowsOf: RowsOf): string {
  const layer = layerOf(state);
  const scene = traceOf(state);
  if (layer === undefined || scene === undefined) return '';
  const { from, to } = visibleTokens(state.axis);
  const tracks = shownTracks(state)
    .map(({ choice, id, signal }) => {
      const name = choice.layer === undefined ? nameOf(signal) : id;
      return choice.folded === true ? t('{0} (folded)', name) : name;
    })
    .join(', ');
  const range = t(
    'tokens {0} to {1} of {2}',
    formatCount(from),
    formatCount(Math.max(from, to - 1)),
    formatCount(scene.info.tokens),
  );
  const units = rowsOf(state.layer)?.units.length ?? 0;
  const shown =
    units === layer.units ? formatCount(units) : t('{0} of {1}', formatCount(units), formatCount(layer.units));
  const orders = {
    index: t('by number'),
    mean: t('by mean'),
    variance: t('by variance'),
    clusters: t('by likeness'),
  };
  return t(
    'Heatmaps of {0}: {1}; {2} units of layer {3}, {4}; {5}. Arrow keys move the crosshair.',
    scene.title,
    tracks,
    shown,
    layer.name,
    orders[state.choices.rows.order],
    range,
  );
}

/**
 * A track's row of the table: of a heatmap or the loss that is not folded.
 *
 * @param tiles of the track at the level that is drawn
 * @param marked the value under the crosshair
 */
export function tableRow(
  state: State,
  track: Track,
  level: number,
  tiles: TrackTiles,
  store: Pick<TileStore, 'get'>,
  marked: number | undefined,
): TableRow {
  const loss = track.signal === 'loss';
  const get = (place: { readonly level: number; readonly index: number }) => store.get({ ...tiles, ...place });
  const found = summarise(state.axis, level, doneOf(state), get);
  const bits = (extreme: { readonly value: number; readonly token: number }) => ({
    ...extreme,
    value: extreme.value * BITS_PER_NAT,
  });
  const summary =
    loss && found !== undefined
      ? { ...found, least: bits(found.least), mean: found.mean * BITS_PER_NAT, greatest: bits(found.greatest) }
      : found;
  const name = loss ? t('loss in bits') : track.choice.layer === undefined ? nameOf(track.signal) : track.id;
  return { track: name, summary, marked };
}
