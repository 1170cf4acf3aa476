/** From a safetensors file to a Model: what is found by which name, what is warned of, what is refused and why. */
import { describe, expect, it } from 'vitest';
import { checkNetwork } from '../../src/engine/network';
import { networkOf } from './networkOf';
import { modelInfo } from '../../src/models/model';
import { readModelBytes } from '../../src/models/readModel';
import { GatescopeError } from '../../src/shared/errors';
import { safetensorsFile } from './safetensorsFile';
import { words } from '../words';

type Shapes = Readonly<Record<string, readonly number[]>>;

const LSTM: Shapes = {
  'embedding.weight': [256, 3],
  'lstm.weight_ih_l0': [8, 3],
  'lstm.weight_hh_l0': [8, 2],
  'lstm.bias_ih_l0': [8],
  'lstm.bias_hh_l0': [8],
  'head.weight': [256, 2],
  'head.bias': [256],
};
const RNN: Shapes = { 'embedding.weight': [256, 3], 'rnn.weight_ih_l0': [2, 3], 'rnn.weight_hh_l0': [2, 2] };
const METADATA = { architecture: 'lstm', tokenizer: 'bytes' };

const without = (shapes: Shapes, ...names: string[]): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !names.includes(name)));

/** Every tensor counts up from its own place in the list, so that a tensor taken for another is seen. */
function file(shapes: Shapes, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const content = Object.entries(shapes).map(([name, shape], index) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return [name, { shape, values: Float32Array.from({ length }, (_, k) => index + k / 1024) }] as const;
  });
  return safetensorsFile(Object.fromEntries(content), metadata);
}

const read = (shapes: Shapes, metadata?: Readonly<Record<string, string>>): ReturnType<typeof readModelBytes> =>
  readModelBytes('dir/tiny.safetensors', file(shapes, metadata));

