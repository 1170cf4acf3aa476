/** The places that show the heatmap: the side panel, and one editor tab that survives a reload of the window. */
import * as vscode from 'vscode';
import { connect } from '../shared/rpc';
import type { ViewAction, ViewApi, ViewHostApi } from '../shared/viewApi';
import type { Handler } from '../shared/workerApi';
import { View, type Join, type Say as SayTo } from './view';

export const SIDE_VIEW = 'gatescope.heatmap';
export const EDITOR_VIEW = 'gatescope.heatmapEditor';

type Say = SayTo<ViewApi>;

/** Calls by which a page shows that a person uses it. */
const USES = [
  'look',
  'remember',
  'reveal',
  'copy',
  'savePicture',
  'run',
] as const satisfies readonly (keyof ViewHostApi)[];

/** Milliseconds in which VS Code shows a view. */
const PATIENCE = 200;

/** The next time that something happens, or that it was waited for long enough. */
const once = (event: vscode.Event<unknown>, patience: number): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(late);
      subscription.dispose();
      resolve();
    };
    const late = setTimeout(end, patience);
    const subscription = event(end);
  });

export class Views implements vscode.Disposable {
  #side: { readonly frame: vscode.WebviewView; readonly view: View<ViewApi> } | undefined;
  #tab: { readonly frame: vscode.WebviewPanel; readonly view: View<ViewApi> } | undefined;
  /** The place whose page asked for something last. */
  #used: 'side' | 'tab' = 'side';
  readonly #disposables: vscode.Disposable[];

  /** @param makeHost what a page may call; it is given a way to tell the other pages @param begin finds the first thing to say to a page */
  constructor(
    private readonly extension: vscode.Uri,
    private readonly makeHost: (others: (say: Say) => void) => Handler<ViewHostApi>,
    private readonly failed: (error: unknown) => void,
    private readonly begin: () => Promise<Say>,
  ) {
    this.#disposables = [
      vscode.window.registerWebviewViewProvider(SIDE_VIEW, {
        resolveWebviewView: (frame) => {
          const view = new View(
            frame,
            frame.onDidChangeVisibility,
            extension,
            'sidebar',
            this.#join('side'),
            failed,
            begin,
          );
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

  /** Whether a heatmap is in sight. */
  get visible(): boolean {
    return this.#tab?.view.visible === true || this.#side?.view.visible === true;
  }

  /**
   * Brings a heatmap into sight without taking the keyboard: the tab if it is visible, else the side panel. Settles once
   * VS Code has begun to load its page.
   */
  async reveal(): Promise<void> {
    if (this.#tab?.view.visible === true) return;
    if (this.#side === undefined) {
      await vscode.commands.executeCommand(`${SIDE_VIEW}.focus`, { preserveFocus: true });
      return;
    }
    const { frame } = this.#side;
    frame.show(true);
    if (!frame.visible) await once(frame.onDidChangeVisibility, PATIENCE);
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

  /** Has the view that was used last do something; shows one where none is visible. */
  async act(action: ViewAction): Promise<void> {
    if (this.#last === undefined) await this.reveal();
    this.#last?.tellSoon((page) => page.act(action));
  }

  /** Gives the keyboard to the view that was used last. */
  async focus(): Promise<void> {
    if (this.#last !== undefined && this.#last === this.#tab?.view) this.#tab.frame.reveal();
    else await vscode.commands.executeCommand(`${SIDE_VIEW}.focus`);
    await this.act('focus');
  }

  /** Tells every visible heatmap. */
  tell(say: Say): void {
    this.#side?.view.tell(say);
    this.#tab?.view.tell(say);
  }

  /** Tells every visible heatmap, and one that has just come into sight as soon as it listens. */
  tellSoon(say: Say): void {
    if (this.#tab?.view.visible === true) this.#tab.view.tellSoon(say);
    if (this.#side?.view.visible === true) this.#side.view.tellSoon(say);
  }

  /** The visible view that was used last, or the only one; a tab in front of the person before any other. */
  get #last(): View<ViewApi> | undefined {
    const [side, tab] = [this.#side, this.#tab].map((place) => (place?.view.visible === true ? place.view : undefined));
    if (this.#tab?.frame.active === true) return tab;
    return this.#used === 'side' ? (side ?? tab) : (tab ?? side);
  }

  /** Joins the page at a place to what it may call. */
  #join(place: 'side' | 'tab'): Join<ViewApi> {
    return (port, ready) => {
      const host = this.makeHost((say) => {
        (place === 'side' ? this.#tab : this.#side)?.view.tell(say);
      });
      const noted = USES.map((method) => [
        method,
        (...args: unknown[]): unknown => {
          this.#used = place;
          return (host[method] as (...given: unknown[]) => unknown)(...args);
        },
      ]);
      return connect<Handler<ViewHostApi>, ViewApi>(port, {
        ...host,
        ...(Object.fromEntries(noted) as Pick<Handler<ViewHostApi>, (typeof USES)[number]>),
        ready: () => {
          ready();
          return host.ready();
        },
      });
    };
  }

  #adopt(frame: vscode.WebviewPanel): void {
    // A second one can come back from a saved window: one is enough.
    this.#tab?.frame.dispose();
    frame.iconPath = vscode.Uri.joinPath(this.extension, 'media', 'icons', 'tab.svg');
    const view = new View(
      frame,
      frame.onDidChangeViewState,
      this.extension,
      'editor',
      this.#join('tab'),
      this.failed,
      this.begin,
    );
    this.#tab = { frame, view };
    frame.onDidDispose(() => {
      if (this.#tab?.frame === frame) this.#tab = undefined;
    });
  }
}
