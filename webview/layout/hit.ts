/** What lies under a pixel: which part of the stage, which track, token and unit. */
import { tokenAt, type Axis } from './axis';
import { GAP, HEAD, screenTop, type Stack, type TrackBox, type TrackId } from './tracks';

export type Zone = 'overview' | 'ruler' | 'head' | 'body' | 'edge' | 'none';

export interface Hit {
  readonly zone: Zone;
  readonly track: TrackId | undefined;
  /** Undefined beside the text. */
  readonly token: number | undefined;
  /** Undefined outside a heatmap's rows. */
  readonly unit: number | undefined;
}

/** The unit whose row covers `y` pixels below the top of a track's picture. */
export const unitAt = (box: TrackBox, y: number): number =>
  Math.max(0, Math.min(box.units - 1, Math.floor((y / box.height) * box.units)));

export function hitTest(stack: Stack, axis: Axis, x: number, y: number, scroll: number): Hit {
  const token = tokenAt(axis, x);
  const { overview, ruler, loss } = stack;
  const at = (zone: Zone, track?: TrackId, unit?: number): Hit => ({ zone, track, token, unit });
  if (y < 0 || y >= stack.viewport) return at('none');
  if (y < overview.top + overview.height) return at('overview');
  if (y < ruler.top + ruler.height) return at('ruler');
  const boxes = y < stack.pinned ? (loss ? [loss] : []) : stack.heats;
  for (const box of boxes) {
    const offset = y - screenTop(stack, box, scroll);
    if (offset < -HEAD || offset >= box.height + GAP) continue;
    if (offset < 0) return at('head', box.id);
    if (offset >= box.height) return at('edge', box.id);
    return at('body', box.id, box.id === 'loss' ? undefined : unitAt(box, offset));
  }
  return at('none');
}
