/** Rows of a heatmap: pinned ones on top, groups where units outnumber pixels, and back from a pixel to a unit. */
import { describe, expect, it } from 'vitest';
import type { Merge } from '../../../src/shared/trace';
import { placeClusters, placeDendrogram } from '../../../webview/layout/dendrogram';
import { bandsOf, evenHeight, gridOf, placeAt, rowCount, rowOf } from '../../../webview/layout/rows';
import { placeUnits } from '../../../webview/layout/unitAxis';

describe('a grid', () => {
  it.each([
    // units, pinned, height, ratio -> group, rows
    [64, 0, 128, 1, 1, 64],
    [256, 0, 64, 1, 4, 64],
    [256, 0, 64, 2, 2, 128],
    [257, 0, 64, 1, 5, 52],
    [1024, 2, 75, 1, 22, 49],
    [4, 4, 80, 1, 1, 4],
    [0, 0, 24, 1, 1, 0],
  ])(
    'of %d units, %d pinned, in %d pixels (ratio %d) groups %d to %d rows',
    (units, pinned, height, ratio, group, rows) => {
      const grid = gridOf(units, pinned, height, ratio);
      expect([grid.group, rowCount(grid)]).toEqual([group, rows]);
    },
  );

  it.each([
    // units, pinned, height, ratio -> even height
    [64, 0, 74, 1, 64],
    [64, 0, 130, 1, 128],
    [64, 0, 74, 2, 64],
    [48, 0, 74, 1, 74],
    [0, 0, 24, 1, 24],
    [66, 2, 100, 1, 91],
  ])('of %d units, %d pinned, near %d pixels (ratio %d) is even at %d', (units, pinned, height, ratio, even) => {
    expect(evenHeight(units, pinned, height, ratio)).toBe(even);
  });

  it('has the bands of its rows, one below the other', () => {
    expect(bandsOf(gridOf(66, 2, 91, 1))).toEqual([
      { from: 0, rows: 2, top: 0, height: 24 },
      { from: 2, rows: 64, top: 27, height: 64 },
    ]);
    expect(bandsOf(gridOf(0, 0, 24, 1))).toEqual([]);
  });

  it.each([
    [64, 0, 128, 1],
    [256, 0, 64, 1],
    [257, 3, 64, 1],
    [1024, 16, 300, 2],
    [5, 5, 50, 1],
  ])('finds each of %d units (%d pinned) again in its row', (units, pinned, height, ratio) => {
    const grid = gridOf(units, pinned, height, ratio);
    for (let place = 0; place < units; place++) {
      const { row, top, height: tall } = rowOf(grid, place);
      const found = placeAt(grid, top + tall / 2);
      expect(rowOf(grid, found).row).toBe(row);
      if (grid.group === 1) expect(found).toBe(place);
    }
    expect([placeAt(grid, -5), placeAt(grid, height + 5)]).toEqual([0, units - 1]);
  });
});

describe('numbers beside the rows', () => {
  const units = (count: number): Uint16Array => Uint16Array.from({ length: count }, (_, unit) => unit);
  const labels = (of: Uint16Array, pinned: number, height: number): readonly number[] =>
    placeUnits({ units: of, pinned }, gridOf(of.length, pinned, height, 1)).map(({ unit }) => unit);

  it.each([
    ['all where there is room', units(4), 0, 80, [0, 1, 2, 3]],
    ['round ones where there is less', units(64), 0, 64, [0, 20, 40, 60]],
    ['and less', units(256), 0, 64, [0, 100, 200]],
    ['round ones of a part', units(64).subarray(13), 0, 102, [20, 30, 40, 50, 60]],
    ['every so many where they are in no order', Uint16Array.from([9, 3, 8, 1, 7, 2]), 0, 24, [9, 2]],
    ['the pinned first', Uint16Array.from([40, 7, 0, 1, 2]), 2, 100, [40, 7, 0, 1, 2]],
    ['none', units(0), 0, 24, []],
  ])('%s', (_, of, pinned, height, expected) => {
    expect(labels(of, pinned, height)).toEqual(expected);
  });

  it('never stand in each other', () => {
    for (const [count, pinned, height] of [
      [1024, 16, 300],
      [100, 3, 60],
      [7, 2, 40],
    ] as const) {
      const placed = placeUnits({ units: units(count), pinned }, gridOf(count, pinned, height, 1));
      expect(placed.length).toBeGreaterThan(0);
      placed.slice(1).forEach(({ y }, i) => {
        expect(y - (placed[i]?.y ?? 0)).toBeGreaterThanOrEqual(12);
      });
    }
  });
});

describe('a dendrogram', () => {
  // ((0 1) (2 3)) in rows of 10 pixels.
  const merges: readonly Merge[] = [
    { from: 0, middle: 2, to: 4, height: 1 },
    { from: 0, middle: 1, to: 2, height: 0.5 },
    { from: 2, middle: 3, to: 4, height: 0.25 },
  ];

  it('joins the middles of rows, and of branches', () => {
    expect(placeDendrogram({ merges }, gridOf(4, 0, 40, 1), 21)).toEqual([
      { x1: 10, y1: 5, x2: 10, y2: 15 },
      { x1: 10, y1: 5, x2: 21, y2: 5 },
      { x1: 10, y1: 15, x2: 21, y2: 15 },
      { x1: 15, y1: 25, x2: 15, y2: 35 },
      { x1: 15, y1: 25, x2: 21, y2: 25 },
      { x1: 15, y1: 35, x2: 21, y2: 35 },
      { x1: 0, y1: 10, x2: 0, y2: 30 },
      { x1: 0, y1: 10, x2: 10, y2: 10 },
      { x1: 0, y1: 30, x2: 15, y2: 30 },
    ]);
  });

  it('leaves out what is too narrow to be seen', () => {
    // Rows of two pixels: the inner branches are two apart, the outer one four.
    expect(placeDendrogram({ merges }, gridOf(4, 0, 8, 1), 21).length).toBe(3);
    expect(placeDendrogram({ merges: [] }, gridOf(4, 0, 8, 1), 21)).toEqual([]);
  });

  it('starts below the pinned rows', () => {
    const below = merges.map(({ from, middle, to, height }) => ({
      from: from + 1,
      middle: middle + 1,
      to: to + 1,
      height,
    }));
    const [first] = placeDendrogram({ merges: below }, gridOf(5, 1, 55, 1), 21);
    expect(first).toEqual({ x1: 10, y1: 20, x2: 10, y2: 30 });
  });

  it.each([
    // first rows of clusters, pinned, units, height -> [top, height]
    [
      [0, 3],
      0,
      4,
      40,
      [
        [0, 30],
        [30, 10],
      ],
    ],
    [
      [1, 3],
      1,
      5,
      55,
      [
        [15, 20],
        [35, 20],
      ],
    ],
    [[], 0, 4, 40, []],
  ])('has its clusters %j (%d pinned of %d) as bars', (clusters, pinned, count, height, expected) => {
    const units = Uint16Array.from({ length: count }, (_, unit) => unit);
    const bars = placeClusters({ clusters, units, pinned }, gridOf(count, pinned, height, 1));
    expect(bars.map((bar) => [bar.top, bar.height])).toEqual(expected);
  });
});
