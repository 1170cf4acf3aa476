/** What a person does first: trace a text, look, click, hover, open the tab, change the theme. */
import type { Frame } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Code, Window } from '../../vscode/window';
import { atDesk } from './desk';

describe('with the packaged extension, a person', () => {
  let code: Code;
  let window: Window;
  let view: Frame;

  atDesk((desk) => {
    ({ code, window } = desk);
  });

  /** How many different colours the canvases of a view show: one when nothing is drawn. */
  const colours = (frame: Frame): Promise<number> =>
    frame.evaluate(() => {
      const seen = new Set<number>();
      for (const canvas of document.querySelectorAll('canvas')) {
        const copy = new OffscreenCanvas(canvas.width || 1, canvas.height || 1);
        const context = copy.getContext('2d');
        context?.drawImage(canvas, 0, 0);
        const { data } = context?.getImageData(0, 0, copy.width, copy.height) ?? { data: new Uint8ClampedArray() };
        for (let n = 0; n < data.length; n += 4 * 97) {
          seen.add(((data[n] ?? 0) << 16) | ((data[n + 1] ?? 0) << 8) | (data[n + 2] ?? 0));
        }
      }
      return seen.size;
    });

  const cursor = (): Promise<string> => window.statusBar().locator('[id="status.editor.selection"]').innerText();

  it('sees the model in the status bar', async () => {
    await window.statusBar().getByText('Bundled model').waitFor();
  });

  it('runs Trace LSTM on a text and sees heatmaps in the side panel', async () => {
    await window.openFile('english.txt');
    await window.command('Gatescope: Trace LSTM');
    view = await window.webview('canvas');
    await expect.poll(() => colours(view), { timeout: 60_000 }).toBeGreaterThan(40);
    await window
      .statusBar()
      .getByText(/bits\/byte/)
      .waitFor();
    await window.page.waitForTimeout(1500);
    await window.screenshot('side-panel-dark');
  });

  it('clicks a column and finds its character selected in the editor', async () => {
    const before = await cursor();
    const canvas = view.locator('canvas').last();
    const box = await canvas.boundingBox();
    expect(box).not.toBeNull();
    await canvas.click({ position: { x: (box?.width ?? 0) * 0.6, y: (box?.height ?? 0) * 0.5 } });
    await expect.poll(cursor).toMatch(/selected/);
    expect(await cursor()).not.toBe(before);
    await window.screenshot('clicked-dark');
  });

  it('hovers a character', async () => {
    await window.page
      .locator('.editor-instance .view-lines')
      .first()
      .click({ position: { x: 60, y: 10 } });
    await window.goTo(1, 6);
    const text = await window.hover(/came/);
    expect(text).toMatch(/bits/);
    expect(text).toMatch(/before/);
    await window.page.waitForTimeout(500);
    await window.screenshot('hover-dark');
    await window.page.keyboard.press('Escape');
  });

  it('opens the heatmap in an editor tab', async () => {
    await window.command('Gatescope: Open Heatmap in Editor');
    await window.page.locator('.tab').filter({ hasText: 'Gatescope' }).waitFor();
    view = await window.webview('body[data-gatescope-view="editor"] canvas');
    await expect.poll(() => colours(view), { timeout: 60_000 }).toBeGreaterThan(40);
    await window.page.waitForTimeout(1500);
    await window.screenshot('editor-dark');
  });

  it('changes to a light theme', async () => {
    await code.configure({ theme: 'light' });
    await expect.poll(() => colours(view), { timeout: 60_000 }).toBeGreaterThan(40);
    await window.screenshot('editor-light');
    await window.page.locator('.tab').filter({ hasText: 'english.txt' }).first().click();
    await window.goTo(1, 6);
    await window.hover(/came/);
    await window.page.waitForTimeout(500);
    await window.screenshot('hover-light');
    await window.page.keyboard.press('Escape');
  });
});
