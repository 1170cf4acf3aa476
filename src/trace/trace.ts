/**
 * A trace in bounded memory, as tiles and questions see it: exact records by windows, summaries by blocks. Two kinds
 * keep this: stream.ts, where time runs one way, and staged.ts, for every other network.
 */
import type { RecordLayout } from '../engine/layout';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { TokenIds } from '../shared/tokens';
import type { Fault, TraceState } from '../shared/trace';
import type { Summary } from './summary';

/** Records of one window, [tokens, layout.width]. */
export interface Window {
  readonly tokens: number;
  readonly records: Float32Array;
}

export interface Trace {
  readonly layout: RecordLayout;
  /** Tokens, or rows of numbers, in the text. */
  readonly length: number;
  /** Tokens that can be looked at. */
  readonly done: number;
  /** Tokens whose summary by blocks is exact, of those at the start; behind an edit it comes after `done`. */
  readonly settled: number;
  readonly state: TraceState;
  /** Of all the work, 0 to 1. */
  readonly share: number;
  /** The first NaN or infinity met so far. */
  readonly fault: Fault | undefined;
  /** Mean loss in nats of the tokens so far, the first left out. */
  readonly meanLoss: number | undefined;
  /** The resident summary; a block is 2^base.level tokens. */
  readonly base: Summary;
  /** Bytes that summaries of derived signals may have beside it. */
  readonly derivedBytes: number;

  /** Does a little more. @returns whether there is more to do */
  advance(): boolean;
  /** The trace of an edited text, which keeps what it can of this one; this one stays as it is. */
  edited(tokens: TokenIds, numbers?: Float32Array): Trace;
  /** Ends the first pass where it is; what was traced stays. */
  stop(): void;
  /** Ends everything: what is still being computed is rejected with trace-gone. */
  close(): void;
  /**
   * Shows a visitor the exact records of tokens [index * WINDOW_TOKENS, …). They may be overwritten when it returns.
   * @throws bad-request where the trace has not come yet, trace-gone
   */
  read<T>(index: number, visit: (window: Window) => T): Promise<T>;
  /**
   * The summary at `level` that holds a tile's columns, and the block of it that is the tile's first column. A level
   * coarser than the resident one is merged from it by the caller.
   */
  summary(level: number, index: number): Promise<{ readonly summary: Summary; readonly first: number }>;
  /** The greatest loss of a window, of those that are numbers; NaN where it is not known. */
  greatestLoss(window: number): number;
  /** Of a layer that reads backwards, the memory at token `done`, which cannot be read yet [units]; zeros at the end. */
  memoryAtDone(layer: number, units: number): Float32Array;
  /** What the head says after a token: probabilities of the next token or of classes, or values; empty without one. */
  outputs(token: number): Promise<Float32Array>;
}

export const traceGone = (): GatescopeError =>
  new GatescopeError('trace-gone', say`That trace was closed. Trace the text again.`);

export const notTraced = (token: number, done: number): GatescopeError =>
  new GatescopeError('bad-request', say`Token ${token} is not traced: ${done} tokens are.`);
