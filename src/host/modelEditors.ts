/** The read-only editor of model files: one page for each, told again when the model in use or the file changes. */
import * as vscode from 'vscode';
import { asGatescopeError, GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { ModelAction, ModelHostApi, ModelScene, ModelViewApi } from '../shared/modelViewApi';
import { connect } from '../shared/rpc';
import type { Handler } from '../shared/workerApi';
import { FileWatch } from './fileWatch';
import { shownError } from './l10n';
import type { Models } from './models';
import { nameOf } from './texts';
import { View, type Join } from './view';

export const MODEL_EDITOR = 'gatescope.model';

/** The command behind each button of a page; each takes the model's URI. */
const ACTIONS: Readonly<Record<Exclude<ModelAction, 'again'>, string>> = {
  use: 'gatescope.models.use',
  tokenizer: 'gatescope.models.tokenizer',
  verify: 'gatescope.verify',
  snippet: 'gatescope.copyExportSnippet',
  reveal: 'gatescope.models.reveal',
  trust: 'workbench.trust.manage',
};

interface Page {
  readonly uri: vscode.Uri;
  readonly view: View<ModelViewApi>;
}

export class ModelEditors implements vscode.CustomReadonlyEditorProvider, vscode.Disposable {
  readonly #pages = new Set<Page>();
  /** The matrix that a page shows first, by the model's URI. */
  readonly #focus = new Map<string, string>();
  readonly #disposables: vscode.Disposable[];

  constructor(
    private readonly extension: vscode.Uri,
    private readonly models: Models,
    private readonly failed: (error: unknown) => void,
  ) {
    this.#disposables = [
      vscode.window.registerCustomEditorProvider(MODEL_EDITOR, this, { supportsMultipleEditorsPerDocument: true }),
      models.onDidChange(() => {
        for (const page of this.#pages) void this.#tell(page);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const page of this.#pages) void this.#tell(page);
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    for (const { view } of this.#pages) view.dispose();
  }

  /** Opens a model's page, and brings one of its matrices into sight. */
  async open(uri: vscode.Uri, matrix?: string): Promise<void> {
    if (matrix !== undefined) this.#focus.set(uri.toString(), matrix);
    await vscode.commands.executeCommand('vscode.openWith', uri, MODEL_EDITOR);
    if (matrix === undefined) return;
    for (const page of this.#pages) {
      if (page.uri.toString() === uri.toString()) page.view.tell((remote) => remote.focus(matrix));
    }
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const again = (): Promise<void> => {
      this.models.forget(uri);
      return this.#tell(page);
    };
    const host: Handler<ModelHostApi> = {
      ready: () => this.#scene(uri),
      matrix: (name) => this.models.matrix(uri, name),
      run: (action) => {
        if (action === 'again') return again();
        if (!Object.hasOwn(ACTIONS, action)) {
          throw new GatescopeError('bad-request', say`A model's page asked for the unknown action ${action}.`);
        }
        // Not awaited: what it asks of a person may take as long as they like.
        void vscode.commands.executeCommand(ACTIONS[action], uri);
        return undefined;
      },
    };
    const join: Join<ModelViewApi> = (port, ready) =>
      connect<Handler<ModelHostApi>, ModelViewApi>(port, {
        ...host,
        ready: () => {
          ready();
          return host.ready();
        },
      });
    const view = new View(panel, panel.onDidChangeViewState, this.extension, 'model', join, this.failed);
    const page: Page = { uri, view };
    this.#pages.add(page);
    const watch = new FileWatch(uri, { deleted: () => void again(), changed: () => void again() });
    panel.onDidDispose(() => {
      this.#pages.delete(page);
      watch.dispose();
    });
  }

  /** Reads a model's file again wherever its page is open. */
  async refresh(uri: vscode.Uri): Promise<void> {
    this.models.forget(uri);
    for (const page of this.#pages) if (page.uri.toString() === uri.toString()) await this.#tell(page);
  }

  async #tell(page: Page): Promise<void> {
    // A page that is hidden asks for the scene itself when it comes back.
    if (!page.view.visible) return;
    const scene = await this.#scene(page.uri);
    page.view.tell((remote) => remote.show(scene));
  }

  async #scene(uri: vscode.Uri): Promise<ModelScene> {
    const key = uri.toString();
    try {
      const model = await this.models.describe(uri);
      const focus = this.#focus.get(key);
      this.#focus.delete(key);
      return { kind: 'model', model, inUse: this.models.isInUse(uri), focus };
    } catch (error) {
      const { code } = asGatescopeError(error);
      return {
        kind: 'failed',
        file: nameOf(uri),
        message: shownError(error),
        untrusted: code === 'workspace-untrusted',
      };
    }
  }
}
