/** Named tensors of a model file, decoded to float32 only when asked for; every reader of a format ends here. */

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The values, row after row; a fresh, aligned array. @throws model-unsupported for a type that holds no weights */
  read(): Float32Array;
}

export interface TensorFile {
  /** For people: the path or name of the file. */
  readonly file: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}
