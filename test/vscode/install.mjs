/**
 * Finds, or installs, what the build and the tests need beside Node and npm: node_modules, the VS Code server and a
 * Chromium. Plain Node without any dependency, because it runs before there is one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
const SERVER_PACKAGE = join(import.meta.dirname, 'server');
export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatescope');

/** Node's major version that VS Code 1.139 wants. */
const SERVER_NODE = 24;
/** Parts of code-server with packages of their own, named by the shrinkwraps there: VS Code, and its own extensions. */
const INNER = ['lib/vscode', 'lib/vscode/extensions'];
/** Written last: a folder without it is the remains of an interrupted installation. */
const MARKER = '.complete';

/**
 * @typedef {object} Server
 * @property {string} node Node that runs it
 * @property {string} main its server-main.js
 * @property {string} version for people: which VS Code, from which package
 */

/**
 * Installers hear nothing, and talk on stderr, so that a command's stdout stays its own (`npm run -s trace -- --json`).
 *
 * @type {import('node:child_process').StdioOptions}
 */
const QUIET = ['ignore', 2, 2];

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/**
 * @typedef {object} Package the parts of a package.json, or of an entry in a lock file, that are read here
 * @property {string} name
 * @property {string} version
 * @property {boolean} [optional]
 */

/** @param {string} file @returns {unknown} */
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** @param {string} file @returns {Package} */
export const readPackage = (file) => /** @type {Package} */ (readJson(file));

/** @param {string} file @returns {Readonly<Record<string, Package>>} a lock file's packages by their paths */
const readLock = (file) => /** @type {{ packages: Record<string, Package> }} */ (readJson(file)).packages;

/**
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 */
function npm(args, cwd, env = process.env) {
  const windows = process.platform === 'win32';
  execFileSync(windows ? 'npm.cmd' : 'npm', args, { cwd, env, shell: windows, stdio: QUIET });
}

/** Whether every package that the lock file asks for is there in its version. */
function modulesComplete() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const there = readLock(installed);
  return Object.entries(readLock(join(ROOT, 'package-lock.json'))).every(
    ([path, wanted]) => path === '' || wanted.optional === true || there[path]?.version === wanted.version,
  );
}

/** Brings node_modules to what the lock file says. */
export function installModules() {
  if (modulesComplete()) return;
  say('Installing node_modules …');
  // `npm ci` deletes the folder first; where there is one, amending it is quicker and leaves running tools alone.
  const command = existsSync(join(ROOT, 'node_modules')) ? 'install' : 'ci';
  npm([command, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], ROOT);
}

/** @param {readonly string[]} names @returns {string | undefined} the first of them that is on PATH */
export function onPath(names) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  const files = names.flatMap((name) => folders.flatMap((folder) => endings.map((end) => join(folder, name + end))));
  return files.find((file) => existsSync(file));
}

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const CHROMIUM_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** @returns {Promise<string | undefined>} */
async function findChromium() {
  const named = process.env['GATESCOPE_CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`GATESCOPE_CHROMIUM names ${named}, which does not exist.`);
    return named;
  }
  const found = onPath(CHROMIUM_NAMES) ?? CHROMIUM_PLACES.find((file) => existsSync(file));
  if (found !== undefined) return found;
  const { chromium } = await import('playwright-core');
  const own = chromium.executablePath();
  return existsSync(own) ? own : undefined;
}

/** @param {string[]} packages @returns {boolean} whether apt-get installed them */
function apt(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  // apt-get tells of every package that it unpacks: hundreds of lines.
  return [['update'], install].every(
    (args) => spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 2] }).status === 0,
  );
}

/**
 * Finds a Chromium, or installs one: from Debian's packages where we may, else Playwright's own build.
 *
 * @returns {Promise<string>} its executable
 */
export async function installChromium() {
  const found = await findChromium();
  if (found !== undefined) return found;
  say('Installing Chromium …');
  const debian = onPath(['apt-get']) !== undefined && process.getuid?.() === 0;
  if (debian && apt(['chromium'])) {
    // A sample text is Chinese; without such a font its screenshots show boxes, and nothing else is wrong.
    apt(['fonts-wqy-microhei']);
  } else {
    const cli = join(ROOT, 'node_modules', 'playwright-core', 'cli.js');
    spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: QUIET });
  }
  const installed = await findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    'No Chromium was found, and none could be installed. Install Chromium, Chrome or Edge ' +
      '(on Debian: apt-get install chromium), or name its executable in GATESCOPE_CHROMIUM.',
  );
}

/** @param {string} folder @returns {string} a Node that can run the server installed there */
function serverNode(folder) {
  if (Number(process.versions.node.split('.')[0]) === SERVER_NODE) return process.execPath;
  const own = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(own)) return own;
  throw new Error(
    `The VS Code server needs Node ${String(SERVER_NODE)} on ${process.platform} ${process.arch}: run this command by it, ` +
      'or install desktop VS Code.',
  );
}

/** @param {string} folder @returns {Server} */
function describeServer(folder) {
  const codeServer = join(folder, 'node_modules', 'code-server');
  const vscode = join(codeServer, 'lib', 'vscode');
  const inner = readPackage(join(vscode, 'package.json')).version;
  const outer = readPackage(join(codeServer, 'package.json')).version;
  return {
    node: serverNode(folder),
    main: join(vscode, 'out', 'server-main.js'),
    version: `VS Code server ${inner} (code-server ${outer})`,
  };
}

/**
 * Finds, or installs, the VS Code server of ./server/package-lock.json. It lies in the user's cache, about 700 MB, so
 * that every clone shares it; its folder is named after what is installed. Built beside its place and renamed into it:
 * two installations at once are only wasteful.
 *
 * @returns {Server}
 */
export function installServer() {
  const lock = readFileSync(join(SERVER_PACKAGE, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).update(INNER.join()).digest('hex').slice(0, 12);
  const folder = join(CACHE, `vscode-server-${process.platform}-${process.arch}-${hash}`);
  if (existsSync(join(folder, MARKER))) return describeServer(folder);

  say(`Installing the VS Code server into ${folder} …`);
  const work = `${folder}.${String(process.pid)}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(SERVER_PACKAGE, file), join(work, file));
    const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    npm(['ci', ...flags], work);
    const node = serverNode(work);
    const env = { ...process.env, PATH: `${join(node, '..')}${delimiter}${process.env['PATH'] ?? ''}` };
    for (const part of INNER) npm(['install', ...flags], join(work, 'node_modules', 'code-server', part), env);
    writeFileSync(join(work, MARKER), '');
    renameSync(work, folder);
  } catch (error) {
    // Another installation may have come first.
    if (!existsSync(join(folder, MARKER))) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return describeServer(folder);
}
