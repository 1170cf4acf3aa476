/** Models made in memory, as a reader would make them, and references that a framework would write. */
import { npzBytes } from '../../src/cli/npy';
import { evaluate, type Evaluation, type SequenceInput } from '../../src/engine/evaluate';
import type { LayerWeights } from '../../src/engine/network';
import type { RecurrentNetwork } from '../../src/engine/recurrent';
import type { Model } from '../../src/models/model';
import type { CellKind } from '../../src/shared/signals';
import type { Sidecar } from '../../src/shared/tokens';
import { randomNetwork } from '../engine/randomNetwork';

export function someModel(network: RecurrentNetwork, notes: Sidecar = {}, more: Partial<Model> = {}): Model {
  return {
    name: 'some',
    architecture: 'LSTM',
    notes,
    network,
    notRun: [],
    description: undefined,
    parameters: 0,
    warnings: [],
    metadata: {},
    ...more,
  };
}

export interface Shape {
  readonly cell: CellKind;
  readonly units?: readonly number[];
  readonly vocab?: number;
  readonly width?: number;
  readonly seed?: number;
  readonly bias?: 'both' | 'ih' | 'none';
  readonly head?: boolean;
  /** Two directions in each layer, their hidden states side by side. */
  readonly bidirectional?: boolean;
  readonly numbers?: boolean;
}

/** A network of seeded random weights; large ones, so that every mistake shows. */
export function someNetwork({
  cell,
  units = [5],
  vocab = 12,
  width = 4,
  seed = 1,
  bias = 'both',
  head = true,
  bidirectional = false,
  numbers = false,
}: Shape): RecurrentNetwork {
  const cellsOf = (of: number): readonly LayerWeights[] =>
    units.map((n, index) => {
      const below = index === 0 ? width : (units[index - 1] ?? 0) * (bidirectional ? 2 : 1);
      const [layer] = randomNetwork({ seed: of + 31 * index, cell, units: [n], width: below, bias, scale: 2 }).layers;
      if (layer === undefined) throw new Error('a network without layers');
      return layer;
    });
  const [forward, backward] = [cellsOf(seed), cellsOf(seed + 500)];
  const last = (units.at(-1) ?? 0) * (bidirectional ? 2 : 1);
  const { input, head: dense } = randomNetwork({ seed: seed + 900, cell: 'rnn', units: [last], width, vocab });
  return {
    input: numbers ? { kind: 'numbers', width } : { kind: 'tokens', vocab, width, table: input.table },
    layers: forward.map((weights, index) => {
      const other = backward[index];
      const reverse = bidirectional && other !== undefined ? [{ reverse: true, weights: other }] : [];
      return { merge: 'concat', directions: [{ reverse: false, weights }, ...reverse] };
    }),
    head:
      head && dense && !numbers
        ? {
            output: 'next-token',
            layers: [
              { inputSize: last, outputSize: vocab, weight: dense.weight, bias: dense.bias, activation: undefined },
            ],
          }
        : undefined,
  };
}

/** The same network with each cell changed. */
export const withCells = (
  network: RecurrentNetwork,
  of: (weights: LayerWeights, layer: number) => LayerWeights,
): RecurrentNetwork => ({
  ...network,
  layers: network.layers.map((layer, index) => ({
    ...layer,
    directions: layer.directions.map((direction) => ({ ...direction, weights: of(direction.weights, index) })),
  })),
});

/** An .npz with hidden and cell states of a run of one sequence, and its logits. @param rename of our names */
export function referenceOf(
  network: RecurrentNetwork,
  input: SequenceInput,
  steps: number,
  rename: (name: string) => string | undefined = (name) => name,
  shape: (units: number) => readonly number[] = (units) => [steps, units],
  initial?: Parameters<typeof evaluate>[2]['initial'],
): Uint8Array {
  const run: Evaluation = evaluate(network, input, { steps, batch: 1, ...(initial && { initial }) });
  const arrays = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  const add = (name: string, values: Float64Array): void => {
    const as = rename(name);
    if (as !== undefined) arrays.set(as, { shape: shape(values.length / steps), values: Float32Array.from(values) });
  };
  for (const { name, signals } of run.directions) {
    for (const signal of signals) {
      if (signal.name === 'hidden' || signal.name === 'cell') add(`${name}.${signal.name}`, signal.values);
    }
  }
  add('output', run.output);
  if (run.logits) add('logits', run.logits);
  return npzBytes(arrays);
}
