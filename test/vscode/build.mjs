/**
 * Makes sure that dist/ is there and not older than its sources: for commands that need it without being builds.
 * Run as a script it also installs node_modules first; plain Node without any dependency.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installModules, ROOT } from './install.mjs';

const SOURCES = ['src', 'webview', 'test/e2e/suite', 'esbuild.mjs', 'package-lock.json'];
const OUTPUTS = [
  'extension.js',
  'worker.js',
  'helper.js',
  'cli.js',
  'webview.js',
  'webview.css',
  'controls.js',
  'models.js',
  'models.css',
  'kernels.wasm',
  'kernels-relaxed.wasm',
  'kernels-shared.wasm',
  'kernels-relaxed-shared.wasm',
];

/** @param {string} path @returns {number} time of the last change of a file, or of any file in a folder */
function changed(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => changed(join(path, name))), 0);
}

function fresh() {
  const outputs = OUTPUTS.map((name) => join(ROOT, 'dist', name));
  if (!outputs.every((file) => existsSync(file))) return false;
  const newest = Math.max(...SOURCES.map((name) => changed(join(ROOT, name))));
  return outputs.every((file) => changed(file) >= newest);
}

/** Builds, saying what goes wrong on stderr. @returns {boolean} whether it succeeded */
export function build() {
  return spawnSync(process.execPath, ['esbuild.mjs'], { cwd: ROOT, stdio: ['ignore', 2, 2] }).status === 0;
}

/** @returns {boolean} whether dist/ is now up to date */
export const buildIfStale = () => fresh() || build();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installModules();
  if (!buildIfStale()) process.exit(1);
}
