/** Which model traces: the one that the setting names, or the bundled one; what others there are, and what they are. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { joined, say } from '../shared/l10n';
import type { MatrixStatistics, ModelDescription, SavedSidecar, TokenizerAnswer } from '../shared/modelInfo';
import type { Remote } from '../shared/rpc';
import type { ModelInfo } from '../shared/trace';
import type { ModelSource, WorkerApi } from '../shared/workerApi';
import { Described } from './described';
import { t } from './l10n';
import { modelLabel } from './modelFiles';
import { parseModelName } from './modelList';
import { checkFormat, findModels, sourceOf } from './modelSources';
import { settings } from './settings';
import { shownPath } from './texts';

/** A model's file, before anything of it was read. */
export interface ModelFile {
  readonly uri: vscode.Uri;
  readonly origin: 'bundled' | 'workspace' | 'elsewhere';
  /** Value of the setting that chooses it. */
  readonly setting: string;
  /** The same, whatever the workspace. */
  readonly absolute: string;
  /** Folder of the file, for people. */
  readonly place: string;
  readonly bytes: number | undefined;
}

/** Asks a person how a model's texts become tokens, and saves the answer. @returns whether there is one now */
export type AskTokenizer = (uri: vscode.Uri) => Promise<boolean>;

export class Models implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** The model in use, or what is known of it, has changed. */
  readonly onDidChange = this.#changed.event;
  readonly #bundledFolder: vscode.Uri;
  readonly #described: Described;
  readonly #elsewhere = new Map<string, vscode.Uri>();
  readonly #disposables: vscode.Disposable[];
  #bundled: Promise<readonly vscode.Uri[]> | undefined;
  #current: ModelInfo | undefined;
  #inUse: vscode.Uri | undefined;

  constructor(
    private readonly worker: Remote<WorkerApi>,
    extension: vscode.Uri,
    private readonly ask: AskTokenizer,
  ) {
    this.#bundledFolder = vscode.Uri.joinPath(extension, 'media', 'models');
    this.#described = new Described(async (uri) => this.worker.inspect(await this.source(uri)));
    this.#disposables = [
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('gatescope.models')) this.#described.clear();
        if (!event.affectsConfiguration('gatescope.model')) return;
        this.#current = undefined;
        void this.#resolveInUse();
        this.#changed.fire();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#described.clear();
        void this.#resolveInUse();
      }),
    ];
    void this.#resolveInUse();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#changed.dispose();
  }

  /** The model's name; what the setting says until it was read. */
  get label(): string {
    if (this.#current !== undefined) return this.#current.name;
    return settings.model === '' ? t('Bundled model') : modelLabel(settings.model);
  }

  /** The model in use, once it was read. */
  get current(): ModelInfo | undefined {
    return this.#current;
  }

  isInUse(uri: vscode.Uri): boolean {
    return this.#inUse?.toString() === uri.toString();
  }

  /** The file of the model in use. @throws model-not-found */
  inUse(): Promise<vscode.Uri> {
    return this.#resolve(settings.model);
  }

  /**
   * Reads the model in use; where it does not say how texts become tokens, the person is asked first.
   *
   * @throws model-not-found, model-damaged, model-unsupported, workspace-untrusted
   */
  async load(): Promise<ModelInfo> {
    const setting = settings.model;
    const uri = await this.#resolve(setting);
    const limit = settings.modelSize;
    const read = async (): Promise<ModelInfo> => this.worker.loadModel(await this.source(uri, limit), limit);
    let info = await read();
    if (info.needs === 'tokenizer' && (await this.ask(uri))) info = await read();
    if (settings.model === setting && this.#current?.id !== info.id) {
      this.#current = info;
      this.#changed.fire();
    }
    return info;
  }

  /** The model that comes with the extension. @throws model-not-found */
  async bundled(): Promise<ModelSource> {
    return this.source(await this.#resolve(''));
  }

  /** The bundled models, those of the workspace, and those that were dropped or chosen from elsewhere. */
  async list(): Promise<readonly ModelFile[]> {
    const bundled = await this.#findBundled();
    const found = await findModels();
    const known = new Set([...bundled, ...found].map((uri) => uri.toString()));
    const inUse = await this.inUse().catch(() => undefined);
    if (inUse !== undefined) this.#elsewhere.set(inUse.toString(), inUse);
    const elsewhere = [...this.#elsewhere.values()].filter((uri) => !known.has(uri.toString()));
    const all = [
      ...bundled.map((uri) => this.file(uri)),
      ...found.map((uri) => this.file(uri)),
      ...elsewhere.map((uri) => this.file(uri)),
    ];
    return (await Promise.all(all)).filter(({ origin, bytes }) => origin !== 'elsewhere' || bytes !== undefined);
  }

  /** What is known of a file by its place alone. */
  async file(uri: vscode.Uri): Promise<ModelFile> {
    const stat = await Promise.resolve(vscode.workspace.fs.stat(uri)).catch(() => undefined);
    const bundled = await this.#findBundled();
    const number = bundled.findIndex((own) => own.toString() === uri.toString());
    const absolute = absoluteName(uri);
    const bytes = stat?.size;
    if (number >= 0) {
      const setting = number === 0 ? '' : absolute;
      return { uri, origin: 'bundled', setting, absolute: setting, place: t('bundled'), bytes };
    }
    const name = uri.path.split('/').pop() ?? '';
    if (vscode.workspace.getWorkspaceFolder(uri) === undefined) {
      const place = shownPath(vscode.Uri.joinPath(uri, '..'));
      return { uri, origin: 'elsewhere', setting: absolute, absolute, place, bytes };
    }
    const setting = vscode.workspace.asRelativePath(uri, false);
    const place = setting.slice(0, -name.length).replace(/\/$/u, '');
    return { uri, origin: 'workspace', setting, absolute, place, bytes };
  }

  /** Lists a file that lies outside of the workspace, until the window is closed. */
  remember(uri: vscode.Uri): void {
    this.#elsewhere.set(uri.toString(), uri);
  }

  /** Describes a model without reading its weights. @throws as `load` */
  describe(uri: vscode.Uri): Promise<ModelDescription> {
    return this.#described.get(uri);
  }

  /** The description, if it was made already. */
  described(uri: vscode.Uri): ModelDescription | undefined {
    return this.#described.peek(uri);
  }

  /** The file, or what lies beside it, has changed: it is described anew. */
  forget(uri?: vscode.Uri): void {
    this.#described.clear(uri);
  }

  async matrix(uri: vscode.Uri, name: string): Promise<MatrixStatistics> {
    return this.worker.matrix(await this.source(uri), name);
  }

  /** Keeps how a model's texts become tokens beside it. @throws bad-vocabulary */
  async saveTokenizer(uri: vscode.Uri, answer: TokenizerAnswer): Promise<SavedSidecar> {
    const saved = await this.worker.saveSidecar(await this.source(uri), answer);
    if (!saved.written) {
      const beside = vscode.Uri.joinPath(uri, '..', saved.name);
      await vscode.workspace.fs.writeFile(beside, new TextEncoder().encode(saved.text));
    }
    this.forget(uri);
    return saved;
  }

  /**
   * What the worker reads a model from.
   *
   * @param limit most bytes of its file
   * @throws workspace-untrusted, model-not-found, model-unsupported
   */
  async source(uri: vscode.Uri, limit?: number): Promise<ModelSource> {
    if (!vscode.workspace.isTrusted) {
      const bundled = (await this.#findBundled()).some((own) => own.toString() === uri.toString());
      if (!bundled) checkFormat(uri);
    }
    return sourceOf(uri, limit);
  }

  /** Makes a model the one that traces: for the workspace where the model lies in it, else for the user. */
  async use(uri: vscode.Uri): Promise<void> {
    const { origin, setting, absolute } = await this.file(uri);
    if (origin === 'elsewhere') this.remember(uri);
    const { workspace, ConfigurationTarget } = vscode;
    const configuration = workspace.getConfiguration('gatescope');
    // The workspace's own setting is not read until it is trusted; then the choice is the person's, for everywhere.
    const useWorkspace = workspace.isTrusted && workspace.workspaceFolders !== undefined;
    // A value of the workspace hides the user's, so it is there that the choice must be made if there is one.
    const hidden = configuration.inspect('model')?.workspaceValue !== undefined;
    if (useWorkspace && (hidden || setting !== absolute)) {
      await configuration.update('model', setting, ConfigurationTarget.Workspace);
    } else {
      await configuration.update('model', absolute, ConfigurationTarget.Global);
    }
  }

  async #resolveInUse(): Promise<void> {
    const uri = await this.inUse().catch(() => undefined);
    if (uri?.toString() === this.#inUse?.toString()) return;
    this.#inUse = uri;
    this.#changed.fire();
  }

  async #resolve(setting: string): Promise<vscode.Uri> {
    const name = parseModelName(setting, homedir());
    switch (name.kind) {
      case 'bundled': {
        const [first] = await this.#findBundled();
        if (first !== undefined) return first;
        throw new GatescopeError(
          'model-not-found',
          say`No bundled model is in ${this.#bundledFolder.fsPath}. Install Gatescope again, or choose a model of your
            own.`,
        );
      }
      case 'uri':
        return vscode.Uri.parse(name.uri);
      case 'absolute':
        return vscode.Uri.file(name.path);
      case 'relative':
        return findInWorkspace(name.path);
    }
  }

  #findBundled(): Promise<readonly vscode.Uri[]> {
    this.#bundled ??= Promise.resolve(vscode.workspace.fs.readDirectory(this.#bundledFolder)).then(
      (entries) =>
        entries
          .map(([name]) => name)
          .filter((name) => name.endsWith('.safetensors'))
          .sort()
          .map((name) => vscode.Uri.joinPath(this.#bundledFolder, name)),
      () => [],
    );
    return this.#bundled;
  }
}

/** How the setting names a model wherever it is. */
export const absoluteName = (uri: vscode.Uri): string => (uri.scheme === 'file' ? uri.fsPath : uri.toString());

async function findInWorkspace(path: string): Promise<vscode.Uri> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  for (const folder of folders) {
    const uri = vscode.Uri.joinPath(folder.uri, path);
    try {
      await vscode.workspace.fs.stat(uri);
      return uri;
    } catch {
      // Perhaps in the next folder.
    }
  }
  const where = joined(
    folders.map(({ uri }) => shownPath(uri)),
    ', ',
  );
  throw new GatescopeError(
    'model-not-found',
    folders.length === 0
      ? say`The setting gatescope.model is “${path}”, but no folder is open that this relative path could start from.
        Select a model.`
      : say`The setting gatescope.model is “${path}”, but there is no such file in ${where}. Select a model.`,
  );
}
