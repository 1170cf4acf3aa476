/**
 * Lets long work in the worker give way, so that messages (a question, a cancellation) are answered in between. All
 * work of a thread shares one slice of time: ten tiles that are computed at once hold a message up no longer than one.
 */

/** Milliseconds of work between breaths; about what an answer may be late by. */
const SLICE = 15;

/** The same for work that nobody waits for, which also lets all other work go first. */
const LOW_SLICE = 5;

type Resume = () => void;

const waiting: Resume[] = [];
const waitingLow: Resume[] = [];
let since = performance.now();
let turning = false;

/** One piece of work goes on at each turn of the event loop. */
function turn(): void {
  turning = false;
  since = performance.now();
  const resume = waiting.shift() ?? waitingLow.shift();
  resume?.();
  turnLater();
}

function turnLater(): void {
  if (turning || (waiting.length === 0 && waitingLow.length === 0)) return;
  turning = true;
  setImmediate(turn);
}

export class Pacer {
  /** Returns at once while there is time left in this slice, else after other events and other work had their turn. */
  async breathe(low = false): Promise<void> {
    if (performance.now() - since < (low ? LOW_SLICE : SLICE)) return;
    await new Promise<void>((resume) => {
      (low ? waitingLow : waiting).push(resume);
      turnLater();
    });
  }
}
