/** The minimap's window: where it lies, what of it is taken hold of, and what a drag makes of it. No DOM. */
import { clampAxis, type Axis } from './axis';

export interface OverviewWindow {
  /** In pixels from the left of the plot; a window too narrow to take hold of is drawn wider than it is. */
  readonly left: number;
  readonly width: number;
}

/** `from` and `to`: its edges, which resize it. */
export type OverviewPart = 'from' | 'to' | 'window' | 'outside';

const LEAST = 8;
/** Pixels on either side of an edge that belong to it; edges of a narrow window leave its middle free. */
const EDGE = 4;

export function windowOf(axis: Axis): OverviewWindow {
  const all = axis.width / Math.max(1, axis.tokens);
  const exact = Math.min(axis.width, (axis.width / axis.scale) * all);
  const width = Math.max(LEAST, exact);
  const left = axis.start * all - (width - exact) / 2;
  return { left: Math.max(0, Math.min(axis.width - width, left)), width };
}

export function partAt(axis: Axis, x: number): OverviewPart {
  const { left, width } = windowOf(axis);
  const edge = width >= 6 * EDGE ? EDGE : 1;
  if (x < left - EDGE || x > left + width + EDGE) return 'outside';
  if (x <= left + edge) return 'from';
  return x >= left + width - edge ? 'to' : 'window';
}

const tokenOf = (axis: Axis, x: number): number => (x / axis.width) * axis.tokens;

/** The window with its middle at a pixel of the overview. */
export function centreAt(axis: Axis, x: number): Axis {
  return clampAxis({ ...axis, start: tokenOf(axis, x) - axis.width / axis.scale / 2 });
}

/** The window moved by pixels of the overview. */
export const slideBy = (axis: Axis, dx: number): Axis => clampAxis({ ...axis, start: axis.start + tokenOf(axis, dx) });

/** The window with one edge at a pixel of the overview, the other where it was. */
export function stretchTo(axis: Axis, edge: 'from' | 'to', x: number): Axis {
  const end = axis.start + axis.width / axis.scale;
  const at = Math.max(0, Math.min(axis.tokens, tokenOf(axis, x)));
  const [from, to] = edge === 'from' ? [at, end] : [axis.start, at];
  const span = Math.max(1e-6, to - from);
  const scaled = clampAxis({ ...axis, start: from, scale: axis.width / span });
  // A limit of the scale must not move the edge that is not held.
  return edge === 'from' ? clampAxis({ ...scaled, start: end - axis.width / scaled.scale }) : scaled;
}
