/**
 * The trace of a network that does not simply stream: layers that read backwards, numbers, heads of several layers.
 * Where all layers read forward it is one pass, and readable as it goes. Else the passes that each layer needs come
 * first; the last one goes over the text in its order. An edited text is traced anew.
 */
import { WINDOW_TOKENS } from '../engine/engine';
import { through } from '../engine/evaluate';
import type { RecordLayout } from '../engine/layout';
import type { TokenIds } from '../shared/tokens';
import { TILE_COLUMNS, type Fault, type TraceState } from '../shared/trace';
import { Pacer } from './pacer';
import { Losses } from './losses';
import { plan } from './plan';
import { reducer } from './reduce';
import { StagedRun, type StagedNetwork, type TraceInput } from './stages';
import { Summary } from './summary';
import { notTraced, type Trace, type Window } from './trace';
import { Windows, type Chunk } from './windows';

/** A state after a window is of no use here. */
const NO_STATE = new Float32Array(0);

export class StagedTrace implements Trace {
  readonly layout: RecordLayout;
  readonly length: number;
  readonly base: Summary;
  readonly derivedBytes: number;
  done = 0;
  state: TraceState = 'running';
  private readonly stages: StagedRun;
  private readonly windows: Windows;
  private readonly passes: StagedRun['passes'];
  private readonly lossOffset: number | undefined;
  private readonly losses: Losses;
  private lossSum = 0;
  private pass = 0;
  /** Blocks of the pass that are done. */
  private step = 0;

  /**
   * @param input at least one token or row
   * @param memory bytes that this trace may keep, its input included
   */
  constructor(
    private readonly network: StagedNetwork,
    input: TraceInput,
    private readonly memory: number,
  ) {
    this.layout = network.layout;
    const { width } = this.layout;
    const bytes = input.kind === 'tokens' ? input.tokens.byteLength : input.values.byteLength;
    const length = input.kind === 'tokens' ? input.tokens.length : input.values.length / network.network.input.width;
    const { checkpointTokens, baseLevel, cacheBytes, derivedBytes } = plan(
      length,
      width,
      network.stateSize,
      memory,
      bytes,
    );
    this.derivedBytes = derivedBytes;
    this.stages = new StagedRun(network, input, checkpointTokens / WINDOW_TOKENS);
    this.length = length;
    this.passes = this.stages.passes;
    this.base = new Summary(width, baseLevel, Math.ceil(length / 2 ** baseLevel));
    this.windows = new Windows(width, length, cacheBytes);
    this.losses = new Losses(length);
    this.lossOffset = this.layout.columns.find(({ signal }) => signal === 'loss')?.offset;
  }

  get fault(): Fault | undefined {
    return this.stages.fault;
  }

  get settled(): number {
    return this.done;
  }

  get share(): number {
    const { blocks } = this.stages;
    return (this.pass * blocks + this.step) / ((this.passes.length + 1) * blocks);
  }

  get meanLoss(): number | undefined {
    return this.lossOffset === undefined || this.done < 2 ? undefined : this.lossSum / (this.done - 1);
  }

  advance(): boolean {
    if (this.state !== 'running') return false;
    const { blocks } = this.stages;
    const pass = this.passes[this.pass];
    if (pass) this.stages.pass(pass.reverse ? blocks - 1 - this.step : this.step, pass.layer, pass.reverse);
    else this.gather(this.step);
    this.step++;
    if (this.step === blocks && pass) {
      this.pass++;
      this.step = 0;
    } else if (this.step === blocks) {
      this.base.end();
      this.state = 'done';
    }
    return this.state === 'running';
  }

  stop(): void {
    if (this.state !== 'running') return;
    this.base.end();
    this.state = 'stopped';
  }

  close(): void {
    this.stop();
    this.windows.close();
  }

  edited(tokens: TokenIds, numbers?: Float32Array): StagedTrace {
    const input: TraceInput = numbers ? { kind: 'numbers', values: numbers } : { kind: 'tokens', tokens };
    return new StagedTrace(this.network, input, this.memory);
  }

