/** Every half of a float, and what lies beside the borders of bytes: the byte that the spacing says. */
import { describe, expect, test } from 'vitest';
import { bend, FREE_KNEE, unbend } from '../../src/shared/bytes';
import { byteScale, largestOf, quantiser } from '../../src/trace/quantise';
import { seededRandom } from '../engine/randomNetwork';

/** All floats whose lower half is one of a few; of NaNs only quiet ones, as arithmetic makes them. */
const bits = new Uint32Array(3 * 2 ** 16);
for (let half = 0; half < 2 ** 16; half++) {
  const lower = (half & 0x7fff) === 0x7f80 ? [0, 0, 0] : [0, 0x7fff, 0xffff];
  for (const [k, low] of lower.entries()) bits[3 * half + k] = half * 2 ** 16 + low;
}
const everyHalf = new Float32Array(bits.buffer);

describe.each([1e-30, 1e-3, 0.25, 1, 12.5, 1000, 3e38])('unbounded values up to %d', (hi) => {
  const scale = byteScale('free', hi);
  const byteOf = (value: number): number => {
    const end = bend(hi, FREE_KNEE);
    if (Number.isNaN(value)) return 0;
    if (Math.abs(value) === Infinity) return value > 0 ? 255 : 0;
    return Math.max(0, Math.min(255, ((bend(value, FREE_KNEE) + end) / (2 * end)) * 255));
  };
  test('every half', () => {
    const bytes = quantiser(scale)(everyHalf);
    // The nearest; between two bytes rounding may tell which.
    const wrong = [...bytes.keys()].filter(
      (k) => !(Math.abs((bytes[k] ?? NaN) - byteOf(everyHalf[k] ?? NaN)) <= 0.500001),
    );
    expect(wrong).toEqual([]);
  });
  test('grow with the values', () => {
    const random = seededRandom(2);
    const end = bend(hi, FREE_KNEE);
    const values = Float32Array.from({ length: 100_000 }, () => unbend((2 * random() - 1) * end, FREE_KNEE)).sort();
    const bytes = quantiser(scale)(values);
    expect(bytes.every((byte, k) => k === 0 || byte >= (bytes[k - 1] ?? 0))).toBe(true);
    expect(new Set(bytes).size).toBe(256);
  });
});

test.each<[readonly number[], number, boolean]>([
  [[], 0, true],
  [[-3, 2], 3, true],
  [[1, -Infinity, NaN, 2], 2, false],
  [[NaN], 0, false],
])('the largest of %j', (values, finite, all) => {
  expect(largestOf(Float32Array.from(values))).toEqual({ finite, all });
});
