/** What a view shows and where it stands: plain state, and the verbs that change it. No DOM. */
import type { TraceProgress } from '../src/shared/trace';
import type { Look, Scene } from '../src/shared/viewApi';
import { FIRST_CHOICES, togglePin, type Choices, type TrackId } from './choices';
import { bringIntoSight, clampAxis, firstSight, resizeAxis, type Axis } from './layout/axis';
import { isHeat, tracksOf, type Track } from './layout/tracks';

export type TraceScene = Extract<Scene, { kind: 'trace' }>;

/** A place in the picture; `unit` undefined where it is on no unit's row. */
export interface Cursor {
  readonly token: number;
  /** Index of the layer whose unit it is. */
  readonly layer: number;
  readonly unit: number | undefined;
  readonly track: TrackId | undefined;
}

/** Tokens [token, token + count). */
export interface Stretch {
  readonly token: number;
  readonly count: number;
}

/** What the editor is at, and this view with it. */
export interface Followed extends Stretch {
  /** Where a selection began, and keeps to; absent where nothing is selected, and it is only the cursor's character. */
  readonly anchor?: Stretch;
}

export interface State {
  /** Undefined until the host has answered. */
  readonly scene: Scene | undefined;
  /** Index of the layer chosen: that of the tracks that name none. */
  readonly layer: number;
  readonly choices: Choices;
  readonly axis: Axis;
  readonly scroll: number;
  /** Under the pointer. */
  readonly hover: Cursor | undefined;
  /** Chosen by click or keyboard; stays. */
  readonly mark: Cursor | undefined;
  /** The editor's selection; its cursor alone is one character's. */
  readonly followed: Followed | undefined;
  /** Which keys like F and H mean: marked at its heading. */
  readonly track: TrackId | undefined;
  readonly error: string | undefined;
  /** What was saved for a text, until that text is shown again. */
  readonly saved: Saved | undefined;
}

/** What outlives hiding and reloading. */
export interface Saved {
  readonly version: 2;
  readonly title: string;
  readonly tokens: number;
  readonly layer: number;
  readonly start: number;
  readonly scale: number;
  readonly scroll: number;
}

export const INITIAL: State = {
  scene: undefined,
  layer: 0,
  choices: FIRST_CHOICES,
  axis: { tokens: 0, width: 0, start: 0, scale: 1 },
  scroll: 0,
  hover: undefined,
  mark: undefined,
  followed: undefined,
  track: undefined,
  error: undefined,
  saved: undefined,
};

export const traceOf = (state: State): TraceScene | undefined =>
  state.scene?.kind === 'trace' ? state.scene : undefined;

/** Tokens that can be looked at. */
export const doneOf = (state: State): number => traceOf(state)?.progress.done ?? 0;

/** Tokens that coarse tiles are exact for. */
export const settledOf = (state: State): number => traceOf(state)?.progress.settled ?? doneOf(state);

/** The cursor that is read: the pointer's, else the chosen one. */
export const cursorOf = (state: State): Cursor | undefined => state.hover ?? state.mark;

export const layerOf = (state: State): TraceScene['info']['model']['layers'][number] | undefined =>
  traceOf(state)?.info.model.layers[state.layer];

/** Chosen tracks that the model has, in their order. */
export function shownTracks(state: State): readonly Track[] {
  const model = traceOf(state)?.info.model;
  if (model === undefined) return [];
  return tracksOf(state.choices.tracks, model.layers, state.layer, model.predicts);
}

const sameText = (a: TraceScene | undefined, b: TraceScene): boolean => a?.title === b.title;

/** Whether a scene is the same text seen by the same model, edited: then what is drawn stands in until it is redrawn. */
export function succeeds(state: State, scene: Scene): boolean {
  const before = traceOf(state);
  if (scene.kind !== 'trace' || !sameText(before, scene)) return false;
  return before?.info.model.id === scene.info.model.id;
}

