/** A scratch workspace with the sample texts, as tests and `npm start` open it. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './install.mjs';

/**
 * Makes a folder anew from media/samples.
 *
 * @param {string} folder
 * @param {Readonly<Record<string, unknown>>} [settings] of the workspace
 */
export function sampleWorkspace(folder, settings) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(ROOT, 'media', 'samples'), folder, { recursive: true });
  if (settings === undefined) return;
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  writeFileSync(join(folder, '.vscode', 'settings.json'), `${JSON.stringify(settings, undefined, 2)}\n`);
}
