/** What the tests inside VS Code share: files, traces, hovers, and patience. */
import { fail } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { GatescopeApi } from '../../../src/host/api';
import type { TraceId } from '../../../src/shared/trace';
import type { Scene } from '../../../src/shared/viewApi';

export type TraceScene = Extract<Scene, { kind: 'trace' }>;

const PATIENCE = 60_000;

export async function gatescope(): Promise<GatescopeApi> {
  const extension = vscode.extensions.getExtension<GatescopeApi>('gatescope.gatescope');
  if (extension === undefined) fail('The extension is not installed.');
  return extension.activate();
}

export function workspaceFile(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) fail('No folder is open.');
  return vscode.Uri.joinPath(folder.uri, name);
}

export async function write(name: string, content: string | Uint8Array): Promise<vscode.Uri> {
  const uri = workspaceFile(name);
  await vscode.workspace.fs.writeFile(uri, typeof content === 'string' ? Buffer.from(content) : content);
  return uri;
}

/** Waits until a condition holds. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) fail(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function edit(document: vscode.TextDocument, at: number, length: number, text: string): Promise<void> {
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + length)), text);
  if (!(await vscode.workspace.applyEdit(change))) fail('The edit was refused.');
}

/** Runs *Trace LSTM* on a file or document, to its end. */
export async function trace(uri: vscode.Uri): Promise<Scene> {
  const api = await gatescope();
  await vscode.commands.executeCommand('gatescope.trace', uri);
  return api.scene;
}

export async function traced(uri: vscode.Uri): Promise<TraceScene> {
  const scene = await trace(uri);
  if (scene.kind !== 'trace') fail(`Expected a trace: ${JSON.stringify(scene)}`);
  return scene;
}

/** What the hovers of Gatescope say at an offset of a document, and where they lie. */
export async function hovers(
  document: vscode.TextDocument,
  offset: number,
): Promise<{ readonly text: string; readonly range: vscode.Range | undefined; readonly hover: vscode.Hover }[]> {
  const all = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    document.positionAt(offset),
  );
  return all
    .map((hover) => ({ hover, range: hover.range, text: hover.contents.map(contentText).join('\n') }))
    .filter(({ text }) => text.includes('gatescope.reveal'));
}

const contentText = (content: unknown): string => (content instanceof vscode.MarkdownString ? content.value : '');

/** Whether the worker has forgotten a trace. */
export async function isGone(id: TraceId): Promise<boolean> {
  const { worker } = await gatescope();
  return worker.rangeOf(id, 0).then(
    () => false,
    (error: unknown) => error instanceof Error && 'code' in error && error.code === 'trace-gone',
  );
}

export async function setSetting(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('gatescope').update(name, value, vscode.ConfigurationTarget.Workspace);
}

/** Leaves nothing behind for the next test. */
export async function tidy(): Promise<void> {
  await vscode.commands.executeCommand('gatescope.stop');
  await vscode.commands.executeCommand('gatescope.clear');
  await vscode.commands.executeCommand('notifications.clearAll');
  for (const document of vscode.workspace.textDocuments) {
    if (!document.isDirty) continue;
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
