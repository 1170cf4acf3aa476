/**
 * The one allocation that holds all of an engine: packed weights, states, and the records of a window. This table says
 * where each tensor lies in WASM memory; it is laid out once, so that the memory never grows under a view.
 */
import { WINDOW_TOKENS } from './engine';
import { LAYER_FIELDS } from './kernels';
import type { RecordLayout } from './layout';
import { STATE_PARTS, type LayerWeights, type Network } from './network';
import { PANEL_ROWS, PANEL_UNITS, plainOrder, rowOrder, type RowOrder } from './packing';

/** A vector of numbers at each step, in place of an embedding. */
export interface DenseInput {
  readonly width: number;
}

/** What the kernels run: a Network, or one whose input is numbers. */
export interface KernelNetwork extends Omit<Network, 'input'> {
  readonly input: Network['input'] | DenseInput;
}

/**
 * Steps whose inputs are projected at once: enough to fetch W seldom, few enough for the result to stay near (128 KiB for
 * an LSTM of 256 units). The same, and even, in src/kernels/runLayer.ts.
 */
const BLOCK_STEPS = 32;

const FLOAT_BYTES = 4;
/** A cache line: what a vector load must not straddle if it is to be quick. */
const ALIGNMENT = 64;

/** Blocks that are summarized at once: a window's at the finest level that is kept. */
export const SUMMARY_BLOCKS = WINDOW_TOKENS / 8;

/** Most bytes of a table of projected embeddings; a larger one would cost more memory than it saves time. */
const TABLE_BYTES = 2 ** 26;

/** Rows of an embedding that are projected at once while a table is made. */
export const TABLE_ROWS = 256;

/** A tensor of float32. */
export interface Region {
  /** Offset in bytes. */
  readonly at: number;
  /** Number of values. */
  readonly length: number;
}

export interface LayerArena {
  /** How the rows of all its matrices are packed. */
  readonly order: RowOrder;
  readonly panels: number;
  /** Panels of the rows multiplied by h' (GRU: r, z), or, of an LSTM that two threads share, of the first part. */
  readonly firstPanels: number;
  /** LAYER_FIELDS, of 32 bits each. */
  readonly fields: Region;
  /** Steps that each of two threads has finished, a cache line apart. */
  readonly progress: Region;
  /** [panels, inputSize, 32]; empty for one-hot tokens. */
  readonly weightIh: Region;
  /** [panels, units, 32] */
  readonly weightHh: Region;
  /** [panels * 32], the input's and the recurrent one together, but for a GRU that resets after the product. */
  readonly bias: Region;
  /** GRU: the candidate's recurrent bias [candidate panels * 32]. */
  readonly candidateBias: Region;
  /** GRU: room for r * h' [units, up to a multiple of 8]. */
  readonly shown: Region;
  /** W x + b + U h' of one step [panels * 32]. */
  readonly sums: Region;
  /** Hidden state, then (LSTM) cell state, each [units, up to a multiple of 8]. */
  readonly state: readonly Region[];
  /** LSTM: room for the other hidden state, which is written while the first is read [units, up to a multiple of 8]. */
  readonly spare: Region;
  /** W x + b: of each token id [vocab, panels * 32], or room for a block of steps [BLOCK_STEPS, panels * 32]. */
  readonly projected: Region;
}

export interface HeadArena {
  readonly order: RowOrder;
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
  /** Whether layer 0 finds what tokens give it in a table; else their embeddings are projected block by block. */
  readonly tabled: boolean;
  /** The embedding [vocab, width] where there is no table; else room for parts of it while the table is made. */
  readonly table: Region;
  /** A window's dense inputs [WINDOW_TOKENS, width]. */
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
  /** What the kernels need while they summarize [3, layout.width]. */
  readonly room: Region;
}

/**
 * @param start first byte that may be used
 * @param shared whether two threads share LSTM layers
 */
export function planArena(
  { input, layers, head }: KernelNetwork,
  layout: RecordLayout,
  start: number,
  shared: boolean,
): Arena {
  let end = start;
  const take = (length: number): Region => {
    const at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = at + length * FLOAT_BYTES;
    return { at, length };
  };
  const vocab = 'vocab' in input ? input.vocab : 0;
  const oneHot = 'vocab' in input && input.table === undefined;
  const firstRows = layers[0] ? rowOrder(layers[0]).lanes.length : 0;
  const tabled = vocab > 0 && (oneHot || vocab * firstRows * FLOAT_BYTES <= TABLE_BYTES);
  const takeLayer = ({ cell, inputSize, units }: LayerWeights, index: number): LayerArena => {
    const order = rowOrder({ cell, units });
    const rows = order.lanes.length;
    const panels = rows / PANEL_ROWS;
    const padded = Math.ceil(units / PANEL_UNITS) * PANEL_UNITS;
    return {
      order,
      panels,
      firstPanels: cell === 'lstm' && shared ? Math.ceil(panels / 2) : order.firstPanels,
      fields: take(LAYER_FIELDS.length),
      progress: take((2 * ALIGNMENT) / FLOAT_BYTES),
      // One-hot tokens find their column in the table, which is made of these weights.
      weightIh: take(oneHot && index === 0 ? 0 : rows * inputSize),
      weightHh: take(rows * units),
      bias: take(rows),
      candidateBias: take(cell === 'gru' ? rows - order.firstPanels * PANEL_ROWS : 0),
      shown: take(cell === 'gru' ? padded : 0),
      sums: take(rows),
      state: Array.from({ length: STATE_PARTS[cell] }, () => take(padded)),
      spare: take(cell === 'lstm' ? padded : 0),
      projected: take(rows * (index === 0 && tabled ? vocab : BLOCK_STEPS)),
    };
  };
  const takeHead = (outputs: number, units: number): HeadArena => {
    const order = plainOrder(outputs);
    const rows = order.lanes.length;
    const [weight, bias] = [take(rows * units), take(rows)];
    return { order, panels: rows / PANEL_ROWS, weight, bias, logits: take(rows * WINDOW_TOKENS) };
  };
  const tableRows = tabled ? Math.min(TABLE_ROWS, vocab) : vocab;
  const tensors = {
    tokens: take(WINDOW_TOKENS),
    tabled,
    table: take(oneHot ? 0 : tableRows * input.width),
    input: take(tabled ? 0 : WINDOW_TOKENS * input.width),
    layers: layers.map(takeLayer),
    head: head && takeHead(head.vocab, layers.at(-1)?.units ?? 0),
    records: take(layout.width * WINDOW_TOKENS),
    reduction: take((layout.width * 3 * SUMMARY_BLOCKS) / 2),
    room: take(layout.width * 3),
  };
  return { ...tensors, bytes: end };
}
