/** Headings: the arrow that folds, the name with its symbol, and at the right the scale as a legend. */
import { formatEnd } from '../../layout/numbers';
import { marksOf, positionOf } from '../../layout/scale';
import { ARROW_ROOM, HEAD } from '../../layout/tracks';
import { paintPending } from '../pending';
import type { Theme } from '../theme';
import {
  endOf,
  faded,
  paintLost,
  paintUntraced,
  smallFont,
  type Context,
  type Heading,
  type OverlayFrame,
} from './frame';

const LEGEND = 64;

/** An arrow down where a track is open, to the right where it is folded. */
export function paintArrow(context: Context, theme: Theme, left: number, middle: number, folded: boolean): void {
  context.strokeStyle = theme.faint;
  context.lineWidth = 1.2;
  context.beginPath();
  const [x, y] = [left + 4, middle];
  if (folded) {
    context.moveTo(x - 1.5, y - 3);
    context.lineTo(x + 1.5, y);
    context.lineTo(x - 1.5, y + 3);
  } else {
    context.moveTo(x - 3, y - 1.5);
    context.lineTo(x, y + 1.5);
    context.lineTo(x + 3, y - 1.5);
  }
  context.stroke();
}

interface Name {
  readonly title: string;
  readonly symbol: string;
  readonly layer: string;
  readonly folded: boolean;
}

/** @returns where the name ends */
export function paintHead(context: Context, frame: OverlayFrame, top: number, name: Name): number {
  const { theme, stack } = frame;
  const y = Math.round(top + HEAD / 2) + 1;
  const left = -stack.gutter;
  paintArrow(context, theme, left, y, name.folded);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  let x = left + ARROW_ROOM;
  const write = (text: string, font: string, colour: string): void => {
    if (text === '') return;
    context.font = font;
    context.fillStyle = colour;
    context.fillText(text, x, y);
    x += context.measureText(text).width + 6;
  };
  write(name.title, `600 11px ${theme.uiFont}`, theme.foreground);
  write(name.symbol, `italic 11px ${theme.uiFont}`, theme.faint);
  if (name.layer !== '') {
    context.font = smallFont(theme);
    const width = context.measureText(name.layer).width;
    context.strokeStyle = faded(theme.foreground, 0.3);
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(Math.round(x) + 0.5, y - 7.5, Math.round(width) + 8, 13, 3);
    context.stroke();
    context.fillStyle = theme.faint;
    context.fillText(name.layer, Math.round(x) + 4.5, y - 0.5);
    x += width + 12;
  }
  return x;
}

/** @returns where it ends */
function paintNote(
  context: Context,
  { theme }: OverlayFrame,
  top: number,
  note: string | undefined,
  left: number,
): number {
  if (note === undefined) return left;
  context.font = `italic 10px ${theme.uiFont}`;
  context.fillStyle = theme.faint;
  context.fillText(note, left + 2, Math.round(top + HEAD / 2) + 1);
  return left + 8 + context.measureText(note).width;
}

export function paintTrack(context: Context, frame: OverlayFrame, heading: Heading): void {
  const { theme, stack } = frame;
  const { box } = heading;
  const top = stack.pinned + box.top - frame.scroll;
  const bodyTop = top + HEAD;
  if (bodyTop + box.height < stack.pinned || top > stack.viewport) return;
  const name = paintHead(context, frame, top, { ...heading, folded: box.folded });
  const nameEnd = paintNote(context, frame, top, frame.notes.get(box.id), name);
  // Folded, its values are not asked for, and its scale is not known.
  if (box.folded) return;
  paintLegend(context, frame, heading, top, nameEnd);
  if (box.grid.pinned + box.grid.rest === 0) {
    context.font = `11px ${theme.uiFont}`;
    context.fillStyle = theme.faint;
    context.textAlign = 'left';
    context.fillText(frame.empty, 0, bodyTop + Math.min(12, box.height / 2));
    return;
  }
  paintUntraced(context, frame, bodyTop, box.height);
  const lost = frame.lost[box.track.layer];
  if (lost !== undefined) paintLost(context, frame, lost, bodyTop, box.height);
  paintPending(context, theme, frame.ratio, frame.pending.get(box.id) ?? [], frame.width, bodyTop, box.height);
  if (theme.highContrast) {
    context.strokeStyle = theme.border;
    context.lineWidth = 1;
    context.strokeRect(0.5, bodyTop - 0.5, Math.max(0, endOf(frame) - 1), box.height + 1);
  }
}

/** The scale of a track at the right of its heading, with a pointer at the value under the crosshair. */
function paintLegend(context: Context, frame: OverlayFrame, heading: Heading, top: number, nameEnd: number): void {
  const { theme } = frame;
  const { map, scale } = heading;
  context.font = smallFont(theme);
  context.fillStyle = theme.faint;
  const y = top + HEAD / 2 + 1;
  // The upper ends have the same room in all, so that the legends stand in line.
  const widths = frame.headings.map((other) => context.measureText(formatEnd(other.scale.to)).width);
  const right = Math.floor(frame.width - Math.max(...widths) - 5);
  const left = right - LEGEND;
  const from = formatEnd(scale.from);
  // In a very narrow view a name is worth more.
  if (left - context.measureText(from).width - 8 < nameEnd) return;
  context.textAlign = 'left';
  context.fillText(formatEnd(scale.to), right + 5, y);
  context.textAlign = 'right';
  context.fillText(from, left - 5, y);
  for (let x = 0; x < LEGEND; x++) {
    const i = 3 * Math.round((x / (LEGEND - 1)) * 255);
    context.fillStyle = `rgb(${String(map[i])} ${String(map[i + 1])} ${String(map[i + 2])})`;
    context.fillRect(left + x, y - 4, 1, 7);
  }
  context.strokeStyle = theme.highContrast ? theme.border : faded(theme.foreground, 0.28);
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
