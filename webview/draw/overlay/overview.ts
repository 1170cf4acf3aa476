/** The minimap: loss and memory of the whole text, the window on it, and where marks are. */
import { windowOf } from '../../layout/overview';
import { faded, smallFont, type Context, type OverlayFrame, type OverviewFrame, type Span } from './frame';

/** Height of a pointer's foot, below the strip. */
const FOOT = 4;

export function paintOverview(
  context: Context,
  frame: OverlayFrame,
  { losses, band, lost, labels }: OverviewFrame,
): void {
  const { theme, axis, stack, width, ratio } = frame;
  const { top, loss, band: strip, labels: room } = stack.overview;
  const body = loss + strip;
  const all = width / axis.tokens;
  context.fillStyle = faded(theme.foreground, 0.06);
  context.fillRect(0, top, width, body);
  const peak = Math.max(1, frame.lossTop);
  for (const [colour, pick] of [
    [faded(theme.loss, 0.38), 'max'],
    [theme.loss, 'mean'],
  ] as const) {
    context.fillStyle = colour;
    for (const bar of losses) {
      const size = Math.min(1, bar[pick] / peak) * (loss - 1);
      const x0 = Math.round(bar.from * all * ratio) / ratio;
      const x1 = Math.max(x0 + 1 / ratio, Math.round(Math.min(axis.tokens, bar.to) * all * ratio) / ratio);
      context.fillRect(x0, top + loss - size, x1 - x0, size);
    }
  }
  if (band !== undefined) {
    context.imageSmoothingEnabled = true;
    context.drawImage(band.picture, 0, top + loss, band.tokens * all, strip);
  }
  if (lost !== undefined) {
    const [from, to] = [lost.from * all, Math.min(axis.tokens, lost.to) * all];
    for (const colour of [theme.background, faded(theme.wrong, 0.2)]) {
      context.fillStyle = colour;
      context.fillRect(from, top + loss, to - from, strip);
    }
  }
  paintWindow(context, frame, top, body);
  const point = (span: Span | undefined, colour: string): void => {
    if (span === undefined) return;
    const left = Math.round(span.token * all);
    context.fillStyle = colour;
    context.fillRect(left, top, Math.max(1, Math.round(span.count * all)), body);
    context.beginPath();
    context.moveTo(left + 0.5, top + body - 1);
    context.lineTo(left - 3, top + body + FOOT);
    context.lineTo(left + 4, top + body + FOOT);
    context.fill();
  };
  point(frame.followed, faded(theme.foreground, 0.75));
  point(frame.mark, theme.accent);
  if (room === 0) return;
  context.font = smallFont(theme);
  context.textBaseline = 'middle';
  context.fillStyle = theme.faint;
  // Below the pointers' feet.
  const y = top + body + FOOT + 6;
  context.textAlign = 'left';
  context.fillText(labels[0], 0, y);
  context.textAlign = 'right';
  context.fillText(labels[1], width, y);
}

/** What is in sight stays clear, the rest steps back; the frame has handles at its sides where there is room. */
function paintWindow(context: Context, frame: OverlayFrame, top: number, body: number): void {
  const { theme, width } = frame;
  const window = windowOf(frame.axis);
  const left = Math.round(window.left);
  const right = Math.round(window.left + window.width);
  context.fillStyle = faded(theme.background, 0.5);
  context.fillRect(0, top, left, body);
  context.fillRect(right, top, width - right, body);
  context.strokeStyle = theme.highContrast ? theme.foreground : theme.accent;
  context.lineWidth = theme.highContrast ? 2 : 1;
  context.strokeRect(left + 0.5, top + 0.5, Math.max(1, right - left - 1), body - 1);
  if (right - left < 24) return;
  context.fillStyle = context.strokeStyle;
  const tall = Math.min(12, body - 6);
  for (const x of [left, right - 3]) context.fillRect(x, Math.round(top + (body - tall) / 2), 3, tall);
}
