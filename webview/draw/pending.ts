/** Marks what of a track is still to come: bare stretches are hatched, those stood in for wear a line along their top. */
import type { PendingSpan } from '../layout/quads';
import type { Theme } from './theme';

/** Dots of the line, in CSS pixels: a whole line would read as a border. */
const DASH = 3;
const HATCH = 7;

/**
 * Spans are in device pixels of the plot; the context is in CSS pixels, with the plot's left edge at 0.
 *
 * @param top of the picture, in the same pixels as the context
 */
export function paintPending(
  context: CanvasRenderingContext2D,
  theme: Theme,
  ratio: number,
  spans: readonly PendingSpan[],
  width: number,
  top: number,
  height: number,
): void {
  for (const span of spans) {
    const left = Math.max(0, span.left / ratio);
    const right = Math.min(width, span.right / ratio);
    if (right <= left || height <= 0) continue;
    if (span.kind === 'standIn') {
      context.fillStyle = theme.accent;
      const first = Math.ceil(left / (2 * DASH)) * 2 * DASH;
      for (let x = first; x < right; x += 2 * DASH) context.fillRect(x, top, Math.min(DASH, right - x), 1);
      continue;
    }
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, height);
    context.clip();
    context.strokeStyle = `color-mix(in srgb, ${theme.foreground} 14%, transparent)`;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = Math.floor((left - height) / HATCH) * HATCH; x < right; x += HATCH) {
      context.moveTo(x, top);
      context.lineTo(x + height, top + height);
    }
    context.stroke();
    context.restore();
  }
}
