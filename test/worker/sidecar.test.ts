/** Which vocabulary is found where, in what order; what files say in their many shapes; and what is refused by name. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { GUESSED_BYTES } from '../../src/models/notes';
import { bytesSource, fileSource } from '../../src/models/source';
import type { Sidecar, TokenizerSpec } from '../../src/shared/tokens';
import {
  findNotes,
  readSidecar,
  saveSidecar,
  sidecarName,
  warningsOf,
  withOneHot,
  type Notes,
} from '../../src/worker/sidecar';
import { readVocabularyFile } from '../../src/worker/vocabularyFile';
import { someModel, someNetwork } from './someModel';
import { words } from '../words';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

const folder = mkdtempSync(join(tmpdir(), 'gatescope-sidecar-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What is found for a model of 5 tokens with files beside it. */
function notes(files: Readonly<Record<string, Uint8Array>>, own: Sidecar = {}, vocab = 5): Notes {
  const model = someModel(someNetwork({ cell: 'lstm', vocab }), own);
  const source = bytesSource('dir/char.weights.h5', new Uint8Array(1), new Map(Object.entries(files)));
  return findNotes(model, source, 'dir/char.weights.h5');
}

const five = ['a', 'b', 'c', 'd', 'e'];
const characters: TokenizerSpec = { kind: 'characters', tokens: five };
const other = json(['v', 'w', 'x', 'y', 'z']);

describe('the order in which is looked', () => {
  const all = {
    'char.weights.gatescope.json': json({ tokenizer: { kind: 'characters', tokens: 'abcde' } }),
    'tokenizer.json': json({ model: { type: 'WordLevel', vocab: { t: 0 }, unk_token: 't' } }),
    'vocab.json': other,
    'vocab.txt': utf8('1\n2\n3\n4\n5\n'),
    'char_indices.json': json({ p: 0, q: 1, r: 2, s: 3, t: 4 }),
  };
  const without = (...names: string[]): Record<string, Uint8Array> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
  const names = Object.keys(all);
  test.each<[string, Record<string, Uint8Array>, Sidecar, string, string]>([
    ['the model itself', all, { tokenizer: { kind: 'words', tokens: five } }, 'the model file', 'words'],
    ['NAME.gatescope.json', all, {}, 'char.weights.gatescope.json', 'characters'],
    ['tokenizer.json', without(...names.slice(0, 1)), {}, 'tokenizer.json', 'huggingface'],
    ['vocab.json', without(...names.slice(0, 2)), {}, 'vocab.json', 'characters'],
    ['vocab.txt', without(...names.slice(0, 3)), {}, 'vocab.txt', 'characters'],
    ['char_indices.json', without(...names.slice(0, 4)), {}, 'char_indices.json', 'characters'],
    [
      "the model's own vocabulary before the folder's",
      { 'vocab.json': other, 'char.weights_vocab.json': json(five) },
      {},
      'char.weights_vocab.json',
      'characters',
    ],
  ])('%s', (_, files, own, from, kind) => {
    const found = notes(files, own);
    expect(found.tokenizerFrom).toBe(from);
    expect(found.sidecar.tokenizer?.kind).toBe(kind);
  });
  test('nothing', () => {
    expect(notes({})).toEqual({ sidecar: {}, tokenizerFrom: undefined, tokens: 0, warnings: [] });
  });
  test('numbers and classes come from the sidecar too, the model first', () => {
    const file = json({ numbers: { columns: ['x'], scale: [2] }, classes: ['no', 'yes'] });
    const found = notes({ 'char.weights.gatescope.json': file }, { classes: ['A', 'B'] });
    expect(found.sidecar).toEqual({ numbers: { columns: ['x'], scale: [2] }, classes: ['A', 'B'] });
  });
});

