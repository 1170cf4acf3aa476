/**
 * Any model that the readers can say: an input, a stack of recurrent layers in one or both directions, a head of dense
 * layers. `Network` (network.ts) is the part of it that streams over tokens, which the kernels run.
 */
import type { LayerWeights, Network } from './network';
import type { RecurrentLayer } from './sequence';
import type { Squashing } from './squashing';

/** A token id picks a row of `table` [vocab, width]; without one it is one-hot, and `width` is `vocab`. */
export interface TokensInput {
  readonly kind: 'tokens';
  readonly vocab: number;
  readonly width: number;
  readonly table: Float32Array | undefined;
}

/** A vector at each step. */
export interface NumbersInput {
  readonly kind: 'numbers';
  readonly width: number;
}

/** y = activation(weight x + bias). */
export interface DenseLayer {
  readonly inputSize: number;
  readonly outputSize: number;
  /** [outputSize, inputSize] */
  readonly weight: Float32Array;
  /** [outputSize] */
  readonly bias: Float32Array | undefined;
  /** Undefined for none. A last softmax or log-softmax is not an activation here: logits are what comes before it. */
  readonly activation: Squashing | undefined;
}

export interface Head {
  /** From the last layer's hidden state on, at least one. */
  readonly layers: readonly DenseLayer[];
  /** What the outputs mean: logits of the next token, logits of classes, or values. */
  readonly output: 'next-token' | 'classes' | 'values';
}

export interface RecurrentNetwork {
  readonly input: TokensInput | NumbersInput;
  readonly layers: readonly RecurrentLayer[];
  readonly head: Head | undefined;
}

/** A direction of a layer, as a layer of its own: what the tracks of a heatmap and the columns of a record are called by. */
export interface NamedLayer {
  /** `l0`, `l0_reverse`: prefix of its signals' names. */
  readonly name: string;
  readonly reverse: boolean;
  readonly weights: LayerWeights;
}

/** Every direction of every layer in turn. */
export const namedLayers = ({ layers }: Pick<RecurrentNetwork, 'layers'>): NamedLayer[] =>
  layers.flatMap(({ directions }, index) =>
    directions.map(({ reverse, weights }) => {
      // A lone direction that reads backwards is called so too.
      return { name: `l${String(index)}${reverse ? '_reverse' : ''}`, reverse, weights };
    }),
  );

/** The same as a Network, where it is one: tokens in, every layer forward, one dense layer to the next token or none. */
export function tokenNetwork({ input, layers, head }: RecurrentNetwork): Network | undefined {
  if (input.kind !== 'tokens') return undefined;
  const streams = layers.every(({ directions }) => directions.length === 1 && directions[0]?.reverse === false);
  if (!streams) return undefined;
  const [dense, ...more] = head?.layers ?? [];
  const simple = dense !== undefined && more.length === 0 && dense.activation === undefined;
  if (head !== undefined && !(simple && head.output === 'next-token' && dense.outputSize === input.vocab))
    return undefined;
  return {
    input,
    layers: layers.flatMap(({ directions }) => directions.map(({ weights }) => weights)),
    head: dense && { vocab: dense.outputSize, weight: dense.weight, bias: dense.bias },
  };
}
