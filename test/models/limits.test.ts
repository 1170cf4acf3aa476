/** Limits as a setting: declared with their defaults, read by the readers and by a worker, and never quite taken away. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, LIMITS, setLimits, unpackedLimit, weightsLimit } from '../../src/models/limits';
import { readModelBytes } from '../../src/models/readModel';

afterEach(() => {
  setLimits(undefined);
});

interface Declared {
  readonly scope: string;
  readonly default: unknown;
  readonly properties: Readonly<Record<string, { default: number; minimum: number; maximum: number }>>;
}

it('are declared in package.json with the defaults and bounds that hold', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    contributes: { configuration: { properties: Readonly<Record<'gatescope.models.limits', Declared>> } };
  };
  const declared = manifest.contributes.configuration.properties['gatescope.models.limits'];
  // A workspace, which may come with the model, must not raise them.
  expect(declared).toMatchObject({ scope: 'machine', default: {} });
  const defaults = Object.entries(declared.properties).map(([name, value]) => [name, value.default]);
  expect(Object.fromEntries(defaults)).toEqual(DEFAULT_LIMITS);
  const at = (bound: 'minimum' | 'maximum', beyond: number): void => {
    setLimits(
      Object.fromEntries(Object.entries(declared.properties).map(([name, one]) => [name, one[bound] * beyond])),
    );
    expect(LIMITS).toEqual(
      Object.fromEntries(Object.entries(declared.properties).map(([name, one]) => [name, one[bound]])),
    );
  };
  at('minimum', 0.5);
  at('maximum', 2);
});

describe('setLimits', () => {
  it.each([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['a list', [1, 2], {}],
    ['one', { layers: 3 }, { layers: 3 }],
    ['fractions', { layers: 3.7, weights: 1.5 }, { layers: 3, weights: 1 }],
    ['no numbers', { layers: '3', tensors: NaN, depth: null, name: Infinity }, {}],
    ['unknown names', { __proto__: { layers: 1 }, constructor: 1, other: 5 }, {}],
  ])('takes %s', (_, given, changed) => {
    setLimits({ stacks: 1 });
    setLimits(given);
    expect(LIMITS).toEqual({ ...DEFAULT_LIMITS, ...changed });
  });

  it('sets what grows with the file', () => {
    setLimits({ unpacked: 3, weights: 5 });
    expect([unpackedLimit(100) - unpackedLimit(0), weightsLimit(100) - weightsLimit(0)]).toEqual([300, 500]);
  });
});

describe('the readers', () => {
  const FILES = 'test/fixtures';
  it.each([
    ['pytorch/files/lstm-float16.safetensors', { header: 10 }, /header has \d+ bytes; the most is 10/u],
    ['pytorch/files/lstm-float16.safetensors', { tensors: 2 }, /tensors; the most is 2/u],
    ['pytorch/files/gru-nobias.bin', { pickle: 10 }, /most (?:is|that are read).*10|10 bytes, the most/u],
    ['pytorch/files/gru-nobias.bin', { tensors: 1 }, /over 1 tensors/u],
    ['keras/tf-keras2.keras', { zipEntries: 1 }, /entries; the most is 1/u],
    ['keras/tf-keras2.keras', { json: 10 }, /config\.json has \d+ bytes; the most is 10/u],
    ['keras/keras2-functional.h5', { structure: 100 }, /structure has no end/u],
    ['onnx/series.onnx', { nodes: 1 }, /more than 1 nodes/u],
  ])('%s is held against %o', (file, limits, message) => {
    const bytes = Uint8Array.from(readFileSync(`${FILES}/${file}`));
    expect(readModelBytes(file, bytes).parameters).toBeGreaterThan(0);
    setLimits(limits);
    expect(() => readModelBytes(file, bytes)).toThrow(message);
  });
});
