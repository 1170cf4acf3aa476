/** Rows in the orders that people ask for: properties that hold for any values, and planted groups. */
import { describe, expect, test } from 'vitest';
import type { Arrangement, RowSpec } from '../../src/shared/trace';
import { arrange } from '../../src/trace/arrange';
import { cluster } from '../../src/trace/cluster';
import { rowsOf } from '../../src/trace/rows';
import { viewTile } from '../../src/trace/viewTile';
import { randomTokens, seededRandom } from '../engine/randomNetwork';
import { someNetwork } from '../worker/someModel';
import { heatOf } from './heatOf';
import { syntheticSource } from './synthetic';

const UNITS = 40;
const GROUPS = 4;

/** Units of a group (every fourth) share a course; two are constant. */
const STILL = [7, 22];
function planted(token: number, unit: number): number {
  if (STILL.includes(unit)) return 0.125 * unit;
  const group = unit % GROUPS;
  const course = Math.sin((token * (group + 1)) / 97 + group);
  return course * (1 + unit / 50) + 0.2 * Math.sin(token * (unit + 13.7)) + unit / 10;
}

const sources = [300, 3000, 60_000].map((length) => {
  return syntheticSource({ units: UNITS, length, level: 3, scale: 'free', value: planted });
});
const spec = (order: RowSpec['order'], more: Partial<RowSpec> = {}): RowSpec => ({
  order,
  ranges: [],
  pins: [],
  ...more,
});
const noBreath = (): Promise<void> => Promise.resolve();

describe.each(sources.map((source) => [source.length, source] as const))('of %i tokens', (_, source) => {
  test.each<[RowSpec['order'], RowSpec['ranges'], readonly number[], number]>([
    ['index', [], [], 40],
    ['mean', [], [3, 39, 3], 40],
    ['variance', [[10, 19]], [30, 12], 11],
    ['clusters', [], [], 40],
    [
      'clusters',
      [
        [0, 4],
        [3, 8],
        [39, 30],
      ],
      [2, 25],
      20,
    ],
    ['clusters', [[5, 5]], [], 1],
    ['clusters', [[5, 6]], [5], 2],
  ])('by %s in %j with %j on top: each unit once, the pinned first', async (order, ranges, pins, count) => {
    const { units, pinned, merges, clusters } = await arrange(source, { order, ranges, pins });
    expect(units).toHaveLength(count);
    expect(new Set(units).size).toBe(count);
    expect(pinned).toBe(new Set(pins).size);
    expect([...units.subarray(0, pinned)]).toEqual([...new Set(pins)]);
    const inside = (unit: number): boolean =>
      ranges.length === 0 || ranges.some(([a, b]) => unit >= Math.min(a, b) && unit <= Math.max(a, b));
    expect([...units.subarray(pinned)].every(inside)).toBe(true);
    if (order === 'clusters') nested({ units, pinned, merges, clusters });
    else expect([merges, clusters]).toEqual([[], []]);
  });

  test('the greatest mean and variance come first', async () => {
    const mean = new Float64Array(UNITS);
    const squares = new Float64Array(UNITS);
    for (let token = 0; token < source.length; token++) {
      for (let unit = 0; unit < UNITS; unit++) {
        const value = planted(token, unit);
        mean[unit] = (mean[unit] ?? 0) + value / source.length;
        squares[unit] = (squares[unit] ?? 0) + value ** 2 / source.length;
      }
    }
    const variance = squares.map((square, unit) => square - (mean[unit] ?? 0) ** 2);
    for (const [order, by] of [
      ['mean', mean],
      ['variance', variance],
    ] as const) {
      const { units } = await arrange(source, spec(order));
      // What a summary of 8 bits and the spread within blocks may be off by.
      const slack = source.length > 4096 ? (order === 'mean' ? 2e-2 : 6e-2) : 1e-6;
      for (let k = 1; k < UNITS; k++) {
        expect(by[units[k - 1] ?? 0]).toBeGreaterThan((by[units[k] ?? 0] ?? 0) - slack);
      }
    }
  });

  test('units that were planted alike lie together, the constant ones too', async () => {
    const { units, clusters } = await arrange(source, spec('clusters'));
    const groupOf = (unit: number): number => (STILL.includes(unit) ? GROUPS : unit % GROUPS);
    const runs = [...units].filter((unit, k) => k === 0 || groupOf(unit) !== groupOf(units[k - 1] ?? 0));
    expect(runs).toHaveLength(GROUPS + 1);
    const firsts = [...units.keys()].filter((k) => k === 0 || groupOf(units[k] ?? 0) !== groupOf(units[k - 1] ?? 0));
    expect(clusters).toEqual(firsts);
  });
});

