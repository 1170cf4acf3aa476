/** Packages the extension as a user gets it. Run as a script it packages what is built now. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPackage, ROOT } from './install.mjs';

const VSCE = join(ROOT, 'node_modules', '@vscode', 'vsce', 'vsce');

/** A line that is a picture of this repository: VS Code shows an extension's README with pictures from https only. */
const LOCAL_PICTURE = /^!\[[^\]]*\]\((?!https:)[^)]*\)\n+/gm;

/** @param {string} cwd @param {string[]} args @returns {string} what vsce says */
export const vsce = (cwd, ...args) =>
  execFileSync(process.execPath, [VSCE, ...args, '--no-dependencies'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** @returns {string[]} the files that the package holds */
export const packagedFiles = () => vsce(ROOT, 'ls').trim().split('\n').sort();

/** @returns {string} the VSIX of what is built now */
export function packageExtension() {
  const { name, version } = readPackage(join(ROOT, 'package.json'));
  const file = join(ROOT, `${name}-${version}.vsix`);
  const stage = mkdtempSync(join(tmpdir(), 'gatescope-package-'));
  try {
    for (const path of ['.vscodeignore', ...packagedFiles()]) {
      const [from, to] = [join(ROOT, path), join(stage, path)];
      if (path === 'README.md') writeFileSync(to, readFileSync(from, 'utf8').replace(LOCAL_PICTURE, ''));
      else cpSync(from, to);
    }
    // There is no published repository whose address could take the place of relative links.
    vsce(stage, 'package', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', file);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(packageExtension());
