/** The texts that go wrong elsewhere: each ends in a right answer or a clear message. */
import { equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  edit,
  gatescope,
  hovers,
  setSetting,
  tidy,
  trace,
  traced,
  workspaceFile,
  write,
  type TraceScene,
} from './helpers';

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');
const utf16be = (text: string): Buffer => utf16(text).swap16();

/** Every character of the document lies where the trace says it does. */
async function checkPositions(scene: TraceScene, document: vscode.TextDocument): Promise<void> {
  const { worker } = await gatescope();
  const text = document.getText();
  equal(scene.info.textLength, text.length);
  let covered = 0;
  for (const glyph of await worker.glyphs(scene.info.id, 0, scene.info.tokens)) {
    equal(glyph.start, covered);
    equal(text.slice(glyph.start, glyph.start + glyph.text.length), glyph.text);
    covered += glyph.text.length;
    const { token, count } = await worker.tokensAt(scene.info.id, glyph.start);
    ok(glyph.token <= token && token + count <= glyph.token + glyph.count);
  }
  equal(covered, text.length);
}

suite('texts that can be traced', () => {
  teardown(tidy);

  const cases: readonly (readonly [name: string, content: string | Uint8Array, tokens: number])[] = [
    ['one-character.txt', 'a', 1],
    ['one-emoji.txt', '🦉', 4],
    ['crlf.txt', 'one\r\ntwo\r\n', 10],
    ['mixed-line-ends.txt', 'a\r\nb\nc\r\nd\r\n', 12],
    ['byte-order-mark.txt', '\uFEFFabc', 3],
    ['utf16-le.txt', utf16('Größe 你好\r\n'), 16],
    ['utf16-be.txt', utf16be('Größe 你好\n'), 15],
    ['invalid-utf8.txt', Uint8Array.of(0x61, 0xff, 0x62, 0xe4, 0xbd, 0x63), 6],
    ['joiners.txt', '👩‍👩‍👧‍👦 👩🏽‍🚀 e\u0301 🇩🇪', 25 + 1 + 15 + 1 + 3 + 1 + 8],
    ['tabs.txt', '\ta\t\tb', 5],
  ];
  for (const [name, content, tokens] of cases) {
    test(name, async () => {
      const uri = await write(name, content);
      const document = await vscode.workspace.openTextDocument(uri);
      const scene = await traced(uri);
      equal(scene.info.tokens, tokens);
      equal(scene.progress.state, 'done');
      await checkPositions(scene, document);
    });
  }

  test('invalid UTF-8 that was edited is traced as it is shown', async () => {
    const uri = await write('invalid-edited.txt', Uint8Array.of(0x61, 0xff, 0x62));
    const document = await vscode.workspace.openTextDocument(uri);
    await edit(document, 0, 0, 'x');
    const scene = await traced(uri);
    // x, a, three bytes of U+FFFD, b
    equal(scene.info.tokens, 6);
    await checkPositions(scene, document);
  });

  test('an encoding that the person has chosen', async () => {
    const uri = await write('latin1.txt', Uint8Array.of(0x47, 0x72, 0xf6, 0xdf, 0x65));
    const document = await vscode.workspace.openTextDocument(uri, { encoding: 'windows1252' });
    const scene = await traced(uri);
    equal(document.getText(), 'Größe');
    equal(scene.info.tokens, 7);
    await checkPositions(scene, document);
  });

  test('an untitled document', async () => {
    const document = await vscode.workspace.openTextDocument({ content: 'never saved' });
    const scene = await traced(document.uri);
    equal(scene.info.tokens, 11);
    equal((await hovers(document, 3)).length, 1);
  });

  test('an unsaved document, as it is on the screen', async () => {
    const uri = await write('unsaved.txt', 'saved');
    const document = await vscode.workspace.openTextDocument(uri);
    await edit(document, 0, 5, 'not saved yet');
    const scene = await traced(uri);
    equal(scene.info.textLength, 13);
    await checkPositions(scene, document);
  });
});

suite('texts that cannot be traced', () => {
  teardown(tidy);

  const cases: readonly (readonly [name: string, content: string | Uint8Array | undefined, says: RegExp])[] = [
    ['empty.txt', '', /empty|no text/i],
    ['only-a-mark.txt', '\uFEFF', /empty|no text|byte order mark/i],
    ['binary.dat', Uint8Array.from({ length: 4096 }, (_, n) => (n * 7) % 256), /binary/i],
    ['missing.txt', undefined, /cannot be found/],
  ];
  for (const [name, content, says] of cases) {
    test(name, async () => {
      const uri = content === undefined ? workspaceFile(name) : await write(name, content);
      const scene = await trace(uri);
      ok(scene.kind === 'failed', JSON.stringify(scene));
      equal(scene.file, name);
      match(scene.message, says);
    });
  }

  test('a folder', async () => {
    await vscode.workspace.fs.createDirectory(workspaceFile('folder'));
    const scene = await trace(workspaceFile('folder'));
    ok(scene.kind === 'failed');
    match(scene.message, /is a folder/);
  });

  test('a failure takes the place of the earlier trace of the same file', async () => {
    const uri = await write('shrinks.txt', 'text');
    await traced(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await edit(document, 0, 4, '');
    equal((await trace(uri)).kind, 'failed');
    equal((await hovers(document, 0)).length, 0);
  });
});

suite('models that cannot be used', () => {
  teardown(async () => {
    await setSetting('model', undefined);
    await tidy();
  });

  test('a missing one is named with the remedy', async () => {
    await setSetting('model', 'no/such.safetensors');
    const scene = await trace(workspaceFile('english.txt'));
    ok(scene.kind === 'failed');
    match(scene.message, /no\/such\.safetensors/);
    equal(scene.remedy, 'Select another model.');
  });

  test('a missing one by its absolute path', async () => {
    await setSetting('model', '/no/such.safetensors');
    const scene = await trace(workspaceFile('english.txt'));
    ok(scene.kind === 'failed');
    match(scene.message, /such\.safetensors/);
  });

  for (const [name, content] of [
    ['garbage', Buffer.from('this is not a model at all')],
    ['empty', Buffer.alloc(0)],
    ['a lying header', Buffer.concat([Buffer.from([255, 255, 255, 255, 255, 255, 255, 127]), Buffer.from('{}')])],
  ] as const) {
    test(`a damaged one: ${name}`, async () => {
      await write('damaged.safetensors', content);
      await setSetting('model', 'damaged.safetensors');
      const scene = await trace(workspaceFile('english.txt'));
      ok(scene.kind === 'failed');
      match(scene.message, /damaged\.safetensors/);
    });
  }

  test('a damaged one that was mended is read again', async () => {
    await write('mended.safetensors', 'garbage');
    await setSetting('model', 'mended.safetensors');
    equal((await trace(workspaceFile('english.txt'))).kind, 'failed');
    const bundled = vscode.extensions.getExtension('gatescope.gatescope')?.extensionUri;
    ok(bundled);
    const folder = vscode.Uri.joinPath(bundled, 'media', 'models');
    const [name] = (await vscode.workspace.fs.readDirectory(folder))
      .map(([entry]) => entry)
      .filter((entry) => entry.endsWith('.safetensors'));
    ok(name);
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(folder, name), workspaceFile('mended.safetensors'), {
      overwrite: true,
    });
    equal((await trace(workspaceFile('english.txt'))).kind, 'trace');
  });
});
