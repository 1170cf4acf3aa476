/** What is made of tensors by their names: inputs, stacks, heads, tokenizers, and what is named as not run. */
import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/models/model';
import type { Note } from '../../src/models/notes';
import { modelOfPytorchNames } from '../../src/models/pytorchNames';
import type { ModuleNote, TensorFile } from '../../src/models/tensors';
import { words } from '../words';

type Shapes = Readonly<Record<string, readonly number[]>>;

interface Others {
  readonly ordered?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly notes?: Readonly<Record<string, Note['value']>>;
  readonly modules?: Readonly<Record<string, string>>;
}

/** A file of zeros. */
function model(shapes: Shapes, { ordered = true, metadata = {}, notes = {}, modules = {} }: Others = {}): Model {
  const file: TensorFile = {
    file: 'm.pt',
    size: 1e6,
    ordered,
    metadata,
    notes: Object.entries(notes).map(([name, value]) => ({ path: [name], value })),
    modules: new Map(
      Object.entries(modules).map(([path, className]): [string, ModuleNote] => [
        path,
        { className, attributes: new Map() },
      ]),
    ),
    tensors: new Map(
      Object.entries(shapes).map(([name, shape]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        return [name, { name, shape, read: () => new Float32Array(length) }];
      }),
    ),
  };
  return modelOfPytorchNames(file);
}

const stack = (prefix: string, gates: number, input: number, units: number, suffix = '_l0'): Shapes => ({
  [`${prefix}weight_ih${suffix}`]: [gates * units, input],
  [`${prefix}weight_hh${suffix}`]: [gates * units, units],
});
const dense = (name: string, input: number, output: number): Shapes => ({
  [`${name}.weight`]: [output, input],
  [`${name}.bias`]: [output],
});

/** `tokens 20x8 > lstm 5 + lstm_reverse 5 > 9 relu > next-token 20` */
function summary({ network: { input, layers, head } }: Model): string {
  const from =
    input.kind === 'tokens'
      ? `tokens ${String(input.vocab)}${input.table ? `x${String(input.width)}` : ' one-hot'}`
      : `numbers ${String(input.width)}`;
  const middle = layers.map(({ directions }) =>
    directions
      .map(({ reverse, weights }) => `${weights.cell}${reverse ? '_reverse' : ''} ${String(weights.units)}`)
      .join(' + '),
  );
  const dense = (head?.layers ?? []).map(
    ({ outputSize, activation }) => `${String(outputSize)}${activation ? ` ${activation.name}` : ''}`,
  );
  return [from, ...middle, ...dense, head?.output ?? 'no head'].join(' > ');
}

const EMBEDDING: Shapes = { 'embedding.weight': [20, 8] };
const LETTERS = 'abcdefghijklmnopqrst';
const chars = { chars: { kind: 'text', text: LETTERS } } as const;

describe('the input', () => {
  it.each<[string, Shapes, Others, string]>([
    ['an embedding', { ...EMBEDDING, ...stack('lstm.', 4, 8, 5) }, {}, 'tokens 20x8 > lstm 5 > no head'],
    ['numbers', stack('lstm.', 4, 8, 5), {}, 'numbers 8 > lstm 5 > no head'],
    ['one-hot by its vocabulary', stack('lstm.', 4, 20, 5), { notes: chars }, 'tokens 20 one-hot > lstm 5 > no head'],
    [
      'one-hot by its tokenizer and head',
      { ...stack('lstm.', 4, 256, 5), ...dense('fc', 5, 256) },
      { metadata: { tokenizer: 'bytes' } },
      'tokens 256 one-hot > lstm 5 > 256 > next-token',
    ],
    [
      'numbers beside a vocabulary of another size',
      stack('lstm.', 4, 8, 5),
      { notes: chars },
      'numbers 8 > lstm 5 > no head',
    ],
    [
      'an embedding that does not reach the stack',
      { ...EMBEDDING, ...dense('proj', 8, 12), ...stack('lstm.', 4, 12, 5) },
      {},
      'numbers 12 > lstm 5 > no head',
    ],
    [
      'a dense layer called encoder',
      { ...dense('encoder', 3, 8), ...stack('lstm.', 4, 3, 5) },
      {},
      'numbers 3 > lstm 5 > no head',
    ],
  ])('is %s', (_, shapes, others, expected) => {
    expect(summary(model(shapes, others))).toBe(expected);
  });
});

