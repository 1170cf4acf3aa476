/**
 * The states that a trace kept: where a window is computed again from, and what an edited text is compared with. They
 * lie in stretches. Within one, running from any state over the text gives the next; between two, an edit has been.
 */

/** A state before the token `at`, and the sum of the losses before it. */
export interface Cursor {
  at: number;
  readonly state: Float32Array;
  loss: number;
  /** Of the window that `at` is within, the greatest loss so far, where all of it up to `at` was run. */
  greatest?: number;
}

/** A kept state; `at` and `loss` as they were when it was computed. */
interface Checkpoint {
  readonly at: number;
  readonly loss: number;
  readonly slab: Float32Array;
  readonly row: number;
}

interface Stretch {
  readonly points: readonly Checkpoint[];
  /** What edits added to every `at` and `loss` since. */
  readonly shift: number;
  readonly lossShift: number;
}

/** States are allocated by so many bytes: one by one, each would cost an object more. */
const SLAB_BYTES = 65_536;

/** More stretches are put together, so that a state is found fast after any number of edits. */
const MOST_STRETCHES = 32;

export class Checkpoints {
  /** What the text as it is gives, in order; the last is being added to. */
  private readonly known: Stretch[] = [];
  /** What an earlier text gave for what follows; it holds again once the states are equal again. */
  private pending: Stretch[] = [];
  private last: Checkpoint[] = [];
  private slab = new Float32Array(0);
  private row = 0;

  constructor(
    private readonly stateSize: number,
    /** Tokens between two states. */
    private readonly every: number,
  ) {
    this.known.push({ points: this.last, shift: 0, lossShift: 0 });
  }

  /** Keeps a state of the first pass, unless it keeps one that is near enough. */
  offer({ at, state, loss }: Cursor): void {
    const latest = this.known.at(-1);
    const point = latest?.points.at(-1);
    if (latest && point && at < point.at + latest.shift + this.every) return;
    if (this.last !== this.known.at(-1)?.points) {
      this.last = [];
      this.known.push({ points: this.last, shift: 0, lossShift: 0 });
    }
    this.last.push(this.keep(at, state, loss));
  }

  /** A copy of the last state before a token. */
  before(token: number): Cursor {
    for (let s = this.known.length - 1; s >= 0; s--) {
      const stretch = this.known[s];
      const k = stretch ? lastUpTo(stretch, token) : -1;
      const point = stretch?.points[k];
      if (stretch && point) return this.cursor(stretch, point);
    }
    return { at: 0, state: new Float32Array(this.stateSize), loss: 0 };
  }

  /**
   * Whether an earlier text's states hold from here on: looks at those behind `from` and up to `to`.
   *
   * @param probe the sum of the losses before the token `at`, where the text as it is has there the state that lies in
   *   `slab` from `start` on, bit for bit; else undefined
   * @returns the end of what is known then, where it is behind `to`
   */
  meet(
    from: number,
    to: number,
    probe: (at: number, slab: Float32Array, start: number) => number | undefined,
  ): Cursor | undefined {
    for (let stretch = this.pending[0]; stretch !== undefined; stretch = this.pending[0]) {
      for (let k = lastUpTo(stretch, from) + 1; k < stretch.points.length; k++) {
        const point = stretch.points[k];
        if (point === undefined || point.at + stretch.shift > to) return undefined;
        const loss = probe(point.at + stretch.shift, point.slab, point.row * this.stateSize);
        if (loss !== undefined) {
          const end = this.adopt(stretch, k, loss);
          if (end.at <= to) break;
          this.pending.shift();
          return end;
        }
      }
      // All of it is behind; the next may begin within the same steps.
      this.pending.shift();
    }
    return undefined;
  }

  /**
   * The states of a text that was edited: those before the edit are known, those behind it are pending.
   *
   * @param front where the earlier text's trace stood
   * @param same tokens at the start that both texts have
   * @param from first token of the earlier text that the new one has too, up to the end
   * @param grown tokens that the new text has more
   * @param every tokens between two states from now on
   */
  edited(front: Cursor, same: number, from: number, grown: number, every: number): Checkpoints {
    const next = new Checkpoints(this.stateSize, every);
    const end: Stretch = { points: [this.keep(front.at, front.state, front.loss)], shift: 0, lossShift: 0 };
    const known = joined([...this.known, end]);
    const keepIn = (list: Stretch[], stretch: Stretch): void => {
      if (stretch.points.length > 0) list.push(stretch);
    };
    next.known.length = 0;
    for (const stretch of known) keepIn(next.known, upTo(stretch, same));
    for (const stretch of this.pending) keepIn(next.pending, upTo(stretch, same));
    // What is known follows from itself through all its stretches: as pending it is one.
    const behind = known.map((stretch) => behindOf(stretch, from, grown)).filter(({ points }) => points.length > 0);
    keepIn(next.pending, together(behind));
    for (const stretch of this.pending) keepIn(next.pending, behindOf(stretch, from, grown));
    return next;
  }

  private adopt(stretch: Stretch, k: number, loss: number): Cursor {
    const point = stretch.points[k];
    const lossShift = loss - (point?.loss ?? 0);
    const adopted = { points: stretch.points.slice(k), shift: stretch.shift, lossShift };
    this.known.push(adopted);
    if (this.known.length > MOST_STRETCHES) this.known.splice(0, this.known.length, together(this.known));
    const last = adopted.points.at(-1);
    return last ? this.cursor(adopted, last) : this.before(Infinity);
  }

  private cursor({ shift, lossShift }: Stretch, { at, loss, slab, row }: Checkpoint): Cursor {
    const state = slab.slice(row * this.stateSize, (row + 1) * this.stateSize);
    return { at: at + shift, state, loss: loss + lossShift };
  }

  private keep(at: number, state: Float32Array, loss: number): Checkpoint {
    if ((this.row + 1) * this.stateSize > this.slab.length) {
      const rows = Math.max(1, Math.floor(SLAB_BYTES / state.byteLength));
      this.slab = new Float32Array(rows * this.stateSize);
      this.row = 0;
    }
    this.slab.set(state, this.row * this.stateSize);
    return { at, loss, slab: this.slab, row: this.row++ };
  }
}

/** The last point of a stretch at or before a token; -1 where there is none. */
function lastUpTo({ points, shift }: Stretch, token: number): number {
  let low = -1;
  let high = points.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.at ?? 0) + shift <= token) low = middle;
    else high = middle;
  }
  return low;
}

const upTo = (stretch: Stretch, token: number): Stretch => ({
  ...stretch,
  points: stretch.points.slice(0, lastUpTo(stretch, token) + 1),
});

const behindOf = (stretch: Stretch, from: number, grown: number): Stretch => ({
  ...stretch,
  points: stretch.points.slice(lastUpTo(stretch, from - 1) + 1),
  shift: stretch.shift + grown,
});

/** Stretches that follow each other as one. */
function together(stretches: readonly Stretch[]): Stretch {
  const [only] = stretches;
  if (only !== undefined && stretches.length === 1) return only;
  const points = stretches.flatMap(({ points, shift, lossShift }) =>
    points.map((point) => ({ ...point, at: point.at + shift, loss: point.loss + lossShift })),
  );
  return { points, shift: 0, lossShift: 0 };
}

const joined = (stretches: readonly Stretch[]): readonly Stretch[] =>
  stretches.length > MOST_STRETCHES ? [together(stretches)] : stretches;
