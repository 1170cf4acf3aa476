/** What each command does. An error ends here: it is shown, not thrown. */
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { Remote } from '../shared/rpc';
import { shareOf, type TraceId } from '../shared/trace';
import type { ViewCommand } from '../shared/viewApi';
import type { WorkerApi } from '../shared/workerApi';
import { PAUSE, type FirstPicture } from './firstPicture';
import type { RevealArguments } from './hover';
import { shown, t } from './l10n';
import { mark } from './marks';
import { pickModel } from './modelPicker';
import type { Models } from './models';
import type { Navigator } from './navigate';
import type { Notifier } from './notify';
import type { Samples } from './samples';
import { settings } from './settings';
import { kernelsText, portion } from './statusBar';
import { nameOf } from './texts';
import type { Trace, Traces } from './traces';
import type { Views } from './views';

/** A trace that lasts longer shows its progress in a notification, milliseconds. */
const PATIENCE = 600;

/** The command behind each button of a view. */
export const VIEW_COMMANDS: Readonly<Record<ViewCommand, string>> = {
  trace: 'gatescope.trace',
  traceSample: 'gatescope.traceFirstSample',
  retrace: 'gatescope.traceAgain',
  stop: 'gatescope.stop',
  selectModel: 'gatescope.selectModel',
  openInEditor: 'gatescope.openInEditor',
  clear: 'gatescope.clear',
};

export class Commands implements vscode.Disposable {
  readonly #disposables: vscode.Disposable[];
  #modelAsked = false;

