/**
 * Fills dist/: the extension, its worker, the command line, the webview and the WASM kernels; and dist-test/ with the
 * suite that runs inside VS Code. `--watch` keeps doing so.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, watch as watchFolder } from 'node:fs';
import { build, context } from 'esbuild';

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, sourcemap: true, logLevel: 'warning', legalComments: 'none' };

/** @type {import('esbuild').BuildOptions} */
const node = { ...common, platform: 'node', target: 'node20', format: 'cjs', external: ['vscode', 'mocha'] };

/** @param {string} folder @returns {string[]} its TypeScript files, however deep */
const sources = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);

// TEMPORARY, until every entry is written.
/** @param {Record<string, string>} entries */
const present = (entries) => Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  {
    ...node,
    entryPoints: present({ extension: 'src/extension.ts', worker: 'src/worker/main.ts', cli: 'src/cli.ts' }),
    outdir: 'dist',
  },
  {
    ...common,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    minify: true,
    // Its styles are imported by main.ts and land in webview.css.
    entryPoints: present({ webview: 'webview/main.ts' }),
    outdir: 'dist',
  },
  { ...node, entryPoints: sources('test/e2e/suite'), outbase: 'test/e2e/suite', outdir: 'dist-test/suite' },
];

/** Compiles the AssemblyScript kernels to dist/kernels.wasm. */
function kernels() {
  const flags = ['--config', 'src/kernels/asconfig.json', '--target', 'release'];
  execFileSync(process.execPath, ['node_modules/assemblyscript/bin/asc.js', ...flags], { stdio: 'inherit' });
}

if (process.argv.includes('--watch')) {
  for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch();
  kernels();
  watchFolder('src/kernels', { recursive: true }, () => {
    try {
      kernels();
    } catch {
      // asc has said what is wrong; the next change may mend it.
    }
  });
} else {
  kernels();
  // esbuild has said what is wrong.
  await Promise.all(bundles.map((options) => build(options))).catch(() => process.exit(1));
}
