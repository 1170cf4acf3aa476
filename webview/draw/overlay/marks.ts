/** The editor's place, the chosen one and the crosshair: bands through the lanes, lines through the heatmaps. */
import { rowOf } from '../../layout/rows';
import { isHeat } from '../../layout/tracks';
import { columnsOf, endOf, faded, type Context, type Cross, type OverlayFrame, type Span } from './frame';

/** Of the ruler, what bands leave free for token numbers. */
const NUMBERS = 15;

/** Bands through the ruler and lines beside columns. */
export function paintMarks(context: Context, frame: OverlayFrame): void {
  const { theme, stack } = frame;
  const { top, height } = stack.ruler;
  const bottom = Math.min(stack.viewport, stack.pinned + stack.content - frame.scroll);
  const band = (span: Span, colour: string): void => {
    const { left, width } = columnsOf(frame, span);
    const seen = Math.max(0, left);
    const right = Math.min(frame.width, left + width);
    if (right <= seen) return;
    context.fillStyle = colour;
    context.fillRect(seen, top + NUMBERS, right - seen, height - NUMBERS);
    for (const lane of stack.lanes) {
      if (lane.folded) continue;
      context.globalAlpha = 0.35;
      context.fillRect(seen, lane.bodyTop, right - seen, lane.height);
      context.globalAlpha = 1;
    }
  };
  if (frame.followed !== undefined) {
    band(frame.followed, theme.selection);
    faintSides(context, frame, frame.followed, bottom);
  }
  if (frame.mark !== undefined) {
    band(frame.mark, faded(theme.accent, 0.45));
    faintSides(context, frame, frame.mark, bottom);
  }
  const { cross } = frame;
  if (cross === undefined) return;
  band(cross, faded(theme.foreground, 0.18));
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
  const right = endOf(frame);
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
