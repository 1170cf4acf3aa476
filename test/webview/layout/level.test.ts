/** Which level is drawn at a scale, and which tiles of it are wanted. */
import { describe, expect, it } from 'vitest';
import { columnOf, levelFor, rootLevel, tilesToAsk, visibleTiles } from '../../../webview/layout/level';

describe('level', () => {
  it.each([
    // CSS pixels a token, device pixels a CSS pixel -> level
    [48, 1, 0],
    [1, 1, 0],
    [0.999, 1, 1],
    [0.5, 1, 1],
    [0.5, 2, 0],
    [0.25, 1.5, 2],
    [1400 / 5_000_000, 1, 12],
    [2 ** -20, 1, 20],
  ])('%d pixels a token at ratio %d: level %d', (scale, ratio, level) => {
    expect(levelFor(scale, ratio)).toBe(level);
  });

  it('gives columns of one to two device pixels when zoomed out', () => {
    for (let scale = 1; scale > 1e-6; scale *= 0.83) {
      const column = scale * 2 ** levelFor(scale, 1);
      expect(column).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(column).toBeLessThan(2);
    }
  });

  it.each([
    [1, 0],
    [256, 0],
    [257, 1],
    [1500, 3],
    [5_000_000, 15],
  ])('one tile holds %d tokens at level %d', (tokens, level) => {
    expect(rootLevel(tokens)).toBe(level);
  });
});

describe('tiles', () => {
  const axis = (tokens: number, start: number, scale: number) => ({ tokens, width: 1000, start, scale });
  it.each([
    // start, scale, level -> first, last
    [0, 4, 0, 0, 0],
    [100, 4, 0, 0, 1],
    [256, 4, 0, 1, 1],
    [255.5, 4, 0, 0, 1],
    [0, 0.5, 1, 0, 3],
    [9500, 2, 0, 37, 39],
  ])('from %d at scale %d, level %d: tiles %d to %d', (start, scale, level, first, last) => {
    expect(visibleTiles(axis(10_000, start, scale), level)).toEqual({ first, last });
  });

  it.each([
    [0, []],
    [1, [14]],
    [-1, [9]],
  ] as const)('asks from the middle outwards; moving by %d, then for the neighbour there', (moving, next) => {
    expect(tilesToAsk(axis(10_000, 2560, 1), 0, moving)).toEqual({ seen: [11, 12, 10, 13], next });
  });

  it('asks for nothing beyond the text', () => {
    for (const moving of [-1, 1] as const) {
      expect(tilesToAsk(axis(300, 0, 10 / 3), 0, moving)).toEqual({ seen: [0, 1], next: [] });
    }
  });

  it('cuts the last column at the end of the text', () => {
    expect(columnOf(999, 3, 1000)).toEqual({ column: 124, first: 992, count: 8 });
    expect(columnOf(1000, 3, 1003)).toEqual({ column: 125, first: 1000, count: 3 });
  });
});
