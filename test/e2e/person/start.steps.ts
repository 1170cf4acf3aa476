/** What a newcomer does: `npm start`, then open the address that it prints. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../vscode/install.mjs';
import { launchBrowser, Window } from '../../vscode/window';

describe('npm start', () => {
  let start: ChildProcess;
  let browser: Browser;
  let address = '';
  let exit: Promise<number | null>;

  beforeAll(async () => {
    const script = join(ROOT, 'test', 'vscode', 'start.mjs');
    // Port 0 is any free one.
    start = spawn(process.execPath, [script, '--server', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    exit = new Promise((resolve) => start.once('exit', resolve));
    address = await new Promise((resolve, reject) => {
      let output = '';
      start.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const url = /running at (http:\S+)/.exec(output)?.[1];
        if (url !== undefined) resolve(url);
      });
      void exit.then((code) => {
        reject(new Error(`npm start ended with ${String(code)}:\n${output}`));
      });
    });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    start.kill('SIGKILL');
    await browser.close();
  });

  it.each(['dark', 'light'] as const)('shows a traced sample (%s)', async (colorScheme) => {
    const window = await Window.open(browser, address, { colorScheme });
    await window.page.locator('.tab.active').filter({ hasText: 'english.txt' }).waitFor();
    const view = await window.webview('canvas');
    await view.getByText('bits').first().waitFor();
    // The first tiles are drawn a moment after the numbers are there.
    await window.page.waitForTimeout(3000);
    await window.screenshot(`start-${colorScheme}`);
    expect(await window.notifications().allInnerTexts()).toEqual([]);
    await window.close();
  });

  it('ends at Ctrl+C, and its server with it', async () => {
    start.kill('SIGINT');
    expect(await exit).toBe(130);
    await expect(fetch(address)).rejects.toThrow('fetch failed');
  });
});