/** Every merge joins two spans that were there before it, and the last is all. */
function nested({ units, pinned, merges, clusters }: Omit<Arrangement, 'id'>): void {
  const rest = units.length - pinned;
  expect(merges).toHaveLength(Math.max(0, rest - 1));
  const spans = new Set(Array.from({ length: rest }, (_, k) => `${String(pinned + k)} ${String(pinned + k + 1)}`));
  let below = 0;
  for (const { from, middle, to, height } of merges) {
    expect(spans.delete(`${String(from)} ${String(middle)}`)).toBe(true);
    expect(spans.delete(`${String(middle)} ${String(to)}`)).toBe(true);
    spans.add(`${String(from)} ${String(to)}`);
    expect(height).toBeGreaterThanOrEqual(below);
    expect(height).toBeLessThanOrEqual(1);
    below = height;
  }
  if (rest > 0) expect([...spans]).toEqual([`${String(pinned)} ${String(units.length)}`]);
  expect(clusters[0]).toBe(rest > 0 ? pinned : undefined);
  const starts = [pinned, ...merges.map(({ middle }) => middle)];
  expect(clusters.every((first, k) => starts.includes(first) && first > (clusters[k - 1] ?? -1))).toBe(true);
}

test('heights are those of average linkage by hand, and like ends meet', async () => {
  const random = seededRandom(8);
  const [count, columns] = [23, 31];
  const courses = Float32Array.from({ length: count * columns }, () => random() - 0.5);
  const { order, merges } = await cluster(courses, count, noBreath);
  expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, k) => k));
  const z = Array.from({ length: count }, (_, k) => {
    const row = Array.from(courses.subarray(k * columns, (k + 1) * columns));
    const mean = row.reduce((sum, v) => sum + v, 0) / columns;
    const length = Math.hypot(...row.map((v) => v - mean));
    return row.map((v) => (v - mean) / length);
  });
  const distance = (a: number, b: number): number =>
    1 - (z[a] ?? []).reduce((sum, v, k) => sum + v * (z[b]?.[k] ?? 0), 0);
  for (const { from, middle, to, height } of merges) {
    let sum = 0;
    for (const a of order.slice(from, middle)) for (const b of order.slice(middle, to)) sum += distance(a, b);
    expect(height).toBeCloseTo(sum / (middle - from) / (to - middle) / 2, 5);
    const [left, right] = [order.slice(from, middle), order.slice(middle, to)];
    const meet = distance(left.at(-1) ?? 0, right[0] ?? 0);
    const ends = [left[0] ?? 0, left.at(-1) ?? 0].flatMap((a) =>
      [right[0] ?? 0, right.at(-1) ?? 0].map((b) => distance(a, b)),
    );
    if (left.length === 1 || right.length === 1) expect(meet).toBeCloseTo(Math.min(...ends), 5);
  }
});

test.each([
  ['a pin', { pins: [UNITS] }],
  ['half a pin', { pins: [0.5] }],
  ['a range', { ranges: [[3, UNITS] as const] }],
  ['a range below zero', { ranges: [[-1, 2] as const] }],
])('%s that the layer has not is refused', async (_, more) => {
  const [source] = sources;
  if (source === undefined) throw new Error('no source');
  await expect(arrange(source, spec('index', more))).rejects.toMatchObject({ code: 'bad-request' });
});

