/**
 * Ways in which a model may have been read or exported wrongly: each is a change to the network, and a sentence on what
 * the reference does if that change makes both agree.
 */
import { GATES, hiddenSize, squashingsOf, type CellVariant, type LayerWeights } from '../../engine/network';
import type { RecurrentNetwork } from '../../engine/recurrent';
import type { RecurrentLayer } from '../../engine/sequence';
import { SIGMOID, squashing, TANH, type Squashing } from '../../engine/squashing';
import { say, type Text } from '../../shared/l10n';

/** A change to the network. */
export interface Change {
  readonly name: string;
  readonly text: Text;
  /** It is of one layer of several: less likely than a change of all. */
  readonly ofOne?: true;
  readonly network: RecurrentNetwork;
}

/** A change to one cell; undefined where it does not apply. */
interface CellChange {
  readonly name: string;
  readonly text: Text;
  readonly of: (weights: LayerWeights) => LayerWeights | undefined;
}

const LETTERS = { lstm: ['i', 'f', 'g', 'o'], gru: ['r', 'z', 'n'], rnn: [] } as const;

/** Values with blocks of rows in another order: block k of the result is block order[k]. */
function reorder(values: Float32Array, order: readonly number[]): Float32Array {
  const block = values.length / order.length;
  const out = new Float32Array(values.length);
  for (const [to, from] of order.entries()) out.set(values.subarray(from * block, (from + 1) * block), to * block);
  return out;
}

function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, place) => [...order.slice(0, place), count - 1, ...order.slice(place)]),
  );
}

function gateOrders(cell: 'lstm' | 'gru'): CellChange[] {
  const letters = LETTERS[cell];
  return permutations(letters.length)
    .filter((order) => order.some((from, to) => from !== to))
    .map((order) => {
      // Where our order takes gate k from tells which letter their block is.
      const theirs = order.map((_, block) => letters[order.indexOf(block)] ?? '?').join(', ');
      return {
        name: 'gate order',
        text: say`The reference takes the blocks of rows in the order ${theirs}; here they are read as
          ${letters.join(', ')}.`,
        of: (weights: LayerWeights) =>
          weights.cell === cell
            ? {
                ...weights,
                weightIh: reorder(weights.weightIh, order),
                weightHh: reorder(weights.weightHh, order),
                biasIh: weights.biasIh && reorder(weights.biasIh, order),
                biasHh: weights.biasHh && reorder(weights.biasHh, order),
              }
            : undefined,
      };
    });
}

/** Matrices of [rows, columns] gate by gate, each transposed; undefined where they are not square. */
function transposeBlocks(
  values: Float32Array,
  gates: number,
  units: number,
  columns: number,
): Float32Array | undefined {
  if (units !== columns) return undefined;
  const out = new Float32Array(values.length);
  for (let gate = 0; gate < gates; gate++) {
    const from = gate * units * units;
    for (let r = 0; r < units; r++) {
      for (let c = 0; c < units; c++) out[from + r * units + c] = values[from + c * units + r] ?? 0;
    }
  }
  return out;
}

const scaled = (values: Float32Array | undefined, factor: number): Float32Array | undefined =>
  values?.map((value) => value * factor);

function withForgetBias(weights: LayerWeights, add: number): LayerWeights | undefined {
  if (weights.cell !== 'lstm') return undefined;
  const biasIh = weights.biasIh?.slice() ?? new Float32Array(4 * weights.units);
  for (let u = 0; u < weights.units; u++) biasIh[weights.units + u] = (biasIh[weights.units + u] ?? 0) + add;
  return { ...weights, biasIh };
}

const without = (weights: LayerWeights, key: keyof CellVariant): LayerWeights => ({
  ...weights,
  variant: Object.fromEntries(Object.entries(weights.variant ?? {}).filter(([name]) => name !== key)),
});

const withSquashings = (weights: LayerWeights, squashings: readonly Squashing[]): LayerWeights => ({
  ...weights,
  variant: { ...weights.variant, squashings },
});

function gateFunction(name: Text, gate: Squashing): CellChange {
  return {
    name: 'hard sigmoid',
    text: say`The reference's gates use ${name}.`,
    of: (weights) => {
      if (weights.cell === 'rnn') return undefined;
      const [now, ...rest] = squashingsOf(weights);
      const same = now?.name === gate.name && (gate.name === 'sigmoid' || Math.abs(now.alpha - gate.alpha) < 1e-6);
      return same ? undefined : withSquashings(weights, [gate, ...rest]);
    },
  };
}

