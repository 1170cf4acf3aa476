/** Scales: even for gates, bent for free signals. */
import { describe, expect, it } from 'vitest';
import { isRange, marksOf, positionOf, scaleOf } from '../../../webview/layout/scale';

const seen = (peak: number): { peak: number; bulk: number } => ({ peak, bulk: peak });

describe('scales', () => {
  it.each([
    ['gate', 0.3, { from: 0, to: 1, knee: undefined }],
    ['signed', 0.3, { from: -1, to: 1, knee: undefined }],
    ['positive', 3.3, { from: 0, to: 4, knee: undefined }],
    ['free', 2.2, { from: -2.5, to: 2.5, knee: 0.25 }],
    ['free', 0, { from: -1, to: 1, knee: 0.25 }],
  ] as const)('%s, up to %d', (scale, peak, want) => {
    expect(scaleOf(scale, seen(peak))).toEqual(want);
  });

  it.each([
    ['gate', 1, 0.25, 0.25],
    ['gate', 1, 7, 1],
    ['signed', 1, 0, 0.5],
    ['free', 1000, 0, 0.5],
    ['free', 1000, 1000, 1],
    ['free', 1000, -1e9, 0],
    // Bent by a knee of 0.25, from the middle: a unit's work shows beside one that counts to a thousand.
    ['free', 1000, 1, 0.5 + 0.5 * (Math.asinh(4) / Math.asinh(4000))],
  ] as const)('%s up to %d: %d lies at %d', (scale, peak, value, position) => {
    expect(positionOf(scaleOf(scale, seen(peak)), value)).toBeCloseTo(position, 9);
  });

  it('rise with the value', () => {
    const scale = scaleOf('free', seen(40));
    const places = Array.from({ length: 81 }, (_, i) => positionOf(scale, i - 40));
    expect(places.every((place, i) => i === 0 || place > (places[i - 1] ?? 1))).toBe(true);
  });

  it.each([
    ['gate', 1, []],
    ['signed', 1, [0]],
    ['free', 1, [0]],
    ['free', 12, [0, 1, -1]],
    ['free', 900, [0, 1, -1, 10, -10, 100, -100]],
  ] as const)('%s up to %d is marked at %j', (scale, peak, marks) => {
    expect(marksOf(scaleOf(scale, seen(peak)))).toEqual(marks);
  });
});

describe('ranges', () => {
  it.each([
    ['gate', 'clip', { peak: 1, bulk: 0.31 }, { from: 0, to: 0.4, knee: undefined }],
    ['signed', 'clip', { peak: 1, bulk: 0.99 }, { from: -1, to: 1, knee: undefined }],
    ['free', 'clip', { peak: 900, bulk: 2.7 }, { from: -3, to: 3, knee: 0.25 }],
    ['free', 'clip', { peak: 3, bulk: 0 }, { from: -3, to: 3, knee: 0.25 }],
    ['positive', 'clip', { peak: 9, bulk: 4 }, { from: 0, to: 4, knee: undefined }],
    ['free', { from: -1, to: 1 }, { peak: 900, bulk: 1 }, { from: -1, to: 1, knee: 0.25 }],
    ['free', { from: 0.5, to: 1 }, { peak: 900, bulk: 1 }, { from: 0.5, to: 1, knee: undefined }],
    ['gate', { from: 0.8, to: 1 }, { peak: 1, bulk: 1 }, { from: 0.8, to: 1, knee: undefined }],
    // What was remembered and makes no sense is left alone.
    ['gate', { from: 1, to: 1 }, { peak: 1, bulk: 1 }, { from: 0, to: 1, knee: undefined }],
  ] as const)('%s, %j', (scale, range, sizes, want) => {
    expect(scaleOf(scale, sizes, range)).toEqual(want);
  });

  it.each([
    [0, 1, true],
    [1, 0, false],
    [NaN, 1, false],
    [0, Infinity, false],
  ])('from %d to %d: %s', (from, to, good) => {
    expect(isRange({ from, to })).toBe(good);
  });

  it.each([
    [{ from: 0.5, to: 1, knee: undefined }, []],
    [{ from: -2, to: 30, knee: 0.25 }, [0, 1, -1, 10]],
  ])('%j is marked at %j', (scale, marks) => {
    expect(marksOf(scale)).toEqual(marks);
  });

  it('values beyond are shown as the ends', () => {
    const scale = { from: 0.2, to: 0.4, knee: undefined };
    expect([0, 0.2, 0.3, 0.4, 1].map((value) => positionOf(scale, value))).toEqual([0, 0, expect.closeTo(0.5), 1, 1]);
  });
});
