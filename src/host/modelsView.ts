/** The Models view: the models of the workspace and the bundled ones, what each is made of, and a place to drop files. */
import * as vscode from 'vscode';
import { asGatescopeError, type GatescopeError } from '../shared/errors';
import { shownError, t } from './l10n';
import { isModelFile, modelLabel, MODEL_GLOB } from './modelFiles';
import { describeModel, problemOf } from './modelList';
import type { ModelFile, Models } from './models';
import { modelRows, type Row } from './modelTree';

export const MODELS_VIEW = 'gatescope.models';

/** Changes of files are waited for, as one save or copy makes several; milliseconds. */
const QUIET = 400;
/** What lies beside a model and says how its texts are cut. */
const SIDECARS = '**/{*.gatescope.json,vocab.json,vocab.txt,tokenizer.json}';
const FILE_LIST = 'text/uri-list';

export type ModelNode =
  | { readonly kind: 'group'; readonly label: string; readonly files: readonly ModelFile[] }
  | { readonly kind: 'model'; readonly file: ModelFile }
  | { readonly kind: 'row'; readonly uri: vscode.Uri; readonly row: Row }
  | { readonly kind: 'problem'; readonly uri: vscode.Uri; readonly message: string; readonly untrusted: boolean };

const GROUPS: readonly (readonly [ModelFile['origin'], string])[] = [
  ['workspace', t('Workspace')],
  ['elsewhere', t('Elsewhere')],
  ['bundled', t('Bundled')],
];

export class ModelsView
  implements vscode.TreeDataProvider<ModelNode>, vscode.TreeDragAndDropController<ModelNode>, vscode.Disposable
{
  readonly dropMimeTypes = [FILE_LIST, 'files'];
  readonly dragMimeTypes = [FILE_LIST];
  readonly #changed = new vscode.EventEmitter<ModelNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<ModelNode>;
  readonly #disposables: vscode.Disposable[];
  /** By URI: rows are refreshed by the node that the tree knows. */
  readonly #nodes = new Map<string, ModelNode>();
  readonly #problems = new Map<string, GatescopeError>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param storage where files are kept that are dropped from outside without a path
   * @param dropped loads a file that was dropped
   */
  constructor(
    private readonly models: Models,
    private readonly storage: vscode.Uri,
    private readonly dropped: (uri: vscode.Uri) => Promise<void>,
  ) {
    this.#view = vscode.window.createTreeView(MODELS_VIEW, {
      treeDataProvider: this,
      dragAndDropController: this,
      showCollapseAll: true,
    });
    const watchers = [MODEL_GLOB, SIDECARS].map((glob) => vscode.workspace.createFileSystemWatcher(glob));
    const soon = (): void => {
      this.#soon();
    };
    this.#disposables = [
      this.#view,
      models.onDidChange(() => {
        this.#changed.fire(undefined);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(soon),
      ...watchers.flatMap((watcher) => [
        watcher,
        watcher.onDidCreate(soon),
        watcher.onDidDelete(soon),
        watcher.onDidChange(soon),
      ]),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
    this.#changed.dispose();
  }

  /** Looks for models again, and reads what is there anew. */
  refresh(): void {
    this.models.forget();
    this.#problems.clear();
    this.#changed.fire(undefined);
  }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    if (node === undefined) return this.#groups();
    if (node.kind === 'group') return node.files.map((file) => this.#model(file));
    if (node.kind === 'row') return node.row.children.map((row) => ({ kind: 'row', uri: node.uri, row }));
    if (node.kind === 'problem') return [];
    const { uri } = node.file;
    try {
      const description = await this.models.describe(uri);
      return modelRows(description, t).map((row) => ({ kind: 'row', uri, row }));
    } catch (error) {
      const untrusted = asGatescopeError(error).code === 'workspace-untrusted';
      return [{ kind: 'problem', uri, message: shownError(error), untrusted }];
    }
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    switch (node.kind) {
      case 'group': {
        const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.Expanded);
        item.id = node.label;
        item.contextValue = 'group';
        return item;
      }
      case 'model':
        return this.#modelItem(node);
      case 'row':
        return rowItem(node.uri, node.row);
      case 'problem':
        return problemItem(node);
    }
  }

  handleDrag(nodes: readonly ModelNode[], data: vscode.DataTransfer): void {
    const uris = nodes.flatMap((node) => (node.kind === 'model' ? [node.file.uri.toString()] : []));
    if (uris.length > 0) data.set(FILE_LIST, new vscode.DataTransferItem(uris.join('\r\n')));
  }

  async handleDrop(_target: ModelNode | undefined, data: vscode.DataTransfer): Promise<void> {
    const uris = [...(await listedUris(data)), ...(await this.#droppedFiles(data))];
    // A file that is called otherwise is tried all the same where it is the only one: its content decides.
    const uri = uris.find(({ path }) => isModelFile(path)) ?? uris[0];
    if (uri !== undefined) await this.dropped(uri);
  }

  /** Files from outside of VS Code: those without a path are copied. */
  async #droppedFiles(data: vscode.DataTransfer): Promise<vscode.Uri[]> {
    const files = [...data].map(([, item]) => item.asFile()).filter((file) => file !== undefined);
    return Promise.all(
      files.map(async (file) => {
        if (file.uri !== undefined) return file.uri;
        const name = file.name.replaceAll(/[\\/:\0]/gu, '_');
        const copy = vscode.Uri.joinPath(this.storage, 'dropped', name);
        await vscode.workspace.fs.writeFile(copy, await file.data());
        return copy;
      }),
    );
  }

  async #groups(): Promise<ModelNode[]> {
    const files = await this.models.list();
    const groups = GROUPS.map(([origin, label]): ModelNode & { kind: 'group' } => ({
      kind: 'group',
      label,
      files: files.filter((file) => file.origin === origin),
    }));
    const full = groups.filter((group) => group.files.length > 0);
    void this.#describeAll(files);
    // One kind alone needs no heading.
    return full.length === 1 ? files.map((file) => this.#model(file)) : full;
  }

  /** Says of each model what it is, one after the other while the view is looked at. */
  async #describeAll(files: readonly ModelFile[]): Promise<void> {
    for (const { uri } of files) {
      if (!this.#view.visible) return;
      const key = uri.toString();
      if (this.models.described(uri) !== undefined || this.#problems.has(key)) continue;
      try {
        await this.models.describe(uri);
      } catch (error) {
        this.#problems.set(key, asGatescopeError(error));
      }
      const node = this.#nodes.get(key);
      if (node !== undefined) this.#changed.fire(node);
    }
  }

  #model(file: ModelFile): ModelNode {
    const node: ModelNode = { kind: 'model', file };
    this.#nodes.set(file.uri.toString(), node);
    return node;
  }

  #modelItem({ file }: ModelNode & { kind: 'model' }): vscode.TreeItem {
    const { uri, origin, place, bytes } = file;
    const description = this.models.described(uri);
    const problem = description === undefined ? this.#problems.get(uri.toString()) : undefined;
    const used = this.models.isInUse(uri);
    const item = new vscode.TreeItem(
      description?.name ?? modelLabel(uri.path),
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = uri.toString();
    const text = describeModel(
      {
        path: uri.path,
        place: origin === 'bundled' ? '' : place,
        bytes,
        description,
        problem: problem && problemOf(problem, t),
      },
      t,
    );
    item.description = text;
    const state = used ? t('in use') : '';
    item.accessibilityInformation = {
      label: [description?.name ?? modelLabel(uri.path), text, state].filter((part) => part !== '').join(', '),
    };
    item.iconPath =
      problem !== undefined
        ? new vscode.ThemeIcon(problemIcon(problem), new vscode.ThemeColor('list.warningForeground'))
        : used
          ? new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('charts.green'))
          : new vscode.ThemeIcon('circuit-board');
    item.tooltip = new vscode.MarkdownString();
    item.tooltip.appendText(
      [
        used ? t('In use') : undefined,
        uri.scheme === 'file' ? uri.fsPath : uri.toString(true),
        problem && shownError(problem),
      ]
        .filter((part) => part !== undefined)
        .join('\n'),
    );
    item.contextValue = used ? 'model.inUse' : problem === undefined ? 'model' : 'model.problem';
    item.command = { command: 'gatescope.models.open', title: t('Open'), arguments: [uri] };
    return item;
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.refresh();
    }, QUIET);
  }
}

