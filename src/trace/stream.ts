/**
 * The trace of a network that streams over tokens. The first pass keeps a checkpoint of the state every so many tokens
 * and a summary of every signal by blocks; exact records and finer summaries are computed again from the checkpoint
 * before them when they are looked at, bit for bit as in the first pass.
 *
 * An edited text gives a new trace, which begins at the checkpoint before the edit. Where its state becomes equal, bit
 * for bit, to that which the earlier text had at the same place of what follows, all of the earlier text's checkpoints
 * behind it hold, and every window is known at once. Only the resident summary is not: its blocks are cut otherwise
 * in a text of another length. They are computed again, after everything else; until then those of the earlier text
 * stand in for them, shifted by whole blocks, and tiles that show them are not final.
 */
import { WINDOW_TOKENS, type Engine } from '../engine/engine';
import { findColumn, type RecordLayout } from '../engine/layout';
import { firstNonFiniteRecord } from '../engine/nonFinite';
import type { TokenIds } from '../shared/tokens';
import { TILE_COLUMNS, type Fault, type TraceState } from '../shared/trace';
import { Checkpoints, type Cursor } from './checkpoints';
import { Losses } from './losses';
import { Pacer } from './pacer';
import { plan, type Plan } from './plan';
import { Summary } from './summary';
import { notTraced, type Trace, type Window } from './trace';
import { Windows, type Chunk, type Pieces } from './windows';

/**
 * Tokens that are traced after an edit before the summary catches up: what is in sight comes first. Beyond them the
 * model hardly forgets the edit, and tracing and summarising in one go is cheaper than one after the other.
 */
const CATCH_UP = 64 * WINDOW_TOKENS;

/** Products of a piece of a window, about: a large network takes 15 ms for them. */
const PIECE_PRODUCTS = 2 ** 29;

/**
 * Tokens that are run at once: a window, or of a large network as much as it takes for messages to be let in about as
 * often. A record's share of a layer times its units is about what a step multiplies there.
 */
export function pieceOf({ columns }: RecordLayout): number {
  const products = columns.reduce((sum, { layer, units }) => sum + (layer < 0 ? 0 : units * units), 0);
  const most = 2 ** Math.floor(Math.log2(PIECE_PRODUCTS / products));
  return Math.max(8, Math.min(WINDOW_TOKENS, most));
}

/** What an edited text keeps of the earlier one's trace. */
interface Kept {
  readonly checkpoints: Checkpoints;
  readonly base: Summary;
  readonly losses: Losses;
  readonly fault: Fault | undefined;
}

export class StreamTrace implements Trace {
  readonly layout: RecordLayout;
  readonly base: Summary;
  state: TraceState = 'running';
  /** Grows by whole windows: what is within one is not looked at before all of it can be. */
  done: number;
  fault: Fault | undefined;
  private readonly plan: Plan;
  private readonly checkpoints: Checkpoints;
  private readonly windows: Windows;
  private readonly lossOffset: number | undefined;
  private readonly losses: Losses;
  /** Where each part of a state lies in a record, in the order of Engine.stateSize. */
  private readonly stateParts: readonly { readonly offset: number; readonly units: number }[];
  /** Where the first pass is. */
  private readonly front: Cursor;
  /** Where the summary is, as long as it is behind. */
  private tail: Cursor | undefined;
  /** The window that the first pass is within, if it is kept. */
  private keeping: Pieces | undefined;
  /** Where the first pass began, after an edit; undefined where it has jumped since. */
  private restart: number | undefined;

