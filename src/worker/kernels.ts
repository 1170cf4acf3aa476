/** Loads the WASM kernels that are built beside the bundle, once; what they do not know runs in their scalar twin. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kernelsFile } from '../engine/kernels';
import { isPlain } from '../engine/network';
import { createScalarEngine } from '../engine/scalar';
import { createWasmEngine } from '../engine/wasm';
import type { EngineFactory } from './models';

export interface KernelOptions {
  /** Results that are the same bit for bit on every machine, a few per cent slower. */
  readonly strict?: boolean;
}

/** @param folder where `kernels.wasm` and `kernels-relaxed.wasm` lie */
export function wasmEngines(folder: string, { strict = false }: KernelOptions = {}): EngineFactory {
  let kernels: Promise<WebAssembly.Module> | undefined;
  return async (network) => {
    if (!network.layers.every(isPlain)) return createScalarEngine(network);
    kernels ??= readFile(join(folder, kernelsFile(strict))).then((bytes) => WebAssembly.compile(bytes));
    return createWasmEngine(await kernels, network);
  };
}
