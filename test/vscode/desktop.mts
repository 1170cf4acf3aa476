/** Runs the suite in desktop VS Code by @vscode/test-electron: `desktop.mts FOLDER`, its output and exit code Mocha's. */
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { ROOT } from './install.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('desktop.mts needs the workspace folder.');
const executable = process.env['VSCODE_EXECUTABLE_PATH'];

process.exitCode = await runTests({
  ...(executable === undefined ? { cachePath: join(ROOT, '.vscode-test') } : { vscodeExecutablePath: executable }),
  extensionDevelopmentPath: ROOT,
  extensionTestsPath: join(ROOT, 'dist-test', 'suite', 'index.js'),
  launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust'],
});
