/** The compiled kernels, as the build leaves them in dist/. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

/** Both builds: the plain one, and that with fused multiply-add. */
export const BUILDS = ['kernels', 'kernels-relaxed'] as const;

export function kernelModule(build: (typeof BUILDS)[number] = 'kernels'): WebAssembly.Module {
  // Node 20 has relaxed SIMD behind a flag; later ones, and VS Code, have it, and some know the flag no more.
  if (build === 'kernels-relaxed') setFlagsFromString('--experimental-wasm-relaxed-simd');
  return new WebAssembly.Module(readFileSync(`dist/${build}.wasm`));
}
