/** The composition root: makes the parts, joins them, and hands them to VS Code to be disposed of. */
import * as vscode from 'vscode';
import { say } from './shared/l10n';
import type { GatescopeApi } from './host/api';
import { Commands } from './host/commands';
import { FirstPicture } from './host/firstPicture';
import { TraceHover } from './host/hover';
import { ModelActions } from './host/modelActions';
import { ModelEditors } from './host/modelEditors';
import { Models } from './host/models';
import { ModelsView } from './host/modelsView';
import { Navigator } from './host/navigate';
import { Notifier } from './host/notify';
import { rehearse } from './host/rehearsal';
import { Samples } from './host/samples';
import { settings } from './host/settings';
import { StatusBar } from './host/statusBar';
import { chooseTokenizer } from './host/tokenizerChoice';
import { Traces } from './host/traces';
import { UnknownMarks } from './host/unknownMarks';
import { Verifier } from './host/verify';
import { Sharing } from './host/sharing';
import { ViewCommands } from './host/viewCommands';
import { viewHost } from './host/viewHost';
import { Views } from './host/views';
import { WorkerClient } from './host/workerClient';

/** What the worker is started with. */
const START_SETTINGS = ['gatescope.strict', 'gatescope.models.limits'];
/** The window comes first: milliseconds after activation. */
const REHEARSE_AFTER = 1000;

export function activate(context: vscode.ExtensionContext): GatescopeApi {
  const { extensionUri, globalStorageUri, subscriptions } = context;
  const notifier = new Notifier();
  const marker = vscode.Uri.joinPath(globalStorageUri, 'kernels.mark').fsPath;
  const client = new WorkerClient(vscode.Uri.joinPath(extensionUri, 'dist', 'worker.js').fsPath, {
    startData: () => ({ strict: settings.strict, marker, limits: settings.modelLimits }),
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
  const askTokenizer = async (uri: vscode.Uri): Promise<boolean> => {
    const known = await chooseTokenizer(models, uri);
    if (known) await editors.refresh(uri);
    return known;
  };
  const models: Models = new Models(worker, extensionUri, askTokenizer);
  const traces = new Traces(worker, models);
  const sharing = new Sharing(context.workspaceState);
  const first = new FirstPicture({ worker, traces, sharing });
  const views: Views = new Views(
    extensionUri,
    (others) => viewHost({ worker, traces, sharing, first, navigator: () => navigator }, others),
    (error) => {
      notifier.quiet(error);
    },
    async () => {
      const beginning = await first.soon();
      return (page) => page.begin(beginning);
    },
  );
  const navigator: Navigator = new Navigator(worker, traces, views);
  const samples = new Samples(extensionUri);
  const quiet = (error: unknown): void => {
    notifier.quiet(error);
  };
  const editors: ModelEditors = new ModelEditors(extensionUri, models, quiet);
  const verifier = new Verifier(worker, models, traces, () => navigator, notifier);
  const actions = new ModelActions({
    models,
    editors,
    view: () => modelsView,
    notifier,
    chooseTokenizer: askTokenizer,
    verify: (uri) => verifier.verify(uri),
  });
  const modelsView: ModelsView = new ModelsView(models, globalStorageUri, async (uri) => {
    await vscode.commands.executeCommand('gatescope.models.load', uri);
  });
  const commands = new Commands(traces, models, views, navigator, samples, notifier, worker, first);
  const rehearsal = setTimeout(() => {
    if (!settings.startReady || traces.subject !== undefined) return;
    models
      .bundled()
      .then((model) => rehearse(worker, model))
      // Whoever traces is told what is wrong.
      .catch(quiet);
  }, REHEARSE_AFTER);
  let shown: string | undefined;
  const showScene = (): void => {
    const { scene } = traces;
    const text = traces.shown?.uri.toString();
    views.tell((page) => page.show(scene));
    // A text that comes back is looked at where it was; one that is edited stays where it is.
    const look = text === undefined || text === shown ? undefined : sharing.look(text);
    shown = text;
    if (look !== undefined && scene.kind === 'trace') views.tell((page) => page.look(scene.info.id, look));
  };
  subscriptions.push(
    {
      dispose: () => {
        clearTimeout(rehearsal);
      },
    },
    vscode.workspace.onDidChangeConfiguration((change) => {
      const changed = START_SETTINGS.find((name) => change.affectsConfiguration(name));
      if (changed !== undefined) client.restart(say`The setting ${changed} changed. Trace again.`);
    }),
    traces.onDidChange(showScene),
    traces.onDidProgress((progress) => {
      views.tell((page) => page.progress(progress));
    }),
    vscode.languages.registerHoverProvider('*', new TraceHover(worker, traces)),
    new StatusBar(models, traces, worker, first),
    new UnknownMarks(worker, traces),
    actions,
    modelsView,
    editors,
    commands,
    new ViewCommands(views, notifier),
    sharing,
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
