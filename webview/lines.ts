/** Where lines begin along the axis: asked for by stretches that hold what is in sight, after a moment's rest. */
import type { Lines } from '../src/shared/trace';

/** Most lines of a stretch: more than any screen has room for. */
const MOST = 400;
/** A stretch is asked for once it has been in sight this long, in milliseconds: zooming passes through many. */
const REST = 90;
const KEPT = 12;
const NONE: Lines = { tokens: new Int32Array(), numbers: new Int32Array(), total: 0 };

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly key: string;
}

interface Held extends Stretch {
  readonly lines: Lines;
}

export interface LineStoreOptions {
  readonly fetch: (from: number, to: number, most: number) => Promise<Lines>;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
  /** Calls `run` after `ms`; a timer, or a test's. */
  readonly later: (run: () => void, ms: number) => void;
}

/**
 * The stretch of tokens that is asked for: twice the power of two that the sight fits into, from a multiple of it, so that
 * panning by a screen rarely needs another.
 */
export function stretchOf(from: number, to: number, tokens: number): Stretch {
  const span = 2 ** Math.ceil(Math.log2(Math.max(64, to - from)));
  const index = Math.floor(Math.max(0, from) / span);
  const start = index * span;
  return {
    from: start,
    to: Math.min(tokens, start + 2 * span),
    key: `${String(span)}/${String(index)}/${String(tokens)}`,
  };
}

export class LineStore {
  readonly #options: LineStoreOptions;
  /** In order of use: the oldest first. */
  readonly #held = new Map<string, Held>();
  readonly #asked = new Set<string>();
  #wanted: Stretch | undefined;
  #waiting = false;
  #generation = 0;

  constructor(options: LineStoreOptions) {
    this.#options = options;
  }

  /** Forgets everything, as for another text. */
  clear(): void {
    this.#held.clear();
    this.#asked.clear();
    this.#wanted = undefined;
    this.#generation++;
  }

  /** The same text, edited: what is at hand stands in until it was asked for again. */
  succeed(): void {
    this.#asked.clear();
    this.#wanted = undefined;
    this.#generation++;
  }

  /** Beginnings of lines at hand about tokens [from, to) of a text of so many: those of another stretch meanwhile. */
  range(from: number, to: number, tokens: number): Lines {
    if (tokens === 0) return NONE;
    const plain = stretchOf(from, to, tokens);
    const stretch = { ...plain, key: `${plain.key}/${String(this.#generation)}` };
    const held = this.#held.get(stretch.key);
    if (held !== undefined) {
      this.#wanted = undefined;
      this.#held.delete(stretch.key);
      this.#held.set(stretch.key, held);
      return held.lines;
    }
    this.#want(stretch);
    const near = [...this.#held.values()].filter((other) => other.from < to && other.to > from);
    return (near.find((other) => other.from <= from && other.to >= to) ?? near.at(-1))?.lines ?? NONE;
  }

  #want(stretch: Stretch): void {
    if (this.#asked.has(stretch.key)) return;
    this.#wanted = stretch;
    if (this.#waiting) return;
    this.#waiting = true;
    this.#rest(stretch);
  }

  /** Asks once the same stretch was wanted for a while. */
  #rest(before: Stretch): void {
    this.#options.later(() => {
      const wanted = this.#wanted;
      if (wanted !== undefined && wanted.key !== before.key) {
        this.#rest(wanted);
        return;
      }
      this.#waiting = false;
      if (wanted !== undefined && !this.#asked.has(wanted.key)) this.#ask(wanted);
    }, REST);
  }

  #ask(stretch: Stretch): void {
    const generation = this.#generation;
    this.#asked.add(stretch.key);
    this.#options.fetch(stretch.from, stretch.to, MOST).then(
      (lines) => {
        if (generation !== this.#generation) return;
        this.#asked.delete(stretch.key);
        this.#held.set(stretch.key, { ...stretch, lines });
        const oldest = this.#held.keys().next();
        if (this.#held.size > KEPT && oldest.done !== true) this.#held.delete(oldest.value);
        this.#options.changed();
      },
      (error: unknown) => {
        // Left among those asked for: the same question would fail again at every frame.
        if (generation === this.#generation) this.#options.failed(error);
      },
    );
  }
}
