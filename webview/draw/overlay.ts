/** Paints everything but the heatmaps: ruler, loss, headings with their legends, marks and the crosshair. */
import type { LossBar } from '../losses';
import { xOf, type Axis } from '../layout/axis';
import { formatEnd } from '../layout/numbers';
import { marksOf, positionOf, type ValueScale } from '../layout/scale';
import { devicePixel, type PendingSpan } from '../layout/quads';
import { typeSize, type Label, type Tick } from '../layout/ruler';
import { rowOf } from '../layout/rows';
import { HEAD, isHeat, type Stack, type TrackBox } from '../layout/tracks';
import type { ColourMap } from './maps';
import { paintPending } from './pending';
import type { Theme } from './theme';

export interface Heading {
  readonly box: TrackBox;
  readonly title: string;
  readonly symbol: string;
  readonly map: ColourMap;
  readonly scale: ValueScale;
  /** Value under the crosshair, shown on the legend. */
  readonly value: number | undefined;
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
  readonly overview: readonly LossBar[];
  readonly bars: readonly LossBar[];
  /** Top of the loss scale in bits. */
  readonly lossTop: number;
  readonly headings: readonly Heading[];
  /** What is still to come of each track, by its id. */
  readonly pending: ReadonlyMap<string, readonly PendingSpan[]>;
  readonly followed: Span | undefined;
  readonly mark: Span | undefined;
  readonly cross: Cross | undefined;
}

const LEGEND = 64;
type Context = CanvasRenderingContext2D;

export class Overlay {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: Context;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('This browser gives no 2D canvas.');
    this.#canvas = canvas;
    this.#context = context;
  }

  /** Width of a text in the ruler's font. */
  measure(text: string, theme: Theme, axis: Axis): number {
    this.#context.font = rulerFont(theme, axis);
    return this.#context.measureText(text).width;
  }

  paint(frame: OverlayFrame): void {
    const { ratio, stack } = frame;
    const [width, height] = [Math.round((frame.width + stack.gutter) * ratio), Math.round(stack.viewport * ratio)];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    paintOverlay(context, frame);
  }
}

/** Paints a frame on any context that is empty: the screen's, a picture's, or one that records. */
export function paintOverlay(context: CanvasRenderingContext2D, frame: OverlayFrame): void {
  const { ratio, stack } = frame;
  context.setTransform(ratio, 0, 0, ratio, Math.round(stack.gutter * ratio), 0);
  context.save();
  context.beginPath();
  context.rect(-stack.gutter, stack.pinned, frame.width + stack.gutter, stack.viewport - stack.pinned);
  context.clip();
  for (const heading of frame.headings) paintTrack(context, frame, heading);
  context.restore();
  if (stack.overview.height > 0) paintOverview(context, frame);
  for (const box of stack.lanes) if (box.track.signal === 'loss') paintLoss(context, frame, box);
  paintMarks(context, frame);
  paintRuler(context, frame);
}

const rulerFont = (theme: Theme, axis: Axis): string => `${String(typeSize(axis))}px ${theme.textFont}`;

const end = (frame: OverlayFrame): number => Math.min(frame.width, xOf(frame.axis, frame.axis.tokens));

function paintHead(context: Context, theme: Theme, left: number, top: number, name: string, symbol: string): void {
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.font = `600 11px ${theme.uiFont}`;
  context.fillStyle = theme.foreground;
  context.fillText(name, left, top + HEAD / 2 + 1);
  const width = context.measureText(name).width;
  if (symbol !== '') {
    context.font = `italic 11px ${theme.uiFont}`;
    context.fillStyle = theme.faint;
    context.fillText(symbol, left + width + 5, top + HEAD / 2 + 1);
  }
}

function paintTrack(context: Context, frame: OverlayFrame, heading: Heading): void {
  const { theme, stack } = frame;
  const { box } = heading;
  const top = stack.pinned + box.top - frame.scroll;
  const bodyTop = top + HEAD;
  if (bodyTop + box.height < stack.pinned || top > stack.viewport) return;
  paintHead(context, theme, -stack.gutter, top, heading.title, heading.symbol);
  paintLegend(context, frame, heading, top);
  paintUntraced(context, frame, bodyTop, box.height);
  paintPending(context, theme, frame.ratio, frame.pending.get(box.id) ?? [], frame.width, bodyTop, box.height);
  if (theme.highContrast) {
    context.strokeStyle = theme.border;
    context.lineWidth = 1;
    context.strokeRect(0.5, bodyTop - 0.5, Math.max(0, end(frame) - 1), box.height + 1);
  }
}

