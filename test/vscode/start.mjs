/**
 * `npm start [-- --port N]`: opens VS Code with Gatescope and a sample already traced, from nothing but Node and npm.
 * Desktop VS Code where `code` is on PATH; else the VS Code server, with the packaged extension installed in it as a
 * user would, until Ctrl+C. `--server` asks for the server. Plain Node without any dependency.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { CACHE, installModules, onPath, ROOT } from './install.mjs';
import { packageExtension } from './package.mjs';
import { sampleWorkspace } from './samples.mjs';
import { startServer } from './server.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8123' }, server: { type: 'boolean', default: false } },
});

installModules();
console.log('Building …');
if (!build()) process.exit(1);
const folder = join(CACHE, 'samples');
sampleWorkspace(folder, { 'gatescope.openOnStart': 'english.txt' });

const code = onPath(['code']);
if (code !== undefined && !values.server) {
  const args = [`--extensionDevelopmentPath=${ROOT}`, '--disable-workspace-trust', '--new-window', folder];
  const { status } = spawnSync(code, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status === 0) console.log(`Gatescope is running in desktop VS Code, on ${folder}`);
  process.exitCode = status ?? 1;
} else {
  const vsix = [packageExtension()];
  // The person's browser says whether the theme is dark or light.
  const settings = { 'workbench.colorTheme': undefined, 'window.autoDetectColorScheme': true };
  const options = { vsix, settings };
  const server = await startServer({ ...options, port: Number(values.port) }).catch((/** @type {unknown} */ error) => {
    if (!String(error).includes('EADDRINUSE')) throw error;
    console.log(`Port ${values.port} is in use; taking a free one.`);
    return startServer(options);
  });
  console.log(`${server.version} with ${vsix.join()}`);
  console.log(`Gatescope is running at ${server.url(folder)}`);
  console.log('Ctrl+C ends it.');
  await server.ended;
  console.error(`The server ended:\n${server.log()}`);
  process.exitCode = 1;
}
