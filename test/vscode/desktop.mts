/** `desktop.mts EXECUTABLE FOLDER` runs the suite in desktop VS Code; its output is Mocha's, its exit code 0 for success. */
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { ROOT } from './install.mjs';

const [executable, folder] = process.argv.slice(2);
if (executable === undefined || folder === undefined) throw new Error('desktop.mts needs an executable and a folder.');

try {
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: join(ROOT, 'dist-test', 'suite', 'index.js'),
    launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust'],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