function stateFunction(name: string, to: Squashing): CellChange {
  return {
    name: 'activation',
    text: say`The reference's activation is ${name}.`,
    of: (weights) => {
      const now = squashingsOf(weights);
      const changed = weights.cell === 'rnn' ? [to] : [now[0] ?? SIGMOID, ...now.slice(1).map(() => to)];
      return changed.every((one, k) => one.name === now[k]?.name) ? undefined : withSquashings(weights, changed);
    },
  };
}

/** The update gate the other way round: h = z * n + (1 - z) * h', as in the first papers. 1 - sigmoid(x) = sigmoid(-x). */
const updateSense: CellChange = {
  name: 'GRU form',
  text: say`The reference's update gate means the opposite: h = z * n + (1 - z) * h'.`,
  of: (weights) => {
    if (weights.cell !== 'gru') return undefined;
    const negate = (values: Float32Array | undefined): Float32Array | undefined => {
      const block = (values?.length ?? 0) / 3;
      return values?.map((value, index) => (index >= block && index < 2 * block ? -value : value));
    };
    return {
      ...weights,
      weightIh: negate(weights.weightIh) ?? weights.weightIh,
      weightHh: negate(weights.weightHh) ?? weights.weightHh,
      biasIh: negate(weights.biasIh),
      biasHh: negate(weights.biasHh),
    };
  },
};

const CELL_CHANGES: readonly CellChange[] = [
  {
    name: 'GRU form',
    text: say`The reference has the other GRU: its reset gate comes on the other side of the recurrent product
      (reset_after, linear_before_reset).`,
    of: (weights) =>
      weights.cell === 'gru'
        ? { ...weights, gruForm: weights.gruForm === 'resetBefore' ? 'resetAfter' : 'resetBefore' }
        : undefined,
  },
  updateSense,
  {
    name: 'bias',
    text: say`The reference has no recurrent bias: here it is added, perhaps twice.`,
    of: (weights) => weights.biasHh && { ...weights, biasHh: undefined },
  },
  {
    name: 'bias',
    text: say`The reference has no input bias: here it is added, perhaps twice.`,
    of: (weights) => weights.biasIh && { ...weights, biasIh: undefined },
  },
  {
    name: 'bias',
    text: say`The reference has no bias at all.`,
    of: (weights) => (weights.biasIh ?? weights.biasHh) && { ...weights, biasIh: undefined, biasHh: undefined },
  },
  {
    name: 'bias',
    text: say`The reference adds the bias twice.`,
    of: (weights) =>
      (weights.biasIh ?? weights.biasHh) && {
        ...weights,
        biasIh: scaled(weights.biasIh, 2),
        biasHh: scaled(weights.biasHh, 2),
      },
  },
  {
    name: 'bias',
    text: say`The reference adds the bias once: here it is in both biases.`,
    of: (weights) =>
      weights.biasIh &&
      weights.biasHh && { ...weights, biasIh: scaled(weights.biasIh, 0.5), biasHh: scaled(weights.biasHh, 0.5) },
  },
  {
    name: 'bias',
    text: say`The reference adds 1 to the forget gate's bias (unit_forget_bias, forget_bias).`,
    of: (weights) => withForgetBias(weights, 1),
  },
  {
    name: 'bias',
    text: say`The reference does not add 1 to the forget gate's bias (unit_forget_bias, forget_bias).`,
    of: (weights) => withForgetBias(weights, -1),
  },
  gateFunction(say`the old hard sigmoid, 0.2 x + 0.5 (Keras 2 and before)`, squashing('hardSigmoid', 0.2, 0.5)),
  gateFunction(say`the new hard sigmoid, x / 6 + 0.5 (Keras 3)`, squashing('hardSigmoid', 1 / 6, 0.5)),
  gateFunction(say`the true sigmoid`, SIGMOID),
  stateFunction('tanh', TANH),
  stateFunction('relu', squashing('relu')),
  stateFunction('softsign', squashing('softsign')),
  {
    name: 'transposed weights',
    text: say`The reference's recurrent weights are the transposed ones.`,
    of: (weights) => {
      const weightHh = transposeBlocks(weights.weightHh, GATES[weights.cell], weights.units, hiddenSize(weights));
      return weightHh && { ...weights, weightHh };
    },
  },
  {
    name: 'transposed weights',
    text: say`The reference's input weights are the transposed ones.`,
    of: (weights) => {
      const weightIh = transposeBlocks(weights.weightIh, GATES[weights.cell], weights.units, weights.inputSize);
      return weightIh && { ...weights, weightIh };
    },
  },
  {
    name: 'swapped weights',
    text: say`The reference has the input and the recurrent weights the other way round.`,
    of: (weights) =>
      weights.inputSize === hiddenSize(weights)
        ? {
            ...weights,
            weightIh: weights.weightHh,
            weightHh: weights.weightIh,
            biasIh: weights.biasHh,
            biasHh: weights.biasIh,
          }
        : undefined,
  },
  {
    name: 'peephole',
    text: say`The reference has no peepholes.`,
    of: (weights) => {
      if (weights.variant?.peephole === undefined) return undefined;
      return without(weights, 'peephole');
    },
  },
  {
    name: 'clip',
    text: say`The reference does not clip.`,
    of: (weights) => {
      if (weights.variant?.clip === undefined) return undefined;
      return without(weights, 'clip');
    },
  },
  ...gateOrders('lstm'),
  ...gateOrders('gru'),
];

