/** Scales: even for gates, bent for free signals. */
import { describe, expect, it } from 'vitest';
import { marksOf, positionOf, scaleOf } from '../../../webview/layout/scale';

describe('scales', () => {
  it.each([
    ['gate', 0.3, { from: 0, to: 1, knee: undefined }],
    ['signed', 0.3, { from: -1, to: 1, knee: undefined }],
    ['positive', 3.3, { from: 0, to: 4, knee: undefined }],
    ['free', 2.2, { from: -2.5, to: 2.5, knee: 0.25 }],
    ['free', 0, { from: -1, to: 1, knee: 0.25 }],
  ] as const)('%s, up to %d', (scale, peak, want) => {
    expect(scaleOf(scale, peak)).toEqual(want);
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
    expect(positionOf(scaleOf(scale, peak), value)).toBeCloseTo(position, 9);
  });

  it('rise with the value', () => {
    const scale = scaleOf('free', 40);
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
    expect(marksOf(scaleOf(scale, peak))).toEqual(marks);
  });
});
