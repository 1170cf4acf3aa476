/** The list from which a person chooses a model. */
import * as vscode from 'vscode';
import { describeModel } from './modelList';
import type { Models } from './models';
import { settings } from './settings';

interface Item extends vscode.QuickPickItem {
  /** Value of the setting; undefined for Browse…. */
  readonly setting: string | undefined;
}

/** Lets a person choose, and saves the choice: for the workspace where the model lies in it, else for the user. */
export async function pickModel(models: Models): Promise<void> {
  const chosen = settings.model;
  const items = models.list().then((entries): Item[] => [
    ...entries.map((entry) => ({
      label: `${entry.setting === chosen ? '$(check) ' : '$(blank) '}${entry.label}`,
      description: describeModel(entry),
      setting: entry.setting,
    })),
    { label: '', kind: vscode.QuickPickItemKind.Separator, setting: undefined },
    { label: '$(folder-opened) Browse…', description: 'a safetensors file', setting: undefined },
  ]);
  const item = await vscode.window.showQuickPick(items, {
    title: 'Gatescope: Select Model',
    placeHolder: `Now: ${models.label}`,
    matchOnDescription: true,
  });
  if (item === undefined) return;
  const setting = item.setting ?? (await browse());
  if (setting === undefined || setting === chosen) return;
  await vscode.workspace.getConfiguration('gatescope').update('model', setting, targetOf(setting));
}

async function browse(): Promise<string | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: 'Gatescope: Select Model',
      openLabel: 'Select',
      filters: { 'Recurrent models': ['safetensors'] },
    })) ?? [];
  if (uri === undefined) return undefined;
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) return vscode.workspace.asRelativePath(uri, false);
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

/** A value for the workspace hides the user's, so it is there that a choice must be made if one is there. */
function targetOf(setting: string): vscode.ConfigurationTarget {
  const kept = vscode.workspace.getConfiguration('gatescope').inspect('model');
  const relative = setting !== '' && !/^([\\/]|[a-z]:[\\/]|[a-z][a-z0-9+.-]+:\/)/i.test(setting);
  const inWorkspace = kept?.workspaceValue !== undefined || relative;
  return inWorkspace && vscode.workspace.workspaceFolders !== undefined
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
}
