/** Verify Against Reference…: a text and an .npz of the user's framework; says that both agree, or where they part. */
import * as vscode from 'vscode';
import type { Difference, VerifyResult } from '../shared/modelInfo';
import type { Remote } from '../shared/rpc';
import type { WorkerApi } from '../shared/workerApi';
import { t } from './l10n';
import { EXCLUDED_GLOB } from './modelFiles';
import type { Models } from './models';
import type { Navigator } from './navigate';
import type { Notifier } from './notify';
import { nameOf, takeText } from './texts';
import type { Traces } from './traces';
import { report, verdict } from './verifyText';

const LISTED = 50;
const GO = t('Go to Token');
const SHOW = t('Show in Heatmap');
const DETAILS = t('Show Details');

interface FileItem extends vscode.QuickPickItem {
  /** Undefined for Browse…. */
  readonly uri: vscode.Uri | undefined;
}

export class Verifier {
  #ticket = 0;

  constructor(
    private readonly worker: Remote<WorkerApi>,
    private readonly models: Models,
    private readonly traces: Traces,
    private readonly navigator: () => Navigator,
    private readonly notifier: Notifier,
  ) {}

  /** @param uri the model; the one in use where undefined */
  async verify(uri: vscode.Uri | undefined): Promise<void> {
    const model = uri ?? (await this.models.inUse());
    const reference = await pickReference();
    if (reference === undefined) return;
    const text = await this.#pickText(reference);
    if (text === undefined) return;
    const result = await this.#compare(model, text, reference);
    const name = (await this.models.describe(model)).name;
    const lines = report(name, nameOf(reference), result, t);
    for (const line of lines) this.notifier.log.info(line);
    await this.#tell(verdict(name, nameOf(reference), result, t), result, model, text);
  }

  async #compare(model: vscode.Uri, text: vscode.Uri, reference: vscode.Uri): Promise<VerifyResult> {
    const source = await this.models.source(model);
    const { source: taken } = await takeText(text);
    const npz =
      reference.scheme === 'file'
        ? ({ kind: 'file', path: reference.fsPath } as const)
        : ({ kind: 'bytes', bytes: await vscode.workspace.fs.readFile(reference), name: nameOf(reference) } as const);
    // Apart from those of traces.
    const ticket = -++this.#ticket;
    return vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: t('Comparing with {0}', nameOf(reference)),
        cancellable: true,
      },
      (_progress, token) => {
        token.onCancellationRequested(() => void this.worker.cancel(ticket));
        return this.worker.verify({ model: source, text: taken, reference: npz, ticket });
      },
    );
  }

  async #tell(
    message: string,
    { agrees, difference }: VerifyResult,
    model: vscode.Uri,
    text: vscode.Uri,
  ): Promise<void> {
    if (agrees) {
      const pressed = await vscode.window.showInformationMessage(message, DETAILS);
      if (pressed === DETAILS) this.notifier.log.show();
      return;
    }
    if (difference?.range !== undefined) await this.#goTo(text, difference);
    const actions = difference?.range === undefined ? [] : [GO];
    if (difference !== undefined && this.models.isInUse(model)) actions.push(SHOW);
    const pressed = await vscode.window.showWarningMessage(message, ...actions, DETAILS);
    if (pressed === DETAILS) this.notifier.log.show();
    else if (pressed === GO && difference !== undefined) await this.#goTo(text, difference);
    else if (pressed === SHOW && difference !== undefined) await this.#showInHeatmap(text, difference);
  }

  /** Selects the token's text in its editor. */
  async #goTo(text: vscode.Uri, { range }: Difference): Promise<void> {
    if (range === undefined) return;
    const document = await vscode.workspace.openTextDocument(text);
    const selection = new vscode.Range(document.positionAt(range.start), document.positionAt(range.end));
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => ({ group, tab })));
    const shown = tabs.find(
      ({ tab: { input } }) => input instanceof vscode.TabInputText && input.uri.toString() === text.toString(),
    );
    const where = shown === undefined ? {} : { viewColumn: shown.group.viewColumn };
    await vscode.window.showTextDocument(document, { selection, preview: false, ...where });
  }

  async #showInHeatmap(text: vscode.Uri, { token, layer, unit }: Difference): Promise<void> {
    if (this.traces.of(text) === undefined) await vscode.commands.executeCommand('gatescope.trace', text);
    const trace = this.traces.of(text);
    if (trace === undefined || token >= trace.info.tokens) return;
    const index = trace.info.model.layers.findIndex(({ name }) => name === layer);
    await this.navigator().focus(trace, token, index < 0 ? undefined : index, index < 0 ? undefined : unit);
  }

  /** The text that the reference was made of: of the same name, the one that is traced or in front, or another. */
  async #pickText(reference: vscode.Uri): Promise<vscode.Uri | undefined> {
    const stem = nameOf(reference).replace(/\.npz$/iu, '');
    const beside = ['txt', 'csv', 'tsv', 'npy', 'md'].map((ending) =>
      vscode.Uri.joinPath(reference, '..', `${stem}.${ending}`),
    );
    const there = await Promise.all(beside.map(async (uri) => ((await exists(uri)) ? uri : undefined)));
    const front = vscode.window.activeTextEditor?.document.uri;
    const open = vscode.window.visibleTextEditors.map(({ document }) => document.uri);
    const candidates = [...there, front, this.traces.shown?.uri, ...open].filter((uri) => uri !== undefined);
    const seen = new Set<string>();
    const items = candidates.flatMap((uri): FileItem[] => {
      if (seen.has(uri.toString()) || uri.scheme === 'output') return [];
      seen.add(uri.toString());
      return [itemOf(uri)];
    });
    return pickFile(items, t('Which text did {0} read?', nameOf(reference)), {
      title: t('Gatescope: Choose the Text of the Reference'),
      openLabel: t('Compare'),
    });
  }
}

async function pickReference(): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles('**/*.npz', EXCLUDED_GLOB, LISTED);
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  return pickFile(found.map(itemOf), t('Hidden and cell states that your framework wrote (see Copy Export Snippet)'), {
    title: t('Gatescope: Choose a Reference'),
    openLabel: t('Compare'),
    filters: { [t('NumPy archives')]: ['npz'] },
  });
}

const itemOf = (uri: vscode.Uri): FileItem => ({
  label: nameOf(uri),
  description: vscode.workspace.asRelativePath(vscode.Uri.joinPath(uri, '..'), false),
  uri,
});

async function pickFile(
  items: readonly FileItem[],
  placeHolder: string,
  dialog: vscode.OpenDialogOptions,
): Promise<vscode.Uri | undefined> {
  const browse: FileItem = { label: `$(folder-opened) ${t('Browse…')}`, uri: undefined };
  if (items.length > 0) {
    const item = await vscode.window.showQuickPick([...items, browse], {
      title: t('Gatescope: Verify Against Reference'),
      placeHolder,
    });
    if (item === undefined || item.uri !== undefined) return item?.uri;
  }
  return (await vscode.window.showOpenDialog(dialog))?.[0];
}

const exists = (uri: vscode.Uri): Promise<boolean> =>
  Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
