/** Paints everything but the heatmaps, by parts: headings, gutter, overview, lanes, marks and ruler. */
import { typeSize } from '../layout/ruler';
import type { Axis } from '../layout/axis';
import { rulerFont, smallFont, type Context, type OverlayFrame } from './overlay/frame';
import { paintGutter } from './overlay/gutter';
import { paintTrack } from './overlay/heads';
import { paintLanes } from './overlay/lanes';
import { paintMarks } from './overlay/marks';
import { paintOverview } from './overlay/overview';
import { paintRuler } from './overlay/ruler';
import type { Theme } from './theme';

export type { Cross, Heading, OverlayFrame, Span } from './overlay/frame';

/** Widths that are remembered: characters and numbers come again at every frame. */
const REMEMBERED = 4000;

export class Overlay {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: Context;
  readonly #widths = new Map<string, number>();

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('This browser gives no 2D canvas.');
    this.#canvas = canvas;
    this.#context = context;
  }

  /** Width of a text in the ruler's font. */
  measure(text: string, theme: Theme, axis: Axis): number {
    return this.#width(text, rulerFont(theme, typeSize(axis)));
  }

  /** Width of a number on the ruler. */
  measureSmall(text: string, theme: Theme): number {
    return this.#width(text, smallFont(theme));
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

  #width(text: string, font: string): number {
    const key = `${font}/${text}`;
    const known = this.#widths.get(key);
    if (known !== undefined) return known;
    if (this.#widths.size >= REMEMBERED) this.#widths.clear();
    if (this.#context.font !== font) this.#context.font = font;
    const { width } = this.#context.measureText(text);
    this.#widths.set(key, width);
    return width;
  }
}

/** Paints a frame on any context that is empty: the screen's, a picture's, or one that records. */
export function paintOverlay(context: Context, frame: OverlayFrame): void {
  const { ratio, stack } = frame;
  context.setTransform(ratio, 0, 0, ratio, Math.round(stack.gutter * ratio), 0);
  context.save();
  context.beginPath();
  context.rect(-stack.gutter, stack.pinned, frame.width + stack.gutter, stack.viewport - stack.pinned);
  context.clip();
  for (const heading of frame.headings) paintTrack(context, frame, heading);
  paintGutter(context, frame);
  context.restore();
  if (frame.overview !== undefined) paintOverview(context, frame, frame.overview);
  paintLanes(context, frame);
  paintMarks(context, frame);
  paintRuler(context, frame);
}
