/** The import rule of ARCHITECTURE.md holds because lint refuses what this table says it refuses. */
import { ESLint } from 'eslint';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importRule } from '../../eslint.config.mjs';

const ROOT = join(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: true, overrideConfig: importRule });

/** @returns the rules that refuse an import, as a file of the given place would write it */
async function refusals(file: string, specifier: string): Promise<string[]> {
  const [result] = await eslint.lintText(`import '${specifier}';\n`, { filePath: join(ROOT, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

const PATHS = 'import-x/no-restricted-paths';
const NAMES = 'no-restricted-imports';

describe('lint', () => {
  it.each([
    ['src/shared/new.ts', './signals', []],
    ['src/shared/new.ts', '../engine/layout', [PATHS]],
    ['src/shared/new.ts', 'birpc', []],
    ['src/shared/new.ts', 'node:fs', [NAMES]],
    ['src/engine/new.ts', '../shared/signals', []],
    ['src/engine/new.ts', '../models/readModel', [PATHS]],
    ['src/engine/new.ts', '../trace/trace', [PATHS]],
    ['src/engine/deeper/new.ts', '../../text/labels', [PATHS]],
    ['src/models/new.ts', '../engine/network', []],
    ['src/models/new.ts', '../text/labels', [PATHS]],
    ['src/models/new.ts', '../trace/trace', [PATHS]],
    ['src/text/new.ts', '../shared/errors', []],
    ['src/text/new.ts', '../trace/trace', [PATHS]],
    ['src/trace/new.ts', '../engine/engine', []],
    ['src/trace/new.ts', '../text/labels', []],
    ['src/trace/new.ts', '../models/readModel', [PATHS]],
    ['src/trace/new.ts', '../worker/handler', [PATHS]],
    ['src/worker/new.ts', '../trace/trace', []],
    ['src/worker/new.ts', '../models/readModel', []],
    ['src/worker/new.ts', '../host/settings', [PATHS]],
    ['src/stepper/new.ts', '../shared/trace', []],
    ['src/stepper/new.ts', '../trace/trace', [PATHS]],
    ['src/debug/new.ts', '../shared/trace', []],
    ['src/debug/new.ts', '../host/settings', [PATHS]],
    ['src/debug/new.ts', 'vscode', [NAMES]],
    ['src/host/new.ts', '../shared/workerApi', []],
    ['src/host/new.ts', '../worker/handler', [PATHS]],
    ['src/host/new.ts', '../engine/layout', [PATHS]],
    ['src/host/new.ts', '../trace/trace', [PATHS]],
    ['src/host/new.ts', '../../webview/state', [PATHS]],
    ['src/host/new.ts', 'vscode', []],
    ['src/extension.ts', './host/settings', []],
    ['src/extension.ts', './worker/handler', [PATHS]],
    ['src/extension.ts', 'vscode', []],
    ['src/cli.ts', './worker/handler', []],
    ['src/cli.ts', './host/settings', [PATHS]],
    ['src/cli.ts', 'vscode', [NAMES]],
    ['src/worker/new.ts', 'vscode', [NAMES]],
    ['webview/new.ts', '../src/shared/viewApi', []],
    ['webview/ui/new.ts', '../state', []],
    ['webview/new.ts', '../src/engine/layout', [PATHS]],
    ['webview/new.ts', '../src/host/settings', [PATHS]],
    ['webview/new.ts', 'vscode', [NAMES]],
    ['webview/new.ts', 'node:path', [NAMES]],
    ['src/trace/new.ts', '../../test/all.mjs', [PATHS]],
  ])('%s importing %s is refused by %j', async (file, specifier, rules) => {
    expect(await refusals(file, specifier)).toEqual(rules);
  });

  it('refuses an import type as it refuses an import', async () => {
    const [result] = await eslint.lintText("import type { Column } from '../engine/layout';\n", {
      filePath: join(ROOT, 'src/shared/new.ts'),
    });
    expect(result?.messages.map((message) => message.ruleId)).toEqual([PATHS]);
  });
});
