/** The ruler: token numbers above, the text below; line numbers beside the one or, from afar, in place of the other. */
import { TICK_ROOM, typeSize } from '../../layout/ruler';
import { faded, rulerFont, smallFont, type Context, type OverlayFrame } from './frame';

/** Middle of the upper row and of the lower one. */
const UPPER = 8;
const LOWER = 25;

export function paintRuler(context: Context, frame: OverlayFrame): void {
  const { stack } = frame;
  const { top, height } = stack.ruler;
  context.save();
  context.beginPath();
  context.rect(0, top, frame.width, height);
  context.clip();
  context.textBaseline = 'middle';
  const text = frame.labels.length > 0;
  paintTicks(context, frame, top);
  paintLines(context, frame, top, text);
  if (text) paintText(context, frame, top);
  context.restore();
}

function paintTicks(context: Context, frame: OverlayFrame, top: number): void {
  const { theme } = frame;
  context.font = smallFont(theme);
  context.textAlign = 'left';
  for (const tick of frame.ticks) {
    const x = Math.round(tick.x);
    context.fillStyle = faded(theme.foreground, 0.3);
    context.fillRect(x, top + 2, 1, 12);
    context.fillStyle = theme.faint;
    context.fillText(tick.label, x + TICK_ROOM, top + UPPER);
  }
}

/** Line numbers stand out from tokens' by their word, their tone, and a mark that reaches down to the text. */
function paintLines(context: Context, frame: OverlayFrame, top: number, text: boolean): void {
  const { theme } = frame;
  context.font = smallFont(theme);
  context.textAlign = 'left';
  const y = text ? UPPER : LOWER;
  for (const { x, label } of frame.lines) {
    const left = Math.round(x);
    context.fillStyle = faded(theme.foreground, 0.6);
    if (text) context.fillRect(left, top + 2, 1, 14);
    else context.fillRect(left, top + LOWER - 6, 1, 14);
    context.fillStyle = theme.foreground;
    context.fillText(label, left + TICK_ROOM, top + y);
  }
}

function paintText(context: Context, frame: OverlayFrame, top: number): void {
  const { theme, labels, axis } = frame;
  const base = top + LOWER;
  context.font = rulerFont(theme, typeSize(axis));
  for (const label of labels) {
    context.fillStyle = label.faint ? faded(theme.foreground, 0.38) : theme.foreground;
    context.textAlign = label.centred ? 'center' : 'left';
    context.fillText(label.text, label.centred ? label.x + label.width / 2 : label.x, base);
    if (!label.centred) {
      context.fillStyle = faded(theme.foreground, 0.3);
      context.fillRect(Math.round(label.x), base + 8, 1, 3);
    }
  }
}
