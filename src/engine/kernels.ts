/** The exports of src/kernels as their caller sees them. Pointers and strides are bytes, counts are values. */

/** Parameters are described beside each kernel. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  arenaStart(): number;
  project(
    input: number,
    inputStride: number,
    count: number,
    columns: number,
    weights: number,
    bias: number,
    panels: number,
    out: number,
  ): void;
  lstm(
    projected: number,
    tokens: number,
    steps: number,
    units: number,
    weights: number,
    panels: number,
    sums: number,
    hidden: number,
    cell: number,
    record: number,
    recordStride: number,
  ): void;
  rnn(
    projected: number,
    tokens: number,
    steps: number,
    units: number,
    rectify: number,
    weights: number,
    panels: number,
    sums: number,
    hidden: number,
    record: number,
    recordStride: number,
  ): void;
  losses(logits: number, rows: number, count: number, tokens: number, loss: number, stride: number): void;
  softmax(logits: number, count: number): void;
  reduce(rows: number, count: number, width: number, out: number): void;
  sigmoidEach(values: number, count: number): void;
  tanhEach(values: number, count: number): void;
}

/** A fresh instance with a memory of its own. */
export function instantiateKernels(module: WebAssembly.Module): Kernels {
  // The module is ours, built with this house; its exports are what src/kernels/index.ts says.
  return new WebAssembly.Instance(module, {}).exports as unknown as Kernels;
}
