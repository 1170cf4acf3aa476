/** The loss of each token as a measure. The first token has none. */
import { findColumn } from '../engine/layout';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import { atMost, blocksOf, isKnown, type Measure } from './measure';
import type { Trace } from './trace';

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
      const greatest = trace.greatestLoss(window);
      if (!Number.isNaN(greatest)) return greatest;
      const [first, last] = blocksOf(trace, window);
      let most = -Infinity;
      for (let block = first; block <= last; block++) {
        if (!isKnown(trace, block)) return Infinity;
        most = Math.max(most, atMost(base.max[block * base.width + offset] ?? NaN));
      }
      return most;
    },
  };
}

const none = (): never => {
  throw new GatescopeError(
    'bad-request',
    say`The model predicts no next token: there is no loss to go by. Go by change.`,
  );
};
