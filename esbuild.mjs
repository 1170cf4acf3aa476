/**
 * Fills dist/: the extension, its worker, the command line, the webview and the WASM kernels; and dist-test/ with the
 * suite that runs inside VS Code. `--watch` keeps doing so.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, watch as watchFolder, writeFileSync } from 'node:fs';
import { build, context } from 'esbuild';

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, sourcemap: true, logLevel: 'warning', legalComments: 'none', metafile: true };

/** @type {import('esbuild').BuildOptions} */
const node = { ...common, platform: 'node', target: 'node20', format: 'cjs', external: ['vscode', 'mocha'] };

/**
 * Has each module use VS Code's API as it is. esbuild copies its hundreds of properties for every module that imports it,
 * in case it were no CommonJS module: half of the time that the extension took to start.
 *
 * @type {import('esbuild').Plugin}
 */
const vscodeAsItIs = {
  name: 'vscode as it is',
  setup: (build) => {
    build.onEnd(({ errors }) => {
      if (errors.length > 0) return;
      const file = 'dist/extension.js';
      const text = readFileSync(file, 'utf8');
      const copied = '__toESM(require("vscode"))';
      if (!text.includes(copied)) throw new Error(`${file} imports vscode in a way that esbuild.mjs does not know.`);
      writeFileSync(file, text.replaceAll(copied, 'require("vscode")'));
    });
  },
};

/** @param {string} folder @returns {string[]} its TypeScript files, however deep */
const sources = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  {
    ...node,
    entryPoints: {
      extension: 'src/extension.ts',
      worker: 'src/worker/main.ts',
      helper: 'src/worker/helper.ts',
      cli: 'src/cli.ts',
    },
    outdir: 'dist',
    plugins: [vscodeAsItIs],
  },
  {
    ...common,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    minify: true,
    // Their styles are imported by the entries and land in webview.css and models.css.
    entryPoints: { webview: 'webview/main.ts', controls: 'webview/controls.ts', models: 'webview/models.ts' },
    outdir: 'dist',
  },
  { ...node, entryPoints: sources('test/e2e/suite'), outbase: 'test/e2e/suite', outdir: 'dist-test/suite' },
];

/** @param {string} folder @returns {string} */
function licenseOf(folder) {
  /** @type {unknown} */
  const json = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const { license, author } = /** @type {{ license?: string; author?: string | { name: string } }} */ (json);
  if (license === undefined) throw new Error(`${folder} is bundled, but names no licence.`);
  const name = typeof author === 'object' ? author.name : author;
  return `${license} License${name === undefined ? '' : `, by ${name}`}`;
}

/**
 * Writes dist/licenses.txt: the licence of every package of which something is in a bundle, as their licences ask.
 *
 * @param {import('esbuild').BuildResult[]} results
 */
function licenses(results) {
  const inputs = results.flatMap((result) => Object.keys(result.metafile?.inputs ?? {}));
  const packages = inputs.map((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? '');
  const texts = [...new Set(packages)]
    .filter((folder) => folder !== '')
    .sort()
    .map((folder) => {
      const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
      // Some only name their licence in package.json.
      const text = file === undefined ? licenseOf(folder) : readFileSync(`${folder}/${file}`, 'utf8').trim();
      return `${folder.slice('node_modules/'.length)}\n\n${text}\n`;
    });
  writeFileSync('dist/licenses.txt', texts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** Compiles the AssemblyScript kernels: plain or with relaxed SIMD, each for its own memory or one shared by threads. */
function kernels() {
  for (const target of ['plain', 'relaxed', 'plain-shared', 'relaxed-shared']) {
    const flags = ['--config', 'src/kernels/asconfig.json', '--target', target];
    const asc = ['node_modules/assemblyscript/bin/asc.js', ...flags];
    const { status, stderr } = spawnSync(process.execPath, asc, {
      stdio: ['ignore', 'inherit', 'pipe'],
      encoding: 'utf8',
    });
    // Said of every build that took another round to settle, and of no use to anyone.
    process.stderr.write(stderr.replaceAll('Last converge was suboptimal.\n', ''));
    if (status !== 0) throw new Error(`The kernels could not be compiled for ${target}.`);
  }
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
  const results = await Promise.all(bundles.map((options) => build(options))).catch(() => process.exit(1));
  licenses(results);
}
