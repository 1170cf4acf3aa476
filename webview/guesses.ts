/** What was expected after each token in sight: by blocks, the latest wish first, after a moment's rest. */
import type { Guess } from '../src/shared/trace';

/** Each guess costs the worker a pass through the head: small blocks come soon, and are given up soon. */
export const GUESS_BLOCK = 128;
const KEPT = 64;
const PARALLEL = 2;
/** Milliseconds. */
const REST = 60;

interface Block {
  readonly guesses: readonly Guess[];
  /** Tokens before it could be asked for. */
  readonly to: number;
}

export interface GuessStoreOptions {
  readonly fetch: (from: number, to: number) => Promise<readonly Guess[]>;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
  /** Calls `run` after `ms`; a timer, or a test's. */
  readonly later: (run: () => void, ms: number) => void;
}

export class GuessStore {
  readonly #options: GuessStoreOptions;
  /** In order of use: the oldest first. */
  readonly #blocks = new Map<number, Block>();
  readonly #asked = new Set<number>();
  readonly #failed = new Set<number>();
  #wanted: readonly number[] = [];
  #done = 0;
  #waiting = false;
  #generation = 0;

  constructor(options: GuessStoreOptions) {
    this.#options = options;
  }

  /** Forgets everything, as for another trace. */
  clear(): void {
    this.#blocks.clear();
    this.#asked.clear();
    this.#failed.clear();
    this.#wanted = [];
    this.#generation++;
  }

  /** The same text, edited: what is at hand stands in until it was asked for again. */
  succeed(): void {
    const before = [...this.#blocks];
    this.clear();
    for (const [index, { guesses }] of before) this.#blocks.set(index, { guesses, to: 0 });
  }

  /** Guesses at hand after tokens [from, to), in order; what is missing below `done` is asked for, the middle first. */
  range(from: number, to: number, done: number): readonly Guess[] {
    const found: Guess[] = [];
    const missing: number[] = [];
    for (let index = Math.floor(from / GUESS_BLOCK); index * GUESS_BLOCK < to; index++) {
      const end = Math.min(done, (index + 1) * GUESS_BLOCK);
      const block = this.#blocks.get(index);
      const begun = end > index * GUESS_BLOCK;
      if (begun && (block === undefined || block.to < end) && !this.#failed.has(index)) missing.push(index);
      if (block === undefined) continue;
      this.#blocks.delete(index);
      this.#blocks.set(index, block);
      for (const guess of block.guesses) if (guess.token >= from && guess.token < to) found.push(guess);
    }
    const middle = (from + to) / 2 / GUESS_BLOCK - 0.5;
    this.#wanted = missing.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    this.#done = done;
    if (missing.length > 0) this.#rest();
    return found;
  }

  #rest(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#options.later(() => {
      this.#waiting = false;
      this.#pump();
    }, REST);
  }

  #pump(): void {
    for (const index of this.#wanted) {
      if (this.#asked.size >= PARALLEL) return;
      if (!this.#asked.has(index)) this.#ask(index, Math.min(this.#done, (index + 1) * GUESS_BLOCK));
    }
  }

  #ask(index: number, end: number): void {
    const generation = this.#generation;
    this.#asked.add(index);
    this.#options.fetch(index * GUESS_BLOCK, end).then(
      (guesses) => {
        if (generation !== this.#generation) return;
        this.#asked.delete(index);
        this.#blocks.delete(index);
        this.#blocks.set(index, { guesses, to: end });
        const oldest = this.#blocks.keys().next();
        if (this.#blocks.size > KEPT && oldest.done !== true) this.#blocks.delete(oldest.value);
        this.#wanted = this.#wanted.filter((other) => other !== index);
        this.#options.changed();
        this.#pump();
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        this.#asked.delete(index);
        // The same question would fail again at every frame.
        this.#failed.add(index);
        this.#wanted = this.#wanted.filter((other) => other !== index);
        this.#options.failed(error);
        this.#pump();
      },
    );
  }
}
