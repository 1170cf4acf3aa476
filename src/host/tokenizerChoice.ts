/** Asks, in two steps at most, how a model's texts become tokens, and keeps the answer beside the model. */
import * as vscode from 'vscode';
import { asGatescopeError, isCancelled } from '../shared/errors';
import type { TokenizerAnswer } from '../shared/modelInfo';
import { fitting, misfit } from './alphabet';
import { EXCLUDED_GLOB } from './modelFiles';
import type { Models } from './models';
import { nameOf } from './texts';

const VOCABULARIES =
  '**/{*vocab*.json,*vocab*.txt,tokenizer.json,*char*.json,*stoi*.json,*itos*.json,*word_index*.json}';
const LISTED = 20;
/** A training text is counted in the extension host: no larger than this, bytes. */
const TEXT_LIMIT = 50 * 1024 * 1024;

interface Item extends vscode.QuickPickItem {
  readonly answer: () => Promise<TokenizerAnswer | undefined>;
}

/** @returns whether there is a tokenizer now */
export async function chooseTokenizer(models: Models, uri: vscode.Uri): Promise<boolean> {
  const description = await models.describe(uri);
  if (description.input.kind !== 'tokens') {
    void vscode.window.showInformationMessage(`${description.name} reads numbers: it needs no tokenizer.`);
    return false;
  }
  const { vocab } = description.input;
  const title = `${description.name}: How Does It Read Text?`;
  for (;;) {
    const item = await vscode.window.showQuickPick(await itemsFor(uri, title, vocab), {
      title,
      placeHolder: `The file does not say. It has ${vocab.toLocaleString('en-US')} tokens; what are they?`,
      ignoreFocusOut: true,
      matchOnDetail: true,
    });
    if (item === undefined) return false;
    try {
      const answer = await item.answer();
      if (answer === undefined) continue;
      const { name } = await models.saveTokenizer(uri, answer);
      const { tokenizer } = await models.describe(uri);
      const what = tokenizer === undefined ? '' : `: ${tokenizer.kind}, ${String(tokenizer.tokens)} tokens`;
      void vscode.window.showInformationMessage(`Saved ${name} beside the model${what}.`);
      return true;
    } catch (error) {
      if (isCancelled(error)) return false;
      const again = 'Choose Again';
      const pressed = await vscode.window.showErrorMessage(asGatescopeError(error).message, again);
      if (pressed !== again) return false;
    }
  }
}

async function itemsFor(uri: vscode.Uri, title: string, vocab: number): Promise<Item[]> {
  const items: Item[] = [];
  if (vocab === 256) {
    items.push({
      label: '$(file-binary) Bytes',
      detail: 'The bytes of the UTF-8 text: there are 256, as many as the model has tokens.',
      answer: () => Promise.resolve({ kind: 'bytes' }),
    });
  }
  items.push(
    {
      label: '$(symbol-string) Characters of a training text…',
      detail: `The ${String(vocab)} different characters of a text, as sorted(set(text)) lists them.`,
      answer: () => charactersOf(title, vocab),
    },
    {
      label: '$(file) A vocabulary file…',
      detail: 'vocab.json, vocab.txt, tokenizer.json: characters, words or pieces, as its entries are.',
      answer: () => vocabularyFile(title),
    },
    {
      label: '$(edit) Characters, typed in…',
      detail: 'Every character once, in the order of the ids.',
      answer: () => typed(title, vocab),
    },
  );
  const found = await vscode.workspace.findFiles(VOCABULARIES, EXCLUDED_GLOB, LISTED);
  if (found.length === 0) return items;
  const near = vscode.Uri.joinPath(uri, '..').path;
  const beside = (file: vscode.Uri): number => (vscode.Uri.joinPath(file, '..').path === near ? 0 : 1);
  found.sort((a, b) => beside(a) - beside(b) || (a.path < b.path ? -1 : 1));
  const separator = (label: string): Item => ({
    label,
    kind: vscode.QuickPickItemKind.Separator,
    answer: () => Promise.resolve(undefined),
  });
  return [
    separator('what its tokens are'),
    ...items,
    separator('found in the workspace'),
    ...found.map((file) => ({
      label: `$(file) ${nameOf(file)}`,
      description: vscode.workspace.asRelativePath(file, false),
      answer: () => fileAnswer(file),
    })),
  ];
}

async function charactersOf(title: string, vocab: number): Promise<TokenizerAnswer | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: `${title} Choose the training text`,
      openLabel: 'Count Its Characters',
    })) ?? [];
  if (uri === undefined) return undefined;
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > TEXT_LIMIT) throw new Error(`${nameOf(uri)} is larger than 50 MB. Choose the vocabulary file instead.`);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
  const alphabet = fitting(text, vocab);
  if (alphabet === undefined) throw new Error(misfit(nameOf(uri), text, vocab));
  return { kind: 'characters', characters: alphabet.characters };
}

async function vocabularyFile(title: string): Promise<TokenizerAnswer | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: `${title} Choose its vocabulary`,
      openLabel: 'Use',
      filters: { Vocabularies: ['json', 'txt'], 'All files': ['*'] },
    })) ?? [];
  return uri && fileAnswer(uri);
}

async function fileAnswer(uri: vscode.Uri): Promise<TokenizerAnswer> {
  if (uri.scheme === 'file') return { kind: 'file', path: uri.fsPath };
  return { kind: 'fileBytes', name: nameOf(uri), bytes: await vscode.workspace.fs.readFile(uri) };
}

async function typed(title: string, vocab: number): Promise<TokenizerAnswer | undefined> {
  const characters = await vscode.window.showInputBox({
    title,
    prompt: `All ${String(vocab)} characters in the order of the ids; \\n for a line end, \\t for a tab, \\\\ for a backslash.`,
    ignoreFocusOut: true,
    validateInput: (value) => {
      const count = new Set(unescape(value)).size;
      if (count !== Array.from(unescape(value)).length) return 'A character stands there twice.';
      return count === vocab ? undefined : `${String(count)} of ${String(vocab)} characters`;
    },
  });
  return characters === undefined ? undefined : { kind: 'characters', characters: unescape(characters) };
}

const unescape = (text: string): string =>
  text.replaceAll(/\\([nrt\\])/gu, (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? letter);
