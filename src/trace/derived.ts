/**
 * The derived signals of one layer: exact by windows, and by blocks as the trace keeps its own signals, in a share of
 * the trace's memory. Blocks finer than the resident ones are computed from windows when they are asked for. The
 * resident ones take a pass over the whole text, all signals in one, which begins when it is first asked for, stays
 * behind a trace that is still running, and gives way to all other work.
 */
import { LRUCache } from 'lru-cache';
import { WINDOW_TOKENS } from '../engine/engine';
import { findColumn, type RecordLayout } from '../engine/layout';
import { deriveInto, usualCurves, type Signals } from '../shared/derived';
import { memoryOf, SIGNALS, type DerivedName, type Scale } from '../shared/signals';
import { TILE_COLUMNS, type LayerInfo } from '../shared/trace';
import { memoryBefore } from './memory';
import { Pacer } from './pacer';
import { reducer } from './reduce';
import { Summary } from './summary';
import { notTraced, traceGone, type Trace, type Window } from './trace';

/** As for the trace's own signals: shorter blocks are as cheap to compute as to keep. */
const FINEST_LEVEL = 3;

/**
 * Of the time while the trace runs, the pass takes one part in so many; then all that nothing else wants. A view asks
 * again and again for what is not there yet: while it does, somebody waits for it as for the trace itself.
 */
const SHARE_WHILE_RUNNING = 16;
const SHARE_WHILE_LOOKED_AT = 3;

/** Milliseconds after the last question in which somebody looks; a view asks every 300. */
const LOOKED_AT = 1000;

/** Milliseconds until the pass looks again whether the trace has come further, or has ended. */
const LOOK_AGAIN = 20;

/** A tile's worth of blocks finer than the resident ones; grows while the trace runs. */
interface Chunk {
  readonly summary: Summary;
  at: number;
}

export interface DerivedColumn {
  readonly name: DerivedName;
  readonly scale: Scale;
  readonly offset: number;
  readonly units: number;
}

export class DerivedLayer {
  readonly columns: readonly DerivedColumn[];
  /** Values of a step, all signals side by side. */
  readonly width: number;
  /** The resident blocks. */
  readonly base: Summary;
  private readonly units: number;
  private readonly chunks: LRUCache<string, Chunk>;
  private readonly growing = new Map<string, Promise<Summary>>();
  private readonly scratch: Float32Array;
  private passing = false;
  /** When a resident level was last asked for. */
  private asked = -Infinity;
  private closed = false;
  private failure: unknown;

  /**
   * @param layer index of `info` among the trace's layers
   * @param bytes for resident blocks and finer ones together
   */
  constructor(
    private readonly trace: Trace,
    private readonly layer: number,
    private readonly info: LayerInfo,
    bytes: number,
  ) {
    this.units = findColumn(trace.layout, layer, memoryOf(info.cell))?.units ?? 0;
    const names = (info.derived ?? []) as readonly { readonly name: DerivedName; readonly scale: Scale }[];
    this.columns = names.map((one, k) => ({ ...one, offset: k * this.units, units: this.units }));
    this.width = names.length * this.units;
    let level = FINEST_LEVEL;
    const blocks = (at: number): number => Math.ceil(trace.length / 2 ** at);
    while (Summary.bytes(this.width, blocks(level)) > bytes / 2 && 2 ** level < trace.length) level++;
    this.base = new Summary(this.width, level, blocks(level));
    const chunkBytes = Summary.bytes(this.width, TILE_COLUMNS);
    this.chunks = new LRUCache({ max: Math.max(1, Math.floor(bytes / 2 / chunkBytes)) });
    this.scratch = new Float32Array(Math.min(WINDOW_TOKENS, trace.length) * this.width);
  }

  find(name: string): DerivedColumn | undefined {
    return this.columns.find((column) => column.name === name);
  }

  /** Tokens that the resident blocks cover. */
  get reached(): number {
    return Math.min(this.trace.done, this.base.shown * 2 ** this.base.level);
  }

  /** Shows a visitor the exact values of a window's tokens, [tokens, width]; they are overwritten when it returns. */
  async read<T>(index: number, visit: (window: Window) => T): Promise<T> {
    const { trace, layer, info, width, scratch } = this;
    const first = index * WINDOW_TOKENS;
    const last = Math.min(first + WINDOW_TOKENS, trace.length) - 1;
    const edge = await memoryBefore(trace, layer, info, info.reverse ? last : first);
    return trace.read(index, ({ tokens, records }) => {
      this.fill(records, tokens, edge);
      return visit({ tokens, records: scratch.subarray(0, tokens * width) });
    });
  }

