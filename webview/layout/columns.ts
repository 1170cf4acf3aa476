/** Which column of a level each device pixel of the plot shows: the inverse of `devicePixel`, exactly. No DOM. */
import type { Axis } from './axis';
import { tokensPerColumn } from './level';
import { devicePixel } from './quads';

/** Pixel x shows column `first + offsets[x]`, counted from the start of the text. */
export interface PixelColumns {
  readonly first: number;
  /** [width] */
  readonly offsets: Uint16Array;
}

/**
 * A pixel shows the last column whose left edge is not beyond it. Edges are rounded as those of marks and tiles are, so
 * that all of them agree; arithmetic on pixel centres would differ from them where an edge is a half.
 */
export function pixelColumns(axis: Axis, level: number, ratio: number, width: number): PixelColumns {
  const per = tokensPerColumn(level);
  const edge = (column: number): number => devicePixel(axis, column * per, ratio);
  let first = Math.max(0, Math.floor(axis.start / per) - 1);
  while (first > 0 && edge(first) > 0) first--;
  while (edge(first + 1) <= 0) first++;
  const offsets = new Uint16Array(width);
  let column = first;
  let next = edge(column + 1);
  for (let x = 0; x < width; x++) {
    while (next <= x) {
      column++;
      next = edge(column + 1);
    }
    offsets[x] = Math.min(0xffff, column - first);
  }
  return { first, offsets };
}
