/**
 * The one allocation that holds all of an engine: packed weights, states, and the records of a window. This table says
 * where each tensor lies in WASM memory; it is laid out once, so that the memory never grows under a view.
 */
import { WINDOW_TOKENS } from './engine';
import type { RecordLayout } from './layout';
import { GATES, STATE_PARTS, type Network } from './network';
import { packing, PANEL_ROWS, type Packing } from './packing';

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
  readonly packing: Packing;
  /** Columns of the packed recurrent weights: units, up to a multiple of 4. */
  readonly columns: number;
  /** [panels, inputSize, 16] */
  readonly weightIh: Region;
  /** [panels, columns, 16] */
  readonly weightHh: Region;
  /** [panels * 16], the input's and the recurrent one together. */
  readonly bias: Region;
  /** Hidden state, then (LSTM) cell state, each [panels * 16]; zero behind the units. */
  readonly state: readonly Region[];
  /** Where the next hidden state grows [panels * 16]. */
  readonly spare: Region;
  /** W x + b: for layer 0 of each token id [vocab, panels * 16], for others of each step [WINDOW_TOKENS, panels * 16]. */
  readonly projected: Region;
}

export interface HeadArena {
  readonly packing: Packing;
  /** [panels, units, 16] */
  readonly weight: Region;
  /** [panels * 16], -Infinity behind the vocabulary. */
  readonly bias: Region;
  /** [WINDOW_TOKENS, panels * 16] */
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
  const takeLayer = (layer: Network['layers'][number], index: number): LayerArena => {
    const packed = packing(GATES[layer.cell], layer.units);
    const rows = packed.panels * PANEL_ROWS;
    const columns = Math.ceil(layer.units / 4) * 4;
    return {
      packing: packed,
      columns,
      weightIh: take(rows * layer.inputSize),
      weightHh: take(rows * columns),
      bias: take(rows),
      state: Array.from({ length: STATE_PARTS[layer.cell] }, () => take(rows)),
      spare: take(rows),
      projected: take(rows * (index === 0 ? input.vocab : WINDOW_TOKENS)),
    };
  };
  const takeHead = (vocab: number, units: number): HeadArena => {
    const packed = packing(1, vocab);
    const rows = packed.panels * PANEL_ROWS;
    return { packing: packed, weight: take(rows * units), bias: take(rows), logits: take(rows * WINDOW_TOKENS) };
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
