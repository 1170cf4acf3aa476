/** The loss of each token as a measure. The first token has none. */
import { findColumn } from '../engine/layout';
import { GatescopeError } from '../shared/errors';
import type { Breathe } from '../text/tracedText';
import { decode } from './bfloat';
import { atMost, blocksOf, isKnown, isShort, sampled, type Measure, type Usual } from './measure';
import type { Trace } from './trace';

/** Blocks between breaths. */
const BREATH_BLOCKS = 2 ** 14;

/**
 * How many standard deviations the range of 2^k independent values spans on average (of a normal distribution; those of
 * an exponential one, which losses resemble more, are a tenth less to a quarter more).
 */
const RANGES = [
  0, 1.13, 2.06, 2.85, 3.53, 4.14, 4.69, 5.19, 5.65, 6.09, 6.5, 6.88, 7.25, 7.6, 7.94, 8.27, 8.58, 8.89, 9.18, 9.47,
  9.74, 10.02, 10.28, 10.54, 10.79,
];

/** @throws bad-request where the model predicts no token */
export function lossOf(trace: Trace): Measure {
  const { layout, base } = trace;
  const { offset } = findColumn(layout, -1, 'loss') ?? none();

  const values: Measure['values'] = (window) =>
    trace.read(window, ({ records, tokens }) =>
      Float64Array.from({ length: tokens }, (_, t) =>
        window === 0 && t === 0 ? NaN : (records[t * layout.width + offset] ?? NaN),
      ),
    );

  return {
    values,
    bound(window) {
      const [first, last] = blocksOf(trace, window);
      let most = -Infinity;
      for (let block = first; block <= last; block++) {
        if (!isKnown(trace, block)) return Infinity;
        most = Math.max(most, atMost(base.max[block * base.width + offset] ?? NaN));
      }
      return most;
    },
    usual: (breathe) => (isShort(trace) ? sampled(trace, values, breathe) : fromSummary(trace, offset, breathe)),
  };
}

/**
 * Estimated from means and ranges of the resident blocks: the variance of their means, and within them that which their
 * range tells. Looking at each loss would take as long as tracing.
 */
async function fromSummary({ base }: Trace, offset: number, breathe: Breathe): Promise<Usual> {
  const { blocks, width, level } = base;
  let [count, mean, squares, ranges] = [0, 0, 0, 0];
  for (let block = 0; block < blocks; block++) {
    if (block % BREATH_BLOCKS === 0) await breathe();
    const at = block * width + offset;
    const [low, middle, high] = [base.min, base.mean, base.max].map((part) => decode(part[at] ?? NaN));
    if (low === undefined || middle === undefined || high === undefined || !Number.isFinite(low + middle + high))
      continue;
    const off = middle - mean;
    mean += off / ++count;
    squares += off * (middle - mean);
    ranges += high - low;
  }
  const tokens = 2 ** level;
  const within = ranges / count / (RANGES[level] ?? RANGES.at(-1) ?? 1);
  return { mean, deviation: Math.sqrt(squares / count + (within ** 2 * (tokens - 1)) / tokens) };
}

const none = (): never => {
  throw new GatescopeError('bad-request', 'The model predicts no next token: there is no loss to go by. Go by change.');
};
