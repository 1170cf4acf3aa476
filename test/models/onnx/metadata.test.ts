/** What an ONNX model's metadata_props say of its tokens and classes, under the names that people give them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModelBytes } from '../../../src/models/readModel';
import { message } from './build';
import { words } from '../../words';

/** A committed model with entries of metadata behind all else, where a protobuf may have more of a repeated field. */
function withMetadata(name: string, entries: Readonly<Record<string, string>>): Uint8Array {
  const added = message((to) => {
    for (const [key, value] of Object.entries(entries)) {
      const entry = message((one) => {
        one.writeStringField(1, key);
        one.writeStringField(2, value);
      });
      to.writeBytesField(14, entry);
    }
  });
  return Buffer.concat([readFileSync(`test/fixtures/onnx/${name}.onnx`), added]);
}

const LETTERS = Array.from('abcdefghijk');
const ids = (tokens: readonly string[]): string => JSON.stringify(Object.fromEntries(tokens.map((one, k) => [one, k])));
const WORDS = ['<unk>', ...LETTERS.slice(1).map((letter) => letter.repeat(3))];

describe('metadata of a model of 11 tokens and 11 classes', () => {
  it.each<[string, Readonly<Record<string, string>>, notes: object, warnings: readonly unknown[]]>([
    ['ids by token', { stoi: ids(LETTERS) }, { tokenizer: { kind: 'characters', tokens: LETTERS } }, []],
    ['under a longer name', { 'model.vocab': ids(LETTERS) }, { tokenizer: { kind: 'characters' } }, []],
    [
      'tokens by id',
      { idx2char: JSON.stringify(Object.fromEntries(LETTERS.entries())) },
      { tokenizer: { tokens: LETTERS } },
      [],
    ],
    ['a text', { chars: LETTERS.join('') }, { tokenizer: { kind: 'characters', tokens: LETTERS } }, []],
    ['words', { itos: JSON.stringify(WORDS) }, { tokenizer: { kind: 'words', tokens: WORDS, unknown: 0 } }, []],
    [
      'inside of a configuration',
      { config: JSON.stringify({ stoi: { a: 0 }, vocab: LETTERS }) },
      { tokenizer: {} },
      [],
    ],
    ['bytes', { tokenizer: 'bytes' }, { tokenizer: { kind: 'bytes' } }, []],
    [
      "Hugging Face's",
      { tokenizer: JSON.stringify({ model: { type: 'WordLevel', vocab: { a: 0 } } }) },
      { tokenizer: { kind: 'huggingface', json: { model: { type: 'WordLevel' } } } },
      [],
    ],
    ['classes', { labels: JSON.stringify(WORDS) }, { classes: WORDS }, []],
    [
      'another size',
      { chars: 'abcdefghijklmnopq' },
      {},
      [expect.stringMatching(/entry "chars" has 17 tokens, which do not fit the model's 11/u)],
    ],
    ['nothing of it', { author: 'abcdefghijk' }, {}, []],
  ])('%s', (_, entries, notes, warnings) => {
    const plain = readModelBytes('m.onnx', withMetadata('old-fixed', {}));
    expect(plain.network).toMatchObject({ input: { vocab: 11 }, head: { output: 'classes' } });
    const model = readModelBytes('m.onnx', withMetadata('old-fixed', entries));
    expect(model.notes).toMatchObject(notes);
    expect(Object.keys(model.notes)).toEqual(Object.keys(notes));
    expect(words(model.warnings).filter((one) => !words(plain.warnings).includes(one))).toEqual(warnings);
  });
});

it.each([
  ['as many tokens as a step has numbers', ids(LETTERS.slice(0, 4)), 'tokens'],
  ['fewer', ids(LETTERS.slice(0, 3)), 'numbers'],
  ['none', '', 'numbers'],
])('numbers with %s are %3$s', (_, vocab, kind) => {
  const { network } = readModelBytes('m.onnx', withMetadata('old-lstm-numbers', { vocab }));
  expect(network.input.kind).toBe(kind);
});
