/// <reference types="node" />
/** The inspector's parts in a real Chromium: numbers on their wires, keys, pixels at their tokens, names, themes. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { drawn, type OpenOptions } from './harness/open';
import { describeInChromium } from './harness/suite';

const SHOTS = 'test-results/view';

describeInChromium('the inspector in Chromium', { view: 'gallery', width: 720, height: 420 }, (on) => {
  const chosen = (tab: Page): Promise<readonly string[]> => tab.evaluate(() => [...window.gallery.chosen]);
  const texts = (tab: Page, selector: string): Promise<readonly string[]> =>
    tab
      .locator(selector)
      .evaluateAll((found) => found.map((element) => element.textContent.replace(/\s+/gu, ' ').trim()));

  describe('the cell', () => {
    it.each([
      [
        'lstm',
        ['f·c′ 0.47', 'f 0.93', 'i 0.12', 'g −0.40', 'i·g −0.05', 'tanh c 0.40', 'o 0.80'],
        ['c′ 0.51', 'c 0.43', 'h′ [256]', 'x e', 'h 0.32'],
        ['c = 0.93·0.51 + 0.12·(−0.40) = 0.43', 'h = 0.80·tanh(0.43) = 0.32'],
      ],
      [
        'gru',
        ['z·h′ 0.43', 'z 0.85', '1−z 0.15', 'r 0.31', 'n −0.62', '', '(1−z)·n −0.09'],
        ['h′ 0.51', 'h 0.34', 'h′ [256]', 'x e'],
        ['h = (1 − 0.85)·(−0.62) + 0.85·0.51 = 0.34'],
      ],
      ['rnn', ['U h′', 'b', 'W x', 'Σ 0.76'], ['h′ [256]', 'x e', 'h 0.64'], ['h = tanh(0.76) = 0.64']],
    ] as const)('%s has its numbers on its wires, and its equations', async (cell, labels, ports, equations) => {
      await on({ query: `part=cell&cell=${cell}&width=320` }, async (tab) => {
        await tab.locator('.filled p').first().waitFor();
        const told = await tab.locator('text.label').evaluateAll((found) =>
          found.map((text) =>
            [...text.querySelectorAll('tspan')]
              .map((part) => part.textContent)
              .filter((part) => part !== '')
              .join(' '),
          ),
        );
        expect(told).toEqual(labels);
        const shown = await tab
          .locator('.port')
          .evaluateAll((found) =>
            found.map((port) => [...port.querySelectorAll('text')].map((part) => part.textContent).join(' ')),
          );
        expect(shown).toEqual(ports);
        expect(await texts(tab, '.filled p')).toEqual(equations);
        // The same for who does not see it.
        expect(await tab.locator('figure').getAttribute('aria-label')).toBe('l0, unit 17 · token 1,204 “e”');
        expect((await texts(tab, 'dd')).length).toBeGreaterThanOrEqual(ports.length);
      });
    });

    for (const cell of ['lstm', 'gru', 'rnn'] as const) {
      it.each([300, 320, 539, 540, 700])(
        `${cell}: no text lies over another, nothing sticks out, %d pixels wide`,
        async (width) => {
          await on({ query: `part=cell&cell=${cell}&width=${String(width)}`, width: width + 16 }, async (tab) => {
            await tab.locator('svg .number').first().waitFor();
            const found = await tab.evaluate(() => {
              const boxes = [...document.querySelectorAll<SVGTextElement>('svg text')]
                .filter((text) => text.textContent !== '')
                .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
              const over = boxes.flatMap((a, i) =>
                boxes.slice(i + 1).flatMap((b) => {
                  const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
                  const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
                  // Lines of type have air above and below.
                  return wide > 0.5 && high > 5 ? [`${a.text} / ${b.text}`] : [];
                }),
              );
              const out = boxes.filter(({ box }) => box.left < 0 || box.right > document.documentElement.clientWidth);
              const spills = [...document.querySelectorAll<SVGGElement>('.port, .gate')].filter((group) => {
                const frame = group.querySelector('rect')?.getBoundingClientRect();
                return [...group.querySelectorAll('text')].some((text) => {
                  const { left, right } = text.getBoundingClientRect();
                  return frame === undefined || left < frame.left + 1 || right > frame.right - 1;
                });
              });
              const scrolls = document.documentElement.scrollWidth - document.documentElement.clientWidth;
              return { over, out: out.length, spills: spills.map((group) => group.textContent), scrolls };
            });
            expect(found).toEqual({ over: [], out: 0, spills: [], scrolls: 0 });
          });
        },
      );
    }

    it.each([
      ['gru', '.label', '1.59'],
      ['rnn', '.filled', 'h = tanh(0.80 + 0.59 + 0.05) = 0.89'],
    ])('%s has the parts of its sums where the reasons are known', async (cell, place, want) => {
      await on({ query: `part=cell&cell=${cell}&why=1` }, async (tab) => {
        await tab.locator('.filled p').first().waitFor();
        expect((await texts(tab, place)).join(' ')).toContain(want);
      });
    });

    it('keeps the last numbers, dimmed, while others are on their way', async () => {
      await on({ query: 'part=cell&state=pending' }, async (tab) => {
        expect(await tab.locator('.cell-view.pending').count()).toBe(1);
        expect(await texts(tab, '.filled p')).toContain('h = 0.80·tanh(0.43) = 0.32');
      });
    });

    it('whose values have never come claims nothing about them', async () => {
      await on({ query: 'part=cell&state=first' }, async (tab) => {
        await tab.locator('.port').first().waitFor();
        expect(await texts(tab, '.port .number')).toEqual(['0.51', '…', '[256]', 'e', '…']);
        expect(await tab.locator('.note').isVisible()).toBe(false);
      });
    });

    it('says what to do where there is nothing to show', async () => {
      await on({ query: 'part=cell&state=idle' }, async (tab) => {
        expect(await tab.locator('.advice').innerText()).toContain('press an arrow key');
        expect(await texts(tab, '.filled p')).toEqual([]);
      });
    });

    it.each([
      ['rnn', 1],
      ['gru', 3],
      ['lstm', 4],
    ])('is drawn as an %s’s where that is looked at next, with no number of before', async (cell, gates) => {
      for (const state of ['idle', 'left']) {
        await on({ query: `part=cell&cell=${cell}&state=${state}` }, async (tab) => {
          await tab.locator('.gate').first().waitFor();
          expect(await tab.locator('.gate').count()).toBe(gates);
          if (cell !== 'lstm') expect(await texts(tab, '.filled p')).toEqual([]);
        });
      }
    });

    it('of NaNs says so, without a colour', async () => {
      await on({ query: 'part=cell&state=nan' }, async (tab) => {
        await tab.locator('.port').first().waitFor();
        expect(await texts(tab, '.port .number')).toEqual(['NaN', 'NaN', '[256]', 'e', 'NaN']);
        const own = await tab
          .locator('.gate rect, .port rect')
          .evaluateAll((found) => found.map((box) => (box as SVGElement).style.fill));
        expect(own.filter((fill) => fill !== '')).toEqual([]);
        expect(await tab.locator('.wire.unknown').count()).toBeGreaterThan(8);
      });
    });

    it('of functions of its own claims no products', async () => {
      await on({ query: 'part=cell&state=own' }, async (tab) => {
        await tab.locator('.note:visible').waitFor();
        expect(await texts(tab, '.filled p')).toEqual(['c = 0.43', 'h = 0.32']);
        expect(await texts(tab, '.gate text')).toEqual(['φ', 'φ', 'φ', 'φ']);
      });
    });

    it('gives a box the heatmap’s colour of its value', async () => {
      await on({ query: 'part=cell&theme=dark' }, async (tab) => {
        await tab.locator('.gate rect').first().waitFor();
        const fills = await tab
          .locator('.gate rect')
          .evaluateAll((found) => found.map((box) => getComputedStyle(box).fill));
        expect(new Set(fills).size).toBe(4);
        expect(fills[0]).toMatch(/^rgb\(/u);
      });
    });
  });

  describe('why', () => {
    it('answers for each gate; arrow keys go from one to the next', async () => {
      await on({ query: 'part=why' }, async (tab) => {
        expect(await tab.locator('h3').innerText()).toBe('Why did it forget here?');
        expect(await tab.locator('.answer').innerText()).toMatch(
          /^The forget gate is 0\.09: token .* pulls it down by −2\.1/u,
        );
        await tab.keyboard.press('Tab');
        expect(await tab.evaluate(() => document.activeElement?.textContent)).toBe('f forget0.09');
        await tab.keyboard.press('ArrowRight');
        expect(await tab.locator('[aria-selected="true"]').innerText()).toContain('candidate');
        expect(await tab.locator('h3').innerText()).toBe('Why is what it would write negative?');
        await tab.keyboard.press('End');
        expect(await tab.locator('h3').innerText()).toBe('Why does it show its memory here?');
        // Only the chosen tab is on the way of Tab.
        expect(await tab.locator('[role="tab"][tabindex="0"]').count()).toBe(1);
      });
    });

    it('goes to the unit that a contribution came from, by click and by Enter, and from a token nowhere', async () => {
      await on({ query: 'part=why' }, async (tab) => {
        await tab.getByRole('button', { name: /^l0 unit 37 ?: 1/u }).click();
        expect(await chosen(tab)).toEqual(['0/37']);
        await tab.keyboard.press('Tab');
        await tab.keyboard.press('Enter');
        expect(await chosen(tab)).toEqual(['0/37', '0/74']);
        await tab.locator('.row', { hasText: 'token' }).click({ force: true });
        expect((await chosen(tab)).length).toBe(2);
      });
    });

    it('draws each pull to its side, as long as it is', async () => {
      await on({ query: 'part=why' }, async (tab) => {
        const rows = await tab.locator('.row').evaluateAll((found) =>
          found.map((row) => {
            const [track, bar] = [row.querySelector('.track'), row.querySelector('.track i')].map((part) =>
              part?.getBoundingClientRect(),
            );
            if (!track || !bar) throw new Error('a row has a bar');
            const middle = track.left + track.width / 2;
            return {
              product: Number(row.querySelector('.product')?.textContent.replace('\u2212', '-')),
              share: ((bar.left + bar.right) / 2 < middle ? -1 : 1) * (bar.width / (track.width / 2)),
              high: bar.height,
            };
          }),
        );
        expect(rows.length).toBe(12);
        for (const { product, share, high } of rows) {
          expect(share).toBeCloseTo(product / 2.1, 1);
          expect(high).toBeGreaterThan(3);
        }
      });
    });

    it.each([
      ['idle', 'press an arrow key'],
      ['first', 'Looking for the reasons'],
    ])('%s: says so', async (state, want) => {
      await on({ query: `part=why&state=${state}` }, async (tab) => {
        expect(await tab.locator('.advice').innerText()).toContain(want);
        expect(await tab.locator('.body').isVisible()).toBe(false);
      });
    });

    it('keeps the last reasons, dimmed, while others are on their way', async () => {
      await on({ query: 'part=why&state=pending' }, async (tab) => {
        expect(await tab.locator('.why-view.pending h3').innerText()).toBe('Why did it forget here?');
      });
    });
  });

  describe('lines', () => {
    const WIDTH = 400;
    const LEFT = 24;
    const query = `part=lines&width=${String(WIDTH)}&from=100&to=150`;
    /** Pixels a token. */
    const scale = (WIDTH - LEFT) / 50;

    it('are at their tokens, to the pixel', async () => {
      for (const ratio of [1, 1.5, 2]) {
        await on({ query, width: WIDTH + 16, ratio }, async (tab) => {
          await tab.locator('.line-plot canvas').waitFor();
          for (const token of [101, 113, 148]) {
            const at = await tab.evaluate((spike) => {
              const { lines, heldOf } = window.gallery;
              const held = heldOf(17, 0, 100, 50);
              const values = held.series.values.map((extent, i) => {
                const flat = extent.mean.map((_, c) => (i === 0 && c === spike - 100 ? 1 : 0));
                return { min: flat, mean: flat, max: flat };
              });
              const last = window.gallery.input?.();
              const [unit] = last?.units ?? [];
              if (last === undefined || unit === undefined) throw new Error('it was drawn');
              lines?.update({ ...last, units: [{ ...unit, held: { ...held, series: { ...held.series, values } } }] });
              const canvas = document.querySelector('canvas');
              const context = canvas?.getContext('2d');
              if (!canvas || !context) return NaN;
              // The row of pixels near the spike's tip: what is lit there is the spike.
              const y = Math.round(canvas.height * 0.12);
              const { data } = context.getImageData(0, y, canvas.width, 1);
              const lit = Array.from({ length: canvas.width }, (_, x) => x).filter((x) => (data[4 * x + 3] ?? 0) > 60);
              const place = canvas.getBoundingClientRect();
              return (
                place.left + ((lit.reduce((sum, x) => sum + x, 0) / lit.length + 0.5) / canvas.width) * place.width
              );
            }, token);
            const main = await tab.locator('main').boundingBox();
            expect(
              Math.abs(at - ((main?.x ?? 0) + 8 + LEFT + (token + 0.5 - 100) * scale)),
              `${String(token)} × ${String(ratio)}`,
            ).toBeLessThan(0.6);
          }
        });
      }
    });

    it('say which token the pointer is on, and which was clicked; the crosshair is set from outside', async () => {
      await on({ query: `${query}&cursor=120`, width: WIDTH + 16 }, async (tab) => {
        const plot = tab.locator('.u-over');
        const box = await plot.boundingBox();
        if (box === null) throw new Error('it is there');
        const crosshair = (): Promise<number> =>
          tab.locator('.u-cursor-x').evaluate((line) => line.getBoundingClientRect().right);
        expect(Math.abs((await crosshair()) - (box.x + 20.5 * scale))).toBeLessThan(1.5);
        await tab.evaluate(() => window.gallery.lines?.setCursor(140));
        expect(Math.abs((await crosshair()) - (box.x + 40.5 * scale))).toBeLessThan(1.5);
        expect(await chosen(tab)).toEqual([]);
        await tab.mouse.move(box.x + 10.2 * scale, box.y + 20);
        await tab.mouse.down();
        await tab.mouse.up();
        await tab.mouse.move(box.x + 10.2 * scale, box.y + box.height + 60);
        await expect.poll(() => chosen(tab)).toEqual(['hover 110', 'pick 110 0/17', 'hover undefined']);
      });
    });

    it('are switched off and on in all plots by their keys', async () => {
      await on({ query: 'part=lines&width=700&units=17,5', width: 720 }, async (tab) => {
        const forget = tab.getByRole('button', { name: /forget/u });
        const pressed = (): Promise<readonly (string | null)[]> =>
          forget.evaluateAll((found) => found.map((key) => key.getAttribute('aria-pressed')));
        expect(await pressed()).toEqual(['true', 'true']);
        const before = await tab.locator('canvas').first().screenshot();
        await forget.first().focus();
        await tab.keyboard.press('Enter');
        expect(await pressed()).toEqual(['false', 'false']);
        await drawn(tab);
        expect(before.equals(await tab.locator('canvas').first().screenshot())).toBe(false);
        await tab.keyboard.press('Enter');
        await drawn(tab);
        expect(before.equals(await tab.locator('canvas').first().screenshot())).toBe(true);
        await tab.getByRole('button', { name: 'Unpin l0, unit 5' }).click();
        expect((await chosen(tab)).at(-1)).toBe('unpin 0/5');
      });
    });

    it('say in words what they show', async () => {
      await on({ query: 'part=lines&width=400&from=0&to=1600&level=4' }, async (tab) => {
        const label = await tab.locator('.line-plot').getAttribute('aria-label');
        expect(label).toMatch(
          /^Lines of l0, unit 17, tokens 0 to 1,599: cell from −?\d\.\d\d to \d\.\d\d, hidden from/u,
        );
      });
    });

    it('on their way are an empty frame; without a pinned unit they say what to do', async () => {
      await on({ query: `${query}&state=first` }, async (tab) => {
        expect(await tab.locator('.line-plot.pending').count()).toBe(1);
      });
      await on({ query: `${query}&state=idle` }, async (tab) => {
        expect(await tab.locator('.line-plots .advice').innerText()).toContain('Pin a unit');
      });
    });
  });

  it.each(['cell', 'why', 'lines'])(
    '%s: what takes the keys has a name, no id is there twice, pictures have words',
    async (part) => {
      await on({ query: `part=${part}&units=3,5` }, async (tab) => {
        await drawn(tab);
        const found = await tab.evaluate(() => {
          const focusable = [...document.querySelectorAll<HTMLElement>('button, [tabindex="0"]')];
          const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
          return {
            nameless: focusable.filter(
              (element) => (element.getAttribute('aria-label') ?? element.textContent).trim() === '',
            ).length,
            twice: ids.length - new Set(ids).size,
            naked: [...document.querySelectorAll('canvas, svg')].filter(
              (image) => image.closest('[aria-hidden="true"]') === null,
            ).length,
            unlabelled: [...document.querySelectorAll('figure, section')].filter(
              (region) => !region.hasAttribute('aria-label'),
            ).length,
          };
        });
        expect(found).toEqual({ nameless: 0, twice: 0, naked: 0, unlabelled: 0 });
      });
    },
  );

  const CASES = ['lstm', 'gru', 'rnn'].flatMap((cell) =>
    ['dark', 'light', 'hc', 'hcLight'].map((theme) => [cell, theme] as const),
  );
  it.each(CASES)('pictures: %s, %s', async (cell, theme) => {
    for (const part of ['cell', 'why', 'lines']) {
      for (const width of [320, 700]) {
        const options = {
          query: `part=${part}&cell=${cell}&width=${String(width)}&cursor=120`,
          theme,
          width: width + 16,
        };
        await on(options as OpenOptions, async (tab) => {
          await drawn(tab);
          await tab.screenshot({
            path: `${SHOTS}/inspector-${part}-${cell}-${theme}-${String(width)}.png`,
            fullPage: true,
          });
          expect(
            await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
          ).toBe(0);
        });
      }
    }
  });
});
