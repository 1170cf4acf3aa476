/** What the kernels know of a layer: sizes, and where its tensors lie. */

/** Written by src/engine/wasm.ts, field by field in this order (LAYER_FIELDS in src/engine/kernels.ts). */
@unmanaged
export class Layer {
  /** 0 LSTM, 1 GRU, 2 SimpleRNN. */
  cell!: i32;
  units!: i32;
  inputWidth!: i32;
  /** SimpleRNN: relu for tanh. GRU: reset before the product. */
  variant!: i32;
  /** Panels of all rows. */
  panels!: i32;
  /** GRU: panels of r and z, before those of n. LSTM: panels of the first of two parts. */
  firstPanels!: i32;
  /** [panels, inputWidth, 32] */
  weightIh!: usize;
  /** [panels, units, 32] */
  weightHh!: usize;
  /** [panels * 32] */
  bias!: usize;
  /** [candidate panels * 32] */
  candidateBias!: usize;
  /** Room [panels * 32]. */
  sums!: usize;
  /** Room for a GRU's r * h' [units]. */
  shown!: usize;
  /** h' [units]; h after a run. */
  hidden!: usize;
  /** LSTM: room for the other h, which is written while the first is read [units]. */
  spare!: usize;
  /** LSTM: c' [units]; c after a run. */
  cellState!: usize;
  /** By token [vocab, panels * 32], or room for a block [BLOCK, panels * 32]. */
  projected!: usize;
  /** Two inputs at a time (panels.ts). */
  paired!: i32;
  /** Steps that each part has finished, a cache line apart; 0 where no other thread takes part. */
  progress!: usize;
}
