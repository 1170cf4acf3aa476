/// <reference types="node" />
/** Tracks, rows, lanes, overview and table in a real Chromium: by menus, by pointer and by keys. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { bands } from './harness/heatmaps';
import { settled } from './harness/open';
import { boxOf, calls, describeInChromium, forget } from './harness/suite';
import { synthesise } from './harness/synthetic';

const SHOTS = 'test-results/tracks';
const GUTTER = 36;

const chosen = (tracks: readonly object[], rows: object = {}): string =>
  `choices=${encodeURIComponent(
    JSON.stringify({
      version: 2,
      tracks,
      rows: { order: 'index', filter: '', pins: {}, ...rows },
      shades: {},
      of: 'spikes',
      inspector: 'values',
    }),
  )}`;

describeInChromium('tracks in Chromium', { query: 'units=16' }, (on) => {
  /** What the picture says of itself: `next token, loss, forget (folded)`; `16 units of layer l0, by number`. */
  const said = async (tab: Page): Promise<{ readonly tracks: string; readonly units: string }> => {
    await settled(tab);
    const label = (await tab.locator('.surface').getAttribute('aria-label')) ?? '';
    const [, tracks = '', units = ''] = /^Heatmaps of [^:]*: ([^;]*); ([^;]*);/.exec(label) ?? [];
    return { tracks, units };
  };
  const menu = async (tab: Page, name: 'Tracks' | 'Rows'): Promise<void> => {
    await tab.locator(`vscode-button[aria-label="${name}"]`).click();
  };
  const entries = async (tab: Page): Promise<string> => {
    await settled(tab);
    return tab.locator('.shown li').evaluateAll((all) => all.map((one) => one.getAttribute('data-track')).join(' '));
  };
  const tiles = (tab: Page): Promise<readonly { signal: string; layer: number; rows?: number }[]> =>
    tab.evaluate(() =>
      window.fake.calls
        .filter(({ method }) => method === 'tile')
        .map(({ args }) => args[0] as { signal: string; layer: number; rows?: number }),
    );
  /** Pixels of the overlay that are not empty, in a rectangle of the stage. */
  const inked = (tab: Page, x: number, y: number, width: number, height: number): Promise<number> =>
    tab.evaluate(
      ([a = 0, b = 0, c = 1, d = 1]) => {
        const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas.over');
        const data = canvas?.getContext('2d')?.getImageData(a, b, c, d).data ?? [];
        return Array.from(data).filter((value, i) => i % 4 === 3 && value > 0).length;
      },
      [x, y, width, height],
    );
  const at = async (tab: Page, x: number, y: number): Promise<{ x: number; y: number }> => {
    const box = await boxOf(tab, '.surface');
    return { x: box.x + x, y: box.y + y };
  };
  const click = async (tab: Page, x: number, y: number): Promise<void> => {
    const place = await at(tab, x, y);
    await tab.mouse.click(place.x, place.y);
  };

  describe('the menu of tracks', () => {
    it('takes away, adds what follows, and resets', async () => {
      await on({}, async (tab) => {
        await menu(tab, 'Tracks');
        await tab.locator('[data-track=cell] [aria-label^=Remove]').click();
        await tab.locator('[data-track=next] [aria-label^=Remove]').click();
        await tab.locator('[data-add=change]').click();
        expect((await said(tab)).tracks).toBe('loss, forget, input, candidate, output, hidden, change');
        expect((await tiles(tab)).some(({ signal }) => signal === 'change')).toBe(true);
        await tab.locator('[data-add=cell]').click();
        expect((await said(tab)).tracks).toBe('loss, cell, forget, input, candidate, output, hidden, change');
        await tab.locator('text=Reset tracks').click();
        expect((await said(tab)).tracks).toBe('next token, loss, cell, forget, input, candidate, output, hidden');
      });
    });

    it('adds tracks of a layer that stay with it', async () => {
      await on({ height: 1100, query: 'layers=2&tokens=300' }, async (tab) => {
        await menu(tab, 'Tracks');
        await tab.locator('summary:has-text("l1")').click();
        await forget(tab);
        await tab.locator('[data-add="l1.cell"]').click();
        expect((await said(tab)).tracks.endsWith('hidden, l1.cell')).toBe(true);
        const asked = await tiles(tab);
        expect(asked.some(({ signal, layer }) => signal === 'cell' && layer === 1)).toBe(true);
        expect(await tab.locator('[data-track="l1.cell"] .layer').innerText()).toBe('l1');
      });
    });

    it('moves by its buttons, by Alt and arrows, and by dragging; heatmaps never above lanes', async () => {
      await on({}, async (tab) => {
        await menu(tab, 'Tracks');
        await tab.locator('[data-track=input] [aria-label^="Move up"]').click();
        await tab.locator('[data-track=input] [aria-label^="Move up"]').click();
        expect(await entries(tab)).toBe('next loss input cell forget candidate output hidden');
        expect(await tab.locator('[data-track=input] [aria-label^="Move up"]').isDisabled()).toBe(true);
        await tab.locator('[data-track=hidden]').focus();
        await tab.keyboard.press('Alt+ArrowUp');
        await tab.keyboard.press('Alt+ArrowUp');
        expect(await entries(tab)).toBe('next loss input cell forget hidden candidate output');
        await tab.locator('[data-track=output]').dragTo(tab.locator('[data-track=cell]'));
        expect(await entries(tab)).toBe('next loss input output cell forget hidden candidate');
        await tab.locator('[data-track=output]').dragTo(tab.locator('[data-track=loss]'));
        expect(await entries(tab)).toBe('next loss input output cell forget hidden candidate');
        expect((await said(tab)).tracks).toBe('next token, loss, input, output, cell, forget, hidden, candidate');
      });
    });

    it('is walked by keys alone: arrows, Space folds, Delete removes, Escape leaves', async () => {
      await on({}, async (tab) => {
        await tab.locator('vscode-button[aria-label=Tracks]').focus();
        await tab.keyboard.press('Enter');
        const focused = (): Promise<string | null | undefined> =>
          tab.evaluate(() => document.activeElement?.closest('li')?.getAttribute('data-track'));
        expect(await focused()).toBe('next');
        for (let i = 0; i < 3; i++) await tab.keyboard.press('ArrowDown');
        expect(await focused()).toBe('forget');
        await tab.keyboard.press('Space');
        await settled(tab);
        expect(await focused()).toBe('forget');
        await tab.keyboard.press('ArrowDown');
        await tab.keyboard.press('Delete');
        await settled(tab);
        expect(await focused()).toBe('candidate');
        await tab.keyboard.press('ArrowRight');
        expect(await tab.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Fold (Space)');
        await tab.keyboard.press('Escape');
        expect(await tab.locator('.tracks-menu').isVisible()).toBe(false);
        expect((await said(tab)).tracks).toBe('next token, loss, cell, forget (folded), candidate, output, hidden');
      });
    });
  });

  describe('headings', () => {
    it('fold and open by their arrows, and ask nothing while folded', async () => {
      await on({ query: `tokens=5000&${chosen([{ signal: 'forget' }, { signal: 'cell' }])}` }, async (tab) => {
        const [first] = await bands(tab, 20);
        const top = first?.top ?? 0;
        await click(tab, 4, top - 9);
        expect((await said(tab)).tracks).toBe('forget (folded), cell');
        // The second moves up to where the first was.
        expect((await bands(tab, 20)).map(({ top: y }) => y)).toEqual([top + 20]);
        await forget(tab);
        await tab.locator('.surface').press('End');
        await settled(tab);
        expect(new Set((await tiles(tab)).map(({ signal }) => signal))).toEqual(new Set(['cell', 'loss']));
        await click(tab, 4, top - 9);
        expect((await said(tab)).tracks).toBe('forget, cell');
      });
    });
  });

  describe('rows', () => {
    it('are ordered, filtered and pinned by their menu', async () => {
      await on({ query: `tokens=300&${chosen([{ signal: 'cell' }])}` }, async (tab) => {
        await menu(tab, 'Rows');
        await tab.locator('.rows-menu input[value=mean]').click();
        expect((await said(tab)).units).toBe('16 units of layer l0, by mean');
        expect((await calls(tab, 'arrange')).at(-1)).toEqual([7, 0, { order: 'mean', ranges: [], pins: [] }]);
        await tab.locator('.rows-menu select').selectOption('forget');
        await settled(tab);
        expect((await calls(tab, 'arrange')).at(-1)).toEqual([
          7,
          0,
          { order: 'mean', by: 'forget', ranges: [], pins: [] },
        ]);
        const filter = tab.locator('.rows-menu input[type=text]');
        await filter.fill('2-5, 9');
        await settled(tab, 350);
        expect((await said(tab)).units).toBe('5 of 16 units of layer l0, by mean');
        // What cannot be read says so, and changes nothing.
        await filter.fill('2-5, nine');
        await settled(tab, 350);
        expect(await tab.locator('.rows-menu .complaint').innerText()).toContain('0-31, 64');
        expect(await filter.getAttribute('aria-invalid')).toBe('true');
        expect((await said(tab)).units).toBe('5 of 16 units of layer l0, by mean');
        await tab.locator('text=Reset rows').click();
        expect((await said(tab)).units).toBe('16 units of layer l0, by number');
      });
    });

    it('that no unit matches leave headings and a sentence, and nothing is asked', async () => {
      await on({ query: `tokens=300&${chosen([{ signal: 'cell' }], { filter: '90-99' })}` }, async (tab) => {
        expect((await said(tab)).units).toBe('0 of 16 units of layer l0, by number');
        expect(await bands(tab, 20)).toEqual([]);
        expect((await tiles(tab)).every(({ signal }) => signal === 'loss')).toBe(true);
        await tab.locator('.surface').press('ArrowDown');
        await menu(tab, 'Rows');
        await tab.locator('.rows-menu input[type=text]').fill('1-2');
        expect(await tab.locator('.strip.error').isVisible()).toBe(false);
        await settled(tab, 350);
        expect((await said(tab)).units).toBe('2 of 16 units of layer l0, by number');
      });
    });

    it('are pinned by Alt+click and by their numbers, and let go there', async () => {
      await on({ query: `tokens=300&${chosen([{ signal: 'cell' }])}` }, async (tab) => {
        const [first] = await bands(tab, 20);
        const { top, height } = first ?? { top: 0, height: 0 };
        const row = height / 16;
        await tab.keyboard.down('Alt');
        await click(tab, GUTTER + 20, top + 7.5 * row);
        await tab.keyboard.up('Alt');
        await settled(tab);
        expect((await calls(tab, 'arrange')).at(-1)).toEqual([7, 0, { order: 'index', ranges: [], pins: [7] }]);
        expect(await calls(tab, 'reveal')).toEqual([]);
        // Its lines open; its values are a page further.
        expect(await tab.locator('.inspector').getAttribute('data-tab')).toBe('lines');
        await tab.getByRole('tab', { name: 'Values' }).click();
        await settled(tab);
        const pinned = await bands(tab, 20);
        expect(pinned.length).toBe(2);
        expect(pinned[0]?.height).toBe(12);
        // The pinned row shows the unit's own values.
        const trace = synthesise({ tokens: 300, cell: 'lstm', layers: 1, units: 16 });
        const place = await at(tab, GUTTER + 20, top + 6);
        await tab.mouse.move(place.x, place.y);
        await settled(tab);
        expect(await tab.locator('.unit').innerText()).toBe('unit 7 of 16');
        const shown = Number((await tab.locator('.cell .value').first().innerText()).replace('−', '-'));
        expect(Math.abs(shown - trace.value(0, 'cell', 7, 3))).toBeLessThan(6e-5);
        await click(tab, 20, top + 6);
        await settled(tab);
        expect((await bands(tab, 20)).length).toBe(1);
      });
    });

    it.each([
      ['a dendrogram where it is wide', 900, 66],
      ['bars where it is narrow', 380, 36],
    ])('clustered have %s', async (_, width, gutter) => {
      const query = `tokens=300&units=24&${chosen([{ signal: 'cell' }], { order: 'clusters' })}`;
      await on({ width, view: 'editor', query }, async (tab) => {
        const canvas = await tab.locator('canvas.heat').boundingBox();
        const stage = await tab.locator('.surface').boundingBox();
        expect((canvas?.x ?? 0) - (stage?.x ?? 0)).toBe(gutter);
        const [first] = await bands(tab, 20);
        const { top, height } = first ?? { top: 0, height: 0 };
        // Bars of clusters along the edge of the plot; left of them the tree, or only numbers.
        expect(await inked(tab, gutter - 4, top, 3, height)).toBeGreaterThan(height);
        if (width > 480) expect(await inked(tab, gutter - 34, top, 28, height)).toBeGreaterThan(200);
        await tab.screenshot({ path: `${SHOTS}/clusters-${String(width)}.png` });
      });
    });

    it('keep their order while an edited text is traced again', async () => {
      await on({ query: `tokens=300&${chosen([{ signal: 'cell' }], { filter: '3-6' })}` }, async (tab) => {
        await tab.evaluate(() => window.fake.edited());
        await tab.evaluate(() => window.fake.progress(300));
        expect((await said(tab)).units).toBe('4 of 16 units of layer l0, by number');
        const arranged = await calls(tab, 'arrange');
        expect(arranged.map(([trace]) => trace)).toEqual([7, 8]);
        const asked = (await calls(tab, 'tile')).map(
          ([request]) => request as { trace: number; rows: number; signal: string },
        );
        const wrong = asked.filter(({ trace, rows, signal }) => signal === 'cell' && (trace === 8) !== (rows === 2));
        expect(wrong).toEqual([]);
      });
    });
  });

  describe('the overview', () => {
    const window_ = async (tab: Page): Promise<{ from: number; to: number }> => {
      await settled(tab);
      const label = (await tab.locator('.surface').getAttribute('aria-label')) ?? '';
      const [, from = '', to = ''] = /tokens ([\d,]+) to ([\d,]+) of/.exec(label) ?? [];
      const number = (text: string): number => Number(text.replaceAll(',', ''));
      return { from: number(from), to: number(to) };
    };
    /** 20,000 tokens over 800 pixels: 25 a pixel. */
    const options = { view: 'editor', width: 800 + GUTTER + 24, query: 'tokens=20000&units=4' } as const;
    const drag = async (tab: Page, from: number, to: number): Promise<void> => {
      const [a, b] = [await at(tab, GUTTER + from, 10), await at(tab, GUTTER + to, 10)];
      await tab.mouse.move(a.x, a.y);
      await tab.mouse.down();
      await tab.mouse.move(b.x, b.y, { steps: 4 });
      await tab.mouse.up();
    };

    it('is jumped in, dragged, and stretched by its edges', async () => {
      await on(options, async (tab) => {
        await click(tab, GUTTER + 400, 10);
        const jumped = await window_(tab);
        expect(Math.abs((jumped.from + jumped.to) / 2 - 10_000)).toBeLessThan(30);
        await drag(tab, 400, 500);
        const dragged = await window_(tab);
        expect(dragged.from - jumped.from).toBe(2500);
        // Wide enough to be taken by its edges: from 12,500 - 1,000 on.
        for (let i = 0; i < 11; i++) await tab.locator('.surface').press('-');
        const wide = await window_(tab);
        await drag(tab, wide.to / 25, wide.to / 25 + 40);
        const stretched = await window_(tab);
        expect(Math.abs(stretched.from - wide.from)).toBeLessThan(30);
        expect(Math.abs(stretched.to - wide.to - 1000)).toBeLessThan(60);
        expect(await calls(tab, 'reveal')).toEqual([]);
      });
    });

    it('says what it is', async () => {
      await on(options, async (tab) => {
        const place = await at(tab, GUTTER + 300, 10);
        await tab.mouse.move(place.x, place.y);
        expect(await tab.locator('.surface').getAttribute('title')).toContain('whole text');
      });
    });
  });

  describe('lanes', () => {
    it('ask for guesses only where they can be told apart', async () => {
      await on({ view: 'editor', width: 1000, query: 'tokens=20000&units=4' }, async (tab) => {
        const asked = await calls(tab, 'guesses');
        expect(asked.length).toBeGreaterThan(0);
        expect(asked.every(([, from, to]) => Number(to) - Number(from) <= 1024)).toBe(true);
        await forget(tab);
        await tab.locator('.surface').press('0');
        await settled(tab);
        expect(await calls(tab, 'guesses')).toEqual([]);
      });
    });

    it('leave the tracks where they are at every zoom', async () => {
      await on({ view: 'editor', width: 1000, query: 'tokens=20000&units=4' }, async (tab) => {
        const before = await bands(tab, 100);
        for (const key of ['+', '+', '-', '-', '-', '-', '-', '-', '-', '-', '0']) {
          await tab.locator('.surface').press(key);
          await settled(tab);
          expect(await bands(tab, 100)).toEqual(before);
        }
      });
    });

    it('ask for lines of the sight, at most as many as are needed', async () => {
      await on({ view: 'editor', width: 1000, query: 'tokens=5000000&units=4&delay=0' }, async (tab) => {
        await tab.locator('.surface').press('0');
        await settled(tab, 300);
        const asked = await calls(tab, 'lines');
        expect(asked.at(-1)).toEqual([7, 0, 5_000_000, 400]);
        expect(asked.length).toBeLessThanOrEqual(3);
      });
    });
  });

  it('the overview grows with a trace of which only the beginning is in sight', async () => {
    await on({ query: `tokens=20000&done=0.1&${chosen([{ signal: 'loss' }, { signal: 'forget' }])}` }, async (tab) => {
      await forget(tab);
      await tab.evaluate(() => window.fake.progress(20_000));
      await settled(tab, 900);
      const asked = (await calls(tab, 'tile')).map(([request]) => request as { signal: string; level: number });
      expect(asked.filter(({ signal, level }) => signal === 'forget' && level === 7).length).toBeGreaterThan(0);
    });
  });

  describe('the table', () => {
    it('has tracks that are scrolled out of sight, and the loss at the mark', async () => {
      const signals = ['loss', 'forget', 'input', 'candidate', 'output', 'cell', 'hidden'];
      const query = `tokens=400&${chosen(signals.map((signal) => ({ signal })))}`;
      await on({ height: 480, query }, async (tab) => {
        for (const key of ['ArrowRight', 'ArrowRight']) await tab.locator('.surface').press(key);
        await tab.locator('vscode-button[aria-label=Table]').click();
        await settled(tab, 900);
        const cells = await tab.locator('.table tbody td').allInnerTexts();
        expect([cells.length, cells.filter((cell) => /^–$|not here/.test(cell))]).toEqual([4 * signals.length, []]);
      });
    });

    it('says in numbers what is in sight, and at the mark', async () => {
      await on(
        { query: `tokens=40&${chosen([{ signal: 'loss' }, { signal: 'cell' }, { signal: 'forget' }])}` },
        async (tab) => {
          const trace = synthesise({ tokens: 40, cell: 'lstm', layers: 1, units: 16 });
          await tab.locator('.surface').press('ArrowDown');
          // There for screen readers before it is for all.
          await settled(tab, 900);
          const rows = await tab
            .locator('.table tbody tr')
            .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
          expect(rows.map(([name]) => name)).toEqual(['loss in bits', 'cell', 'forget']);
          const seen = Array.from({ length: 16 }, (_, unit) =>
            Array.from({ length: 40 }, (_unused, token) => ({ value: trace.value(0, 'forget', unit, token), token })),
          ).flat();
          const greatest = Math.max(...seen.map(({ value }) => value));
          const mean = seen.reduce((sum, { value }) => sum + value, 0) / seen.length;
          const number = (text: string | null | undefined): number => parseFloat((text ?? '').replace('−', '-'));
          expect(Math.abs(number(rows[2]?.[3]) - greatest)).toBeLessThan(0.01);
          expect(Math.abs(number(rows[2]?.[2]) - mean)).toBeLessThan(0.01);
          expect(Math.abs(number(rows[1]?.[4]) - trace.value(0, 'cell', 0, 0))).toBeLessThan(6e-5);
          await tab.locator('vscode-button[aria-label=Table]').click();
          expect([await tab.locator('.stage').isVisible(), await tab.locator('.table').isVisible()]).toEqual([
            false,
            true,
          ]);
          await tab.locator('vscode-button[aria-label=Table]').click();
          await settled(tab);
          expect((await bands(tab, 20)).length).toBe(2);
        },
      );
    });
  });

  it.each([
    ['dark', 340, 'layers=2'],
    ['light', 340, ''],
    ['hc', 340, 'layers=2'],
    ['light', 1400, 'tokens=20000'],
    ['hcLight', 1400, 'tokens=20000'],
    ['dark', 380, 'tokens=3&units=1'],
  ] as const)('fit into their width: %s %d %s', async (theme, width, query) => {
    await on({ theme, width, view: width > 600 ? 'editor' : 'sidebar', query }, async (tab) => {
      const tops = await tab
        .locator('.toolbar .group')
        .evaluateAll((groups) => groups.map((group) => group.getBoundingClientRect().top));
      // In one line.
      expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(8);
      for (const name of ['Tracks', 'Rows'] as const) {
        await menu(tab, name);
        await settled(tab);
        await tab.screenshot({ path: `${SHOTS}/${theme}-${String(width)}-${name}.png` });
        const out = await tab.locator('.popover:visible').evaluateAll(
          (panels) =>
            panels.filter((panel) => {
              const { left, right, bottom } = panel.getBoundingClientRect();
              return (
                left < 0 ||
                right > window.innerWidth ||
                bottom > window.innerHeight ||
                panel.scrollWidth > panel.clientWidth
              );
            }).length,
        );
        expect(out).toBe(0);
        await tab.keyboard.press('Escape');
      }
    });
  });
});
