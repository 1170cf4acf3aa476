/** The vector sigmoid and tanh against float64, over all exponents and at the edges. */
import { describe, expect, it } from 'vitest';
import { instantiateKernels } from '../../src/engine/kernels';
import { BUILDS, kernelModule } from './kernels';

const instances = new Map(BUILDS.map((build) => [build, instantiateKernels(kernelModule(build))]));
const LANES = 4;

function map(build: (typeof BUILDS)[number], name: 'sigmoidEach' | 'tanhEach', inputs: Float32Array): Float32Array {
  const kernels = instances.get(build);
  if (kernels === undefined) throw new Error(build);
  const at = kernels.arenaStart();
  const length = Math.ceil(inputs.length / LANES) * LANES;
  const missing = at + length * 4 - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / 65_536));
  const values = new Float32Array(kernels.memory.buffer, at, length);
  values.set(inputs);
  kernels[name](at, length);
  return values.slice(0, inputs.length);
}

/** Distance from a true value in units of float32's last place there; denormals included. */
function ulps(actual: number, exact: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** Every sign and exponent with `mantissas` mantissas each: even steps and the ends. */
function sweep(mantissas: number): Float32Array {
  const bits: number[] = [];
  for (let head = 0; head < 512; head++) {
    if ((head & 255) === 255) continue;
    for (let k = 0; k < mantissas; k++) {
      const mantissa = k === mantissas - 1 ? 0x7fffff : Math.floor((k / mantissas) * 0x800000);
      bits.push((head << 23) | mantissa);
    }
  }
  return new Float32Array(Int32Array.from(bits).buffer);
}

/** Where the functions bend, densely. */
const near = Float32Array.from({ length: 400_001 }, (_, k) => (k - 200_000) / 1800);

const exactSigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const FUNCTIONS = [
  ['sigmoidEach', exactSigmoid],
  ['tanhEach', Math.tanh],
] as const;

describe.each(BUILDS.flatMap((build) => FUNCTIONS.map((f) => [build, ...f] as const)))(
  '%s: %s',
  (build, name, exact) => {
    it.each([
      ['over all exponents', sweep(600)],
      ['where it bends', near],
    ])('is within 2 ulp %s', (_, inputs) => {
      const outputs = map(build, name, inputs);
      let worst = { ulps: 0, x: 0 };
      for (const [k, x] of inputs.entries()) {
        const error = ulps(outputs[k] ?? NaN, exact(x));
        if (!(error <= worst.ulps)) worst = { ulps: error, x };
      }
      expect(worst.ulps, `at ${String(worst.x)}`).toBeLessThanOrEqual(2);
    });
  },
);

it.each<['sigmoidEach' | 'tanhEach', number, number]>([
  ['sigmoidEach', 0, 0.5],
  ['sigmoidEach', -0, 0.5],
  ['sigmoidEach', Infinity, 1],
  ['sigmoidEach', -Infinity, 0],
  ['sigmoidEach', 3.4e38, 1],
  ['sigmoidEach', -3.4e38, 0],
  ['sigmoidEach', 1e-45, 0.5],
  ['sigmoidEach', -104.5, 0],
  ['sigmoidEach', NaN, NaN],
  ['tanhEach', 0, 0],
  ['tanhEach', -0, -0],
  ['tanhEach', Infinity, 1],
  ['tanhEach', -Infinity, -1],
  ['tanhEach', 3.4e38, 1],
  ['tanhEach', -3.4e38, -1],
  ['tanhEach', Math.fround(1e-45), Math.fround(1e-45)],
  ['tanhEach', Math.fround(-1e-40), Math.fround(-1e-40)],
  ['tanhEach', NaN, NaN],
])('%s of %d is exactly %d', (name, x, y) => {
  for (const build of BUILDS) expect(map(build, name, Float32Array.of(x, 1, 2, 3))[0]).toBe(y);
});
