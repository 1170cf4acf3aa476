/** Stacks the tracks: overview, ruler and lanes stay on top; below them the heatmaps share the height, or scroll. */
import { isLane, trackId, type TrackChoice, type TrackId, type TrackSignal } from '../choices';
import { memoryOf, type HeatName, type Scale } from '../../src/shared/signals';
import type { LayerInfo } from '../../src/shared/trace';
import { evenHeight, gridOf, rowOf, type RowGrid } from './rows';

/** A chosen track of a model that has it. */
export interface Track {
  readonly id: TrackId;
  readonly choice: TrackChoice;
  readonly signal: TrackSignal;
  /** Index of the layer; 0 for lanes. */
  readonly layer: number;
  readonly scale: Scale;
  /** It shows what its layer remembers by (`memoryOf`). */
  readonly memory?: true;
}

/** A track that is a heatmap. */
export interface HeatTrackInfo extends Track {
  readonly signal: HeatName;
}

export const isHeat = (track: Track): track is HeatTrackInfo => !isLane(track.signal);

export interface TrackBox {
  readonly id: TrackId;
  readonly track: Track;
  readonly folded: boolean;
  readonly grid: RowGrid;
  /** Top of the heading, in pixels from the top of the pinned part (lanes) or of the scrolled content (heatmaps). */
  readonly top: number;
  /** Top and height of the picture; a folded track has none. */
  readonly bodyTop: number;
  readonly height: number;
}

/** Heights of the overview's parts, one below the other; 0 where it has no room for one. */
export interface OverviewBox {
  readonly top: number;
  readonly height: number;
  /** The loss of the whole text. */
  readonly loss: number;
  /** The memory, else the first heatmap, in miniature. */
  readonly band: number;
  /** What stands at its ends. */
  readonly labels: number;
}

export interface Stack {
  /** Width of the axes at the left, in which unit and loss numbers and dendrograms stand. */
  readonly gutter: number;
  readonly overview: OverviewBox;
  readonly ruler: { readonly top: number; readonly height: number };
  readonly lanes: readonly TrackBox[];
  /** Height of what does not scroll. */
  readonly pinned: number;
  readonly heats: readonly TrackBox[];
  /** Height of what scrolls. */
  readonly content: number;
  /** Height of the viewport, pinned part included. */
  readonly viewport: number;
}

export const HEAD = 20;
const RULER = 36;
const LOSS = 34;
const NEXT = 20;
/** Space below the overview, in which its window's frame ends. */
const OVERVIEW_GAP = 6;
/** Space below a picture: where the pointer takes hold to change its height. */
export const GAP = 6;
/** Of a heading: the arrow that folds at its left, in the gutter; and the legend at its right. */
export const ARROW_ROOM = 14;
export const LEGEND_ROOM = 128;
export const MIN_HEIGHT = 24;
const COMFORTABLE = 52;
const MAX_HEIGHT = 640;
/** A unit's row is at most this tall when heights are chosen for the user. */
const MAX_ROW = 20;
/** Of the height that tracks share the memory has so many parts, all others one; where it is scarce, a little more. */
const MEMORY_PARTS = 2;
const MEMORY_COMFORTABLE = 86;

/** Rows of a layer: units shown, and how many of them are pinned. */
export interface RowsOfLayer {
  readonly units: number;
  readonly pinned: number;
}

