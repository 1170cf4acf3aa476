/**
 * Which document has which trace: one for each document, from the moment its text was taken until the document is
 * closed or the trace cleared. Follows edits, deletion and renaming, so that a position is exact or absent.
 */
import * as vscode from 'vscode';
import { asGatescopeError, cancelled, GatescopeError, isCancelled } from '../shared/errors';
import { say } from '../shared/l10n';
import type { Remote } from '../shared/rpc';
import type { TraceId, TraceInfo, TraceProgress } from '../shared/trace';
import type { Scene } from '../shared/viewApi';
import type { WorkerApi } from '../shared/workerApi';
import { Attempt, Entry, heal, type Trace } from './entry';
import { FileWatch } from './fileWatch';
import { shown, t } from './l10n';
import { mark } from './marks';
import type { Models } from './models';
import { settings } from './settings';
import { nameOf, takeText, textOf, type Taken } from './texts';

export type { Trace } from './entry';

/** A closed tab or document may come back at once: renamed, moved, or with another language. Milliseconds. */
const GRACE = 1000;

/** Rest from typing after which the trace follows, milliseconds. */
const TYPING = 120;

interface Failure {
  readonly uri: vscode.Uri;
  readonly error: GatescopeError;
}

export class Traces implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** What is shown has changed: another trace, its staleness, or why there is none. */
  readonly onDidChange = this.#changed.event;
  readonly #progressed = new vscode.EventEmitter<TraceProgress>();
  /** Progress of the trace shown. */
  readonly onDidProgress = this.#progressed.event;

  readonly #entries = new Map<string, Entry>();
  /** Progress of a trace whose opening was not answered yet. */
  readonly #early = new Map<TraceId, TraceProgress>();
  readonly #attempts = new Set<Attempt>();
  /** Above zero: a comparison's are below. */
  #nextTicket = 1;
  readonly #disposables: vscode.Disposable[];
  #shown: Entry | undefined;
  #failure: Failure | undefined;

  constructor(
    private readonly worker: Remote<WorkerApi>,
    private readonly models: Models,
  ) {
    const { workspace } = vscode;
    this.#disposables = [
      workspace.onDidChangeTextDocument((event) => {
        this.#edited(event);
      }),
      workspace.onDidOpenTextDocument((document) => {
        this.#documentOpened(document);
      }),
      workspace.onDidCloseTextDocument(({ uri }) => {
        this.#closedSoon(uri);
      }),
      // VS Code keeps a document for a while after its last tab was closed.
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const { input } of closed) if (input instanceof vscode.TabInputText) this.#closedSoon(input.uri);
      }),
      workspace.onDidRenameFiles(({ files }) => {
        for (const { oldUri, newUri } of files) this.#renamed(oldUri, newUri);
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        const entry = editor && this.#opened(editor.document.uri);
        if (entry !== undefined) this.#show(entry);
      }),
      models.onDidChange(() => {
        if (this.#shown === undefined) this.#changed.fire();
      }),
    ];
  }

  dispose(): void {
    for (const entry of this.#entries.values()) {
      entry.watch?.dispose();
      clearTimeout(entry.follow);
    }
    for (const disposable of this.#disposables) disposable.dispose();
    this.#changed.dispose();
    this.#progressed.dispose();
  }

  /** The trace shown. */
  get shown(): Trace | undefined {
    return this.#shown;
  }

  get running(): boolean {
    return this.#shown?.running ?? false;
  }

  /** What a trace was last asked for, though it may have failed. */
  get subject(): vscode.Uri | undefined {
    return this.#shown?.uri ?? this.#failure?.uri;
  }

  get scene(): Scene {
    if (this.#shown !== undefined) {
      const { uri, info, progress, stale } = this.#shown;
      return { kind: 'trace', info, progress, title: nameOf(uri), stale };
    }
    if (this.#failure !== undefined) {
      const { uri, error } = this.#failure;
      return { kind: 'failed', file: nameOf(uri), message: shown(error.text), remedy: remedyFor(error) };
    }
    return { kind: 'empty', modelName: this.models.label };
  }

  /** The trace of a document. */
  of(uri: vscode.Uri): Trace | undefined {
    return this.#opened(uri);
  }

  byId(id: TraceId): Trace | undefined {
    return this.#byId(id);
  }

  /**
   * Traces the text behind a URI and shows it, in place of an earlier trace of it.
   *
   * @param pause as in `TraceOptions`
   * @returns the trace, as soon as its first part can be shown, and a promise of its end
   * @throws any error of `takeText`, `Models.load` and `WorkerApi.open`; cancelled
   */
  async trace(uri: vscode.Uri, pause = 0): Promise<{ readonly trace: Trace; readonly ended: Promise<void> }> {
    for (const earlier of this.#attemptsOn(uri)) {
      earlier.replaced = true;
      this.#endOpening(earlier);
    }
    const attempt = new Attempt(uri, this.#nextTicket++);
    this.#attempts.add(attempt);
    try {
      const entry = await this.#open(attempt, pause);
      if (attempt.stopRequested) await this.#stop(entry);
      return { trace: entry, ended: entry.ended };
    } catch (error) {
      const failure = asGatescopeError(error);
      const stopped = attempt.stopRequested && isCancelled(failure);
      if (!attempt.replaced && !stopped) {
        const previous = this.#entries.get(attempt.uri.toString());
        this.#failure = { uri: attempt.uri, error: failure };
        if (previous !== undefined) this.#drop(previous);
        this.#show(undefined, true);
      }
      throw failure;
    } finally {
      attempt.entry?.watch?.dispose();
      this.#attempts.delete(attempt);
    }
  }

  /** Stops what runs; what was traced stays readable. */
  async stop(uri: vscode.Uri | undefined = this.subject): Promise<void> {
    for (const attempt of this.#attempts) {
      if (uri !== undefined && attempt.uri.toString() !== uri.toString()) continue;
      attempt.stopRequested = true;
      this.#endOpening(attempt);
    }
    const entry = uri && this.#opened(uri);
    if (entry?.running === true) await this.#stop(entry);
  }

  /** Forgets a trace, by default the one shown, and frees its memory. */
  clear(uri: vscode.Uri | undefined = this.#shown?.uri): void {
    this.#failure = undefined;
    const entry = uri && this.#entries.get(uri.toString());
    if (entry !== undefined) this.#drop(entry);
    this.#changed.fire();
  }

  show(trace: Trace): void {
    const entry = this.#byId(trace.info.id);
    if (entry !== undefined) this.#show(entry);
  }

  progress(progress: TraceProgress): void {
    const entry = this.#byId(progress.id);
    if (entry?.state === undefined) {
      // Told before the answer to `open` arrived.
      if (this.#attempts.size > 0) this.#early.set(progress.id, progress);
      return;
    }
    entry.state.progress = progress;
    if (entry === this.#shown) this.#progressed.fire(progress);
    if (progress.state !== 'running') entry.end();
  }

  /** The worker is gone and every trace with it. */
  workerExited(reason: GatescopeError): void {
    const shown = this.#shown;
    if (shown !== undefined) this.#failure = { uri: shown.uri, error: reason };
    for (const entry of this.#entries.values()) {
      entry.watch?.dispose();
      clearTimeout(entry.follow);
      entry.end();
    }
    this.#entries.clear();
    this.#early.clear();
    this.#show(undefined);
  }

  async #open(attempt: Attempt, pause: number): Promise<Entry> {
    const model = await this.models.load();
    mark('model');
    attempt.check();
    const taken = await takeText(attempt.asked);
    mark('text');
    attempt.check();
    const info = await this.#openText(attempt, taken, model.id, pause);
    if (taken.document === undefined || taken.source.kind === 'text' || info.textLength === taken.text?.length) {
      return this.#begin(attempt, info);
    }
    // The editor decodes these bytes in another way: what it shows is what is traced.
    this.#close(info.id);
    return this.#begin(attempt, await this.#openText(attempt, textOf(taken.document), model.id, pause));
  }

  async #openText(attempt: Attempt, taken: Taken, model: number, pause: number): Promise<TraceInfo> {
    this.#take(attempt, taken);
    const info = await this.worker.open({
      text: taken.source,
      model,
      memory: settings.memory,
      ticket: attempt.ticket,
      pause,
    });
    mark('opened');
    if (attempt.replaced) this.#close(info.id);
    attempt.check();
    return info;
  }

  #take(attempt: Attempt, taken: Taken): Entry {
    attempt.entry?.watch?.dispose();
    // Begins at the moment when the text was taken: no event can come between.
    const entry = new Entry(attempt.uri, taken);
    attempt.entry = entry;
    this.#watch(entry);
    return entry;
  }

  #watch(entry: Entry): void {
    entry.watch?.dispose();
    entry.watch = new FileWatch(entry.uri, {
      deleted: (deleted) => {
        this.#update(entry, () => (entry.deleted = deleted));
      },
      changed: () => {
        if (entry.taken.document === undefined) this.#update(entry, () => (entry.rewritten = true));
      },
    });
  }

  #begin(attempt: Attempt, info: TraceInfo): Entry {
    const { entry } = attempt;
    if (entry === undefined) throw new GatescopeError('internal', say`A trace was opened without its text.`);
    attempt.entry = undefined;
    const early = this.#early.get(info.id);
    this.#early.delete(info.id);
    entry.state = { info, progress: early ?? { id: info.id, done: 0, state: 'running', meanLoss: undefined } };
    if (!entry.running) entry.end();
    const previous = this.#entries.get(entry.uri.toString());
    this.#entries.set(entry.uri.toString(), entry);
    this.#failure = undefined;
    // A text that is edited in the background is not brought to the front.
    if (!attempt.follows || this.#shown === previous) this.#show(entry);
    if (previous !== undefined) this.#drop(previous);
    if (entry.taken.document?.isClosed === true) this.#closedSoon(entry.uri);
    this.#followSoon(entry);
    return entry;
  }

  /** Cutting a long text into tokens takes seconds: it is ended at once. */
  #endOpening({ ticket }: Attempt): void {
    void this.worker.cancel(ticket).catch(() => undefined);
  }

  async #stop(entry: Entry): Promise<void> {
    // A worker that has just ended needs no stop.
    await this.worker.stop(entry.info.id).catch(() => undefined);
  }

  #opened(uri: vscode.Uri): Entry | undefined {
    const entry = this.#entries.get(uri.toString());
    return entry?.state === undefined ? undefined : entry;
  }

  #byId(id: TraceId): Entry | undefined {
    for (const entry of this.#entries.values()) if (entry.state?.info.id === id) return entry;
    return undefined;
  }

  #show(entry: Entry | undefined, always = false): void {
    if (entry === this.#shown && !always) return;
    this.#shown = entry;
    this.#changed.fire();
  }

  #close(id: TraceId): void {
    this.#early.delete(id);
    void this.worker.close(id).catch(() => undefined);
  }

  #drop(entry: Entry): void {
    const key = entry.uri.toString();
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    entry.watch?.dispose();
    clearTimeout(entry.follow);
    entry.end();
    this.#close(entry.info.id);
    if (entry === this.#shown) this.#show(undefined);
  }

  /** The traces of a document: the one that can be looked at, and those being opened. */
  #following(uri: vscode.Uri): Entry[] {
    const entries = [this.#entries.get(uri.toString()), ...this.#attemptsOn(uri).map(({ entry }) => entry)];
    return entries.filter((entry) => entry !== undefined);
  }

  #attemptsOn(uri: vscode.Uri): Attempt[] {
    const key = uri.toString();
    return [...this.#attempts].filter((attempt) => attempt.uri.toString() === key);
  }

  /** Changes an entry, and tells the views if what they show of it is another thing now. */
  #update(entry: Entry, change: () => void): void {
    const before = entry.stale;
    change();
    if (entry === this.#shown && entry.stale !== before) this.#changed.fire();
  }

  #edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    for (const entry of this.#following(document.uri)) {
      if (entry.taken.text === undefined) continue;
      this.#update(entry, () => {
        for (const { rangeOffset, rangeLength, text } of contentChanges) {
          entry.edits.apply({ offset: rangeOffset, length: rangeLength, inserted: text.length });
        }
        heal(entry, document);
        this.#followSoon(entry);
      });
    }
  }

  /** Has the trace follow the edits, once the typing rests. */
  #followSoon(entry: Entry): void {
    clearTimeout(entry.follow);
    const { document } = entry.taken;
    // What a person stopped stays stopped.
    const follows = settings.followEdits && entry.state !== undefined && entry.progress.state !== 'stopped';
    entry.following = follows && document !== undefined && !entry.edits.unchanged;
    if (!entry.following || document === undefined) return;
    entry.follow = setTimeout(() => {
      this.#followEdits(entry, document).catch(() => {
        // It says so, and offers to be traced again.
        this.#update(entry, () => (entry.following = false));
      });
    }, TYPING);
  }

  /** Opens the trace of the text as it is now, in place of that of the text as it was. */
  async #followEdits(earlier: Entry, document: vscode.TextDocument): Promise<void> {
    const { uri, info } = earlier;
    const others = this.#attemptsOn(uri);
    if (this.#entries.get(uri.toString()) !== earlier || others.some(({ follows }) => !follows)) return;
    if (earlier.progress.state === 'stopped') throw cancelled(say`Tracing ${nameOf(uri)}`);
    for (const other of others) other.replaced = true;
    const attempt = new Attempt(uri, this.#nextTicket++, true);
    this.#attempts.add(attempt);
    try {
      const taken = textOf(document);
      const text = taken.text ?? '';
      const changes = earlier.edits.regions.map(({ start, end, liveStart, liveEnd }) => ({
        start,
        end,
        text: text.slice(liveStart, liveEnd),
      }));
      const entry = this.#take(attempt, taken);
      const next = await this.worker.edit(info.id, changes).catch((error: unknown) => {
        if (asGatescopeError(error).code !== 'bad-request') throw error;
        // Only the whole text tells what it is now: words and tables, or half a surrogate pair.
        const { ticket } = attempt;
        return this.worker.open({ text: taken.source, model: info.model.id, memory: settings.memory, ticket });
      });
      const gone = this.#entries.get(uri.toString()) !== earlier;
      if (attempt.replaced || gone || next.textLength !== text.length) this.#close(next.id);
      attempt.check();
      if (gone) return;
      if (next.textLength !== text.length) throw new GatescopeError('internal', say`The edits lead to another text.`);
      entry.deleted = earlier.deleted;
      this.#begin(attempt, next);
      if (attempt.stopRequested) await this.#stop(entry);
    } catch (error) {
      if (!attempt.replaced) throw error;
    } finally {
      attempt.entry?.watch?.dispose();
      this.#attempts.delete(attempt);
    }
  }

  #closedSoon(uri: vscode.Uri): void {
    const entry = this.#entries.get(uri.toString());
    if (entry?.taken.document === undefined) return;
    setTimeout(() => {
      // It may have another name by now. The trace of a deleted file is all that is left of it.
      const there = this.#entries.get(entry.uri.toString()) === entry;
      if (there && !entry.deleted && !inTab(entry.uri)) this.#drop(entry);
    }, GRACE);
  }

  /** A document came back, after a renaming perhaps; what was done to it meanwhile nobody told. */
  #documentOpened(document: vscode.TextDocument): void {
    for (const entry of this.#following(document.uri)) {
      if (entry.taken.text === undefined || entry.taken.document === document) continue;
      this.#update(entry, () => {
        entry.edits.replaceAll(document.getText().length);
        heal(entry, document);
        entry.taken = { ...entry.taken, document };
        this.#followSoon(entry);
      });
    }
  }

  #renamed(from: vscode.Uri, to: vscode.Uri): void {
    const attempts = [...this.#attempts].map(({ entry }) => entry).filter((entry) => entry !== undefined);
    for (const entry of [...this.#entries.values(), ...attempts]) {
      const { scheme, path } = entry.uri;
      if (scheme !== from.scheme || (path !== from.path && !path.startsWith(`${from.path}/`))) continue;
      const open = this.#entries.get(entry.uri.toString()) === entry;
      if (open) this.#entries.delete(entry.uri.toString());
      entry.uri = entry.uri.with({ path: to.path + path.slice(from.path.length) });
      entry.deleted = false;
      if (open) this.#entries.set(entry.uri.toString(), entry);
      this.#watch(entry);
      if (entry === this.#shown) this.#changed.fire();
    }
  }
}

/** Whether a tab shows a text, alone or compared with another. */
function inTab(uri: vscode.Uri): boolean {
  const key = uri.toString();
  const inputs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ input }) => input);
  return inputs.some(
    (input) =>
      (input instanceof vscode.TabInputText && input.uri.toString() === key) ||
      (input instanceof vscode.TabInputTextDiff && input.modified.toString() === key),
  );
}

/** What a view advises under the message of an error, where the message itself does not. */
function remedyFor({ code }: GatescopeError): string | undefined {
  switch (code) {
    case 'model-not-found':
    case 'model-damaged':
    case 'model-unsupported':
      return t('Select another model.');
    default:
      return undefined;
  }
}
