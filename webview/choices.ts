/** What a person chose, for every text of a workspace: tracks, rows, colours; and the verbs that change it. No DOM. */
import type { DerivedName, HeatName, Scale, SignalName } from '../src/shared/signals';
import type { Reduction, RowOrder } from '../src/shared/trace';

/** What a track can show: a heatmap of all units, or a lane of one value a token. */
export type TrackSignal = HeatName | 'loss' | 'next';

/** A track's name: `forget` of the layer chosen, `l1.forget` of a certain one. */
export type TrackId = string;

/** How values become colours; what is left out is as for all tracks of the same scale, or by itself. */
export interface ShadeChoice {
  /** Name of a colour map (draw/maps.ts). */
  readonly map?: string;
  /** Values beyond are shown as the ends; `clip` leaves out the largest hundredth, `auto` nothing. That where absent. */
  readonly range?: { readonly from: number; readonly to: number } | 'clip' | 'auto';
}

export interface TrackChoice {
  readonly signal: TrackSignal;
  /** Name of a layer; absent: whichever is chosen in the toolbar. */
  readonly layer?: string;
  /** Height of the picture in pixels, where it was given one. */
  readonly height?: number;
  readonly folded?: boolean;
  readonly shade?: ShadeChoice;
}

export interface RowsChoice {
  readonly order: RowOrder;
  readonly by?: HeatName;
  /** As typed: `0-31, 64`; empty for all. */
  readonly filter: string;
  /** Units at the top, by the layer's name. */
  readonly pins: Readonly<Record<string, readonly number[]>>;
}

export const INSPECTOR_TABS = ['values', 'cell', 'why', 'lines'] as const;
export type InspectorTab = (typeof INSPECTOR_TABS)[number];

export interface Choices {
  readonly version: 2;
  /** Those that are shown, in their order. */
  readonly tracks: readonly TrackChoice[];
  readonly rows: RowsChoice;
  /** For all tracks of a scale. */
  readonly shades: Readonly<Partial<Record<Scale, ShadeChoice>>>;
  /** What a value stands for where it covers several. */
  readonly of: Reduction;
  readonly inspector: InspectorTab;
}

/**
 * The order in which signals are offered: the cell state, which all is about, in the first sight of any height; what it
 * is made of, as its equation has it; what goes out of it.
 */
export const SIGNAL_ORDER: readonly SignalName[] = [
  'cell',
  'forget',
  'input',
  'reset',
  'update',
  'candidate',
  'output',
  'hidden',
];

/** Likewise: how the memory moved, by what it grew, what stayed, and how far the cell is from moving on. */
export const DERIVED_ORDER: readonly DerivedName[] = ['change', 'written', 'kept', 'saturation'];

export const FIRST_CHOICES: Choices = {
  version: 2,
  tracks: [{ signal: 'next' }, { signal: 'loss' }, ...SIGNAL_ORDER.map((signal) => ({ signal }))],
  rows: { order: 'index', filter: '', pins: {} },
  shades: {},
  of: 'spikes',
  inspector: 'values',
};

export const trackId = ({ signal, layer }: Pick<TrackChoice, 'signal' | 'layer'>): TrackId =>
  layer === undefined ? signal : `${layer}.${signal}`;

export const isLane = (signal: TrackSignal): signal is 'loss' | 'next' => signal === 'loss' || signal === 'next';

/** Changes one track; unknown ids change nothing. */
export function changeTrack(choices: Choices, id: TrackId, change: Partial<TrackChoice>): Choices {
  const tracks = choices.tracks.map((track) => (trackId(track) === id ? { ...track, ...change } : track));
  return { ...choices, tracks };
}

/** A height in pixels; undefined gives the track what room there is again. */
export function setHeight(choices: Choices, id: TrackId, height: number | undefined): Choices {
  const tracks = choices.tracks.map((track) => {
    if (trackId(track) !== id) return track;
    return Object.fromEntries(
      Object.entries({ ...track, height }).filter(([, value]) => value !== undefined),
    ) as unknown as TrackChoice;
  });
  return { ...choices, tracks };
}

/** Shows a track, at the end or where signals of its kind have their place; or takes it away. */
export function toggleTrack(choices: Choices, track: Pick<TrackChoice, 'signal' | 'layer'>): Choices {
  const id = trackId(track);
  const rest = choices.tracks.filter((other) => trackId(other) !== id);
  if (rest.length < choices.tracks.length) return { ...choices, tracks: rest };
  const place = (signal: TrackSignal): number =>
    isLane(signal) ? -1 : SIGNAL_ORDER.findIndex((name) => name === signal);
  const own = place(track.signal);
  const before = rest.findIndex((other) => other.layer === track.layer && place(other.signal) > own);
  const known = own >= 0 || isLane(track.signal);
  const at = before < 0 || !known ? rest.length : before;
  return { ...choices, tracks: rest.toSpliced(at, 0, track) };
}

/** Moves a track by places among the chosen ones, those that this model has not included. */
export function moveTrack(choices: Choices, id: TrackId, by: number): Choices {
  const from = choices.tracks.findIndex((track) => trackId(track) === id);
  const track = choices.tracks[from];
  if (track === undefined) return choices;
  const rest = choices.tracks.toSpliced(from, 1);
  const to = Math.max(0, Math.min(rest.length, from + by));
  return { ...choices, tracks: rest.toSpliced(to, 0, track) };
}

/**
 * Moves a track by places among those that are shown together: lanes, or heatmaps. What this model has not keeps its
 * place among the rest.
 *
 * @param shown those, in any order
 */
