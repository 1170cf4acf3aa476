/**
 * A model as the rest of the house knows it, whatever file it came from.
 *
 * Its weights are getters that read the file each time they are asked for, so that a model of any size can be described
 * without being read; `materialize` reads each once.
 */
import { areUsual, curvesOf, derivedOf } from '../engine/curves';
import type { Text } from '../shared/l10n';
import { recordLayout } from '../engine/layout';
import { namedLayers, type RecurrentNetwork } from '../engine/recurrent';
import type { Sidecar } from '../shared/tokens';
import type { LayerInfo, ModelInfo } from '../shared/trace';

export interface Model {
  readonly name: string;
  /** For people: `LSTM`, `SimpleRNN`. */
  readonly architecture: string;
  /** What the file itself says of tokens, numbers and classes; a sidecar may say the rest. */
  readonly notes: Sidecar;
  readonly network: RecurrentNetwork;
  /** What was found behind the part that can be run, and is left out: `MultiHeadAttention "attn"`. */
  readonly notRun: readonly Text[];
  readonly description: string | undefined;
  /** Number of trained values. */
  readonly parameters: number;
  /** What is odd about the file though it can be used; one sentence each. Grows while weights are read: NaN and the like. */
  readonly warnings: readonly Text[];
  /** The file's own notes, as they are. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The same model with all of its weights in memory. Its source may be closed afterwards. */
export function materialize(model: Model): Model {
  const { input, layers, head } = model.network;
  return {
    ...model,
    network: {
      input: { ...input },
      layers: layers.map(({ directions, merge }) => ({
        merge,
        directions: directions.map(({ reverse, weights }) => {
          const { variant } = weights;
          // A spread asks each getter once.
          return { reverse, weights: { ...weights, ...(variant && { variant: { ...variant } }) } };
        }),
      })),
      head: head && { ...head, layers: head.layers.map((layer) => ({ ...layer })) },
    },
  };
}

/**
 * What is told of a model across a boundary: a layer's directions are layers of their own.
 *
 * @param file the path for people
 */
export function modelInfo(model: Model, id: number, file: string): ModelInfo {
  const { network, name, architecture, notes, parameters, description, warnings } = model;
  const named = namedLayers(network);
  // Only what a layout needs: weights are read when they are touched.
  const shapes = named.map(({ name, weights: { cell, activation, units, variant } }) => {
    return { name, cell, activation, units, ...(variant && { variant }) };
  });
  const { columns } = recordLayout(shapes, false);
  const layers = shapes.map((shape, index): LayerInfo => {
    const { name: prefix, cell, units } = shape;
    const own = columns.filter(({ layer }) => layer === index);
    const signals = own.flatMap(({ signal, scale }) => (signal === 'loss' ? [] : [{ name: signal, scale }]));
    const curves = curvesOf(shape);
    return {
      name: prefix,
      cell,
      inputSize: named[index]?.weights.inputSize ?? 0,
      units,
      signals,
      derived: derivedOf(shape),
      ...(curves && !areUsual(cell, curves) && { curves }),
      ...(named[index]?.reverse && { reverse: true }),
    };
  });
  // One that reads backwards has seen the token that it would predict.
  const predicts = network.head?.output === 'next-token' && named.every(({ reverse }) => !reverse);
  const tokenizer = notes.tokenizer?.kind;
  return { id, name, file, architecture, tokenizer, layers, parameters, predicts, description, warnings };
}