describe('the stack', () => {
  const reverse = stack('rnn.', 3, 4, 5, '_l0_reverse');
  it.each<[string, Shapes, string, readonly string[]]>([
    [
      'of both directions',
      { ...stack('rnn.', 3, 4, 5), ...reverse },
      'numbers 4 > gru 5 + gru_reverse 5 > no head',
      [],
    ],
    ['of a cell', stack('cell.', 4, 4, 5, ''), 'numbers 4 > lstm 5 > no head', []],
    [
      'of numbered cells, the tenth behind the second',
      { ...stack('cells.10.', 4, 6, 3, ''), ...stack('cells.1.', 4, 4, 5, ''), ...stack('cells.2.', 4, 5, 6, '') },
      'numbers 4 > lstm 5 > lstm 6 > lstm 3 > no head',
      [],
    ],
    [
      'of numbered modules',
      { ...stack('rnn1.', 1, 4, 5), ...stack('rnn2.', 1, 5, 6) },
      'numbers 4 > rnn 5 > rnn 6 > no head',
      [],
    ],
    [
      'of two kinds',
      { ...stack('a.lstm.', 4, 4, 5), ...stack('a.gru.', 3, 5, 6) },
      'numbers 4 > lstm 5 > gru 6 > no head',
      [],
    ],
    [
      'of an encoder that fits its decoder',
      { ...stack('encoder.rnn.', 3, 4, 4), ...stack('decoder.rnn.', 3, 4, 4), ...dense('decoder.out', 4, 9) },
      'numbers 4 > gru 4 > no head',
      ['GRU "decoder.rnn"', 'dense layer "decoder.out"'],
    ],
    [
      'of an encoder that comes after its decoder',
      { ...stack('decoder.', 3, 4, 4), ...stack('encoder.', 3, 6, 5) },
      'numbers 6 > gru 5 > no head',
      ['GRU "decoder"'],
    ],
  ])('%s', (_, shapes, expected, notRun) => {
    // Read back to front, natural order must not come of the file's.
    const found = model(shapes, { ordered: false });
    expect(summary(found)).toBe(expected);
    expect(words(found.notRun)).toEqual(notRun);
  });

  it('of a projection', () => {
    const shapes = { weight_ih_l0: [20, 4], weight_hh_l0: [20, 3], weight_hr_l0: [3, 5] };
    const [layer] = model(shapes).network.layers;
    expect(layer?.directions[0]?.weights).toMatchObject({ units: 5, variant: { projection: { length: 15 } } });
  });

  it.each([
    [{}, 'tanh', true],
    [{ nonlinearity: 'relu' }, 'relu', false],
    [{ nonlinearity: 'tanh' }, 'tanh', false],
  ])('a SimpleRNN with the metadata %j uses %s', (metadata, activation, warns) => {
    const found = model(stack('rnn.', 1, 4, 5), { metadata });
    expect(found.network.layers[0]?.directions[0]?.weights.activation).toBe(activation);
    expect(words(found.warnings).some((warning) => warning.includes('tanh or relu'))).toBe(warns);
  });
});

const LINEAR = 'torch.nn.modules.linear.Linear';
const act = (name: string): string => `torch.nn.modules.activation.${name}`;
const BASE: Shapes = { ...EMBEDDING, ...stack('lstm.', 4, 8, 5) };
const BASE_MODULES = { embedding: 'torch.nn.modules.sparse.Embedding', lstm: 'torch.nn.modules.rnn.LSTM' };
const SEQUENTIAL = { head: 'torch.nn.modules.container.Sequential', 'head.0': LINEAR };
const TWO: Shapes = { ...BASE, ...dense('head.0', 5, 6), ...dense('head.2', 6, 20) };

