/** What a heatmap's page may ask of the host: mostly passed on to the worker. */
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import type { Remote } from '../shared/rpc';
import type { ViewHostApi } from '../shared/viewApi';
import type { Handler, WorkerApi } from '../shared/workerApi';
import { VIEW_COMMANDS } from './commands';
import type { Navigator } from './navigate';
import type { Traces } from './traces';

/** @param navigator asked for late: it needs the views, which need this */
export function viewHost(worker: Remote<WorkerApi>, traces: Traces, navigator: () => Navigator): Handler<ViewHostApi> {
  return {
    ready: () => traces.scene,
    tile: (request) => worker.tile(request),
    row: (trace, token) => worker.row(trace, token),
    glyphs: (trace, from, to) => worker.glyphs(trace, from, to),
    reveal: (trace, token, focus) => navigator().reveal(trace, token, focus),
    run: (command) => {
      if (!Object.hasOwn(VIEW_COMMANDS, command)) {
        throw new GatescopeError('bad-request', `A heatmap asked for the unknown command ${command}.`);
      }
      // Not awaited: a trace would keep the button's call open until its end.
      void vscode.commands.executeCommand(VIEW_COMMANDS[command]);
    },
  };
}
