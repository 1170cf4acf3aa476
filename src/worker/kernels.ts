/** Loads the WASM kernels that are built beside the bundle, once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createWasmEngine } from '../engine/wasm';
import type { EngineFactory } from './models';

/** @param folder where `kernels.wasm` lies */
export function wasmEngines(folder: string): EngineFactory {
  let kernels: Promise<WebAssembly.Module> | undefined;
  return async (network) => {
    kernels ??= readFile(join(folder, 'kernels.wasm')).then((bytes) => WebAssembly.compile(bytes));
    return createWasmEngine(await kernels, network);
  };
}
