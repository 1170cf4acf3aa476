/** Asks, in two steps at most, how a model's texts become tokens, and keeps the answer beside the model. */
import * as vscode from 'vscode';
import { GatescopeError, isCancelled } from '../shared/errors';
import { say } from '../shared/l10n';
import type { TokenizerAnswer } from '../shared/modelInfo';
import { tokenizerText } from '../shared/modelText';
import { fitting, misfit } from './alphabet';
import { shownError, t } from './l10n';
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
    void vscode.window.showInformationMessage(t('{0} reads numbers: it needs no tokenizer.', description.name));
    return false;
  }
  const { vocab } = description.input;
  const title = t('{0}: How Does It Read Text?', description.name);
  for (;;) {
    const item = await vscode.window.showQuickPick(await itemsFor(uri, title, vocab), {
      title,
      placeHolder: t('The file does not say. It has {0} tokens; what are they?', vocab.toLocaleString('en-US')),
      ignoreFocusOut: true,
      matchOnDetail: true,
    });
    if (item === undefined) return false;
    try {
      const answer = await item.answer();
      if (answer === undefined) continue;
      const { name } = await models.saveTokenizer(uri, answer);
      const { tokenizer } = await models.describe(uri);
      void vscode.window.showInformationMessage(
        tokenizer === undefined
          ? t('Saved {0} beside the model.', name)
          : t('Saved {0} beside the model: {1}, {2} tokens.', name, tokenizerText(tokenizer.kind, t), tokenizer.tokens),
      );
      return true;
    } catch (error) {
      if (isCancelled(error)) return false;
      const again = t('Choose Again');
      const pressed = await vscode.window.showErrorMessage(shownError(error), again);
      if (pressed !== again) return false;
    }
  }
}

async function itemsFor(uri: vscode.Uri, title: string, vocab: number): Promise<Item[]> {
  const items: Item[] = [];
  if (vocab === 256) {
    items.push({
      label: `$(file-binary) ${t('Bytes')}`,
      detail: t('The bytes of the UTF-8 text: there are 256, as many as the model has tokens.'),
      answer: () => Promise.resolve({ kind: 'bytes' }),
    });
  }
  items.push(
    {
      label: `$(symbol-string) ${t('Characters of a training text…')}`,
      detail: t('The {0} different characters of a text, as sorted(set(text)) lists them.', vocab),
      answer: () => charactersOf(title, vocab),
    },
    {
      label: `$(file) ${t('A vocabulary file…')}`,
      detail: t('vocab.json, vocab.txt, tokenizer.json: characters, words or pieces, as its entries are.'),
      answer: () => vocabularyFile(title),
    },
    {
      label: `$(edit) ${t('Characters, typed in…')}`,
      detail: t('Every character once, in the order of the ids.'),
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
    separator(t('what its tokens are')),
    ...items,
    separator(t('found in the workspace')),
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
      title: t('{0} Choose the training text', title),
      openLabel: t('Count Its Characters'),
    })) ?? [];
  if (uri === undefined) return undefined;
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > TEXT_LIMIT)
    throw new GatescopeError(
      'text-too-large',
      say`${nameOf(uri)} is larger than 50 MB. Choose the vocabulary file instead.`,
    );
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
  const alphabet = fitting(text, vocab);
  if (alphabet === undefined) throw new GatescopeError('bad-vocabulary', misfit(nameOf(uri), text, vocab));
  return { kind: 'characters', characters: alphabet.characters };
}

async function vocabularyFile(title: string): Promise<TokenizerAnswer | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: t('{0} Choose its vocabulary', title),
      openLabel: t('Use'),
      filters: { [t('Vocabularies')]: ['json', 'txt'], [t('All files')]: ['*'] },
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
    prompt: t(
      'All {0} characters in the order of the ids; \\n for a line end, \\t for a tab, \\\\ for a backslash.',
      vocab,
    ),
    ignoreFocusOut: true,
    validateInput: (value) => {
      const count = new Set(unescape(value)).size;
      if (count !== Array.from(unescape(value)).length) return t('A character stands there twice.');
      return count === vocab ? undefined : t('{0} of {1} characters', count, vocab);
    },
  });
  return characters === undefined ? undefined : { kind: 'characters', characters: unescape(characters) };
}

const unescape = (text: string): string =>
  text.replaceAll(/\\([nrt\\])/gu, (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? letter);
