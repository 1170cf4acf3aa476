/** The time axis: limits, zoom at the pointer, panning, and bringing a token into sight. */
import { describe, expect, it } from 'vitest';
import * as axis from '../../../webview/layout/axis';

const make = (tokens: number, width: number, start: number, scale: number): axis.Axis => ({
  tokens,
  width,
  start,
  scale,
});

describe('first sight', () => {
  it.each([
    // tokens, width, scale, whole text in sight
    [1, 380, 48, true],
    [3, 1200, 48, true],
    [12, 1200, 36, true],
    [20, 380, 19, true],
    [40, 1200, 18, true],
    [80, 400, 5, true],
    [1500, 380, 6, false],
    [5_000_000, 1400, 6, false],
  ])('%d tokens in %d pixels: %d pixels a token', (tokens, width, scale, whole) => {
    const first = axis.firstSight(tokens, width);
    expect(first).toEqual({ tokens, width, start: 0, scale });
    expect(axis.isFit(first)).toBe(whole);
  });
});

describe('limits', () => {
  it.each([
    // asked start, asked scale -> start, scale (1000 tokens in 500 pixels)
    [-5, 1, 0, 1],
    [900, 1, 500, 1],
    [0, 0.1, 0, 0.5],
    [990, 100, 1000 - 500 / 48, 48],
  ])('start %d at %d becomes %d at %d', (start, scale, wantStart, wantScale) => {
    const got = axis.clampAxis(make(1000, 500, start, scale));
    expect(got.start).toBeCloseTo(wantStart, 9);
    expect(got.scale).toBe(wantScale);
  });
});

describe('zoom at the pointer', () => {
  it.each([
    [250, 2],
    [0, 3],
    [499, 1.25],
    [120, 0.8],
  ])('keeps the token at pixel %d when zooming by %d', (x, factor) => {
    const before = make(5_000_000, 500, 2_000_000.25, 2);
    const after = axis.zoomAt(before, x, factor);
    expect(after.scale).toBe(2 * factor);
    expect(after.start + x / after.scale).toBeCloseTo(before.start + x / before.scale, 6);
  });

  it('does not slide along the text once it is as near as it gets', () => {
    const near = make(1000, 500, 400, axis.MAX_SCALE);
    expect(axis.zoomAt(near, 10, 2)).toEqual(near);
  });

  it('fits after zooming out for ever', () => {
    const out = axis.zoomAt(make(1000, 500, 400, 8), 123, 1e-6);
    expect(out).toEqual(axis.fit(out));
  });
});

describe('tokens and pixels', () => {
  it.each([
    [0, 10],
    [3.99, 10],
    [4, 11],
    [399, 109],
  ])('pixel %d lies on token %d', (x, token) => {
    expect(axis.tokenAt(make(1000, 400, 10, 4), x)).toBe(token);
  });

  it.each([
    [-1, 0],
    [41, 10],
  ])('pixel %d lies beside a text of %d tokens', (x) => {
    expect(axis.tokenAt(make(10, 400, 0, 4), x)).toBeUndefined();
  });

  it('inverts', () => {
    const a = make(1e6, 700, 1234.5, 0.37);
    for (const token of [1235, 2000, 3000]) expect(axis.tokenAt(a, axis.xOf(a, token + 0.5))).toBe(token);
  });
});

describe('bringing into sight', () => {
  const window = make(10_000, 400, 1000, 4); // tokens 1000…1100
  it.each([
    // token, count -> start
    ['in sight', 1050, 1, 1000],
    ['just before', 995, 1, 995 - 12],
    ['just after', 1101, 3, 1104 - 100 + 12],
    ['far', 5000, 2, 5001 - 50],
    ['at the very end', 9999, 1, 9900],
    ['at the very beginning', 0, 1, 0],
  ])('%s', (_, token, count, start) => {
    expect(axis.bringIntoSight(window, token, count).start).toBeCloseTo(start, 9);
  });

  it('leaves an axis alone that shows it already', () => {
    expect(axis.bringIntoSight(window, 1099, 1)).toBe(window);
  });
});

describe('a new width', () => {
  it('keeps the left edge', () => {
    expect(axis.resizeAxis(make(10_000, 400, 1000, 4), 800)).toEqual(make(10_000, 800, 1000, 4));
  });
  it('keeps a whole text whole', () => {
    expect(axis.resizeAxis(make(1000, 400, 0, 0.4), 800)).toEqual(make(1000, 800, 0, 0.8));
  });
});
