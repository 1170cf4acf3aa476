/** Takes the README's pictures anew, of the packaged extension in the real VS Code: `npm run picture`. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { ROOT } from './install.mjs';
import { packageExtension } from './package.mjs';
import { sampleWorkspace } from './samples.mjs';
import { startCode } from './window';

const SIZE = { width: 1280, height: 1180 };
const TARGET = join(ROOT, 'media', 'readme');
/** What a picture waits until everything in it has come and was drawn, in milliseconds. */
const SETTLE = 2500;

if (!buildIfStale()) throw new Error('The build failed.');
const folder = mkdtempSync(join(tmpdir(), 'gatescope-picture-'));
sampleWorkspace(folder);
const code = await startCode({
  folder,
  vsix: [packageExtension()],
  settings: { 'editor.minimap.enabled': false, 'editor.wordWrap': 'on' },
});
try {
  const window = await code.open({ size: SIZE });
  const { page } = window;
  const take = async (name: string): Promise<void> => {
    await page.waitForTimeout(SETTLE);
    const picture = await window.screenshot(name);
    mkdirSync(TARGET, { recursive: true });
    renameSync(picture, join(TARGET, `${name}.png`));
    console.log(join(TARGET, `${name}.png`));
  };
  await window.openFile('english.txt');
  await window.command('Gatescope: Trace LSTM');
  await window
    .statusBar()
    .getByText(/bits\/byte/)
    .waitFor();
  await window.command('Gatescope: Open Heatmap in Editor');
  const view = await window.webview('body[data-gatescope-view="editor"] canvas');
  // Keys go to the text again: the side bar is closed from there.
  await page.locator('.editor-instance .view-lines').first().click();
  await page.keyboard.press('Control+B');
  await page.locator('.part.sidebar').waitFor({ state: 'hidden' });
  await page.waitForTimeout(1000);

  const surface = view.locator('.surface');
  const box = await surface.boundingBox();
  if (box === null) throw new Error('There is no heatmap.');
  // A column and a unit, and the cell there.
  await surface.click({ position: { x: box.width * 0.47, y: box.height * 0.6 } });
  // Wherever the click fell, a unit is marked then.
  for (const key of ['ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown']) await page.keyboard.press(key);
  await view.getByRole('tab', { name: 'Cell', exact: true }).click();
  await take('heatmap');

  // Like units together, some of them as lines.
  await view.locator('.toolbar [aria-label="Rows"]').first().click();
  await view.locator('.rows-menu input[value="clusters"]').check();
  await page.keyboard.press('Escape');
  await surface.focus();
  for (const key of ['p', 'Shift+ArrowDown', 'p']) await page.keyboard.press(key);
  await view.getByRole('tab', { name: 'Lines', exact: true }).click();
  await view.locator('.line-plot canvas').nth(1).waitFor();
  await take('clusters');
} finally {
  await code.stop();
  rmSync(folder, { recursive: true, force: true });
}
