/** The list from which a person chooses a model: there at once, and described while it is looked at. */
import * as vscode from 'vscode';
import { asGatescopeError, type GatescopeError } from '../shared/errors';
import { shownError, t } from './l10n';
import { MODEL_ENDINGS, modelLabel } from './modelFiles';
import { describeModel, problemOf } from './modelList';
import type { ModelFile, Models } from './models';

interface Item extends vscode.QuickPickItem {
  /** Undefined for Browse…, the wait, and separators. */
  readonly file: ModelFile | undefined;
  readonly browse?: true;
}

const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator, file: undefined });
const BROWSE: Item = {
  label: `$(folder-opened) ${t('Browse…')}`,
  description: 'PyTorch, safetensors, ONNX, Keras, TensorFlow.js',
  file: undefined,
  browse: true,
};
const SEARCHING: Item = { label: `$(loading~spin) ${t('Searching the workspace…')}`, file: undefined };

/** Lets a person choose, and saves the choice. */
export async function pickModel(models: Models): Promise<void> {
  const uri = await choose(models);
  if (uri !== undefined && !models.isInUse(uri)) await models.use(uri);
}

/** @returns undefined when nothing was chosen */
async function choose(models: Models): Promise<vscode.Uri | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = t('Gatescope: Select Model');
  pick.placeholder = t('Now: {0}', models.label);
  pick.matchOnDescription = true;
  // No entry that can be chosen moves afterwards: a click would meet another one.
  pick.items = [SEARCHING];
  pick.busy = true;
  let open = true;
  const chosen = new Promise<Item | undefined>((resolve) => {
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item?.file === undefined && item?.browse !== true) return;
      resolve(item);
      pick.hide();
    });
    pick.onDidHide(() => {
      open = false;
      resolve(undefined);
    });
  });
  pick.show();
  fill(pick, models, () => open).catch((error: unknown) => {
    pick.items = [
      {
        label: `$(warning) ${t('The workspace cannot be searched')}`,
        detail: shownError(error),
        file: undefined,
      },
      BROWSE,
    ];
  });
  const item = await chosen;
  pick.dispose();
  return item?.browse === true ? browse() : item?.file?.uri;
}

async function fill(pick: vscode.QuickPick<Item>, models: Models, open: () => boolean): Promise<void> {
  const files = await models.list();
  const inUse = files.find(({ uri }) => models.isInUse(uri));
  const problems = new Map<string, GatescopeError>();
  const draw = (): void => {
    // First the model in use, then whatever the person has moved to.
    const active = pick.activeItems.find(({ file }) => file !== undefined)?.file?.uri ?? inUse?.uri;
    const item = (file: ModelFile): Item => itemOf(file, models, problems.get(file.uri.toString()));
    const of = (origin: ModelFile['origin'], label: string): Item[] => {
      const own = files.filter((file) => file.origin === origin).map(item);
      return own.length === 0 ? [] : [separator(label), ...own];
    };
    const items = [
      ...of('workspace', t('workspace')),
      ...of('elsewhere', t('elsewhere')),
      ...of('bundled', t('bundled')),
    ];
    pick.items = [...items, separator(''), BROWSE];
    const same = pick.items.find(({ file }) => file !== undefined && file.uri === active);
    if (same !== undefined) pick.activeItems = [same];
  };
  draw();
  pick.busy = false;
  for (const { uri } of files) {
    if (!open()) return;
    if (models.described(uri) !== undefined) continue;
    await models.describe(uri).catch((error: unknown) => problems.set(uri.toString(), asGatescopeError(error)));
    if (open()) draw();
  }
}

function itemOf(file: ModelFile, models: Models, problem: GatescopeError | undefined): Item {
  const { uri, place, bytes } = file;
  const description = models.described(uri);
  const icon = problem !== undefined ? 'warning' : models.isInUse(uri) ? 'check' : 'blank';
  // `$(` in a model's name would be read as an icon.
  const name = (description?.name ?? modelLabel(uri.path)).replaceAll('$(', '$\u200B(');
  return {
    label: `$(${icon}) ${name}`,
    description: describeModel(
      {
        path: uri.path,
        place: file.origin === 'bundled' ? '' : place,
        bytes,
        description,
        problem: problem && t('{0}: {1}', problemOf(problem, t), reasonOf(problem)),
      },
      t,
    ),
    file,
  };
}

/** The message without the file that it begins with. */
const reasonOf = (error: GatescopeError): string => shownError(error).replace(/^(?:\S+: |[^：]+：)/u, '');

/** @returns the file that a person has found by themselves */
export async function browse(): Promise<vscode.Uri | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: t('Gatescope: Select Model'),
      openLabel: t('Select'),
      filters: { [t('Recurrent models')]: [...MODEL_ENDINGS, 'json'], [t('All files')]: ['*'] },
    })) ?? [];
  return uri;
}
