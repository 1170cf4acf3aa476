/** What the hover says, in the real editor, of characters of one to many bytes. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { gatescope, hovers, setSetting, tidy, traced, write } from './helpers';

const TEXT = 'if (a) { 我们 👩‍🚀 `|` }\n';

suite('the hover', () => {
  let document: vscode.TextDocument;

  setup(async () => {
    const uri = await write('hover.txt', TEXT);
    document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    await traced(uri);
  });
  teardown(async () => {
    await setSetting('hover.enabled', undefined);
    await tidy();
  });

  const cases: readonly (readonly [what: string, offset: number, says: readonly RegExp[]])[] = [
    [
      'the first character',
      0,
      [/^`i` · \[Show/, /^\| next \|.*` came \|/m, /^\| unit \| &ensp;f \| &ensp;i \| &ensp;g \| &ensp;o \|/m],
    ],
    ['an ASCII character', 3, [/^`\(` · \*\*\d+\.\d+ bits\*\*/, /^\| mean \| &ensp;\d\.\d\d \| &ensp;\d\.\d\d \|/m]],
    ['a space', 2, [/^`␣` ·/]],
    ['a Chinese character', TEXT.indexOf('我'), [/^`我` · 3 bytes `⟨E6⟩ ⟨88⟩ ⟨91⟩` · \*\*\d/]],
    ['a backtick', TEXT.indexOf('`'), [/^`` ` `` ·/]],
    ['a bar', TEXT.indexOf('|'), [/^`\|` ·/]],
    ['the last character', TEXT.length - 1, [/^`↵` ·/]],
  ];
  for (const [what, offset, says] of cases) {
    test(what, async () => {
      const [hover, ...more] = await hovers(document, offset);
      ok(hover);
      deepEqual(more, []);
      for (const pattern of says) match(hover.text, pattern);
      equal(document.getText(hover.range).length, 1);
      equal(hover.range && document.offsetAt(hover.range.start), offset);
      // A glance: the picture aside.
      ok(hover.text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('![')).length <= 10);
    });
  }

  test('an emoji is one thing, wherever it is touched', async () => {
    const start = TEXT.indexOf('👩');
    const [first] = await hovers(document, start);
    ok(first?.range);
    ok(document.getText(first.range).startsWith('👩'));
    const [second] = await hovers(document, start + 1);
    ok(second?.range?.isEqual(first.range));
  });

  test('trusts its own link only', async () => {
    const [hover] = await hovers(document, 3);
    const [content] = hover?.hover.contents ?? [];
    ok(content instanceof vscode.MarkdownString);
    deepEqual(content.isTrusted, { enabledCommands: ['gatescope.reveal'] });
  });

  test('its link runs', async () => {
    const { scene } = await gatescope();
    ok(scene.kind === 'trace');
    await vscode.commands.executeCommand('gatescope.reveal', scene.info.id, 3, 0, 5);
  });

  test('is silent when it is switched off, beyond the end, and in other texts', async () => {
    deepEqual(await hovers(document, TEXT.length), []);
    const other = await vscode.workspace.openTextDocument({ content: TEXT });
    deepEqual(await hovers(other, 3), []);
    await setSetting('hover.enabled', false);
    deepEqual(await hovers(document, 3), []);
  });
});
