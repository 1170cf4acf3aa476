/// <reference types="node" />
/** Everything the view can show, in every theme, narrow and wide: axe-core finds nothing serious in it. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { graveFaults } from './harness/axe';
import { settled, type OpenOptions } from './harness/open';
import { boxOf, describeInChromium } from './harness/suite';
import { THEMES, type ThemeName } from './harness/themes';

const SHOTS = 'test-results/a11y';
const THEME_NAMES = Object.keys(THEMES) as readonly ThemeName[];
const WIDTHS = [340, 1200] as const;

const mark = async (tab: Page): Promise<void> => {
  const box = await boxOf(tab, '.surface');
  await tab.mouse.click(box.x + 150, box.y + 0.6 * box.height);
  await settled(tab);
};
const colours = async (tab: Page): Promise<void> => {
  await mark(tab);
  await tab.keyboard.press('c');
};
const page = (name: string) => async (tab: Page) => {
  await mark(tab);
  await tab.locator(`#inspector-${name}-tab`).click();
  await settled(tab);
};
const open = (label: RegExp | string) => async (tab: Page) => {
  await mark(tab);
  await tab.getByRole('button', { name: label }).first().click();
  await settled(tab);
};

const PINNED = `choices=${encodeURIComponent(
  JSON.stringify({
    version: 2,
    tracks: [],
    rows: { order: 'clusters', filter: '', pins: { l0: [3, 5] } },
    shades: {},
    of: 'spikes',
    inspector: 'values',
  }),
)}`;

interface Case {
  readonly name: string;
  readonly query: string;
  readonly act?: (tab: Page) => Promise<void>;
  /** What must be there, or nothing was tested. */
  readonly shows: string;
}

const CASES: readonly Case[] = [
  { name: 'empty', query: 'scene=empty', shows: '#app h1, #app h2, #app p' },
  { name: 'failed', query: 'scene=failed', shows: '#app h1, #app h2, #app p' },
  { name: 'trace', query: PINNED, shows: '.surface' },
  { name: 'values', query: PINNED, act: page('values'), shows: '#inspector-values:not([hidden]) .cells' },
  { name: 'cell', query: PINNED, act: page('cell'), shows: '#inspector-cell:not([hidden]) svg' },
  { name: 'why', query: PINNED, act: page('why'), shows: '#inspector-why:not([hidden])' },
  { name: 'lines', query: PINNED, act: page('lines'), shows: '#inspector-lines:not([hidden]) canvas' },
  { name: 'tracks', query: PINNED, act: open(/^Tracks/u), shows: '.tracks-menu' },
  { name: 'rows', query: PINNED, act: open(/^Rows/u), shows: '.rows-menu' },
  { name: 'colours', query: PINNED, act: colours, shows: '.shade-menu, .shades' },
  { name: 'copy', query: PINNED, act: open(/^Copy/u), shows: '.copy-menu, .copying' },
  { name: 'help', query: PINNED, act: open(/^Mouse and keys/u), shows: '.help' },
  { name: 'table', query: PINNED, act: open(/^Table/u), shows: '.table:not(.unseen)' },
  { name: 'warned', query: 'stale=1&note=1&broken=1&done=0.4', shows: '.strip' },
];

describeInChromium('for everyone', { query: 'units=16' }, (on) => {
  describe.each(THEME_NAMES)('axe-core finds nothing serious: %s', (theme) => {
    it.each(WIDTHS)('%d pixels wide', { timeout: 240_000 }, async (width) => {
      const found: Record<string, readonly string[]> = {};
      for (const query of new Set(CASES.map((one) => one.query))) {
        const options: OpenOptions = { theme, width, height: 900, view: width > 700 ? 'editor' : 'sidebar', query };
        await on(options, async (tab) => {
          for (const { name, act, shows } of CASES.filter((one) => one.query === query)) {
            await act?.(tab);
            await tab.locator(shows).first().waitFor({ state: 'visible', timeout: 10_000 });
            await tab.screenshot({ path: `${SHOTS}/${theme}-${String(width)}-${name}.png` });
            const faults = await graveFaults(tab);
            if (faults.length > 0) found[name] = faults;
            await tab.keyboard.press('Escape');
          }
        });
      }
      expect(found).toEqual({});
    });

    it.each(WIDTHS)('a model’s page, %d pixels wide', async (width) => {
      await on({ theme, view: 'model', width, height: 900, query: 'case=lstm' }, async (tab) => {
        await tab.locator('.blocks').first().waitFor();
        await tab.screenshot({ path: `${SHOTS}/${theme}-${String(width)}-model.png` });
        expect(await graveFaults(tab)).toEqual([]);
      });
    });
  });

  it('Tab goes through all of it and out again, in the order of the page', async () => {
    await on({ query: PINNED }, async (tab) => {
      const stops: string[] = [];
      for (let i = 0; i < 80; i++) {
        await tab.keyboard.press('Tab');
        const stop = await tab.evaluate(() => {
          const at = document.activeElement;
          const part = at?.closest('.titlebar, .toolbar, .surface, [role="tablist"], .page');
          return part === null || part === undefined ? 'out' : (part.classList[0] ?? 'out');
        });
        if (stop !== stops.at(-1)) stops.push(stop);
        if (stop === 'out') break;
      }
      expect(stops.slice(0, 4)).toEqual(['titlebar', 'toolbar', 'surface', 'inspector-tabs']);
      expect(stops.at(-1)).toBe('out');
    });
  });

  it.each([
    ['t', '.tracks-menu'],
    ['r', '.rows-menu'],
    ['c', '.shade-menu'],
    ['y', '.copy-menu'],
    ['?', '.help'],
  ])('what %s opens takes the keyboard; Escape gives it back to the picture', async (key, menu) => {
    await on({ query: PINNED }, async (tab) => {
      await mark(tab);
      await tab.keyboard.press(key);
      await tab.locator(menu).first().waitFor({ state: 'visible', timeout: 5000 });
      expect(await tab.evaluate(() => document.activeElement?.closest('.popover') !== null)).toBe(true);
      await tab.keyboard.press('Escape');
      await tab.locator(menu).first().waitFor({ state: 'hidden', timeout: 5000 });
      expect(await tab.evaluate(() => document.activeElement?.className)).toBe('surface');
    });
  });

  it('moves nothing for who asks for less motion', async () => {
    const running = async (reducedMotion: boolean): Promise<boolean> => {
      let moves = false;
      await on({ query: 'done=0.4', reducedMotion }, async (tab) => {
        moves = await tab.evaluate(() =>
          [...document.querySelectorAll('*')].some((one) => {
            const { animationDuration, transitionDuration } = getComputedStyle(one);
            return /[1-9]/u.test(`${animationDuration}${transitionDuration}`);
          }),
        );
      });
      return moves;
    };
    expect([await running(true), await running(false)]).toEqual([false, true]);
  });
});