describe('bytes that are a guess', () => {
  const guess = (
    files: Readonly<Record<string, Uint8Array>>,
  ): readonly [string | undefined, string | undefined, string[]] => {
    const model = { ...someModel(someNetwork({ cell: 'lstm', vocab: 256 }), { tokenizer: { kind: 'bytes' } }) };
    const guessed = { ...model, warnings: [GUESSED_BYTES, 'Another.'] };
    const found = findNotes(guessed, bytesSource('a.pt', new Uint8Array(1), new Map(Object.entries(files))), 'a.pt');
    return [found.sidecar.tokenizer?.kind, found.tokenizerFrom, words(warningsOf(guessed, found))];
  };

  test('give way to what a person wrote, and then nobody is told of them', () => {
    const beside = { 'a.gatescope.json': json({ tokenizer: { kind: 'characters', tokens: 'abc' } }) };
    expect(guess(beside)).toEqual(['characters', 'a.gatescope.json', ['Another.']]);
  });

  test('stand where nobody wrote, whatever other files lie there', () => {
    const expected = ['bytes', 'the number of tokens', words([GUESSED_BYTES, 'Another.'])];
    expect(guess({})).toEqual(expected);
    expect(guess({ 'vocab.json': other })).toEqual(expected);
  });
});

describe('a vocabulary of another size', () => {
  test('too large: passed over with a warning, and the next is taken', () => {
    const found = notes({ 'vocab.json': json([...five, 'f']), 'chars.json': json('abcde') });
    expect(found).toMatchObject({ tokenizerFrom: 'chars.json', tokens: 5 });
    expect(words(found.warnings)).toEqual([
      'vocab.json has a vocabulary of 6 tokens, but the model has 5: it is not used.',
    ]);
  });
  test('smaller: taken with a warning', () => {
    const found = notes({ 'vocab.json': json(['a', 'b']) });
    expect(found).toMatchObject({ tokenizerFrom: 'vocab.json', tokens: 2 });
    expect(words(found.warnings).join()).toMatch(/2 tokens for a model of 5: the last 3 never come/);
  });
  test('one that cannot be read is told of, and the next is taken', () => {
    const found = notes({
      'tokenizer.json': json({ model: { type: 'Magic' } }),
      'vocab.json': utf8('{'),
      'vocab.txt': utf8('a\nb\nc\nd\ne'),
    });
    expect(found.tokenizerFrom).toBe('vocab.txt');
    expect(words(found.warnings).join('\n')).toMatch(/"Magic".*\n.*vocab\.json: It is not JSON/);
  });
});

describe('inputs of numbers are one-hot tokens', () => {
  const own = 'char.weights.gatescope.json';
  const spec = (tokens: string): Uint8Array => json({ tokenizer: { kind: 'characters', tokens } });
  test.each<[string, Readonly<Record<string, Uint8Array>>, boolean]>([
    ['where a vocabulary has as many', { 'idx2char.json': json({ 0: 'a', 1: 'b', 2: 'c', 3: 'd' }) }, true],
    ['where the sidecar has a tokenizer', { [own]: spec('abc') }, true],
    ['not where a vocabulary has fewer', { 'vocab.json': json(['a', 'b', 'c']) }, false],
    ['not where the sidecar has more', { [own]: spec('abcde') }, false],
    [
      'not where the sidecar has columns',
      { [own]: json({ numbers: {} }), 'vocab.json': json(['a', 'b', 'c', 'd']) },
      false,
    ],
    ['not where nothing is beside it', {}, false],
  ])('%s', (_, files, oneHot) => {
    const { head } = someNetwork({ cell: 'lstm', vocab: 4 });
    const model = someModel({
      ...someNetwork({ cell: 'lstm', width: 4, numbers: true }),
      head: head && { ...head, output: 'values' },
    });
    const source = bytesSource('dir/char.weights.h5', new Uint8Array(1), new Map(Object.entries(files)));
    const { network, warnings } = withOneHot(model, source, source.name);
    expect(network.input).toEqual(
      oneHot ? { kind: 'tokens', vocab: 4, width: 4, table: undefined } : { kind: 'numbers', width: 4 },
    );
    expect(network.head?.output).toBe(oneHot ? 'next-token' : 'values');
    expect(words(warnings).join()).toMatch(
      oneHot ? /^Its 4 inputs are taken for tokens, one-hot, as .*json says\.$/ : /^$/,
    );
  });
});