describe('tiles in rows', () => {
  const source = syntheticSource({
    units: 10,
    length: 5000,
    level: 3,
    scale: 'signed',
    value: (t, u) => Math.sin(t / 9 + u),
  });
  test.each([0, 2, 4])('at level %i are the units merged, and their byte scale stays', async (level) => {
    const all = await viewTile(source, level, 0, {
      arrangement: { units: Uint16Array.from({ length: 10 }, (_, u) => u), pinned: 0 },
      group: 1,
      of: 'max',
    });
    for (const group of [1, 2, 3, 8, 20]) {
      const arrangement = { units: Uint16Array.of(9, 2, 7, 0, 1, 3, 5), pinned: 2 };
      const { rows } = rowsOf(arrangement, group);
      expect(rows).toBe(2 + Math.ceil(5 / group));
      for (const of of ['min', 'mean', 'max'] as const) {
        const tile = await viewTile(source, level, 0, { arrangement, group, of });
        expect(tile).toMatchObject({ rows, columns: all.columns, lo: all.lo, hi: all.hi });
        expect(tile.values).toHaveLength(rows * tile.columns);
      }
      const most = await viewTile(source, level, 0, { arrangement, group, of: 'max' });
      for (let row = 0; row < rows; row++) {
        const at = row < 2 ? row : 2 + (row - 2) * group;
        const own = [...arrangement.units.subarray(at, row < 2 ? at + 1 : at + group)];
        for (const c of [0, 100, most.columns - 1]) {
          const want = Math.max(...own.map((unit) => all.values[unit * all.columns + c] ?? NaN));
          expect(most.values[row * most.columns + c]).toBe(want);
        }
      }
    }
  });
});

describe('arrangements of a trace', async () => {
  const { heat } = await heatOf(
    someNetwork({ cell: 'lstm', units: [5, 4] }),
    { kind: 'tokens', tokens: randomTokens(2, 3000, 12) },
    2 ** 24,
  );
  test('are the same when asked again, and tiles are in their order', async () => {
    const one = await heat.arrange(0, spec('clusters', { pins: [4] }));
    expect(await heat.arrange(0, spec('clusters', { pins: [4] }))).toEqual(one);
    expect((await heat.arrange(0, spec('mean', { pins: [4] }))).id).not.toBe(one.id);
    for (const signal of ['cell', 'hidden', 'change'] as const) {
      const request = { trace: 1, layer: 0, signal, level: 0, index: 1 };
      const [plain, tile] = [await heat.tile(request), await heat.tile({ ...request, rows: one.id })];
      for (const [row, unit] of one.units.entries()) {
        const part = (of: typeof tile, k: number): number[] => [
          ...of.values.subarray(k * of.columns, (k + 1) * of.columns),
        ];
        expect(part(tile, row)).toEqual(part(plain, unit));
      }
    }
    expect((await heat.tile({ trace: 1, layer: 0, signal: 'loss', level: 0, index: 0, rows: one.id })).rows).toBe(1);
  });
  test('by a derived signal', async () => {
    const { units } = await heat.arrange(1, spec('mean', { by: 'saturation' }));
    expect([...units].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });
  test('the oldest are forgotten, and are then refused with a remedy', async () => {
    const first = await heat.arrange(0, spec('index', { pins: [1] }));
    for (let k = 0; k < 70; k++)
      await heat.arrange(0, spec('index', { pins: [k % 5, (k + 1 + Math.floor(k / 5)) % 5, Math.floor(k / 25)] }));
    for (let k = 0; k < 5; k++)
      for (const order of ['mean', 'variance', 'clusters'] as const) {
        for (let j = 0; j < 5; j++) await heat.arrange(0, spec(order, { pins: [k], ranges: [[0, j]] }));
      }
    const refused = heat.tile({ trace: 1, layer: 0, signal: 'cell', level: 0, index: 0, rows: first.id });
    await expect(refused).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('Arrange the rows again') as string,
    });
  });
  test('are of their layer', async () => {
    const { id } = await heat.arrange(0, spec('index'));
    await expect(heat.tile({ trace: 1, layer: 1, signal: 'cell', level: 0, index: 0, rows: id })).rejects.toMatchObject(
      { code: 'bad-request' },
    );
    await expect(heat.tile({ trace: 1, layer: 0, signal: 'cell', level: 0, index: 0, group: 0 })).rejects.toMatchObject(
      { code: 'bad-request' },
    );
    await expect(heat.arrange(2, spec('index'))).rejects.toMatchObject({ code: 'bad-request' });
  });
});
