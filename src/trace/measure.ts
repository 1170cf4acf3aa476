/** A number of every token by which one may stand out, and what can be said of it without looking at each. */
import { WINDOW_TOKENS } from '../engine/engine';
import type { Breathe } from '../text/tracedText';
import { decode } from './bfloat';
import type { Trace } from './trace';

/** The mean of a measure and its standard deviation. */
export interface Usual {
  readonly mean: number;
  readonly deviation: number;
}

export interface Measure {
  /** Of a window's tokens [tokens]; NaN where a token has none. */
  values(window: number): Promise<Float64Array>;
  /** No value of a window is greater; Infinity or NaN where the summary does not say. */
  bound(window: number): number;
}

/** Windows that tell what is usual. */
const SAMPLED = 32;

/**
 * What is usual in SAMPLED windows, spread evenly over what is traced; in all of them where they are fewer. Tried instead:
 * means and ranges of the resident blocks. A few spikes, of which long blocks tell nothing but the greatest, made the
 * deviation twice what it is.
 */
export async function usualIn(trace: Trace, measure: Measure, breathe: Breathe): Promise<Usual> {
  const windows = Math.ceil(trace.done / WINDOW_TOKENS);
  const taken = Math.min(windows, SAMPLED);
  let [count, mean, squares] = [0, 0, 0];
  for (let k = 0; k < taken; k++) {
    for (const value of await measure.values(Math.floor((k * windows) / taken))) {
      if (!Number.isFinite(value)) continue;
      // Welford's way: differences of large sums would lose what is small.
      const off = value - mean;
      mean += off / ++count;
      squares += off * (value - mean);
    }
    await breathe();
  }
  return { mean, deviation: Math.sqrt(squares / count) };
}

/** Whether a block of the resident summary is this text's, whole or at the end of what is traced. */
export const isKnown = ({ base }: Trace, block: number): boolean => block >= 0 && block < base.blocks;

/** The blocks of the resident summary that touch a window, from the first to the last. */
export function blocksOf({ base, done }: Trace, window: number): readonly [number, number] {
  const blockTokens = 2 ** base.level;
  const end = Math.min(done, (window + 1) * WINDOW_TOKENS);
  return [Math.floor((window * WINDOW_TOKENS) / blockTokens), Math.floor((end - 1) / blockTokens)];
}

/** A summary rounds to 8 bits: its least and greatest values may be beyond what it says by half a unit of the last. */
export const atMost = (word: number): number => {
  const value = decode(word);
  return value + Math.abs(value) * 2 ** -8;
};

export const atLeast = (word: number): number => {
  const value = decode(word);
  return value - Math.abs(value) * 2 ** -8;
};
