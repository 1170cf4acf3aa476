/**
 * `npm run -s bench [-- GROUP]`: one JSON object a line on stdout. Installs and builds what is missing, then runs the
 * group under the Node that VS Code brings, by the files of src/ themselves and the kernels of dist/.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from '../vscode/build.mjs';
import { installModules, installServer, ROOT } from '../vscode/install.mjs';

const HERE = import.meta.dirname;
const groups = readdirSync(join(HERE, 'groups')).map((file) => file.replace(/\.mts$/, ''));
const [group = 'trace', ...options] = process.argv.slice(2);
if (!groups.includes(group)) {
  console.error(`There is no bench ${group}; there is ${groups.join(', ')}.`);
  process.exit(2);
}

installModules();
if (!existsSync(join(HERE, 'node_modules', '.package-lock.json'))) {
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', flags, { cwd: HERE, stdio: ['ignore', 2, 2] });
}
if (!buildIfStale()) process.exit(1);
const args = ['--expose-gc', '--import', 'tsx', join(HERE, 'groups', `${group}.mts`), ...options];
process.exit(spawnSync(installServer().node, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1);
