/** Lets long work in the worker give way, so that messages (a question, a cancellation) are answered in between. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work between breaths; half of what an answer may be late by. */
const SLICE = 15;

export class Pacer {
  private since = performance.now();

  /** Returns at once while there is time left in this slice, else after other events had their turn. */
  async breathe(): Promise<void> {
    if (performance.now() - this.since < SLICE) return;
    await setImmediate();
    this.since = performance.now();
  }
}
