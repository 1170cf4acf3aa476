/** Starts and stops a VS Code server of its own: a free port, a data folder of its own, settings, extensions. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installServer } from './install.mjs';

const START_TIMEOUT_MS = 120_000;
const GUARD = join(import.meta.dirname, 'guard.mjs');
/** How much of what a server said is kept, in UTF-16 units. */
const LOG_LENGTH = 20_000;

/**
 * @typedef {object} ServerOptions
 * @property {Readonly<Record<string, unknown>>} [settings] machine settings, beside the quiet ones set for every window
 * @property {readonly string[]} [vsix] extensions to install, as a user would
 * @property {number} [port] a free one by default
 * @property {boolean} [develop] windows may name an extension under development and a test module: a built server
 *   ignores both without its test driver, which shows no notification toasts, so it is off where a person's view counts
 * @property {boolean} [restricted] keeps workspace trust on, so that windows open in Restricted Mode
 */

/**
 * @typedef {object} RunningServer
 * @property {number} port
 * @property {string} version for people
 * @property {(folder: string, payload?: readonly (readonly [string, string])[]) => string} url of a window on a folder
 * @property {(path: string) => string} remote a path as the window names it in a payload
 * @property {(settings: Readonly<Record<string, unknown>>) => void} configure replaces the machine settings; open windows follow
 * @property {Promise<void>} ended
 * @property {() => string} log the last it said
 * @property {() => Promise<void>} stop ends the server and every process it started, and removes its data
 */

/** Groups of processes to end when this one does, however it does. @type {Map<number, string>} */
const running = new Map();

/** @param {number} pid */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

process.once('exit', () => {
  for (const [pid, data] of running) {
    killGroup(pid);
    rmSync(data, { recursive: true, force: true });
  }
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => {
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

/** Settings of every window: nothing in sight that is not the workspace. */
const QUIET = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': 'Dark Modern',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
};

/** @param {string} data @param {Readonly<Record<string, unknown>>} settings */
function writeSettings(data, settings) {
  const folder = join(data, 'data', 'Machine');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ ...QUIET, ...settings }, undefined, 2));
}

/**
 * @param {ServerOptions} [options]
 * @returns {Promise<RunningServer>} once windows can be opened
 */
export async function startServer(options = {}) {
  const { node, main, version } = installServer();
  const data = mkdtempSync(join(tmpdir(), 'gatescope-vscode-'));
  writeSettings(data, options.settings ?? {});
  const place = ['--accept-server-license-terms', '--server-data-dir', data];
  for (const file of options.vsix ?? []) {
    const { status, stdout, stderr } = spawnSync(node, [main, ...place, '--install-extension', file, '--force'], {
      encoding: 'utf8',
    });
    if (status !== 0 || /failed/i.test(stderr + stdout)) {
      throw new Error(`VS Code did not install ${file}:\n${stdout}${stderr}`);
    }
  }

  const flags = ['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'];
  if (options.restricted !== true) flags.push('--disable-workspace-trust');
  if (options.develop === true) flags.push('--enable-smoke-test-driver');
  // A process group of its own, so that the extension hosts it starts end with it.
  const child = spawn(process.execPath, [GUARD, node, main, ...place, ...flags], { detached: true, stdio: 'pipe' });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${node} could not be started.`);
  running.set(pid, data);
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });

  // Much of what it says is noise (natives that were not built), so it is shown only where it explains a failure.
  let log = '';
  /** @type {Promise<number>} */
  const listening = new Promise((resolve, reject) => {
    setTimeout(() => {
      reject(new Error(`The VS Code server did not start within ${String(START_TIMEOUT_MS / 1000)} s:\n${log}`));
    }, START_TIMEOUT_MS).unref();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        log = (log + text).slice(-LOG_LENGTH);
        const match = /Extension host agent listening on (\d+)/.exec(log);
        if (match !== null) resolve(Number(match[1]));
      });
    }
    void ended.then(() => {
      reject(new Error(`The VS Code server ended with code ${String(child.exitCode)}:\n${log}`));
    });
  });
  const stop = async () => {
    killGroup(pid);
    await ended;
    running.delete(pid);
    rmSync(data, { recursive: true, force: true, maxRetries: 3 });
  };
  const port = await listening.catch(async (/** @type {unknown} */ error) => {
    await stop();
    throw error;
  });

  return {
    port,
    version,
    configure: (settings) => {
      writeSettings(data, settings);
    },
    ended,
    log: () => log,
    url: (folder, payload = []) => {
      const query = new URLSearchParams({ folder });
      if (payload.length > 0) query.set('payload', JSON.stringify(payload));
      return `http://localhost:${String(port)}/?${query.toString()}`;
    },
    remote: (path) => `vscode-remote://localhost:${String(port)}${path}`,
    stop,
  };
}
