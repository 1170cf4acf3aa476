/** Loads the WASM kernels that are built beside the bundle, once; what they do not know runs in their scalar twin. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlain } from '../engine/network';
import { createScalarEngine } from '../engine/scalar';
import { createWasmEngine } from '../engine/wasm';
import type { EngineFactory } from './models';

/** @param folder where `kernels.wasm` lies */
export function wasmEngines(folder: string): EngineFactory {
  let kernels: Promise<WebAssembly.Module> | undefined;
  return async (network) => {
    // Until there is a GRU kernel, a GRU is not for WASM either.
    if (!network.layers.every((layer) => isPlain(layer) && layer.cell !== 'gru')) return createScalarEngine(network);
    kernels ??= readFile(join(folder, 'kernels.wasm')).then((bytes) => WebAssembly.compile(bytes));
    return createWasmEngine(await kernels, network);
  };
}
