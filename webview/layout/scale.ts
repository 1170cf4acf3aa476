/** How values lie on a colour map: evenly for bounded signals; by asinh for free ones, whose tails may be long. */
import { bend, FREE_KNEE } from '../../src/shared/bytes';
import type { Scale } from '../../src/shared/signals';
import type { ShadeChoice } from '../choices';
import { roundUp } from './numbers';

export interface ValueScale {
  readonly from: number;
  readonly to: number;
  /** Up to about this size values lie evenly, beyond it by powers; undefined: evenly throughout. */
  readonly knee: number | undefined;
}

/** Sizes seen of a signal: the largest, and what all but the largest hundredth stays within. */
export interface Seen {
  readonly peak: number;
  readonly bulk: number;
}

/** A range fixed by hand that is narrower than this many knees is spaced evenly: its values lie close together. */
const NARROW = 8;

/**
 * The scale of a signal. By itself a bounded one has its bounds, a free one reaches, symmetrically, to the largest value
 * seen; clipped, all reach to the bulk of what was seen.
 */
export function scaleOf(scale: Scale, { peak, bulk }: Seen, range?: ShadeChoice['range']): ValueScale {
  const free = scale === 'free';
  if (typeof range === 'object' && isRange(range)) {
    const { from, to } = range;
    return { from, to, knee: free && to - from >= NARROW * FREE_KNEE ? FREE_KNEE : undefined };
  }
  const bounded = scale === 'gate' || scale === 'signed';
  const size = range === 'clip' ? (bulk > 0 ? bulk : peak) : peak;
  const end = bounded && range !== 'clip' ? 1 : bounded ? Math.min(1, roundUp(size)) : roundUp(size);
  const low = scale === 'gate' || scale === 'positive' ? 0 : -end;
  return { from: low, to: end, knee: free ? FREE_KNEE : undefined };
}

/** Whether two numbers can be the ends of a scale. */
export const isRange = ({ from, to }: { readonly from: number; readonly to: number }): boolean =>
  Number.isFinite(from) && Number.isFinite(to) && from < to && Math.max(Math.abs(from), Math.abs(to)) <= 1e9;

/** Where a value lies between the ends of a scale, 0…1; values beyond lie at the ends. */
export function positionOf({ from, to, knee }: ValueScale, value: number): number {
  const [low, high] = [bend(from, knee), bend(to, knee)];
  return Math.max(0, Math.min(1, (bend(value, knee) - low) / (high - low)));
}

/** Powers of ten between the ends of a scale where it is bent, and zero where it is within: what a legend marks. */
export function marksOf({ from, to, knee }: ValueScale): readonly number[] {
  if (knee === undefined) return from < 0 && to > 0 ? [0] : [];
  const marks = [0];
  const reach = Math.max(Math.abs(from), Math.abs(to));
  for (let power = 1; power < reach * 0.6; power *= 10) marks.push(power, -power);
  return marks.filter((mark) => mark >= from && mark <= to);
}
