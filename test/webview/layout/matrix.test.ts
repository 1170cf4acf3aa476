import { describe, expect, it } from 'vitest';
import {
  barsOf,
  blockOf,
  cellIndex,
  movePlace,
  placeAt,
  rowsOf,
  spanOf,
  type Grid,
} from '../../../webview/layout/matrix';

describe('what a cell stands for', () => {
  it.each([
    ['one each', 3, 8, 8, { first: 3, last: 3 }],
    ['eight each', 1, 32, 256, { first: 8, last: 15 }],
    ['uneven, shared edges', 1, 3, 8, { first: 2, last: 5 }],
    ['the last', 2, 3, 8, { first: 5, last: 7 }],
  ])('%s', (_, cell, cells, size, span) => {
    expect(spanOf(cell, cells, size)).toEqual(span);
  });

  it.each([
    [8, 8],
    [7, 100],
    [128, 1000],
  ])('%i cells cover all of %i', (cells, size) => {
    const covered = new Set<number>();
    for (let cell = 0; cell < cells; cell++) {
      const { first, last } = spanOf(cell, cells, size);
      for (let n = first; n <= last; n++) covered.add(n);
    }
    expect([Math.min(...covered), Math.max(...covered), covered.size]).toEqual([0, size - 1, size]);
  });
});

describe('blocks of gates', () => {
  const even: Grid = { gates: 4, rows: 128, columns: 64 };
  const broken: Grid = { gates: 3, rows: 128, columns: 10 };

  it('are equally high', () => {
    expect(blockOf(128, 4, 1)).toEqual({ from: 32, to: 64 });
    expect(blockOf(128, 3, 2).to).toBeCloseTo(128, 9);
  });

  it.each([
    ['the first cell', even, 0, 0, 0, { gate: 0, row: 0, column: 0 }],
    ['the last cell', even, 3, 1, 1, { gate: 3, row: 31, column: 63 }],
    ['a middle', even, 2, 0.5, 0.5, { gate: 2, row: 16, column: 32 }],
    ['outside', even, 1, -0.2, 1.7, { gate: 1, row: 31, column: 0 }],
    ['a broken first row', broken, 1, 0, 0, { gate: 1, row: 0, column: 0 }],
    ['a broken last row', broken, 1, 0.99, 0.999, { gate: 1, row: rowsOf(broken, 1) - 1, column: 9 }],
  ])('%s is found', (_, grid, gate, x, y, place) => {
    expect(placeAt(grid, gate, x, y)).toEqual(place);
  });

  it('have their cells in the heatmap', () => {
    expect(cellIndex(even, { gate: 2, row: 1, column: 5 })).toBe(65 * 64 + 5);
    expect(cellIndex(broken, { gate: 2, row: 42, column: 9 })).toBe(128 * 10 - 1);
  });

  it.each([
    ['right', { gate: 0, row: 3, column: 4 }, 1, 0, { gate: 0, row: 3, column: 5 }],
    ['into the next block', { gate: 0, row: 3, column: 63 }, 1, 0, { gate: 1, row: 3, column: 0 }],
    ['into the block before', { gate: 1, row: 3, column: 2 }, -10, 0, { gate: 0, row: 3, column: 56 }],
    ['not beyond the last', { gate: 3, row: 3, column: 60 }, 10, 0, { gate: 3, row: 3, column: 63 }],
    ['not above', { gate: 2, row: 3, column: 4 }, 0, -10, { gate: 2, row: 0, column: 4 }],
    ['not below', { gate: 2, row: 30, column: 4 }, 0, 10, { gate: 2, row: 31, column: 4 }],
    ['to the very first', { gate: 2, row: 5, column: 4 }, -256, 0, { gate: 0, row: 5, column: 0 }],
  ])('keys move %s', (_, from, right, down, to) => {
    expect(movePlace(even, from, right, down)).toEqual(to);
  });
});

describe('a histogram', () => {
  it('has a bar for each bin with anything in it, the fullest as high as all', () => {
    const bars = barsOf({ lo: -1, hi: 1, counts: [0, 10, 5, 0] });
    expect(bars.map(({ left, height, value }) => [left, height, value])).toEqual([
      [0.25, 1, -0.25],
      [0.5, 0.5, 0.25],
    ]);
  });

  it('shows one value of a million', () => {
    expect(barsOf({ lo: 0, hi: 1, counts: [1_000_000, 1] })[1]?.height).toBeGreaterThan(0.01);
  });

  it('of nothing has no bars', () => {
    expect(barsOf({ lo: 0, hi: 0, counts: [0, 0] })).toEqual([]);
  });
});