/** The network with the cells of some layers changed; undefined where nothing changes. */
function changed(network: RecurrentNetwork, change: CellChange, only?: number): RecurrentNetwork | undefined {
  const layers = network.layers.map((layer, index): RecurrentLayer => {
    if (only !== undefined && index !== only) return layer;
    const directions = layer.directions.map((direction) => {
      const weights = change.of(direction.weights);
      return weights === undefined ? direction : { ...direction, weights };
    });
    return directions.every((direction, place) => direction === layer.directions[place])
      ? layer
      : { ...layer, directions };
  });
  return layers.every((layer, index) => layer === network.layers[index]) ? undefined : { ...network, layers };
}

/** Every change that applies to a network: of all its layers at once, then of single ones, then of how they are joined. */
export function* changesOf(network: RecurrentNetwork): Generator<Change> {
  for (const change of CELL_CHANGES) {
    const all = changed(network, change);
    if (all !== undefined) yield { name: change.name, text: change.text, network: all };
  }
  yield* directionChanges(network);
  yield* layerOrders(network);
  if (network.layers.length < 2) return;
  for (const index of network.layers.keys()) {
    for (const change of CELL_CHANGES) {
      const one = changed(network, change, index);
      if (one === undefined) continue;
      yield { name: change.name, text: say`In ${`l${String(index)}`}: ${change.text}`, ofOne: true, network: one };
    }
  }
}

function* directionChanges(network: RecurrentNetwork): Generator<Change> {
  const { layers } = network;
  const withLayers = (of: (layer: RecurrentLayer) => RecurrentLayer): RecurrentNetwork => ({
    ...network,
    layers: layers.map(of),
  });
  if (layers.every(({ directions }) => directions.length === 1)) {
    yield {
      name: 'direction',
      text: say`The reference reads the sequence in the other direction.`,
      network: withLayers((layer) => ({
        ...layer,
        directions: layer.directions.map((direction) => ({ ...direction, reverse: !direction.reverse })),
      })),
    };
    return;
  }
  yield {
    name: 'direction',
    text: say`The reference has the weights of the two directions the other way round.`,
    network: withLayers((layer) => {
      const [first, second] = layer.directions;
      if (first === undefined || second === undefined) return layer;
      return {
        ...layer,
        directions: [
          { ...first, weights: second.weights },
          { ...second, weights: first.weights },
        ],
      };
    }),
  };
  yield {
    name: 'direction',
    text: say`The reference reads forward in both directions: the second does not run backwards.`,
    network: withLayers((layer) => ({
      ...layer,
      directions: layer.directions.map((direction) => ({ ...direction, reverse: false })),
    })),
  };
}

function* layerOrders(network: RecurrentNetwork): Generator<Change> {
  const { layers } = network;
  for (let a = 0; a < layers.length; a++) {
    for (let b = a + 1; b < layers.length; b++) {
      const [first, second] = [layers[a], layers[b]];
      if (first === undefined || second === undefined || !alike(first, second)) continue;
      yield {
        name: 'layer order',
        text: say`The reference has l${a} and l${b} the other way round.`,
        network: { ...network, layers: layers.with(a, second).with(b, first) },
      };
    }
  }
}

const alike = (a: RecurrentLayer, b: RecurrentLayer): boolean =>
  a.directions.length === b.directions.length &&
  a.directions.every(({ weights }, k) => {
    const other = b.directions[k]?.weights;
    return other?.inputSize === weights.inputSize && hiddenSize(other) === hiddenSize(weights);
  });
