/** A traced document: what was taken of it, its trace once that is open, and what was done to it since. */
import * as vscode from 'vscode';
import { cancelled, GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { TextRange, TraceInfo, TraceProgress } from '../shared/trace';
import { EditMap } from './editMap';
import type { FileWatch } from './fileWatch';
import { t } from './l10n';
import { nameOf, type Taken } from './texts';

/** A trace that can be looked at. */
export interface Trace {
  readonly uri: vscode.Uri;
  readonly info: TraceInfo;
  readonly progress: TraceProgress;
  /** Why the trace is not that of the text any more. */
  readonly stale: string | undefined;
  /** Where a range of the traced text is now in the document; undefined where it was changed. */
  toLive(range: TextRange): TextRange | undefined;
  /** The traced offset of what is at an offset of the document; undefined where it was changed. */
  toTraced(offset: number): number | undefined;
}

export class Entry implements Trace {
  readonly edits: EditMap;
  state: { readonly info: TraceInfo; progress: TraceProgress } | undefined;
  deleted = false;
  /** A file that no document shows has changed. */
  rewritten = false;
  watch: FileWatch | undefined;
  /** Waits until the trace follows what was edited. */
  follow: NodeJS.Timeout | undefined;
  /** The edits are about to be traced: nobody needs to be told that they are not. */
  following = false;
  readonly ended: Promise<void>;
  /** Settles `ended`. */
  end: () => void = () => undefined;

  constructor(
    public uri: vscode.Uri,
    public taken: Taken,
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.edits = new EditMap(taken.text?.length ?? 0);
  }

  get info(): TraceInfo {
    return this.#opened.info;
  }

  get progress(): TraceProgress {
    return this.#opened.progress;
  }

  get running(): boolean {
    return this.state?.progress.state === 'running';
  }

  get stale(): string | undefined {
    if (this.deleted) return t('The file was deleted since it was traced.');
    if (this.rewritten) return t('The file was changed since it was traced.');
    return this.edits.unchanged || this.following ? undefined : t('The text was edited since it was traced.');
  }

  toLive(range: TextRange): TextRange | undefined {
    return this.edits.toLive(range);
  }

  toTraced(offset: number): number | undefined {
    const traced = this.edits.toTraced(offset);
    return traced !== undefined && traced < this.edits.length ? traced : undefined;
  }

  get #opened(): { readonly info: TraceInfo; readonly progress: TraceProgress } {
    if (this.state === undefined) throw new GatescopeError('internal', say`This trace is not open yet.`);
    return this.state;
  }
}

/** A trace that is being opened, beside an earlier one of the same document that is still shown. */
export class Attempt {
  /** From the moment the text was taken: edits are followed from here on. */
  entry: Entry | undefined;
  /** A newer attempt on the same document has begun. */
  replaced = false;
  stopRequested = false;

  constructor(
    readonly asked: vscode.Uri,
    /** By which the worker ends the opening. */
    readonly ticket: number,
    /** It follows edits, and was not asked for by a person. */
    readonly follows = false,
  ) {}

  get uri(): vscode.Uri {
    return this.entry?.uri ?? this.asked;
  }

  check(): void {
    if (this.replaced) throw cancelled(say`Tracing ${nameOf(this.uri)}`);
  }
}

/** Un-marks what is again as it was traced. */
export function heal(entry: Entry, document: vscode.TextDocument): void {
  entry.edits.heal(
    ({ start, end }) => entry.taken.text?.slice(start, end) ?? '',
    ({ start, end }) => document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))),
  );
}
