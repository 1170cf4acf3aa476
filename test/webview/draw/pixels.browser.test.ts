/// <reference types="node" />
/** Heatmaps pixel by pixel, by WebGL2 and by Canvas 2D: against the values, against each other, and when WebGL fails. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteValue } from '../../../src/shared/bytes';
import { TILE_COLUMNS } from '../../../src/shared/trace';
import { mapsFor, type ColourMap } from '../../../webview/draw/maps';
import { levelFor } from '../../../webview/layout/level';
import { devicePixel } from '../../../webview/layout/quads';
import { gridOf, rowOf } from '../../../webview/layout/rows';
import { positionOf } from '../../../webview/layout/scale';
import { bundle, findChromium, startHarness, type Harness } from '../harness/open';
import { BACKGROUND, scaleFor, tilesOf, traceOf, unitsOf, type Painting } from '../harness/painting';

const missing = findChromium() === undefined && process.env['CI'] !== 'true';

const PLAIN: Painting = {
  tokens: 3000,
  units: 12,
  pins: [],
  signal: 'forget',
  map: 'theme',
  of: 'mean',
  axis: { tokens: 3000, width: 420, start: 0, scale: 6 },
  ratio: 1,
  height: 96,
  top: 10,
  clipTop: 0,
  tall: 130,
};
const wide = (start: number, scale: number, tokens = 3000): Painting['axis'] => ({ tokens, width: 420, start, scale });

const CASES: readonly (readonly [name: string, change: Partial<Painting>])[] = [
  ['tokens of several pixels', {}],
  ['a ratio of 1.5', { ratio: 1.5, axis: wide(7.3, 5.1), tall: 190 }],
  ['a ratio of 2', { ratio: 2, axis: wide(100.9, 3.37), tall: 240 }],
  ['a ratio of 1.25, one pixel and a bit a token', { ratio: 1.25, axis: wide(1000.5, 0.9), tall: 160 }],
  ['a coarser level', { axis: wide(200, 0.3), signal: 'hidden', map: 'blueOrange' }],
  ['all of a text', { axis: wide(0, 420 / 3000), signal: 'cell', map: 'blueOrange' }],
  ['rows of several units', { units: 200, height: 60, signal: 'cell', map: 'purpleGreen' }],
  ['pinned rows', { units: 40, pins: [7, 3, 22], signal: 'cell', map: 'blueOrange' }],
  ['pinned rows and several units', { units: 300, pins: [299, 0], ratio: 1.5, tall: 190, axis: wide(20, 0.7) }],
  ['a range fixed by hand', { range: { from: 0.25, to: 0.75 }, map: 'viridis' }],
  ['a lopsided range', { signal: 'cell', range: { from: -0.5, to: 2.5 }, map: 'cividis' }],
  ['a clipped range', { signal: 'cell', range: 'clip', map: 'grey' }],
  ['half hidden above', { top: -40, clipTop: 20 }],
  ['a text half traced', { done: 40 }],
  ['a coarser stand-in', { axis: wide(301, 2.5), only: 3 }],
  ['one much coarser, of less than a column', { tokens: 1_000_000, axis: wide(500_000, 5, 1_000_000), only: 12 }],
  ['the end of a text', { axis: wide(2950, 8) }],
  ['the end of a long text', { tokens: 10_000_000, axis: wide(9_999_900.37, 4.21, 10_000_000) }],
];

interface Pixels {
  readonly painter: string;
  readonly width: number;
  readonly data: Buffer;
}

/** Red, green, blue at a place of a map. */
const rgb = (map: ColourMap, place: number): readonly number[] => Array.from(map.subarray(3 * place, 3 * place + 3));

