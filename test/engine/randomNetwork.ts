/** Networks of seeded random weights, so that a failing case can be run again. */
import type { GruForm, LayerWeights, Network } from '../../src/engine/network';
import { GATES } from '../../src/engine/network';
import type { CellKind } from '../../src/shared/signals';

/** Numbers in [0, 1) from a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RandomNetworkOptions {
  readonly seed: number;
  readonly cell: CellKind;
  readonly activation?: 'tanh' | 'relu';
  readonly gruForm?: GruForm;
  /** Units of each layer. */
  readonly units: readonly number[];
  readonly width?: number;
  readonly vocab?: number;
  readonly bias?: 'both' | 'ih' | 'none';
  readonly head?: 'bias' | 'plain' | 'none';
  /** Weights lie in ±scale / sqrt(units). */
  readonly scale?: number;
}

/** With an embedding, and no one-hot tokens. */
export type TableNetwork = Network & { readonly input: { readonly table: Float32Array } };

export function randomNetwork({
  seed,
  cell,
  activation = 'tanh',
  gruForm = 'resetAfter',
  units,
  width = 7,
  vocab = 256,
  bias = 'both',
  head = 'bias',
  scale = 1,
}: RandomNetworkOptions): TableNetwork {
  const random = seededRandom(seed);
  const values = (count: number, bound: number): Float32Array =>
    Float32Array.from({ length: count }, () => (random() * 2 - 1) * bound);
  let inputSize = width;
  const layers = units.map((n): LayerWeights => {
    const bound = scale / Math.sqrt(n);
    const rows = GATES[cell] * n;
    const layer: LayerWeights = {
      cell,
      activation,
      gruForm,
      inputSize,
      units: n,
      weightIh: values(rows * inputSize, bound),
      weightHh: values(rows * n, bound),
      biasIh: bias === 'none' ? undefined : values(rows, bound),
      biasHh: bias === 'both' ? values(rows, bound) : undefined,
    };
    inputSize = n;
    return layer;
  });
  return {
    input: { table: values(vocab * width, 1), vocab, width },
    layers,
    head:
      head === 'none'
        ? undefined
        : {
            vocab,
            weight: values(vocab * inputSize, 3 / Math.sqrt(inputSize)),
            bias: head === 'bias' ? values(vocab, 1) : undefined,
          },
  };
}

export function randomTokens(seed: number, count: number, vocab = 256): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: count }, () => Math.floor(random() * vocab));
}
