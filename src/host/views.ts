/** The places that show the heatmap: the side panel, and one editor tab that survives a reload of the window. */
import * as vscode from 'vscode';
import { connect, type Remote } from '../shared/rpc';
import type { ViewApi, ViewHostApi } from '../shared/viewApi';
import type { Handler } from '../shared/workerApi';
import { View, type Join } from './view';

export const SIDE_VIEW = 'gatescope.heatmap';
export const EDITOR_VIEW = 'gatescope.heatmapEditor';

export class Views implements vscode.Disposable {
  #side: { readonly frame: vscode.WebviewView; readonly view: View<ViewApi> } | undefined;
  #tab: { readonly frame: vscode.WebviewPanel; readonly view: View<ViewApi> } | undefined;
  readonly #join: Join<ViewApi>;
  readonly #disposables: vscode.Disposable[];

  constructor(
    private readonly extension: vscode.Uri,
    makeHost: () => Handler<ViewHostApi>,
    private readonly failed: (error: unknown) => void,
  ) {
    this.#join = (port, ready) => {
      const host = makeHost();
      return connect<Handler<ViewHostApi>, ViewApi>(port, {
        ...host,
        ready: () => {
          ready();
          return host.ready();
        },
      });
    };
    this.#disposables = [
      vscode.window.registerWebviewViewProvider(SIDE_VIEW, {
        resolveWebviewView: (frame) => {
          const view = new View(frame, frame.onDidChangeVisibility, extension, 'sidebar', this.#join, failed);
          this.#side = { frame, view };
          frame.onDidDispose(() => {
            if (this.#side?.frame === frame) this.#side = undefined;
          });
        },
      }),
      vscode.window.registerWebviewPanelSerializer(EDITOR_VIEW, {
        deserializeWebviewPanel: (panel) => {
          this.#adopt(panel);
          return Promise.resolve();
        },
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#side?.view.dispose();
    this.#tab?.frame.dispose();
  }

  /** Brings a heatmap into sight without taking the keyboard: the tab if it is visible, else the side panel. */
  async reveal(): Promise<void> {
    if (this.#tab?.view.visible === true) return;
    if (this.#side === undefined) await vscode.commands.executeCommand(`${SIDE_VIEW}.focus`, { preserveFocus: true });
    else this.#side.frame.show(true);
  }

  /** Opens the editor tab beside the text, or shows it. */
  openInEditor(): void {
    if (this.#tab !== undefined) {
      this.#tab.frame.reveal();
      return;
    }
    const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    this.#adopt(vscode.window.createWebviewPanel(EDITOR_VIEW, 'Gatescope', column));
  }

  /** Tells every visible heatmap. */
  tell(say: (page: Remote<ViewApi>) => Promise<void>): void {
    this.#side?.view.tell(say);
    this.#tab?.view.tell(say);
  }

  /** Tells every visible heatmap, and one that has just come into sight as soon as it listens. */
  tellSoon(say: (page: Remote<ViewApi>) => Promise<void>): void {
    if (this.#tab?.view.visible === true) this.#tab.view.tellSoon(say);
    if (this.#side?.view.visible === true) this.#side.view.tellSoon(say);
  }

  #adopt(frame: vscode.WebviewPanel): void {
    // A second one can come back from a saved window: one is enough.
    this.#tab?.frame.dispose();
    frame.iconPath = vscode.Uri.joinPath(this.extension, 'media', 'icons', 'tab.svg');
    const view = new View(frame, frame.onDidChangeViewState, this.extension, 'editor', this.#join, this.failed);
    this.#tab = { frame, view };
    frame.onDidDispose(() => {
      if (this.#tab?.frame === frame) this.#tab = undefined;
    });
  }
}
