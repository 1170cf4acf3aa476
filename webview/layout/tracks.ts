/** Stacks the tracks: overview, ruler and loss stay on top; below them the heatmaps share the height, or scroll. */
import type { SignalName } from '../../src/shared/signals';

export type TrackId = 'loss' | SignalName;

export interface TrackBox {
  readonly id: TrackId;
  readonly units: number;
  /** Top of the heading, in pixels from the top of the pinned part (loss) or of the scrolled content (heatmaps). */
  readonly top: number;
  /** Top and height of the picture. */
  readonly bodyTop: number;
  readonly height: number;
}

export interface Stack {
  readonly overview: { readonly top: number; readonly height: number };
  readonly ruler: { readonly top: number; readonly height: number };
  readonly loss: TrackBox | undefined;
  /** Height of what does not scroll. */
  readonly pinned: number;
  readonly heats: readonly TrackBox[];
  /** Height of what scrolls. */
  readonly content: number;
  /** Height of the viewport, pinned part included. */
  readonly viewport: number;
}

export const HEAD = 20;
const OVERVIEW = 16;
const RULER = 34;
const LOSS = 34;
/** Space below a picture: where the pointer takes hold to change its height. */
export const GAP = 6;
export const MIN_HEIGHT = 24;
const COMFORTABLE = 52;
const MAX_HEIGHT = 640;
/** A unit's row is at most this tall when heights are chosen for the user. */
const MAX_ROW = 20;

export interface StackInput {
  readonly viewport: number;
  readonly overview: boolean;
  readonly loss: boolean;
  readonly signals: readonly SignalName[];
  readonly units: number;
  /** Heights that the user gave tracks. */
  readonly heights: Readonly<Partial<Record<TrackId, number>>>;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

export function stackTracks(input: StackInput): Stack {
  const { viewport, signals, units, heights } = input;
  const overview = { top: 0, height: input.overview ? OVERVIEW : 0 };
  const ruler = { top: overview.height, height: RULER };
  let pinned = ruler.top + ruler.height;
  let loss: TrackBox | undefined;
  if (input.loss) {
    const height = clamp(Math.round(heights.loss ?? LOSS), MIN_HEIGHT, MAX_HEIGHT);
    loss = { id: 'loss', units: 1, top: pinned, bodyTop: pinned + HEAD, height };
    pinned = loss.bodyTop + height + GAP;
  }
  const given = signals.map((id) => heights[id]);
  const free = given.filter((height) => height === undefined).length;
  const taken = given.reduce<number>((sum, height) => sum + Math.round(height ?? 0), 0);
  const room = viewport - pinned - signals.length * (HEAD + GAP) - taken;
  const tallest = clamp(units * MAX_ROW, MIN_HEIGHT, MAX_HEIGHT);
  const share = clamp(Math.floor(room / Math.max(1, free)), Math.min(COMFORTABLE, tallest), tallest);
  let top = 0;
  const heats = signals.map((id): TrackBox => {
    const height = clamp(Math.round(heights[id] ?? share), MIN_HEIGHT, MAX_HEIGHT);
    const box = { id, units, top, bodyTop: top + HEAD, height };
    top = box.bodyTop + height + GAP;
    return box;
  });
  return { overview, ruler, loss, pinned, heats, content: top, viewport };
}

export const maxScroll = (stack: Stack): number => Math.max(0, stack.pinned + stack.content - stack.viewport);

/** Where a track's picture is on the screen, from the top of the viewport. */
export const screenTop = (stack: Stack, box: TrackBox, scroll: number): number =>
  box.id === 'loss' ? box.bodyTop : stack.pinned + box.bodyTop - scroll;

/** The scroll that has a unit's row of a track in sight. */
export function scrollToUnit(stack: Stack, box: TrackBox, unit: number, scroll: number): number {
  const y = box.bodyTop + ((unit + 0.5) / box.units) * box.height;
  const room = stack.viewport - stack.pinned;
  if (y - scroll >= HEAD && y - scroll <= room - GAP) return scroll;
  return clamp(y - room / 2, 0, maxScroll(stack));
}
