/** What a person does later: starts from nothing, meets errors, chooses a model, edits, cancels, reloads. */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../vscode/install.mjs';
import type { Code, Window } from '../../vscode/window';
import { atDesk } from './desk';

describe('every day, a person', () => {
  let code: Code;
  let window: Window;

  atDesk(
    (desk) => {
      ({ code, window } = desk);
    },
    {
      lay: (folder) => {
        const bundled = join(ROOT, 'media', 'models');
        const [name = ''] = readdirSync(bundled).filter((file) => file.endsWith('.safetensors'));
        mkdirSync(join(folder, 'models'));
        cpSync(join(bundled, name), join(folder, 'models', 'mine.safetensors'));
        writeFileSync(join(folder, 'models', 'broken.safetensors'), 'not a model');
        writeFileSync(join(folder, 'long.txt'), 'All work and no play makes a long text.\n'.repeat(100_000));
        writeFileSync(join(folder, 'numbers.bin'), Uint8Array.of(0, 1, 2, 0, 3, 4));
      },
    },
  );

  const chooseModel = async (label: string): Promise<void> => {
    await window.page.keyboard.press('F1');
    await window.quickInput().fill('>Gatescope: Select Model');
    await window.quickEntries().filter({ hasText: 'Select Model' }).first().click();
    await window.quickEntries().filter({ hasText: label }).first().click();
  };

  /** A menu ignores a press that comes too soon after it opened: it could be the one that opened it. */
  const chooseFromMenu = async (on: Locator, name: string): Promise<void> => {
    await on.click({ button: 'right' });
    const item = window.page.getByRole('menuitem', { name });
    const pressed = async (): Promise<boolean> => {
      await item.click({ timeout: 2000 }).catch(() => undefined);
      await item.waitFor({ state: 'hidden', timeout: 2000 }).catch(() => undefined);
      return !(await item.isVisible());
    };
    await item.waitFor();
    await expect.poll(pressed).toBe(true);
  };

  const pressNotification = async (text: string, button: string): Promise<void> => {
    const note = window.notifications().filter({ hasText: text }).first();
    await note.waitFor();
    await note.getByRole('button', { name: button }).click();
  };

  it('opens the side panel, is told what to do, and traces a sample by its button', async () => {
    await window.page.locator('.activitybar').getByRole('tab', { name: 'Gatescope' }).click();
    const view = await window.webview('body[data-gatescope-view="sidebar"] #app *');
    await window.page.waitForTimeout(1500);
    await window.screenshot('empty-dark');
    await view
      .getByText(/sample/i)
      .first()
      .click();
    await window
      .statusBar()
      .getByText(/bits\/byte/)
      .waitFor();
    await window.webview('canvas');
    await window.command('View: Close All Editors');
  });

  it('traces a file from the explorer by its menu', async () => {
    await window.page.keyboard.press('Control+Shift+E');
    const file = window.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: '中文.txt' });
    await chooseFromMenu(file, 'Trace LSTM');
    await window.page.locator('.tab').filter({ hasText: '中文.txt' }).waitFor();
    const view = await window.webview('canvas');
    await view.getByText('中文.txt').first().waitFor();
    await window.page.locator('.tab').filter({ hasText: '中文.txt' }).click();
    await window.goTo(1, 3);
    expect(await window.hover(/3 bytes/)).toMatch(/bits/);
    await window.page.waitForTimeout(500);
    await window.screenshot('hover-chinese-dark');
  });

  it('follows a link from the hover to a unit in the heatmap', async () => {
    const link = window.page.locator('.monaco-hover-content table a').first();
    const unit = await link.innerText();
    await link.click();
    const view = await window.webview('canvas');
    await view
      .getByText(new RegExp(`unit ${unit} `))
      .first()
      .waitFor();
    await window.screenshot('focused-dark');
    await window.page.keyboard.press('Escape');
  });

  it('reads why a binary file cannot be traced', async () => {
    await window.page.keyboard.press('Control+Shift+E');
    const file = window.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: 'numbers.bin' });
    await chooseFromMenu(file, 'Trace LSTM');
    await window.notifications().filter({ hasText: 'binary' }).first().waitFor();
    await window.page.waitForTimeout(1000);
    await window.screenshot('binary-dark');
    await window.command('Notifications: Clear All Notifications');
  });

  it('chooses a model, and is asked whether to trace with it', async () => {
    await window.openFile('english.txt');
    await window.command('Gatescope: Trace LSTM');
    await window
      .statusBar()
      .getByText(/bits\/byte/)
      .waitFor();
    await window
      .statusBar()
      .getByText(/bits\/byte/)
      .click();
    await window.quickEntries().filter({ hasText: 'broken' }).first().waitFor();
    await window.screenshot('models-dark');
    await window.page.keyboard.press('Escape');
    // Away from the status bar: its tooltip would cover the question.
    await window.goTo(1, 1);
    await window.page.mouse.move(700, 600);
    await chooseModel('broken');
    await pressNotification('broken', 'Trace Again');
    const error = window.notifications().filter({ hasText: 'broken.safetensors' }).first();
    await error.waitFor();
    await window.page.waitForTimeout(1000);
    await window.screenshot('broken-model-dark');
    await window.command('Notifications: Clear All Notifications');
    await chooseModel('mine');
    await pressNotification('mine', 'Trace Again');
    await window
      .statusBar()
      .getByText(/bits\/byte/)
      .waitFor();
  });

  /** A step back for each word. */
  const undo = async (): Promise<void> => {
    await window.page.keyboard.press('Control+Z');
    await window.page.keyboard.press('Control+Z');
  };

  it('types, and the picture follows', async () => {
    await window.openFile('english.txt');
    await window.goTo(1, 1);
    const view = await window.webview('canvas');
    const tokens = async (): Promise<number> =>
      Number(/^(\d+) tokens/.exec((await view.locator('.facts').innerText()).replaceAll(',', ''))?.[1]);
    const before = await tokens();
    // As one piece: no suggestion's list can take a key.
    await window.page.keyboard.insertText('Oh! ');
    await expect.poll(tokens).toBe(before + 4);
    await expect.poll(() => view.getByText(/edited since it was traced/).isVisible()).toBe(false);
    await window.goTo(1, 2);
    expect(await window.hover(/came/)).toMatch(/bits/);
    await window.screenshot('followed-dark');
    await window.page.keyboard.press('Escape');
    await window.goTo(1, 5);
    await undo();
    await expect.poll(tokens).toBe(before);
  });

  it('edits the text and is offered to trace again, where the trace is not to follow', async () => {
    await code.configure({ settings: { 'gatescope.followEdits': false } });
    await window.openFile('english.txt');
    await window.goTo(1, 1);
    const view = await window.webview('canvas');
    const edited = view.getByText(/edited since it was traced/).first();
    await window.page.keyboard.insertText('Oh! ');
    await edited.waitFor();
    await window.screenshot('stale-dark');
    await undo();
    await edited.waitFor({ state: 'hidden' });
    await code.configure({});
  });

  it('stops a long trace and keeps what is there', async () => {
    await window.openFile('long.txt');
    const note = window.notifications().filter({ hasText: 'Tracing long.txt' }).first();
    // VS Code forgets the first key of a chord after a while, which a busy machine may take for the second.
    for (let tries = 0; tries < 5 && !(await note.isVisible()); tries++) {
      await window.page.keyboard.press('Control+K');
      await window.page.waitForTimeout(300);
      await window.page.keyboard.press('Control+G');
      await window.page.waitForTimeout(6000);
    }
    await note.waitFor();
    await window.page.waitForTimeout(2500);
    await window.screenshot('running-dark');
    await note.hover();
    await note.getByRole('button', { name: 'Cancel' }).click();
    await note.waitFor({ state: 'hidden' });
    await window.page.waitForTimeout(1000);
    await window.screenshot('stopped-dark');
    await window.goTo(1, 5);
    await window.hover(/came/);
  });

  it('finds the heatmap tab again after the window was loaded anew', async () => {
    await window.command('Gatescope: Open Heatmap in Editor');
    await window.webview('body[data-gatescope-view="editor"] #app *');
    await window.command('Developer: Reload Window');
    await window.page.waitForTimeout(5000);
    await window.page.locator('.tab').filter({ hasText: 'Gatescope' }).waitFor();
    await window.webview('body[data-gatescope-view="editor"] #app *');
    await window.page.waitForTimeout(1000);
    await window.screenshot('reloaded-dark');
  });

  it('uses high contrast', async () => {
    await code.configure({ theme: 'high-contrast' });
    await window.openFile('scanner.ts');
    await window.command('Gatescope: Trace LSTM');
    await window
      .statusBar()
      .getByText(/bits\/byte/)
      .waitFor();
    await window.goTo(3, 5);
    await window.hover(/came/);
    await window.page.waitForTimeout(1000);
    await window.screenshot('high-contrast');
  });
});
