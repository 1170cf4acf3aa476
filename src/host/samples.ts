/** Sample texts that come with the extension, as read-only documents: nothing to save, nothing to spoil. */
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import { t } from './l10n';

const SCHEME = 'gatescope-sample';
const labelOf = (name: string): string =>
  name.endsWith('.txt') ? t('text') : name.endsWith('.ts') ? 'TypeScript' : name.endsWith('.md') ? 'Markdown' : '';

export class Samples implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #folder: vscode.Uri;
  readonly #registration: vscode.Disposable;

  constructor(extension: vscode.Uri) {
    this.#folder = vscode.Uri.joinPath(extension, 'media', 'samples');
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  dispose(): void {
    this.#registration.dispose();
  }

  async provideTextDocumentContent({ path }: vscode.Uri): Promise<string> {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.#folder, path));
    return new TextDecoder().decode(bytes);
  }

  /** Lets a person choose where there is a choice. @returns undefined when nothing was chosen */
  async pick(): Promise<vscode.Uri | undefined> {
    const names = await this.#names();
    const items = names.map((name) => ({ label: name, description: labelOf(name) }));
    const item =
      items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: t('Trace a Sample') });
    return item && vscode.Uri.from({ scheme: SCHEME, path: `/${item.label}` });
  }

  /** The first sample. */
  async first(): Promise<vscode.Uri> {
    const [name] = await this.#names();
    return vscode.Uri.from({ scheme: SCHEME, path: `/${name ?? ''}` });
  }

  async #names(): Promise<readonly string[]> {
    const entries = await Promise.resolve(vscode.workspace.fs.readDirectory(this.#folder)).catch(() => []);
    const names = entries.filter(([, type]) => type === vscode.FileType.File).map(([name]) => name);
    const texts = names.filter((name) => !name.startsWith('.') && !/^(readme|licen[cs]e)/i.test(name)).sort();
    if (texts.length > 0) return texts;
    throw new GatescopeError('file-not-found', say`No samples are in ${this.#folder.fsPath}. Install Gatescope again.`);
  }
}
