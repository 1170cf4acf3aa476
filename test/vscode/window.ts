/**
 * A window of the real VS Code (the server, in headless Chromium), driven as a person would: keys, pointer, eyes.
 *
 *     const code = await startCode({ folder, vsix: [inject('vsix')], settings: { 'gatescope.model': '' } });
 *     const window = await code.open();
 *     await window.openFile('english.txt');             // Ctrl+P
 *     await window.command('Gatescope: Trace LSTM');    // F1
 *     const view = await window.webview('canvas');      // the frame of the webview that has such an element
 *     await view.locator('canvas').first().hover();
 *     await window.screenshot('traced-light');          // test-results/traced-light.png
 *     await code.configure({ theme: 'light' });         // settings and theme; open windows follow
 *     await code.stop();                                // windows, server, extension hosts, data: all gone
 *
 * Everything is ended at the process's exit too, however it comes about. `window.page` is Playwright's page.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Frame, type Locator, type Page } from 'playwright-core';
import { installChromium, ROOT } from './install.mjs';
import { startServer, type RunningServer, type ServerOptions } from './server.mjs';

/** Generous, because a test machine may have one slow core to spare. */
export const PATIENCE_MS = 60_000;
/** Colours fade from one theme to the next. */
const SETTLE_MS = 1000;
const RESULTS = join(ROOT, 'test-results');

export type Theme = 'dark' | 'light' | 'high-contrast' | 'high-contrast-light';

/** Names of VS Code 1.139. */
const THEMES: Readonly<Record<Theme, string>> = {
  dark: 'Dark Modern',
  light: 'Light Modern',
  'high-contrast': 'Default High Contrast',
  'high-contrast-light': 'Default High Contrast Light',
};

/** Classes that the workbench carries under each. */
const THEME_CLASSES: Readonly<Record<Theme, string>> = {
  dark: 'vs-dark',
  light: 'vs',
  'high-contrast': 'hc-black',
  'high-contrast-light': 'hc-light',
};

export interface CodeOptions extends ServerOptions {
  /** Absolute path of the workspace folder that windows open. */
  readonly folder: string;
  /** Beside the usual ones. */
  readonly browserFlags?: readonly string[];
}

export interface Configuration {
  readonly theme?: Theme;
  /** Machine settings; they replace those given before. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface WindowOptions {
  readonly size?: { readonly width: number; readonly height: number };
  /** What the browser says of the person's liking; a theme that was set counts for more. */
  readonly colorScheme?: 'dark' | 'light';
  /** Of extensions, e.g. `zh-cn`. VS Code's own texts stay English: its language packs come from a gallery. */
  readonly language?: string;
  /** Absolute path of an extension under development; needs `develop: true` at the start. */
  readonly extension?: string;
  /** Absolute path of a module whose `run()` is the test; needs `extension`. See runSuite.ts. */
  readonly tests?: string;
  readonly onLog?: (type: string, args: readonly unknown[]) => void;
  /** Called before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** `run()` resolved (0) or was rejected (else). */
  readonly onExit?: (code: number) => void;
}

export interface Code {
  readonly server: RunningServer;
  open(options?: WindowOptions): Promise<Window>;
  /** Changes settings and theme, and waits until every open window wears the theme. */
  configure(configuration: Configuration): Promise<void>;
  stop(): Promise<void>;
}

/** A Chromium for `Window.open`; close it after use. */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const flags = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
  // Without a graphics card WebGL2 is drawn by the processor.
  flags.push('--disable-sync', '--enable-unsafe-swiftshader', ...more);
  return chromium.launch({
    executablePath: await installChromium(),
    // Chromium's sandbox does not start for root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: flags,
  });
}

export async function startCode(options: CodeOptions): Promise<Code> {
  const server = await startServer(options);
  const windows: Window[] = [];
  let browser: Promise<Browser> | undefined;
  return {
    server,
    open: async (how = {}) => {
      browser ??= launchBrowser(options.browserFlags);
      const payload: [string, string][] = [['skipWelcome', 'true']];
      if (how.extension !== undefined) payload.push(['extensionDevelopmentPath', server.remote(how.extension)]);
      if (how.tests !== undefined) payload.push(['extensionTestsPath', server.remote(how.tests)]);
      const window = await Window.open(await browser, server.url(options.folder, payload), how);
      windows.push(window);
      return window;
    },
    configure: async ({ theme = 'dark', settings = options.settings }) => {
      server.configure({ ...settings, 'workbench.colorTheme': THEMES[theme] });
      const open = windows.filter((window) => !window.page.isClosed());
      await Promise.all(
        open.map(async ({ page }) => {
          await page.locator(`.monaco-workbench.${THEME_CLASSES[theme]}`).waitFor();
          await page.waitForTimeout(SETTLE_MS);
        }),
      );
    },
    stop: async () => {
      const open = await browser;
      await open?.close();
      await server.stop();
    },
  };
}

