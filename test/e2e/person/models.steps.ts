/** What a person does with a model of their own: finds it, looks at it, says how it reads, checks it, drops another. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../../vscode/install.mjs';
import { sampleWorkspace } from '../../vscode/samples.mjs';
import { startCode, type Code, type Window } from '../../vscode/window';
import { atDesk } from './desk';

const FIXTURES = join(ROOT, 'test', 'fixtures', 'models');

describe('with a model of their own, a person', () => {
  let folder: string;
  let code: Code;
  let window: Window;
  let page: Frame;

  atDesk(
    (desk) => {
      ({ folder, code, window } = desk);
    },
    {
      lay: (folder) => {
        mkdirSync(join(folder, 'models'));
        cpSync(FIXTURES, join(folder, 'models'), { recursive: true });
        writeFileSync(join(folder, 'models', 'broken.safetensors'), 'not a model');
      },
    },
  );
  beforeAll(async () => {
    await window.statusBar().getByText('Bundled model').waitFor();
  });

  /** A command that asks something itself: the palette's input does not go away. */
  const palette = async (title: string): Promise<void> => {
    await window.page.keyboard.press('F1');
    await window.quickInput().fill(`>${title}`);
    await window.quickEntries().filter({ hasText: title }).first().click();
  };
  const pick = (text: string): Promise<void> => window.quickEntries().filter({ hasText: text }).first().click();
  const row = (text: string): Locator =>
    window.page.locator('.pane-body .monaco-list-row').filter({ hasText: text }).first();
  const noNotes = async (): Promise<void> => {
    await window.command('Notifications: Clear All Notifications');
  };

  it('finds it in the Models view, with what it is', async () => {
    await window.page.locator('.activitybar').getByRole('tab', { name: 'Gatescope' }).click();
    const pane = (name: string): Locator => window.page.locator('.pane-header').filter({ hasText: name });
    await pane('Models').click();
    await pane('Heatmap').click();
    await row('letters')
      .getByText(/LSTM, 16 units/)
      .waitFor();
    await row('broken')
      .getByText(/cannot be read/)
      .waitFor();
    await row('letters').locator('.monaco-tl-twistie').click();
    await row('Gates in the file').waitFor();
    await window.screenshot('models-view-dark');
  });

  it('opens its page and sees its matrices', async () => {
    await row('letters').click();
    page = await window.webview('.model-page .blocks');
    await page.locator('[data-matrix="l0.weight_hh"] .radius').first().waitFor();
    expect(await page.locator('h1').innerText()).toBe('letters');
    expect(await page.locator('[data-matrix="l0.weight_hh"] canvas').count()).toBe(4);
    await window.page.waitForTimeout(800);
    await window.screenshot('model-page-dark');
    await code.configure({ theme: 'light' });
    await window.screenshot('model-page-light');
    await code.configure({ theme: 'dark' });
  });

  it('uses it, and is asked how it reads text', async () => {
    await page.getByRole('button', { name: 'Use this model' }).click();
    await page.locator('.in-use').waitFor();
    await window.openFile('english.txt');
    await palette('Gatescope: Trace LSTM');
    await window.quickEntries().filter({ hasText: 'Characters of a training text' }).waitFor();
    await window.screenshot('tokenizer-dark');
    await pick('letters-chars.json');
    await window
      .statusBar()
      .getByText(/letters.*bits\/token/)
      .waitFor();
    const sidecar: unknown = JSON.parse(readFileSync(join(folder, 'models', 'letters.gatescope.json'), 'utf8'));
    expect(sidecar).toMatchObject({ tokenizer: { kind: 'characters' } });
    // Its alphabet has no capital letters: they are marked.
    await expect.poll(() => window.page.locator('.view-overlays [class*="ced-"]').count()).toBeGreaterThan(0);
    await window.page.waitForTimeout(600);
    await window.screenshot('unknown-tokens-dark');
    await noNotes();
  });

  it('verifies it against what PyTorch wrote, and is shown where another differs', async () => {
    await palette('Gatescope: Verify Against Reference');
    await pick('letters.npz');
    await pick('letters.txt');
    await window
      .notifications()
      .filter({ hasText: /letters agrees with letters\.npz \(max error/ })
      .waitFor();
    await noNotes();
    await palette('Gatescope: Verify Against Reference');
    await pick('letters-differs.npz');
    await pick('letters-differs.txt');
    const note = window.notifications().filter({ hasText: /differs from letters-differs\.npz first at token 12/ });
    await note.waitFor();
    await window.page.locator('.tab.active').filter({ hasText: 'letters-differs.txt' }).waitFor();
    await expect
      .poll(() => window.statusBar().locator('[id="status.editor.selection"]').innerText())
      .toMatch(/Col 14 .*1 selected/);
    await window.screenshot('verify-dark');
    await note.hover();
    await note.getByRole('button', { name: 'Show in Heatmap' }).click();
    const heat = await window.webview('canvas');
    await heat.getByText('token 12').first().waitFor();
    await noNotes();
  });

  it('drops a file from elsewhere onto the view, and it is loaded', async () => {
    const bytes = [...readFileSync(join(FIXTURES, 'letters.safetensors'))];
    await row('Workspace').waitFor();
    const data = await window.page.evaluateHandle((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(content)], 'dropped.safetensors'));
      return transfer;
    }, bytes);
    for (const event of ['dragenter', 'dragover', 'drop'])
      await row('Workspace').dispatchEvent(event, { dataTransfer: data });
    page = await window.webview('.model-page .in-use:not([hidden])');
    expect(await page.locator('h1').innerText()).toBe('dropped');
    await window.statusBar().getByText('dropped').waitFor();
    await noNotes();
  });

  it('copies an export snippet and pastes it', async () => {
    await palette('Gatescope: Copy Export Snippet');
    await pick('PyTorch, a model over text');
    const note = window.notifications().filter({ hasText: 'snippet is on the clipboard' });
    await note.hover();
    await note.getByRole('button', { name: 'Show It' }).click();
    await window.page.locator('.view-lines').getByText('import torch', { exact: true }).first().waitFor();
    await noNotes();
  });
});

describe('in Restricted Mode, a person', () => {
  let folder: string;
  let code: Code;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatescope-restricted-'));
    sampleWorkspace(folder);
    cpSync(join(FIXTURES, 'letters.safetensors'), join(folder, 'letters.safetensors'));
    writeFileSync(join(folder, 'stranger.h5'), Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a));
    code = await startCode({ folder, vsix: [inject('vsix')], restricted: true });
  });

  afterAll(async () => {
    await code.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sees why a stranger’s file is not read, and that a safetensors file is', async () => {
    const window = await code.open();
    await window.statusBar().getByText('Bundled model').waitFor();
    await window.page.locator('.activitybar').getByRole('tab', { name: 'Gatescope' }).click();
    await window.page.locator('.pane-header').filter({ hasText: 'Models' }).click();
    await window.page.locator('.pane-header').filter({ hasText: 'Heatmap' }).click();
    const row = (text: string): Locator =>
      window.page.locator('.pane-body .monaco-list-row').filter({ hasText: text }).first();
    await row('letters')
      .getByText(/LSTM, 16 units/)
      .waitFor();
    await row('stranger').click();
    const page = await window.webview('.scene.failed');
    await page.getByText('is not read in Restricted Mode').first().waitFor();
    await page.getByRole('button', { name: 'Manage trust' }).waitFor();
    await window.screenshot('restricted-dark');
  });
});
