/** What lies under a pixel: which part of the stage, which track, token and row. */
import type { TrackId } from '../choices';
import { tokenAt, type Axis } from './axis';
import { placeAt, rowCount } from './rows';
import { ARROW_ROOM, GAP, HEAD, isHeat, LEGEND_ROOM, screenTop, type Stack, type TrackBox } from './tracks';

/** `fold`: the arrow of a heading; `legend`: the scale at its right; `gutter`: unit numbers and dendrograms. */
export type Zone = 'overview' | 'ruler' | 'head' | 'fold' | 'legend' | 'body' | 'edge' | 'gutter' | 'none';

export interface Hit {
  readonly zone: Zone;
  readonly track: TrackId | undefined;
  /** Index of the track's layer; undefined where there is no heatmap. */
  readonly layer: number | undefined;
  /** Undefined beside the text. */
  readonly token: number | undefined;
  /** Place in the layer's arrangement; undefined outside a heatmap's rows. */
  readonly place: number | undefined;
}

/** @param x from the left of the stage, the gutter included */
export function hitTest(stack: Stack, axis: Axis, x: number, y: number, scroll: number): Hit {
  const token = x < stack.gutter ? undefined : tokenAt(axis, x - stack.gutter);
  const { overview, ruler } = stack;
  const at = (zone: Zone, box?: TrackBox, place?: number): Hit => ({
    zone,
    track: box?.id,
    layer: box !== undefined && isHeat(box.track) ? box.track.layer : undefined,
    token,
    place,
  });
  if (y < 0 || y >= stack.viewport) return at('none');
  if (y < overview.top + overview.height) return at('overview');
  if (y < ruler.top + ruler.height) return at('ruler');
  for (const box of y < stack.pinned ? stack.lanes : stack.heats) {
    const offset = y - screenTop(stack, box, scroll);
    if (offset < box.top - box.bodyTop || offset >= box.height + (box.folded ? 0 : GAP)) continue;
    if (offset < 0) return at(headZone(stack, axis, box, x), box);
    if (offset >= box.height) return at('edge', box);
    const place = isHeat(box.track) && rowCount(box.grid) > 0 ? placeAt(box.grid, offset) : undefined;
    // A lane without a heading has its arrow beside it.
    if (box.bodyTop === box.top && x < ARROW_ROOM && offset < HEAD) return at('fold', box);
    return at(x < stack.gutter ? 'gutter' : 'body', box, place);
  }
  return at('none');
}

function headZone(stack: Stack, axis: Axis, box: TrackBox, x: number): Zone {
  if (x < ARROW_ROOM) return 'fold';
  return isHeat(box.track) && !box.folded && x >= stack.gutter + axis.width - LEGEND_ROOM ? 'legend' : 'head';
}