/** The scale of a track at the right of its heading, with a pointer at the value under the crosshair. */
function paintLegend(context: Context, frame: OverlayFrame, heading: Heading, top: number): void {
  const { theme } = frame;
  const { map, scale } = heading;
  context.font = `10px ${theme.uiFont}`;
  context.fillStyle = theme.faint;
  const y = top + HEAD / 2 + 1;
  // The upper ends have the same room in all, so that the legends stand in line.
  const widths = frame.headings.map((other) => context.measureText(formatEnd(other.scale.to)).width);
  const right = Math.floor(frame.width - Math.max(...widths) - 5);
  const left = right - LEGEND;
  context.textAlign = 'left';
  context.fillText(formatEnd(scale.to), right + 5, y);
  context.textAlign = 'right';
  context.fillText(formatEnd(scale.from), left - 5, y);
  for (let x = 0; x < LEGEND; x++) {
    const i = 3 * Math.round((x / (LEGEND - 1)) * 255);
    context.fillStyle = `rgb(${String(map[i])} ${String(map[i + 1])} ${String(map[i + 2])})`;
    context.fillRect(left + x, y - 4, 1, 7);
  }
  context.strokeStyle = theme.highContrast ? theme.border : `color-mix(in srgb, ${theme.foreground} 28%, transparent)`;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, y - 4.5, LEGEND + 1, 8);
  context.fillStyle = theme.faint;
  for (const mark of marksOf(scale)) context.fillRect(Math.round(left + positionOf(scale, mark) * LEGEND), y + 4, 1, 2);
  if (heading.value === undefined || Number.isNaN(heading.value)) return;
  const at = left + positionOf(scale, heading.value) * LEGEND;
  context.fillStyle = theme.foreground;
  context.beginPath();
  context.moveTo(at, y - 3);
  context.lineTo(at - 3.5, y - 8);
  context.lineTo(at + 3.5, y - 8);
  context.fill();
}

/** Hatches what is not traced yet, so that it is not taken for zeros. */
function paintUntraced(context: Context, frame: OverlayFrame, top: number, height: number): void {
  const { axis, done, theme } = frame;
  if (done >= axis.tokens) return;
  const left = Math.max(0, xOf(axis, done));
  const right = end(frame);
  if (right <= left) return;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, height);
  context.clip();
  context.strokeStyle = `color-mix(in srgb, ${theme.foreground} 14%, transparent)`;
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

function paintOverview(context: Context, frame: OverlayFrame): void {
  const { theme, axis, stack } = frame;
  const { top, height } = stack.overview;
  const body = height - 5;
  context.fillStyle = `color-mix(in srgb, ${theme.foreground} 7%, transparent)`;
  context.fillRect(0, top, frame.width, body);
  const all = frame.width / axis.tokens;
  context.fillStyle = `color-mix(in srgb, ${theme.foreground} 42%, transparent)`;
  for (const bar of frame.overview) {
    const size = Math.min(1, bar.mean / Math.max(1, frame.lossTop / 2)) * body;
    const x = bar.from * all;
    context.fillRect(x, top + body - size, Math.max(0.5, (bar.to - bar.from) * all), size);
  }
  const left = axis.start * all;
  const width = Math.max(6, (axis.width / axis.scale) * all);
  context.fillStyle = `color-mix(in srgb, ${theme.accent} 26%, transparent)`;
  context.fillRect(left, top, width, body);
  context.strokeStyle = theme.accent;
  context.lineWidth = 1;
  context.strokeRect(Math.round(left) + 0.5, top + 0.5, Math.max(1, Math.round(width) - 1), body - 1);
  for (const span of [frame.followed, frame.mark]) {
    if (span === undefined) continue;
    context.fillStyle = theme.foreground;
    context.fillRect(Math.round(span.token * all), top, 1, body);
  }
}

