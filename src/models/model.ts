/** A model as the rest of the house knows it, whatever file it came from. */
import type { Network } from '../engine/network';
import { recordLayout } from '../engine/layout';
import type { LayerInfo, ModelInfo } from '../shared/trace';

export interface Model {
  readonly name: string;
  /** For people: `LSTM`, `SimpleRNN`. */
  readonly architecture: string;
  readonly tokenizer: 'bytes';
  readonly network: Network;
  readonly description: string | undefined;
  /** Number of trained values. */
  readonly parameters: number;
  /** What is odd about the file though it can be used; one sentence each. */
  readonly warnings: readonly string[];
  /** The file's own notes, as they are. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is told of a model across a boundary. @param file the path for people */
export function modelInfo(model: Model, id: number, file: string): ModelInfo {
  const { network, name, architecture, tokenizer, parameters, description, warnings } = model;
  const { columns } = recordLayout(network.layers, false);
  const layers = network.layers.map(({ cell, inputSize, units }, index): LayerInfo => {
    const own = columns.filter(({ layer }) => layer === index);
    const signals = own.flatMap(({ signal, scale }) => (signal === 'loss' ? [] : [{ name: signal, scale }]));
    return { name: `l${String(index)}`, cell, inputSize, units, signals };
  });
  const predicts = network.head !== undefined;
  return { id, name, file, architecture, tokenizer, layers, parameters, predicts, description, warnings };
}
