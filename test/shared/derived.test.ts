/** Derived signals by their formulas: against the cells' equations, and against slopes taken numerically. */
import { describe, expect, test } from 'vitest';
import { curvesOf, derivedOf } from '../../src/engine/curves';
import type { LayerShape } from '../../src/engine/layout';
import { squash, squashing, SQUASHING_NAMES } from '../../src/engine/squashing';
import { derive, lostSlope, type Signals } from '../../src/shared/derived';
import type { CellKind, DerivedName } from '../../src/shared/signals';

const one = (values: Readonly<Record<string, number>>): Signals =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]));

const LSTM = { input: 0.25, forget: 0.5, candidate: -0.5, output: 1, cell: 0.375, hidden: 0.1 };
const GRU = { reset: 0.5, update: 0.75, candidate: -0.5, hidden: 0.25 };

test.each<[DerivedName, CellKind, Readonly<Record<string, number>>, number, number]>([
  ['change', 'lstm', LSTM, 1, -0.625],
  ['written', 'lstm', LSTM, 1, -0.125],
  ['kept', 'lstm', LSTM, 1, 0.5],
  ['saturation', 'lstm', LSTM, 1, (0.25 + 0 + 1 + 0.25) / 4],
  ['change', 'gru', GRU, 0.5, -0.25],
  ['written', 'gru', GRU, 0.5, -0.125],
  ['kept', 'gru', GRU, 0.5, 0.375],
  ['saturation', 'gru', GRU, 0.5, (0 + 0.25 + 0.25) / 3],
  ['change', 'rnn', { hidden: 0.5 }, -0.25, 0.75],
  ['saturation', 'rnn', { hidden: 0.5 }, -0.25, 0.25],
  ['written', 'lstm', { ...LSTM, input: NaN }, 1, NaN],
  ['saturation', 'gru', { ...GRU, candidate: NaN }, 1, NaN],
])('%s of a %s', (name, cell, values, before, expected) => {
  const [value] = derive(name, cell, one(values), Float32Array.of(before));
  expect(value).toBe(Math.fround(expected));
});

const shape = (name: (typeof SQUASHING_NAMES)[number], alpha?: number, beta?: number, clip?: number): LayerShape => ({
  cell: 'rnn',
  activation: 'tanh',
  units: 1,
  variant: { squashings: [squashing(name, alpha, beta)], ...(clip !== undefined && { clip }) },
});

describe('a slope told by its value is that taken numerically', () => {
  test.each([
    ['sigmoid', shape('sigmoid')],
    ['tanh', shape('tanh')],
    ['relu', shape('relu')],
    ['softsign', shape('softsign')],
    ['scaledTanh', shape('scaledTanh', 1.7, 0.6)],
    ['hardSigmoid', shape('hardSigmoid')],
    ['affine', shape('affine', 2, 1)],
    ['tanh, clipped', shape('tanh', undefined, undefined, 1.5)],
    ['a falling affine, clipped', shape('affine', -2, 1, 1.5)],
  ])('%s', (_, layer) => {
    const of = layer.variant?.squashings?.[0];
    const curve = curvesOf(layer)?.gate;
    if (of === undefined || curve === undefined) throw new Error('no curve');
    const clip = layer.variant?.clip ?? Infinity;
    const f = (x: number): number => squash(of)(Math.min(clip, Math.max(-clip, x)));
    const slope = (x: number): number => Math.abs(f(x + 1e-5) - f(x - 1e-5)) / 2e-5;
    const points = Array.from({ length: 81 }, (_, k) => -4.03 + k / 10);
    const steepest = Math.max(...points.map(slope), slope(0));
    for (const x of points) expect(lostSlope(curve, Math.fround(f(x)))).toBeCloseTo(1 - slope(x) / steepest, 4);
  });

  test.each(['leakyRelu', 'thresholdedRelu', 'elu', 'softplus'] as const)('%s has no saturation', (name) => {
    expect(curvesOf(shape(name))).toBeUndefined();
    expect(derivedOf(shape(name)).map((one) => one.name)).toEqual(['change']);
  });
});

test('a part of a candidate that is bounded by nothing has a free scale', () => {
  const layer: LayerShape = { cell: 'gru', activation: 'tanh', units: 1 };
  const scales = (of: LayerShape): unknown => derivedOf(of).map(({ scale }) => scale);
  expect(scales(layer)).toEqual(['free', 'signed', 'signed', 'gate']);
  const squashings = [squashing('sigmoid'), squashing('relu')];
  expect(scales({ ...layer, variant: { squashings } })).toEqual(['free', 'free', 'free', 'gate']);
});