export interface StackInput {
  readonly viewport: number;
  readonly ratio: number;
  readonly gutter: number;
  readonly overview: boolean;
  /** Whether the overview has a loss to show: not where the model predicts nothing. True where absent. */
  readonly loss?: boolean;
  readonly tracks: readonly Track[];
  readonly rows: (layer: number) => RowsOfLayer;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** The overview takes more where the stage is tall; without a loss its band is all there is. */
export function overviewBox(viewport: number, loss: boolean): OverviewBox {
  const [bars, band, labels] = viewport < 260 ? [10, 6, 0] : viewport < 420 ? [16, 10, 0] : [20, 12, 12];
  const top = loss ? bars : 0;
  const strip = loss ? band : bars + band;
  return { top: 0, loss: top, band: strip, labels, height: top + strip + labels + OVERVIEW_GAP };
}

const NO_OVERVIEW: OverviewBox = { top: 0, height: 0, loss: 0, band: 0, labels: 0 };

/** The chosen tracks that a model has, in their order. At least one: a model's last signal where none is left. */
export function tracksOf(
  choices: readonly TrackChoice[],
  layers: readonly LayerInfo[],
  chosen: number,
  predicts: boolean,
): readonly Track[] {
  const found: Track[] = [];
  for (const choice of choices) {
    const { signal } = choice;
    const id = trackId(choice);
    if (isLane(signal)) {
      if (predicts && choice.layer === undefined) found.push({ id, choice, signal, layer: 0, scale: 'positive' });
      continue;
    }
    const layer = choice.layer === undefined ? chosen : layers.findIndex(({ name }) => name === choice.layer);
    const own = layers[layer];
    const info = [...(own?.signals ?? []), ...(own?.derived ?? [])].find(({ name }) => name === signal);
    const memory = own !== undefined && signal === memoryOf(own.cell) ? ({ memory: true } as const) : {};
    if (info !== undefined) found.push({ id, choice, signal, layer, scale: info.scale, ...memory });
  }
  if (found.some(isHeat)) return found;
  const last = layers[chosen]?.signals.at(-1);
  if (last === undefined) return found;
  const choice: TrackChoice = { signal: last.name };
  return [...found, { id: trackId(choice), choice, signal: last.name, layer: chosen, scale: last.scale }];
}

function laneBox(track: Track, top: number): TrackBox {
  const { choice, id } = track;
  const folded = choice.folded === true;
  // The next token's lane is a line of text: its name stands in the gutter or is its tooltip.
  const head = track.signal === 'next' ? 0 : HEAD;
  const usual = track.signal === 'next' ? NEXT : LOSS;
  const least = track.signal === 'next' ? NEXT : MIN_HEIGHT;
  const height = folded ? 0 : clamp(Math.round(choice.height ?? usual), least, MAX_HEIGHT);
  return { id, track, folded, grid: gridOf(1, 0, height, 1), top, bodyTop: top + (folded ? HEAD : head), height };
}

export function stackTracks(input: StackInput): Stack {
  const { viewport, gutter, ratio, tracks } = input;
  const overview = input.overview ? overviewBox(viewport, input.loss !== false) : NO_OVERVIEW;
  const ruler = { top: overview.height, height: RULER };
  let pinned = ruler.top + ruler.height;
  const lanes = tracks
    .filter((track) => !isHeat(track))
    .map((track) => {
      const box = laneBox(track, pinned);
      pinned = box.bodyTop + box.height + (box.folded ? 0 : GAP);
      return box;
    });
  const heats = tracks.filter(isHeat);
  const open = heats.filter(({ choice }) => choice.folded !== true);
  const parts = ({ memory }: Track): number => (memory === true ? MEMORY_PARTS : 1);
  const free = open.reduce((sum, track) => sum + (track.choice.height === undefined ? parts(track) : 0), 0);
  const taken = open.reduce((sum, { choice }) => sum + Math.round(choice.height ?? 0), 0);
  const heads = open.length * (HEAD + GAP) + (heats.length - open.length) * HEAD;
  const room = viewport - pinned - heads - taken;
  let top = 0;
  const boxes = heats.map((track): TrackBox => {
    const { choice, id, layer } = track;
    const rows = input.rows(layer);
    const folded = choice.folded === true;
    const tallest = clamp(rows.units * MAX_ROW, MIN_HEIGHT, MAX_HEIGHT);
    const comfortable = track.memory === true ? MEMORY_COMFORTABLE : COMFORTABLE;
    const part = Math.floor((room * parts(track)) / Math.max(1, free));
    const share = clamp(part, Math.min(comfortable, tallest), tallest);
    const chosen = choice.height ?? evenHeight(rows.units, rows.pinned, share, ratio);
    const height = folded
      ? 0
      : clamp(choice.height === undefined ? chosen : Math.round(chosen), MIN_HEIGHT, MAX_HEIGHT);
    const grid = gridOf(rows.units, rows.pinned, height, ratio);
    const box = { id, track, folded, grid, top, bodyTop: top + HEAD, height };
    top = box.bodyTop + (folded ? 0 : height + GAP);
    return box;
  });
  return { gutter, overview, ruler, lanes, pinned, heats: boxes, content: top, viewport };
}

export const boxOf = (stack: Stack, id: TrackId | undefined): TrackBox | undefined =>
  [...stack.lanes, ...stack.heats].find((box) => box.id === id);

/** The track that the overview shows in miniature: the memory if there is one, else the first. */
export const mainBox = ({ heats }: Pick<Stack, 'heats'>): TrackBox | undefined =>
  heats.find(({ track }) => track.memory === true) ?? heats[0];

export const maxScroll = (stack: Stack): number => Math.max(0, stack.pinned + stack.content - stack.viewport);

/** Where a track's picture is on the screen, from the top of the viewport. */
export const screenTop = (stack: Stack, box: TrackBox, scroll: number): number =>
  isHeat(box.track) ? stack.pinned + box.bodyTop - scroll : box.bodyTop;

/** The scroll that has the row of a place of the arrangement in sight. */
export function scrollToPlace(stack: Stack, box: TrackBox, place: number, scroll: number): number {
  const { top, height } = rowOf(box.grid, place);
  const y = box.bodyTop + top + height / 2;
  const room = stack.viewport - stack.pinned;
  if (y - scroll >= HEAD && y - scroll <= room - GAP) return scroll;
  return clamp(y - room / 2, 0, maxScroll(stack));
}
