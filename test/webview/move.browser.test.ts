/// <reference types="node" />
/** How the view moves, in a real Chromium: selection, tracks by keys, jumps, one axis for all views, copy, pictures. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CopyRequest } from '../../src/shared/trace';
import { stackTracks, type StackInput } from '../../webview/layout/tracks';
import { settled } from './harness/open';
import { boxOf, calls, describeInChromium, text } from './harness/suite';

const SHOTS = 'test-results/view';
const EMPTY: Omit<StackInput, 'viewport'> = {
  ratio: 1,
  gutter: 36,
  overview: true,
  tracks: [],
  rows: () => ({ units: 16, pinned: 0 }),
};

describeInChromium('the view moves', { query: 'units=16' }, (on) => {
  beforeAll(() => {
    mkdirSync(SHOTS, { recursive: true });
  });

  const press = async (tab: Page, ...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await tab.locator('.surface').press(key);
    await settled(tab);
  };
  /** Where the first pixel of the plot is. */
  const plot = (tab: Page): Promise<{ x: number; y: number }> => boxOf(tab, '.surface canvas');
  /** Middle of the ruler: below the overview. */
  const ruler = async (tab: Page): Promise<number> => {
    const height = await tab.locator('.surface').evaluate((surface) => surface.clientHeight);
    const { ruler: box } = stackTracks({ ...EMPTY, viewport: height });
    return box.top + box.height / 2;
  };
  /** A place in the first heatmap: its first opaque pixel below. */
  const inHeat = (tab: Page, x: number): Promise<number> =>
    tab.evaluate((left) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas.heat');
      const data = canvas?.getContext('2d')?.getImageData(left, 0, 1, canvas.height).data ?? [];
      return Array.from(data).findIndex((alpha, i) => i % 4 === 3 && alpha === 255) / 4;
    }, x);

  describe('a selection', () => {
    it('is drawn on the text with the pointer, and told to the editor at its end', async () => {
      await on({}, async (tab) => {
        const { x, y } = await plot(tab);
        const middle = y + (await ruler(tab));
        await tab.mouse.move(x + 63, middle);
        await tab.mouse.down();
        await tab.mouse.move(x + 123, middle, { steps: 5 });
        expect(await calls(tab, 'reveal')).toEqual([]);
        await tab.mouse.up();
        await settled(tab);
        expect(await calls(tab, 'reveal')).toEqual([[7, 10, false, 11]]);
        await tab.screenshot({ path: `${SHOTS}/selected-dark.png` });
      });
    });

    it('is drawn anywhere with Shift, backwards too', async () => {
      await on({}, async (tab) => {
        const { x, y } = await plot(tab);
        await tab.keyboard.down('Shift');
        await tab.mouse.move(x + 123, y + 300);
        await tab.mouse.down();
        await tab.mouse.move(x + 63, y + 300, { steps: 5 });
        await tab.mouse.up();
        await tab.keyboard.up('Shift');
        await settled(tab);
        expect(await calls(tab, 'reveal')).toEqual([[7, 10, false, 11]]);
      });
    });

    it('grows from the mark with Shift and arrows, is zoomed to, and cleared', async () => {
      await on({}, async (tab) => {
        await press(tab, 'ArrowRight', 'ArrowRight', 'ArrowRight');
        // As a held key comes, however slow the machine: it is told once, at the end.
        await tab.evaluate(() => {
          const surface = document.querySelector('.surface');
          const held = { key: 'ArrowRight', shiftKey: true, bubbles: true };
          for (let n = 0; n < 9; n++) surface?.dispatchEvent(new KeyboardEvent('keydown', held));
        });
        await expect.poll(() => calls(tab, 'reveal')).toEqual([[7, 2, false, 10]]);
        await press(tab, 'Shift+ArrowLeft');
        await expect.poll(async () => (await calls(tab, 'reveal')).at(-1)).toEqual([7, 2, false, 9]);
        await press(tab, 'z');
        const label = await tab.locator('.surface').getAttribute('aria-label');
        expect(label).toMatch(/tokens 1 to 11 of 1,500/);
        await press(tab, 'Escape', 'z');
        expect(await text(tab, '.hint-bubble')).toMatch(/Select tokens first/);
      });
    });

    it('comes from the editor', async () => {
      await on({}, async (tab) => {
        await tab.evaluate(() => window.fake.view().follow(7, 40, 20, true));
        await press(tab, 'Control+c');
        const [request] = (await calls(tab, 'copy'))[0] as [CopyRequest];
        expect([request.from, request.to, request.format]).toEqual([40, 60, 'tsv']);
        expect(await text(tab, '.hint-bubble')).toMatch(/^Copied 20 tokens × 7 tracks/);
      });
    });
  });

  describe('tracks by keys', () => {
    const heading = (tab: Page): Promise<number | undefined> =>
      tab
        .locator('.current-track')
        .evaluate((element) => ((element as HTMLElement).hidden ? undefined : (element as HTMLElement).offsetTop));

    it('are gone through by Tab, which leaves at the last one', async () => {
      await on({}, async (tab) => {
        await tab.locator('.surface').focus();
        const tops = [];
        for (;;) {
          await tab.keyboard.press('Tab');
          await settled(tab);
          if (!(await tab.evaluate(() => document.activeElement?.classList.contains('surface')))) break;
          tops.push(await heading(tab));
          expect(tops.length).toBeLessThan(20);
        }
        // Next token, loss, and six heatmaps.
        expect(tops.length).toBe(8);
        expect([...tops].sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(tops);
      });
    });

    it('are folded, moved, made taller; a unit is pinned; all is remembered', async () => {
      await on({}, async (tab) => {
        const chosen = async (): Promise<{ tracks: { signal: string; folded?: boolean; height?: number }[] }> =>
          (await calls(tab, 'remember')).at(-1)?.[0] as never;
        await press(tab, 'Tab', 'Tab', 'Tab', 'Tab', 'f');
        await expect
          .poll(async () => (await chosen()).tracks.find(({ signal }) => signal === 'forget')?.folded)
          .toBe(true);
        // Three times within a frame, as a held key comes.
        await tab.evaluate(() => {
          const surface = document.querySelector('.surface');
          for (let n = 0; n < 3; n++) surface?.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', bubbles: true }));
        });
        expect(await text(tab, '.hint-bubble')).toBe('forget opened');
        await press(tab, 'Alt+ArrowDown');
        // The model has no reset and no update gate: what is not shown is passed over.
        await expect
          .poll(async () => (await chosen()).tracks.map(({ signal }) => signal).slice(3, 5))
          .toEqual(['input', 'forget']);
        await press(tab, 'h');
        await expect
          .poll(async () => (await chosen()).tracks.find(({ signal }) => signal === 'forget')?.height ?? 0)
          .toBeGreaterThan(50);
        await press(tab, 'ArrowRight', 'ArrowDown', 'ArrowDown', 'p');
        await expect
          .poll(async () => (await calls(tab, 'remember')).at(-1)?.[0])
          .toMatchObject({ rows: { pins: { l0: [1] } } });
        await tab.screenshot({ path: `${SHOTS}/current-track-dark.png` });
      });
    });
  });

  describe('jumps', () => {
    it('mark what is found, show it in the editor, and say when there is no more', async () => {
      await on({}, async (tab) => {
        await press(tab, '.');
        expect(await calls(tab, 'jump')).toEqual([[{ trace: 7, from: 0, to: 'next', by: 'loss', layer: 0 }]]);
        expect(await text(tab, '.token')).toBe('token 100');
        await press(tab, '.', '.');
        expect(await text(tab, '.token')).toMatch(/^token 300\b/);
        expect((await calls(tab, 'reveal')).at(-1)).toEqual([7, 300, false]);
        await press(tab, ',');
        expect(await text(tab, '.token')).toMatch(/^token 200\b/);
        await press(tab, 'l');
        expect(await text(tab, '.token')).toMatch(/^token 700\b/);
        await press(tab, 'End', '.');
        expect(await text(tab, '.hint-bubble')).toBe('No later loss spike');
        expect(await tab.locator('[aria-live]').first().innerText()).toBe('No later loss spike');
      });
    });

    it('are told while they last, and left off by Escape', async () => {
      await on({ query: 'delay=900' }, async (tab) => {
        await tab.locator('.surface').waitFor();
        await tab.locator('.surface').press('>');
        await tab.locator('.hint-bubble').waitFor();
        expect(await text(tab, '.hint-bubble')).toMatch(/Looking for the state change/);
        await tab.locator('.surface').press('Escape');
        await settled(tab);
        await tab.waitForTimeout(1000);
        expect(await tab.locator('.hint-bubble').isVisible()).toBe(false);
        expect(await calls(tab, 'reveal')).toEqual([]);
      });
    });
  });

  describe('one axis for all views', () => {
    it('tells where a person moves, once it is elsewhere', async () => {
      await on({}, async (tab) => {
        expect(await calls(tab, 'look')).toEqual([]);
        await press(tab, 'PageDown');
        await expect.poll(async () => (await calls(tab, 'look')).length).toBe(1);
      });
    });

    it('goes where another view has moved, and does not tell that back', async () => {
      await on({}, async (tab) => {
        await tab.evaluate(() => window.fake.view().look(7, { from: 300, to: 350 }));
        await settled(tab, 300);
        expect(await tab.locator('.surface').getAttribute('aria-label')).toMatch(/tokens 300 to 349/);
        expect(await calls(tab, 'look')).toEqual([]);
      });
    });

    it('begins where the text was last looked at, with what was chosen', async () => {
      const choices = { version: 2, tracks: [{ signal: 'cell' }], rows: { pins: {} } };
      const query = `look=200-260&choices=${encodeURIComponent(JSON.stringify(choices))}`;
      await on({ query }, async (tab) => {
        const label = await tab.locator('.surface').getAttribute('aria-label');
        expect(label).toMatch(/: cell; .*tokens 200 to 259/);
        expect([await calls(tab, 'look'), await calls(tab, 'remember')]).toEqual([[], []]);
      });
    });
  });

  describe('the pointer at rest', () => {
    it('has the value beside it, until Escape', async () => {
      await on({}, async (tab) => {
        const { x, y } = await plot(tab);
        await tab.mouse.move(x + 75, y + Math.ceil(await inHeat(tab, 75)) + 2);
        await tab.locator('.tip').waitFor();
        await settled(tab);
        expect(await tab.locator('.tip').innerText()).toMatch(/^\w+ −?\d\.\d{4}\nunit \d+ · token 12 ./);
        await tab.screenshot({ path: `${SHOTS}/tip-dark.png` });
        await tab.locator('.surface').press('Escape');
        expect(await tab.locator('.tip').isVisible()).toBe(false);
      });
    });
  });

  describe('pictures', () => {
    it.each([
      ['dark', 1],
      ['light', 2],
    ] as const)('are saved as PNG and SVG: %s', async (theme, ratio) => {
      await on({ theme, ratio, view: 'editor', width: 900, height: 640 }, async (tab) => {
        for (const key of ['s', 'Shift+S']) await press(tab, key);
        await expect.poll(async () => (await calls(tab, 'savePicture')).length).toBe(2);
        const saved = await tab.evaluate(() =>
          window.fake.calls
            .filter(({ method }) => method === 'savePicture')
            .map(({ args }) => ({ name: String(args[0]), bytes: Array.from(args[1] as Uint8Array) })),
        );
        const named = new Map(saved.map(({ name, bytes }) => [name, Buffer.from(bytes)]));
        const png = named.get('memory.ts.png');
        const svg = named.get('memory.ts.svg')?.toString('utf8') ?? '';
        if (png === undefined) throw new Error('no PNG');
        writeFileSync(`${SHOTS}/saved-${theme}.png`, png);
        writeFileSync(`${SHOTS}/saved-${theme}.svg`, svg);
        // Twice as many pixels as CSS pixels, by its header.
        expect(png.readUInt32BE(16)).toBeGreaterThan(2 * 800);
        const shapes = svg.replace(/data:[^"]+/, '');
        expect(shapes).toMatch(/^<svg[^>]+viewBox=/);
        expect(/color-mix|color\(|var\(|undefined|NaN/.exec(shapes)?.[0]).toBeUndefined();
        for (const word of ['memory.ts', 'forget', 'output', 'loss', 'image-rendering: pixelated']) {
          expect(shapes.includes(word), word).toBe(true);
        }
        const bounds = await tab.evaluate(async (source) => {
          const image = new Image();
          image.src = URL.createObjectURL(new Blob([source], { type: 'image/svg+xml' }));
          await image.decode();
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const context = canvas.getContext('2d');
          context?.drawImage(image, 0, 0);
          const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
          return new Set(Array.from({ length: data.length / 4 }, (_, i) => [data[4 * i], data[4 * i + 1]].join())).size;
        }, svg);
        expect(bounds).toBeGreaterThan(100);
        const shot = await tab.context().newPage();
        await shot.setContent(svg);
        await shot.screenshot({ path: `${SHOTS}/saved-${theme}-svg.png` });
      });
    });
  });

  it('shows all keys in the help', async () => {
    for (const [view, width] of [
      ['editor', 1100],
      ['sidebar', 340],
    ] as const) {
      await on({ view, width, height: 820 }, async (tab) => {
        await press(tab, '?');
        await tab.locator('.help').first().waitFor();
        await tab.screenshot({ path: `${SHOTS}/help-${view}.png` });
        expect(await tab.locator('.help tr').count()).toBeGreaterThan(30);
      });
    }
  });

  it('offers what can be taken along', async () => {
    await on({}, async (tab) => {
      await press(tab, 'ArrowRight', 'ArrowDown', 'y');
      await tab.screenshot({ path: `${SHOTS}/copy-menu.png` });
      await tab.keyboard.press('ArrowDown');
      await tab.keyboard.press('Enter');
      await settled(tab);
      expect((await calls(tab, 'copy'))[0]).toMatchObject([{ format: 'numpy' }]);
      expect(await tab.evaluate(() => document.activeElement?.className)).toContain('surface');
    });
  });
});
