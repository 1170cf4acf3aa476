/** Models in VS Code: their pages, which one traces, what is copied, and what is refused. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { setSetting, tidy, traced, until, workspaceFile, write } from './helpers';

const NAME = 'mine.safetensors';

async function bundledModel(): Promise<vscode.Uri> {
  const extension = vscode.extensions.getExtension('gatescope.gatescope');
  ok(extension);
  const folder = vscode.Uri.joinPath(extension.extensionUri, 'media', 'models');
  const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
  const name = names.find((one) => one.endsWith('.safetensors'));
  ok(name);
  return vscode.Uri.joinPath(folder, name);
}

const pages = (): readonly vscode.TabInputCustom[] =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input }) => (input instanceof vscode.TabInputCustom ? [input] : []));

suite('models', () => {
  let mine: vscode.Uri;

  suiteSetup(async () => {
    mine = workspaceFile(NAME);
    await vscode.workspace.fs.copy(await bundledModel(), mine, { overwrite: true });
  });
  suiteTeardown(async () => {
    await vscode.workspace.fs.delete(mine);
  });
  teardown(async () => {
    await setSetting('model', undefined);
    await tidy();
  });

  test('a page opens by the command, of a file and of the model in use', async () => {
    await vscode.commands.executeCommand('gatescope.models.open', mine);
    const page = await until('the page is there', () => pages()[0]);
    equal(page.viewType, 'gatescope.model');
    equal(page.uri.toString(), mine.toString());
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('gatescope.models.open');
    const bundled = await bundledModel();
    await until('the bundled one is there', () => pages()[0]?.uri.toString() === bundled.toString());
  });

  test('a file opens as text unless the page is asked for', async () => {
    const uri = await write('other.safetensors', 'no model');
    await vscode.commands.executeCommand('vscode.open', uri);
    deepEqual(pages(), []);
    await vscode.commands.executeCommand('vscode.openWith', uri, 'gatescope.model');
    await until('its page is there', () => pages().length === 1);
    await vscode.workspace.fs.delete(uri);
  });

  test('a model is used, by the name that the workspace gives it, and traces', async () => {
    await vscode.commands.executeCommand('gatescope.models.use', mine);
    equal(vscode.workspace.getConfiguration('gatescope').get('model'), NAME);
    const { info } = await traced(workspaceFile('english.txt'));
    match(info.model.file, /mine\.safetensors$/u);
  });

  test('a file that is no model is refused, and the one in use stays', async () => {
    const uri = await write('refused.safetensors', 'no model at all');
    await vscode.commands.executeCommand('gatescope.models.use', uri);
    await vscode.commands.executeCommand('gatescope.models.load', uri);
    equal(vscode.workspace.getConfiguration('gatescope').get('model'), '');
    deepEqual(pages(), []);
    await vscode.workspace.fs.delete(uri);
  });

  test('one that is larger than the setting allows is refused with both sizes', async () => {
    await setSetting('models.maxSize', 1);
    try {
      const { extensions, commands } = vscode;
      const extension = extensions.getExtension<{ scene: { kind: string; message?: string } }>('gatescope.gatescope');
      await commands.executeCommand('gatescope.trace', workspaceFile('english.txt'));
      const scene = extension?.exports.scene;
      equal(scene?.kind, 'failed');
      match(scene.message ?? '', /has 1\.\d MB; the setting gatescope\.models\.maxSize allows 1\.0 MB/u);
    } finally {
      await setSetting('models.maxSize', undefined);
    }
  });
});
