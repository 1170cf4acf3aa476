/** What stands out is seen at every level and in rows of any number of units; what is busy stays its mean. */
import { describe, expect, test } from 'vitest';
import { TILE_COLUMNS, type Reduction, type Tile } from '../../src/shared/trace';
import { everyUnit, rowsOf } from '../../src/trace/rows';
import { spikes } from '../../src/trace/spikes';
import type { Source } from '../../src/trace/source';
import { viewTile } from '../../src/trace/viewTile';
import { seededRandom } from '../engine/randomNetwork';
import { syntheticSource } from './synthetic';

const UNITS = 16;
const LENGTH = 1_000_000;
const SPIKE = { token: 654_321, unit: 5 };

/** A number in [0, 1) for each token and unit, the same each time. */
function noise(token: number, unit: number): number {
  let t = Math.imul(token + 1, 0x9e3779b1) ^ Math.imul(unit + 1, 0x85ebca6b);
  t = Math.imul(t ^ (t >>> 15), 0x2c1b3c6d);
  t = Math.imul(t ^ (t >>> 12), 0x297a2d39);
  return ((t ^ (t >>> 15)) >>> 0) / 2 ** 32;
}

const ask = (source: Source, level: number, index: number, of: Reduction, group = 1): Promise<Tile> =>
  viewTile(source, level, index, { arrangement: { units: everyUnit(source.units).units, pinned: 0 }, group, of });

describe('one extreme token in a million', () => {
  // Gates about 0.3; one opens, another closes, once.
  const calm = (token: number, unit: number): number => 0.25 + 0.1 * noise(token, unit);
  const up = syntheticSource({
    units: UNITS,
    length: LENGTH,
    level: 6,
    value: (token, unit) => (token === SPIKE.token && unit === SPIKE.unit ? 1 : calm(token, unit)),
  });
  const down = syntheticSource({
    units: UNITS,
    length: LENGTH,
    level: 6,
    value: (token, unit) => (token === SPIKE.token && unit === SPIKE.unit ? 0 : calm(token, unit)),
  });
  // To the level at which all is one column.
  const levels = Array.from({ length: 21 }, (_, level) => level);
  const groups = [1, 2, 3, 8, UNITS];
  test.each(levels)('is seen at level %i, and nothing else', async (level) => {
    const column = Math.floor(SPIKE.token / 2 ** level);
    const index = Math.floor(column / TILE_COLUMNS);
    for (const [source, byte] of [
      [up, 255],
      [down, 0],
    ] as const) {
      for (const group of groups) {
        const tile = await ask(source, level, index, 'spikes', group);
        const mean = await ask(source, level, index, 'mean', group);
        const at = Math.floor(SPIKE.unit / group) * tile.columns + (column % TILE_COLUMNS);
        // At level 0 a row of one unit shows each token as it is.
        expect(tile.values[at]).toBe(byte);
        const others = [...tile.values.keys()].filter((k) => k !== at && tile.values[k] !== mean.values[k]);
        expect(others).toEqual([]);
      }
    }
  });
});

describe('what is busy stays its mean', () => {
  test.each<[string, (token: number, unit: number) => number]>([
    ['a gate that opens and shuts at random', (token, unit) => (noise(token, unit) < 0.5 ? 0 : 1)],
    ['one that is anywhere', noise],
    ['one that swings', (token, unit) => 0.5 + 0.5 * Math.sin(token / (3 + unit))],
    ['one that is shut and opens at every fifth token', (token, unit) => ((token + unit) % 5 === 0 ? 1 : 0.02)],
  ])('%s', async (_, value) => {
    const source = syntheticSource({ units: UNITS, length: 200_000, level: 5, value });
    for (const level of [1, 2, 3, 4, 6, 9, 12, 14]) {
      for (const group of [1, 4, UNITS]) {
        const [tile, mean] = [await ask(source, level, 0, 'spikes', group), await ask(source, level, 0, 'mean', group)];
        const raised = tile.values.reduce((sum, byte, k) => sum + (byte === mean.values[k] ? 0 : 1), 0);
        expect(raised / tile.values.length).toBeLessThan(0.02);
      }
    }
  });

  test('and what is shut and opens seldom shows where it opens, in a tenth of its columns at most', async () => {
    const value = (token: number, unit: number): number => (noise(token, unit) < 0.003 ? 1 : 0.02);
    const source = syntheticSource({ units: UNITS, length: 200_000, level: 5, value });
    for (const level of [1, 2, 3, 4, 5, 6, 8]) {
      for (const group of [1, 4, UNITS]) {
        const [tile, mean] = [await ask(source, level, 0, 'spikes', group), await ask(source, level, 0, 'mean', group)];
        let all = 0;
        for (let row = 0; row < tile.rows; row++) {
          let raised = 0;
          for (let at = row * tile.columns; at < (row + 1) * tile.columns; at++) {
            if (tile.values[at] !== mean.values[at]) raised++;
          }
          expect(raised).toBeLessThanOrEqual(tile.columns / 10);
          all += raised;
        }
        if (level <= 3 && group === 1) expect(all).toBeGreaterThan(UNITS);
      }
    }
  });
});

test('a spike beside a busy unit of its row is seen', () => {
  const random = seededRandom(3);
  const columns = 200;
  const busy = Uint8Array.from({ length: columns }, () => 200 + random() * 55);
  const calm = new Uint8Array(columns).fill(90);
  calm[77] = 250;
  const max = Uint8Array.of(...busy, ...calm);
  const { bytes } = spikes({ min: max, max }, columns, rowsOf({ units: Uint16Array.of(0, 1), pinned: 0 }, 2));
  expect([...bytes.keys()].filter((c) => (bytes[c] ?? -1) >= 0)).toEqual([77]);
  expect(bytes[77]).toBe(250);
});

test('of fewer than eight columns nothing is said', () => {
  const max = Uint8Array.of(0, 0, 0, 255, 0, 0, 0);
  const { bytes } = spikes({ min: max, max }, 7, everyUnit(1));
  expect([...bytes]).toEqual(new Array(7).fill(-1));
});