  /**
   * @param tokens ids below `engine.vocab`, at least one
   * @param memory bytes that this trace may keep, its tokens included
   * @param kept for an edited text
   * @param piece tokens that are run at once, a power of two
   */
  constructor(
    readonly engine: Engine,
    readonly tokens: TokenIds,
    private readonly memory: number,
    kept?: (plan: Plan) => Kept,
    private readonly piece = pieceOf(engine.layout),
  ) {
    this.layout = engine.layout;
    const { width } = this.layout;
    this.plan = plan(tokens.length, width, engine.stateSize, memory, tokens.byteLength);
    const { baseLevel, checkpointTokens, cacheBytes } = this.plan;
    const known = kept?.(this.plan);
    this.checkpoints = known?.checkpoints ?? new Checkpoints(engine.stateSize, checkpointTokens);
    this.base = known?.base ?? new Summary(width, baseLevel, Math.ceil(tokens.length / 2 ** baseLevel));
    this.losses = known?.losses ?? new Losses(tokens.length);
    this.fault = known?.fault;
    this.front = this.checkpoints.before(Infinity);
    this.done = this.front.at;
    if (known) {
      this.restart = this.front.at;
      this.tail = this.checkpoints.before(this.base.tokens);
    }
    this.windows = new Windows(width, tokens.length, cacheBytes);
    this.lossOffset = findColumn(this.layout, -1, 'loss')?.offset;
    this.stateParts = stateParts(this.layout);
    this.finish();
  }

  get derivedBytes(): number {
    return this.plan.derivedBytes;
  }

  get length(): number {
    return this.tokens.length;
  }

  get settled(): number {
    return this.tail === undefined ? this.done : Math.min(this.done, this.base.tokens);
  }

  get share(): number {
    return this.done / this.length;
  }

  get meanLoss(): number | undefined {
    return this.lossOffset === undefined || this.front.at < 2 ? undefined : this.front.loss / (this.front.at - 1);
  }

  advance(): boolean {
    if (this.windows.closed) return false;
    const gone = this.restart === undefined ? 0 : this.front.at - this.restart;
    const late = gone >= CATCH_UP && this.front.at > this.base.tokens;
    // The first window in one go: what it shows is waited for.
    const none = this.done === 0;
    if (this.state === 'running' && !(late && this.tail)) {
      do this.step();
      while (none && this.done === 0);
    } else if (this.tail) this.settle(this.tail);
    return this.state === 'running' || this.tail !== undefined;
  }

  stop(): void {
    if (this.state !== 'running') return;
    this.state = 'stopped';
    this.done = this.front.at;
    if (!this.tail) this.base.end();
  }

  close(): void {
    this.stop();
    this.windows.close();
  }

  /**
   * The trace of another text by the same engine, which keeps of this one what holds for it. This one stays as it is.
   */
  edited(tokens: TokenIds): StreamTrace {
    const { head, tail } = sameTokenEnds(this.tokens, tokens);
    const keep = ({ baseLevel, checkpointTokens }: Plan): Kept => {
      const grown = tokens.length - this.length;
      const base = new Summary(this.layout.width, baseLevel, Math.ceil(tokens.length / 2 ** baseLevel));
      if (baseLevel === this.base.level) base.inherit(this.base, head, grown);
      const fault = this.fault && this.fault.token < base.tokens ? this.fault : undefined;
      const losses = new Losses(tokens.length);
      losses.inherit(this.losses, head);
      const from = this.length - tail;
      return {
        checkpoints: this.checkpoints.edited(this.front, head, from, grown, checkpointTokens),
        base,
        losses,
        fault,
      };
    };
    return new StreamTrace(this.engine, tokens, this.memory, keep, this.piece);
  }

  async read<T>(index: number, visit: (window: Window) => T): Promise<T> {
    const from = index * WINDOW_TOKENS;
    if (!(index >= 0 && from < this.done)) throw notTraced(from, this.done);
    return this.windows.read(index, visit, (found) => this.recompute(index, found));
  }

  async summary(level: number, index: number): Promise<{ readonly summary: Summary; readonly first: number }> {
    const { baseLevel } = this.plan;
    if (level >= baseLevel) return { summary: this.base, first: index * TILE_COLUMNS * 2 ** (level - baseLevel) };
    const chunk = await this.windows.once(level, index, () => this.extend(level, index));
    return { summary: chunk.summary, first: 0 };
  }

  greatestLoss(window: number): number {
    return this.losses.greatest(window);
  }

  memoryAtDone(_layer: number, units: number): Float32Array {
    return new Float32Array(units);
  }

  async outputs(token: number): Promise<Float32Array> {
    return this.engine.predict(await this.stateAfter(token));
  }

