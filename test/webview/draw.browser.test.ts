/// <reference types="node" />
/** The view in a real Chromium: pixels against values, gestures against what the host is asked, states, and keys. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { columnOf } from './harness/columns';
import { bands, inTrack, pixels } from './harness/heatmaps';
import { settled } from './harness/open';
import { calls, describeInChromium, forget, text } from './harness/suite';
import { synthesise } from './harness/synthetic';

const SHOTS = 'test-results/view';

describeInChromium('the view in Chromium', { query: 'units=48' }, (on) => {
  describe('pixels', () => {
    it('leave no hole between tiles, at any zoom', async () => {
      await on({ view: 'editor', width: 900, query: 'tokens=20000&units=16&delay=1' }, async (tab) => {
        for (const key of ['0', '+', '+', '+', '+', '+', '+']) {
          await tab.locator('.surface').press(key);
          await settled(tab);
          const [first] = await bands(tab, 100);
          const { row, end } = await tab.evaluate(
            (y) => {
              const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas');
              const context = canvas?.getContext('2d');
              if (!canvas || !context) return { row: [], end: 0 };
              const { data } = context.getImageData(0, y, canvas.width, 1);
              return { row: Array.from({ length: canvas.width }, (_, x) => data[4 * x + 3] ?? 0), end: canvas.width };
            },
            (first?.top ?? 0) + 1,
          );
          expect(row.filter((alpha) => alpha === 255).length).toBe(end);
        }
      });
    });

    it('stop where the trace has got to, and go on with it', async () => {
      await on({ query: 'tokens=400&done=0.1' }, async (tab) => {
        const filled = async (): Promise<number> => {
          // Progress that is told moves the picture down.
          const y = ((await bands(tab, 50))[0]?.top ?? 0) + 1;
          const row = await tab.evaluate((top) => {
            const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas');
            const data = canvas?.getContext('2d')?.getImageData(0, top, canvas.width, 1).data ?? [];
            return Array.from(data).filter((_, i) => i % 4 === 3);
          }, y);
          return row.filter((alpha) => alpha === 255).length;
        };
        expect(await filled()).toBe(240);
        // Progress is told once it lasts.
        await expect.poll(() => text(tab, '.share'), { timeout: 5000 }).toBe('10%');
        await tab.evaluate(() => window.fake.progress(400));
        await settled(tab, 400);
        expect(await filled()).toBe(
          await tab.locator('canvas.heat').evaluate((heat) => (heat as HTMLCanvasElement).width),
        );
        expect(await tab.locator('.progress').isVisible()).toBe(false);
      });
    });
  });

  describe('an edited text', () => {
    it('keeps its picture, marked, until the new one is there: never blank, in no pixel', async () => {
      // Tracks of a height of their own: progress that is told above the picture moves them, and changes nothing in them.
      const tracks = ['forget', 'candidate', 'output'].map((signal) => ({ signal, height: 64 }));
      const query = `tokens=40&units=16&choices=${encodeURIComponent(JSON.stringify({ version: 2, tracks }))}`;
      // No character is where it was.
      const EDITED = '0123456789QWERTYUIOPASDFGHJKLZXCVBNM!?%&';
      /** Each track's pixels [height, width, 4]. */
      const picture = async (tab: Page): Promise<readonly Buffer[]> => {
        await settled(tab);
        return Promise.all((await bands(tab, 0)).map((band) => pixels(tab, band)));
      };
      /** Of each track, how many columns of pixels are those of a picture, and how many of another. */
      const columns = (
        all: readonly Buffer[],
        ...wanted: readonly (readonly Buffer[])[]
      ): readonly (readonly number[])[] =>
        all.map((track, n) => {
          const width = track.length / 4 / 64;
          const same = (other: Buffer | undefined, x: number): boolean =>
            other?.length === track.length &&
            Array.from({ length: 64 }, (_, y) => 4 * (y * width + x)).every(
              (at) => track.readUInt32LE(at) === other.readUInt32LE(at),
            );
          const all = Array.from({ length: width }, (_, x) => x);
          return wanted.map((picture) => all.filter((x) => same(picture[n], x)).length);
        });
      const three = (...counts: readonly number[]): readonly (readonly number[])[] => [counts, counts, counts];

      let after: readonly Buffer[] = [];
      await on({ query: `text=${encodeURIComponent(EDITED)}&${query}`, height: 900 }, async (tab) => {
        after = await picture(tab);
      });
      await on({ query, height: 900 }, async (tab) => {
        const before = await picture(tab);
        const width = (before[0]?.length ?? 0) / 4 / 64;
        const traced = (15 / 40) * width;
        expect(columns(before, before, after)).toEqual(three(width, 0));
        const outdated = (): Promise<number> => tab.locator('.surface.outdated').count();
        expect(await outdated()).toBe(0);
        await tab.evaluate((text) => window.fake.edited(text), EDITED);
        expect(columns(await picture(tab), before, after)).toEqual(three(width, 0));
        expect(await outdated()).toBe(1);
        // As far as it is traced the new picture is there; beyond, the old one stands in.
        await tab.evaluate(() => window.fake.progress(15));
        expect(columns(await picture(tab), before, after)).toEqual(three(width - traced, traced));
        expect(await outdated()).toBe(1);
        await tab.evaluate(() => window.fake.progress(40));
        await tab.locator('.surface:not(.outdated)').waitFor();
        expect(columns(await picture(tab), before, after)).toEqual(three(0, width));
      });
    });
  });

  describe('pointer', () => {
    it('reads the exact values of what it is on', async () => {
      await on({}, async (tab) => {
        const trace = synthesise({ tokens: 1500, cell: 'lstm', layers: 1, units: 48 });
        const at = await inTrack(tab, 0, 75);
        await tab.mouse.move(at.x, at.y);
        await settled(tab);
        const unit = Number(/unit (\d+)/.exec(await text(tab, '.unit'))?.[1]);
        expect(await text(tab, '.token')).toBe('token 12');
        const values = await tab.locator('.cell .value').allInnerTexts();
        const signals = ['cell', 'forget', 'input', 'candidate', 'output', 'hidden'] as const;
        signals.forEach((signal, i) => {
          const shown = Number((values[i] ?? '').replace('−', '-'));
          expect(Math.abs(shown - trace.value(0, signal, unit, 12)), signal).toBeLessThan(6e-5);
        });
      });
    });

    it('reveals by click, and goes there by double click', async () => {
      await on({}, async (tab) => {
        const at = await inTrack(tab, 0, 75);
        await tab.mouse.click(at.x, at.y);
        expect(await calls(tab, 'reveal')).toEqual([[7, 12, false]]);
        await tab.mouse.dblclick(at.x, at.y);
        expect((await calls(tab, 'reveal')).at(-1)).toEqual([7, 12, true]);
      });
    });

    it('drags without revealing', async () => {
      await on({}, async (tab) => {
        const at = await inTrack(tab, 0, 300);
        await tab.mouse.move(at.x, at.y);
        await tab.mouse.down();
        await tab.mouse.move(at.x - 120, at.y, { steps: 4 });
        await tab.mouse.up();
        await tab.mouse.move(at.x - 120, at.y + 1);
        await settled(tab);
        expect(await calls(tab, 'reveal')).toEqual([]);
        expect(await text(tab, '.token')).toBe('token 50');
      });
    });

    it('zooms at its place, and pans with Shift', async () => {
      await on({}, async (tab) => {
        const at = await inTrack(tab, 0, 183);
        await tab.mouse.move(at.x, at.y);
        await tab.mouse.wheel(0, -360);
        await settled(tab);
        expect(await text(tab, '.token')).toBe('token 30');
        await tab.keyboard.down('Shift');
        await tab.mouse.wheel(0, 120);
        await tab.keyboard.up('Shift');
        await settled(tab);
        expect(await text(tab, '.token')).toBe('token 40');
      });
    });

    it('moves nothing by coming and going', async () => {
      await on({}, async (tab) => {
        const before = await bands(tab, 50);
        const at = await inTrack(tab, 1, 50);
        await tab.mouse.move(at.x, at.y);
        await settled(tab);
        expect(await bands(tab, 50)).toEqual(before);
      });
    });

    it('reads what comes to lie under it when keys move the picture', async () => {
      await on({}, async (tab) => {
        const at = await inTrack(tab, 0, 300);
        await tab.mouse.click(at.x, at.y);
        await tab.keyboard.press('PageDown');
        await tab.mouse.move(at.x + 1, at.y);
        await settled(tab);
        const there = Number(/\d+/.exec(await text(tab, '.token'))?.[0]);
        await tab.keyboard.press('PageDown');
        await settled(tab);
        expect(Number(/\d+/.exec(await text(tab, '.token'))?.[0])).toBeGreaterThan(there + 30);
      });
    });

    it('changes a track’s height by its edge', async () => {
      await on({}, async (tab) => {
        const before = await bands(tab, 50);
        const at = await inTrack(tab, 0, 50, 1);
        await tab.mouse.move(at.x, at.y + 3);
        await tab.mouse.down();
        await tab.mouse.move(at.x, at.y + 43, { steps: 3 });
        await tab.mouse.up();
        await settled(tab);
        const after = await bands(tab, 50);
        expect((after[0]?.height ?? 0) - (before[0]?.height ?? 0)).toBe(40);
      });
    });

    it('reads bounds of a column of many tokens', async () => {
      await on({ query: 'tokens=5000000&units=32&delay=0' }, async (tab) => {
        await tab.locator('.surface').press('0');
        await settled(tab);
        const at = await inTrack(tab, 0, 100);
        await tab.mouse.move(at.x, at.y);
        await settled(tab);
        expect(await text(tab, '.token')).toMatch(/^tokens [\d,]+ – [\d,]+$/);
        expect(await tab.locator('.lines > .detail').innerText()).toMatch(/^mean of 16,384 tokens$/);
        // Of exactly this column, not of what bytes in the tiles say.
        const [, from = ''] = /^tokens ([\d,]+)/.exec(await text(tab, '.token')) ?? [];
        const unit = Number(/unit (\d+)/.exec(await text(tab, '.unit'))?.[1]);
        const column = Number(from.replaceAll(',', '')) / 2 ** 14;
        const trace = synthesise({ tokens: 5_000_000, cell: 'lstm', layers: 1, units: 32 });
        const request = { trace: 7, layer: 0, signals: ['cell'], level: 14, column } as const;
        const mean = columnOf(trace, request, 5_000_000).values[0]?.mean[unit] ?? NaN;
        const shown = Number((await text(tab, '.cell .value')).replace('−', '-'));
        expect(Math.abs(shown - mean)).toBeLessThan(6e-5);
        expect(await calls(tab, 'row')).toEqual([]);
      });
    });
  });

  describe('keys', () => {
    it('move, zoom, reveal and clear', async () => {
      await on({}, async (tab) => {
        const stage = tab.locator('.surface');
        const token = async (key: string): Promise<string> => {
          await stage.press(key);
          await settled(tab);
          return text(tab, '.token');
        };
        expect(await token('ArrowRight')).toBe('token 0');
        expect(await token('ArrowRight')).toBe('token 1');
        // Selects on the way.
        expect(await token('Shift+ArrowRight')).toBe('token 2');
        await token('ArrowDown');
        await token('Shift+ArrowDown');
        expect(await text(tab, '.unit')).toBe('unit 10 of 48');
        expect(await token('End')).toBe('token 1,499');
        expect(await token('Home')).toBe('token 0');
        await stage.press('Enter');
        expect((await calls(tab, 'reveal')).at(-1)).toEqual([7, 0, true]);
        // The selection first, then the mark.
        expect(await token('Escape')).toBe('token 0');
        await stage.press('Escape');
        await settled(tab);
        expect(await tab.locator('.readout').getAttribute('class')).toContain('idle');
      });
    });

    it('are read aloud', async () => {
      await on({}, async (tab) => {
        await tab.locator('.surface').press('ArrowDown');
        await settled(tab, 600);
        expect(await tab.locator('.aside[aria-live]').innerText()).toMatch(/^token 0, f, .*unit 0 of 48, cell \S*\d/);
        expect(await tab.locator('.surface').getAttribute('aria-label')).toContain('tokens 0 to');
      });
    });
  });

  describe('the host', () => {
    it('is followed', async () => {
      await on({}, async (tab) => {
        await tab.evaluate(() => window.fake.view().follow(7, 900, 3));
        await settled(tab);
        expect(await tab.locator('.surface').getAttribute('aria-label')).toMatch(/tokens 8[67]\d to 9\d\d/);
        await tab.evaluate(() => window.fake.view().follow(99, 0, 1));
        await settled(tab);
        expect(await tab.locator('.surface').getAttribute('aria-label')).toMatch(/tokens 8[67]\d to 9\d\d/);
      });
    });

    it('focuses a unit', async () => {
      await on({ query: 'tokens=1500&layers=2' }, async (tab) => {
        await tab.evaluate(() => window.fake.view().focus(7, 900, 1, 42));
        await settled(tab);
        expect([await text(tab, '.token'), await text(tab, '.unit')]).toEqual(['token 900', 'unit 42 of 48']);
        expect((await calls(tab, 'tile')).some(([request]) => (request as { layer: number }).layer === 1)).toBe(true);
      });
    });

    it.each([
      ['scene=empty', 'Trace LSTM', 'trace'],
      ['scene=empty', 'Try a sample', 'traceSample'],
      ['scene=empty', 'Select model…', 'selectModel'],
      ['scene=failed', 'Try again', 'retrace'],
      ['stale=1', 'Trace again', 'retrace'],
      ['tokens=400&done=0.5', 'Stop tracing', 'stop'],
      ['', 'Open heatmap in editor', 'openInEditor'],
      ['', 'Clear trace', 'clear'],
      ['', 'Gatescope bytes', 'selectModel'],
    ])('%s: “%s” runs %s', async (query, name, command) => {
      await on({ query }, async (tab) => {
        await forget(tab);
        await tab.locator(`[aria-label="${name}"], :is(vscode-button, button):text-is("${name}")`).first().click();
        expect(await calls(tab, 'run')).toEqual([[command]]);
      });
    });

    it('is asked for the whole and for what is in sight, and ahead only the way one goes', async () => {
      await on({ query: 'tokens=5000000&units=16' }, async (tab) => {
        const asked = async (): Promise<readonly string[]> =>
          (await calls(tab, 'tile')).map(([request]) => {
            const { level, index } = request as { level: number; index: number };
            return `${String(level)}/${String(index)}`;
          });
        const first = await asked();
        expect(new Set(first)).toEqual(new Set(['15/0', '0/0']));
        // Six heatmaps and the loss, of the whole its greatest too.
        expect(first.length).toBe(8 + 7);
        await forget(tab);
        const at = await inTrack(tab, 0, 100);
        await tab.mouse.move(at.x, at.y);
        await tab.keyboard.down('Shift');
        await tab.mouse.wheel(0, 60);
        await tab.keyboard.up('Shift');
        await settled(tab);
        expect(await asked()).toEqual(Array.from({ length: 7 }, () => '0/1'));
      });
    });

    it('is heard when it fails', async () => {
      // High enough for all tracks: one that comes into sight would ask, and fail, again.
      await on({ height: 1100, query: 'broken=1' }, async (tab) => {
        expect(await text(tab, '.strip.error .message')).toBe('The tracing thread ended: out of memory.');
        await tab.locator('.strip.error [aria-label=Dismiss]').first().click();
        await settled(tab);
        expect(await tab.locator('.strip.error').isVisible()).toBe(false);
      });
    });
  });

  it('keeps its place when the page is made again', async () => {
    await on({ query: 'tokens=1500&layers=2' }, async (tab) => {
      await tab.evaluate(() => window.fake.view().focus(7, 900, 1, 42));
      await settled(tab, 500);
      const label = await tab.locator('.surface').getAttribute('aria-label');
      await tab.reload();
      await settled(tab);
      expect(await tab.locator('.surface').getAttribute('aria-label')).toBe(label);
    });
  });

  it.each([
    ['dark', 'sidebar', 380, ''],
    ['light', 'sidebar', 380, ''],
    ['hc', 'sidebar', 380, ''],
    ['hcLight', 'editor', 1400, ''],
    ['dark', 'editor', 1400, ''],
    ['light', 'editor', 1400, ''],
    ['dark', 'sidebar', 300, 'tokens=1'],
    ['dark', 'sidebar', 380, 'cell=rnn&layers=2&units=64'],
    ['light', 'sidebar', 380, 'scene=empty'],
    ['dark', 'sidebar', 380, 'scene=failed'],
  ] as const)('fits into its width: %s %s %d %s', async (theme, view, width, query) => {
    await on({ theme, view, width, query }, async (tab) => {
      const name = [theme, view, width, query.replace(/\W+/g, '-')].filter((part) => part !== '').join('-');
      await tab.mouse.move(width / 2, 240);
      await settled(tab);
      await tab.screenshot({ path: `${SHOTS}/${name}.png` });
      const over = await tab.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(over).toBe(0);
    });
  });
});
