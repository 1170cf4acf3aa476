/** The commands on a model: use, open, reveal, copy an export snippet, choose its tokenizer, load what was dropped. */
import * as vscode from 'vscode';
import { exportSnippet, snippets } from './exportSnippet';
import { t } from './l10n';
import type { ModelEditors } from './modelEditors';
import { browse } from './modelPicker';
import type { Models } from './models';
import type { ModelNode, ModelsView } from './modelsView';
import type { Notifier } from './notify';
import { nameOf } from './texts';

export interface ModelParts {
  readonly models: Models;
  readonly editors: ModelEditors;
  readonly view: () => ModelsView;
  readonly notifier: Notifier;
  readonly chooseTokenizer: (uri: vscode.Uri) => Promise<boolean>;
  readonly verify: (uri: vscode.Uri | undefined) => Promise<void>;
}

export class ModelActions implements vscode.Disposable {
  readonly #disposables: readonly vscode.Disposable[];

  constructor(private readonly parts: ModelParts) {
    const { editors, view, verify } = parts;
    this.#disposables = [
      this.#register('gatescope.models.use', async (target) => this.#use(await this.#uri(target))),
      this.#register('gatescope.models.open', async (target, matrix) => {
        await editors.open(await this.#uri(target), typeof matrix === 'string' ? matrix : undefined);
      }),
      this.#register('gatescope.models.reveal', async (target) => {
        const uri = await this.#uri(target);
        // The explorer shows the workspace only.
        const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
        const command = inside ? 'revealInExplorer' : 'revealFileInOS';
        await vscode.commands.executeCommand(command, uri);
      }),
      this.#register('gatescope.models.tokenizer', async (target) => {
        await parts.chooseTokenizer(await this.#uri(target));
      }),
      this.#register('gatescope.models.refresh', () => {
        view().refresh();
      }),
      this.#register('gatescope.models.browse', async () => {
        const uri = await browse();
        if (uri !== undefined) await this.#load(uri);
      }),
      this.#register('gatescope.models.load', async (target) => this.#load(await this.#uri(target))),
      this.#register('gatescope.copyExportSnippet', () => copyExportSnippet()),
      this.#register('gatescope.verify', (target) => verify(uriOf(target))),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Takes a file that was dropped or browsed for: shows its page, and makes it the model that traces. */
  async #load(uri: vscode.Uri): Promise<void> {
    const { models, editors } = this.parts;
    // A file that cannot be read is refused before anything is changed.
    await models.describe(uri);
    models.remember(uri);
    await editors.open(uri);
    await this.#use(uri);
  }

  async #use(uri: vscode.Uri): Promise<void> {
    const { models } = this.parts;
    await models.describe(uri);
    if (models.isInUse(uri)) return;
    await models.use(uri);
    vscode.window.setStatusBarMessage(t('Gatescope uses {0} from now on.', nameOf(uri)), 4000);
  }

  /** The model that a command is about: the one it was called on, else the one whose page is in front, else that in use. */
  async #uri(target: unknown): Promise<vscode.Uri> {
    return uriOf(target) ?? (await this.parts.models.inUse());
  }

  #register(id: string, act: (...args: unknown[]) => unknown): vscode.Disposable {
    return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await act(...args);
      } catch (error) {
        this.parts.notifier.error(error);
      }
    });
  }
}

function uriOf(target: unknown): vscode.Uri | undefined {
  if (target instanceof vscode.Uri) return target;
  if (isNode(target))
    return target.kind === 'model' ? target.file.uri : target.kind === 'group' ? undefined : target.uri;
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && input.viewType === 'gatescope.model' ? input.uri : undefined;
}

const isNode = (target: unknown): target is ModelNode =>
  typeof target === 'object' && target !== null && 'kind' in target && ('file' in target || 'uri' in target);

async function copyExportSnippet(): Promise<void> {
  const pick = await vscode.window.showQuickPick(
    snippets(t).map((snippet) => ({ ...snippet })),
    {
      title: t('Gatescope: Copy Export Snippet'),
      placeHolder: t('Python that saves what Gatescope reads; paste it where your model is trained'),
    },
  );
  if (pick === undefined) return;
  await vscode.env.clipboard.writeText(exportSnippet(pick.framework, pick.input));
  const show = t('Show It');
  const answer = await vscode.window.showInformationMessage(
    t('The snippet is on the clipboard. Fill in its first lines, run it, then use Verify Against Reference….'),
    show,
  );
  if (answer !== show) return;
  const document = await vscode.workspace.openTextDocument({
    language: 'python',
    content: exportSnippet(pick.framework, pick.input),
  });
  await vscode.window.showTextDocument(document);
}
