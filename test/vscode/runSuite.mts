/**
 * Runs the Mocha suite of test/e2e/suite inside a real VS Code: the desktop build where it can be had, else the
 * server in Chromium. `runSuite.mts COUNTS.json` also writes the counts there.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { mochaCounts } from './counts';
import { onPath, ROOT } from './install.mjs';
import { sampleWorkspace } from './samples.mjs';
import { startCode } from './window';

const TESTS = join(ROOT, 'dist-test', 'suite', 'index.js');
const UPDATE_SERVICE = 'https://update.code.visualstudio.com/api/releases/stable';
const PROBE_MS = 3000;
const SUITE_MS = 10 * 60_000;
/** The window's own log, which comes the same way as Mocha's lines; but never a line that names our code. */
const NOISE =
  /bindings file|watchdog|\/out\/vs\/|AccountPolicyGate|AgentHost|Service Worker|grace time|Creating a socket|connection token|builtin extensions cache|workbench contribution/;
const OURS = /dist(-test)?\//;

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** No display of its own: Xvfb lends one. */
const HEADLESS =
  process.platform === 'linux' && (process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']) === undefined;

/** @returns the desktop build's executable: the one named, or a downloaded one; undefined where the server serves */
async function findDesktop(): Promise<string | undefined> {
  const { VSCODE_EXECUTABLE_PATH: named, GATESCOPE_E2E: wish } = process.env;
  if (wish === 'server') return undefined;
  const demanded = wish === 'desktop' || named !== undefined;
  if (HEADLESS && onPath(['xvfb-run']) === undefined) {
    if (!demanded) return undefined;
    throw new Error('Desktop VS Code needs a display: install xvfb (xvfb-run), or set GATESCOPE_E2E=server.');
  }
  if (named !== undefined) return named;
  try {
    if (!demanded) await fetch(UPDATE_SERVICE, { signal: AbortSignal.timeout(PROBE_MS) });
    return await downloadAndUnzipVSCode({ cachePath: join(ROOT, '.vscode-test') });
  } catch (error) {
    if (demanded) throw error;
    return undefined;
  }
}

async function inDesktop(executable: string, folder: string): Promise<Outcome> {
  console.log(`e2e: desktop VS Code ${executable}`);
  const script = join(ROOT, 'test', 'vscode', 'desktop.mts');
  const command = [process.execPath, '--import', 'tsx', script, executable, folder];
  const [program = '', ...args] = HEADLESS ? ['xvfb-run', '-a', ...command] : command;
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      resolve(status ?? 1);
    });
  });
  return { code, output };
}

async function inServer(folder: string): Promise<Outcome> {
  const code = await startCode({ folder, develop: true });
  console.log(`e2e: ${code.server.version} in headless Chromium`);
  let output = '';
  try {
    const status = await new Promise<number>((resolve, reject) => {
      setTimeout(() => {
        reject(new Error(`The suite did not end within ${String(SUITE_MS / 60_000)} minutes.`));
      }, SUITE_MS).unref();
      void code.server.ended.then(() => {
        reject(new Error(`The VS Code server ended:\n${code.server.log()}`));
      });
      const onLog = (_type: string, args: readonly unknown[]): void => {
        const line = format(...args);
        if (NOISE.test(line) && !OURS.test(line)) return;
        output += `${line}\n`;
        console.log(line);
      };
      code.open({ extension: ROOT, tests: TESTS, onLog, onExit: resolve }).catch(reject);
    });
    return { code: status, output };
  } finally {
    await code.stop();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'gatescope-suite-'));
try {
  sampleWorkspace(folder);
  const desktop = await findDesktop();
  const { code, output } = desktop === undefined ? await inServer(folder) : await inDesktop(desktop, folder);
  const { passed, failed, skipped } = mochaCounts(output);
  // A suite that ran nothing, or failed outside of a test, has failed.
  const unsaid = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0;
  const [counts] = process.argv.slice(2);
  if (counts !== undefined) writeFileSync(counts, JSON.stringify({ passed, failed: failed + unsaid, skipped }));
  process.exitCode = failed + unsaid === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