function paintLoss(context: Context, frame: OverlayFrame, box: TrackBox): void {
  const { theme, axis, ratio, lossTop } = frame;
  paintHead(context, theme, -frame.stack.gutter, box.top, 'loss', '');
  context.font = `10px ${theme.uiFont}`;
  context.fillStyle = theme.faint;
  context.textAlign = 'right';
  context.fillText(`0 – ${formatEnd(lossTop)} bits`, frame.width, box.top + HEAD / 2 + 1);
  paintUntraced(context, frame, box.bodyTop, box.height);
  const right = end(frame);
  context.save();
  context.setTransform(1, 0, 0, 1, Math.round(frame.stack.gutter * ratio), 0);
  const bottom = Math.round((box.bodyTop + box.height) * ratio);
  const tall = Math.round(box.height * ratio);
  const limit = Math.round(frame.width * ratio);
  for (const [colour, pick] of [
    [`color-mix(in srgb, ${theme.loss} 50%, transparent)`, (bar: LossBar) => bar.max],
    [theme.loss, (bar: LossBar) => bar.mean],
  ] as const) {
    for (const bar of frame.bars) {
      const x0 = Math.max(0, devicePixel(axis, bar.from, ratio));
      const x1 = Math.min(limit, devicePixel(axis, Math.min(bar.to, axis.tokens), ratio));
      // A gap between wide bars lets single tokens be told apart.
      const gap = x1 - x0 >= 4 ? Math.round(ratio) : 0;
      const size = Math.round(Math.min(1, pick(bar) / lossTop) * tall);
      if (x1 <= x0) continue;
      context.fillStyle = colour;
      context.fillRect(x0, bottom - size, x1 - x0 - gap, size);
      // A token cut off at the top wears a cap; of many there is always one, and a cap would say nothing.
      if (pick(bar) <= lossTop || bar.to - bar.from > 1) continue;
      context.fillStyle = theme.foreground;
      context.fillRect(x0, bottom - size, x1 - x0 - gap, Math.max(2, Math.round(2 * ratio)));
    }
  }
  context.restore();
  context.fillStyle = `color-mix(in srgb, ${theme.foreground} 22%, transparent)`;
  context.fillRect(0, box.bodyTop + box.height, right, 1);
}

function paintRuler(context: Context, frame: OverlayFrame): void {
  const { theme, stack, labels } = frame;
  const { top, height } = stack.ruler;
  const base = top + height - 10;
  context.save();
  context.beginPath();
  context.rect(0, top, frame.width, height);
  context.clip();
  context.textBaseline = 'middle';
  context.font = `10px ${theme.uiFont}`;
  context.textAlign = 'left';
  for (const tick of frame.ticks) {
    context.fillStyle = `color-mix(in srgb, ${theme.foreground} 35%, transparent)`;
    context.fillRect(Math.round(tick.x), top + 2, 1, labels.length > 0 ? 10 : height - 6);
    context.fillStyle = theme.faint;
    context.fillText(tick.label, Math.round(tick.x) + 4, top + 7);
  }
  context.font = rulerFont(theme, frame.axis);
  for (const label of labels) {
    context.fillStyle = label.faint ? `color-mix(in srgb, ${theme.foreground} 38%, transparent)` : theme.foreground;
    context.textAlign = label.centred ? 'center' : 'left';
    context.fillText(label.text, label.centred ? label.x + label.width / 2 : label.x, base);
    if (!label.centred) {
      context.fillStyle = `color-mix(in srgb, ${theme.foreground} 30%, transparent)`;
      context.fillRect(Math.round(label.x), base + 8, 1, 3);
    }
  }
  context.restore();
}

const columnsOf = (frame: OverlayFrame, span: Span): { left: number; width: number } => {
  const left = devicePixel(frame.axis, span.token, frame.ratio) / frame.ratio;
  const right = devicePixel(frame.axis, span.token + span.count, frame.ratio) / frame.ratio;
  return { left, width: Math.max(1, right - left) };
};