  /** The state after a token, taken from its record. */
  private stateAfter(token: number): Promise<Float32Array> {
    return this.read(Math.floor(token / WINDOW_TOKENS), ({ records }) => {
      const state = new Float32Array(this.engine.stateSize);
      const row = (token % WINDOW_TOKENS) * this.layout.width;
      let at = 0;
      for (const { offset, units } of this.stateParts) {
        state.set(records.subarray(row + offset, row + offset + units), at);
        at += units;
      }
      return state;
    });
  }

  /** The first pass over the next piece of a window, or over what is left of it. */
  private step(): void {
    const { front } = this;
    const from = front.at;
    this.checkpoints.offer(front);
    const records = this.run(front);
    // The start of a text is looked at first: keep what fits, but drop nothing for what may never be looked at.
    if (from % WINDOW_TOKENS === 0) this.keeping = this.windows.roomy ? this.windows.begin() : undefined;
    this.keeping?.add(records);
    if (this.endsWindow(front)) {
      this.keeping?.keep(Math.floor(from / WINDOW_TOKENS), front.state);
      this.keeping = undefined;
      this.done = front.at;
    }
    if (this.tail === undefined) this.summarise(records, from);
    const end = this.meet(records, from);
    if (end !== undefined) {
      this.tail ??= { ...front, state: front.state.slice() };
      this.restart = undefined;
      this.keeping = undefined;
      front.greatest = NaN;
      front.state.set(end.state);
      front.at = end.at;
      front.loss = end.loss;
      this.done = front.at;
    }
    this.finish();
  }

  private finish(): void {
    if (this.front.at < this.length || this.state !== 'running') return;
    this.state = 'done';
    if (this.tail === undefined) this.base.end();
  }

  /** The summary of the next piece that lacks it. */
  private settle(tail: Cursor): void {
    const from = tail.at;
    // A checkpoint may lie before the first block: those steps only bring the state there.
    const records = this.run(tail, from < this.base.tokens ? Math.min(this.front.at, this.base.tokens) : this.front.at);
    if (from >= this.base.tokens) this.summarise(records, from);
    if (tail.at < this.front.at) return;
    this.tail = undefined;
    this.front.loss = tail.loss;
    if (this.state !== 'running') this.base.end();
  }

  /** Runs a piece, to the end of a window at most, and moves the cursor there. @returns the records, valid until the next run */
  private run(cursor: Cursor, end = this.length): Float32Array {
    const from = cursor.at;
    const to = Math.min(end, (Math.floor(from / this.piece) + 1) * this.piece);
    const records = this.engine.run(this.tokens.subarray(from, to), cursor.state);
    this.addLoss(cursor, records, to);
    cursor.at = to;
    return records;
  }

  private endsWindow({ at }: Cursor): boolean {
    return at % WINDOW_TOKENS === 0 || at === this.length;
  }

  private summarise(records: Float32Array, from: number): void {
    const finite = this.base.add(this.engine, records.length / this.layout.width);
    if (!finite) this.fault ??= faultIn(this.layout, records, from);
  }

  /** @param records of tokens [from, front.at) @returns the end of what is known, where it is farther than that */
  private meet(records: Float32Array, from: number): Cursor | undefined {
    const { width } = this.layout;
    const bits = new Uint32Array(records.buffer, records.byteOffset, records.length);
    const { loss, at: to } = this.front;
    return this.checkpoints.meet(from, to, (at, slab, start) => {
      const kept = new Uint32Array(slab.buffer, slab.byteOffset, slab.length);
      const row = (at - 1 - from) * width;
      let k = start;
      for (const { offset, units } of this.stateParts) {
        for (let u = row + offset; u < row + offset + units; u++) if (bits[u] !== kept[k++]) return undefined;
      }
      const behind = { at, loss: 0, greatest: NaN };
      this.addLoss(behind, records.subarray((at - from) * width), to);
      return loss - behind.loss;
    });
  }

  /** @param cursor before the records @param to where they end */
  private addLoss(cursor: Omit<Cursor, 'state'>, records: Float32Array, to: number): void {
    if (this.lossOffset !== undefined) this.losses.add(cursor, records, this.layout.width, this.lossOffset, to);
  }

