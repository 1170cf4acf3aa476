/// <reference types="node" />
/** What meets the eye: the first sight of a narrow panel, columns without numbers, what is computed, forced colours. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, settled, startHarness, type Harness, type OpenOptions } from './harness/open';

const missing = findChromium() === undefined && process.env['CI'] !== 'true';

describe.skipIf(missing)('what is seen', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(async () => {
    await harness.close();
  });

  async function on(options: OpenOptions, act: (tab: Page) => Promise<void>): Promise<void> {
    const tab = await harness.open(options);
    try {
      await settled(tab);
      await act(tab);
    } finally {
      await tab.context().close();
    }
  }
  const height = (tab: Page, selector: string): Promise<number> =>
    tab.locator(selector).evaluate((element) => element.getBoundingClientRect().height);
  /** Opaque pixels of a rectangle of the overlay, its left edge where the plot begins; the share of all. */
  const covered = (tab: Page, left: number, top: number, width: number, tall: number): Promise<number> =>
    tab.evaluate(
      ([x = 0, y = 0, w = 1, h = 1]) => {
        const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas.over');
        const heat = document.querySelector<HTMLCanvasElement>('.surface canvas.heat');
        const { data } = canvas?.getContext('2d')?.getImageData((heat?.offsetLeft ?? 0) + x, y, w, h) ?? { data: [] };
        return Array.from(data).filter((alpha, i) => i % 4 === 3 && alpha === 255).length / (w * h);
      },
      [left, top, width, tall],
    );
  /** Where heatmaps begin and end, from the top. */
  const tracks = (tab: Page): Promise<readonly (readonly [number, number])[]> =>
    tab.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas.heat');
      const data = canvas?.getContext('2d')?.getImageData(20, 0, 1, canvas.height).data ?? [];
      const found: [number, number][] = [];
      for (let y = 0; y < data.length / 4; y++) {
        if (data[4 * y + 3] !== 255) continue;
        const last = found.at(-1);
        if (last?.[1] === y) last[1]++;
        else found.push([y, y + 1]);
      }
      return found;
    });

  it('in a side panel 900 pixels high are all tracks, the memory above them and the tallest', async () => {
    await on({ width: 340, height: 900 }, async (tab) => {
      const seen = await tracks(tab);
      const [memory = 0, ...others] = seen.map(([top, bottom]) => bottom - top);
      expect(seen.length).toBe(6);
      for (const other of others) expect(memory).toBeGreaterThan(1.4 * other);
      const room = await tab.locator('.stage').evaluate((stage) => stage.scrollHeight - stage.clientHeight);
      expect(room).toBe(0);
    });
  });

  it.each([340, 1200])('keeps its place when values come, %d pixels wide', async (width) => {
    await on({ width, height: 800, query: 'units=48' }, async (tab) => {
      const idle = await height(tab, '.inspector');
      const [track] = await tracks(tab);
      const box = await tab.locator('.surface canvas.heat').boundingBox();
      if (box === null || track === undefined) throw new Error('There is no picture.');
      await tab.mouse.move(box.x + 60, box.y + track[0] + 10);
      await settled(tab);
      expect(await tab.locator('.readout').getAttribute('class')).not.toContain('idle');
      expect(await height(tab, '.inspector')).toBe(idle);
      expect(idle).toBeLessThan(width < 400 ? 130 : 90);
    });
  });

  it('takes the colours from columns without numbers, and from no others', async () => {
    await on({ width: 500, query: 'units=48&fault=21' }, async (tab) => {
      const [first] = await tracks(tab);
      if (first === undefined) throw new Error('There is no picture.');
      const tall = first[1] - first[0] - 4;
      // Six pixels a token.
      expect(await covered(tab, 0, first[0] + 2, 6 * 21 - 2, tall)).toBe(0);
      expect(await covered(tab, 6 * 21 + 2, first[0] + 2, 100, tall)).toBe(1);
      const asked = await tab.evaluate(() =>
        window.fake.calls.flatMap(({ method, args }) => (method === 'tile' ? [args[0] as { of?: string }] : [])),
      );
      expect(asked.some(({ of }) => of === 'spikes')).toBe(false);
    });
  });

  it.each([
    ['', 0],
    ['&computing=0.02', 1],
  ])('says at the name of a track that it is computed (%s)', async (computing, said) => {
    const choices = encodeURIComponent(JSON.stringify({ version: 2, tracks: [{ signal: 'change' }] }));
    await on({ width: 500, query: `units=48&choices=${choices}${computing}` }, async (tab) => {
      // Right of `change Δc`, before the legend, in the heading.
      const words = await tab.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas.over');
        const heat = document.querySelector<HTMLCanvasElement>('.surface canvas.heat');
        const data = heat?.getContext('2d')?.getImageData(5, 0, 1, heat.height).data ?? [];
        const top = Array.from(data).findIndex((alpha, i) => i % 4 === 3 && alpha === 255) >> 2;
        const inked = canvas?.getContext('2d')?.getImageData(100, top - 18, 100, 14).data ?? [];
        return Array.from(inked).some((alpha, i) => i % 4 === 3 && alpha > 0);
      });
      expect(words).toBe(said === 1);
    });
  });

  it('in forced colours tells the chosen page from others, and keeps the colours that are data', async () => {
    await on({ theme: 'hc', forcedColors: true, query: 'units=48' }, async (tab) => {
      await tab.locator('.surface').press('ArrowRight');
      await settled(tab);
      const lines = await tab
        .locator('.inspector-tabs button')
        .evaluateAll((all) => all.map((one) => getComputedStyle(one).borderBottomColor));
      expect(new Set(lines.slice(1)).size).toBe(1);
      expect(lines[0]).not.toBe(lines[1]);
      const swatches = await tab
        .locator('.cell .swatch')
        .evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
      expect(new Set(swatches).size).toBeGreaterThan(2);
    });
  });
});
