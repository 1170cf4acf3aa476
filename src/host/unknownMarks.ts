/** Marks in the editor what a model's vocabulary does not have, as far as it is in sight. */
import * as vscode from 'vscode';
import type { Remote } from '../shared/rpc';
import type { WorkerApi } from '../shared/workerApi';
import { t } from './l10n';
import type { Traces } from './traces';

/** Quiet time before marks are drawn anew, in milliseconds. */
const QUIET = 120;

export class UnknownMarks implements vscode.Disposable {
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    border: '1px dotted',
    borderColor: new vscode.ThemeColor('editorWarning.foreground'),
    overviewRulerColor: new vscode.ThemeColor('editorWarning.foreground'),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
  });
  readonly #disposables: readonly vscode.Disposable[];
  readonly #marked = new WeakSet<vscode.TextEditor>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly worker: Remote<WorkerApi>,
    private readonly traces: Traces,
  ) {
    const soon = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        for (const editor of vscode.window.visibleTextEditors) void this.#mark(editor);
      }, QUIET);
    };
    this.#disposables = [
      traces.onDidChange(soon),
      vscode.window.onDidChangeVisibleTextEditors(soon),
      vscode.window.onDidChangeTextEditorVisibleRanges(soon),
      vscode.workspace.onDidChangeTextDocument(soon),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#decoration.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #mark(editor: vscode.TextEditor): Promise<void> {
    const { document, visibleRanges } = editor;
    const trace = this.traces.of(document.uri);
    // The vocabulary of bytes has everything; a table of numbers has no tokens.
    const { tokenizer, name } = trace?.info.model ?? {};
    const [first] = visibleRanges;
    const last = visibleRanges.at(-1);
    if (trace === undefined || tokenizer === undefined || tokenizer === 'bytes' || !first || !last) {
      if (this.#marked.delete(editor)) editor.setDecorations(this.#decoration, []);
      return;
    }
    const { version } = document;
    // What is in sight may itself have been edited: the nearest unchanged offsets around it are asked for.
    const from = this.#traced(trace, document.offsetAt(first.start), -1);
    const to = this.#traced(trace, document.offsetAt(last.end), 1) ?? trace.info.textLength;
    try {
      const ranges = await this.worker.unknown(trace.info.id, from ?? 0, to);
      if (document.version !== version) return;
      const marks = ranges.flatMap((range): vscode.DecorationOptions[] => {
        const live = trace.toLive(range);
        if (live === undefined) return [];
        return [
          {
            range: new vscode.Range(document.positionAt(live.start), document.positionAt(live.end)),
            hoverMessage: t('Not in the vocabulary of {0}: it reads its unknown token here.', name ?? ''),
          },
        ];
      });
      editor.setDecorations(this.#decoration, marks);
      this.#marked.add(editor);
    } catch {
      // Closed or cleared meanwhile: the next change tells.
    }
  }

  /** An offset of the traced text at or beyond a live one, in a direction, within a screen or so. */
  #traced(trace: { toTraced(offset: number): number | undefined }, offset: number, step: 1 | -1): number | undefined {
    for (let n = 0; n < 2000 && offset + n * step >= 0; n++) {
      const traced = trace.toTraced(offset + n * step);
      if (traced !== undefined) return traced;
    }
    return undefined;
  }
}