  constructor(
    private readonly traces: Traces,
    private readonly models: Models,
    private readonly views: Views,
    private readonly navigator: Navigator,
    samples: Samples,
    private readonly notifier: Notifier,
    private readonly worker: Pick<Remote<WorkerApi>, 'about'>,
    private readonly first: FirstPicture,
  ) {
    const setContext = (): void => {
      first.afterwards(() => {
        this.#setContext();
      });
    };
    this.#disposables = [
      this.#register('gatescope.trace', (uri) => this.#trace(uri instanceof vscode.Uri ? uri : this.#target())),
      this.#register('gatescope.traceAgain', () => this.#trace(traces.subject ?? this.#target())),
      this.#register('gatescope.traceSample', async () => {
        const uri = await samples.pick();
        if (uri !== undefined) await this.#trace(uri);
      }),
      this.#register('gatescope.traceFirstSample', async () => this.#trace(await samples.first())),
      this.#register('gatescope.stop', () => traces.stop()),
      this.#register('gatescope.clear', () => {
        traces.clear();
      }),
      this.#register('gatescope.selectModel', () => pickModel(models)),
      this.#register('gatescope.openInEditor', () => {
        views.openInEditor();
      }),
      this.#register('gatescope.reveal', (...args) => this.#reveal(args)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('gatescope.model')) void this.#offerRetrace();
      }),
      traces.onDidChange(setContext),
      traces.onDidProgress(setContext),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Opens and traces the file that the settings name, as a workspace of samples does. */
  async openOnStart(): Promise<void> {
    const path = settings.openOnStart;
    const folder = vscode.workspace.workspaceFolders?.[0];
    if (path === '' || folder === undefined) return;
    try {
      await this.#trace(vscode.Uri.joinPath(folder.uri, path));
    } catch (error) {
      this.notifier.error(error);
    }
  }

  #register(id: string, act: (...args: unknown[]) => unknown): vscode.Disposable {
    return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await act(...args);
      } catch (error) {
        this.notifier.error(error);
      }
    });
  }

  /** The text in front of the person; where that is the heatmap itself, its text or one that is visible. */
  #target(): vscode.Uri {
    const { activeTextEditor, visibleTextEditors, tabGroups } = vscode.window;
    const input = tabGroups.activeTabGroup.activeTab?.input;
    const shown =
      input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
    const [visible] = visibleTextEditors;
    const uri = activeTextEditor?.document.uri ?? shown ?? this.traces.shown?.uri ?? visible?.document.uri;
    if (uri !== undefined) return uri;
    throw new GatescopeError(
      'bad-request',
      say`No text is open. Open a text file, or run “Gatescope: Trace a Sample”.`,
    );
  }

  /** Traces and stays until the end. */
  async #trace(uri: vscode.Uri): Promise<void> {
    mark('command');
    const opening = this.#open(uri);
    const whole = opening.then(({ ended }) => ended);
    this.#showProgress(uri, whole);
    const { trace } = await opening;
    mark('shown');
    const told = new Promise<void>((resolve, reject) => {
      this.first.afterwards(() => {
        this.#tell(trace).then(resolve, reject);
      });
    });
    await Promise.all([told, whole]);
  }

  /** Opens a text where a heatmap is in sight; else brings one there, whose page is loaded while the worker reads. */
  #open(uri: vscode.Uri): ReturnType<Traces['trace']> {
    if (this.views.visible) return this.traces.trace(uri);
    const opening = this.views.reveal().then(() => this.traces.trace(uri, PAUSE));
    this.first.expect(opening);
    return opening;
  }

  /** What else there is to be said of a trace that is shown. */
  async #tell(trace: Trace): Promise<void> {
    this.notifier.log.info(`Tracing ${trace.uri.toString(true)} with ${trace.info.model.name}.`);
    this.#tellKernels(trace.info.id);
    for (const note of [...trace.info.model.warnings, ...trace.info.notes]) this.notifier.log.info(shown(note));
    await this.#showText(trace.uri);
  }

  /** In the log only: whoever wonders about speed looks there. */
  #tellKernels(id: TraceId): void {
    this.worker.about(id).then(
      (kernels) => {
        this.notifier.log.info(`${kernelsText(kernels)}.`);
      },
      (error: unknown) => {
        this.notifier.log.debug(String(error));
      },
    );
  }

  /** Shows the text of a file that was traced from the explorer: heatmap and text belong together. */
  async #showText(uri: vscode.Uri): Promise<void> {
    const key = uri.toString();
    const document = vscode.workspace.textDocuments.find((candidate) => candidate.uri.toString() === key);
    const seen = vscode.window.visibleTextEditors.some((editor) => editor.document === document);
    if (document === undefined || seen) return;
    await vscode.window.showTextDocument(document, { preview: false, preserveFocus: true });
  }

  #showProgress(uri: vscode.Uri, whole: Promise<void>): void {
    const timer = setTimeout(() => {
      void vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: t('Tracing {0}', nameOf(uri)), cancellable: true },
        async (progress, token) => {
          token.onCancellationRequested(() => void this.traces.stop(uri));
          let percent = 0;
          const subscription = this.traces.onDidProgress(() => {
            const trace = this.traces.of(uri);
            if (trace === undefined) return;
            const { info, progress: state } = trace;
            const now = shareOf(state, info) * 100;
            progress.report({ increment: now - percent, message: portion(now, 100) });
            percent = now;
          });
          // Its error is shown by the command itself.
          await whole.catch(() => undefined);
          subscription.dispose();
        },
      );
    }, PATIENCE);
    const done = (): void => {
      clearTimeout(timer);
    };
    whole.then(done, done);
  }

  async #reveal(args: readonly unknown[]): Promise<void> {
    const [id, token, layer, unit] = args as Partial<RevealArguments>;
    if (!isIndex(id) || !isIndex(token)) return;
    const trace = this.traces.byId(id);
    // A hover may stay on the screen after its text was traced again.
    if (trace === undefined || token >= trace.info.tokens) {
      throw new GatescopeError('trace-gone', say`This trace was replaced or cleared. Hover the character again.`);
    }
    await this.navigator.focus(trace, token, isIndex(layer) ? layer : undefined, isIndex(unit) ? unit : undefined);
  }

  async #offerRetrace(): Promise<void> {
    const uri = this.traces.subject;
    if (uri === undefined || this.#modelAsked) return;
    this.#modelAsked = true;
    const again = t('Trace Again');
    const question = t('The model is now {0}. Trace {1} with it?', this.models.label, nameOf(uri));
    const answer = await vscode.window.showInformationMessage(question, again);
    this.#modelAsked = false;
    if (answer === again) await vscode.commands.executeCommand('gatescope.trace', uri);
  }

  #context = '';

  #setContext(): void {
    const { scene } = this.traces;
    const hasTrace = scene.kind === 'trace';
    const running = hasTrace && scene.progress.state === 'running';
    const context = `${String(hasTrace)} ${String(running)}`;
    if (context === this.#context) return;
    this.#context = context;
    void vscode.commands.executeCommand('setContext', 'gatescope.hasTrace', hasTrace);
    void vscode.commands.executeCommand('setContext', 'gatescope.running', running);
  }
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