  async read<T>(index: number, visit: (window: Window) => T): Promise<T> {
    const from = index * WINDOW_TOKENS;
    if (!(index >= 0 && from < this.done)) throw notTraced(from, this.done);
    return this.windows.read(index, visit, async (found) => {
      // It is shown before others are kept, which may put it out again.
      const block = this.stages.blockOf(index);
      const [first, records] = [block * this.blockWindows, this.stages.records(block)];
      for (const [k, values] of records.entries()) {
        if (first + k !== index && this.windows.roomy) this.windows.keep(first + k, values, NO_STATE);
      }
      found(this.windows.keep(index, records[index - first] ?? NO_STATE, NO_STATE));
      await Promise.resolve();
    });
  }

  async summary(level: number, index: number): Promise<{ readonly summary: Summary; readonly first: number }> {
    const { level: baseLevel } = this.base;
    if (level >= baseLevel) return { summary: this.base, first: index * TILE_COLUMNS * 2 ** (level - baseLevel) };
    const chunk = await this.windows.once(level, index, () => this.extend(level, index));
    return { summary: chunk.summary, first: 0 };
  }

  greatestLoss(window: number): number {
    return this.losses.greatest(window);
  }

  memoryAtDone(layer: number, units: number): Float32Array {
    if (this.done >= this.length) return new Float32Array(units);
    return this.stages.memoryBehind(this.stages.blockOf(this.done / WINDOW_TOKENS) - 1, layer, units);
  }

  async outputs(token: number): Promise<Float32Array> {
    const { head } = this.network.network;
    if (head === undefined) return new Float32Array(0);
    const row = (token % WINDOW_TOKENS) * this.layout.width;
    const shown = await this.read(Math.floor(token / WINDOW_TOKENS), ({ records }) =>
      this.stages.shown(records.subarray(row, row + this.layout.width)),
    );
    const logits = through(head.layers, Float64Array.from(shown));
    return Float32Array.from(head.output === 'values' ? logits : softmax(logits));
  }

  private get blockWindows(): number {
    return this.stages.blockWindows;
  }

  /** The last pass: a block's whole records. */
  private gather(block: number): void {
    for (const [k, records] of this.stages.records(block).entries()) {
      const index = block * this.blockWindows + k;
      const tokens = records.length / this.layout.width;
      if (this.windows.roomy) this.windows.keep(index, records, NO_STATE);
      this.base.add(reducer(records, this.layout.width), tokens);
      this.addLoss(records, this.done);
      this.done += tokens;
    }
  }

  private addLoss(records: Float32Array, from: number): void {
    if (this.lossOffset === undefined) return;
    const { width } = this.layout;
    const sum = { at: from, loss: this.lossSum };
    this.losses.add(sum, records, width, this.lossOffset, from + records.length / width);
    this.lossSum = sum.loss;
  }

  private async extend(level: number, index: number): Promise<Chunk> {
    const first = index * TILE_COLUMNS * 2 ** level;
    if (first >= this.done) throw notTraced(first, this.done);
    const end = Math.min(this.done, first + TILE_COLUMNS * 2 ** level);
    const chunk: Chunk = this.windows.chunk(level, index) ?? {
      kind: 'chunk',
      summary: new Summary(this.layout.width, level, TILE_COLUMNS),
      state: NO_STATE,
      at: first,
    };
    const pacer = new Pacer();
    while (chunk.at < end) {
      chunk.at += await this.read(chunk.at / WINDOW_TOKENS, ({ records, tokens }) => {
        chunk.summary.add(reducer(records, this.layout.width), tokens);
        return tokens;
      });
      await this.windows.breathe(pacer);
    }
    if (this.state !== 'running' && chunk.at === this.done) chunk.summary.end();
    this.windows.keepChunk(level, index, chunk);
    return chunk;
  }
}

function softmax(logits: Float64Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, z) => sum + Math.exp(z - most), 0);
  return logits.map((z) => Math.exp(z - most) / total);
}
