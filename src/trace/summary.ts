/** Minimum, mean and maximum of every value of a record over blocks of 2^level tokens. */
import type { Engine } from '../engine/engine';
import { encode } from './bfloat';

/** What is needed of an engine. */
type Summarizer = Pick<Engine, 'reduce' | 'summarize'>;

/** As many as Engine.summarize takes. */
const MOST_BLOCKS = 32;

export class Summary {
  /** Each [blocks, width] in bfloat16 (bfloat.ts). */
  readonly min: Uint16Array;
  readonly mean: Uint16Array;
  readonly max: Uint16Array;
  /** Blocks that are complete, or partial at the end of the text. */
  blocks = 0;
  /** Blocks that can be shown: behind those above, the ones of an earlier text stand in for what comes. */
  shown = 0;
  /** Tokens added. */
  tokens = 0;
  private readonly lo: Float32Array;
  private readonly hi: Float32Array;
  private readonly sum: Float32Array;
  /** Tokens in the block being gathered. */
  private pending = 0;

  /** @param capacity blocks that there will be at most */
  constructor(
    readonly width: number,
    readonly level: number,
    capacity: number,
  ) {
    const values = capacity * width;
    // Not filled with zeros, which took as long as a tenth of a short trace: nothing behind `shown` is ever read.
    const { buffer } = Buffer.allocUnsafeSlow(3 * values * Uint16Array.BYTES_PER_ELEMENT);
    this.min = new Uint16Array(buffer, 0, values);
    this.mean = new Uint16Array(buffer, values * Uint16Array.BYTES_PER_ELEMENT, values);
    this.max = new Uint16Array(buffer, 2 * values * Uint16Array.BYTES_PER_ELEMENT, values);
    this.lo = new Float32Array(width);
    this.hi = new Float32Array(width);
    this.sum = new Float32Array(width);
  }

  static bytes(width: number, blocks: number): number {
    return blocks * width * 3 * Uint16Array.BYTES_PER_ELEMENT;
  }

  /**
   * Adds the `tokens` records of the engine's last run, which follow those added before.
   *
   * @returns false where one of their values may be NaN or infinite; true says that none is
   */
  add(engine: Summarizer, tokens: number): boolean {
    let finite = true;
    const blockTokens = 2 ** this.level;
    for (let from = 0; from < tokens;) {
      const whole = this.pending === 0 ? Math.floor((tokens - from) / blockTokens) : 0;
      const blocks = Math.min(whole, MOST_BLOCKS);
      if (blocks > 0 && engine.summarize) {
        const summary = engine.summarize(from, blocks, blockTokens);
        const { min, mean, max } = summary;
        finite &&= summary.finite;
        const at = this.blocks * this.width;
        this.min.set(min, at);
        this.mean.set(mean, at);
        this.max.set(max, at);
        this.blocks += blocks;
        this.shown = Math.max(this.shown, this.blocks);
        from += blocks * blockTokens;
        continue;
      }
      const to = Math.min(tokens, from + blockTokens - this.pending);
      finite = this.merge(engine, from, to) && finite;
      if (this.pending === blockTokens) this.flush();
      from = to;
    }
    this.tokens += tokens;
    return finite;
  }

  /**
   * Takes over an earlier text's summary of the same level: what lies before the edit as it is, the rest, shifted by
   * whole blocks, to stand in until it is added.
   *
   * @param same tokens at the start that both texts have
   * @param grown tokens that this text has more
   */
  inherit(earlier: Summary, same: number, grown: number): void {
    const { width } = this;
    const blockTokens = 2 ** this.level;
    const capacity = this.min.length / width;
    const exact = Math.floor(Math.min(same, earlier.tokens) / blockTokens);
    const shift = Math.round(grown / blockTokens);
    // The text may have grown into one more block than the shift tells: the last stands in for it too.
    const shown = Math.max(exact, Math.min(capacity, earlier.shown + shift + 1));
    const last = Math.min(shown, earlier.shown + shift);
    for (const part of ['min', 'mean', 'max'] as const) {
      const [from, to] = [earlier[part], this[part]];
      to.set(from.subarray(0, exact * width));
      for (let block = exact; block < exact + shift && block < shown; block++) {
        to.set(from.subarray(exact * width, (exact + 1) * width), block * width);
      }
      const first = exact + Math.max(0, shift);
      if (last > first) to.set(from.subarray((first - shift) * width, (last - shift) * width), first * width);
      if (shown > last && last > 0) to.copyWithin(last * width, (last - 1) * width, last * width);
    }
    this.blocks = exact;
    this.shown = shown;
    this.tokens = exact * blockTokens;
  }

  /** Closes a last, partial block: the text ends here. */
  end(): void {
    if (this.pending > 0) this.flush();
  }

  private merge(engine: Summarizer, from: number, to: number): boolean {
    const { min, sum, max } = engine.reduce(from, to);
    if (this.pending === 0) {
      this.lo.set(min);
      this.hi.set(max);
      this.sum.set(sum);
    } else {
      for (let i = 0; i < this.width; i++) {
        // Math.min and Math.max let a NaN win: it must stay visible.
        this.lo[i] = Math.min(this.lo[i] ?? 0, min[i] ?? 0);
        this.hi[i] = Math.max(this.hi[i] ?? 0, max[i] ?? 0);
        this.sum[i] = (this.sum[i] ?? 0) + (sum[i] ?? 0);
      }
    }
    this.pending += to - from;
    return sum.every(Number.isFinite);
  }

  private flush(): void {
    const at = this.blocks * this.width;
    encode(this.lo, this.min, at);
    encode(this.hi, this.max, at);
    encode(this.sum, this.mean, at, 1 / this.pending);
    this.pending = 0;
    this.blocks++;
    this.shown = Math.max(this.shown, this.blocks);
  }
}
