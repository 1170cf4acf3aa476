/**
 * A walk through everything with the keyboard alone: no pointer is used, so that whoever has none can do all of it. What
 * is checked is what is seen or read aloud: the readout, brief hints, the editor's selection, the clipboard, files.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Window } from '../../vscode/window';
import { atDesk } from './desk';

const SIDE = 'body[data-gatescope-view="sidebar"] canvas';
const TAB = 'body[data-gatescope-view="editor"] canvas';

describe('with the keyboard alone, a person', () => {
  let folder: string;
  let window: Window;
  let view: Frame;

  atDesk((desk) => {
    ({ folder, window } = desk);
  });
  beforeAll(async () => {
    await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  });

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await window.page.keyboard.press(key);
  };
  /** Runs a command of the palette by typing its name. */
  const run = async (title: string): Promise<void> => {
    await press('F1');
    await window.quickInput().waitFor();
    await window.quickInput().fill(`>${title}`);
    await window.quickEntries().filter({ hasText: title }).first().waitFor();
    await press('Enter');
    await window.quickInput().waitFor({ state: 'hidden' });
  };
  /** Answers a pick that is open by typing and Enter. */
  const pick = async (text: string): Promise<void> => {
    await window.quickInput().waitFor();
    await window.quickInput().fill(text);
    await window.quickEntries().filter({ hasText: text }).first().waitFor();
    await press('Enter');
  };
  const text = (selector: string): Promise<string> =>
    view
      .locator(selector)
      .first()
      .innerText()
      .catch(() => '');
  /** What the view has said last, to the eye and to a screen reader. */
  const said = (): Promise<string> => text('.hint-bubble');
  const label = async (frame = view): Promise<string> =>
    (await frame.locator('.surface').getAttribute('aria-label')) ?? '';
  /** `tokens 0 to 52 of 1,000`, as the view describes itself. */
  const range = async (frame = view): Promise<string> => /tokens [\d,]+ to [\d,]+/.exec(await label(frame))?.[0] ?? '';
  const hasKeyboard = (selector: string): Promise<boolean> =>
    view.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector);
  const selection = (): Promise<string> => window.statusBar().locator('[id="status.editor.selection"]').innerText();
  const focusHeatmap = async (selector = SIDE): Promise<void> => {
    await run('Gatescope: Focus Heatmap');
    view = await window.webview(selector);
    await expect.poll(() => hasKeyboard('.surface')).toBe(true);
  };

  /** Goes through the tracks until one is the current one, from wherever the last steps left. */
  const toTrack = async (name: string): Promise<void> => {
    const here = async (): Promise<boolean> => (await text('[aria-live]')).startsWith(`${name}, `);
    for (let n = 0; n < 20 && !(await here()); n++) {
      await press('Shift+Tab');
      if (!(await hasKeyboard('.surface'))) await focusHeatmap();
      await window.page.waitForTimeout(150);
    }
    await expect.poll(here, { timeout: 2000 }).toBe(true);
  };

  /** Goes by Tab until a control has the keyboard. */
  const tabTo = async (selector: string): Promise<void> => {
    for (let n = 0; n < 24 && !(await hasKeyboard(selector)); n++) await press('Tab');
    expect(await hasKeyboard(selector)).toBe(true);
  };
  const page = async (): Promise<string> => (await view.locator('.inspector').getAttribute('data-tab')) ?? '';
  /** Turns the inspector's pages until one is there. */
  const toPage = async (name: string): Promise<void> => {
    for (let n = 0; n < 4; n++) {
      const before = await page();
      if (before === name) return;
      await press('i');
      await expect.poll(page).not.toBe(before);
    }
    expect(await page()).toBe(name);
  };
  /** Runs a command above which others of like names may stand in the palette; it may ask something. */
  const runExactly = async (title: string): Promise<void> => {
    await press('F1');
    await window.quickInput().waitFor();
    await window.quickInput().fill(`>${title}`);
    await window.quickEntries().filter({ hasText: title }).first().waitFor();
    const chosen = async (): Promise<string> =>
      (await window.quickEntries().and(window.page.locator('.focused')).innerText()).split('\n')[0] ?? '';
    for (let n = 0; n < 12 && (await chosen()) !== title; n++) await press('ArrowDown');
    expect(await chosen()).toBe(title);
    await press('Enter');
  };
  /** Answers a question of VS Code's own, which follows another in the same box. */
  const answer = async (question: RegExp, text: string): Promise<void> => {
    await expect.poll(() => window.quickInput().getAttribute('placeholder')).toMatch(question);
    await window.quickInput().fill(text);
    await window.quickEntries().filter({ hasText: text }).first().waitFor();
    await press('Enter');
  };

  describe('looks', () => {
    it('traces a text and gives the heatmap the keyboard', async () => {
      await press('Control+P');
      await pick('english.txt');
      await window.page.locator('.tab.active').filter({ hasText: 'english.txt' }).waitFor();
      await run('Gatescope: Trace LSTM');
      await window
        .statusBar()
        .getByText(/bits\/byte/)
        .waitFor();
      await focusHeatmap();
    });

    it('moves by token and unit, pans, zooms', async () => {
      await press('ArrowRight');
      await expect.poll(() => text('.token')).toMatch(/^token 0/);
      await press('ArrowRight', 'ArrowDown', 'Shift+ArrowDown');
      await expect.poll(() => text('.token')).toMatch(/^token 1\b/);
      await expect.poll(() => text('.unit')).toMatch(/^unit 10 of/);
      const before = await range();
      await press('PageDown');
      await expect.poll(() => range()).not.toBe(before);
      await press('0');
      const whole = await range();
      // Far enough that a column is a token again.
      await press(...Array.from({ length: 12 }, () => '+'));
      await expect.poll(() => range()).not.toBe(whole);
      await press('Home');
      await expect.poll(() => text('.token')).toMatch(/^token 0/);
    });
  });

  describe('selects', () => {
    it('from the mark on, and the editor with it', async () => {
      await press(...Array.from({ length: 6 }, () => 'Shift+ArrowRight'));
      await expect.poll(selection).toMatch(/\(7 selected\)/);
      const before = await range();
      await press('z');
      await expect.poll(() => range()).not.toBe(before);
      await window.screenshot('keyboard-selected');
    });

    it('in the editor, and the heatmap with it', async () => {
      await press('Enter');
      await window.page.locator('.monaco-editor.focused').first().waitFor();
      await press('Control+Home');
      await expect.poll(selection).toBe('Ln 1, Col 1');
      await press('Shift+ArrowDown');
      await expect.poll(selection).toMatch(/selected\)/);
      const selected = Number(/(\d+) selected/.exec(await selection())?.[1]);
      await focusHeatmap();
      await press('y');
      await expect.poll(() => text('.scope')).toBe(`The selection: ${String(selected)} tokens`);
      await press('Escape');
      await expect.poll(() => hasKeyboard('.surface')).toBe(true);
    });
  });

  describe('arranges', () => {
    it('goes through the tracks by Tab; folds, moves and resizes one', async () => {
      await toTrack('forget');
      await press('Tab');
      await expect.poll(() => text('[aria-live]')).toMatch(/^input, track 5 of/);
      await press('Shift+Tab', 'f');
      await expect.poll(said).toBe('forget folded');
      await press('f');
      await expect.poll(said).toBe('forget opened');
      await press('Alt+ArrowDown');
      await expect.poll(said).toMatch(/^forget is 3 of/);
      await press('Alt+ArrowUp', 'h');
      await window.screenshot('keyboard-track');
    });

    it('leaves the picture by Tab, and comes back', async () => {
      for (let n = 0; n < 12 && (await hasKeyboard('.surface')); n++) await press('Tab');
      expect(await hasKeyboard('.surface')).toBe(false);
      await focusHeatmap();
    });

    it('pins a unit, and sees its lines', async () => {
      await press('ArrowRight', 'ArrowDown', 'p');
      await expect.poll(said).toMatch(/^Unit \d+ is pinned to the top$/);
      await expect.poll(page).toBe('lines');
      await view.locator('.line-plot canvas').first().waitFor();
      await window.page.waitForTimeout(500);
      await window.screenshot('keyboard-lines');
      await press('p');
      await expect.poll(said).toMatch(/^Unit \d+ is no longer pinned$/);
      await view.locator('.line-plots .advice').waitFor();
      await toPage('values');
    });

    it('orders rows by likeness, and shows some of them', async () => {
      await press('r');
      await expect.poll(() => hasKeyboard('.rows-menu input[value="index"]')).toBe(true);
      // The last of four.
      await press('ArrowUp');
      await expect.poll(label).toMatch(/, by likeness;/);
      await tabTo('.rows-menu input[type="text"]');
      await window.page.keyboard.insertText('0-31, 64');
      await expect.poll(label).toMatch(/33 of 256 units/);
      await window.screenshot('keyboard-rows');
      await tabTo('.rows-menu .end button');
      await press('Enter');
      await expect.poll(label).toMatch(/; 256 units of layer l0, by number;/);
      await press('Escape');
      await expect.poll(() => hasKeyboard('.surface')).toBe(true);
    });

    it('adds a track, and takes it away', async () => {
      await press('t');
      await tabTo('[data-add="change"]');
      await press('Enter');
      await expect.poll(label).toMatch(/hidden, change;/);
      await press('Escape');
      await expect.poll(() => hasKeyboard('.surface')).toBe(true);
      await press('t');
      await expect.poll(() => hasKeyboard('.tracks-menu li')).toBe(true);
      await press(...Array.from({ length: 12 }, () => 'ArrowDown'));
      await expect.poll(() => hasKeyboard('li[data-track="change"]')).toBe(true);
      await press('Delete');
      await expect.poll(label).toMatch(/hidden;/);
      await press('Escape');
      await expect.poll(() => hasKeyboard('.surface')).toBe(true);
    });

    it('colours a track', async () => {
      await toTrack('cell');
      await press('c');
      await view.locator('.shade-menu').waitFor();
      const chosen = (): Promise<string> => view.locator('.shade-menu input[name*="map"]:checked').inputValue();
      const before = await chosen();
      await press('ArrowDown');
      await expect.poll(chosen).not.toBe(before);
      await window.screenshot('keyboard-colours');
      await press('ArrowUp');
      await expect.poll(chosen).toBe(before);
      await press('Escape');
      await view.locator('.shade-menu').waitFor({ state: 'hidden' });
      await expect.poll(() => hasKeyboard('.surface')).toBe(true);
    });
  });

  describe('looks into', () => {
    it('a cell, step by step, and why', async () => {
      await press('Home', 'ArrowRight', 'ArrowDown');
      await toPage('cell');
      const caption = (): Promise<string> => text('.cell-view figcaption');
      await expect.poll(caption).toMatch(/· token 1 /);
      await expect.poll(() => text('.cell-view .filled')).toMatch(/c = /);
      const before = await text('.cell-view .filled');
      await press('ArrowRight');
      await expect.poll(caption).toMatch(/· token 2 /);
      await expect.poll(() => text('.cell-view .filled')).not.toBe(before);
      await window.screenshot('keyboard-cell');
      await toPage('why');
      await expect.poll(() => text('.page-why')).toMatch(/W·x/);
      await window.screenshot('keyboard-why');
      // The tabs themselves are in the way of Tab, too.
      await tabTo('[role="tab"][aria-selected="true"]');
      await press('ArrowRight');
      await expect.poll(page).toBe('lines');
      await press('ArrowRight');
      await expect.poll(page).toBe('values');
      await focusHeatmap();
    });

    it('the picture as a table', async () => {
      await press('x');
      await expect.poll(() => hasKeyboard('.table')).toBe(true);
      expect(await text('.table')).toMatch(/Heatmaps of english\.txt[\s\S]*forget[\s\S]*at token/);
      await window.screenshot('keyboard-table');
      await press('x');
      await expect.poll(() => hasKeyboard('.surface')).toBe(true);
    });
  });

  describe('jumps', () => {
    it('to the next line, a loss spike, the largest change', async () => {
      await toPage('values');
      await press('Home');
      for (const key of [']', '.', '>', 'm', 'l']) {
        const before = await text('.token');
        await press(key);
        await expect.poll(() => text('.token'), { message: key }).not.toBe(before);
      }
      await expect.poll(selection).toMatch(/selected/);
      await press('End', ']');
      await expect.poll(said).toBe('No later line');
    });

    it('by commands of the palette too', async () => {
      await press('Home');
      await run('Gatescope: Next Loss Spike');
      await expect.poll(() => text('.token')).not.toMatch(/^token 0\b/);
    });
  });

  describe('takes along', () => {
    const clipboard = (): Promise<string> => window.page.evaluate(() => navigator.clipboard.readText());

    it('copies what is selected', async () => {
      await focusHeatmap();
      await press('Home', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Control+c');
      await expect.poll(said).toMatch(/^Copied 3 tokens/);
      const lines = (await clipboard()).trim().split(/\r?\n/);
      expect(lines.length).toBeGreaterThanOrEqual(4);
      expect(lines[0]).toContain('\t');
    });

    it.each(['png', 'svg'])('saves the picture as %s', async (format) => {
      await press(format === 'png' ? 's' : 'Shift+S');
      const file = join(folder, `picture.${format}`);
      await window.quickInput().waitFor();
      // Its own proposal comes a moment after the box.
      await expect.poll(() => window.quickInput().inputValue()).toMatch(/english/);
      await window.page.waitForTimeout(500);
      await window.quickInput().fill(file);
      await expect.poll(() => window.quickInput().inputValue()).toBe(file);
      await press('Enter');
      await expect.poll(() => existsSync(file)).toBe(true);
      const head = readFileSync(file).subarray(0, 4).toString('latin1');
      expect(head).toBe(format === 'png' ? '\u0089PNG' : '<svg');
      await window
        .notifications()
        .filter({ hasText: `Saved picture.${format}` })
        .first()
        .waitFor();
      await run('Notifications: Clear All Notifications');
      await focusHeatmap();
    });
  });

  describe('asks', () => {
    it('for help', async () => {
      await press('?');
      await view.locator('.help').first().waitFor();
      await window.screenshot('keyboard-help');
      await press('Escape');
      await expect.poll(() => hasKeyboard('.surface')).toBe(true);
    });
  });

  describe('finds everything as it was', () => {
    it('in the editor tab, which moves the side panel with it', async () => {
      // So far out that no view's columns are as wide as they may be: all can show the same stretch.
      await press('Escape', 'Escape', '0', ...Array.from({ length: 6 }, () => '+'), 'Home', 'PageDown', 'PageDown');
      const side = view;
      await run('Gatescope: Open Heatmap in Editor');
      const tab = await window.webview(TAB);
      // Both are asked: what a view says of itself is a frame behind its keys.
      const apart = async (): Promise<boolean> =>
        (await range(tab)).split(' ')[1] !== (await range(side)).split(' ')[1];
      await expect.poll(apart).toBe(false);
      await focusHeatmap(TAB);
      await press('Home', 'PageDown');
      await window.page.waitForTimeout(500);
      await expect.poll(apart).toBe(false);
      await window.screenshot('two-views');
    });

    it('after the heatmap was moved to the panel by VS Code', async () => {
      const before = await range();
      await runExactly('View: Close Editor');
      await window.page.locator('.tab').filter({ hasText: 'Gatescope' }).waitFor({ state: 'detached' });
      await focusHeatmap();
      await toTrack('forget');
      await press('f');
      await expect.poll(said).toBe('forget folded');
      await runExactly('View: Move View');
      await answer(/^Select a View/, 'Heatmap');
      await answer(/^Select a Destination/, 'New Panel Entry');
      await window.page.locator('.part.panel').waitFor();
      view = await window.webview(SIDE);
      await expect.poll(async () => (await range()).split(' ')[1]).toBe(before.split(' ')[1]);
      await window.screenshot('in-the-panel');
    });

    it('after the window was loaded anew', async () => {
      const before = await range();
      await window.page.waitForTimeout(1500);
      await run('Developer: Reload Window');
      await window.page.waitForTimeout(5000);
      await window.statusBar().waitFor();
      await press('Control+P');
      await pick('english.txt');
      await run('Gatescope: Trace LSTM');
      await window
        .statusBar()
        .getByText(/bits\/byte/)
        .waitFor();
      view = await window.webview(SIDE);
      await expect.poll(async () => (await range()).split(' ')[1]).toBe(before.split(' ')[1]);
      await focusHeatmap();
      await toTrack('forget');
      await expect.poll(() => text('[aria-live]')).toMatch(/^forget, folded/);
    });
  });
});
