/** Tiles as pictures: fewer rows than units are weighted means; colours come from a table. */
import { describe, expect, it } from 'vitest';
import { colourise, positionTable, reduceRows } from '../../../webview/draw/texture';

const same = Float32Array.from({ length: 256 }, (_, i) => i);

const reduce = (values: readonly number[], columns: number, rows: number): readonly number[] =>
  Array.from(reduceRows(Uint8Array.from(values), values.length / columns, columns, rows, same));

describe('rows', () => {
  it.each([
    ['as many as units', [1, 2, 3, 4], 1, 4, [1, 2, 3, 4]],
    ['more than units stay', [1, 2], 1, 5, [1, 2]],
    ['halves', [0, 10, 20, 40], 1, 2, [5, 30]],
    ['by columns', [0, 100, 10, 200], 2, 1, [5, 150]],
    // Rows of 1.5 units: the middle unit counts half in each.
    ['parts of a unit', [0, 30, 60], 1, 2, [10, 50]],
    ['one for all', [255, 255, 0, 0], 1, 1, [128]],
  ])('%s', (_, values, columns, rows, means) => {
    expect(reduce(values, columns, rows)).toEqual(means);
  });

  it('keep the mean of all', () => {
    const values = Array.from({ length: 256 }, (_, i) => (i * 97) % 256);
    const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
    for (const rows of [200, 100, 64, 37])
      expect(Math.abs(mean(reduce(values, 1, rows)) - mean(values))).toBeLessThanOrEqual(0.5);
  });
});

describe('places on the map', () => {
  it.each([
    ['as they are', { lo: -1, hi: 1 }, { from: -1, to: 1, knee: undefined }, [0, 64, 255], [0, 64, 255]],
    ['stretched', { lo: -4, hi: 4 }, { from: -2, to: 2, knee: undefined }, [0, 63, 192, 255], [0, 0, 255, 255]],
    ['bent alike', { lo: -90, hi: 90, knee: 1 }, { from: -90, to: 90, knee: 1 }, [0, 64, 191, 255], [0, 64, 191, 255]],
  ])('%s', (_, tile, scale, bytes, places) => {
    const table = positionTable(tile, scale);
    expect(bytes.map((q) => Math.round(table[q] ?? NaN))).toEqual(places);
  });

  it('are averaged, not values: one far unit does not drown the other', () => {
    const table = positionTable({ lo: -1000, hi: 1000, knee: 1 }, { from: -1000, to: 1000, knee: 1 });
    const [place] = reduceRows(Uint8Array.of(255, 100), 2, 1, 1, table);
    expect(place).toBe(178);
  });
});

describe('colours', () => {
  it('come from the table', () => {
    const table = new Uint32Array(256);
    new Uint8Array(table.buffer).set([1, 2, 3, 255], 4 * 7);
    expect(Array.from(colourise(Uint8Array.of(7, 0), table))).toEqual([1, 2, 3, 255, 0, 0, 0, 0]);
  });
});
