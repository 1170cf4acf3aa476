/** Columns and courses: at level 0 what rows say, above it what tiles are bytes of. */
import { describe, expect, test } from 'vitest';
import { bend } from '../../src/shared/bytes';
import { derive } from '../../src/shared/derived';
import { DERIVED, SIGNALS } from '../../src/shared/signals';
import { row } from '../../src/trace/questions';
import { randomTokens } from '../engine/randomNetwork';
import { someNetwork } from '../worker/someModel';
import { heatOf } from './heatOf';

const LENGTH = 6001;
const tokens = randomTokens(4, LENGTH, 12);
const { trace, heat } = await heatOf(someNetwork({ cell: 'lstm', units: [5] }), { kind: 'tokens', tokens }, 2 ** 24);
const HEAT = [...SIGNALS.lstm.map(({ name }) => name), ...DERIVED.lstm.map(({ name }) => name)];
const text = { labelAt: () => '', glyphOf: () => undefined } as never;

test.each([0, 1, 255, 256, 3000, LENGTH - 1])('column %i of single tokens is what the row says', async (column) => {
  const of = await row({ trace, text, cells: ['lstm'], head: undefined }, column);
  const got = await heat.column({ trace: 1, layer: 0, signals: [...HEAT, 'loss'], level: 0, column });
  expect(got).toMatchObject({ first: column, count: 1 });
  const signals = Object.fromEntries(
    SIGNALS.lstm.map(({ name }, k) => [name, of.layers[0]?.[k] ?? new Float32Array(0)]),
  );
  for (const [k, { name }] of SIGNALS.lstm.entries()) expect(got.values[k]?.mean).toEqual(signals[name]);
  for (const [k, { name }] of DERIVED.lstm.entries()) {
    const want = derive(name, 'lstm', signals, of.before[0] ?? new Float32Array(0));
    expect(got.values[SIGNALS.lstm.length + k]).toEqual({ min: want, mean: want, max: want });
  }
  expect(got.values.at(-1)?.mean[0]).toBe(of.loss ?? NaN);
});

describe.each([0, 1, 2, 5, 9, 13])('at level %i', (level) => {
  test('column, course and tile agree', async () => {
    // What is derived comes by and by.
    for (const signal of HEAT) {
      while ((await heat.tile({ trace: 1, layer: 0, signal, level, index: 0 })).pending === true) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    const total = Math.ceil(LENGTH / 2 ** level);
    const first = Math.min(3, total - 1);
    const unit = 2;
    const series = await heat.series({ trace: 1, layer: 0, unit, signals: HEAT, level, first, columns: 400 });
    expect(series).toMatchObject({ first, columns: Math.min(400, total - first) });
    for (const column of new Set([
      first,
      Math.min(total - 1, 255),
      Math.min(total - 1, 256),
      Math.min(total - 1, 402),
    ])) {
      const one = await heat.column({ trace: 1, layer: 0, signals: HEAT, level, column });
      expect(one.count).toBe(Math.min(2 ** level, LENGTH - column * 2 ** level));
      for (const [k, signal] of HEAT.entries()) {
        for (const of of ['min', 'mean', 'max'] as const) {
          const value = one.values[k]?.[of][unit] ?? NaN;
          expect(series.values[k]?.[of][column - first]).toBe(value);
          const tile = await heat.tile({ trace: 1, layer: 0, signal, level, index: column >> 8, of });
          const step = (bend(tile.hi, tile.knee) - bend(tile.lo, tile.knee)) / 255;
          const byte = tile.values[unit * tile.columns + (column & 255)] ?? NaN;
          expect(Math.abs(bend(tile.lo, tile.knee) + byte * step - bend(value, tile.knee))).toBeLessThan(0.501 * step);
        }
      }
    }
  });
});

test('where a derived pass has not come, a column is undefined and a course is NaN', async () => {
  const fresh = await heatOf(someNetwork({ cell: 'lstm' }), { kind: 'tokens', tokens }, 2 ** 24);
  const at = { trace: 1, layer: 0, signals: ['cell', 'change'] as const, level: 6 };
  const column = await fresh.heat.column({ ...at, column: 90 });
  expect(column.values[0]?.mean).toHaveLength(5);
  expect(column.values[1]).toBeUndefined();
  const other = await heatOf(someNetwork({ cell: 'lstm' }), { kind: 'tokens', tokens }, 2 ** 24);
  const series = await other.heat.series({ ...at, unit: 0, first: 90, columns: 9 });
  expect(series.columns).toBe(4);
  expect([...(series.values[0]?.mean ?? [])].every(Number.isFinite)).toBe(true);
  expect([...(series.values[1]?.mean ?? [])]).toEqual([NaN, NaN, NaN, NaN]);
});

test.each([
  ['beyond the end', { level: 3, column: 751 }],
  ['below zero', { level: 0, column: -1 }],
  ['of half a level', { level: 0.5, column: 0 }],
])('a column %s is refused', async (_, at) => {
  const asked = heat.column({ trace: 1, layer: 0, signals: ['cell'], ...at });
  await expect(asked).rejects.toMatchObject({ code: 'bad-request' });
});

test.each([
  ['of a unit that is not there', { unit: 5, columns: 9 }, 'bad-request'],
  ['of too many columns', { unit: 0, columns: 20_000 }, 'too-much'],
])('a course %s is refused', async (_, at, code) => {
  const asked = heat.series({ trace: 1, layer: 0, signals: ['cell'], level: 0, first: 0, ...at });
  await expect(asked).rejects.toMatchObject({ code });
});
