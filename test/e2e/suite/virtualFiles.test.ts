/** Texts and models on a file system that only an extension knows. */
import { equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { gatescope, hovers, setSetting, tidy, trace, traced } from './helpers';

const SCHEME = 'gatescope-test';

class Memory implements vscode.FileSystemProvider {
  readonly files = new Map<string, Uint8Array>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }
  stat(uri: vscode.Uri): vscode.FileStat {
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: this.readFile(uri).length };
  }
  readFile(uri: vscode.Uri): Uint8Array {
    const content = this.files.get(uri.path);
    if (content === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return content;
  }
  readDirectory(): [string, vscode.FileType][] {
    return [];
  }
  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    this.files.set(uri.path, content);
  }
  delete(uri: vscode.Uri): void {
    this.files.delete(uri.path);
    this.#changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }
  createDirectory(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
  rename(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
}

const at = (path: string): vscode.Uri => vscode.Uri.from({ scheme: SCHEME, path });

suite('a virtual file system', () => {
  const memory = new Memory();
  let registration: vscode.Disposable;

  suiteSetup(() => {
    registration = vscode.workspace.registerFileSystemProvider(SCHEME, memory, { isCaseSensitive: true });
  });
  suiteTeardown(() => {
    registration.dispose();
  });
  teardown(async () => {
    await setSetting('model', undefined);
    await tidy();
  });

  test('its texts are traced', async () => {
    memory.files.set('/text.txt', Buffer.from('virtual 你好'));
    const scene = await traced(at('/text.txt'));
    equal(scene.info.tokens, 14);
    const document = await vscode.workspace.openTextDocument(at('/text.txt'));
    equal((await hovers(document, 8)).length, 1);
  });

  test('its invalid UTF-8 is traced byte by byte', async () => {
    memory.files.set('/invalid.txt', Uint8Array.of(0x61, 0xff, 0x62));
    equal((await traced(at('/invalid.txt'))).info.tokens, 3);
  });

  test('its binary files are refused', async () => {
    memory.files.set(
      '/binary',
      Uint8Array.from({ length: 600 }, (_, n) => n % 251),
    );
    const scene = await trace(at('/binary'));
    ok(scene.kind === 'failed');
    match(scene.message, /binary/i);
  });

  test('its missing files are named', async () => {
    const scene = await trace(at('/missing.txt'));
    ok(scene.kind === 'failed');
    match(scene.message, /missing\.txt cannot be found/);
  });

  test('its models are read', async () => {
    const { extensionUri } = vscode.extensions.getExtension('gatescope.gatescope') ?? {};
    ok(extensionUri);
    const folder = vscode.Uri.joinPath(extensionUri, 'media', 'models');
    const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
    const model = names.find((name) => name.endsWith('.safetensors')) ?? '';
    memory.files.set('/m.safetensors', await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, model)));
    memory.files.set('/text.txt', Buffer.from('abc'));
    await setSetting('model', at('/m.safetensors').toString());
    equal((await traced(at('/text.txt'))).progress.state, 'done');
    await setSetting('model', at('/none.safetensors').toString());
    await gatescope();
    const scene = await trace(at('/text.txt'));
    ok(scene.kind === 'failed');
    match(scene.message, /none\.safetensors/);
  });
});