function refusal(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof GatescopeError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('readModel', () => {
  it('reads the usual byte model', () => {
    const metadata = { ...METADATA, name: 'Tiny', description: 'For tests.' };
    const model = read(LSTM, metadata);
    expect(model).toMatchObject({
      name: 'Tiny',
      architecture: 'LSTM',
      description: 'For tests.',
      warnings: [],
      metadata,
    });
    expect(model.parameters).toBe(256 * 3 + 8 * 3 + 8 * 2 + 8 + 8 + 256 * 2 + 256);
    const { input, layers, head } = networkOf(model);
    const firsts = [input.table, layers[0]?.weightIh, layers[0]?.weightHh, layers[0]?.biasIh, layers[0]?.biasHh];
    expect([...firsts, head?.weight, head?.bias].map((values) => values?.[0])).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(layers[0]).toMatchObject({ cell: 'lstm', activation: 'tanh', inputSize: 3, units: 2 });
    expect(() => {
      checkNetwork(networkOf(model));
    }).not.toThrow();
  });

  it('says what a view needs to know', () => {
    expect(modelInfo(read(LSTM, METADATA), 7, 'dir/tiny.safetensors')).toMatchObject({
      id: 7,
      name: 'tiny',
      file: 'dir/tiny.safetensors',
      predicts: true,
      layers: [{ name: 'l0', cell: 'lstm', inputSize: 3, units: 2, signals: { length: 6 } }],
    });
  });

  const relu = { architecture: 'rnn', tokenizer: 'bytes', nonlinearity: 'relu' };
  it('scales the hidden state of a ReLU cell freely', () => {
    const [layer] = modelInfo(read(RNN, relu), 0, '').layers;
    expect(layer?.signals).toEqual([{ name: 'hidden', scale: 'free' }]);
  });

  const deep: Shapes = { ...LSTM, 'lstm.weight_ih_l1': [8, 2], 'lstm.weight_hh_l1': [8, 2] };
  const renamed = (from: string, to: string): Shapes =>
    Object.fromEntries(Object.entries(LSTM).map(([name, shape]) => [name.replace(from, to), shape]));
  it.each<[string, Shapes, Record<string, string>, object]>([
    ['two layers', deep, METADATA, { layers: [{ units: 2 }, { inputSize: 2, biasIh: undefined }] }],
    ['a SimpleRNN by its shapes', RNN, { tokenizer: 'bytes' }, { layers: [{ cell: 'rnn', activation: 'tanh' }] }],
    ['a ReLU SimpleRNN', RNN, relu, { layers: [{ cell: 'rnn', activation: 'relu' }] }],
    ['no head', RNN, relu, { head: undefined }],
    ['no biases', without(LSTM, 'lstm.bias_ih_l0', 'lstm.bias_hh_l0'), METADATA, { layers: [{ biasIh: undefined }] }],
    ['one bias', without(LSTM, 'lstm.bias_hh_l0'), METADATA, { layers: [{ biasHh: undefined }] }],
    ['a head without bias', without(LSTM, 'head.bias'), METADATA, { head: { bias: undefined } }],
    ['no prefix', renamed('lstm.', ''), METADATA, { layers: [{ units: 2 }] }],
    ['a long prefix', renamed('lstm.', 'model.core.0.'), METADATA, { layers: [{ units: 2 }] }],
    ['emb.weight', renamed('embedding.', 'emb.'), METADATA, { input: { width: 3 } }],
    ['encoder.weight', renamed('embedding.', 'encoder.'), METADATA, { input: { width: 3 } }],
    ['char_embeddings.weight', renamed('embedding.', 'char_embeddings.'), METADATA, { input: { width: 3 } }],
    ['an untold name that fits', renamed('embedding.', 'chars.'), METADATA, { input: { width: 3 } }],
    ['decoder.weight', renamed('head.', 'decoder.'), METADATA, { head: { vocab: 256 } }],
    ['LSTM in capitals', LSTM, { architecture: 'LSTM', tokenizer: 'bytes' }, { head: { vocab: 256 } }],
  ])('takes %s', (_, shapes, metadata, expected) => {
    expect(networkOf(read(shapes, metadata))).toMatchObject(expected);
  });

  // Embedding and head of one shape: only names tell them apart, whatever their order.
  it.each([
    [['decoder.weight', 'encoder.weight'], 'encoder.weight'],
    [['embedding.weight', 'out.weight'], 'embedding.weight'],
    [['fc.weight', 'a.weight'], 'a.weight'],
  ])('tells embedding and head apart in %j', (names, embedding) => {
    const core: Shapes = { 'lstm.weight_ih_l0': [8, 2], 'lstm.weight_hh_l0': [8, 2] };
    const shapes: Shapes = { ...Object.fromEntries(names.map((name) => [name, [256, 2]])), ...core };
    const { input, head } = networkOf(read(shapes, METADATA));
    expect([input.table[0], head?.weight[0]]).toEqual(names[0] === embedding ? [0, 1] : [1, 0]);
  });

  it.each<[string, Shapes, Record<string, string>, RegExp]>([
    ['no tokenizer', LSTM, { architecture: 'lstm' }, /does not name its tokenizer/],
    ['no head', RNN, relu, /no head/],
    ['a tensor without part', { ...LSTM, 'norm.weight': [7] }, METADATA, /"norm.weight" took no part/],
  ])('warns of %s', (_, shapes, metadata, message) => {
    const { warnings } = read(shapes, metadata);
    expect(words(warnings)).toHaveLength(1);
    expect(words(warnings)[0]).toMatch(message);
  });

  it.each([NaN, Infinity, -Infinity])('warns of a weight that is %d, naming the tensor', (value) => {
    const values = Float32Array.of(0, value, 0, 0);
    const zeros = { shape: [256, 3], values: new Float32Array(768) };
    const bytes = safetensorsFile(
      {
        'embedding.weight': zeros,
        'rnn.weight_ih_l0': { shape: [2, 3], values: new Float32Array(6) },
        'rnn.weight_hh_l0': { shape: [2, 2], values },
        'head.weight': { shape: [256, 2], values: new Float32Array(512) },
      },
      { tokenizer: 'bytes', nonlinearity: 'tanh' },
    );
    expect(words(readModelBytes('m', bytes).warnings)).toEqual([
      expect.stringMatching(/"rnn.weight_hh_l0" has 1 of 4 values/),
    ]);
  });

  const gru: Shapes = { 'embedding.weight': [256, 3], 'gru.weight_ih_l0': [6, 3], 'gru.weight_hh_l0': [6, 2] };
  it.each([{}, { architecture: 'gru' }])('reads a GRU with the metadata %j', (metadata) => {
    const model = read(gru, metadata);
    const { architecture } = model;
    const network = networkOf(model);
    expect(architecture).toBe('GRU');
    expect(network.layers.map(({ cell, units }) => [cell, units])).toEqual([['gru', 2]]);
  });

  it.each<[string, Shapes, Record<string, string>, string, RegExp]>([
    ['another architecture', LSTM, { architecture: 'mamba' }, 'model-unsupported', /architecture "mamba"/],
    ['a GRU against its shapes', gru, { architecture: 'lstm' }, 'model-damaged', /3 rows a unit; "lstm" has 4/],
    ['metadata against shapes', LSTM, { architecture: 'rnn' }, 'model-damaged', /4 rows a unit; "rnn" has 1/],
    ['five gates', { ...RNN, 'rnn.weight_hh_l0': [10, 2] }, {}, 'model-damaged', /5 rows a unit/],
    [
      'half a reverse layer',
      { ...LSTM, 'lstm.weight_ih_l0_reverse': [8, 3] },
      METADATA,
      'model-damaged',
      /"lstm.weight_hh_l0_reverse" is missing/,
    ],
    [
      'a projection that does not fit',
      { ...LSTM, 'lstm.weight_hr_l0': [1, 2] },
      METADATA,
      'model-damaged',
      /"lstm.weight_hr_l0" has the shape \[1, 2\]; \[2, 2\]/,
    ],
    [
      'a projection of a SimpleRNN',
      { ...RNN, 'rnn.weight_hr_l0': [2, 2] },
      {},
      'model-damaged',
      /"rnn.weight_hr_l0" is a projection/,
    ],
    ['no stack', { 'fc.weight': [2, 2] }, METADATA, 'model-unsupported', /no recurrent layer.*"fc.weight"/],
    ['no tensors', {}, METADATA, 'model-unsupported', /holds no tensors/],
    ['bytes of another number', { ...LSTM, 'embedding.weight': [65, 3] }, METADATA, 'model-unsupported', /65 tokens/],
    ['ReLU in an LSTM', LSTM, { ...METADATA, nonlinearity: 'relu' }, 'model-unsupported', /"relu" for an LSTM/],
    [
      'another nonlinearity',
      RNN,
      { nonlinearity: 'selu', tokenizer: 'bytes' },
      'model-unsupported',
      /"selu" for a SimpleRNN/,
    ],
    [
      'two embeddings',
      { ...LSTM, 'embedding2.weight': [256, 3] },
      METADATA,
      'model-unsupported',
      /could each be the embedding/,
    ],
    ['two heads', { ...LSTM, 'fc.weight': [256, 2] }, METADATA, 'model-unsupported', /could each be the head/],
    [
      'a layer left out',
      { ...LSTM, 'lstm.weight_ih_l2': [8, 2] },
      METADATA,
      'model-damaged',
      /"lstm.weight_ih_l1" is missing/,
    ],
    [
      'no recurrent weights',
      without(LSTM, 'lstm.weight_hh_l0'),
      METADATA,
      'model-damaged',
      /"lstm.weight_hh_l0" is missing/,
    ],
    [
      'a ragged matrix',
      { ...LSTM, 'lstm.weight_hh_l0': [7, 2] },
      METADATA,
      'model-damaged',
      /"lstm.weight_hh_l0".*\[7, 2\]/,
    ],
    ['a scalar for a matrix', { ...LSTM, 'lstm.weight_hh_l0': [] }, METADATA, 'model-damaged', /"lstm.weight_hh_l0"/],
    ['no units', { ...LSTM, 'lstm.weight_hh_l0': [0, 0] }, METADATA, 'model-damaged', /"lstm.weight_hh_l0"/],
    [
      'input weights that disagree',
      { ...LSTM, 'lstm.weight_ih_l0': [4, 3] },
      METADATA,
      'model-damaged',
      /"lstm.weight_ih_l0" has the shape \[4, 3\]; \[8, 3\] is expected/,
    ],
    [
      'a bias that disagrees',
      { ...LSTM, 'lstm.bias_hh_l0': [2] },
      METADATA,
      'model-damaged',
      /"lstm.bias_hh_l0" has the shape \[2\]; \[8\] is expected/,
    ],
    [
      'a head bias that disagrees',
      { ...LSTM, 'head.bias': [2] },
      METADATA,
      'model-damaged',
      /"head.bias" has the shape \[2\]; \[256\]/,
    ],
    [
      'layers that do not fit',
      { ...deep, 'lstm.weight_ih_l1': [8, 3] },
      METADATA,
      'model-damaged',
      /"lstm.weight_ih_l1" has the shape \[8, 3\]; \[8, 2\]/,
    ],
  ])('refuses %s', (_, shapes, metadata, code, message) => {
    const found = refusal(() => read(shapes, metadata));
    expect(found.code).toBe(code);
    expect(found.message).toMatch(message);
    expect(found.message).toMatch(/^dir\/tiny\.safetensors: /);
  });

  const start = (...bytes: number[]): Uint8Array => Uint8Array.from([...bytes, ...new Array<number>(32).fill(0)]);
  it.each<[string, string, Uint8Array, string, RegExp]>([
    ['a broken zip', 'm.pt', start(0x50, 0x4b, 3, 4), 'model-damaged', /cut off or no zip/],
    ['broken HDF5', 'm.h5', start(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10), 'model-damaged', /addresses have 0 bytes/],
    ['a broken pickle', 'm.pth', start(0x80, 2), 'model-damaged', /pickle/],
    ['broken ONNX', 'm.onnx', start(8, 7), 'model-damaged', /ONNX/],
    ['anything else', 'm.bin', start(1, 2, 3), 'model-unsupported', /unknown format.*safetensors/],
    ['an empty file', 'm.bin', new Uint8Array(0), 'model-damaged', /empty/],
    ['an empty safetensors file', 'm.safetensors', new Uint8Array(0), 'model-damaged', /0 bytes/],
    ['a zip under a false name', 'm.safetensors', start(0x50, 0x4b, 3, 4), 'model-damaged', /header/],
  ])('refuses %s by name', (_, name, bytes, code, message) => {
    const found = refusal(() => readModelBytes(name, bytes));
    expect(found.code).toBe(code);
    expect(found.message).toMatch(message);
  });

  it('knows safetensors by content, under any name', () => {
    expect(readModelBytes('m.bin', file(LSTM, METADATA)).architecture).toBe('LSTM');
  });
});
