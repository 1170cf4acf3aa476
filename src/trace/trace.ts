/**
 * A trace in bounded memory. The first pass keeps a checkpoint of the state every so many tokens and a summary of
 * every signal by blocks; exact records and finer summaries are computed again from the checkpoint before them when
 * they are looked at, bit for bit as in the first pass, and kept as long as the budget allows.
 */
import { LRUCache } from 'lru-cache';
import { WINDOW_TOKENS, type Engine } from '../engine/engine';
import { findColumn, type RecordLayout } from '../engine/layout';
import { firstNonFiniteRecord } from '../engine/nonFinite';
import { GatescopeError } from '../shared/errors';
import type { TokenIds } from '../shared/tokens';
import { TILE_COLUMNS, type Fault, type TraceState } from '../shared/trace';
import { Pacer } from './pacer';
import { plan, type Plan } from './plan';
import { Summary } from './summary';

/** Records of one window, [tokens, layout.width]. */
export interface Window {
  readonly kind: 'window';
  readonly tokens: number;
  readonly records: Float32Array;
}

/** A tile's worth of a summary finer than the resident one; grows while the first pass goes on. */
interface Chunk {
  readonly kind: 'chunk';
  readonly summary: Summary;
  readonly state: Float32Array;
  /** Next token to add. */
  at: number;
}

export class Trace {
  readonly layout: RecordLayout;
  readonly base: Summary;
  /** Tokens traced; a multiple of WINDOW_TOKENS until the end of the text. */
  done = 0;
  state: TraceState = 'running';
  /** The first NaN or infinity met so far. */
  fault: Fault | undefined;
  private readonly plan: Plan;
  private readonly current: Float32Array;
  /** State before token k * checkpointTokens, [checkpoints, stateSize]. */
  private readonly checkpoints: Float32Array;
  private readonly cache: LRUCache<string, Window | Chunk>;
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly lossOffset: number | undefined;
  private lossSum = 0;
  private closed = false;

  /**
   * @param tokens ids below `engine.vocab`, at least one
   * @param memory bytes that this trace may keep
   */
  constructor(
    readonly engine: Engine,
    readonly tokens: TokenIds,
    memory: number,
  ) {
    this.layout = engine.layout;
    this.plan = plan(tokens.length, this.layout.width, engine.stateSize, memory);
    const { baseLevel, checkpointTokens, cacheBytes } = this.plan;
    this.base = new Summary(this.layout.width, baseLevel, Math.ceil(tokens.length / 2 ** baseLevel));
    this.current = new Float32Array(engine.stateSize);
    this.checkpoints = new Float32Array(Math.ceil(tokens.length / checkpointTokens) * engine.stateSize);
    this.lossOffset = findColumn(this.layout, -1, 'loss')?.offset;
    this.cache = new LRUCache({
      maxSize: cacheBytes,
      sizeCalculation: (entry) =>
        entry.kind === 'window' ? entry.records.byteLength : Summary.bytes(this.layout.width, TILE_COLUMNS),
    });
  }

  get baseLevel(): number {
    return this.plan.baseLevel;
  }

  /** Mean loss in nats of the tokens so far, the first left out. */
  get meanLoss(): number | undefined {
    return this.lossOffset === undefined || this.done < 2 ? undefined : this.lossSum / (this.done - 1);
  }

  /** The first pass: traces the next window. @returns whether there is more to do */
  advance(): boolean {
    if (this.state !== 'running') return false;
    const from = this.done;
    if (from % this.plan.checkpointTokens === 0) {
      this.checkpoints.set(this.current, (from / this.plan.checkpointTokens) * this.engine.stateSize);
    }
    const to = Math.min(this.tokens.length, from + WINDOW_TOKENS);
    const records = this.engine.run(this.tokens.subarray(from, to), this.current);
    this.addLoss(records, from);
    // The start of a text is looked at first: keep what fits, but drop nothing for what may never be looked at.
    if (this.cache.calculatedSize + records.byteLength <= this.cache.maxSize) {
      this.cache.set(windowKey(from / WINDOW_TOKENS), { kind: 'window', tokens: to - from, records: records.slice() });
    }
    const finite = this.base.add(this.engine, to - from);
    if (!finite) this.fault ??= faultIn(this.layout, records, from);
    this.done = to;
    if (to === this.tokens.length) {
      this.base.end();
      this.state = 'done';
    }
    return this.state === 'running';
  }

  /** Ends the first pass where it is; what was traced stays. */
  stop(): void {
    if (this.state !== 'running') return;
    this.base.end();
    this.state = 'stopped';
  }

  /** Ends everything: what is still being computed is rejected with trace-gone. */
  close(): void {
    this.stop();
    this.closed = true;
    this.cache.clear();
  }

  /** The exact records of tokens [index * WINDOW_TOKENS, …). @throws bad-request where the trace has not come yet */
  async window(index: number): Promise<Window> {
    const from = index * WINDOW_TOKENS;
    if (!(index >= 0 && from < this.done)) throw notTraced(from, this.done);
    const key = windowKey(index);
    const known = this.cache.get(key);
    if (known?.kind === 'window') return known;
    return this.once(key, () => this.recompute(index));
  }

