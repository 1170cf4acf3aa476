/** The composition root: makes the parts, joins them, and hands them to VS Code to be disposed of. */
import * as vscode from 'vscode';
import type { GatescopeApi } from './host/api';
import { Commands } from './host/commands';
import { TraceHover } from './host/hover';
import { Models } from './host/models';
import { Navigator } from './host/navigate';
import { Notifier } from './host/notify';
import { Samples } from './host/samples';
import { settings } from './host/settings';
import { StatusBar } from './host/statusBar';
import { Traces } from './host/traces';
import { viewHost } from './host/viewHost';
import { Views } from './host/views';
import { WorkerClient } from './host/workerClient';

export function activate({ extensionUri, globalStorageUri, subscriptions }: vscode.ExtensionContext): GatescopeApi {
  const notifier = new Notifier();
  const marker = vscode.Uri.joinPath(globalStorageUri, 'kernels.mark').fsPath;
  const client = new WorkerClient(vscode.Uri.joinPath(extensionUri, 'dist', 'worker.js').fsPath, {
    startData: () => ({ strict: settings.strict, marker }),
    progress: (progress) => {
      traces.progress(progress);
    },
    exited: (reason) => {
      traces.workerExited(reason);
    },
    log: (line) => {
      notifier.log.info(`worker: ${line}`);
    },
  });
  const worker = client.remote;
  const models = new Models(worker, extensionUri);
  const traces = new Traces(worker, models);
  const views: Views = new Views(
    extensionUri,
    () => viewHost(worker, traces, () => navigator),
    (error) => {
      notifier.quiet(error);
    },
  );
  const navigator: Navigator = new Navigator(worker, traces, views);
  const samples = new Samples(extensionUri);
  const commands = new Commands(traces, models, views, navigator, samples, notifier);
  subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('gatescope.strict')) {
        client.restart('The setting gatescope.strict changed. Trace again.');
      }
    }),
    traces.onDidChange(() => {
      views.tell((page) => page.show(traces.scene));
    }),
    traces.onDidProgress((progress) => {
      views.tell((page) => page.progress(progress));
    }),
    vscode.languages.registerHoverProvider('*', new TraceHover(worker, traces)),
    new StatusBar(models, traces),
    commands,
    samples,
    navigator,
    views,
    traces,
    models,
    client,
    notifier,
  );
  void commands.openOnStart();
  return {
    get scene() {
      return traces.scene;
    },
    worker,
  };
}
