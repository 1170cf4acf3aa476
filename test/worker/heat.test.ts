/** Heatmaps through the handler: arrangements, tiles of them, columns and courses, and what is refused. */
import { describe, expect, test } from 'vitest';
import { createScalarEngine } from '../../src/engine/scalar';
import { byteValue } from '../../src/shared/bytes';
import { derive } from '../../src/shared/derived';
import type { RowOrder, Tile, TileRequest, TraceInfo, TraceProgress } from '../../src/shared/trace';
import { createHandler } from '../../src/worker/handler';
import { someModel, someNetwork } from './someModel';

const UNITS = 6;
const reports: TraceProgress[] = [];
const network = someNetwork({ cell: 'lstm', units: [UNITS, 4], vocab: 256 });
const worker = createHandler(
  createScalarEngine,
  {
    progress: (progress) => {
      reports.push(progress);
    },
  },
  () => someModel(network, { tokenizer: { kind: 'bytes' } }),
);
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

async function traced(text: string, memory = 2 ** 22): Promise<TraceInfo> {
  const { id } = await worker.loadModel({ kind: 'bytes', name: 'some', bytes: Buffer.from('some') });
  const info = await worker.open({ text: { kind: 'text', name: 'sample', text }, model: id, memory });
  while (!reports.some((told) => told.id === info.id && told.state === 'done')) await pause();
  return info;
}

const TEXT = 'One two, three. '.repeat(20);
const spec = (order: RowOrder, pins: readonly number[] = [], ranges: readonly [number, number][] = []) => ({
  order,
  ranges,
  pins,
});

/** Asks until nothing of it is still computed. */
async function whole(request: TileRequest): Promise<Tile> {
  for (;;) {
    const tile = await worker.tile(request);
    if (tile.pending !== true) return tile;
    await pause();
  }
}

test.each<RowOrder>(['index', 'mean', 'variance', 'clusters'])(
  'a tile has the rows of an arrangement by %s',
  async (order) => {
    const { id } = await traced(TEXT);
    const found = await worker.arrange(id, 0, spec(order, [4], [[1, 5]]));
    expect(found.units[0]).toBe(4);
    expect([...found.units].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    const ask = { trace: id, layer: 0, signal: 'cell', level: 0, index: 0 } as const;
    const [all, own] = [await worker.tile(ask), await worker.tile({ ...ask, rows: found.id })];
    expect([all.rows, own.rows, own.columns]).toEqual([UNITS, 5, all.columns]);
    const rowOf = (tile: Tile, row: number): number[] => [
      ...tile.values.subarray(row * tile.columns, (row + 1) * tile.columns),
    ];
    for (const [row, unit] of found.units.entries()) expect(rowOf(own, row)).toEqual(rowOf(all, unit));
    // The pinned one alone, of the other four two and two.
    const grouped = await worker.tile({ ...ask, rows: found.id, group: 2, of: 'max' });
    expect(grouped.rows).toBe(3);
    const largest = (...rows: number[]): number[] =>
      rowOf(own, rows[0] ?? 0).map((_, c) => Math.max(...rows.map((row) => rowOf(own, row)[c] ?? 0)));
    expect(rowOf(grouped, 0)).toEqual(rowOf(own, 0));
    expect([rowOf(grouped, 1), rowOf(grouped, 2)]).toEqual([largest(1, 2), largest(3, 4)]);
    // Asked again, and of another layer's signals.
    expect((await worker.arrange(id, 0, spec(order, [4], [[1, 5]]))).id).toBe(found.id);
  },
);

test('a derived tile comes by and by, and agrees with the rows it follows from', async () => {
  // So coarse that it is of resident blocks, which are a pass of their own.
  const { id, model } = await traced(TEXT.repeat(60), 150_000);
  const ask = { trace: id, layer: 0, signal: 'change', level: 10, index: 0 } as const;
  const first = await worker.tile(ask);
  expect([first.pending, first.final]).toEqual([true, false]);
  const tile = await whole(ask);
  expect([tile.final, tile.columns > first.columns]).toEqual([true, true]);
  const exact = await worker.tile({ ...ask, level: 0 });
  const layer = model.layers[0];
  for (const token of [0, 7, 100]) {
    const { layers, before } = await worker.row(id, token);
    const values = Object.fromEntries((layer?.signals ?? []).map(({ name }, i) => [name, layers[0]?.[i]]));
    const change = derive('change', 'lstm', values, before[0] ?? new Float32Array(UNITS), layer?.curves);
    for (let unit = 0; unit < UNITS; unit++) {
      const value = byteValue(exact, exact.values[unit * exact.columns + token] ?? 0);
      expect(Math.abs(value - (change[unit] ?? NaN))).toBeLessThan(0.03 * Math.max(1, exact.hi));
    }
  }
});

test.each([0, 4])('a column and a course at level %i are of the exact rows', async (level) => {
  const { id, tokens, model } = await traced(TEXT);
  const signals = ['forget', 'kept'] as const;
  const per = 2 ** level;
  const column = 3;
  const rows = await Promise.all(Array.from({ length: per }, async (_, k) => worker.row(id, column * per + k)));
  const place = model.layers[0]?.signals.findIndex(({ name }) => name === 'forget') ?? -1;
  const of = async (): Promise<Awaited<ReturnType<typeof worker.column>>> =>
    worker.column({ trace: id, layer: 0, signals: [...signals, 'loss'], level, column });
  let found = await of();
  while (found.values.includes(undefined)) {
    await pause();
    found = await of();
  }
  expect([found.first, found.count, found.values.length]).toEqual([column * per, per, 3]);
  const course = await worker.series({ trace: id, layer: 0, unit: 2, signals, level, first: 0, columns: 1e3 });
  expect(course.columns).toBe(Math.ceil(tokens / per));
  for (let unit = 0; unit < UNITS; unit++) {
    const values = rows.map(({ layers }) => layers[0]?.[place]?.[unit] ?? NaN);
    // Coarse values are kept to eight bits.
    const near = 2 ** -8;
    expect(Math.abs((found.values[0]?.max[unit] ?? NaN) - Math.max(...values))).toBeLessThan(near);
    expect(Math.abs((found.values[0]?.min[unit] ?? NaN) - Math.min(...values))).toBeLessThan(near);
  }
  for (const [k] of signals.entries()) {
    for (const how of ['min', 'mean', 'max'] as const) {
      expect(course.values[k]?.[how][column]).toBe(found.values[k]?.[how][2]);
    }
  }
  const losses = rows.map(({ loss }) => loss ?? NaN);
  expect(found.values[2]?.mean[0]).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / per, 1);
});

