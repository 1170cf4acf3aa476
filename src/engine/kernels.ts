/** The exports of src/kernels as their caller sees them. Pointers and strides are bytes, counts are values. */

/** The fields of src/kernels/layer.ts in their order. */
export const LAYER_FIELDS = [
  'cell',
  'units',
  'inputWidth',
  'variant',
  'panels',
  'firstPanels',
  'weightIh',
  'weightHh',
  'bias',
  'candidateBias',
  'sums',
  'shown',
  'hidden',
  'spare',
  'cellState',
  'projected',
  'paired',
  'progress',
] as const;

/** What runLayer is given, but for the part. */
export type LayerRun = readonly [
  layer: number,
  tokens: number,
  input: number,
  inputStride: number,
  steps: number,
  record: number,
  recordStride: number,
];

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
    outStride: number,
    paired: number,
  ): void;
  runLayer(...args: [...LayerRun, part: number]): number;
  gather(table: number, width: number, tokens: number, count: number, out: number): void;
  losses(logits: number, rows: number, count: number, tokens: number, loss: number, stride: number): void;
  softmax(logits: number, count: number): void;
  reduce(rows: number, count: number, width: number, out: number): void;
  summarize(rows: number, blocks: number, count: number, width: number, out: number, room: number): number;
  touch(from: number, bytes: number, out: number): void;
  sigmoidEach(values: number, count: number): void;
  tanhEach(values: number, count: number): void;
}

/**
 * A fresh instance with a memory of its own, or, of a build that shares it, on a memory that is there.
 *
 * @param memory shared
 */
export function instantiateKernels(module: WebAssembly.Module, memory?: WebAssembly.Memory): Kernels {
  // The module is ours, built with this house; its exports are what src/kernels/index.ts says.
  const exports = new WebAssembly.Instance(module, memory ? { env: { memory } } : {}).exports as unknown as Kernels;
  return memory ? { ...exports, memory } : exports;
}

/** Pages that a shared memory may grow to, as src/kernels/asconfig.json says. */
const SHARED_PAGES = 32_768;

/** A memory for two instances. @throws RangeError where the addresses cannot be had */
export const sharedMemory = (): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: 1, maximum: SHARED_PAGES, shared: true });

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
 *
 * @param shared for a memory that two threads share
 */
export function kernelsFile(strict: boolean, shared = false): string {
  const relaxed = !strict && WebAssembly.validate(RELAXED_PROBE);
  return `kernels${relaxed ? '-relaxed' : ''}${shared ? '-shared' : ''}.wasm`;
}
