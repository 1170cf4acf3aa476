/** The hover on a character of a traced text: what the model expected, and what it did. */
import * as vscode from 'vscode';
import type { Remote } from '../shared/rpc';
import type { WorkerApi } from '../shared/workerApi';
import { hoverText } from './hoverText';
import { t } from './l10n';
import { settings } from './settings';
import type { Trace, Traces } from './traces';

/** Arguments of the command that a hover's links run. */
export type RevealArguments = readonly [trace: number, token: number, layer?: number, unit?: number];

export class TraceHover implements vscode.HoverProvider {
  constructor(
    private readonly worker: Remote<WorkerApi>,
    private readonly traces: Traces,
  ) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const trace = settings.hover ? this.traces.of(document.uri) : undefined;
    const offset = trace?.toTraced(document.offsetAt(position));
    if (trace === undefined || offset === undefined) return undefined;
    const { version } = document;
    const explanation = await unlessCancelled(this.worker.explain(trace.info.id, offset), token);
    // An edit made meanwhile may have moved the character.
    if (explanation === undefined || document.version !== version) return undefined;
    const { start, text, token: first, count } = explanation.glyph;
    const live = trace.toLive({ start, end: start + text.length });
    if (live === undefined) return undefined;
    const markdown = new vscode.MarkdownString(
      hoverText(explanation, {
        layers: trace.info.model.layers,
        t,
        // The hover's values are those of the character's last token.
        link: (layer, unit) => revealLink(trace, first + count - 1, layer, unit),
      }),
    );
    markdown.isTrusted = { enabledCommands: ['gatescope.reveal'] };
    return new vscode.Hover(markdown, new vscode.Range(document.positionAt(live.start), document.positionAt(live.end)));
  }
}

// Numbers only: VS Code decodes a link's arguments twice, which spoils a URI with escapes in it.
function revealLink(trace: Trace, token: number, layer?: number, unit?: number): string {
  const what = layer === undefined ? [] : unit === undefined ? [layer] : [layer, unit];
  return `command:gatescope.reveal?${encodeURIComponent(JSON.stringify([trace.info.id, token, ...what]))}`;
}

/** The answer, or undefined when it fails or nobody waits for it any more. */
async function unlessCancelled<T>(answer: Promise<T>, token: vscode.CancellationToken): Promise<T | undefined> {
  let stop: vscode.Disposable | undefined;
  const cancelled = new Promise<undefined>((resolve) => {
    stop = token.onCancellationRequested(() => {
      resolve(undefined);
    });
  });
  try {
    // Not traced as far as this, or closed meanwhile: there is nothing to say.
    return await Promise.race([answer.catch(() => undefined), cancelled]);
  } finally {
    stop?.dispose();
  }
}
