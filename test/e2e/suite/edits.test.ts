/** What becomes of a trace when its text is edited, deleted, renamed or closed: positions are exact or absent. */
import { equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { edit, gatescope, hovers, isGone, tidy, traced, until, write } from './helpers';

const stale = async (): Promise<string | undefined> => {
  const { scene } = await gatescope();
  return scene.kind === 'trace' ? scene.stale : `nothing is shown: ${scene.kind}`;
};

/** Whether a hover answers at an offset, and then for which text of the document. */
async function hovered(document: vscode.TextDocument, offset: number): Promise<string | undefined> {
  const [hover] = await hovers(document, offset);
  return hover && document.getText(hover.range);
}

async function tracedDocument(name: string, text: string): Promise<vscode.TextDocument> {
  const uri = await write(name, text);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  await traced(uri);
  return document;
}

/** Without following, a trace stays that of the text as it was. */
const followEdits = (value: boolean | undefined): Thenable<void> =>
  vscode.workspace.getConfiguration('gatescope').update('followEdits', value, vscode.ConfigurationTarget.Global);

suite('a text that is followed', () => {
  teardown(tidy);

  const tokens = async (): Promise<number> => {
    const { scene } = await gatescope();
    return scene.kind === 'trace' ? scene.info.tokens : -1;
  };

  test('is traced as it is typed; positions hold before and after', async () => {
    const document = await tracedDocument('followed.txt', 'one 你好 two three');
    await edit(document, 0, 0, 'zero ');
    // At once, by the trace of the text as it was.
    equal(await stale(), undefined);
    equal(await hovered(document, 9), '你');
    await until('the trace has followed', async () => (await tokens()) === 25);
    for (let offset = 0; offset < document.getText().length; offset++) {
      equal(await hovered(document, offset), document.getText().charAt(offset), `offset ${String(offset)}`);
    }
    await edit(document, 9, 2, '😀');
    await until('it has followed again', async () => (await tokens()) === 23);
    equal(await hovered(document, 9), '😀');
    equal(await stale(), undefined);
  });

  test('that is emptied says so, and is followed again', async () => {
    const document = await tracedDocument('emptied.txt', 'some text');
    await edit(document, 0, 9, '');
    await until('it is marked', async () => (await stale())?.includes('edited'));
    await edit(document, 0, 0, 'more');
    await until('the trace has followed', async () => (await tokens()) === 4);
    equal(await stale(), undefined);
  });

  test('frees the traces of the texts before', async () => {
    const document = await tracedDocument('freed.txt', 'one');
    const { scene } = await gatescope();
    ok(scene.kind === 'trace');
    await edit(document, 3, 0, ' two');
    await until('the trace has followed', async () => (await tokens()) === 7);
    await until('the worker has closed the old one', () => isGone(scene.info.id));
  });
});

suite('an edited text', () => {
  suiteSetup(() => followEdits(false));
  suiteTeardown(() => followEdits(undefined));
  teardown(tidy);

  test('is marked, its characters are followed, and those changed are withdrawn', async () => {
    const document = await tracedDocument('edited.txt', 'one 你好 three\nfour');
    equal(await stale(), undefined);
    equal(await hovered(document, 4), '你');
    await edit(document, 0, 0, 'zero\n');
    match((await stale()) ?? '', /edited/);
    equal(document.getText().slice(9, 10), '你');
    equal(await hovered(document, 9), '你');
    // What was typed has no trace.
    equal(await hovered(document, 1), undefined);
    await edit(document, 9, 1, '我');
    equal(await hovered(document, 9), undefined);
    equal(await hovered(document, 10), '好');
    equal(await hovered(document, 19), 'o');
  });

  test('is its old self again after an undo', async () => {
    const document = await tracedDocument('undone.txt', 'one two three');
    await edit(document, 4, 3, 'TWO');
    match((await stale()) ?? '', /edited/);
    equal(await hovered(document, 5), undefined);
    await vscode.commands.executeCommand('undo');
    await until('the mark is gone', async () => (await stale()) === undefined);
    equal(await hovered(document, 5), 'w');
    await vscode.commands.executeCommand('redo');
    await until('the mark is back', async () => (await stale()) !== undefined);
  });

  test('with other line ends withdraws what it cannot follow', async () => {
    const document = await tracedDocument('line-ends.txt', 'one\ntwo\nthree');
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((change) => {
      change.setEndOfLine(vscode.EndOfLine.CRLF);
    });
    match((await stale()) ?? '', /edited/);
    for (let offset = 0; offset < document.getText().length; offset++) {
      const text = await hovered(document, offset);
      ok(text === undefined || document.getText().slice(offset).startsWith(text), `offset ${String(offset)}`);
    }
  });

  test('offers to be traced again', async () => {
    const document = await tracedDocument('again.txt', 'one');
    await edit(document, 3, 0, ' two');
    await vscode.commands.executeCommand('gatescope.traceAgain');
    const { scene } = await gatescope();
    ok(scene.kind === 'trace');
    equal(scene.stale, undefined);
    equal(scene.info.tokens, 7);
  });

  test('may be edited while it is traced', async () => {
    const uri = await write('while.txt', 'abc '.repeat(20_000));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const running = vscode.commands.executeCommand('gatescope.trace', uri);
    const { scene: before } = await gatescope();
    await until('it runs', async () => {
      const { scene } = await gatescope();
      return scene !== before && scene.kind === 'trace' && scene.progress.done > 0;
    });
    await edit(document, 0, 0, 'x');
    match((await stale()) ?? '', /edited/);
    equal(await hovered(document, 1), 'a');
    await vscode.commands.executeCommand('gatescope.stop');
    await running;
  });
});

suite('a file', () => {
  suiteSetup(() => followEdits(false));
  suiteTeardown(() => followEdits(undefined));
  teardown(tidy);

  test('that is deleted leaves its trace, marked', async () => {
    const document = await tracedDocument('deleted.txt', 'gone soon');
    await vscode.workspace.fs.delete(document.uri);
    await until('it is marked', async () => (await stale())?.includes('deleted'));
    const { scene } = await gatescope();
    ok(scene.kind === 'trace');
  });

  test('that is replaced by a program is not taken for deleted', async () => {
    const document = await tracedDocument('replaced.txt', 'first');
    await vscode.workspace.fs.delete(document.uri);
    await until('it is marked', async () => (await stale())?.includes('deleted'));
    await write('replaced.txt', 'second');
    await until('it is back, edited', async () => {
      const why = await stale();
      return why !== undefined && !why.includes('deleted');
    });
  });

  test('that is renamed keeps its trace', async () => {
    const document = await tracedDocument('old-name.txt', 'the same text');
    const to = document.uri.with({ path: document.uri.path.replace('old-name', 'new-name') });
    const rename = new vscode.WorkspaceEdit();
    rename.renameFile(document.uri, to, { overwrite: true });
    ok(await vscode.workspace.applyEdit(rename));
    const renamed = await until('the new document is open', () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === to.toString()),
    );
    const { scene } = await gatescope();
    ok(scene.kind === 'trace');
    equal(scene.title, 'new-name.txt');
    await until('it is not stale', async () => (await stale()) === undefined);
    equal(await hovered(renamed, 4), 's');
    await edit(renamed, 0, 0, '> ');
    equal(await hovered(renamed, 6), 's');
  });

  test('whose editor is closed frees its trace', async () => {
    await tracedDocument('closed.txt', 'some text');
    const { scene } = await gatescope();
    ok(scene.kind === 'trace');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('nothing is shown', async () => (await gatescope()).scene.kind === 'empty');
    await until('the worker has closed it', () => isGone(scene.info.id));
  });

  test('whose language is changed keeps its trace', async () => {
    const document = await tracedDocument('language.txt', 'let x = 1');
    await vscode.languages.setTextDocumentLanguage(document, 'javascript');
    // Longer than the time after which a closed document's trace is dropped.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    equal(await stale(), undefined);
    equal(await hovered(document, 4), 'x');
  });
});
