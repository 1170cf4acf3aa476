/** Packages the extension as a user gets it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { readPackage, ROOT } from './install.mjs';

const VSCE = join(ROOT, 'node_modules', '@vscode', 'vsce', 'vsce');

/** @param {string[]} args @returns {string} what vsce says */
const vsce = (...args) =>
  execFileSync(process.execPath, [VSCE, ...args, '--no-dependencies'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** @returns {string} the VSIX of what is built now */
export function packageExtension() {
  const { name, version } = readPackage(join(ROOT, 'package.json'));
  const file = join(ROOT, `${name}-${version}.vsix`);
  vsce('package', '--allow-missing-repository', '--out', file);
  return file;
}

/** @returns {string[]} the files it would hold */
export const packagedFiles = () => vsce('ls').trim().split('\n').sort();
