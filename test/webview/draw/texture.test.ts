/** Where bytes lie on a map, and tables of their colours. */
import { describe, expect, it } from 'vitest';
import { ColourTables, MOST_TABLES } from '../../../webview/draw/colours';
import { mapsFor } from '../../../webview/draw/maps';
import { colourise, positionTable } from '../../../webview/draw/texture';

describe('places on the map', () => {
  it.each([
    ['as they are', { lo: -1, hi: 1 }, { from: -1, to: 1, knee: undefined }, [0, 64, 255], [0, 64, 255]],
    ['stretched', { lo: -4, hi: 4 }, { from: -2, to: 2, knee: undefined }, [0, 63, 192, 255], [0, 0, 255, 255]],
    ['bent alike', { lo: -90, hi: 90, knee: 1 }, { from: -90, to: 90, knee: 1 }, [0, 64, 191, 255], [0, 64, 191, 255]],
  ])('%s', (_, tile, scale, bytes, places) => {
    const table = positionTable(tile, scale);
    expect(bytes.map((q) => Math.round(table[q] ?? NaN))).toEqual(places);
  });
});

describe('colours', () => {
  it('come from the table', () => {
    const table = new Uint32Array(256);
    new Uint8Array(table.buffer).set([1, 2, 3, 255], 4 * 7);
    expect(Array.from(colourise(Uint8Array.of(7, 0), table))).toEqual([1, 2, 3, 255, 0, 0, 0, 0]);
  });
});

describe('tables', () => {
  const { sequential, diverging } = mapsFor([0.1, 0.1, 0.1]);
  const even = { from: 0, to: 1, knee: undefined };

  it('have the colour of each byte, and are made once', () => {
    const made: number[] = [];
    const tables = new ColourTables(({ row }) => made.push(row));
    const table = tables.get({ lo: 0, hi: 0.5 }, even, sequential);
    const bytes = new Uint8Array(table.pixels.buffer);
    for (const q of [0, 100, 255]) {
      const place = Math.round(q / 2);
      expect(Array.from(bytes.subarray(4 * q, 4 * q + 4))).toEqual([
        ...sequential.subarray(3 * place, 3 * place + 3),
        255,
      ]);
    }
    expect(tables.get({ lo: 0, hi: 0.5 }, even, sequential)).toBe(table);
    expect(tables.get({ lo: 0, hi: 0.5 }, even, diverging)).not.toBe(table);
    expect(made).toEqual([0, 1]);
  });

  it('never share a row within a frame that had room made for it', () => {
    const tables = new ColourTables();
    for (let i = 1; i < MOST_TABLES; i++) tables.get({ lo: 0, hi: i }, even, sequential);
    tables.makeRoom(2);
    const rows = [1000, 1001].map((hi) => tables.get({ lo: 0, hi }, even, sequential).row);
    expect(rows).toEqual([0, 1]);
  });
});