describe('what files say', () => {
  test.each<[string, string, unknown, TokenizerSpec]>([
    ['a list', 'v.json', five, characters],
    ['a text', 'v.json', 'abcde', characters],
    ['ids by token', 'v.json', { c: 2, a: 0, b: 1, e: 4, d: 3 }, characters],
    ['tokens by id', 'v.json', { 1: 'b', 0: 'a', 2: 'c', 4: 'e', 3: 'd' }, characters],
    ['digits as tokens', 'v.json', { 1: 0, 0: 1 }, { kind: 'characters', tokens: ['1', '0'] }],
    ['ids from 1 on', 'v.json', { a: 1, b: 2 }, { kind: 'characters', tokens: ['', 'a', 'b'] }],
    [
      'inside of an object',
      'v.json',
      { version: 'x', vocab: { stoi: { a: 0, b: 1 } } },
      { kind: 'characters', tokens: ['a', 'b'] },
    ],
    [
      "Keras's Tokenizer",
      'v.json',
      { class_name: 'Tokenizer', config: { word_index: '{"the": 1, "cat": 2}' } },
      { kind: 'words', tokens: ['', 'the', 'cat'] },
    ],
    [
      "Keras's Tokenizer, as json.dump writes its text",
      'v.json',
      JSON.stringify({ class_name: 'Tokenizer', config: { word_index: '{"the": 1, "cat": 2}' } }),
      { kind: 'words', tokens: ['', 'the', 'cat'] },
    ],
    ['a text that begins with a brace', 'v.json', '{}ab', { kind: 'characters', tokens: ['{', '}', 'a', 'b'] }],
    [
      'an unknown one',
      'v.json',
      ['<pad>', '<unk>', 'the'],
      { kind: 'words', tokens: ['<pad>', '<unk>', 'the'], unknown: 1 },
    ],
    [
      'only small letters',
      'v.json',
      Array.from('abcdefghijklmnopqrstuvwxyz\n'),
      { kind: 'characters', tokens: Array.from('abcdefghijklmnopqrstuvwxyz\n'), lowercase: true },
    ],
    ['words and signs', 'v.json', ['.', 'the', 'a', 'cat'], { kind: 'words', tokens: ['.', 'the', 'a', 'cat'] }],
    ['lines', 'v.txt', 'the\ncat\n\n.\n', { kind: 'words', tokens: ['the', 'cat', '', '.'] }],
    ['lines of Windows', 'v.txt', 'a\r\nb\r\n', { kind: 'characters', tokens: ['a', 'b'] }],
  ])('%s', (_, name, value, spec) => {
    expect(readVocabularyFile(name, name.endsWith('.txt') ? utf8(value as string) : json(value))).toEqual(spec);
  });
  test("BERT's vocab.txt is its word pieces", () => {
    const spec = readVocabularyFile('vocab.txt', utf8('[PAD]\n[UNK]\ncat\n##s\n'));
    expect(spec).toMatchObject({ kind: 'huggingface', json: { model: { type: 'WordPiece', vocab: { '##s': 3 } } } });
  });
  test("GPT-2's pair of files is a byte-level BPE", () => {
    const found = notes({ 'vocab.json': json({ a: 0, b: 1, ab: 2 }), 'merges.txt': utf8('#version: 0.2\na b\n') });
    expect(found.sidecar.tokenizer).toMatchObject({
      kind: 'huggingface',
      json: { model: { type: 'BPE', merges: ['a b'] } },
    });
  });
  test.each<[string, string, Uint8Array, RegExp]>([
    ['no JSON', 'v.json', utf8('{"a"'), /v\.json: It is not JSON/],
    ['no UTF-8', 'v.txt', Uint8Array.of(0xff, 0xff), /not UTF-8/],
    ['numbers', 'v.json', json([1, 2]), /holds no vocabulary/],
    ['an id that stands twice', 'v.json', json({ a: 0, b: 0 }), /"a" and "b" have the same id 0/],
    ['an id beyond all', 'v.json', json({ a: 999_999_999 }), /ids up to 999999999/],
    ['half ids', 'v.json', json({ a: 0, b: 'x' }), /holds no vocabulary/],
    ['an object of a prototype', 'v.json', utf8('{"__proto__": "x"}'), /holds no vocabulary/],
    ['a deep nest', 'v.json', utf8('{"vocab":'.repeat(2000) + '[]' + '}'.repeat(2000)), /holds no vocabulary/],
  ])('refuses %s', (_, name, bytes, message) => {
    expect(() => readVocabularyFile(name, bytes)).toThrow(message);
  });
});

