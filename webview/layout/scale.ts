/** How values lie on a colour map: evenly for bounded signals; by asinh for free ones, whose tails may be long. */
import { bend, FREE_KNEE } from '../../src/shared/bytes';
import type { Scale } from '../../src/shared/signals';
import { roundUp } from './numbers';

export interface ValueScale {
  readonly from: number;
  readonly to: number;
  /** Up to about this size values lie evenly, beyond it by powers; undefined: evenly throughout. */
  readonly knee: number | undefined;
}

/** The scale of a signal; a free one reaches, symmetrically, to the largest value seen. */
export function scaleOf(scale: Scale, peak: number): ValueScale {
  if (scale === 'gate') return { from: 0, to: 1, knee: undefined };
  if (scale === 'signed') return { from: -1, to: 1, knee: undefined };
  if (scale === 'positive') return { from: 0, to: roundUp(peak), knee: undefined };
  const end = roundUp(peak);
  return { from: -end, to: end, knee: FREE_KNEE };
}

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
