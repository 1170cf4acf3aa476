'use strict';
/** How two threads keep step. Only a build with shared memory has another thread; elsewhere nobody calls this. */
Object.defineProperty(exports, '__esModule', { value: true });
exports.meet = meet;
/** Looks before the first sleep: some ten microseconds, longer than any step's imbalance. */
const SPINS = 20_000;
/** A sleep, in nanoseconds: the other thread was taken off its processor. */
const SLEEP = 50_000;
/** Sleeps after which the other thread is given up: 20 seconds. */
const MOST_SLEEPS = 400_000;
const LINE = 64;
/**
 * Tells that this part has finished `step` steps, and waits until the other has.
 *
 * @param progress steps that each part has finished, a cache line apart
 * @returns false where the other did not come
 */
function meet(progress, part, step) {
  if (!ASC_FEATURE_THREADS) return false;
  atomic.store(progress + part * LINE, step);
  const theirs = progress + (1 - part) * LINE;
  for (let spin = 0; spin < SPINS; spin++) if (atomic.load(theirs) >= step) return true;
  for (let sleep = 0; sleep < MOST_SLEEPS; sleep++) {
    const seen = atomic.load(theirs);
    if (seen >= step) return true;
    atomic.wait(theirs, seen, SLEEP);
  }
  return false;
}