const problemIcon = ({ code }: GatescopeError): string =>
  code === 'workspace-untrusted' ? 'workspace-untrusted' : 'warning';

function rowItem(uri: vscode.Uri, row: Row): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(row.label, row.children.length > 0 ? Collapsed : None);
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.iconPath = new vscode.ThemeIcon(
    row.icon,
    row.tone === 'warning' ? new vscode.ThemeColor('list.warningForeground') : undefined,
  );
  item.contextValue = row.matrix === undefined ? 'fact' : 'matrix';
  if (row.asks) {
    item.command = { command: 'gatescope.models.tokenizer', title: t('Choose Tokenizer'), arguments: [uri] };
  } else if (row.matrix !== undefined) {
    item.command = { command: 'gatescope.models.open', title: t('Open'), arguments: [uri, row.matrix] };
  }
  return item;
}

function problemItem({ message, untrusted }: ModelNode & { kind: 'problem' }): vscode.TreeItem {
  const item = new vscode.TreeItem(message);
  item.tooltip = message;
  item.iconPath = new vscode.ThemeIcon(
    untrusted ? 'workspace-untrusted' : 'error',
    new vscode.ThemeColor('list.warningForeground'),
  );
  if (untrusted) item.command = { command: 'workbench.trust.manage', title: t('Manage Workspace Trust') };
  return item;
}

async function listedUris(data: vscode.DataTransfer): Promise<vscode.Uri[]> {
  const list = await data.get(FILE_LIST)?.asString();
  const lines = list?.split(/\r?\n/u).filter((line) => line !== '' && !line.startsWith('#')) ?? [];
  return lines.map((line) => vscode.Uri.parse(line));
}
