/**
 * What a person sees, taken from the installed extension to be looked at (test-results/*.png): every track in every kind
 * of theme, near and far, likeness and lines, and the cell of each kind. What is asserted is that each is there.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../vscode/install.mjs';
import type { Code, Window } from '../../vscode/window';
import { atDesk } from './desk';

const MODELS = join(ROOT, 'test', 'fixtures', 'models');
/** Tall enough for all tracks at once. */
const SIZE = { width: 1400, height: 1380 };
/** Plain settings: the picture has the room. */
const SETTINGS = { 'editor.minimap.enabled': false, 'editor.wordWrap': 'on' };

describe('in pictures, a person', () => {
  let folder: string;
  let code: Code;
  let window: Window;
  let view: Frame;

  atDesk(
    (desk) => {
      ({ folder, code, window } = desk);
    },
    {
      lay: (folder) => {
        for (const name of ['gru', 'rnn']) {
          for (const file of [`${name}.safetensors`, `${name}.gatescope.json`])
            cpSync(join(MODELS, file), join(folder, file));
        }
        const sample = readFileSync(join(folder, 'english.txt'), 'utf8');
        writeFileSync(join(folder, 'lower.txt'), sample.toLowerCase().replaceAll(/[^a-z.,'\n -]/g, ''));
        // About a megabyte, with a place in it that no model of English expects.
        const half = sample.repeat(380);
        writeFileSync(join(folder, 'long.txt'), `${half}\n\u0416\u4e2d\u0416\u4e2d\u0416\u4e2d\n${half}`);
      },
      settings: SETTINGS,
      window: { size: SIZE },
    },
  );

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await window.page.keyboard.press(key);
  };
  /** After what is on its way has come and was drawn. */
  const picture = async (name: string, settle = 900): Promise<void> => {
    await window.page.waitForTimeout(settle);
    await window.screenshot(`picture-${name}`);
  };
  const label = async (): Promise<string> => (await view.locator('.surface').getAttribute('aria-label')) ?? '';
  const inspector = async (tab: string): Promise<void> => {
    await view.getByRole('tab', { name: tab, exact: true }).click();
    await expect.poll(() => view.locator('.inspector').getAttribute('data-tab')).toBe(tab.toLowerCase());
  };
  /** Clicks into the picture, by shares of its width and height. */
  const mark = async (x: number, y: number): Promise<void> => {
    const surface = view.locator('.surface');
    const box = await surface.boundingBox();
    await surface.click({ position: { x: (box?.width ?? 0) * x, y: (box?.height ?? 0) * y } });
  };
  const trace = async (file: string): Promise<void> => {
    await window.command('Notifications: Clear All Notifications');
    // Beside the heatmap, not over it.
    await window.page.locator('.editor-instance .view-lines').first().click();
    await window.openFile(file);
    await window.command('Gatescope: Trace LSTM');
    await view.getByText(file).first().waitFor();
    await view.getByText(/bits\/(?:byte|token)/).waitFor();
  };

  it('sees every track, in dark, light and high contrast', async () => {
    await window.openFile('english.txt');
    await window.command('Gatescope: Trace LSTM');
    await window
      .statusBar()
      .getByText(/bits\/byte/)
      .waitFor();
    await window.command('Gatescope: Open Heatmap in Editor');
    view = await window.webview('body[data-gatescope-view="editor"] canvas');
    await window.page.locator('.editor-instance .view-lines').first().click();
    await press('Control+B');
    await window.page.locator('.part.sidebar').waitFor({ state: 'hidden' });
    await view.locator('.toolbar [aria-label="Tracks"]').first().click();
    for (const signal of ['change', 'written', 'kept', 'saturation'])
      await view.locator(`[data-add="${signal}"]`).click();
    await picture('tracks-menu');
    await press('Escape');
    await expect.poll(label).toMatch(/loss, .*hidden, change, written, kept, saturation/);
    await mark(0.4, 0.5);
    for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
      await code.configure({ theme, settings: SETTINGS });
      await picture(`tracks-${theme}`);
    }
    await code.configure({ theme: 'dark', settings: SETTINGS });
  });

  it('looks into the cell of an LSTM, and why', async () => {
    await view.locator('.toolbar [aria-label="Tracks"]').first().click();
    await view.getByRole('button', { name: 'Reset tracks' }).click();
    await press('Escape');
    await mark(0.4, 0.6);
    await inspector('Cell');
    await expect.poll(() => view.locator('.cell-view .filled').innerText()).toMatch(/c = /);
    await picture('cell-lstm-dark');
    await code.configure({ theme: 'light', settings: SETTINGS });
    await picture('cell-lstm-light');
    await code.configure({ theme: 'dark', settings: SETTINGS });
    await inspector('Why');
    await picture('why-dark');
  });

  it('sees single characters, and what was expected', async () => {
    await inspector('Values');
    await view.locator('.surface').focus();
    await press(...Array.from({ length: 6 }, () => '+'));
    await picture('near-dark');
    await press('0');
  });

  it('sees like units together, and pinned ones as lines', async () => {
    await view.locator('.toolbar [aria-label="Rows"]').first().click();
    await view.locator('.rows-menu input[value="clusters"]').check();
    await expect.poll(label).toMatch(/by likeness/);
    await press('Escape');
    await picture('clusters-dark', 2000);
    await code.configure({ theme: 'light', settings: SETTINGS });
    await picture('clusters-light');
    await code.configure({ theme: 'dark', settings: SETTINGS });
    await view.locator('.surface').focus();
    await press(...Array.from({ length: 10 }, () => '+'), 'p', 'Shift+ArrowDown', 'Shift+ArrowDown', 'p');
    await inspector('Lines');
    await expect.poll(() => view.locator('.line-plot canvas').count()).toBe(2);
    await picture('lines-dark', 1500);
    await code.configure({ theme: 'light', settings: SETTINGS });
    await picture('lines-light');
  });

  it.each(['gru', 'rnn'])('looks into the cell of a model of %s', async (model) => {
    const settings = { ...SETTINGS, 'gatescope.model': join(folder, `${model}.safetensors`) };
    await code.configure({ theme: 'dark', settings });
    await trace('lower.txt');
    await view.locator('.titlebar, main').getByText(model).first().waitFor();
    await mark(0.4, 0.6);
    await inspector('Cell');
    await expect.poll(() => view.locator('.cell-view .filled').innerText()).toMatch(/h = /);
    await picture(`cell-${model}-dark`);
    await code.configure({ theme: 'light', settings });
    await picture(`cell-${model}-light`);
  });

  it('sees a megabyte at once, and the place that does not belong', async () => {
    await code.configure({ theme: 'dark', settings: SETTINGS });
    await trace('long.txt');
    await inspector('Values');
    // Per cent are said there until all of it is traced.
    await window
      .statusBar()
      .getByText(/bits\/byte/)
      .waitFor({ timeout: 150_000 });
    await view.locator('.surface').focus();
    await press('0');
    await expect.poll(label).toMatch(/tokens 0 to 99\d,\d+ of/);
    await picture('far-dark', 4000);
    await code.configure({ theme: 'light', settings: SETTINGS });
    await picture('far-light');
    // The largest loss is where the text is of another language.
    await press('l');
    await picture('spike-light', 2500);
  });
});
