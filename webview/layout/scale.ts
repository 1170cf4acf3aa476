/** How values lie on a colour map: evenly for bounded signals; by asinh for free ones, whose tails may be long. */
import type { Scale } from '../../src/shared/signals';
import type { ViewTile } from '../../src/shared/viewApi';
import { roundUp } from './numbers';

export interface ValueScale {
  readonly from: number;
  readonly to: number;
  /** Up to about this size values lie evenly, beyond it by powers; undefined: evenly throughout. */
  readonly knee: number | undefined;
}

/**
 * A cell state matters most around ±1: the cell shows tanh(c), which hardly changes beyond ±3. But a unit that counts
 * may reach hundreds, and on an even scale its neighbours would all look like zero.
 */
const KNEE = 1;

/** The scale of a signal; a free one reaches, symmetrically, to the largest value seen. */
export function scaleOf(scale: Scale, peak: number): ValueScale {
  if (scale === 'gate') return { from: 0, to: 1, knee: undefined };
  if (scale === 'signed') return { from: -1, to: 1, knee: undefined };
  if (scale === 'positive') return { from: 0, to: roundUp(peak), knee: undefined };
  const end = roundUp(peak);
  return { from: -end, to: end, knee: KNEE };
}

const bend = (value: number, knee: number | undefined): number =>
  knee === undefined ? value : knee * Math.asinh(value / knee);

const unbend = (value: number, knee: number | undefined): number =>
  knee === undefined ? value : knee * Math.sinh(value / knee);

/** Where a value lies between the ends of a scale, 0…1; values beyond lie at the ends. */
export function positionOf({ from, to, knee }: ValueScale, value: number): number {
  const [low, high] = [bend(from, knee), bend(to, knee)];
  return Math.max(0, Math.min(1, (bend(value, knee) - low) / (high - low)));
}

/** Powers of ten between the ends of a bent scale, and zero: what a legend marks. */
export function marksOf({ from, to, knee }: ValueScale): readonly number[] {
  if (knee === undefined) return from < 0 ? [0] : [];
  const marks = [0];
  for (let power = 1; power < to * 0.6; power *= 10) marks.push(power, -power);
  return marks.filter((mark) => mark >= from && mark <= to);
}

/** The value that a tile's byte stands for. */
export function tileValue({ lo, hi, knee }: Pick<ViewTile, 'lo' | 'hi' | 'knee'>, q: number): number {
  const [low, high] = [bend(lo, knee), bend(hi, knee)];
  const step = (high - low) / 255;
  const value = low + q * step;
  // On a range around zero no byte is zero: the two beside it are.
  return low < 0 && Math.abs(value) <= 0.5001 * step ? 0 : unbend(value, knee);
}
