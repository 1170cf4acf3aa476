/** The overview's window: where it lies, what is taken hold of, and what a drag does. */
import { describe, expect, it } from 'vitest';
import type { Axis } from '../../../webview/layout/axis';
import { centreAt, partAt, slideBy, stretchTo, windowOf } from '../../../webview/layout/overview';

/** Of 10,000 tokens in 1,000 pixels; a tenth in sight, from token 2,000. */
const axis: Axis = { tokens: 10_000, width: 1000, start: 2000, scale: 1 };
const far: Axis = { tokens: 10_000_000, width: 1000, start: 5_000_000, scale: 6 };

describe('the window', () => {
  it.each([
    ['lies where the sight is', axis, { left: 200, width: 100 }],
    ['never shrinks to nothing', far, { left: 496.00833, width: 8 }],
    ['stays within', { ...far, start: far.tokens - 1000 / 6 }, { left: 992, width: 8 }],
    ['may be all', { ...axis, start: 0, scale: 0.1 }, { left: 0, width: 1000 }],
  ])('%s', (_, of, expected) => {
    const { left, width } = windowOf(of);
    expect([left, width]).toEqual([expect.closeTo(expected.left, 3), expect.closeTo(expected.width, 3)]);
  });

  it.each([
    [100, 'outside'],
    [197, 'from'],
    [203, 'from'],
    [250, 'window'],
    [297, 'to'],
    [303, 'to'],
    [310, 'outside'],
  ])('is taken at pixel %d by its part %s', (x, part) => {
    expect(partAt(axis, x)).toBe(part);
  });

  it('can be moved even where it is narrow', () => {
    expect(partAt(far, 500)).toBe('window');
  });
});

describe('a drag', () => {
  it.each([
    ['centres', centreAt(axis, 500), 4500, 1],
    ['centres at the beginning', centreAt(axis, 0), 0, 1],
    ['slides', slideBy(axis, 10), 2100, 1],
    ['slides to the end, not beyond', slideBy(axis, 5000), 9000, 1],
    ['stretches to the left', stretchTo(axis, 'from', 100), 1000, 0.5],
    ['shrinks from the left', stretchTo(axis, 'from', 250), 2500, 2],
    ['stretches to the right', stretchTo(axis, 'to', 400), 2000, 0.5],
    ['shrinks from the right', stretchTo(axis, 'to', 250), 2000, 2],
    // The closest there is shows 1000 / 48 tokens: the end stays at 3,000.
    ['stops at the closest', stretchTo(axis, 'from', 300), 3000 - 1000 / 48, 48],
    ['stops where its edges meet', stretchTo(axis, 'to', 100), 2000, 48],
    ['stops at the ends', stretchTo(axis, 'to', 2000), 2000, 0.125],
  ])('%s', (_, { start, scale }, at, pixels) => {
    expect([start, scale]).toEqual([expect.closeTo(at, 6), expect.closeTo(pixels, 6)]);
  });
});
