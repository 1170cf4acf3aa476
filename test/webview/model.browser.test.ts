/// <reference types="node" />
/** A model's page in a real Chromium: what it says, pixels against values, keys, names for the ear, states, themes. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { colourAt, mapsFor } from '../../webview/draw/maps';
import { exampleMatrix } from './harness/exampleModels';
import { describeInChromium } from './harness/suite';

const SHOTS = 'test-results/view';

describeInChromium('a model’s page in Chromium', { view: 'model', width: 1100, height: 900 }, (on) => {
  const actions = (tab: Page): Promise<readonly unknown[]> =>
    tab.evaluate(() => window.fakeModel.calls.filter(({ method }) => method === 'run').map(({ args }) => args[0]));
  const asked = (tab: Page): Promise<readonly unknown[]> =>
    tab.evaluate(() => window.fakeModel.calls.filter(({ method }) => method === 'matrix').map(({ args }) => args[0]));

  it('says what the model is, and reads only the matrices near the window', async () => {
    await on({ query: 'case=lstm', height: 300 }, async (tab) => {
      await tab.locator('.blocks').first().waitFor();
      expect(await tab.locator('h1').innerText()).toBe('tiny-shakespeare');
      expect(await tab.locator('.flow > li').count()).toBe(4);
      expect(await tab.locator('h2').allInnerTexts()).toEqual(['l0\nLSTM', 'l1\nLSTM']);
      expect(await asked(tab)).toEqual(['l0.weight_ih', 'l0.weight_hh']);
      await tab.locator('#matrix-l1\\.weight_hh').scrollIntoViewIfNeeded();
      await tab.locator('#matrix-l1\\.weight_hh .blocks').waitFor();
      expect(await asked(tab)).toContain('l1.weight_hh');
    });
  });

  it('gives each value its colour', async () => {
    await on({ query: 'case=numbers' }, async (tab) => {
      // [80, 3]: cells of many pixels, so that their middles are the values' own.
      const name = 'l0.weight_ih';
      await tab.locator(`[data-matrix="${name}"] .blocks`).waitFor();
      const { heatmap, gates } = exampleMatrix('numbers', name);
      const { diverging } = mapsFor([31 / 255, 31 / 255, 31 / 255]);
      const rows = heatmap.rows / gates.length;
      for (const [gate, row, column] of [
        [0, 0, 0],
        [1, 3, 2],
        [3, rows - 1, 1],
      ] as const) {
        const got = await tab.evaluate(
          ([id, g, x, y]) => {
            const canvas = document.querySelectorAll<HTMLCanvasElement>(`[data-matrix="${String(id)}"] canvas`)[
              Number(g)
            ];
            const context = canvas?.getContext('2d');
            if (!canvas || !context) return [];
            return [...context.getImageData(Number(x) * canvas.width, Number(y) * canvas.height, 1, 1).data];
          },
          [name, gate, (column + 0.5) / heatmap.columns, (row + 0.5) / rows],
        );
        const value = heatmap.values[(gate * rows + row) * heatmap.columns + column] ?? NaN;
        const place = Math.max(0, Math.min(1, 0.5 + value / (2 * heatmap.limit)));
        const want =
          colourAt(diverging, Math.round(255 * place) / 255)
            .match(/\d+/gu)
            ?.map(Number) ?? [];
        expect(want.length).toBe(3);
        want.forEach((level, k) => {
          expect(
            Math.abs(level - (got[k] ?? -9)),
            `${String(gate)} ${String(row)} ${String(column)}`,
          ).toBeLessThanOrEqual(1);
        });
      }
    });
  });

  it('is moved over by keys, and says each cell', async () => {
    await on({ query: 'case=lstm' }, async (tab) => {
      const figure = tab.locator('[data-matrix="l0.weight_hh"]');
      const blocks = figure.locator('.blocks');
      await blocks.focus();
      const line = figure.locator('.cellline');
      expect(await line.getAttribute('aria-live')).toBe('polite');
      await tab.keyboard.press('ArrowRight');
      expect(await line.innerText()).toMatch(/^input i of unit 0–7 ← unit 0–1: mean /u);
      for (let n = 0; n < 13; n++) await tab.keyboard.press('Shift+ArrowRight');
      await tab.keyboard.press('ArrowDown');
      expect(await line.innerText()).toMatch(/^forget f of unit 8–15 ← unit 4–5: mean /u);
      expect(await figure.locator('.mark:visible').count()).toBe(1);
      await tab.keyboard.press('Escape');
      expect(await line.innerText()).toMatch(/^Rows are the 256 units/u);
      await figure.locator('canvas').nth(2).hover();
      expect(await line.innerText()).toMatch(/^candidate g of unit/u);
    });
  });

  it('asks for what its buttons say', async () => {
    await on({ query: 'case=unknown' }, async (tab) => {
      for (const name of ['Use this model', 'Verify against reference…', 'Copy export snippet', 'Choose tokenizer…']) {
        await tab.getByRole('button', { name }).click();
      }
      expect(await actions(tab)).toEqual(['use', 'verify', 'snippet', 'tokenizer']);
    });
  });

  it('shows that it is in use, when it is told', async () => {
    await on({ query: 'case=lstm' }, async (tab) => {
      expect(await tab.locator('.in-use').isVisible()).toBe(false);
      const asks = await asked(tab);
      await tab.evaluate(async () => {
        const scene = await Promise.resolve(window.fakeModel.scene());
        if (scene.kind === 'model') await window.fakeModel.view().show({ ...scene, inUse: true });
      });
      await tab.locator('.in-use').waitFor();
      expect(await tab.getByRole('button', { name: 'Use this model' }).isVisible()).toBe(false);
      // The same model is not drawn anew.
      expect((await asked(tab)).length).toBeGreaterThanOrEqual(asks.length);
      expect(new Set(await asked(tab)).size).toBe((await asked(tab)).length);
    });
  });

  it('brings a matrix into sight', async () => {
    await on({ query: 'case=lstm&focus=l1.weight_hh', height: 500 }, async (tab) => {
      await tab.locator('#matrix-l1\\.weight_hh .blocks').waitFor();
      await expect.poll(() => tab.evaluate(() => window.scrollY + document.body.scrollTop)).toBeGreaterThan(300);
    });
  });

  it('says why a matrix cannot be read, and tries again', async () => {
    await on({ query: 'case=rnn&fail=1' }, async (tab) => {
      await tab.getByText('The file has changed').waitFor();
      await tab.getByRole('button', { name: 'Try again' }).click();
      await tab.locator('.blocks').first().waitFor();
    });
  });

  it.each([
    ['failed', 'weather.h5 cannot be read as a model', 'Try again', 'again'],
    ['untrusted', 'This workspace is not trusted', 'Manage trust', 'trust'],
  ])('says why there is no model: %s', async (name, title, press, action) => {
    await on({ query: `case=${name}` }, async (tab) => {
      expect(await tab.getByRole('alert').locator('h1').innerText()).toBe(title);
      await tab.getByRole('button', { name: press }).click();
      expect(await actions(tab)).toEqual([action]);
    });
  });

  it('has a name for all that takes the keys, headings in order, and no id twice', async () => {
    await on({ query: 'case=bidirectional', theme: 'light' }, async (tab) => {
      await tab.locator('.blocks').first().waitFor();
      const found = await tab.evaluate(() => {
        const focusable = [...document.querySelectorAll<HTMLElement>('button, [tabindex="0"], vscode-button, summary')];
        const nameless = focusable.filter(
          (element) => (element.getAttribute('aria-label') ?? element.textContent).trim() === '',
        );
        const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]));
        const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
        const images = [...document.querySelectorAll('canvas, svg')].filter(
          (image) => image.closest('[aria-hidden="true"], [role="img"]') === null,
        );
        return {
          nameless: nameless.length,
          jumps: levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1),
          twice: ids.length - new Set(ids).size,
          mains: document.querySelectorAll('main').length,
          nakedImages: images.length,
        };
      });
      expect(found).toEqual({ nameless: 0, jumps: [], twice: 0, mains: 1, nakedImages: 0 });
    });
  });

  it.each(['dark', 'light', 'hc', 'hcLight'] as const)('is drawn in the theme %s, and narrow', async (theme) => {
    await on({ query: 'case=gru', theme, width: 380 }, async (tab) => {
      await tab.locator('.blocks').first().waitFor();
      await tab.waitForTimeout(300);
      await tab.screenshot({ path: `${SHOTS}/model-${theme}.png` });
      expect(await tab.evaluate(() => document.body.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    });
  });
});