describe('the head', () => {
  it.each<[string, Shapes, Others, string, RegExp | undefined]>([
    ['of the vocabulary', { ...BASE, ...dense('fc', 5, 20) }, {}, '20 > next-token', undefined],
    ['of classes', { ...BASE, ...dense('fc', 5, 3) }, {}, '3 > classes', undefined],
    ['of a single output', { ...BASE, ...dense('fc', 5, 1) }, {}, '1 > values', undefined],
    ['of numbers', { ...stack('lstm.', 4, 8, 5), ...dense('fc', 5, 3) }, {}, '3 > values', undefined],
    ['that was made first', { ...dense('fc', 5, 20), ...BASE }, {}, '20 > next-token', undefined],
    ['of two layers in a state dict', TWO, {}, 'no head', /does not say which activation.*"head.0", "head.2"/],
    [
      'of a hidden layer as wide as the stack',
      { ...BASE, ...dense('a', 5, 5), ...dense('b', 5, 20) },
      {},
      'no head',
      /activation/,
    ],
    [
      'of two layers of a pickled Sequential',
      TWO,
      { modules: { ...BASE_MODULES, ...SEQUENTIAL, 'head.1': act('LeakyReLU'), 'head.2': LINEAR } },
      '6 leakyRelu > 20 > next-token',
      undefined,
    ],
    [
      'of two layers with nothing between in a Sequential',
      TWO,
      { modules: { ...BASE_MODULES, ...SEQUENTIAL, 'head.1': 'torch.nn.modules.dropout.Dropout', 'head.2': LINEAR } },
      '6 > 20 > next-token',
      undefined,
    ],
    [
      'with a function that is not known',
      TWO,
      { modules: { ...BASE_MODULES, ...SEQUENTIAL, 'head.1': act('GELU'), 'head.2': LINEAR } },
      'no head',
      /does not say/,
    ],
    [
      'of a last softmax',
      { ...BASE, ...dense('fc', 5, 20) },
      { modules: { ...BASE_MODULES, fc: LINEAR, softmax: act('LogSoftmax') } },
      '20 > next-token',
      undefined,
    ],
    [
      'of a last sigmoid',
      { ...BASE, ...dense('fc', 5, 1) },
      { modules: { ...BASE_MODULES, fc: LINEAR, sigmoid: act('Sigmoid') } },
      '1 sigmoid > values',
      undefined,
    ],
    [
      'behind a function of unknown use',
      { ...BASE, ...dense('fc', 5, 20) },
      { modules: { ...BASE_MODULES, relu: act('ReLU'), fc: LINEAR } },
      'no head',
      /lies "ReLU"/,
    ],
    [
      'behind a normalisation',
      { ...BASE, 'norm.weight': [5], ...dense('fc', 5, 20) },
      {},
      'no head',
      /lies "norm", which cannot be run/,
    ],
    [
      'behind a convolution',
      { ...BASE, 'conv.weight': [5, 5, 3], ...dense('fc', 5, 20) },
      {},
      'no head',
      /lies "conv"/,
    ],
    ['behind attention', { ...BASE, ...dense('attn', 5, 5), ...dense('fc', 5, 20) }, {}, 'no head', /lies "attn"/],
    [
      'behind attention, its order lost',
      { ...dense('attn', 5, 5), ...BASE, ...dense('fc', 5, 20) },
      { ordered: false },
      'no head',
      /lies "attn"/,
    ],
    [
      'beside another',
      { ...BASE, ...dense('value', 5, 1), ...dense('policy', 5, 20) },
      {},
      '20 > next-token',
      /"value.weight"/,
    ],
    [
      'that is the embedding',
      { 'embedding.weight': [20, 5], ...stack('lstm.', 4, 5, 5), 'decoder.bias': [20] },
      {},
      '20 > next-token',
      undefined,
    ],
    [
      'that safetensors has under another name',
      { 'embedding.weight': [20, 5], ...stack('lstm.', 4, 5, 5) },
      { ordered: false, metadata: { 'decoder.weight': 'embedding.weight' } },
      '20 > next-token',
      undefined,
    ],
  ])('%s', (_, shapes, others, expected, warning) => {
    const found = model(shapes, others);
    expect(summary(found).replace(/^.*lstm 5 > /u, '')).toBe(expected);
    if (warning) expect(words(found.warnings).join('\n')).toMatch(warning);
    else expect(words(found.warnings)).toEqual([]);
  });

  it('and what is not run are named', () => {
    const others: Shapes = {
      'norm.weight': [5],
      'norm.bias': [5],
      'conv.weight': [5, 5, 3],
      'bn.weight': [5],
      'bn.running_mean': [5],
    };
    expect(model({ ...BASE, ...others, ...dense('attn', 5, 5), ...dense('fc', 5, 20) }).notRun).toEqual([
      'normalisation "norm"',
      'convolution "conv"',
      'batch normalisation "bn"',
      'attention "attn"',
      'dense layer "fc"',
    ]);
  });
});

const dict = (...pairs: [unknown, unknown][]): Note['value'] => ({ kind: 'dict', pairs });
const letters = Array.from(LETTERS);
const CHARACTERS = { kind: 'characters', tokens: letters, lowercase: true };