describe('a sidecar', () => {
  test.each<[string, unknown, RegExp]>([
    ['no object', [], /not an object/],
    ['an unknown kind', { tokenizer: { kind: 'runes' } }, /kind is "runes"; bytes, characters/],
    ['tokens that are none', { tokenizer: { kind: 'words', tokens: [1] } }, /"tokens" must be a list of texts/],
    [
      'an unknown that is no id',
      { tokenizer: { kind: 'words', tokens: ['a'], unknown: 1 } },
      /"unknown" is 1; it must be an id below 1/,
    ],
    ['columns that are none', { numbers: { columns: [-1] } }, /"columns"/],
    ['a scale that is none', { numbers: { scale: ['a'] } }, /"scale"/],
    ['classes that are none', { classes: 'x' }, /"classes"/],
  ])('refuses %s', (_, value, message) => {
    expect(() => readSidecar('m.gatescope.json', value)).toThrow(message);
  });
  test('a link in the model’s folder is not followed', () => {
    writeFileSync(join(folder, 'model.bin'), 'x');
    writeFileSync(join(folder, 'secret'), JSON.stringify(five));
    symlinkSync(join(folder, 'secret'), join(folder, 'vocab.json'));
    const source = fileSource(join(folder, 'model.bin'));
    const found = findNotes(someModel(someNetwork({ cell: 'lstm', vocab: 5 })), source, source.name);
    source.close();
    expect(found.tokenizerFrom).toBeUndefined();
    expect(words(found.warnings).join()).toMatch(/"vocab\.json", which is a link/);
  });
});

describe('an answer is kept', () => {
  const model = someModel(someNetwork({ cell: 'lstm', vocab: 5 }));
  const nothing = (): Promise<Uint8Array> => Promise.reject(new Error('no file is read'));
  test('beside the model, with what was there', async () => {
    const path = join(folder, 'kept.pt');
    writeFileSync(path, 'x');
    writeFileSync(
      join(folder, 'kept.gatescope.json'),
      JSON.stringify({ classes: ['x'], tokenizer: { kind: 'bytes' } }),
    );
    const source = fileSource(path);
    const saved = await saveSidecar(
      model,
      source,
      path,
      { kind: 'characters', characters: 'ab😀', unknown: 1 },
      nothing,
    );
    expect(saved).toMatchObject({ name: 'kept.gatescope.json', written: true });
    expect(JSON.parse(readFileSync(join(folder, 'kept.gatescope.json'), 'utf8'))).toEqual({
      classes: ['x'],
      tokenizer: { kind: 'characters', tokens: ['a', 'b', '😀'], unknown: 1 },
    });
    expect(findNotes(model, source, path)).toMatchObject({ tokenizerFrom: 'kept.gatescope.json', tokens: 3 });
    source.close();
  });
  test('of a model without a folder: the caller writes it', async () => {
    const source = bytesSource('far/away.pt', new Uint8Array(1));
    const answer = { kind: 'fileBytes', name: 'v.json', bytes: json(five) } as const;
    const saved = await saveSidecar(model, source, undefined, answer, nothing);
    expect(saved).toMatchObject({ name: 'away.gatescope.json', written: false });
    expect(readSidecar('', JSON.parse(saved.text))).toEqual({ tokenizer: characters });
  });
  test.each([
    ['more tokens than the model', { kind: 'bytes' }, /256 tokens, but the model has 5/],
    ['a character that stands twice', { kind: 'characters', characters: 'aba' }, /"a" stands there twice/],
  ] as const)('refuses %s', async (_, answer, message) => {
    const source = bytesSource('m.pt', new Uint8Array(1));
    await expect(saveSidecar(model, source, undefined, answer, nothing)).rejects.toThrow(message);
  });
});

test('the name of a sidecar', () => {
  expect(['a/b/model.pt', 'model', 'C:\\x\\m.weights.h5'].map(sidecarName)).toEqual([
    'model.gatescope.json',
    'model.gatescope.json',
    'm.weights.gatescope.json',
  ]);
});
