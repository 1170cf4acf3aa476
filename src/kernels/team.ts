/** How two threads keep step. Only a build with shared memory has another thread; elsewhere nobody calls this. */

/** Looks before the first sleep: about a tenth of a millisecond. With a tenth of that, sleeps were most of the time. */
const SPINS: i32 = 200_000;
/** A sleep, in nanoseconds: the other thread was taken off its processor. */
const SLEEP: i64 = 50_000;
/** Sleeps after which the other thread is given up: 20 seconds. */
const MOST_SLEEPS: i32 = 400_000;
const LINE: usize = 64;

/**
 * Tells that this part has finished `step` steps, and waits until the other has.
 *
 * @param progress steps that each part has finished, a cache line apart
 * @returns false where the other did not come
 */
export function meet(progress: usize, part: i32, step: i32): bool {
  if (!ASC_FEATURE_THREADS) return false;
  atomic.store<i32>(progress + <usize>part * LINE, step);
  const theirs = progress + <usize>(1 - part) * LINE;
  for (let spin = 0; spin < SPINS; spin++) if (atomic.load<i32>(theirs) >= step) return true;
  for (let sleep = 0; sleep < MOST_SLEEPS; sleep++) {
    const seen = atomic.load<i32>(theirs);
    if (seen >= step) return true;
    atomic.wait<i32>(theirs, seen, SLEEP);
  }
  return false;
}
