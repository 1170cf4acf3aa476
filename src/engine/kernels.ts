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
  gru(
    projected: number,
    tokens: number,
    steps: number,
    units: number,
    weights: number,
    gatePanels: number,
    panels: number,
    bias: number,
    sums: number,
    hidden: number,
    shown: number,
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
  summarize(rows: number, blocks: number, count: number, width: number, out: number): void;
  touch(from: number, bytes: number): number;
  sigmoidEach(values: number, count: number): void;
  tanhEach(values: number, count: number): void;
}

/** A fresh instance with a memory of its own. */
export function instantiateKernels(module: WebAssembly.Module): Kernels {
  // The module is ours, built with this house; its exports are what src/kernels/index.ts says.
  return new WebAssembly.Instance(module, {}).exports as unknown as Kernels;
}

/** A module that holds nothing but one relaxed instruction: f32x4.relaxed_madd of three zeros. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  // One type, () -> v128, and one function of it.
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00],
  // i32.const 0, i32x4.splat, three times; f32x4.relaxed_madd; end.
  ...[0x0a, 0x13, 0x01, 0x11, 0x00, ...[0, 1, 2].flatMap(() => [0x41, 0x00, 0xfd, 0x11]), 0xfd, 0x85, 0x02, 0x0b],
);

/**
 * The build of the kernels for this machine: with fused multiply-add (relaxed SIMD) where the engine knows it, unless
 * `strict` asks for results that are the same, bit for bit, on every machine.
 */
export const kernelsFile = (strict: boolean): 'kernels.wasm' | 'kernels-relaxed.wasm' =>
  !strict && WebAssembly.validate(RELAXED_PROBE) ? 'kernels-relaxed.wasm' : 'kernels.wasm';