export class Window {
  private constructor(readonly page: Page) {}

  /** Waits until the workbench is drawn and its extension host runs. */
  static async open(browser: Browser, url: string, options: WindowOptions = {}): Promise<Window> {
    const { size = { width: 1400, height: 900 }, colorScheme = 'dark', tests, onLog, onExit } = options;
    const context = await browser.newContext({ viewport: size, locale: 'en-US', colorScheme });
    const { language } = options;
    if (language !== undefined) {
      // What VS Code's translated messages would set as they are loaded.
      await context.addInitScript((name) => {
        Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: name });
      }, language);
    }
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => onLog?.(type, args));
    await page.exposeFunction('codeAutomationExit', (code: number) => onExit?.(code));
    await options.prepare?.(page);
    await page.goto(url, { waitUntil: 'domcontentloaded', timeout: PATIENCE_MS });
    await page.locator('.monaco-workbench .statusbar').waitFor();
    if (tests === undefined) {
      // The remote indicator says "Opening Remote" until the extension host answers.
      await page.locator('.statusbar [id="status.host"]').filter({ hasNotText: 'Opening' }).first().waitFor();
    }
    return new Window(page);
  }

  /** Runs a command as it stands in the palette, e.g. `Gatescope: Trace LSTM`. */
  async command(title: string): Promise<void> {
    await this.pick('F1', `>${title}`, title);
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.pick('Control+P', name, name);
    await this.page.locator('.tab.active').filter({ hasText: name }).waitFor();
  }

  /** Puts the cursor at a line and column of the active editor, both from 1. */
  async goTo(line: number, column: number): Promise<void> {
    await this.page.keyboard.press('Control+G');
    // The box opens with the colon that asks for a line.
    await this.quickInput().waitFor();
    await this.page.keyboard.insertText(`${String(line)}:${String(column)}`);
    await this.page.keyboard.press('Enter');
    await this.quickInput().waitFor({ state: 'hidden' });
  }

  /** Text of the hover at the cursor, once it says something that matches. */
  async hover(says: RegExp): Promise<string> {
    await this.command('Show or Focus Hover');
    const hover = this.page.locator('.monaco-hover-content').filter({ hasText: says }).first();
    await hover.waitFor();
    return hover.innerText();
  }

  /** The visible input of the palette, of a pick or of quick open. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  /** Entries of the palette or pick that is open. */
  quickEntries(): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row');
  }

  statusBar(): Locator {
    return this.page.locator('.statusbar');
  }

  notifications(): Locator {
    return this.page.locator('.notification-list-item');
  }

  /** The frame of the webview that shows an element for a selector; waits for it. */
  async webview(selector: string, timeout = PATIENCE_MS): Promise<Frame> {
    const end = Date.now() + timeout;
    while (Date.now() < end) {
      for (const frame of this.page.frames()) {
        // The inner of a webview's two frames is the one without frames of its own.
        if (frame === this.page.mainFrame() || frame.childFrames().length > 0) continue;
        const shown = await frame
          .locator(selector)
          .first()
          .isVisible()
          .catch(() => false);
        if (shown) return frame;
      }
      await this.page.waitForTimeout(200);
    }
    throw new Error(`No webview showed ${selector} within ${String(timeout / 1000)} s.`);
  }

  /** Saves what is on screen as test-results/NAME.png and returns that path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(RESULTS, { recursive: true });
    const path = join(RESULTS, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Opens a quick input by a key, types, and takes the first entry that has the text. */
  private async pick(key: string, typed: string, entry: string): Promise<void> {
    await this.page.keyboard.press(key);
    const input = this.quickInput();
    await input.waitFor();
    await input.fill(typed);
    const row = this.quickEntries().filter({ hasText: entry }).first();
    await row.waitFor();
    await row.click();
    await input.waitFor({ state: 'hidden' });
  }
}
