/** Where a person sits down: sample texts in a folder, VS Code with the packaged extension, one window. All gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { sampleWorkspace } from '../../vscode/samples.mjs';
import { startCode, type Code, type CodeOptions, type Window, type WindowOptions } from '../../vscode/window';

export interface Desk {
  readonly folder: string;
  readonly code: Code;
  readonly window: Window;
}

export interface DeskOptions {
  /** Puts more than the sample texts into the folder, before VS Code opens it. */
  readonly lay?: (folder: string) => void;
  readonly settings?: CodeOptions['settings'];
  readonly window?: WindowOptions;
}

/** For all steps of a suite; after one that failed there is a picture of the window. @param sit hears of it before the first */
export function atDesk(sit: (desk: Desk) => void, { lay, settings, window: how }: DeskOptions = {}): void {
  let folder: string | undefined;
  let code: Code | undefined;
  let window: Window | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatescope-person-'));
    sampleWorkspace(folder);
    lay?.(folder);
    code = await startCode({ folder, vsix: [inject('vsix')], ...(settings && { settings }) });
    window = await code.open(how);
    sit({ folder, code, window });
  });

  afterAll(async () => {
    await code?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await window?.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
  });
}
