/**
 * Everything that `npm test` does, from nothing but Node and npm: installs what is missing, builds, checks, runs the
 * unit tests, then the tests in a real VS Code. Its last line counts all of it. Plain Node without any dependency.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build } from './vscode/build.mjs';
import { installChromium, installModules, installServer, readJson, ROOT } from './vscode/install.mjs';

const RESULTS = join(ROOT, 'test-results');
const VITEST = 'node_modules/vitest/vitest.mjs';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * @typedef {object} VitestReport Jest's shape, as Vitest writes it
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 */

const totals = { passed: 0, failed: 0, skipped: 0 };

/** @param {boolean} ok */
const count = (ok) => {
  totals[ok ? 'passed' : 'failed'] += 1;
};

/** Heading with the time since the start, so that a log says what was slow. @param {string} name */
function heading(name) {
  console.log(`\n=== ${name} (${String(Math.round(performance.now() / 1000))} s) ===`);
}

/** @param {string[]} args of Node @returns {boolean} whether it succeeded */
const node = (...args) => spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 1, 2] }).status === 0;

/**
 * Runs Node as often as there are commands, as many at a time as there are cores, and counts each. What one writes is shown
 * when it has ended, so that two do not speak at once.
 *
 * @param {readonly (readonly string[])[]} commands arguments of each; the longest first
 */
async function together(commands) {
  const left = [...commands];
  const next = async () => {
    for (let args = left.shift(); args !== undefined; args = left.shift()) {
      const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
      /** @type {Buffer[]} */
      const said = [];
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (/** @type {Buffer} */ part) => {
          said.push(part);
        });
      }
      /** @type {number | null} */
      const code = await new Promise((resolve) => {
        child.once('close', resolve);
      });
      count(code === 0);
      process.stdout.write(Buffer.concat(said));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
}

/**
 * Runs a test runner that leaves a report, and adds its counts.
 *
 * @template Report
 * @param {string} report file name in test-results
 * @param {(report: Report) => Counts} read
 * @param {string[]} args of Node
 */
function suite(report, read, ...args) {
  const ok = node(...args);
  const file = join(RESULTS, report);
  const { passed, failed, skipped } = existsSync(file)
    ? read(/** @type {Report} */ (readJson(file)))
    : { passed: 0, failed: 0, skipped: 0 };
  totals.passed += passed;
  totals.skipped += skipped;
  // A runner that fails without a failed test could not load a file, or did not come to its end.
  totals.failed += !ok && failed === 0 ? 1 : failed;
}

/** @param {VitestReport} report @returns {Counts} */
const vitestCounts = (report) => ({
  passed: report.numPassedTests,
  failed: report.numFailedTests,
  skipped: report.numPendingTests + report.numTodoTests,
});

/** @param {Counts} counts */
const asTheyAre = (counts) => counts;

/** @param {string} report @param {string[]} flags */
function vitest(report, ...flags) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=test-results/${report}`];
  suite(report, vitestCounts, VITEST, 'run', ...reporters, ...flags);
}

/** Everything, in order; what cannot go on throws. */
async function all() {
  heading('install');
  installModules();
  await installChromium();
  console.log(installServer().version);
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });

  heading('build');
  if (!build()) throw new Error('The build failed.');

  heading('types, lint and formatting');
  await together([
    ['node_modules/eslint/bin/eslint.js', '.'],
    ...['.', 'webview', 'test/webview', 'test/e2e/person', 'test/bench/page'].map((project) => [
      'node_modules/typescript/bin/tsc',
      '-p',
      project,
    ]),
    ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
  ]);

  heading('unit and conformance tests');
  vitest('unit.json');
  heading('suite inside VS Code');
  suite('suite.json', asTheyAre, '--import', 'tsx', 'test/vscode/runSuite.mts', 'test-results/suite.json');
  heading('as a person, with the packaged extension');
  vitest('person.json', '--config', 'test/e2e/vitest.config.mts');
}

await all().catch((/** @type {unknown} */ error) => {
  console.error(error instanceof Error ? error.message : error);
  count(false);
});

heading('end');
const { passed, failed, skipped } = totals;
console.log(
  `Tests: ${String(passed)} passed, ${String(failed)} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`,
);
process.exit(failed === 0 ? 0 : 1);
