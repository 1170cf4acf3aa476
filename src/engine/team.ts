/** How an engine shares a layer with another thread; who that is, and how it is woken, is the caller's (src/worker). */

import type { LayerRun } from './kernels';

export interface Team {
  /** Lets the other thread run `runLayer` with these arguments, and part 1. */
  start(run: LayerRun): void;
  /** Returns when it has. @throws internal when it does not come */
  finish(): void;
}

/** Windows after which the slower way is tried again: the machine may be busier, or idler, by now. */
const PROBE_EVERY = 32;
/** Windows of each way that are remembered. Their median counts: now and then a thread is taken off its processor. */
const REMEMBERED = 5;

/** Chooses between two ways of doing the same, by how long they took of late. */
export class Choice {
  /** Milliseconds a step of the last windows, newest last. The first of each is cold, and does not stay long. */
  private readonly costs: readonly [alone: number[], together: number[]] = [[], []];
  private since = 0;

  /** @param always together, whatever it takes */
  constructor(private readonly always: boolean) {}

  /** @returns whether the next window is run together */
  next(): boolean {
    if (this.always) return true;
    const [alone, together] = this.costs;
    if (alone.length < REMEMBERED || together.length < REMEMBERED) return together.length < alone.length;
    const better = median(together) < median(alone);
    this.since = (this.since + 1) % PROBE_EVERY;
    return this.since === 0 ? !better : better;
  }

  /** @param cost milliseconds a step */
  took(together: boolean, cost: number): void {
    const costs = this.costs[together ? 1 : 0];
    costs.push(cost);
    if (costs.length > REMEMBERED) costs.shift();
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity;
