/** Which model traces: the one that the setting names, or the bundled one; and what others there are. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import type { Remote } from '../shared/rpc';
import type { ModelInfo } from '../shared/trace';
import type { ModelSource, WorkerApi } from '../shared/workerApi';
import { modelLabel, parseModelName, type ModelEntry } from './modelList';
import { settings } from './settings';
import { nameOf, shownPath } from './texts';

/** Files beyond these are not listed; Browse… finds them. */
const LISTED = 200;

export class Models implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** The model in use, or what is known of it, has changed. */
  readonly onDidChange = this.#changed.event;
  readonly #known = new Map<string, ModelInfo>();
  readonly #bundledFolder: vscode.Uri;
  #bundled: Promise<readonly vscode.Uri[]> | undefined;
  #current: ModelInfo | undefined;
  #subscription: vscode.Disposable;

  constructor(
    private readonly worker: Remote<WorkerApi>,
    extension: vscode.Uri,
  ) {
    this.#bundledFolder = vscode.Uri.joinPath(extension, 'media', 'models');
    this.#subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration('gatescope.model')) return;
      this.#current = undefined;
      this.#changed.fire();
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  /** The model's name; what the setting says until it was read. */
  get label(): string {
    if (this.#current !== undefined) return this.#current.name;
    return settings.model === '' ? 'Bundled model' : modelLabel(settings.model);
  }

  /** The model in use, once it was read. */
  get current(): ModelInfo | undefined {
    return this.#current;
  }

  /** Reads the model in use. @throws model-not-found, model-damaged, model-unsupported */
  async load(): Promise<ModelInfo> {
    const setting = settings.model;
    const uri = await this.#resolve(setting);
    const info = await this.worker.loadModel(await sourceOf(uri));
    this.#known.set(uri.toString(), info);
    if (settings.model === setting && this.#current?.id !== info.id) {
      this.#current = info;
      this.#changed.fire();
    }
    return info;
  }

  /** The bundled models, then those of the workspace. */
  async list(): Promise<readonly ModelEntry[]> {
    const bundled = await this.#findBundled();
    const found = await vscode.workspace.findFiles('**/*.safetensors', '**/node_modules/**', LISTED);
    found.sort((a, b) => (a.path < b.path ? -1 : 1));
    return Promise.all([
      ...bundled.map((uri, n) => this.#entry(uri, n === 0 ? '' : uri.fsPath, 'bundled')),
      ...found.map((uri) => {
        const setting = vscode.workspace.asRelativePath(uri, false);
        return this.#entry(uri, setting, setting.slice(0, -nameOf(uri).length).replace(/\/$/, ''));
      }),
    ]);
  }

  async #entry(uri: vscode.Uri, setting: string, place: string): Promise<ModelEntry> {
    const stat = await Promise.resolve(vscode.workspace.fs.stat(uri)).catch(() => undefined);
    const info = this.#known.get(uri.toString());
    return {
      label: info?.name ?? modelLabel(uri.path),
      setting,
      absolute: setting === '' ? '' : absoluteName(uri),
      place,
      bytes: stat?.size,
      info,
    };
  }

  async #resolve(setting: string): Promise<vscode.Uri> {
    const name = parseModelName(setting, homedir());
    switch (name.kind) {
      case 'bundled': {
        const [first] = await this.#findBundled();
        if (first !== undefined) return first;
        throw new GatescopeError(
          'model-not-found',
          `No bundled model is in ${this.#bundledFolder.fsPath}. Install Gatescope again, or choose a model of your own.`,
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
  const where =
    folders.length === 0
      ? 'no folder is open that this relative path could start from'
      : `there is no such file in ${folders.map(({ uri }) => shownPath(uri)).join(' or ')}`;
  throw new GatescopeError(
    'model-not-found',
    `The setting gatescope.model is “${path}”, but ${where}. Select a model.`,
  );
}

async function sourceOf(uri: vscode.Uri): Promise<ModelSource> {
  if (uri.scheme === 'file') return { kind: 'file', path: uri.fsPath };
  try {
    return { kind: 'bytes', bytes: await vscode.workspace.fs.readFile(uri), name: nameOf(uri) };
  } catch (error) {
    throw new GatescopeError('model-not-found', `The model ${uri.toString(true)} cannot be read. Select a model.`, {
      cause: error,
    });
  }
}