describe('the tokenizer', () => {
  const vocabulary = ['<pad>', '<unk>', ...letters.slice(2).map((letter) => `word${letter.toUpperCase()}`)];
  it.each<[string, Others, unknown]>([
    ['a text', { notes: { chars: { kind: 'text', text: LETTERS } } }, CHARACTERS],
    ['a list', { notes: { itos: { kind: 'list', items: letters } } }, CHARACTERS],
    [
      'ids by token',
      { notes: { char_to_ix: dict(...letters.map((letter, id): [string, number] => [letter, id])) } },
      CHARACTERS,
    ],
    [
      'tokens by id',
      { notes: { int2char: dict(...letters.map((letter, id): [number, string] => [id, letter])) } },
      CHARACTERS,
    ],
    [
      'tokens by digits',
      { notes: { idx2char: dict(...letters.map((letter, id): [string, string] => [String(id), letter])) } },
      CHARACTERS,
    ],
    [
      'words',
      { notes: { word2idx: { kind: 'list', items: vocabulary } } },
      { kind: 'words', tokens: vocabulary, unknown: 1 },
    ],
    [
      'characters and specials',
      {
        notes: {
          vocab: {
            kind: 'list',
            items: ['<unk>', ...letters.slice(1, 5).map((letter) => letter.toUpperCase()), ...letters.slice(5)],
          },
        },
      },
      {
        kind: 'characters',
        tokens: ['<unk>', ...letters.slice(1, 5).map((letter) => letter.toUpperCase()), ...letters.slice(5)],
        unknown: 0,
      },
    ],
    [
      'what fits rather than what comes first',
      {
        notes: {
          src_vocab: { kind: 'list', items: letters.slice(0, 11) },
          trg_vocab: { kind: 'list', items: letters },
        },
      },
      CHARACTERS,
    ],
    [
      'one token that is missing',
      { notes: { itos: { kind: 'list', items: ['', ...letters.slice(1)] } } },
      { kind: 'characters', tokens: ['', ...letters.slice(1)] },
    ],
    ['none', {}, undefined],
    ['a number', { metadata: { vocab: '20' } }, undefined],
    ['a dict of settings', { notes: { vocab: dict(['size', 20], ['min', 2]) } }, undefined],
    [
      'ids beyond the embedding',
      { notes: { stoi: dict(...letters.map((letter, id): [string, number] => [letter, id + 1])) } },
      undefined,
    ],
    ['tokens that repeat', { notes: { chars: { kind: 'text', text: 'a'.repeat(20) } } }, undefined],
    ['a set', { notes: { chars: { kind: 'set' } } }, undefined],
    [
      'the content of a tokenizer.json',
      { metadata: { tokenizer: '{"model":{"type":"BPE"}}' } },
      { kind: 'huggingface', json: { model: { type: 'BPE' } } },
    ],
    ['a name alone', { metadata: { tokenizer: 'bpe' } }, undefined],
  ])('is found in %s', (_, others, expected) => {
    const { notes } = model(BASE, others);
    if (expected === undefined) expect(notes.tokenizer).toBeUndefined();
    else expect(notes.tokenizer).toMatchObject(expected as object);
  });

  it.each<[string, Others, RegExp]>([
    ['a set', { notes: { vocab: { kind: 'set' } } }, /"vocab" is a set, which does not say which token has which id/],
    [
      'a list of another length',
      { notes: { vocab: { kind: 'list', items: ['a'] } } },
      /"vocab" has 1 tokens, which do not fit the model's 20/,
    ],
    [
      'a list of bytes',
      { notes: { vocab: { kind: 'list', items: [1, 2] } } },
      /"vocab" is no vocabulary of texts: a list of them, or ids by text, is read/,
    ],
    [
      'a count of tokens',
      { notes: { vocab: dict(['a', 300], ['b', 7], ['c', 41]) } },
      /"vocab" counts its tokens, or numbers them beyond the model's 20/,
    ],
    ['a name', { metadata: { tokenizer: 'bpe' } }, /names the tokenizer "bpe", whose vocabulary it does not hold/],
  ])('is missed with a word where there is %s', (_, others, message) => {
    expect(words(model(BASE, others).warnings).join('\n')).toMatch(message);
  });

  it('knows the names of the classes', () => {
    const notes = { tag_to_ix: dict(['noun', 0], ['verb', 2], ['other', 1]) };
    expect(model({ ...BASE, ...dense('fc', 5, 3) }, { notes }).notes.classes).toEqual(['noun', 'other', 'verb']);
  });
});

it.each([
  ['a tagger', stack('lstm.', 4, 8, 5, '_l0_reverse'), true],
  ['one direction', {}, false],
])('says of the head of %s whether every step shows what the model gives', (_, reverse, said) => {
  const { warnings } = model({
    ...EMBEDDING,
    ...stack('lstm.', 4, 8, 5),
    ...reverse,
    ...dense('fc', said ? 10 : 5, 3),
  });
  expect(words(warnings).join().includes('last state of each direction')).toBe(said);
});

it('names parameters of the model itself', () => {
  expect(words(model({ ...BASE, transitions: [5, 5] }).notRun)).toEqual(['parameters "transitions"']);
});

it('says that quantised weights are none', () => {
  const shapes = { 'embedding.weight': [20, 8], 'fc.scale': [], 'fc.zero_point': [] };
  expect(() => model(shapes)).toThrow(/m\.pt: Its weights are quantised\. Save the model as it is before/);
});
