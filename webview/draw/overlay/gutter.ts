/** Beside each heatmap, from left to right: its units' numbers, their dendrogram, and the bars of clusters. */
import type { TrackBox } from '../../layout/tracks';
import type { Theme } from '../theme';
import { faded, smallFont, type Context, type OverlayFrame, type Side } from './frame';

/** Width of a cluster's bar and of what is free beside it, at the plot's edge. */
export const BAR = 3;
const BESIDE = 3;
const TICK = 3;

export function paintGutter(context: Context, frame: OverlayFrame): void {
  const { stack } = frame;
  for (const { box } of frame.headings) {
    const top = stack.pinned + box.bodyTop - frame.scroll;
    if (box.folded || top + box.height < stack.pinned || top > stack.viewport) continue;
    const side = frame.side(box);
    if (side !== undefined) paintSide(context, frame, box, side, top);
  }
}

function paintSide(context: Context, frame: OverlayFrame, box: TrackBox, side: Side, top: number): void {
  const { theme } = frame;
  const bars = side.clusters.length > 0 ? BAR + 2 : 0;
  paintClusters(context, theme, side, top);
  paintTree(context, frame, side, top, bars);
  context.font = smallFont(theme);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const right = -bars - side.tree - BESIDE;
  for (const { unit, y, pinned } of side.units) {
    context.fillStyle = pinned ? theme.foreground : theme.faint;
    const at = Math.max(top + 5, top + y);
    context.fillText(String(unit), right - TICK, at);
    context.fillStyle = faded(theme.foreground, pinned ? 0.7 : 0.35);
    context.fillRect(right - TICK + 2, Math.round(top + y - 0.5), TICK, 1);
  }
  const { pinned, rest, pinHeight } = box.grid;
  if (pinned === 0 || rest === 0) return;
  // A line in the gap under the pinned rows, the only one in the picture.
  context.fillStyle = faded(theme.foreground, 0.5);
  context.fillRect(-BESIDE - TICK, Math.round(top + pinned * pinHeight + 1), frame.width + BESIDE + TICK, 1);
}

/** Two tones in turn: what counts is where one ends. */
function paintClusters(context: Context, theme: Theme, { clusters }: Side, top: number): void {
  for (const { top: y, height, index } of clusters) {
    context.fillStyle = faded(theme.foreground, index % 2 === 0 ? 0.62 : 0.28);
    context.fillRect(
      -BAR - 1,
      Math.round(top + y),
      BAR,
      Math.max(1, Math.round(top + y + height) - Math.round(top + y) - 1),
    );
  }
}

function paintTree(context: Context, { theme }: OverlayFrame, side: Side, top: number, bars: number): void {
  const { dendrogram, tree } = side;
  if (dendrogram.length === 0) return;
  context.save();
  context.translate(-tree - bars, top);
  context.strokeStyle = faded(theme.foreground, 0.55);
  context.lineWidth = 1;
  context.beginPath();
  for (const { x1, y1, x2, y2 } of dendrogram) {
    const half = (value: number): number => Math.floor(value) + 0.5;
    context.moveTo(half(x1), half(y1));
    context.lineTo(half(x2), half(y2));
  }
  context.stroke();
  context.restore();
}
