/** Between a token of a trace and its character in an editor, both ways. */
import * as vscode from 'vscode';
import type { Remote } from '../shared/rpc';
import type { TraceId } from '../shared/trace';
import type { WorkerApi } from '../shared/workerApi';
import { t } from './l10n';
import { settings } from './settings';
import { findDocument, nameOf } from './texts';
import type { Trace, Traces } from './traces';
import type { Views } from './views';

/** Quiet time after the cursor moved before the heatmap follows, in milliseconds. */
const FOLLOW_DELAY = 60;

export class Navigator implements vscode.Disposable {
  #timer: NodeJS.Timeout | undefined;
  /** The selection that `reveal` made: the heatmap is there already. */
  #revealed: { readonly document: vscode.TextDocument; readonly range: vscode.Range } | undefined;
  readonly #subscription: vscode.Disposable;

  constructor(
    private readonly worker: Remote<WorkerApi>,
    private readonly traces: Traces,
    private readonly views: Views,
  ) {
    this.#subscription = vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
      const revealed = this.#revealed;
      this.#revealed = undefined;
      if (revealed?.document === textEditor.document && selections[0]?.isEqual(revealed.range) === true) return;
      this.#schedule(textEditor);
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
  }

  /** Selects the characters of tokens [token, token + count) in their editor and brings them into sight. */
  async reveal(id: TraceId, token: number, focus: boolean, count = 1): Promise<void> {
    const trace = this.traces.byId(id);
    if (trace === undefined) return;
    const last = Math.min(trace.info.tokens, token + Math.max(1, count)) - 1;
    const from = await this.worker.rangeOf(id, token);
    const to = last === token ? from : await this.worker.rangeOf(id, last);
    const range = trace.toLive({ start: from.start, end: Math.max(from.end, to.end) });
    const document = findDocument(trace.uri);
    if (document === undefined) {
      const message = t('{0} is not open in an editor.', nameOf(trace.uri));
      vscode.window.setStatusBarMessage(message, 3000);
      return;
    }
    if (range === undefined) {
      const message =
        count > 1
          ? t('These characters were changed since the text was traced.')
          : t('This character was changed since the text was traced.');
      vscode.window.setStatusBarMessage(message, 3000);
      return;
    }
    const selection = new vscode.Selection(document.positionAt(range.start), document.positionAt(range.end));
    const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    if (visible?.selection.isEqual(selection) !== true) this.#revealed = { document, range: selection };
    // Before the keyboard goes there: what is pressed then begins from the selection, and is not undone by it.
    if (visible !== undefined) visible.selection = selection;
    const editor = visible !== undefined && !focus ? visible : await this.#show(document, focus, visible, selection);
    editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Brings a token into sight in the heatmap. */
  async focus(trace: Trace, token: number, layer?: number, unit?: number): Promise<void> {
    this.traces.show(trace);
    await this.views.reveal();
    // Undefined would cross to the page as null.
    const what: [number?, number?] = layer === undefined ? [] : unit === undefined ? [layer] : [layer, unit];
    this.views.tellSoon((page) => page.focus(trace.info.id, token, ...what));
  }

  #schedule(editor: vscode.TextEditor): void {
    clearTimeout(this.#timer);
    if (!settings.followCursor) return;
    this.#timer = setTimeout(() => void this.#follow(editor), FOLLOW_DELAY);
  }

  async #follow({ document, selection }: vscode.TextEditor): Promise<void> {
    const trace = this.traces.shown;
    if (trace?.uri.toString() !== document.uri.toString()) return;
    const [start, end] = [document.offsetAt(selection.start), document.offsetAt(selection.end)];
    const offset = trace.toTraced(start);
    // Of a selection, its last character; what was changed since is left out.
    const last = selection.isEmpty ? offset : trace.toTraced(end - 1);
    if (offset === undefined) return;
    try {
      const { id } = trace.info;
      const [first, until] = await Promise.all([
        this.worker.tokensAt(id, offset),
        this.worker.tokensAt(id, last ?? offset),
      ]);
      const count = Math.max(first.token + first.count, until.token + until.count) - first.token;
      this.views.tell((page) => page.follow(id, first.token, count, !selection.isEmpty));
    } catch {
      // Not traced as far as this, or closed meanwhile: nothing to follow.
    }
  }

  /** Shows the document where it is visible, else in its tab, else beside the heatmap, with the selection already made. */
  async #show(
    document: vscode.TextDocument,
    focus: boolean,
    visible: vscode.TextEditor | undefined,
    selection: vscode.Selection,
  ): Promise<vscode.TextEditor> {
    const key = document.uri.toString();
    const group = vscode.window.tabGroups.all.find(({ tabs }) =>
      tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === key),
    );
    // A click in a heatmap shows its character, and must not put the text in front of what was clicked.
    const covers = !focus && visible === undefined && group?.activeTab?.input instanceof vscode.TabInputWebview;
    const viewColumn = visible?.viewColumn ?? (covers ? elsewhere(group) : group?.viewColumn) ?? besideHeatmap();
    return vscode.window.showTextDocument(document, { viewColumn, preserveFocus: !focus, selection });
  }
}

/** Another group, where a text covers no heatmap; a new one if there is none. */
function elsewhere(group: vscode.TabGroup): vscode.ViewColumn {
  const free = vscode.window.tabGroups.all.find(
    (other) => other !== group && !(other.activeTab?.input instanceof vscode.TabInputWebview),
  );
  return free?.viewColumn ?? vscode.ViewColumn.Beside;
}

/** Where a text opens without covering a heatmap in an editor tab. */
function besideHeatmap(): vscode.ViewColumn {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  return activeTab?.input instanceof vscode.TabInputWebview ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
}
