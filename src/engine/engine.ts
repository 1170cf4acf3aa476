/** What an engine does, whichever arithmetic it uses: the WASM kernels (wasm.ts) or their scalar twin (scalar.ts). */
import type { TokenIds } from '../shared/tokens';
import type { RecordLayout } from './layout';

/** Most tokens of one `run`. */
export const WINDOW_TOKENS = 256;

/**
 * Minimum, sum and maximum over some records, each [layout.width]; all three NaN where there is a NaN, or infinities of
 * both signs. Valid until the engine's next call.
 */
export interface Reduction {
  readonly min: Float32Array;
  readonly sum: Float32Array;
  readonly max: Float32Array;
}

/** Minima, means and maxima of some blocks in bfloat16, each [blocks, layout.width]. Valid until the next call. */
export interface BlockSummary {
  readonly min: Uint16Array;
  readonly mean: Uint16Array;
  readonly max: Uint16Array;
  /** Whether every value was finite; false also where a sum overflowed. */
  readonly finite: boolean;
}

export interface Engine {
  readonly layout: RecordLayout;
  readonly vocab: number;
  /** Values of a state: for each layer hidden [units], and for an LSTM then cell [units]. */
  readonly stateSize: number;
  /**
   * Steps over at most WINDOW_TOKENS tokens, starting from `state` [stateSize], which is left as it is after the last.
   * How a text is cut into windows does not change a single bit of the result.
   *
   * The loss of a token is -ln softmax(head(hidden before it))[token], in nats; for the first token of a text that is
   * the loss under the zero state, which callers do not show.
   *
   * @param tokens ids below `vocab`
   * @returns records [tokens.length, layout.width], a view that is valid until the engine's next `run`
   */
  run(tokens: TokenIds, state: Float32Array): Float32Array;
  /** Minimum, sum and maximum of records [from, to) of the last `run`; the sum is in float32, pairwise or in order. */
  reduce(from: number, to: number): Reduction;
  /**
   * The summary of `blocks` blocks of `count` records of the last `run`, from record `from` on; at most 32 blocks. The
   * same bits as by `reduce` and src/trace/bfloat.ts where `count` is a power of two. An engine may lack it.
   */
  summarize?(from: number, blocks: number, count: number): BlockSummary;
  /** Probabilities [vocab] of the token after `state`; a fresh array. Empty without a head. */
  predict(state: Float32Array): Float32Array;
}
