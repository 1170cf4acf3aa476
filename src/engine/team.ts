/** How an engine shares a layer with another thread; who that is, and how it is woken, is the caller's (src/worker). */

import type { LayerRun } from './kernels';

export interface Team {
  /** Lets the other thread run `runLayer` with these arguments, and part 1. */
  start(run: LayerRun): void;
  /** Returns when it has. @throws internal when it does not come */
  finish(): void;
}

/** Windows after which the slower way is tried again: the machine may be busier, or idler, by now. */
const PROBE_EVERY = 64;
/** The first of each are not counted: code and memory are cold. */
const COLD = 1;
const TRIES = 3;

/** Chooses between two ways of doing the same, by how long they took. */
export class Choice {
  private readonly best: [alone: number, together: number] = [Infinity, Infinity];
  private readonly runs: [alone: number, together: number] = [0, 0];
  private since = 0;

  /** @param always together, whatever it takes */
  constructor(private readonly always: boolean) {}

  /** @returns whether the next window is run together */
  next(): boolean {
    if (this.always) return true;
    const [alone, together] = this.runs;
    if (alone < COLD + TRIES || together < COLD + TRIES) return together < alone;
    const better = this.best[1] < this.best[0];
    if (++this.since < PROBE_EVERY) return better;
    this.since = 0;
    // What was measured long ago counts no more.
    this.best[better ? 0 : 1] = Infinity;
    return !better;
  }

  /** @param cost milliseconds a step */
  took(together: boolean, cost: number): void {
    const way = together ? 1 : 0;
    // The better way's figure follows the machine slowly, so that one lucky window does not settle it for good.
    const before = this.best[way] === Infinity ? cost : this.best[way] * 1.02;
    if (this.runs[way]++ >= COLD) this.best[way] = Math.min(before, cost);
  }
}