describe.skipIf(missing)('heatmaps in Chromium', () => {
  let harness: Harness;
  const pages = new Map<string, Page>();
  beforeAll(async () => {
    harness = await startHarness();
    const { js } = await bundle('test/webview/harness/painting.ts');
    for (const webgl of ['1', '0']) {
      const tab = await harness.open({ query: `scene=empty&webgl=${webgl}`, width: 500, height: 300 });
      await tab.evaluate(js);
      pages.set(webgl, tab);
    }
  });
  afterAll(async () => {
    await harness.close();
  });

  const page = (webgl: string): Page => {
    const tab = pages.get(webgl);
    if (tab === undefined) throw new Error('There is no such page.');
    return tab;
  };
  const decode = ({ painter, width, pixels }: { painter: string; width: number; pixels: string }): Pixels => ({
    painter,
    width,
    data: Buffer.from(pixels, 'base64'),
  });
  const paint = async (webgl: string, painting: Painting): Promise<Pixels> =>
    decode(await page(webgl).evaluate((one) => window.painting.paint(one), painting));

  /** Compares every pixel with the colours of what the tile says is there, give or take a place of the map. */
  function expectValues(painting: Painting, { data, width }: Pixels): void {
    const { axis, ratio, units, pins, height, top, clipTop, tall, done = axis.tokens } = painting;
    const level = painting.only ?? levelFor(axis.scale, ratio);
    const trace = traceOf(painting);
    const [map, scale] = [mapsFor([...BACKGROUND]).named(painting.map), scaleFor(painting)];
    const grid = gridOf(units, pins.length, height, ratio);
    const end = Math.min(width, devicePixel(axis, Math.min(done, axis.tokens), ratio));
    const tile = (index: number) =>
      trace.tile({ ...tilesOf(painting), level, index }, done, { units: unitsOf(painting), pinned: pins.length });
    const tiles = new Map<number, ReturnType<typeof tile>>();
    // The row of each pixel: the one on whose stretch the pixel's middle lies.
    const rows = new Map<number, number>();
    for (let place = 0; place < units; place++) {
      const row = rowOf(grid, place);
      const first = row.row < pins.length ? 0 : pins.length;
      const band = top + Math.round((first === 0 ? 0 : rowOf(grid, pins.length).top) * ratio);
      const tallness = first === 0 && pins.length > 0 ? grid.pinHeight * pins.length : height - rowOf(grid, first).top;
      const stretch = (top + Math.round((rowOf(grid, first).top + tallness) * ratio) - band) / rowsOf(first);
      for (
        let y = Math.floor(band + (row.row - first) * stretch) - 1;
        y < band + (row.row - first + 1) * stretch;
        y++
      ) {
        if (y + 0.5 >= band + (row.row - first) * stretch) rows.set(y, row.row);
      }
    }
    function rowsOf(first: number): number {
      return first === 0 && pins.length > 0 ? pins.length : Math.ceil((units - pins.length) / grid.group);
    }
    let [compared, column] = [0, 0];
    const wrong: string[] = [];
    for (let x = 0; x < width; x++) {
      while (devicePixel(axis, (column + 1) * 2 ** level, ratio) <= x) column++;
      const index = Math.floor(column / TILE_COLUMNS);
      if (x < end && !tiles.has(index)) tiles.set(index, tile(index));
      for (let y = 0; y < tall; y++) {
        const got = Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4));
        const row = rows.get(y);
        const here = tiles.get(index);
        if (x >= end || y < clipTop || row === undefined || here === undefined) {
          if (got[3] !== 0) wrong.push(`${String(x)},${String(y)}: not empty`);
          continue;
        }
        const value = byteValue(here, here.values[row * here.columns + column - index * TILE_COLUMNS] ?? 0);
        const place = Math.round(255 * positionOf(scale, value));
        const near = [place, Math.max(0, place - 1), Math.min(255, place + 1)].map((one) => rgb(map, one).join());
        if (!near.includes(got.slice(0, 3).join()) || got[3] !== 255) {
          wrong.push(`${String(x)},${String(y)}: ${got.join()} is not ${String(near[0])}`);
        }
        compared++;
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(compared).toBeGreaterThan(1000);
  }

  it.each(CASES)('have their values’ colours, and the same by both painters: %s', async (_, change) => {
    const painting = { ...PLAIN, ...change };
    const gl = await paint('1', painting);
    const plain = await paint('0', painting);
    expect([gl.painter, plain.painter]).toEqual(['webgl2', 'canvas2d']);
    expectValues(painting, plain);
    let far = 0;
    gl.data.forEach((level, i) => {
      far = Math.max(far, Math.abs(level - (plain.data[i] ?? -9)));
    });
    expect(far).toBeLessThanOrEqual(1);
    expect(gl.data.length).toBe(plain.data.length);
  });

  it('take a value’s own colour, within one level, from the engine to the pixel', async () => {
    const painting: Painting = { ...PLAIN, signal: 'hidden', map: 'blueOrange' };
    const [trace, scale, map] = [traceOf(painting), scaleFor(painting), mapsFor([...BACKGROUND]).named('blueOrange')];
    for (const webgl of ['1', '0']) {
      const { data, width } = await paint(webgl, painting);
      for (let token = 0; token < 70; token++) {
        for (let unit = 0; unit < 12; unit++) {
          const at = 4 * ((10 + 8 * unit + 4) * width + 6 * token + 3);
          const place = Math.round(255 * positionOf(scale, trace.value(0, 'hidden', unit, token)));
          const near = [place - 1, place, place + 1].map((one) => rgb(map, Math.max(0, Math.min(255, one))).join());
          expect(near, `token ${String(token)}, unit ${String(unit)}`).toContain(data.subarray(at, at + 3).join());
        }
      }
    }
  });

  describe('one token in a million is seen', () => {
    const spike = 618_033;
    const levels = Array.from({ length: 13 }, (_, level) => level);
    it.each(levels)('at 2^%d tokens a column', async (level) => {
      const tokens = 1_000_000;
      const scale = Math.max(2 ** -level, 420 / tokens);
      const start = Math.max(0, Math.min(spike - 210 / scale, tokens - 420 / scale));
      const painting: Painting = {
        ...PLAIN,
        ...{ tokens, spike, units: 24, height: 12, signal: 'cell', map: 'blueOrange', of: 'spikes', tall: 30 },
        axis: { tokens, width: 420, start, scale },
      };
      const drawn = levelFor(scale, 1);
      const column = Math.floor(spike / 2 ** drawn);
      const x = devicePixel(painting.axis, column * 2 ** drawn, 1);
      const top = rgb(mapsFor([...BACKGROUND]).named('blueOrange'), 255).join();
      /** Rows of the track, each a pixel, that have the colour of the spike at a column of pixels. */
      const seen = async (webgl: string, one: Painting, at: number): Promise<number> => {
        const { data, width } = await paint(webgl, one);
        const rows = Array.from({ length: 12 }, (_, row) => 4 * ((10 + row) * width + at));
        return rows.filter((pixel) => data.subarray(pixel, pixel + 3).join() === top).length;
      };
      for (const webgl of ['1', '0']) {
        // In other rows a spike is nothing special: units that reach as far at other times.
        expect(await seen(webgl, painting, x)).toBeGreaterThanOrEqual(6);
        expect(await seen(webgl, painting, x - 3)).toBeLessThanOrEqual(2);
      }
      // What makes it seen is that it is not averaged: of many tokens the mean alone shows it in no row.
      if (level > 2) expect(await seen('0', { ...painting, of: 'mean' }, x)).toBe(0);
    });
  });

  it.each([
    ['1', 'webgl2'],
    ['0', 'canvas2d'],
  ])('a picture painted plainly at first stays as it is when WebGL takes over (webgl=%s)', async (webgl, painter) => {
    const tab = await harness.open({ query: `scene=empty&webgl=${webgl}`, width: 500, height: 300 });
    await tab.evaluate((await bundle('test/webview/harness/painting.ts')).js);
    await tab.evaluate((one) => window.painting.paint(one), PLAIN);
    const [before, after] = (await tab.evaluate((one) => window.painting.quickened(one), PLAIN)).map(decode);
    expect([before?.painter, after?.painter]).toEqual(['canvas2d', painter]);
    expect(after?.data.equals(before?.data ?? Buffer.of())).toBe(true);
    expect(await tab.evaluate(() => document.querySelector('canvas')?.dataset['painter'])).toBe(painter);
    await tab.context().close();
  });

  describe('a lost WebGL context', () => {
    const same = async (tab: Page, before: Pixels): Promise<void> => {
      const after = decode(await tab.evaluate(() => window.painting.read()));
      expect(after.data.equals(before.data)).toBe(true);
    };

    it('is painted again when it is back; lost too often, it gives way to Canvas 2D', async () => {
      const tab = await harness.open({ query: 'scene=empty&webgl=1', width: 500, height: 300 });
      await tab.evaluate((await bundle('test/webview/harness/painting.ts')).js);
      const before = decode(await tab.evaluate((one) => window.painting.paint(one), PLAIN));
      expect(before.painter).toBe('webgl2');
      for (const painter of ['webgl2', 'webgl2', 'canvas2d']) {
        await tab.evaluate((again) => window.painting.lose(again), painter === 'webgl2');
        await expect.poll(() => tab.evaluate(() => document.querySelector('canvas')?.dataset['painter'])).toBe(painter);
        await same(tab, before);
      }
      const next = { ...PLAIN, axis: wide(40, 6) };
      const other = decode(await tab.evaluate((one) => window.painting.paint(one), next));
      expect(other.data.equals((await paint('0', next)).data)).toBe(true);
      await tab.context().close();
    });
  });
});
