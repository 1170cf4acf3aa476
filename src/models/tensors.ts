/** Named tensors of a model file, decoded to float32 only when asked for; readers of formats that name tensors end here. */
import type { Note } from './notes';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** False where its type can be no weight's: counters, masks, quantised values. */
  readonly floating?: boolean;
  /** The values, row after row; a fresh, aligned array. @throws model-unsupported for a type that holds no weights */
  read(): Float32Array;
}

/** A module of a pickled model: its class and the plain ones of its attributes. */
export interface ModuleNote {
  /** `torch.nn.modules.rnn.LSTM` */
  readonly className: string;
  readonly attributes: ReadonlyMap<string, string | number | boolean | null>;
}

export interface TensorFile {
  /** For people: the path or name of the file. */
  readonly file: string;
  /** In bytes; weights may not take many times as much. */
  readonly size: number;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Whether the order of the tensors is that in which the model's modules were made. */
  readonly ordered: boolean;
  /** By path, in the order in which they were made; empty where the file knows only names of tensors. */
  readonly modules: ReadonlyMap<string, ModuleNote>;
  /** Texts and numbers by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What may be a vocabulary or a list of classes. */
  readonly notes: readonly Note[];
}

/** Number of values. */
export const countOf = ({ shape }: Pick<Tensor, 'shape'>): number => shape.reduce((a, b) => a * b, 1);
