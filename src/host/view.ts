/**
 * One webview: a heatmap in the side panel or an editor tab, or a model's page. Its connection lives as long as its
 * page: VS Code throws the page away when it is hidden, and messages to it are lost.
 */
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import type { Connection, Methods, Port, Remote } from '../shared/rpc';
import { mark } from './marks';
import { pageHtml, type PageOptions } from './page';

/** What `WebviewView` and `WebviewPanel` have in common. */
export interface Frame {
  readonly webview: vscode.Webview;
  readonly visible: boolean;
  readonly onDidDispose: vscode.Event<void>;
}

/** Calls a method of a page. */
export type Say<Page extends Methods<Page>> = (page: Remote<Page>) => Promise<void>;

/** Joins a page to the methods that it may call; `ready` is to be called when the page says that it listens. */
export type Join<Page extends Methods<Page>> = (port: Port, ready: () => void) => Connection<Page>;

const BUNDLES: Readonly<Record<PageOptions['place'], string>> = {
  sidebar: 'webview',
  editor: 'webview',
  model: 'models',
};

const texts = new Map<string, string>();

/** A file of dist/, read once: at most 200 KB, and it must be there before anything is shown. */
function textOf({ fsPath }: vscode.Uri): string {
  const text = texts.get(fsPath) ?? readFileSync(fsPath, 'utf8');
  texts.set(fsPath, text);
  return text;
}

export class View<Page extends Methods<Page>> {
  #connection: Connection<Page> | undefined;
  /** The page has said that it listens. */
  #ready = false;
  /** It was told the beginning, and keeps up from there. */
  #begun = false;
  #later: Say<Page> | undefined;
  readonly #disposables: vscode.Disposable[] = [];

  /**
   * @param visibility fires when the frame was hidden or shown
   * @param begin finds the first thing to say to a page that comes into sight, before it listens: VS Code keeps
   *   messages until the page has loaded. From then on it is told what happens, or once it has said that it listens
   */
  constructor(
    private readonly frame: Frame,
    visibility: vscode.Event<unknown>,
    extension: vscode.Uri,
    place: PageOptions['place'],
    private readonly join: Join<Page>,
    private readonly failed: (error: unknown) => void,
    private readonly begin?: () => Promise<Say<Page>>,
  ) {
    const { webview } = frame;
    const dist = vscode.Uri.joinPath(extension, 'dist');
    webview.options = {
      enableScripts: true,
      localResourceRoots: [dist, vscode.Uri.joinPath(extension, 'media')],
    };
    this.#disposables.push(
      visibility(() => {
        this.#follow();
      }),
      frame.onDidDispose(() => {
        this.dispose();
      }),
    );
    if (frame.visible) this.#connection = this.#connect();
    mark('page');
    webview.html = pageHtml({
      place,
      source: webview.cspSource,
      script: textOf(vscode.Uri.joinPath(dist, `${BUNDLES[place]}.js`)),
      style: textOf(vscode.Uri.joinPath(dist, `${BUNDLES[place]}.css`)),
      ...(place === 'model' ? {} : { later: textOf(vscode.Uri.joinPath(dist, 'controls.js')) }),
      nonce: crypto.randomUUID(),
      language: vscode.l10n.bundle === undefined ? 'en' : vscode.env.language,
      bundle: vscode.l10n.bundle,
    });
    this.#begin();
  }

  get visible(): boolean {
    return this.frame.visible;
  }

  /** Tells the page something as soon as it listens: for what it does not ask for itself when it comes back. */
  tellSoon(say: Say<Page>): void {
    if (this.#ready) this.tell(say);
    else this.#later = say;
  }

  /** Tells the page something, if it is there to hear it; it asks for the scene itself when it comes back. */
  tell(say: Say<Page>): void {
    const connection = this.#connection;
    if (connection === undefined || !(this.#ready || this.#begun)) return;
    say(connection.remote).catch((error: unknown) => {
      if (this.#connection === connection) this.failed(error);
    });
  }

  dispose(): void {
    for (const disposable of this.#disposables.splice(0)) disposable.dispose();
    this.#close(say`The page was closed.`);
  }

  #follow(): void {
    if (!this.frame.visible) this.#close(say`The page is hidden.`);
    else if (this.#connection === undefined) {
      this.#connection = this.#connect();
      this.#begin();
    }
  }

  #begin(): void {
    const connection = this.#connection;
    if (this.begin === undefined || connection === undefined) return;
    this.begin().then((say) => {
      if (this.#connection !== connection) return;
      this.#begun = true;
      this.tell(say);
    }, this.failed);
  }

  #close(reason: Text): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#ready = false;
    this.#begun = false;
    connection?.close(new GatescopeError('cancelled', reason));
  }

  #connect(): Connection<Page> {
    const { webview } = this.frame;
    let listener: vscode.Disposable | undefined;
    const connection = this.join(
      {
        // Fails only for a webview that is gone.
        post: (message) => void webview.postMessage(message),
        listen: (receive) => {
          listener = webview.onDidReceiveMessage(receive);
        },
      },
      () => {
        mark('ready');
        this.#ready = true;
        // The page must have its scene first.
        setTimeout(() => {
          const later = this.#later;
          this.#later = undefined;
          if (later !== undefined) this.tell(later);
        });
      },
    );
    return {
      remote: connection.remote,
      close: (reason) => {
        listener?.dispose();
        connection.close(reason);
      },
    };
  }
}