export function showScene(state: State, scene: Scene): State {
  if (scene.kind !== 'trace') return { ...state, scene, hover: undefined, mark: undefined, followed: undefined };
  const before = traceOf(state);
  const layer = Math.min(state.layer, Math.max(0, scene.info.model.layers.length - 1));
  const { tokens } = scene.info;
  const next = { ...state, scene, layer };
  if (before?.info.id === scene.info.id) return next;
  // A text traced again keeps its place; another one is shown from its beginning.
  const { saved } = state;
  const fresh = { ...next, hover: undefined, followed: undefined, error: undefined };
  if (sameText(before, scene)) {
    const mark = state.mark !== undefined && state.mark.token < tokens ? state.mark : undefined;
    // The pointer is where it was; the editor's cursor is told of when it moves.
    const { hover, followed } = state;
    if (succeeds(state, scene)) return { ...fresh, mark, hover, followed, axis: clampAxis({ ...state.axis, tokens }) };
    return { ...fresh, mark, axis: clampAxis({ ...state.axis, tokens }) };
  }
  if (saved?.title === scene.title && saved.tokens === tokens) {
    const axis = { tokens, width: state.axis.width, start: saved.start, scale: saved.scale };
    return { ...fresh, mark: undefined, axis: state.axis.width > 0 ? clampAxis(axis) : axis, scroll: saved.scroll };
  }
  return { ...fresh, mark: undefined, scroll: 0, axis: firstSight(tokens, state.axis.width) };
}

export function applyProgress(state: State, progress: TraceProgress): State {
  const scene = traceOf(state);
  if (scene?.info.id !== progress.id) return state;
  return { ...state, scene: { ...scene, progress } };
}

/** A first width decides the first sight; later ones keep the place. */
export function resize(state: State, width: number): State {
  const { axis } = state;
  if (axis.width === width) return state;
  if (axis.width > 0) return { ...state, axis: resizeAxis(axis, width) };
  const saved = state.saved;
  const restored = saved !== undefined && traceOf(state)?.title === saved.title && axis.tokens === saved.tokens;
  return { ...state, axis: restored ? clampAxis({ ...axis, width }) : firstSight(axis.tokens, width) };
}

export const setAxis = (state: State, axis: Axis): State => (axis === state.axis ? state : { ...state, axis });

export const setScroll = (state: State, scroll: number): State =>
  scroll === state.scroll ? state : { ...state, scroll };

export const choose = (state: State, choices: Choices): State =>
  choices === state.choices ? state : { ...state, choices };

/** Pins the unit of a place to the top of its layer's tracks, or lets it go; a place on no unit changes nothing. */
export function pinUnit(state: State, at: Pick<Cursor, 'layer' | 'unit'> | undefined = cursorOf(state)): State {
  const layer = at && traceOf(state)?.info.model.layers[at.layer];
  if (layer === undefined || at?.unit === undefined) return state;
  return choose(state, togglePin(state.choices, layer.name, at.unit));
}

/** The stretch in sight. */
export const lookOf = ({ axis }: State): Look => ({ from: axis.start, to: axis.start + axis.width / axis.scale });

/** The same stretch as another view shows, as far as this one's width allows: else its middle. */
export function lookAt(state: State, { from, to }: Look): State {
  const { axis } = state;
  if (!(to > from) || axis.width === 0) return state;
  const near = clampAxis({ ...axis, start: from, scale: axis.width / (to - from) });
  const least = axis.tokens * near.scale < axis.width;
  const start = least ? 0 : (from + to) / 2 - axis.width / near.scale / 2;
  return { ...state, axis: clampAxis({ ...near, start }) };
}

export function chooseLayer(state: State, layer: number): State {
  const layers = traceOf(state)?.info.model.layers ?? [];
  const chosen = layers[layer];
  if (chosen === undefined || layer === state.layer) return state;
  const mark = state.mark?.unit !== undefined && state.mark.unit >= chosen.units ? undefined : state.mark;
  return { ...state, layer, mark, hover: undefined };
}

const sameCursor = (a: Cursor | undefined, b: Cursor | undefined): boolean =>
  a === b ||
  (a !== undefined && a.token === b?.token && a.unit === b.unit && a.layer === b.layer && a.track === b.track);

