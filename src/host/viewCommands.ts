/** Commands that a heatmap carries out: copy, save, jump. They act on the view that was used last. */
import * as vscode from 'vscode';
import type { ViewAction } from '../shared/viewApi';
import type { Notifier } from './notify';
import type { Views } from './views';

/** The command of each action; that of a picture asks for its format first. */
const ACTIONS: Readonly<Record<string, ViewAction>> = {
  'gatescope.copyTsv': 'copyTsv',
  'gatescope.copyNumpy': 'copyNumpy',
  'gatescope.copyJson': 'copyJson',
  'gatescope.nextLossSpike': 'nextLossSpike',
  'gatescope.previousLossSpike': 'previousLossSpike',
  'gatescope.largestLoss': 'largestLoss',
  'gatescope.largestChange': 'largestChange',
};

export class ViewCommands implements vscode.Disposable {
  readonly #disposables: vscode.Disposable[];

  constructor(views: Views, notifier: Notifier) {
    const register = (id: string, act: () => Promise<void>): vscode.Disposable =>
      vscode.commands.registerCommand(id, () =>
        act().catch((error: unknown) => {
          notifier.error(error);
        }),
      );
    this.#disposables = [
      ...Object.entries(ACTIONS).map(([id, action]) => register(id, () => views.act(action))),
      register('gatescope.focus', () => views.focus()),
      register('gatescope.savePicture', async () => {
        const format = await pickFormat();
        if (format !== undefined) await views.act(format);
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}

async function pickFormat(): Promise<ViewAction | undefined> {
  const { t } = vscode.l10n;
  const items: readonly (vscode.QuickPickItem & { readonly action: ViewAction })[] = [
    { label: 'PNG', description: t('pixels, as on the screen at twice its fineness'), action: 'savePng' },
    { label: 'SVG', description: t('text, axes and legends as shapes'), action: 'saveSvg' },
  ];
  const picked = await vscode.window.showQuickPick(items, { placeHolder: t('Save the picture as') });
  return picked?.action;
}
