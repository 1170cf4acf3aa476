/** The least and greatest of words, for every word there is: as `Math.min` and `Math.max` of the values have them. */
import { expect, test } from 'vitest';
import { DECODED } from '../../src/trace/bfloat';
import { Bounds } from '../../src/trace/bounds';
import { seededRandom } from '../engine/randomNetwork';

const ALL = 2 ** 16;
const words = Uint16Array.from({ length: ALL }, (_, word) => word);

/** Words beside which every word is put: zeros of both signs, ones, the largest, infinities, NaNs of both signs. */
const beside = [0x0000, 0x8000, 0x3f80, 0xbf80, 0x0001, 0x8001, 0x7f7f, 0xff7f, 0x7f80, 0xff80, 0x7fc0, 0xffc0, 0xff81];

function both(rows: readonly Uint16Array[]): { min: Float32Array; max: Float32Array } {
  const units = rows[0]?.length ?? 0;
  const all = new Uint16Array(rows.length * units);
  for (const [k, row] of rows.entries()) all.set(row, k * units);
  const found = { min: new Float32Array(units), max: new Float32Array(units) };
  for (const which of ['min', 'max'] as const) {
    new Bounds(all, units, which).gather(0, rows.length, units, 0, found[which], 0);
  }
  return found;
}

/** Units of which one is not the same value, signs of zero included. */
function wrong(found: Float32Array, how: (...values: number[]) => number, rows: readonly Uint16Array[]): number[] {
  const units = Array.from(found.keys());
  return units.filter((u) => !Object.is(found[u], how(...rows.map((row) => DECODED[row[u] ?? 0] ?? 0))));
}

test.each(beside)('every word beside %i, and alone', (word) => {
  for (const rows of [[words, new Uint16Array(ALL).fill(word)], [new Uint16Array(ALL).fill(word), words], [words]]) {
    const { min, max } = both(rows);
    expect(wrong(min, Math.min, rows)).toEqual([]);
    expect(wrong(max, Math.max, rows)).toEqual([]);
  }
});

test('of several blocks, an odd number too; and anew after that', () => {
  const random = seededRandom(3);
  const rows = Array.from({ length: 7 }, () => words.map(() => Math.floor((random() + 1) * 2 ** 15) & 0xffff));
  const { min, max } = both(rows);
  expect(wrong(min, Math.min, rows)).toEqual([]);
  expect(wrong(max, Math.max, rows)).toEqual([]);
  const two = Uint16Array.of(0, 0xbf80, 0, 0x3f80);
  for (const which of ['min', 'max'] as const) {
    const bounds = new Bounds(two, 1, which);
    const values = new Float32Array(2);
    // One row of two words, whose second is the unit; then the other.
    bounds.gather(0, 1, 2, 1, values, 0);
    bounds.gather(1, 2, 2, 1, values, 1);
    expect([...values]).toEqual([-1, 1]);
  }
});