export const setHover = (state: State, hover: Cursor | undefined): State =>
  sameCursor(state.hover, hover) ? state : { ...state, hover };

/** Chooses a place; the pointer's gives way to it until it moves again. */
export const setMark = (state: State, mark: Cursor | undefined): State => ({ ...state, mark, hover: undefined });

/** Chooses a place and has it in sight. */
export const markPlace = (state: State, mark: Cursor): State => ({
  ...setMark(state, mark),
  axis: bringIntoSight(state.axis, mark.token, 1, 0.3),
});

/**
 * Moves the chosen place, bringing it into sight; it starts from what is read now, or from the first token in sight.
 *
 * @param rows steps over rows, in the order of `units`: those of the cursor's layer (or the chosen one), top to bottom
 */
export function moveMark(state: State, tokens: number, rows: number, units: ArrayLike<number>): State {
  const done = doneOf(state);
  if (done === 0 || units.length === 0) return state;
  const from = cursorOf(state);
  const first = Math.min(done - 1, Math.ceil(state.axis.start));
  const clamp = (value: number, end: number): number => Math.max(0, Math.min(end - 1, value));
  // The first arrow shows where the crosshair is; Home and End mean the text's ends from anywhere.
  const step = from === undefined && Number.isFinite(tokens) ? 0 : tokens;
  const token = clamp((from?.token ?? first) + step, done);
  const unit = nextUnit(from?.unit, rows, units);
  const heats = shownTracks(state).filter(isHeat);
  const own = heats.find(({ id }) => id === from?.track) ?? heats.find(({ id }) => id === state.track) ?? heats[0];
  const mark = { token, unit, layer: own?.layer ?? state.layer, track: unit === undefined ? from?.track : own?.id };
  return { ...setMark(state, mark), axis: bringIntoSight(state.axis, token) };
}

function nextUnit(unit: number | undefined, rows: number, units: ArrayLike<number>): number | undefined {
  if (unit === undefined) return rows === 0 ? undefined : units[0];
  if (rows === 0) return unit;
  const place = Array.prototype.indexOf.call(units, unit);
  return units[Math.max(0, Math.min(units.length - 1, place + rows))];
}

/** @param selected whether the tokens are selected, and not just the cursor's */
export function followEditor(state: State, token: number, count: number, selected = false): State {
  const stretch = { token, count };
  const followed = selected ? { ...stretch, anchor: { token, count: 1 } } : stretch;
  // Of a selection that has no room, the start.
  const seen = Math.min(count, Math.floor(state.axis.width / state.axis.scale));
  return { ...state, followed, axis: bringIntoSight(state.axis, token, Math.max(1, seen)) };
}

export function focusPlace(state: State, token: number, layer: number | undefined, unit: number | undefined): State {
  const there = layer === undefined ? state : chooseLayer(state, layer);
  const own = shownTracks(there).filter((track) => isHeat(track) && track.layer === there.layer);
  const track = unit === undefined ? undefined : (own.find(({ signal }) => signal === 'cell') ?? own.at(-1))?.id;
  const mark = { token, unit, layer: there.layer, track };
  return markPlace(there, mark);
}

export const setError = (state: State, error: string | undefined): State => ({ ...state, error });

/** What to keep of a state: nothing new where no trace is shown. */
export function save(state: State): Saved | undefined {
  const scene = traceOf(state);
  if (scene === undefined) return state.saved;
  const { layer, scroll, axis } = state;
  const { start, scale } = axis;
  return { version: 2, title: scene.title, tokens: scene.info.tokens, layer, start, scale, scroll };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A state with what was saved, as far as it can be read. */
export function restore(state: State, from: unknown): State {
  if (!isRecord(from) || from['version'] !== 2) return state;
  const { title, tokens, layer, start, scale, scroll } = from;
  if (typeof title !== 'string') return state;
  const numbers = [tokens, layer, start, scale, scroll];
  if (!numbers.every((value) => typeof value === 'number' && Number.isFinite(value) && value >= 0)) return state;
  const saved = from as unknown as Saved;
  return { ...state, saved, layer: saved.layer };
}
