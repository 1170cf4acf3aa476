/**
 * The one allocation that holds all of an engine: packed weights, states, and the records of a window. This table says
 * where each tensor lies in WASM memory; it is laid out once, so that the memory never grows under a view.
 */
import { WINDOW_TOKENS } from './engine';
import type { RecordLayout } from './layout';
import { GATES, STATE_PARTS, type LayerWeights, type Network } from './network';
import { PANEL_ROWS, panelsOf } from './packing';

const FLOAT_BYTES = 4;
/** A cache line: what a vector load must not straddle if it is to be quick. */
const ALIGNMENT = 64;

/** A tensor of float32. */
export interface Region {
  /** Offset in bytes. */
  readonly at: number;
  /** Number of values. */
  readonly length: number;
}

export interface LayerArena {
  readonly panels: number;
  /** [panels, inputSize, 32] */
  readonly weightIh: Region;
  /** [panels, units, 32] */
  readonly weightHh: Region;
  /** [panels * 32], the input's and the recurrent one together. */
  readonly bias: Region;
  /** W x + b + U h' of one step [panels * 32]. */
  readonly sums: Region;
  /** Hidden state, then (LSTM) cell state, each [units, up to a multiple of 4]. */
  readonly state: readonly Region[];
  /** W x + b: for layer 0 of each token id [vocab, panels * 32], for others of each step [WINDOW_TOKENS, panels * 32]. */
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
  /** Token ids, one byte each [WINDOW_TOKENS]. */
  readonly tokens: Region;
  /** [vocab, width] */
  readonly embedding: Region;
  readonly layers: readonly LayerArena[];
  readonly head: HeadArena | undefined;
  /** [WINDOW_TOKENS, layout.width] */
  readonly records: Region;
  /** Minimum, sum and maximum [3, layout.width]. */
  readonly reduction: Region;
}

/** @param start first byte that may be used */
export function planArena({ input, layers, head }: Network, layout: RecordLayout, start: number): Arena {
  let end = start;
  const take = (length: number): Region => {
    const at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = at + length * FLOAT_BYTES;
    return { at, length };
  };
  const takeLayer = ({ cell, inputSize, units }: LayerWeights, index: number): LayerArena => {
    const panels = panelsOf(GATES[cell] * units);
    const rows = panels * PANEL_ROWS;
    return {
      panels,
      weightIh: take(rows * inputSize),
      weightHh: take(rows * units),
      bias: take(rows),
      sums: take(rows),
      state: Array.from({ length: STATE_PARTS[cell] }, () => take(Math.ceil(units / 4) * 4)),
      projected: take(rows * (index === 0 ? input.vocab : WINDOW_TOKENS)),
    };
  };
  const takeHead = (vocab: number, units: number): HeadArena => {
    const panels = panelsOf(vocab);
    const rows = panels * PANEL_ROWS;
    return { panels, weight: take(rows * units), bias: take(rows), logits: take(rows * WINDOW_TOKENS) };
  };
  const tensors = {
    tokens: take(WINDOW_TOKENS / FLOAT_BYTES),
    embedding: take(input.vocab * input.width),
    layers: layers.map(takeLayer),
    head: head && takeHead(head.vocab, layers.at(-1)?.units ?? 0),
    records: take(layout.width * WINDOW_TOKENS),
    reduction: take(layout.width * 3),
  };
  return { ...tensors, bytes: end };
}
