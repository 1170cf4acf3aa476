/// <reference types="node" />
/** Builds the view and the fake host, serves them on a page like the real one, and opens it in Chromium. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { THEMES, themeStyle, type ThemeName } from './themes';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];

/** The Chromium to test with: the one that is named, one on PATH, or Playwright's own; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env['GATESCOPE_CHROMIUM'];
  if (named !== undefined) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...places, chromium.executablePath()].find((path) => existsSync(path));
}

const FLAGS = [
  '--no-sandbox',
  // WebGL on machines without a graphics card, as VS Code is started in test/vscode/window.ts.
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The scripts of each page: its own, and the one that stands in for the host. */
const PAGES = {
  trace: ['webview/main.ts', 'test/webview/harness/fakeHost.ts'],
  model: ['webview/models.ts', 'test/webview/harness/fakeModelHost.ts'],
  gallery: ['test/webview/harness/gallery.ts', undefined],
} as const;

/** A script and its styles, as they run in a page. */
export async function bundle(entry: string): Promise<{ js: string; css: string }> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'chrome120',
    outdir: 'out',
  });
  const text = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { js: text('.js'), css: text('.css') };
}

export interface OpenOptions {
  readonly theme?: ThemeName;
  /** `model` is the page of a model, `gallery` has parts of a view by themselves. */
  readonly view?: 'sidebar' | 'editor' | 'model' | 'gallery';
  readonly width?: number;
  readonly height?: number;
  readonly ratio?: number;
  readonly reducedMotion?: boolean;
  /** As where the system forces its own colours on pages. */
  readonly forcedColors?: boolean;
  readonly language?: 'en' | 'zh-cn';
  /** The fake host's query, e.g. `tokens=1500&cell=rnn`. */
  readonly query?: string;
}

/** Opens a page, waits until it is at rest, and acts on it. */
export type On = (options: OpenOptions, act: (tab: Page) => Promise<void>) => Promise<void>;

export interface Harness {
  open(options?: OpenOptions): Promise<Page>;
  /** A page that did well is used again: a new one costs a process, half a second of a slow machine. */
  readonly on: On;
  close(): Promise<void>;
}

/** What is there once a page without a fake host's trace has been drawn. */
const DRAWN: Readonly<Partial<Record<string, string>>> = { model: '#app h1', gallery: 'main > section' };

function document(theme: ThemeName, view: string, css: string, later: string, language: string): string {
  const bundle = language === 'en' ? '{}' : readFileSync(`l10n/bundle.l10n.${language}.json`, 'utf8');
  const policy = "default-src 'none'; img-src data: blob:; style-src 'self' 'unsafe-inline'; script-src 'nonce-n'";
  return `<!doctype html><html lang="${language}" style="${themeStyle(theme).replaceAll('"', '&quot;')}"><head><meta charset="utf-8"><title>Gatescope</title>
<meta http-equiv="Content-Security-Policy" content="${policy}"><style>${css}</style></head>
<body class="${THEMES[theme][0]}" data-gatescope-view="${view}"><div id="app"></div>
<script type="application/json" id="l10n">${bundle.replaceAll('<', '\\u003c')}</script>
<script type="text/plain" id="later">${later}</script>
<script nonce="n" src="/${view}/fake.js"></script><script nonce="n" src="/${view}/page.js"></script></body></html>`;
}

export async function startHarness(): Promise<Harness> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium: install it, or name it in GATESCOPE_CHROMIUM.');
  const bundled = new Map<string, ReturnType<typeof bundle>>();
  const bundleOf = (entry: string): ReturnType<typeof bundle> => {
    const made = bundled.get(entry) ?? bundle(entry);
    bundled.set(entry, made);
    return made;
  };
  const answer = async (url: URL): Promise<{ type: string; text: string }> => {
    const [, folder = '', file] = url.pathname.split('/');
    const kind = file === undefined ? (url.searchParams.get('view') ?? 'sidebar') : folder;
    const [page, host] = PAGES[kind === 'model' || kind === 'gallery' ? kind : 'trace'];
    if (file === 'fake.js') {
      return { type: 'text/javascript', text: host === undefined ? '' : (await bundleOf(host)).js };
    }
    const { js, css } = await bundleOf(page);
    if (file === 'page.js') return { type: 'text/javascript', text: js };
    const theme = (url.searchParams.get('theme') ?? 'dark') as ThemeName;
    const language = url.searchParams.get('language') ?? 'en';
    const later = page === PAGES.trace[0] ? (await bundleOf('webview/controls.ts')).js : '';
    return { type: 'text/html', text: document(theme, kind, css, later, language) };
  };
  const server: Server = createServer((request, response) => {
    void answer(new URL(request.url ?? '/', 'http://localhost')).then(({ type, text }) => {
      response.setHeader('content-type', `${type}; charset=utf-8`);
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser: Browser = await chromium.launch({ executablePath, args: FLAGS });
  const newPage = async (ratio: number): Promise<Page> => {
    const context = await browser.newContext({ deviceScaleFactor: ratio });
    const tab = await context.newPage();
    tab.on('pageerror', (error) => {
      console.error('page error:', error);
    });
    tab.on('console', (message) => {
      if (message.type() === 'error') console.error('console:', message.text());
    });
    return tab;
  };
  let visits = 0;
  const visit = async (tab: Page, options: OpenOptions): Promise<void> => {
    const { theme = 'dark', view: kind = 'sidebar', width = 380, height = 820, query = '' } = options;
    const language = options.language ?? 'en';
    await tab.setViewportSize({ width, height });
    await tab.emulateMedia({
      forcedColors: options.forcedColors === true ? 'active' : 'none',
      reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce',
    });
    const address = `theme=${theme}&view=${kind}&language=${language}&visit=${String(visits++)}&${query}`;
    await tab.goto(`http://127.0.0.1:${String(port)}/?${address}`);
  };
  /** Pages that are free, by their ratio. */
  const free = new Map<number, Page[]>();
  return {
    open: async (options = {}) => {
      const tab = await newPage(options.ratio ?? 1);
      await visit(tab, options);
      return tab;
    },
    on: async (options, act) => {
      const ratio = options.ratio ?? 1;
      const pages = free.get(ratio) ?? [];
      free.set(ratio, pages);
      const tab = pages.pop() ?? (await newPage(ratio));
      try {
        await visit(tab, options);
        const shown = DRAWN[options.view ?? 'sidebar'];
        await (shown === undefined ? settled(tab) : tab.locator(shown).first().waitFor());
        await act(tab);
        // Where the pointer of a new page is: nothing is under it.
        await tab.mouse.move(0, 0);
      } catch (error) {
        await tab.context().close();
        throw error;
      }
      pages.push(tab);
    },
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits for two frames: one draws what there is, in the next it is seen. For pages without a fake host. */
export async function drawn(tab: Page): Promise<void> {
  await tab.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            resolve();
          }),
        );
      }),
  );
}

/**
 * Waits until every tile in sight has come and been drawn.
 *
 * @param soon milliseconds; what the view puts off for no longer is waited for too
 */
export async function settled(tab: Page, soon?: number): Promise<void> {
  await tab.evaluate((ms) => window.fake.atRest(ms), soon);
}
