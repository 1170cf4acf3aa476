/**
 * The one allocation that holds all of an engine: packed weights, states, and the records of a window. This table says
 * where each tensor lies in WASM memory; it is laid out once, so that the memory never grows under a view.
 */
import { WINDOW_TOKENS } from './engine';
import type { RecordLayout } from './layout';
import { GATES, STATE_PARTS, type LayerWeights, type Network } from './network';
import { PANEL_ROWS, panelsOf } from './packing';

/**
 * A vector of numbers at each step, in place of an embedding. There is no table of projected rows then: inputs are
 * projected for a block of steps at once.
 */
export interface DenseInput {
  readonly width: number;
}

/** What the kernels run: a Network, or one whose input is numbers. */
export interface KernelNetwork extends Omit<Network, 'input'> {
  readonly input: Network['input'] | DenseInput;
}

/**
 * Steps whose dense inputs are projected at once: enough to fetch W seldom, few enough for the result to stay near
 * (128 KiB for an LSTM of 256 units).
 */
export const DENSE_STEPS = 32;

const FLOAT_BYTES = 4;
/** A cache line: what a vector load must not straddle if it is to be quick. */
const ALIGNMENT = 64;

/** Blocks that are summarized at once: a window's at the finest level that is kept. */
export const SUMMARY_BLOCKS = WINDOW_TOKENS / 8;

/** A tensor of float32. */
export interface Region {
  /** Offset in bytes. */
  readonly at: number;
  /** Number of values. */
  readonly length: number;
}

export interface LayerArena {
  /**
   * Panels of the rows that are multiplied by h', and of those that wait for them: a GRU's candidate. The two kinds of
   * rows are packed apart; `panels` below is their sum.
   */
  readonly parts: readonly [gates: number, candidate: number];
  readonly panels: number;
  /** [panels, inputSize, 32] */
  readonly weightIh: Region;
  /** [panels, units, 32] */
  readonly weightHh: Region;
  /** [panels * 32], the input's and the recurrent one together, but for a GRU that resets after the product. */
  readonly bias: Region;
  /** GRU that resets after the product: the candidate's recurrent bias [parts[1] * 32]. */
  readonly candidateBias: Region;
  /** GRU: room for r * h' [units, up to a multiple of 4]. */
  readonly shown: Region;
  /** W x + b + U h' of one step [panels * 32]. */
  readonly sums: Region;
  /** Hidden state, then (LSTM) cell state, each [units, up to a multiple of 4]. */
  readonly state: readonly Region[];
  /**
   * W x + b: for layer 0 of each token id [vocab, panels * 32] or of a block of dense inputs [DENSE_STEPS, panels * 32],
   * for others of each step [WINDOW_TOKENS, panels * 32].
   */
  readonly projected: Region;
}

export interface HeadArena {
  readonly panels: number;
  /** [panels, units, 32] */
  readonly weight: Region;
  /** [panels * 32], -Infinity behind the vocabulary. */
  readonly bias: Region;
  /** [WINDOW_TOKENS, panels * 32] */
  readonly logits: Region;
}

export interface Arena {
  /** Bytes from address 0 to the end of the last tensor. */
  readonly bytes: number;
  /** Token ids, of 32 bits [WINDOW_TOKENS]. */
  readonly tokens: Region;
  /** The embedding [vocab, width], or a window's dense inputs [WINDOW_TOKENS, width]. */
  readonly input: Region;
  readonly layers: readonly LayerArena[];
  readonly head: HeadArena | undefined;
  /** [WINDOW_TOKENS, layout.width] */
  readonly records: Region;
  /**
   * Minimum, sum and maximum [3, layout.width]; or minima, means and maxima of blocks in bfloat16, two to a value
   * [3, SUMMARY_BLOCKS, layout.width].
   */
  readonly reduction: Region;
}

/** Rows that are multiplied by h': all but a GRU's candidate. */
export const gateRows = ({ cell, units }: Pick<LayerWeights, 'cell' | 'units'>): number =>
  (cell === 'gru' ? 2 : GATES[cell]) * units;

/** @param start first byte that may be used */
export function planArena({ input, layers, head }: KernelNetwork, layout: RecordLayout, start: number): Arena {
  let end = start;
  const take = (length: number): Region => {
    const at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = at + length * FLOAT_BYTES;
    return { at, length };
  };
  const inputRows = 'vocab' in input ? input.vocab : WINDOW_TOKENS;
  const takeLayer = ({ cell, inputSize, units }: LayerWeights, index: number): LayerArena => {
    const parts = [panelsOf(gateRows({ cell, units })), cell === 'gru' ? panelsOf(units) : 0] as const;
    const panels = parts[0] + parts[1];
    const rows = panels * PANEL_ROWS;
    const first = 'vocab' in input ? input.vocab : DENSE_STEPS;
    return {
      parts,
      panels,
      weightIh: take(rows * inputSize),
      weightHh: take(rows * units),
      bias: take(rows),
      candidateBias: take(parts[1] * PANEL_ROWS),
      shown: take(cell === 'gru' ? Math.ceil(units / 4) * 4 : 0),
      sums: take(rows),
      state: Array.from({ length: STATE_PARTS[cell] }, () => take(Math.ceil(units / 4) * 4)),
      projected: take(rows * (index === 0 ? first : WINDOW_TOKENS)),
    };
  };
  const takeHead = (vocab: number, units: number): HeadArena => {
    const panels = panelsOf(vocab);
    const rows = panels * PANEL_ROWS;
    return { panels, weight: take(rows * units), bias: take(rows), logits: take(rows * WINDOW_TOKENS) };
  };
  const tensors = {
    tokens: take(WINDOW_TOKENS),
    input: take(inputRows * input.width),
    layers: layers.map(takeLayer),
    head: head && takeHead(head.vocab, layers.at(-1)?.units ?? 0),
    records: take(layout.width * WINDOW_TOKENS),
    reduction: take((layout.width * 3 * SUMMARY_BLOCKS) / 2),
  };
  return { ...tensors, bytes: end };
}
