/** What a user downloads: nothing but what is needed, and small. */
import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packagedFiles, packageExtension } from './vscode/package.mjs';

const ALLOWED = [
  /^package\.json$/,
  /^package\.nls(\.zh-cn)?\.json$/,
  /^l10n\/bundle\.l10n\.zh-cn\.json$/,
  /^(README|CHANGELOG)\.md$/i,
  /^LICENSE(\.txt)?$/,
  /^dist\/(extension|worker|helper|webview|controls|models)\.js$/,
  /^dist\/(webview|models)\.css$/,
  /^dist\/kernels(-relaxed)?(-shared)?\.wasm$/,
  /^dist\/licenses\.txt$/,
  /^media\/icons\/[\w-]+\.(svg|png)$/,
  /^media\/models\/[\w-]+\.safetensors$/,
  /^media\/models\/README\.md$/,
  /^media\/samples\/[^/]+\.(txt|ts)$/,
];
const NEEDED = [
  'package.json',
  'package.nls.json',
  'package.nls.zh-cn.json',
  'l10n/bundle.l10n.zh-cn.json',
  'dist/extension.js',
  'dist/worker.js',
  'dist/helper.js',
  'dist/controls.js',
  'dist/webview.js',
  'dist/models.js',
  'dist/kernels.wasm',
  'dist/kernels-relaxed.wasm',
  'dist/kernels-shared.wasm',
  'dist/kernels-relaxed-shared.wasm',
  'dist/licenses.txt',
];
const MOST_BYTES = 3 * 2 ** 20;

describe('the package', () => {
  const files = packagedFiles();

  it('holds nothing but what is needed', () => {
    expect(files.filter((file) => !ALLOWED.some((pattern) => pattern.test(file)))).toEqual([]);
  });

  it.each(NEEDED)('holds %s', (file) => {
    expect(files).toContain(file);
  });

  it('is at most 3 MB', () => {
    expect(statSync(packageExtension()).size).toBeLessThanOrEqual(MOST_BYTES);
  });
});