/** The editor's place and the chosen one as bands through the ruler and lines beside their columns; the crosshair. */
function paintMarks(context: Context, frame: OverlayFrame): void {
  const { theme, stack } = frame;
  const { top, height } = stack.ruler;
  const bottom = Math.min(stack.viewport, stack.pinned + stack.content - frame.scroll);
  const band = (span: Span, colour: string): void => {
    const { left, width } = columnsOf(frame, span);
    context.fillStyle = colour;
    context.fillRect(left, top + 14, width, height - 14);
    for (const loss of stack.lanes) {
      context.globalAlpha = 0.35;
      context.fillRect(left, loss.bodyTop, width, loss.height);
      context.globalAlpha = 1;
    }
  };
  if (frame.followed !== undefined) {
    band(frame.followed, theme.selection);
    faintSides(context, frame, frame.followed, bottom);
  }
  if (frame.mark !== undefined) {
    band(frame.mark, `color-mix(in srgb, ${theme.accent} 45%, transparent)`);
    faintSides(context, frame, frame.mark, bottom);
  }
  const { cross } = frame;
  if (cross === undefined) return;
  band(cross, `color-mix(in srgb, ${theme.foreground} 18%, transparent)`);
  sides(context, frame, cross, bottom);
  if (cross.place !== undefined) paintUnit(context, frame, cross, cross.place);
}

/** Colours of a line that shows on light and on dark cells alike. */
const lineColours = (frame: OverlayFrame): { readonly core: string; readonly halo: string } =>
  frame.theme.dark
    ? { core: 'rgb(255 255 255 / 0.95)', halo: 'rgb(0 0 0 / 0.6)' }
    : { core: 'rgb(0 0 0 / 0.9)', halo: 'rgb(255 255 255 / 0.75)' };

/** Lines beside a span's columns, their halos turned away from it: the column itself stays whole. */
function sides(context: Context, frame: OverlayFrame, span: Span, bottom: number): void {
  const { stack } = frame;
  const { left, width } = columnsOf(frame, span);
  const { core, halo } = lineColours(frame);
  context.save();
  context.beginPath();
  context.rect(0, stack.pinned, frame.width, stack.viewport - stack.pinned);
  context.clip();
  for (const { box } of frame.headings) {
    const top = stack.pinned + box.bodyTop - frame.scroll;
    const height = Math.min(box.height, bottom - top);
    if (height <= 0) continue;
    // Columns of a pixel or two have a line on one side only: two would hide more than they show.
    const wide = width >= 3;
    context.fillStyle = halo;
    context.fillRect(left - 2, top, 1, height);
    if (wide) context.fillRect(left + width + 1, top, 1, height);
    context.fillStyle = core;
    context.fillRect(left - 1, top, 1, height);
    if (wide) context.fillRect(left + width, top, 1, height);
  }
  context.restore();
}

/** As of a place that is remembered, not pointed at. */
function faintSides(context: Context, frame: OverlayFrame, span: Span, bottom: number): void {
  context.globalAlpha = 0.6;
  sides(context, frame, span, bottom);
  context.globalAlpha = 1;
}

/** Pixels beside the crosshair that the unit's line leaves free. */
const OPEN = 5;

/** The unit's row through every track, the same unit everywhere; broken where the columns of the crosshair are. */
function paintUnit(context: Context, frame: OverlayFrame, cross: Cross, place: number): void {
  const { stack } = frame;
  const { left, width } = columnsOf(frame, cross);
  const { core } = lineColours(frame);
  const right = end(frame);
  context.save();
  context.beginPath();
  context.rect(0, stack.pinned, right, stack.viewport - stack.pinned);
  context.clip();
  context.fillStyle = core;
  const across = (y: number): void => {
    context.fillRect(0, y, left - OPEN, 1);
    context.fillRect(left + width + OPEN, y, right, 1);
  };
  for (const { box } of frame.headings) {
    if (box.folded || !isHeat(box.track) || box.track.layer !== cross.layer) continue;
    const row = rowOf(box.grid, place);
    const top = stack.pinned + box.bodyTop - frame.scroll + row.top;
    context.globalAlpha = box.id === cross.track ? 0.85 : 0.4;
    if (row.height >= 4) {
      across(Math.round(top) - 1);
      across(Math.round(top + row.height));
    } else across(Math.floor(top + row.height / 2));
  }
  context.restore();
}
