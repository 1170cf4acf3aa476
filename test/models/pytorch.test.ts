/** Every signal of every model in test/fixtures/pytorch, from file to record, against PyTorch's own numbers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WINDOW_TOKENS, type Engine } from '../../src/engine/engine';
import type { Network } from '../../src/engine/network';
import { createScalarEngine } from '../../src/engine/scalar';
import { createWasmEngine } from '../../src/engine/wasm';
import { readModelBytes } from '../../src/models/readModel';
import { kernelModule } from '../engine/kernels';
import { networkOf } from './networkOf';
import { readNpz } from '../npz';

const FOLDER = 'test/fixtures/pytorch';
const TOLERANCE = 1e-5;
/**
 * A loss is a difference of logits of size 20. PyTorch's float32 and ours each lie within 1e-5 of the float64 value, on
 * either side of it.
 */
const LOSS_TOLERANCE = 2e-5;

const module = kernelModule();
const ENGINES = [
  ['wasm', (network: Network): Engine => createWasmEngine(module, network)],
  ['scalar', (network: Network): Engine => createScalarEngine(network)],
] as const;

/** `NAME.npz` is a run of `NAME.safetensors` beside it; `NAME.TEXT.npz` one of the bundled model NAME. */
function modelOf(npz: string): string {
  const [name = ''] = npz.split('.');
  const beside = join(FOLDER, `${name}.safetensors`);
  return existsSync(beside) ? beside : join('media/models', `${name}.safetensors`);
}

/** Records of all tokens, window by window [tokens, layout.width]. */
function runAll(engine: Engine, tokens: Uint8Array): Float32Array {
  const state = new Float32Array(engine.stateSize);
  const records = new Float32Array(tokens.length * engine.layout.width);
  for (let from = 0; from < tokens.length; from += WINDOW_TOKENS) {
    records.set(engine.run(tokens.subarray(from, from + WINDOW_TOKENS), state), from * engine.layout.width);
  }
  return records;
}

const fixtures = readdirSync(FOLDER).filter((name) => name.endsWith('.npz'));

it('finds the fixtures, three of them of the bundled model', () => {
  expect(fixtures.filter((name) => name.startsWith('gatescope-bytes-256.'))).toHaveLength(3);
  expect(fixtures.length).toBeGreaterThan(3);
});

describe.each(fixtures)('%s', (fixture) => {
  const file = modelOf(fixture);
  const model = readModelBytes(file, readFileSync(file));
  const arrays = readNpz(readFileSync(join(FOLDER, fixture)));
  const tokens = Uint8Array.from(arrays.get('tokens')?.data ?? []);

  it.each(ENGINES)('has the same signals and loss in the %s engine', (_, create) => {
    const engine = create(networkOf(model));
    const records = runAll(engine, tokens);
    const { columns, width } = engine.layout;
    const signals = [...arrays.keys()].filter((name) => name !== 'tokens' && name !== 'ranges');
    expect(columns.map(({ name }) => name).sort()).toEqual(signals.sort());
    expect(tokens.length).toBeGreaterThan(1);
    for (const { name, offset, units } of columns) {
      const expected = arrays.get(name)?.data ?? new Float32Array(0);
      expect(expected).toHaveLength(tokens.length * units);
      let worst = 0;
      // A loss has no value before the first token.
      for (let k = name === 'loss' ? 1 : 0; k < expected.length; k++) {
        const value = records[Math.floor(k / units) * width + offset + (k % units)] ?? NaN;
        const difference = Math.abs(value - (expected[k] ?? NaN));
        if (!(difference <= worst)) worst = difference;
      }
      expect(worst, name).toBeLessThanOrEqual(name === 'loss' ? LOSS_TOLERANCE : TOLERANCE);
    }
  });
});