describe('refused', () => {
  const ask = { layer: 0, signal: 'cell', level: 0, index: 0 } as const;
  test.each<[string, (id: number) => unknown, RegExp]>([
    [
      'an arrangement that is not known',
      (trace) => worker.tile({ trace, ...ask, rows: 999 }),
      /Arrange the rows again/u,
    ],
    ['a group of none', (trace) => worker.tile({ trace, ...ask, group: 0 }), /A row of 0 units/u],
    ['half a unit', (trace) => worker.tile({ trace, ...ask, group: 1.5 }), /A row of 1\.5 units/u],
    ['a signal of another cell', (trace) => worker.tile({ trace, ...ask, signal: 'reset' }), /no signal reset/u],
    ['a tile behind the text', (trace) => worker.tile({ trace, ...ask, index: 9 }), /no tile 9/u],
    ['rows of no layer', (trace) => worker.arrange(trace, 2, spec('mean')), /no layer 2/u],
    ['a unit that there is not', (trace) => worker.arrange(trace, 0, spec('index', [UNITS])), /no unit 6/u],
    [
      'a column behind the text',
      (trace) => worker.column({ trace, layer: 0, signals: ['cell'], level: 0, column: 1e6 }),
      /./u,
    ],
    [
      'a course of a unit that there is not',
      (trace) => worker.series({ trace, layer: 0, unit: 99, signals: ['cell'], level: 0, first: 0, columns: 1 }),
      /99/u,
    ],
  ])('%s', async (_, act, message) => {
    const { id } = await traced('short text');
    await expect(Promise.resolve().then(() => act(id))).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(message) as string,
    });
  });

  test('the arrangement of another layer', async () => {
    const { id } = await traced('short text');
    const { id: rows } = await worker.arrange(id, 0, spec('mean'));
    const other = Promise.resolve().then(() => worker.tile({ trace: id, ...ask, layer: 1, rows }));
    await expect(other).rejects.toMatchObject({ message: expect.stringMatching(/of layer 0, not 1/u) as string });
    // The loss has no units: it goes by its own.
    expect((await worker.tile({ trace: id, ...ask, signal: 'loss', rows })).rows).toBe(1);
  });

  test.each<[string, () => unknown]>([
    ['tiles', () => worker.tile({ trace: 9999, ...ask })],
    ['arrangements', () => worker.arrange(9999, 0, spec('mean'))],
    ['columns', () => worker.column({ trace: 9999, layer: 0, signals: [], level: 0, column: 0 })],
    ['courses', () => worker.series({ trace: 9999, layer: 0, unit: 0, signals: [], level: 0, first: 0, columns: 1 })],
  ])('%s of a trace that is closed', async (_, act) => {
    await expect(Promise.resolve().then(act)).rejects.toMatchObject({ code: 'trace-gone' });
  });
});
