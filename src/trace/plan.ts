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
}

/** Blocks shorter than this are as cheap to compute as to keep. */
const FINEST_BASE_LEVEL = 3;

/**
 * A quarter of `memory` at most goes to the summary, an eighth to checkpoints, half to the cache. What does not fit is
 * kept more coarsely; what is finer is computed again from a checkpoint.
 *
 * @param tokens length of the text
 * @param width values of a record
 * @param stateSize values of a state
 * @param memory in bytes
 */
export function plan(tokens: number, width: number, stateSize: number, memory: number): Plan {
  let baseLevel = FINEST_BASE_LEVEL;
  while (Summary.bytes(width, Math.ceil(tokens / 2 ** baseLevel)) > memory / 4 && 2 ** baseLevel < tokens) baseLevel++;
  let checkpointTokens = WINDOW_TOKENS;
  const stateBytes = stateSize * Float32Array.BYTES_PER_ELEMENT;
  while (Math.ceil(tokens / checkpointTokens) * stateBytes > memory / 8 && checkpointTokens < tokens) {
    checkpointTokens *= 2;
  }
  // At least two windows, or a hover at a window's edge would compute each of them anew.
  const windowBytes = WINDOW_TOKENS * width * Float32Array.BYTES_PER_ELEMENT;
  return { checkpointTokens, baseLevel, cacheBytes: Math.max(memory / 2, 2 * windowBytes) };
}
