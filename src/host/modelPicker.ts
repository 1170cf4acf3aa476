/** The list from which a person chooses a model. */
import * as vscode from 'vscode';
import { describeModel } from './modelList';
import { absoluteName, type Models } from './models';
import { settings } from './settings';

interface Item extends vscode.QuickPickItem {
  /** Undefined for Browse…. */
  readonly choice: Choice | undefined;
}

/** Values of the setting that choose a model: as its workspace names it, and anywhere. */
interface Choice {
  readonly setting: string;
  readonly absolute: string;
}

/** Lets a person choose, and saves the choice: for the workspace where the model lies in it, else for the user. */
export async function pickModel(models: Models): Promise<void> {
  const chosen = settings.model;
  const items = models.list().then((entries): Item[] => [
    ...entries.map((entry) => ({
      label: `${isChosen(entry, chosen) ? '$(check) ' : '$(blank) '}${entry.label}`,
      description: describeModel(entry),
      choice: entry,
    })),
    { label: '', kind: vscode.QuickPickItemKind.Separator, choice: undefined },
    { label: '$(folder-opened) Browse…', description: 'a safetensors file', choice: undefined },
  ]);
  const item = await vscode.window.showQuickPick(items, {
    title: 'Gatescope: Select Model',
    placeHolder: `Now: ${models.label}`,
    matchOnDescription: true,
  });
  if (item === undefined) return;
  const choice = item.choice ?? (await browse());
  if (choice === undefined || isChosen(choice, chosen)) return;
  await save(choice);
}

const isChosen = ({ setting, absolute }: Choice, chosen: string): boolean => chosen === setting || chosen === absolute;

async function browse(): Promise<Choice | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: 'Gatescope: Select Model',
      openLabel: 'Select',
      filters: { 'Recurrent models': ['safetensors'] },
    })) ?? [];
  if (uri === undefined) return undefined;
  const absolute = absoluteName(uri);
  const inWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  return { setting: inWorkspace ? vscode.workspace.asRelativePath(uri, false) : absolute, absolute };
}

async function save({ setting, absolute }: Choice): Promise<void> {
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
