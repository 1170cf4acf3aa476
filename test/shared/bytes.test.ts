/** A tile's bytes read back. */
import { expect, test } from 'vitest';
import { bend, byteValue, unbend } from '../../src/shared/bytes';

test.each([
  [{ lo: 0, hi: 1 }, 51, 0.2],
  [{ lo: -1, hi: 1 }, 0, -1],
  [{ lo: -1, hi: 1 }, 127, 0],
  [{ lo: -1, hi: 1 }, 128, 0],
  [{ lo: -1, hi: 1 }, 129, 3 / 255],
  [{ lo: -1000, hi: 1000, knee: 1 }, 255, 1000],
  [{ lo: -1000, hi: 1000, knee: 1 }, 128, 0],
  [{ lo: 0, hi: 0 }, 9, 0],
])('%j: byte %d is %d', (scale, q, value) => {
  expect(byteValue(scale, q)).toBeCloseTo(value, 9);
});

test.each([0, 1e-6, 0.25, 1, -3, 900])('%d bent and straightened is itself', (value) => {
  expect(unbend(bend(value, 0.25), 0.25)).toBeCloseTo(value, 9);
  expect(unbend(bend(value, undefined), undefined)).toBe(value);
});
