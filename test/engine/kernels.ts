/** The compiled kernels, as the build leaves them in dist/. */
import { readFileSync } from 'node:fs';

export const kernelModule = (): WebAssembly.Module => new WebAssembly.Module(readFileSync('dist/kernels.wasm'));
