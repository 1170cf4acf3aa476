/** Windows of the real VS Code with the packaged product, the bench's extension and an empty one; and what they tell. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import type { Frame } from 'playwright-core';
import { connect, type Connection, type Remote } from '../../src/shared/rpc';
import { packageExtension, vsce } from '../vscode/package.mjs';
import { startCode, type Code, type Window } from '../vscode/window';
import { linePort, PORT_FILE, type BenchApi, type ExtensionApi } from './extension/api';

const HERE = import.meta.dirname;
/** Milliseconds. */
const PATIENCE = 60_000;

/** Packs an extension of the bench. @param folder with package.json and main.ts @returns its VSIX, in `target` */
function pack(folder: string, target: string, name: string): string {
  const stage = mkdtempSync(join(tmpdir(), 'gatescope-bench-'));
  const file = join(target, `${name}.vsix`);
  try {
    cpSync(join(folder, 'package.json'), join(stage, 'package.json'));
    writeFileSync(join(stage, 'README.md'), 'Part of the benches.\n');
    buildSync({
      entryPoints: [join(folder, 'main.ts')],
      outfile: join(stage, 'main.js'),
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: ['vscode'],
    });
    vsce(stage, 'package', '--allow-missing-repository', '--skip-license', '--out', file);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return file;
}

/** The product's package, but that it does not start by itself once VS Code has: the bench says when. */
function packProduct(target: string): string {
  const files = unzipSync(readFileSync(packageExtension()));
  const name = 'extension/package.json';
  const manifest = JSON.parse(strFromU8(files[name] ?? new Uint8Array())) as { activationEvents: string[] };
  manifest.activationEvents = manifest.activationEvents.filter((event) => event !== 'onStartupFinished');
  const file = join(target, 'product.vsix');
  writeFileSync(file, zipSync({ ...files, [name]: strToU8(JSON.stringify(manifest)) }, { level: 1 }));
  return file;
}

/** The probe of page/probe.ts as a script. */
function probe(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(HERE, 'page', 'probe.ts')],
    write: false,
    bundle: true,
    format: 'iife',
    target: 'chrome120',
  });
  return outputFiles[0]?.text ?? '';
}

export interface BenchWindow {
  readonly window: Window;
  readonly extension: Remote<ExtensionApi>;
  /** Calls a method of the probe in a frame. */
  readonly ask: <T>(frame: Frame, method: string, ...args: readonly unknown[]) => Promise<T>;
  /** Settles once a page says that it was painted, with the time of it; to be called before what leads there. */
  readonly painted: (mark: string) => Promise<number>;
  close(): Promise<void>;
}

export interface Bench {
  readonly code: Code;
  /** Opens a window in which neither the product nor the empty extension is active yet. */
  open(): Promise<BenchWindow>;
  stop(): Promise<void>;
}

/** @param files texts of the workspace by name */
export async function startBench(
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
  browserFlags: readonly string[] = [],
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'gatescope-bench-'));
  const packed = mkdtempSync(join(tmpdir(), 'gatescope-bench-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  let said: (extension: Remote<ExtensionApi>) => void = () => undefined;
  const server: Server = createServer((socket: Socket) => {
    const connection: Connection<ExtensionApi> = connect<BenchApi, ExtensionApi>(linePort(socket), {
      hello: () => {
        said(connection.remote);
      },
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      connection.close(new Error('The extension host is gone.'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(folder, PORT_FILE), String((server.address() as AddressInfo).port));
  const extension = join(HERE, 'extension');
  const code = await startCode({
    folder,
    vsix: [packProduct(packed), pack(extension, packed, 'bench'), pack(join(extension, 'empty'), packed, 'empty')],
    settings,
    browserFlags,
  });
  const script = probe();

  const open = async (): Promise<BenchWindow> => {
    const waiting = new Map<string, (at: number) => void>();
    const hello = new Promise<Remote<ExtensionApi>>((resolve) => {
      said = resolve;
    });
    const window = await code.open({
      prepare: async (page) => {
        await page.exposeFunction('gatescopeBenchSay', (what: string, at: number) => {
          waiting.get(what)?.(at);
        });
        await page.addInitScript({ content: script });
      },
    });
    const extension = await hello;
    return {
      window,
      extension,
      ask: <T>(frame: Frame, method: string, ...args: readonly unknown[]) =>
        frame.evaluate<T>(`gatescopeBench.${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`),
      painted: (mark) =>
        new Promise((resolve, reject) => {
          const late = setTimeout(() => {
            reject(new Error(`Nothing was painted (${mark}).`));
          }, PATIENCE);
          waiting.set(mark, (at) => {
            waiting.delete(mark);
            clearTimeout(late);
            resolve(at);
          });
        }),
      close: () => window.close(),
    };
  };
  return {
    code,
    open,
    stop: async () => {
      await code.stop();
      server.close();
      for (const path of [folder, packed]) rmSync(path, { recursive: true, force: true });
    },
  };
}
