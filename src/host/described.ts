/** Descriptions of model files: each made when it is asked for, one at a time, and kept until its file changes. */
import * as vscode from 'vscode';
import type { ModelDescription } from '../shared/modelInfo';

interface Entry {
  /** Time and size of the file that was described. */
  readonly stamp: string;
  readonly description: Promise<ModelDescription>;
  done: ModelDescription | undefined;
}

export class Described {
  readonly #entries = new Map<string, Entry>();
  /** The worker answers one question after the other; those that wait here can be overtaken by a trace's. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly inspect: (uri: vscode.Uri) => Promise<ModelDescription>) {}

  /** @throws what `inspect` throws; a failure is not kept */
  async get(uri: vscode.Uri): Promise<ModelDescription> {
    const key = uri.toString();
    const stamp = await stampOf(uri);
    const known = this.#entries.get(key);
    if (known?.stamp === stamp) return known.description;
    const description = this.#queue.then(() => this.inspect(uri));
    this.#queue = description.catch(() => undefined);
    const entry: Entry = { stamp, description, done: undefined };
    this.#entries.set(key, entry);
    description.then(
      (done) => (entry.done = done),
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return description;
  }

  peek(uri: vscode.Uri): ModelDescription | undefined {
    return this.#entries.get(uri.toString())?.done;
  }

  clear(uri?: vscode.Uri): void {
    if (uri === undefined) this.#entries.clear();
    else this.#entries.delete(uri.toString());
  }
}

async function stampOf(uri: vscode.Uri): Promise<string> {
  try {
    const { mtime, size } = await vscode.workspace.fs.stat(uri);
    return `${String(mtime)} ${String(size)}`;
  } catch {
    return 'missing';
  }
}