  /**
   * The summary at `level` that holds a tile's columns, and the block of it that is the tile's first column. A level
   * coarser than the resident one is merged from it by the caller.
   */
  async summary(level: number, index: number): Promise<{ readonly summary: Summary; readonly first: number }> {
    if (level >= this.baseLevel)
      return { summary: this.base, first: index * TILE_COLUMNS * 2 ** (level - this.baseLevel) };
    const key = `chunk ${String(level)} ${String(index)}`;
    const chunk = await this.once(key, () => this.extend(key, level, index));
    return { summary: chunk.summary, first: 0 };
  }

  /** The state after a token, taken from its record. */
  async stateAfter(token: number): Promise<Float32Array> {
    const state = new Float32Array(this.engine.stateSize);
    const { records } = await this.window(Math.floor(token / WINDOW_TOKENS));
    const row = (token % WINDOW_TOKENS) * this.layout.width;
    let at = 0;
    // A state holds each layer's hidden state, then its cell: the order of Engine.stateSize.
    const layers = Math.max(...this.layout.columns.map((c) => c.layer)) + 1;
    for (let layer = 0; layer < layers; layer++) {
      for (const signal of ['hidden', 'cell'] as const) {
        const column = findColumn(this.layout, layer, signal);
        if (column === undefined) continue;
        state.set(records.subarray(row + column.offset, row + column.offset + column.units), at);
        at += column.units;
      }
    }
    return state;
  }

  private addLoss(records: Float32Array, from: number): void {
    if (this.lossOffset === undefined) return;
    for (
      let at = this.lossOffset + (from === 0 ? this.layout.width : 0);
      at < records.length;
      at += this.layout.width
    ) {
      this.lossSum += records[at] ?? 0;
    }
  }

  /** The checkpoint at or before a token: a copy of its state, and the token that it stands before. */
  private checkpoint(token: number): { state: Float32Array; at: number } {
    const { checkpointTokens } = this.plan;
    const size = this.engine.stateSize;
    const k = Math.floor(token / checkpointTokens);
    return { state: this.checkpoints.slice(k * size, (k + 1) * size), at: k * checkpointTokens };
  }

  private async recompute(index: number): Promise<Window> {
    const wanted = index * WINDOW_TOKENS;
    const { state, at: start } = this.checkpoint(wanted);
    const pacer = new Pacer();
    for (let at = start; ; at += WINDOW_TOKENS) {
      const to = Math.min(this.tokens.length, at + WINDOW_TOKENS);
      const records = this.engine.run(this.tokens.subarray(at, to), state);
      const window: Window = { kind: 'window', tokens: to - at, records: records.slice() };
      this.cache.set(windowKey(at / WINDOW_TOKENS), window);
      if (at === wanted) return window;
      await this.breathe(pacer);
    }
  }

  private async extend(key: string, level: number, index: number): Promise<Chunk> {
    const first = index * TILE_COLUMNS * 2 ** level;
    const end = Math.min(this.done, first + TILE_COLUMNS * 2 ** level);
    if (first >= this.done) throw notTraced(first, this.done);
    const known = this.cache.get(key);
    const chunk = known?.kind === 'chunk' ? known : this.startChunk(level, first);
    const pacer = new Pacer();
    while (chunk.at < end) {
      const to = Math.min(this.tokens.length, chunk.at + WINDOW_TOKENS);
      this.engine.run(this.tokens.subarray(chunk.at, to), chunk.state);
      // A checkpoint may lie before the chunk's first token: those steps only bring the state there.
      if (to > first) chunk.summary.add(this.engine, to - chunk.at);
      chunk.at = to;
      await this.breathe(pacer);
    }
    if (this.state !== 'running' && chunk.at === this.done) chunk.summary.end();
    this.cache.set(key, chunk);
    return chunk;
  }

  private startChunk(level: number, first: number): Chunk {
    const { state, at } = this.checkpoint(first);
    return { kind: 'chunk', summary: new Summary(this.layout.width, level, TILE_COLUMNS), state, at };
  }

  private async breathe(pacer: Pacer): Promise<void> {
    await pacer.breathe();
    if (this.closed) throw traceGone();
  }

  /** Runs `work` unless the same is under way already: then both callers get its result. */
  private once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.running.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const promise = work().finally(() => this.running.delete(key));
    this.running.set(key, promise);
    return promise;
  }
}

function faultIn(layout: RecordLayout, records: Float32Array, from: number): Fault | undefined {
  const found = firstNonFiniteRecord(layout, records, from);
  if (found === undefined) return undefined;
  const { step: token, layer, signal, unit, value } = found;
  return { token, layer, signal, unit, value };
}

const windowKey = (index: number): string => `window ${String(index)}`;

export const traceGone = (): GatescopeError =>
  new GatescopeError('trace-gone', 'That trace was closed. Trace the text again.');

const notTraced = (token: number, done: number): GatescopeError =>
  new GatescopeError('bad-request', `Token ${String(token)} is not traced: ${String(done)} tokens are.`);
