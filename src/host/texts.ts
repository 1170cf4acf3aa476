/** Where the text of a trace comes from: the live document where there is one, else the file behind the URI. */
import * as vscode from 'vscode';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { TextSource } from '../shared/workerApi';

/** A text as it was taken, at one moment. */
export interface Taken {
  readonly source: TextSource;
  /** The document that shows it; undefined where VS Code opens none (binary, or over 50 MB). */
  readonly document: vscode.TextDocument | undefined;
  /** The document's text; undefined without a document. */
  readonly text: string | undefined;
}

/** A virtual file that no document shows is copied through the extension host, so its size is limited. */
const VIRTUAL_LIMIT = 50 * 1024 * 1024;

export const nameOf = (uri: vscode.Uri): string => uri.path.split('/').pop() ?? uri.path;

export const findDocument = (uri: vscode.Uri): vscode.TextDocument | undefined => {
  const key = uri.toString();
  return vscode.workspace.textDocuments.find((document) => !document.isClosed && document.uri.toString() === key);
};

/**
 * Takes the text behind a URI: of the open document, saved or not; else of a document opened for it; else the bytes.
 *
 * @throws file-not-found, file-unreadable, text-too-large
 */
export async function takeText(uri: vscode.Uri): Promise<Taken> {
  const document = findDocument(uri) ?? (await openDocument(uri));
  if (document === undefined) return { source: await fileSource(uri), document: undefined, text: undefined };
  const { version } = document;
  const text = document.getText();
  const bytes = showsBrokenUtf8(document, text) ? await readBytes(uri) : undefined;
  // An edit made while the file was read: what is on the screen counts.
  if (document.version !== version) return textOf(document);
  const name = nameOf(uri);
  return {
    source: bytes === undefined ? { kind: 'text', text, name } : { kind: 'bytes', bytes, name },
    document,
    text,
  };
}

/** Takes a document's text as it is now. */
export function textOf(document: vscode.TextDocument): Taken {
  const text = document.getText();
  return { source: { kind: 'text', text, name: nameOf(document.uri) }, document, text };
}

/** The editor shows U+FFFD for bytes that are no UTF-8; the model should see the bytes that are there. */
function showsBrokenUtf8(document: vscode.TextDocument, text: string): boolean {
  return !document.isDirty && !document.isUntitled && document.encoding.startsWith('utf8') && text.includes('\uFFFD');
}

async function readBytes(uri: vscode.Uri): Promise<Uint8Array | undefined> {
  try {
    return await vscode.workspace.fs.readFile(uri);
  } catch {
    return undefined;
  }
}

async function openDocument(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    // Binary, over 50 MB, or not there: the file itself tells which.
    return undefined;
  }
}

async function fileSource(uri: vscode.Uri): Promise<TextSource> {
  let stat: vscode.FileStat;
  try {
    stat = await vscode.workspace.fs.stat(uri);
  } catch (error) {
    throw new GatescopeError(
      'file-not-found',
      say`${nameOf(uri)} cannot be found at ${shownPath(uri)}. It may have been deleted, moved or renamed.`,
      { cause: error },
    );
  }
  if ((stat.type & vscode.FileType.Directory) !== 0) {
    throw new GatescopeError('file-unreadable', say`${nameOf(uri)} is a folder. Choose a text file in it.`);
  }
  if (uri.scheme === 'file') return { kind: 'file', path: uri.fsPath };
  if (stat.size > VIRTUAL_LIMIT) {
    throw new GatescopeError(
      'text-too-large',
      say`${nameOf(uri)} has ${mebibytes(stat.size)} MB; from a ${uri.scheme} file system at most
        ${mebibytes(VIRTUAL_LIMIT)} MB can be traced. Copy it to a local folder.`,
    );
  }
  const bytes = await readBytes(uri);
  if (bytes === undefined) {
    throw new GatescopeError('file-unreadable', say`${nameOf(uri)} cannot be read at ${shownPath(uri)}.`);
  }
  return { kind: 'bytes', bytes, name: nameOf(uri) };
}

const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);

export const shownPath = (uri: vscode.Uri): string => (uri.scheme === 'file' ? uri.fsPath : uri.toString(true));
