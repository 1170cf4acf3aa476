/** Takes the README's picture anew, of the packaged extension in the real VS Code: `npm run picture`. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { ROOT } from './install.mjs';
import { packageExtension } from './package.mjs';
import { sampleWorkspace } from './samples.mjs';
import { startCode } from './window';

const SIZE = { width: 1440, height: 860 };
const TARGET = join(ROOT, 'media', 'readme', 'heatmap.png');

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
  await window.openFile('english.txt');
  await window.command('Gatescope: Trace LSTM');
  await window
    .statusBar()
    .getByText(/bits\/byte/)
    .waitFor();
  await window.command('Gatescope: Open Heatmap in Editor');
  const view = await window.webview('body[data-gatescope-view="editor"] canvas');
  await window.page.waitForTimeout(1500);
  // Keys go to the text again: the side bar is closed from there.
  await window.page.locator('.editor-instance .view-lines').first().click();
  await window.page.keyboard.press('Control+B');
  await window.page.locator('.part.sidebar').waitFor({ state: 'hidden' });
  await window.page.waitForTimeout(1000);
  // A column and a unit under the crosshair.
  const canvas = view.locator('canvas').last();
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('There is no heatmap.');
  await canvas.click({ position: { x: box.width * 0.47, y: box.height * 0.42 } });
  await canvas.hover({ position: { x: box.width * 0.47, y: box.height * 0.42 } });
  await window.page.waitForTimeout(2500);
  const picture = await window.screenshot('readme');
  mkdirSync(join(TARGET, '..'), { recursive: true });
  renameSync(picture, TARGET);
  console.log(TARGET);
} finally {
  await code.stop();
  rmSync(folder, { recursive: true, force: true });
}
