/** The bench's hands inside of VS Code: empty things to compare with, and a page over a trace of any length. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import * as vscode from 'vscode';
import { View } from '../../../src/host/view';
import { connect, type Port } from '../../../src/shared/rpc';
import type { ViewApi, ViewHostApi } from '../../../src/shared/viewApi';
import type { Handler } from '../../../src/shared/workerApi';
import {
  linePort,
  PORT_FILE,
  type AskedTile,
  type BenchApi,
  type ExtensionApi,
  type LargeTrace,
  type Sent,
} from './api';
import { largeTrace } from './largeTrace';
import { emptyPage, texturePage } from './pages';

const PRODUCT = 'gatescope.gatescope';
const EMPTY_VIEW = 'gatescopeBench.view';
export const CONSTANT = 'A constant.';
/** Milliseconds in which an extension host comes to rest. */
const REST = 500;

const nonce = (): string => randomBytes(16).toString('base64');
const folder = (): vscode.Uri => {
  const first = vscode.workspace.workspaceFolders?.[0];
  if (first === undefined) throw new Error('The bench needs a folder.');
  return first.uri;
};

/** What went to the large trace's page. */
class Counter {
  #bytes = 0;
  #tileBytes = 0;
  #tiles = 0;
  #messages = 0;
  #asked: AskedTile[] = [];
  look: Sent['look'];

  /** Counts the messages of a port. */
  over(port: Port): Port {
    return {
      post: (message) => {
        this.#messages++;
        this.#bytes += serialize(message).byteLength;
        port.post(message);
      },
      listen: (receive) => {
        port.listen(receive);
      },
    };
  }

  /** Notes the tiles that a host answers. */
  of(host: ViewHostApi): ViewHostApi {
    return {
      ...host,
      tile: (request) => {
        const tile = host.tile(request);
        this.#tiles++;
        this.#tileBytes += tile.values.byteLength;
        const track = `${String(request.layer)}/${request.signal}`;
        this.#asked.push({ track, level: request.level, index: request.index, rows: tile.rows });
        return tile;
      },
    };
  }

  take(): Sent {
    const sent: Sent = {
      bytes: this.#bytes,
      tileBytes: this.#tileBytes,
      tiles: this.#tiles,
      messages: this.#messages,
      look: this.look,
      asked: this.#asked,
    };
    [this.#bytes, this.#tileBytes, this.#tiles, this.#messages, this.#asked] = [0, 0, 0, 0, []];
    return sent;
  }
}

class Pages {
  readonly counter = new Counter();
  #open: vscode.WebviewPanel[] = [];

  #panel(title: string): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(`gatescopeBench.${title}`, title, vscode.ViewColumn.One, {
      enableScripts: true,
    });
    this.#open.push(panel);
    return panel;
  }

  texture(width: number, height: number): void {
    this.#panel('texture').webview.html = texturePage(nonce(), width, height);
  }

  large(trace: LargeTrace): void {
    const product = vscode.extensions.getExtension(PRODUCT);
    if (product === undefined) throw new Error(`${PRODUCT} is not installed.`);
    const panel = this.#panel('large');
    const { counter } = this;
    const host = counter.of(
      largeTrace(trace, (look) => {
        counter.look = look;
      }),
    );
    new View<ViewApi>(
      panel,
      panel.onDidChangeViewState,
      product.extensionUri,
      'editor',
      (port, ready) =>
        connect<ViewHostApi, ViewApi>(counter.over(port), {
          ...host,
          ready: () => {
            ready();
            return host.ready();
          },
        }),
      (error) => {
        console.error(error);
      },
    );
  }

  close(): void {
    for (const panel of this.#open.splice(0)) panel.dispose();
  }
}

async function activateInTurn(ids: readonly string[]): Promise<readonly number[]> {
  const times: number[] = [];
  for (const id of ids) {
    const extension = vscode.extensions.getExtension(id);
    if (extension === undefined) throw new Error(`${id} is not there.`);
    if (extension.isActive) throw new Error(`${id} is active already.`);
    const start = performance.now();
    await extension.activate();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, REST));
  }
  return times;
}

export function activate({ subscriptions }: vscode.ExtensionContext): void {
  const pages = new Pages();
  subscriptions.push(
    vscode.window.registerWebviewViewProvider(EMPTY_VIEW, {
      resolveWebviewView: ({ webview }) => {
        webview.options = { enableScripts: true };
        webview.html = emptyPage(nonce());
      },
    }),
    // As the product's command: the view without the keyboard.
    vscode.commands.registerCommand('gatescopeBench.empty', () =>
      vscode.commands.executeCommand(`${EMPTY_VIEW}.focus`, { preserveFocus: true }),
    ),
    vscode.window.createTreeView('gatescopeBench.tree', {
      treeDataProvider: { getChildren: () => [], getTreeItem: () => new vscode.TreeItem('') },
    }),
    vscode.languages.registerHoverProvider('gatescope-constant', {
      provideHover: () => new vscode.Hover(CONSTANT),
    }),
  );

  const api: Handler<ExtensionApi> = {
    execute: async (command, ...args) => {
      await vscode.commands.executeCommand(command, ...args);
    },
    openText: async (name, column, line) => {
      const at = new vscode.Position(line - 1, 0);
      const editor = await vscode.window.showTextDocument(vscode.Uri.joinPath(folder(), name), {
        viewColumn: column === 1 ? vscode.ViewColumn.One : vscode.ViewColumn.Two,
        preview: false,
        selection: new vscode.Range(at, at),
      });
      editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.AtTop);
    },
    activate: activateInTurn,
    openLarge: (trace) => {
      pages.large(trace);
    },
    openTexture: (width, height) => {
      pages.texture(width, height);
    },
    closePages: () => {
      pages.close();
    },
    marks: () =>
      Object.fromEntries(
        performance
          .getEntriesByType('mark')
          .filter(({ name }) => name.startsWith('gatescope:'))
          .map(({ name, startTime }) => [name.replace('gatescope', 'host'), performance.timeOrigin + startTime]),
      ),
    takeSent: () => pages.counter.take(),
  };
  const port = Number(readFileSync(join(folder().fsPath, PORT_FILE), 'utf8'));
  const socket = createConnection(port, '127.0.0.1');
  subscriptions.push({ dispose: () => socket.destroy() });
  void connect<Handler<ExtensionApi>, BenchApi>(linePort(socket), api).remote.hello();
}
