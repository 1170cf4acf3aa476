/** A network's weights as the engine takes them: an input, a stack of recurrent layers, a head. Plain data. */
import type { CellKind } from '../shared/signals';

/** A token id picks a row of `table` [vocab, width]. */
export interface EmbeddingInput {
  readonly table: Float32Array;
  readonly vocab: number;
  readonly width: number;
}

/**
 * One recurrent layer in PyTorch's arrangement. Rows are gate-major: LSTM i, f, g, o (4 * units rows), SimpleRNN one
 * block of `units` rows.
 */
export interface LayerWeights {
  readonly cell: CellKind;
  /** SimpleRNN's squashing; the LSTM's is fixed. */
  readonly activation: 'tanh' | 'relu';
  readonly inputSize: number;
  readonly units: number;
  /** [gates * units, inputSize] */
  readonly weightIh: Float32Array;
  /** [gates * units, units] */
  readonly weightHh: Float32Array;
  /** [gates * units] each: the input's and the recurrent bias. */
  readonly biasIh: Float32Array | undefined;
  readonly biasHh: Float32Array | undefined;
}

/** logits = weight h + bias, h the last layer's hidden state. */
export interface HeadWeights {
  readonly vocab: number;
  /** [vocab, units] */
  readonly weight: Float32Array;
  /** [vocab] */
  readonly bias: Float32Array | undefined;
}

export interface Network {
  readonly input: EmbeddingInput;
  readonly layers: readonly LayerWeights[];
  readonly head: HeadWeights | undefined;
}