export function moveAmong(choices: Choices, id: TrackId, by: number, shown: readonly TrackId[]): Choices {
  // Their order is that of the moment: keys may come faster than what was shown of them.
  const order = choices.tracks.map(trackId).filter((other) => shown.includes(other));
  const at = order.indexOf(id);
  const target = order[Math.max(0, Math.min(order.length - 1, at + by))];
  const track = choices.tracks.find((other) => trackId(other) === id);
  if (at < 0 || track === undefined || target === undefined || target === id) return choices;
  const rest = choices.tracks.filter((other) => other !== track);
  const to = rest.findIndex((other) => trackId(other) === target) + (by > 0 ? 1 : 0);
  return { ...choices, tracks: rest.toSpliced(to, 0, track) };
}

export const foldTrack = (choices: Choices, id: TrackId): Choices => {
  const folded = choices.tracks.find((track) => trackId(track) === id)?.folded === true;
  return changeTrack(choices, id, { folded: !folded });
};

/** The tracks that are shown at first; colours and rows stay as they are. */
export const resetTracks = (choices: Choices): Choices => ({ ...choices, tracks: FIRST_CHOICES.tracks });

/** How a track is coloured: its own choice, else that of all tracks of its scale. */
export const shadeOf = (choices: Choices, { choice, scale }: Shaded): ShadeChoice => ({
  ...choices.shades[scale],
  ...choice.shade,
});

/** What colours depend on. */
export interface Shaded {
  readonly id: TrackId;
  readonly choice: TrackChoice;
  readonly scale: Scale;
}

/** Whether a track has colours of its own. */
export const ownShade = (choice: TrackChoice): boolean => Object.keys(choice.shade ?? {}).length > 0;

/**
 * Colours one track, or all of its scale: those lose what they had of their own, or nothing would be seen to change.
 */
export function setShade(choices: Choices, track: Shaded, shade: ShadeChoice, all: boolean, same: TrackId[]): Choices {
  if (!all) return changeTrack(choices, track.id, { shade });
  const tracks = choices.tracks.map((own) => (same.includes(trackId(own)) ? withoutShade(own) : own));
  return { ...choices, tracks, shades: { ...choices.shades, [track.scale]: shade } };
}

/** A track and all of its scale as they were at first. */
export function resetShade(choices: Choices, track: Shaded, all: boolean, same: TrackId[]): Choices {
  const left = all ? same : [track.id];
  const tracks = choices.tracks.map((own) => (left.includes(trackId(own)) ? withoutShade(own) : own));
  const shades = Object.fromEntries(Object.entries(choices.shades).filter(([scale]) => !all || scale !== track.scale));
  return { ...choices, tracks, shades };
}

const withoutShade = (track: TrackChoice): TrackChoice =>
  Object.fromEntries(Object.entries(track).filter(([name]) => name !== 'shade')) as unknown as TrackChoice;

export const setReduction = (choices: Choices, of: Reduction): Choices =>
  of === choices.of ? choices : { ...choices, of };

export const setRows = (choices: Choices, rows: Partial<RowsChoice>): Choices => ({
  ...choices,
  rows: { ...choices.rows, ...rows },
});

/** Pins a unit of a layer to the top, where it is also drawn as lines, or lets it go. */
export function togglePin(choices: Choices, layer: string, unit: number): Choices {
  const { pins } = choices.rows;
  const own = pins[layer] ?? [];
  const next = own.includes(unit) ? own.filter((other) => other !== unit) : [...own, unit].slice(-MOST_PINS);
  const pinned = setRows(choices, { pins: { ...pins, [layer]: next } });
  return next.length > own.length && choices.inspector === 'values' ? { ...pinned, inspector: 'lines' } : pinned;
}

/** Most units that are pinned in a layer: more would leave the rest no room. */
export const MOST_PINS = 16;

/** The ranges that a filter means; undefined where it cannot be read. */
export function parseFilter(text: string): readonly (readonly [number, number])[] | undefined {
  const parts = text.split(/[,;\s]+/u).filter((part) => part !== '');
  const ranges: (readonly [number, number])[] = [];
  for (const part of parts) {
    const found = /^(\d{1,6})(?:[-–](\d{1,6}))?$/u.exec(part);
    if (found === null) return undefined;
    const [from, to] = [Number(found[1]), Number(found[2] ?? found[1])];
    ranges.push(from <= to ? [from, to] : [to, from]);
  }
  return ranges;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Choices as they were remembered, as far as they can be read; what cannot be is as at first. */
export function readChoices(from: unknown): Choices {
  if (!isRecord(from) || from['version'] !== 2) return FIRST_CHOICES;
  const { tracks, rows, shades, of, inspector } = from;
  const list = (Array.isArray(tracks) ? tracks : []).filter(
    (track: unknown) => isRecord(track) && typeof track['signal'] === 'string',
  ) as readonly TrackChoice[];
  const reductions: readonly unknown[] = ['spikes', 'mean', 'min', 'max'];
  const tabs: readonly unknown[] = INSPECTOR_TABS;
  return {
    version: 2,
    tracks: list.length > 0 ? list : FIRST_CHOICES.tracks,
    rows: isRecord(rows) && isRecord(rows['pins']) ? { ...FIRST_CHOICES.rows, ...rows } : FIRST_CHOICES.rows,
    shades: isRecord(shades) ? shades : {},
    of: reductions.includes(of) ? (of as Reduction) : FIRST_CHOICES.of,
    inspector: tabs.includes(inspector) ? (inspector as InspectorTab) : FIRST_CHOICES.inspector,
  };
}
