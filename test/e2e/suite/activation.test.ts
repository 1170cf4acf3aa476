import { deepEqual, equal, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { gatescope, isGone, tidy, traced, until, workspaceFile } from './helpers';

suite('the extension', () => {
  teardown(tidy);

  test('activates, and registers each command that it declares', async () => {
    await gatescope();
    const registered = new Set(await vscode.commands.getCommands(true));
    const manifest = vscode.extensions.getExtension('gatescope.gatescope')?.packageJSON as {
      readonly contributes: { readonly commands: readonly { readonly command: string }[] };
    };
    const declared = manifest.contributes.commands.map(({ command }) => command);
    ok(declared.length > 0);
    deepEqual(
      declared.filter((command) => !registered.has(command)),
      [],
    );
  });

  test('shows nothing before something was traced', async () => {
    const api = await gatescope();
    equal(api.scene.kind, 'empty');
  });

  test('traces the text of the active editor', async () => {
    const api = await gatescope();
    await vscode.window.showTextDocument(workspaceFile('english.txt'));
    await vscode.commands.executeCommand('gatescope.trace');
    const { scene } = api;
    ok(scene.kind === 'trace');
    equal(scene.title, 'english.txt');
    equal(scene.progress.state, 'done');
    equal(scene.progress.done, scene.info.tokens);
    ok((scene.progress.meanLoss ?? NaN) > 0);
    equal(scene.stale, undefined);
  });

  test('shows the text of a file that is traced from the explorer', async () => {
    const scene = await traced(workspaceFile('scanner.ts'));
    equal(scene.title, 'scanner.ts');
    ok(vscode.window.visibleTextEditors.some(({ document }) => document.uri.path.endsWith('/scanner.ts')));
  });

  test('traces a sample that comes with it', async () => {
    const api = await gatescope();
    await vscode.commands.executeCommand('gatescope.traceFirstSample');
    equal(api.scene.kind, 'trace');
    ok(vscode.window.visibleTextEditors.some(({ document }) => document.uri.scheme === 'gatescope-sample'));
  });

  test('keeps one trace a document and shows that of the active editor', async () => {
    const api = await gatescope();
    const first = await traced(workspaceFile('english.txt'));
    const second = await traced(workspaceFile('scanner.ts'));
    ok(first.info.id !== second.info.id);
    await vscode.window.showTextDocument(workspaceFile('english.txt'));
    await until(
      'the first trace is shown again',
      () => api.scene.kind === 'trace' && api.scene.title === 'english.txt',
    );
    const again = await traced(workspaceFile('english.txt'));
    ok(again.info.id !== first.info.id);
    await until('the replaced trace is closed', () => isGone(first.info.id));
  });

  test('clears a trace, and its memory in the worker', async () => {
    const api = await gatescope();
    const { info } = await traced(workspaceFile('english.txt'));
    await vscode.commands.executeCommand('gatescope.clear');
    equal(api.scene.kind, 'empty');
    await until('the worker has closed it', () => isGone(info.id));
  });

  test('opens the heatmap in an editor tab, once', async () => {
    await traced(workspaceFile('english.txt'));
    await vscode.commands.executeCommand('gatescope.openInEditor');
    await vscode.commands.executeCommand('gatescope.openInEditor');
    const heatmaps = (): number =>
      vscode.window.tabGroups.all
        .flatMap((group) => group.tabs)
        .filter(({ input }) => input instanceof vscode.TabInputWebview).length;
    await until('its tab is there', () => heatmaps() > 0);
    equal(heatmaps(), 1);
  });
});
