/// <reference types="node" />
/** The inspector's pages in the whole view: each shows what is at the crosshair, and leads on from there. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { columnOf } from './harness/columns';
import { settled } from './harness/open';
import { calls, describeInChromium } from './harness/suite';
import { synthesise } from './harness/synthetic';

const UNITS = 256;
const TOKENS = 1500;
const number = (text: string): number => Number(text.replaceAll('−', '-'));

describeInChromium('the inspector in the view', { width: 700, height: 900, query: `units=${String(UNITS)}` }, (on) => {
  const trace = synthesise({ tokens: TOKENS, cell: 'lstm', layers: 1, units: UNITS });

  /** With token 12 and unit 7 marked. */
  const at = (act: (tab: Page) => Promise<void>): Promise<void> =>
    on({}, async (tab) => {
      await tab.evaluate(() => window.fake.view().focus(7, 12, 0, 7));
      await settled(tab);
      await act(tab);
    });

  const page = (tab: Page): Promise<string | null> => tab.locator('.inspector').getAttribute('data-tab');
  const choose = async (tab: Page, name: string): Promise<void> => {
    await tab.locator('.inspector-tabs').getByRole('tab', { name, exact: true }).click();
    await settled(tab);
  };
  it('has one page at a time, by click, by I on the picture, by arrows on the tabs', async () => {
    await at(async (tab) => {
      const pages = ['Cell', 'Why', 'Lines', 'Values'];
      for (const name of pages) {
        await choose(tab, name);
        expect(await page(tab)).toBe(name.toLowerCase());
        expect(await tab.locator('.inspector > .page:visible').count()).toBe(1);
        expect(await tab.locator('.inspector-tabs [aria-selected="true"]').allInnerTexts()).toEqual([name]);
      }
      for (const name of pages) {
        await tab.locator('.surface').press('i');
        await settled(tab);
        expect(await page(tab)).toBe(name.toLowerCase());
      }
      await tab.locator('.inspector-tabs [tabindex="0"]').focus();
      for (const [key, name] of [
        ['ArrowRight', 'Cell'],
        ['ArrowLeft', 'Values'],
        ['ArrowLeft', 'Lines'],
      ] as const) {
        await tab.keyboard.press(key);
        await settled(tab);
        expect(await tab.evaluate(() => document.activeElement?.textContent)).toBe(name);
        expect(await page(tab)).toBe(name.toLowerCase());
      }
    });
  });

  it('shows the cell of the crosshair, and goes with it', async () => {
    await at(async (tab) => {
      await choose(tab, 'Cell');
      for (const token of [12, 13]) {
        expect(await tab.locator('.cell-view figure').getAttribute('aria-label')).toMatch(
          new RegExp(`^l0, unit 7 · token ${String(token)} `, 'u'),
        );
        const [cell = '', hidden = ''] = await tab.locator('.filled p').allInnerTexts();
        const values = (text: string): number[] => (text.match(/−?\d+\.\d+/gu) ?? []).map(number);
        const value = (signal: 'forget' | 'input' | 'candidate' | 'output' | 'cell' | 'hidden'): number =>
          trace.value(0, signal, 7, token);
        const before = await tab.locator('.port .number').first().textContent();
        const told = [
          [values(before ?? ''), [trace.value(0, 'cell', 7, token - 1)]],
          // A made-up cell is no sum of products: none is claimed.
          [values(cell), [value('cell')]],
          [values(hidden), [value('output'), value('cell'), value('hidden')]],
        ] as const;
        for (const [shown, want] of told) {
          expect(shown.length).toBe(want.length);
          for (const [i, x] of want.entries()) expect(Math.abs((shown[i] ?? NaN) - x)).toBeLessThan(0.0051);
        }
        // And what is told adds up.
        const [o = NaN, c = NaN, h = NaN] = values(hidden);
        expect(Math.abs(o * Math.tanh(c) - h)).toBeLessThan(0.015);
        await tab.locator('.surface').press('ArrowRight');
        await settled(tab);
      }
    });
  });

  it('says why of the crosshair, and goes to the unit that pulled', async () => {
    await at(async (tab) => {
      await choose(tab, 'Why');
      expect(await calls(tab, 'why')).toEqual([[7, 12, 0, 7]]);
      await tab.getByRole('button', { name: /^l0 unit 37 ?:/u }).click();
      await settled(tab);
      expect((await calls(tab, 'why')).at(-1)).toEqual([7, 12, 0, 37]);
      await choose(tab, 'Values');
      expect(await tab.locator('.unit').first().innerText()).toBe(`unit 37 of ${String(UNITS)}`);
      expect(await tab.locator('.token').first().innerText()).toBe('token 12');
    });
  });

  it('opens the lines of a unit that is pinned, as wide as the heatmaps', async () => {
    await at(async (tab) => {
      await tab.locator('.surface').press('p');
      await settled(tab);
      expect(await page(tab)).toBe('lines');
      expect((await calls(tab, 'series')).at(-1)?.[0]).toMatchObject({ layer: 0, unit: 7, level: 0 });
      const boxes = await tab.evaluate(() =>
        ['.surface canvas.heat', '.line-plot .u-over'].map((selector) => {
          const box = document.querySelector(selector)?.getBoundingClientRect();
          return [box?.left, box?.width];
        }),
      );
      expect(boxes[0]?.[1]).toBeGreaterThan(300);
      expect(boxes[1]).toEqual(boxes[0]);
      await tab.locator('.line-plot .unpin').click();
      await settled(tab);
      expect(await tab.locator('.line-plot:visible').count()).toBe(0);
    });
  });

  it('reads the exact column where one has many tokens', async () => {
    await at(async (tab) => {
      await tab.locator('.surface').press('0');
      await settled(tab);
      const [request] = (await calls(tab, 'column')).at(-1) as [Parameters<typeof columnOf>[1]];
      expect(request.level).toBeGreaterThan(0);
      const { first, count, values } = columnOf(trace, request, TOKENS);
      expect([first <= 12, first + count > 12]).toEqual([true, true]);
      const shown = await tab.locator('.cell .value').allInnerTexts();
      expect(shown.length).toBeGreaterThan(4);
      for (const [i, text] of shown.entries()) {
        expect(Math.abs(number(text) - (values[i]?.mean[7] ?? NaN)), request.signals[i]).toBeLessThan(6e-5);
      }
    });
  });
});
