/** What the overlay paints of a moment: worked out by the stage, read by each of its painters. */
import type { GuessMark } from '../../layout/guesses';
import { xOf, type Axis } from '../../layout/axis';
import type { ClusterBar, Segment } from '../../layout/dendrogram';
import type { Lost } from '../../layout/faults';
import { devicePixel, type PendingSpan } from '../../layout/quads';
import type { Label, LineMark, Tick } from '../../layout/ruler';
import type { ValueScale } from '../../layout/scale';
import type { Stack, TrackBox } from '../../layout/tracks';
import type { UnitLabel } from '../../layout/unitAxis';
import type { LossBar } from '../../losses';
import type { ColourMap } from '../maps';
import type { Theme } from '../theme';

export type Context = CanvasRenderingContext2D;

export interface Heading {
  readonly box: TrackBox;
  readonly title: string;
  readonly symbol: string;
  /** The layer, where the track stays with one; else empty. */
  readonly layer: string;
  readonly map: ColourMap;
  readonly scale: ValueScale;
  /** Value under the crosshair, shown on the legend. */
  readonly value: number | undefined;
}

/** What stands in the gutter beside a heatmap. */
export interface Side {
  readonly units: readonly UnitLabel[];
  readonly clusters: readonly ClusterBar[];
  /** Width of the dendrogram's strip; 0 where there is none. */
  readonly tree: number;
  readonly dendrogram: readonly Segment[];
}

export interface Span {
  readonly token: number;
  readonly count: number;
}

export interface Cross extends Span {
  readonly layer: number;
  /** Of the unit in its layer's arrangement; undefined where it is on no row. */
  readonly place: number | undefined;
  readonly track: string | undefined;
}

export interface OverviewFrame {
  readonly losses: readonly LossBar[];
  /** The memory, else the first heatmap, in miniature: a picture of its root tile and the tokens that it covers. */
  readonly band: { readonly picture: CanvasImageSource; readonly tokens: number } | undefined;
  /** What of it has no numbers. */
  readonly lost: Lost | undefined;
  /** At its ends. */
  readonly labels: readonly [string, string];
}

export interface OverlayFrame {
  readonly theme: Theme;
  /** Of the plot: the axes stand to the left of it. */
  readonly width: number;
  readonly ratio: number;
  readonly axis: Axis;
  readonly stack: Stack;
  readonly scroll: number;
  readonly done: number;
  readonly labels: readonly Label[];
  readonly ticks: readonly Tick[];
  readonly lines: readonly LineMark[];
  readonly overview: OverviewFrame | undefined;
  readonly bars: readonly LossBar[];
  /** Top of the loss scale in bits. */
  readonly lossTop: number;
  /** Undefined where the lane cannot be read at this scale. */
  readonly guesses: readonly GuessMark[] | undefined;
  readonly headings: readonly Heading[];
  /** What is still to come of each track, by its id. */
  readonly pending: ReadonlyMap<string, readonly PendingSpan[]>;
  /** What is said of a track at its name, by its id. */
  readonly notes: ReadonlyMap<string, string>;
  /** What is NaN, by the layer's index. */
  readonly lost: readonly (Lost | undefined)[];
  readonly side: (box: TrackBox) => Side | undefined;
  /** In place of a heatmap without rows. */
  readonly empty: string;
  readonly followed: Span | undefined;
  readonly mark: Span | undefined;
  readonly cross: Cross | undefined;
}

export const rulerFont = (theme: Theme, size: number): string => `${String(size)}px ${theme.textFont}`;
export const smallFont = (theme: Theme): string => `10px ${theme.uiFont}`;

/** A colour with so much of it left, 0 to 1. */
export const faded = (colour: string, share: number): string =>
  `color-mix(in srgb, ${colour} ${String(Math.round(share * 100))}%, transparent)`;

/** Where the text ends, in pixels of the plot. */
export const endOf = (frame: OverlayFrame): number => Math.min(frame.width, xOf(frame.axis, frame.axis.tokens));

/** The columns of some tokens, on whole device pixels. */
export function columnsOf(frame: OverlayFrame, span: Span): { readonly left: number; readonly width: number } {
  const left = devicePixel(frame.axis, span.token, frame.ratio) / frame.ratio;
  const right = devicePixel(frame.axis, span.token + span.count, frame.ratio) / frame.ratio;
  return { left, width: Math.max(1, right - left) };
}

/** Hatches what is not traced yet, so that it is not taken for zeros. */
export function paintUntraced(context: Context, frame: OverlayFrame, top: number, height: number): void {
  const { axis, done, theme } = frame;
  if (done >= axis.tokens) return;
  const left = Math.max(0, xOf(axis, done));
  const right = endOf(frame);
  if (right <= left) return;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, height);
  context.clip();
  context.strokeStyle = faded(theme.foreground, 0.14);
  context.lineWidth = 1;
  context.beginPath();
  const first = Math.floor((left - height) / 7) * 7;
  for (let x = first; x < right; x += 7) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.stroke();
  context.restore();
}

/** Takes the colours from columns that have no numbers: a NaN has a byte like any other value. */
export function paintLost(context: Context, frame: OverlayFrame, lost: Lost, top: number, height: number): void {
  const { axis, theme } = frame;
  const left = Math.max(0, xOf(axis, lost.from));
  const right = Math.min(frame.width, xOf(axis, Math.min(lost.to, axis.tokens)));
  if (right <= left || height <= 0) return;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, height);
  context.clip();
  context.fillStyle = theme.background;
  context.fillRect(left, top, right - left, height);
  context.fillStyle = faded(theme.wrong, 0.12);
  context.fillRect(left, top, right - left, height);
  context.fillStyle = theme.wrong;
  context.fillRect(lost.from > 0 ? left : right - 1, top, 1, height);
  context.fillStyle = theme.foreground;
  context.font = smallFont(theme);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  if (height >= 12) context.fillText('NaN', left + 6, top + Math.min(height / 2, 12));
  context.restore();
}
