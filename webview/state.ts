/** What a view shows and where it stands: plain state, and the verbs that change it. No DOM. */
import type { SignalName } from '../src/shared/signals';
import type { TraceProgress } from '../src/shared/trace';
import type { Scene } from '../src/shared/viewApi';
import { bringIntoSight, clampAxis, firstSight, resizeAxis, type Axis } from './layout/axis';
import type { TrackId } from './layout/tracks';

export type TraceScene = Extract<Scene, { kind: 'trace' }>;

/** A place in the picture; `unit` undefined where it is on no unit's row. */
export interface Cursor {
  readonly token: number;
  readonly unit: number | undefined;
  readonly track: TrackId | undefined;
}

export interface State {
  /** Undefined until the host has answered. */
  readonly scene: Scene | undefined;
  readonly layer: number;
  readonly signals: readonly SignalName[];
  readonly axis: Axis;
  readonly scroll: number;
  readonly heights: Readonly<Partial<Record<TrackId, number>>>;
  /** Under the pointer. */
  readonly hover: Cursor | undefined;
  /** Chosen by click or keyboard; stays. */
  readonly mark: Cursor | undefined;
  /** Where the editor's cursor is. */
  readonly followed: { readonly token: number; readonly count: number } | undefined;
  readonly error: string | undefined;
  /** What was saved for a text, until that text is shown again. */
  readonly saved: Saved | undefined;
}

/** What outlives hiding and reloading. */
export interface Saved {
  readonly version: 1;
  readonly title: string;
  readonly tokens: number;
  readonly layer: number;
  readonly signals: readonly SignalName[];
  readonly start: number;
  readonly scale: number;
  readonly scroll: number;
  readonly heights: Readonly<Partial<Record<TrackId, number>>>;
}

/** The order in which tracks are stacked: what is kept, what comes in, what goes out, then what results. */
export const TRACK_ORDER: readonly SignalName[] = [
  'forget',
  'input',
  'reset',
  'update',
  'candidate',
  'output',
  'cell',
  'hidden',
];

export const INITIAL: State = {
  scene: undefined,
  layer: 0,
  signals: TRACK_ORDER,
  axis: { tokens: 0, width: 0, start: 0, scale: 1 },
  scroll: 0,
  heights: {},
  hover: undefined,
  mark: undefined,
  followed: undefined,
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

/** Chosen signals that the layer has, in stacking order. */
export function shownSignals(state: State): readonly SignalName[] {
  const has = new Set(layerOf(state)?.signals.map(({ name }) => name));
  const chosen = TRACK_ORDER.filter((name) => has.has(name) && state.signals.includes(name));
  return chosen.length > 0 ? chosen : TRACK_ORDER.filter((name) => has.has(name)).slice(-1);
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

export const setHeight = (state: State, track: TrackId, height: number | undefined): State => {
  const others = Object.entries(state.heights).filter(([id]) => id !== track);
  const own = height === undefined ? [] : [[track, height] as const];
  return { ...state, heights: Object.fromEntries([...others, ...own]) };
};

export function chooseLayer(state: State, layer: number): State {
  const layers = traceOf(state)?.info.model.layers ?? [];
  const chosen = layers[layer];
  if (chosen === undefined || layer === state.layer) return state;
  const mark = state.mark?.unit !== undefined && state.mark.unit >= chosen.units ? undefined : state.mark;
  return { ...state, layer, mark, hover: undefined };
}

/** Shows or hides a signal; the last one shown stays. */
export function toggleSignal(state: State, signal: SignalName): State {
  const shown = shownSignals(state);
  const on = shown.includes(signal);
  if (on && shown.length === 1) return state;
  const signals = on ? state.signals.filter((name) => name !== signal) : [...state.signals, signal];
  return { ...state, signals };
}

const sameCursor = (a: Cursor | undefined, b: Cursor | undefined): boolean =>
  a === b || (a !== undefined && a.token === b?.token && a.unit === b.unit && a.track === b.track);

export const setHover = (state: State, hover: Cursor | undefined): State =>
  sameCursor(state.hover, hover) ? state : { ...state, hover };

/** Chooses a place; the pointer's gives way to it until it moves again. */
export const setMark = (state: State, mark: Cursor | undefined): State => ({ ...state, mark, hover: undefined });

/** Moves the chosen place, bringing it into sight; it starts from what is read now, or from the first token in sight. */
export function moveMark(state: State, tokens: number, units: number): State {
  const layer = layerOf(state);
  const done = doneOf(state);
  if (layer === undefined || done === 0) return state;
  const from = cursorOf(state);
  const first = Math.min(done - 1, Math.ceil(state.axis.start));
  const clamp = (value: number, end: number): number => Math.max(0, Math.min(end - 1, value));
  // The first arrow shows where the crosshair is; Home and End mean the text's ends from anywhere.
  const step = from === undefined && Number.isFinite(tokens) ? 0 : tokens;
  const token = clamp((from?.token ?? first) + step, done);
  const unit = from?.unit === undefined ? (units === 0 ? undefined : 0) : clamp(from.unit + units, layer.units);
  const track = from?.track === undefined || from.track === 'loss' ? shownSignals(state)[0] : from.track;
  const mark = { token, unit, track: unit === undefined ? from?.track : track };
  return { ...setMark(state, mark), axis: bringIntoSight(state.axis, token) };
}

export function followEditor(state: State, token: number, count: number): State {
  return { ...state, followed: { token, count }, axis: bringIntoSight(state.axis, token, count) };
}

export function focusPlace(state: State, token: number, layer: number | undefined, unit: number | undefined): State {
  const there = layer === undefined ? state : chooseLayer(state, layer);
  const shown = shownSignals(there);
  const track = unit === undefined ? undefined : shown.includes('cell') ? 'cell' : shown[shown.length - 1];
  return { ...setMark(there, { token, unit, track }), axis: bringIntoSight(there.axis, token, 1, 0.3) };
}

export const setError = (state: State, error: string | undefined): State => ({ ...state, error });

/** What to keep of a state: nothing new where no trace is shown. */
export function save(state: State): Saved | undefined {
  const scene = traceOf(state);
  if (scene === undefined) return state.saved;
  const { layer, signals, scroll, heights, axis } = state;
  const { start, scale } = axis;
  return { version: 1, title: scene.title, tokens: scene.info.tokens, layer, signals, start, scale, scroll, heights };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A state with what was saved, as far as it can be read. */
export function restore(state: State, from: unknown): State {
  if (!isRecord(from) || from['version'] !== 1) return state;
  const { title, tokens, layer, signals, start, scale, scroll, heights } = from;
  if (typeof title !== 'string' || !Array.isArray(signals) || !isRecord(heights)) return state;
  const numbers = [tokens, layer, start, scale, scroll];
  if (!numbers.every((value) => typeof value === 'number' && Number.isFinite(value) && value >= 0)) return state;
  if (Object.values(heights).some((height) => typeof height !== 'number')) return state;
  const saved = { ...from, signals: TRACK_ORDER.filter((name) => signals.includes(name)) } as unknown as Saved;
  return { ...state, saved, layer: saved.layer, signals: saved.signals, heights: saved.heights };
}
