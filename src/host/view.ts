/**
 * One webview that shows the current trace: the side panel's or an editor tab's. Its connection lives as long as its
 * page: VS Code throws the page away when it is hidden, and messages to it are lost.
 */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { connect, type Connection, type Remote } from '../shared/rpc';
import type { ViewApi, ViewHostApi } from '../shared/viewApi';
import type { Handler } from '../shared/workerApi';
import { pageHtml, type PageOptions } from './page';

/** What `WebviewView` and `WebviewPanel` have in common. */
export interface Frame {
  readonly webview: vscode.Webview;
  readonly visible: boolean;
  readonly onDidDispose: vscode.Event<void>;
}

export class View {
  #connection: Connection<ViewApi> | undefined;
  /** The page has said that it listens. */
  #ready = false;
  #later: ((page: Remote<ViewApi>) => Promise<void>) | undefined;
  readonly #disposables: vscode.Disposable[] = [];

  /**
   * @param visibility fires when the frame was hidden or shown
   * @param makeHost the methods that the page may call
   */
  constructor(
    private readonly frame: Frame,
    visibility: vscode.Event<unknown>,
    extension: vscode.Uri,
    place: PageOptions['place'],
    private readonly makeHost: () => Handler<ViewHostApi>,
    private readonly failed: (error: unknown) => void,
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
    this.#follow();
    webview.html = pageHtml({
      place,
      source: webview.cspSource,
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.js')).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.css')).toString(),
      nonce: randomBytes(16).toString('base64'),
    });
  }

  get visible(): boolean {
    return this.frame.visible;
  }

  /** Tells the page something as soon as it listens: for what it does not ask for itself when it comes back. */
  tellSoon(say: (page: Remote<ViewApi>) => Promise<void>): void {
    if (this.#ready) this.tell(say);
    else this.#later = say;
  }

  /** Tells the page something, if it is there to hear it; it asks for the scene itself when it comes back. */
  tell(say: (page: Remote<ViewApi>) => Promise<void>): void {
    const connection = this.#connection;
    if (connection === undefined || !this.#ready) return;
    say(connection.remote).catch((error: unknown) => {
      if (this.#connection === connection) this.failed(error);
    });
  }

  dispose(): void {
    for (const disposable of this.#disposables.splice(0)) disposable.dispose();
    this.#close('The heatmap was closed.');
  }

  #follow(): void {
    if (!this.frame.visible) this.#close('The heatmap is hidden.');
    else this.#connection ??= this.#connect();
  }

  #close(reason: string): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#ready = false;
    connection?.close(new GatescopeError('cancelled', reason));
  }

  #connect(): Connection<ViewApi> {
    const { webview } = this.frame;
    let listener: vscode.Disposable | undefined;
    const host = this.makeHost();
    const connection = connect<Handler<ViewHostApi>, ViewApi>(
      {
        // Fails only for a webview that is gone.
        post: (message) => void webview.postMessage(message),
        listen: (receive) => {
          listener = webview.onDidReceiveMessage(receive);
        },
      },
      {
        ...host,
        ready: () => {
          this.#ready = true;
          // The page must have its scene first.
          setTimeout(() => {
            const later = this.#later;
            this.#later = undefined;
            if (later !== undefined) this.tell(later);
          });
          return host.ready();
        },
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
