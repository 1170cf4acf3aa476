/** What a heatmap's page may ask of the host: mostly passed on to the worker. */
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { Remote } from '../shared/rpc';
import { PASSED, type ViewApi, type ViewHostApi } from '../shared/viewApi';
import type { Handler, WorkerApi } from '../shared/workerApi';
import { VIEW_COMMANDS } from './commands';
import type { FirstPicture } from './firstPicture';
import type { Navigator } from './navigate';
import { savePicture } from './pictures';
import type { Sharing } from './sharing';
import { valuesIn } from './taken';
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

export interface ViewHostParts {
  readonly worker: Remote<WorkerApi>;
  readonly traces: Traces;
  readonly sharing: Sharing;
  readonly first: FirstPicture;
  /** Asked for late: it needs the views, which need this. */
  readonly navigator: () => Navigator;
}

/** @param others tells the other visible views */
export function viewHost(
  { worker, traces, sharing, first, navigator }: ViewHostParts,
  others: (say: (page: Remote<ViewApi>) => Promise<void>) => void,
): Handler<ViewHostApi> {
  return {
    ...passOn(worker),
    ready: () => first.ready(),
    pictured: (trace, tiles) => {
      first.pictured(trace, tiles);
    },
    look: (id, look) => {
      const trace = traces.byId(id);
      if (trace === undefined) return;
      sharing.setLook(trace.uri.toString(), look);
      others((page) => page.look(id, look));
    },
    remember: (choices) => {
      sharing.choices = choices;
      others((page) => page.choose(choices));
    },
    copy: async (request) => {
      const text = await worker.copy(request);
      await vscode.env.clipboard.writeText(text);
      const trace = traces.byId(request.trace);
      return trace === undefined ? 0 : valuesIn(request, trace.info);
    },
    savePicture: (name, bytes) => savePicture(name, bytes, traces.shown?.uri),
    reveal: (trace, token, focus, count) => navigator().reveal(trace, token, focus, count),
    run: (command) => {
      if (!Object.hasOwn(VIEW_COMMANDS, command)) {
        throw new GatescopeError('bad-request', say`A heatmap asked for the unknown command ${command}.`);
      }
      // Not awaited: a trace would keep the button's call open until its end.
      void vscode.commands.executeCommand(VIEW_COMMANDS[command]);
    },
  };
}