  private async recompute(index: number, found: (window: Window) => void): Promise<void> {
    const cursor = this.nearest(index);
    const pacer = new Pacer();
    let pieces: Pieces | undefined;
    for (;;) {
      const window = Math.floor(cursor.at / WINDOW_TOKENS);
      // On the way only what fits is kept: to copy a window takes a tenth of the time that it takes to run it.
      if (cursor.at % WINDOW_TOKENS === 0) {
        pieces = window === index || this.windows.roomy ? this.windows.begin() : undefined;
      }
      const records = this.run(cursor);
      pieces?.add(records);
      if (this.endsWindow(cursor)) {
        const kept = pieces?.keep(window, cursor.state);
        if (window === index && kept) {
          found(kept);
          return;
        }
        pieces = undefined;
      }
      await this.windows.breathe(pacer);
    }
  }

  /** The state before a window, or one that is not far before it. */
  private nearest(index: number): Cursor {
    const checkpoint = this.checkpoints.before(index * WINDOW_TOKENS);
    for (let before = index - 1; (before + 1) * WINDOW_TOKENS > checkpoint.at; before--) {
      const state = this.windows.after(before);
      if (state !== undefined) return { at: (before + 1) * WINDOW_TOKENS, state, loss: 0 };
    }
    return checkpoint;
  }

  private async extend(level: number, index: number): Promise<Chunk> {
    const first = index * TILE_COLUMNS * 2 ** level;
    if (first >= this.done) throw notTraced(first, this.done);
    const end = Math.min(this.done, first + TILE_COLUMNS * 2 ** level);
    const chunk = this.windows.chunk(level, index) ?? this.startChunk(level, first);
    const pacer = new Pacer();
    const cursor: Cursor = { at: chunk.at, state: chunk.state, loss: 0 };
    while (chunk.at < end) {
      const from = chunk.at;
      const records = this.run(cursor, this.state === 'running' ? this.length : this.done);
      // A checkpoint may lie before the chunk's first token: those steps only bring the state there.
      if (from >= first) chunk.summary.add(this.engine, records.length / this.layout.width);
      chunk.at = cursor.at;
      await this.windows.breathe(pacer);
    }
    if (this.state !== 'running' && chunk.at === this.done) chunk.summary.end();
    this.windows.keepChunk(level, index, chunk);
    return chunk;
  }

  private startChunk(level: number, first: number): Chunk {
    const { state, at } = this.checkpoints.before(first);
    return { kind: 'chunk', summary: new Summary(this.layout.width, level, TILE_COLUMNS), state, at };
  }
}

/** A state holds each layer's hidden state, then its cell. */
function stateParts(layout: RecordLayout): { readonly offset: number; readonly units: number }[] {
  const layers = Math.max(...layout.columns.map(({ layer }) => layer)) + 1;
  return Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
    (['hidden', 'cell'] as const).flatMap((signal) => findColumn(layout, layer, signal) ?? []),
  );
}

function faultIn(layout: RecordLayout, records: Float32Array, from: number): Fault | undefined {
  const found = firstNonFiniteRecord(layout, records, from);
  if (found === undefined) return undefined;
  const { step: token, layer, signal, unit, value } = found;
  return { token, layer, signal, unit, value };
}

/** Lengths of the common beginning and end of two texts' tokens, which do not overlap in either. */
function sameTokenEnds(a: TokenIds, b: TokenIds): { readonly head: number; readonly tail: number } {
  const most = Math.min(a.length, b.length);
  const head = longest(most, (from, to) => same(a.subarray(from, to), b.subarray(from, to)));
  const tail = longest(most - head, (from, to) =>
    same(a.subarray(a.length - to, a.length - from), b.subarray(b.length - to, b.length - from)),
  );
  return { head, tail };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TokenIds): Buffer => Buffer.from(buffer, byteOffset, byteLength);

const same = (a: TokenIds, b: TokenIds): boolean =>
  a.BYTES_PER_ELEMENT === b.BYTES_PER_ELEMENT && bytesOf(a).equals(bytesOf(b));

/** The greatest n up to `most` such that the parts [0, n) are the same. By halving: comparing bytes is native. */
function longest(most: number, equal: (from: number, to: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    if (equal(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
