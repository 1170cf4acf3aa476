/// <reference types="node" />
/** The menu of colours in Chromium: opened at a legend, worked by keys, and what it changes in the picture. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { settled } from './harness/open';
import { boxOf, describeInChromium } from './harness/suite';

// A gate's legend comes first.
const TRACKS = ['forget', 'input', 'candidate', 'output', 'cell', 'hidden'].map((signal) => ({ signal }));
const CHOICES = encodeURIComponent(JSON.stringify({ version: 2, tracks: TRACKS }));

describeInChromium(
  'the menu of colours',
  { view: 'editor', width: 900, height: 800, query: `units=16&tokens=400&choices=${CHOICES}` },
  (on) => {
    /** A little below the middle of the stage's height there are headings; their legends are at the right. */
    async function openMenu(tab: Page): Promise<void> {
      const box = await boxOf(tab, '.surface');
      for (let y = 90; y < box.height; y += 5) {
        await tab.mouse.click(box.x + box.width - 40, box.y + y);
        if (await tab.locator('.shade-menu').isVisible()) return;
      }
      throw new Error('No legend opens the menu.');
    }

    /** A column of the heatmaps. */
    const column = (tab: Page): Promise<string> =>
      tab.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas.heat');
        return (canvas?.getContext('2d')?.getImageData(100, 0, 1, canvas.height).data ?? []).toString();
      });

    it('changes the picture by map, range and reset, with keys alone', async () => {
      await on({}, async (tab) => {
        await openMenu(tab);
        expect(await tab.locator('.shade-menu').getAttribute('aria-label')).toBe('Colours of forget');
        const states = [await column(tab)];
        const changed = async (): Promise<void> => {
          await expect.poll(async () => states.includes(await column(tab))).toBe(false);
          states.push(await column(tab));
        };
        await tab.keyboard.press('ArrowDown');
        await changed();
        expect(await tab.locator('.shade-menu input[value=viridis]').isChecked()).toBe(true);
        // Of a gate that opens fully now and then, a hundredth is not beyond the rest: the picture may stay as it is.
        await tab.keyboard.press('Tab');
        await tab.keyboard.press('ArrowDown');
        expect(await tab.locator('.shade-menu input[value=clip]').isChecked()).toBe(true);
        await tab.keyboard.press('ArrowDown');
        await settled(tab);
        // In the fields a wrong number is said, and changes nothing.
        await tab.keyboard.press('Tab');
        const before = await column(tab);
        await tab.keyboard.type('much');
        expect(await tab.locator('.shade-menu .complaint').innerText()).toContain('Two numbers are expected');
        expect(await tab.locator('.shade-menu .ends input').first().getAttribute('aria-invalid')).toBe('true');
        await settled(tab);
        expect(await column(tab)).toBe(before);
        await tab.keyboard.press('Control+a');
        await tab.keyboard.type('0.5');
        await changed();
        expect(await tab.locator('.shade-menu .complaint').innerText()).toBe('');
        await tab.locator('.shade-menu .link').press('Enter');
        await expect.poll(() => column(tab)).toBe(states[0]);
        await tab.keyboard.press('Escape');
        expect(await tab.locator('.shade-menu').isVisible()).toBe(false);
        expect(await tab.evaluate(() => document.activeElement?.className)).toBe('surface');
      });
    });

    it('colours one track alone', async () => {
      await on({}, async (tab) => {
        await openMenu(tab);
        const colours = async (): Promise<readonly string[]> => {
          const bytes = (await column(tab)).split(',').map(Number);
          // Runs of opaque pixels are tracks.
          const tracks: string[] = [];
          let run = '';
          for (let i = 0; i <= bytes.length; i += 4) {
            if (bytes[i + 3] === 255) run += `${bytes.slice(i, i + 3).join()};`;
            else if (run !== '') {
              tracks.push(run);
              run = '';
            }
          }
          return tracks;
        };
        const before = await colours();
        expect(before.length).toBe(6);
        await tab.locator('.shade-menu input[value=one]').check();
        await tab.locator('.shade-menu input[value=grey]').check();
        await settled(tab);
        const after = await colours();
        expect(after.map((track, i) => track === before[i])).toEqual([false, true, true, true, true, true]);
        // Now for all gates.
        await tab.locator('.shade-menu input[value=all]').check();
        await settled(tab);
        const all = await colours();
        expect(all.map((track, i) => track === before[i])).toEqual([false, false, true, false, true, true]);
      });
    });

    it('asks for other values when another is to stand for many', async () => {
      await on({ query: 'tokens=40000' }, async (tab) => {
        await tab.locator('.surface').press('0');
        await settled(tab);
        const kinds = (): Promise<readonly unknown[]> =>
          tab.evaluate(() =>
            window.fake.calls
              .filter(({ method }) => method === 'tile')
              .map(({ args }) => args[0] as { signal: string; level: number; of: string })
              .filter(({ signal, level }) => signal === 'cell' && level > 3)
              .map(({ of }) => of),
          );
        expect(new Set(await kinds())).toEqual(new Set(['spikes']));
        await tab.evaluate(() => void window.fake.calls.splice(0));
        await openMenu(tab);
        await tab.locator('.shade-menu select').selectOption('max');
        await settled(tab);
        expect(new Set(await kinds())).toEqual(new Set(['max']));
      });
    });
  },
);
