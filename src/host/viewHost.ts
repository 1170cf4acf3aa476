/** What a heatmap's page may ask of the host: mostly passed on to the worker. */
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { Remote } from '../shared/rpc';
import { PASSED, type ViewHostApi } from '../shared/viewApi';
import type { Handler, WorkerApi } from '../shared/workerApi';
import { VIEW_COMMANDS } from './commands';
import type { Navigator } from './navigate';
import type { Traces } from './traces';

type Passed = Pick<Handler<ViewHostApi>, (typeof PASSED)[number]>;

/** What the worker answers without the host. */
function passOn(worker: Remote<WorkerApi>): Passed {
  return Object.fromEntries(
    PASSED.map((method) => {
      const ask = worker[method] as (...args: unknown[]) => unknown;
      return [method, (...args: unknown[]) => ask(...args)];
    }),
  ) as unknown as Passed;
}

/** @param navigator asked for late: it needs the views, which need this */
export function viewHost(worker: Remote<WorkerApi>, traces: Traces, navigator: () => Navigator): Handler<ViewHostApi> {
  return {
    ...passOn(worker),
    ready: () => ({ scene: traces.scene, choices: undefined, look: undefined }),
    look: () => undefined,
    remember: () => undefined,
    copy: () => 0,
    savePicture: () => false,
    reveal: (trace, token, focus) => navigator().reveal(trace, token, focus),
    run: (command) => {
      if (!Object.hasOwn(VIEW_COMMANDS, command)) {
        throw new GatescopeError('bad-request', say`A heatmap asked for the unknown command ${command}.`);
      }
      // Not awaited: a trace would keep the button's call open until its end.
      void vscode.commands.executeCommand(VIEW_COMMANDS[command]);
    },
  };
}