  /** As `Trace.summary`; a level that is resident begins the pass. */
  async summary(level: number, index: number): Promise<{ readonly summary: Summary; readonly first: number }> {
    const { base } = this;
    if (level >= base.level) {
      this.start();
      return { summary: base, first: index * TILE_COLUMNS * 2 ** (level - base.level) };
    }
    const key = `${String(level)} ${String(index)}`;
    const known = this.growing.get(key) ?? this.extend(key, level, index).finally(() => this.growing.delete(key));
    this.growing.set(key, known);
    return { summary: await known, first: 0 };
  }

  /** Begins the pass, or goes on with it. @throws what ended it, other than the trace's end */
  start(): void {
    if (this.failure !== undefined) throw this.failure as Error;
    this.asked = performance.now();
    if (this.passing || this.closed) return;
    this.passing = true;
    this.pass()
      .catch((error: unknown) => {
        if (!this.closed) this.failure = error;
      })
      .finally(() => (this.passing = false));
  }

  /** Ends the pass where it is. */
  close(): void {
    this.closed = true;
    this.chunks.clear();
  }

  private fill(records: Float32Array, tokens: number, edge: Float32Array): void {
    const { trace, layer, info, columns, units, width, scratch } = this;
    const row = trace.layout.width;
    const signals = signalsOf(records, trace.layout, layer, info);
    const memory = signals[memoryOf(info.cell)] ?? records;
    const curves = info.curves ?? usualCurves(info.cell);
    for (let t = 0; t < tokens; t++) {
      const before = info.reverse ? t + 1 : t - 1;
      const inside = before >= 0 && before < tokens;
      const [from, at] = inside ? [memory, before * row] : [edge, 0];
      for (const { name, offset } of columns) {
        deriveInto(name, info.cell, curves, signals, t * row, from, at, units, scratch, t * width + offset);
      }
    }
  }

  private async pass(): Promise<void> {
    const { trace, base } = this;
    const pacer = new Pacer();
    // Milliseconds that are the trace's before the pass goes on.
    let owed = 0;
    for (;;) {
      if (this.closed) return;
      const from = base.tokens;
      const running = trace.state === 'running';
      const tokens = Math.min(from + WINDOW_TOKENS, running ? trace.length : trace.done) - from;
      if (tokens <= 0) {
        base.end();
        return;
      }
      const early = from + tokens > trace.done;
      if (early || (running && owed >= LOOK_AGAIN)) {
        const since = performance.now();
        await later();
        owed = Math.max(0, owed - (performance.now() - since));
        continue;
      }
      const since = performance.now();
      await this.read(from / WINDOW_TOKENS, ({ records }) => base.add(reducer(records, this.width), tokens));
      const now = performance.now();
      const share = now - this.asked < LOOKED_AT ? SHARE_WHILE_LOOKED_AT : SHARE_WHILE_RUNNING;
      owed += (now - since) * (share - 1);
      // What is low has no turn at all while a trace runs: its share above is what it may take then.
      await pacer.breathe(!running);
    }
  }

  private async extend(key: string, level: number, index: number): Promise<Summary> {
    const { trace, width } = this;
    const first = index * TILE_COLUMNS * 2 ** level;
    if (first >= trace.done) throw notTraced(first, trace.done);
    const end = Math.min(trace.done, first + TILE_COLUMNS * 2 ** level);
    const chunk = this.chunks.get(key) ?? { summary: new Summary(width, level, TILE_COLUMNS), at: first };
    const pacer = new Pacer();
    while (chunk.at < end) {
      const tokens = Math.min(WINDOW_TOKENS, (trace.state === 'running' ? trace.length : trace.done) - chunk.at);
      // A window that the trace is within is left for the next time.
      if (chunk.at + tokens > trace.done) break;
      await this.read(chunk.at / WINDOW_TOKENS, ({ records }) => chunk.summary.add(reducer(records, width), tokens));
      chunk.at += tokens;
      await pacer.breathe();
      if (this.closed) throw traceGone();
    }
    if (trace.state !== 'running' && chunk.at === trace.done) chunk.summary.end();
    this.chunks.set(key, chunk);
    return chunk.summary;
  }
}

/** Of each signal the records from its first unit on. */
function signalsOf(records: Float32Array, layout: RecordLayout, layer: number, { cell }: LayerInfo): Signals {
  return Object.fromEntries(
    SIGNALS[cell].flatMap(({ name }) => {
      const column = findColumn(layout, layer, name);
      return column ? [[name, records.subarray(column.offset)]] : [];
    }),
  );
}

/** A timer that keeps no process alive. */
const later = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, LOOK_AGAIN).unref();
  });
