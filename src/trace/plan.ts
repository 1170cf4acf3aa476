/** How a trace spends its memory: what is kept of a text of any length so that the whole stays within a budget. */
import { WINDOW_TOKENS } from '../engine/engine';
import { Summary } from './summary';

export interface Plan {
  /** Tokens between checkpoints, a multiple of WINDOW_TOKENS. */
  readonly checkpointTokens: number;
  /** Finest level whose summary is kept for the whole text; a block is 2^baseLevel tokens. */
  readonly baseLevel: number;
  /** Bytes for recently used windows and finer summaries, which are computed again when they are needed. */
  readonly cacheBytes: number;
  /** Bytes for summaries of derived signals, taken only once they are asked for. */
  readonly derivedBytes: number;
}

/** Blocks shorter than this are as cheap to compute as to keep. */
const FINEST_BASE_LEVEL = 3;

/**
 * Of `memory` without the text itself, a quarter at most goes to the summary, three eighths to checkpoints, an eighth to
 * derived signals if they are looked at, and to the cache what they leave of seven tenths, at least an eighth. The rest
 * is for garbage and for the code itself. What does not fit is kept more coarsely; what is finer is computed again from
 * a checkpoint.
 *
 * Checkpoints get the most: how far they are apart is what every look at a long text waits for.
 *
 * @param tokens length of the text
 * @param width values of a record
 * @param stateSize values of a state
 * @param memory in bytes
 * @param textBytes of the tokens; a text that leaves less than half of `memory` is not counted beyond that
 */
export function plan(tokens: number, width: number, stateSize: number, memory: number, textBytes: number): Plan {
  const left = Math.max(memory - textBytes, memory / 2);
  let baseLevel = FINEST_BASE_LEVEL;
  while (Summary.bytes(width, Math.ceil(tokens / 2 ** baseLevel)) > left / 4 && 2 ** baseLevel < tokens) baseLevel++;
  let checkpointTokens = WINDOW_TOKENS;
  const stateBytes = stateSize * Float32Array.BYTES_PER_ELEMENT;
  while (Math.ceil(tokens / checkpointTokens) * stateBytes > (left * 3) / 8 && checkpointTokens < tokens) {
    checkpointTokens *= 2;
  }
  // At least two windows, or a hover at a window's edge would compute each of them anew; or a finer tile and one.
  const windowBytes = WINDOW_TOKENS * width * Float32Array.BYTES_PER_ELEMENT;
  const summaryBytes = Summary.bytes(width, Math.ceil(tokens / 2 ** baseLevel));
  const checkpointBytes = Math.ceil(tokens / checkpointTokens) * stateBytes;
  const derivedBytes = left / 8;
  const cacheBytes = Math.max(0.7 * left - summaryBytes - checkpointBytes - derivedBytes, left / 8, 3 * windowBytes);
  return {
    checkpointTokens,
    baseLevel,
    cacheBytes: Math.floor(cacheBytes),
    derivedBytes: Math.floor(derivedBytes),
  };
}
