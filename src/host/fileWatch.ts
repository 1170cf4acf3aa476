/** Tells when a file is deleted, comes back, or changes on disk. */
import * as vscode from 'vscode';

export interface FileListener {
  /** With false: it is there again, as after a program has replaced it. */
  deleted(deleted: boolean): void;
  changed(): void;
}

export class FileWatch implements vscode.Disposable {
  readonly #disposables: vscode.Disposable[] = [];

  constructor(uri: vscode.Uri, listener: FileListener) {
    const key = uri.toString();
    const inside = (folder: vscode.Uri): boolean => key.startsWith(`${folder.toString()}/`);
    this.#disposables.push(
      vscode.workspace.onDidDeleteFiles(({ files }) => {
        if (files.some((file) => file.toString() === key || inside(file))) listener.deleted(true);
      }),
    );
    // What is in no file system, as a new text or a sample, cannot be watched.
    if (uri.scheme === 'untitled' || vscode.workspace.fs.isWritableFileSystem(uri.scheme) === undefined) return;
    // A pattern of the name would need escaping; the folder's own files are few enough to compare.
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const whenIt =
      (act: () => void) =>
      (changed: vscode.Uri): void => {
        if (changed.toString() === key) act();
      };
    this.#disposables.push(
      watcher,
      watcher.onDidDelete(
        whenIt(() => {
          listener.deleted(true);
        }),
      ),
      watcher.onDidCreate(
        whenIt(() => {
          listener.deleted(false);
          listener.changed();
        }),
      ),
      watcher.onDidChange(
        whenIt(() => {
          listener.changed();
        }),
      ),
    );
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
