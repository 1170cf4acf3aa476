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

const HARNESS_MODEL = 'test/webview/harness/fakeModelHost.ts';

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
  /** `model` is the page of a model. */
  readonly view?: 'sidebar' | 'editor' | 'model';
  readonly width?: number;
  readonly height?: number;
  readonly ratio?: number;
  readonly reducedMotion?: boolean;
  readonly language?: 'en' | 'zh-cn';
  /** The fake host's query, e.g. `tokens=1500&cell=rnn`. */
  readonly query?: string;
}

export interface Harness {
  open(options?: OpenOptions): Promise<Page>;
  close(): Promise<void>;
}

function document(theme: ThemeName, view: string, css: string, language: string): string {
  const bundle = language === 'en' ? '{}' : readFileSync(`l10n/bundle.l10n.${language}.json`, 'utf8');
  const policy = "default-src 'none'; img-src data: blob:; style-src 'self' 'unsafe-inline'; script-src 'nonce-n'";
  return `<!doctype html><html lang="${language}" style="${themeStyle(theme).replaceAll('"', '&quot;')}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}"><style>${css}</style></head>
<body class="${THEMES[theme][0]}" data-gatescope-view="${view}"><div id="app"></div>
<script type="application/json" id="l10n">${bundle.replaceAll('<', '\\u003c')}</script>
<script nonce="n" src="/${view}/fake.js"></script><script nonce="n" src="/${view}/page.js"></script></body></html>`;
}

export async function startHarness(): Promise<Harness> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium: install it, or name it in GATESCOPE_CHROMIUM.');
  const [trace, fake, model, fakeModel] = await Promise.all(
    ['webview/main.ts', 'test/webview/harness/fakeHost.ts', 'webview/models.ts', HARNESS_MODEL].map(bundle),
  );
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const kind = url.searchParams.get('view') ?? 'sidebar';
    const ofModel = kind === 'model' || url.pathname.startsWith('/model/');
    const [page, host] = ofModel ? [model, fakeModel] : [trace, fake];
    const script = url.pathname.endsWith('/fake.js')
      ? host?.js
      : url.pathname.endsWith('/page.js')
        ? page?.js
        : undefined;
    response.setHeader('content-type', `${script === undefined ? 'text/html' : 'text/javascript'}; charset=utf-8`);
    const theme = (url.searchParams.get('theme') ?? 'dark') as ThemeName;
    const language = url.searchParams.get('language') ?? 'en';
    response.end(script ?? document(theme, kind, page?.css ?? '', language));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser: Browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    open: async (options = {}) => {
      const { theme = 'dark', view: kind = 'sidebar', width = 380, height = 820, ratio = 1, query = '' } = options;
      const language = options.language ?? 'en';
      const context = await browser.newContext({
        viewport: { width, height },
        deviceScaleFactor: ratio,
        reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce',
      });
      const tab = await context.newPage();
      tab.on('pageerror', (error) => {
        console.error('page error:', error);
      });
      tab.on('console', (message) => {
        if (message.type() === 'error') console.error('console:', message.text());
      });
      await tab.goto(`http://127.0.0.1:${String(port)}/?theme=${theme}&view=${kind}&language=${language}&${query}`);
      return tab;
    },
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits until every tile in sight has come and been drawn. */
export async function settled(tab: Page): Promise<void> {
  let before = -1;
  for (;;) {
    const count = await tab.evaluate(() => window.fake.calls.length);
    await tab.waitForTimeout(120);
    if (count === before) return;
    before = count;
  }
}
