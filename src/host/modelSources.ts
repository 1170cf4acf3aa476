/** Finds the workspace's model files, and gives the worker what it reads them from. */
import { promises } from 'node:fs';
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import { sizeText } from '../shared/modelText';
import type { ModelSource } from '../shared/workerApi';
import { EXCLUDED_GLOB, isAmbiguous, isSafetensors, looksLikeModel, MODEL_GLOB, SNIFFED } from './modelFiles';
import { nameOf } from './texts';

/** Files beyond these are not listed; Browse… finds them. */
const LISTED = 200;
/** A search that lasts longer ends with what it has, milliseconds. */
const SEARCH_TIME = 5000;
/** All that is read beside a model of a virtual file system, bytes. */
const SIBLINGS = 64 * 1024 * 1024;

/** The model files of the workspace, by path. */
export async function findModels(): Promise<readonly vscode.Uri[]> {
  const cancel = new vscode.CancellationTokenSource();
  const timer = setTimeout(() => {
    cancel.cancel();
  }, SEARCH_TIME);
  try {
    const found = await vscode.workspace.findFiles(MODEL_GLOB, EXCLUDED_GLOB, LISTED, cancel.token);
    const models = await Promise.all(found.map(async (uri) => ((await isModel(uri)) ? uri : undefined)));
    return models.filter((uri) => uri !== undefined).sort((a, b) => (a.path < b.path ? -1 : 1));
  } finally {
    clearTimeout(timer);
    cancel.dispose();
  }
}

async function isModel(uri: vscode.Uri): Promise<boolean> {
  if (!isAmbiguous(uri.path)) return true;
  const bytes = await firstBytes(uri);
  return bytes !== undefined && looksLikeModel(uri.path, bytes);
}

/** The first `SNIFFED` bytes; undefined for a file that cannot be read, or is not on a disk. */
async function firstBytes(uri: vscode.Uri): Promise<Uint8Array | undefined> {
  if (uri.scheme !== 'file') return undefined;
  try {
    const file = await promises.open(uri.fsPath, 'r');
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(SNIFFED), 0, SNIFFED, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * In an untrusted workspace only safetensors files are read: plain numbers behind a short list of names. A file that is
 * called so is read as nothing else.
 *
 * @throws workspace-untrusted
 */
export function checkFormat(uri: vscode.Uri): void {
  if (isSafetensors(uri.path)) return;
  throw new GatescopeError(
    'workspace-untrusted',
    say`${nameOf(uri)} is not read in Restricted Mode: there only the bundled models and safetensors files are,
      because other formats are more complicated and may come from strangers. Trust this workspace to read it.`,
  );
}

/**
 * @param limit most bytes of the file
 * @throws model-not-found, model-unsupported where it is larger
 */
export async function sourceOf(uri: vscode.Uri, limit?: number): Promise<ModelSource> {
  let stat: vscode.FileStat;
  try {
    stat = await vscode.workspace.fs.stat(uri);
  } catch (error) {
    const where = uri.scheme === 'file' ? uri.fsPath : uri.toString(true);
    throw new GatescopeError('model-not-found', say`The model ${where} is not there. Select another model.`, {
      cause: error,
    });
  }
  if (limit !== undefined && stat.size > limit) {
    throw new GatescopeError(
      'model-unsupported',
      say`${nameOf(uri)} has ${sizeText(stat.size)}; the setting gatescope.models.maxSize allows ${sizeText(limit)}.
        Raise the setting, or select a smaller model.`,
    );
  }
  if (uri.scheme === 'file') return { kind: 'file', path: uri.fsPath };
  try {
    const bytes = await vscode.workspace.fs.readFile(uri);
    return { kind: 'bytes', bytes, name: nameOf(uri), siblings: await siblingsOf(uri) };
  } catch (error) {
    throw new GatescopeError('model-not-found', say`The model ${uri.toString(true)} cannot be read. Select a model.`, {
      cause: error,
    });
  }
}

/** Vocabularies and further parts of a model, which a virtual file system does not let the worker read. */
async function siblingsOf(uri: vscode.Uri): Promise<Record<string, Uint8Array>> {
  const folder = vscode.Uri.joinPath(uri, '..');
  const siblings: Record<string, Uint8Array> = {};
  let left = SIBLINGS;
  const own = nameOf(uri);
  for (const [name, type] of await vscode.workspace.fs.readDirectory(folder)) {
    if (type !== vscode.FileType.File || name === own || !/\.(?:json|txt|bin|data)$/iu.test(name)) continue;
    const part = vscode.Uri.joinPath(folder, name);
    const { size } = await vscode.workspace.fs.stat(part);
    if (size > left) continue;
    left -= size;
    siblings[name] = await vscode.workspace.fs.readFile(part);
  }
  return siblings;
}
