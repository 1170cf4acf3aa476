/** Saves a picture of a heatmap where the person says, and offers to open it. */
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { safeName } from './taken';
import { nameOf, shownPath } from './texts';

const FORMATS: Readonly<Record<string, string>> = { png: 'PNG', svg: 'SVG' };

/** Beside the text; where that is in no folder, in the workspace or at home. */
function placeFor(text: vscode.Uri | undefined, name: string): vscode.Uri | undefined {
  if (text !== undefined && text.scheme !== 'untitled') return vscode.Uri.joinPath(text, '..', name);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder && vscode.Uri.joinPath(folder, name);
}

/**
 * @param name with the ending of its format
 * @param text whose heatmap it is
 * @returns whether it was saved
 * @throws file-unwritable, naming the file and the reason
 */
export async function savePicture(name: string, bytes: Uint8Array, text: vscode.Uri | undefined): Promise<boolean> {
  const safe = safeName(name);
  const ending = safe.split('.').pop() ?? '';
  const format = FORMATS[ending] ?? ending.toUpperCase();
  const defaultUri = placeFor(text, safe);
  const uri = await vscode.window.showSaveDialog({
    ...(defaultUri !== undefined && { defaultUri }),
    filters: { [format]: [ending] },
    title: vscode.l10n.t('Save Heatmap as {0}', format),
  });
  if (uri === undefined) return false;
  try {
    await vscode.workspace.fs.writeFile(uri, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = vscode.l10n.t(
      '{0} could not be written at {1}: {2} Choose another folder.',
      nameOf(uri),
      shownPath(uri),
      reason,
    );
    throw new GatescopeError('file-unwritable', message, { cause: error });
  }
  const open = vscode.l10n.t('Open');
  // Not awaited: the view is told at once that it is saved.
  void vscode.window.showInformationMessage(vscode.l10n.t('Saved {0}.', nameOf(uri)), open).then((answer) => {
    if (answer === open) void vscode.commands.executeCommand('vscode.open', uri);
  });
  return true;
}
