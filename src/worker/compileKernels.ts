/**
 * Compiles the kernels, with vectors of 256 bits where this V8 can make them: its revectorizer joins pairs of 128 bits,
 * lane by lane, so that not a bit of any result changes, and a step takes half to five sixths of the time. It is behind a flag of
 * V8's (`--experimental-wasm-revectorize`), which is set for the few milliseconds of this
 * compilation only. What comes out is compared with what an ordinary compilation computes before it is used.
 *
 * Tried instead: leaving the flag set, which is no business of an extension that shares its process with others.
 */
import { setFlagsFromString } from 'node:v8';

import { GATES, type GruForm, type LayerWeights } from '../engine/network';
import { instantiateKernels, sharedMemory } from '../engine/kernels';
import { PANEL_ROWS } from '../engine/packing';
import { createDenseEngine, createWasmEngine, type EngineOptions } from '../engine/wasm';
import type { CellKind } from '../shared/signals';
import { guarded } from './marker';

export interface CompiledKernels {
  readonly module: WebAssembly.Module;
  /** Compiled to vectors of 256 bits, and that shows in a measurement: then EngineOptions.paired is quicker. */
  readonly wide: boolean;
  /** Bits of the vectors that it was compiled to. */
  readonly vectors: 256 | 128;
}

/** The first whose flag was tried. An older one would print that it does not know it. */
const FIRST_V8 = 13;

const FLOAT_BYTES = 4;

/** All functions must go through the optimizing compiler now, while the flag is set. */
const SET = ['--experimental-wasm-revectorize', '--no-liftoff', '--no-wasm-lazy-compilation'];
/** V8's defaults. */
const RESET = ['--no-experimental-wasm-revectorize', '--liftoff', '--wasm-lazy-compilation'];

export interface CompileOptions {
  /** False: never try. */
  readonly widen?: boolean;
  /** A build for shared memory. */
  readonly shared?: boolean;
  /** A file that tells if trying has ended a process (marker.ts). */
  readonly marker?: string | undefined;
}

/** @throws WebAssembly.CompileError */
export function compileKernels(
  bytes: Uint8Array<ArrayBuffer>,
  { widen = true, shared = false, marker }: CompileOptions = {},
): CompiledKernels {
  const plain = { module: new WebAssembly.Module(bytes), wide: false, vectors: 128 } as const;
  if (!widen || process.arch !== 'x64' || Number.parseInt(process.versions.v8, 10) < FIRST_V8) return plain;
  return guarded(
    marker,
    () => {
      const module = compileWide(bytes);
      // One for all that is tried here: a shared memory takes gigabytes of addresses.
      const memory = shared ? sharedMemory() : undefined;
      return sameResults(plain.module, module, memory)
        ? ({ module, wide: pairsPay(module, memory), vectors: 256 } as const)
        : plain;
    },
    () => plain,
  );
}

function compileWide(bytes: Uint8Array): WebAssembly.Module {
  for (const flag of SET) setFlagsFromString(flag);
  try {
    // Other bytes, or V8 would hand out the code that it already has.
    return new WebAssembly.Module(withCustomSection(bytes));
  } finally {
    for (const flag of RESET) setFlagsFromString(flag);
  }
}

/** An empty custom section named "wide" at the end. */
function withCustomSection(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode('wide');
  const all = new Uint8Array(bytes.length + name.length + 3);
  all.set(bytes);
  all.set([0, name.length + 1, name.length, ...name], bytes.length);
  return all;
}

/** Sizes that leave a remainder behind every group of rows, units and steps. */
const UNITS = 37;
const WIDTH = 5;
const STEPS = 11;

const VARIANTS: readonly (readonly [CellKind, GruForm, LayerWeights['activation']])[] = [
  ['lstm', 'resetAfter', 'tanh'],
  ['gru', 'resetAfter', 'tanh'],
  ['gru', 'resetBefore', 'tanh'],
  ['rnn', 'resetAfter', 'tanh'],
  ['rnn', 'resetAfter', 'relu'],
];

/** Whether both compute the same bits: every kernel, on values of every size up to saturation. */
function sameResults(plain: WebAssembly.Module, wide: WebAssembly.Module, memory?: WebAssembly.Memory): boolean {
  const values = sequence();
  return VARIANTS.every(([cell, gruForm, activation]) => {
    const rows = GATES[cell] * UNITS;
    const layer: LayerWeights = {
      cell,
      gruForm,
      activation,
      inputSize: WIDTH,
      units: UNITS,
      weightIh: values(rows * WIDTH, 4),
      weightHh: values(rows * UNITS, 1),
      biasIh: values(rows, 1),
      biasHh: values(rows, 1),
    };
    const head = { vocab: WIDTH, weight: values(WIDTH * UNITS, 1), bias: values(WIDTH, 1) };
    const input = { table: values(WIDTH * WIDTH, 2), vocab: WIDTH, width: WIDTH };
    const inputs = values(STEPS * WIDTH, 2);
    const [one, other] = [plain, wide].map((module) => {
      const options: EngineOptions = { paired: module === wide, ...(memory && { memory }) };
      const dense = createDenseEngine(module, { input: { width: WIDTH }, layers: [layer] }, options);
      const records = dense.run(inputs, new Float32Array(dense.stateSize)).slice();
      const summary = dense.summarize?.(0, 2, 4);
      const tokens = createWasmEngine(module, { input, layers: [layer], head }, options);
      const state = new Float32Array(tokens.stateSize);
      const traced = tokens
        .run(
          Uint8Array.from(inputs.subarray(0, STEPS), (x) => Math.abs(x) % WIDTH),
          state,
        )
        .slice();
      const parts = [records, traced, state, tokens.predict(state), summary?.min, summary?.mean, summary?.max];
      return Buffer.concat(parts.flatMap((part) => (part ? [bytesOf(part)] : [])));
    });
    return one !== undefined && other !== undefined && one.equals(other);
  });
}

/** A copy: what an engine gives is overwritten by its next run. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength).slice();

/** Numbers in ±size that are always the same. */
function sequence(): (count: number, size: number) => Float32Array {
  let last = 1;
  return (count, size) =>
    Float32Array.from({ length: count }, () => {
      last = (Math.imul(last, 1_103_515_245) + 12_345) >>> 0;
      return (last / 2 ** 31 - 1) * size;
    });
}

/** Whether projecting two inputs at a time is quicker: it is with vectors of 256 bits, and slower without. */
function pairsPay(module: WebAssembly.Module, memory?: WebAssembly.Memory): boolean {
  const [columns, panels, count, rounds] = [64, 8, 32, 7];
  const kernels = instantiateKernels(module, memory);
  kernels.memory.grow(4);
  const start = kernels.arenaStart();
  const weights = start + columns * count * FLOAT_BYTES;
  const out = weights + panels * columns * PANEL_ROWS * FLOAT_BYTES;
  const rowBytes = panels * PANEL_ROWS * FLOAT_BYTES;
  const best = [Infinity, Infinity];
  for (let round = 0; round < rounds; round++) {
    for (const paired of [0, 1]) {
      const from = performance.now();
      kernels.project(start, columns * FLOAT_BYTES, count, columns, weights, start, panels, out, rowBytes, paired);
      best[paired] = Math.min(best[paired] ?? Infinity, performance.now() - from);
    }
  }
  return (best[1] ?? Infinity) < (best[0] ?? 0);
}
