/** What is told of a model from its shapes alone, and the statistics of its matrices. */
import { describe, expect, test } from 'vitest';
import type { RecurrentNetwork } from '../../src/engine/recurrent';
import { describeModel, formatOf } from '../../src/models/describe';
import { matrixStatistics, spectralRadius, statisticsOf } from '../../src/models/matrix';
import { bytesSource } from '../../src/models/source';
import type { MatrixInfo } from '../../src/shared/modelInfo';
import { seededRandom } from '../engine/randomNetwork';
import { someModel, someNetwork, withCells } from '../worker/someModel';
import { words } from '../words';

const source = (name: string, start = ''): ReturnType<typeof bytesSource> =>
  bytesSource(name, Buffer.from(start.padEnd(16, ' '), 'latin1'));

describe('a model', () => {
  test('of two layers, both ways, over tokens', () => {
    const network = someNetwork({ cell: 'lstm', units: [5, 3], bidirectional: true });
    const model = someModel(
      network,
      { tokenizer: { kind: 'characters', tokens: ['a'] }, classes: ['x', 'y'] },
      { parameters: 7 },
    );
    const found = describeModel(model, source('m.onnx'), { from: 'vocab.json', tokens: 1 });
    expect(found).toMatchObject({
      name: 'some',
      file: 'm.onnx',
      format: 'ONNX',
      bytes: 16,
      input: { kind: 'tokens', vocab: 12, width: 4, embedding: true },
      merge: 'concat',
      parameters: 7,
      tokenizer: { kind: 'characters', from: 'vocab.json', tokens: 1 },
      needs: undefined,
      head: { output: 'next-token', classes: ['x', 'y'], layers: [{ inputSize: 6, outputSize: 12, bias: true }] },
    });
    expect(found.layers.map(({ name, reverse, inputSize, units }) => [name, reverse, inputSize, units])).toEqual([
      ['l0', false, 4, 5],
      ['l0_reverse', true, 4, 5],
      ['l1', false, 10, 3],
      ['l1_reverse', true, 10, 3],
    ]);
    expect(found.layers[2]).toMatchObject({
      cell: 'lstm',
      hidden: 3,
      activations: ['sigmoid', 'tanh', 'tanh'],
      gruForm: undefined,
      gateOrder: 'i, o, f, g',
      biases: 'two',
      variants: [],
      parameters: 12 * (10 + 3 + 2),
      matrices: [
        { name: 'l1.weight_ih', shape: [12, 10], gates: ['input', 'forget', 'candidate', 'output'] },
        { name: 'l1.weight_hh', shape: [12, 3] },
      ],
    });
  });
  test('over numbers, without a head', () => {
    const network = someNetwork({ cell: 'gru', numbers: true, bias: 'ih', width: 3 });
    const found = describeModel(
      someModel(network, { numbers: { columns: ['x', 'y', 'z'] } }),
      source('m.h5'),
      undefined,
    );
    expect(found).toMatchObject({
      input: { kind: 'numbers', width: 3 },
      numbers: { columns: ['x', 'y', 'z'] },
      head: undefined,
      needs: undefined,
      merge: undefined,
      layers: [{ gruForm: 'resetAfter', gateOrder: 'z, r, n', biases: 'one' }],
    });
  });
  test('variants', () => {
    const network = withCells(someNetwork({ cell: 'lstm', bias: 'none' }), (weights) => ({
      ...weights,
      variant: { peephole: new Float32Array(15), coupled: true, clip: 3, projection: new Float32Array(10) },
      weightHh: new Float32Array(40),
    }));
    const [layer] = describeModel(someModel(network), source('m.pt'), undefined).layers;
    expect(words(layer?.variants ?? [])).toEqual(['peepholes', 'coupled gates', 'clip 3', 'projection']);
    expect(layer).toMatchObject({
      hidden: 2,
      biases: 'none',
      parameters: 20 * (4 + 2) + 15 + 10,
    });
  });
  test('what must be asked', () => {
    expect(describeModel(someModel(someNetwork({ cell: 'rnn' })), source('m.pt'), undefined)).toMatchObject({
      needs: 'tokenizer',
      tokenizer: undefined,
    });
  });
  test('no matrix is read', () => {
    const refuse = (): never => {
      throw new Error('a weight was read');
    };
    const guarded = (network: RecurrentNetwork): RecurrentNetwork => ({
      ...network,
      input: Object.defineProperty({ ...network.input }, 'table', { get: refuse, enumerable: true }),
      layers: network.layers.map((layer) => ({
        ...layer,
        directions: layer.directions.map((direction) => ({
          ...direction,
          weights: Object.defineProperties(
            { ...direction.weights },
            { weightIh: { get: refuse }, weightHh: { get: refuse } },
          ),
        })),
      })),
    });
    const found = describeModel(
      someModel(guarded(someNetwork({ cell: 'lstm', head: false }))),
      source('m.pt'),
      undefined,
    );
    expect(found.input).toMatchObject({ embedding: true });
  });
});

test.each([
  ['a.safetensors', '', 'safetensors'],
  ['a.keras', 'PK\x03\x04', 'Keras'],
  ['a.hdf5', '', 'Keras'],
  ['model.json', '{', 'TensorFlow.js'],
  ['a.pth', '\x80\x02', 'PyTorch'],
  ['a', '\x89HDF\r\n\x1a\n', 'Keras'],
  ['a', 'PK\x03\x04', 'PyTorch'],
  ['a', '\x80\x02', 'PyTorch'],
  ['a.onnx', '', 'ONNX'],
])('%s that begins with %j is %s', (name, start, format) => {
  expect(formatOf(source(name, start))).toBe(format);
});

describe('a matrix', () => {
  const info = (rows: number, columns: number, name = 'l0.weight_hh'): MatrixInfo => ({
    name,
    shape: [rows, columns],
    gates: ['reset', 'update', 'candidate'],
  });
  test('of known values', () => {
    const found = statisticsOf(info(6, 2), Float32Array.of(1, 0, 0, 2, -3, 0, 0, 1, NaN, 1, 1, 1));
    expect(found).toMatchObject({ min: -3, max: 2, nonFinite: 1, heatmap: { rows: 6, columns: 2, limit: 3 } });
    expect(found.mean).toBeCloseTo(4 / 11, 6);
    expect(found.blocks.map(({ gate, min, max }) => [gate, min, max])).toEqual([
      ['reset', 0, 2],
      ['update', -3, 1],
      ['candidate', 1, 1],
    ]);
    expect(found.blocks[0]?.spectralRadius).toBeCloseTo(2, 5);
    expect(found.blocks[1]?.spectralRadius).toBeCloseTo(3, 5);
    expect(found.blocks[2]?.spectralRadius).toBeUndefined();
    expect(found.histogram).toMatchObject({ lo: -3, hi: 2 });
    expect(found.histogram.counts.reduce((a, b) => a + b, 0)).toBe(11);
    expect([...found.heatmap.values].slice(0, 4)).toEqual([1, 0, 0, 2]);
  });
  test('a large one is drawn by means', () => {
    const values = Float32Array.from({ length: 300 * 400 }, (_, at) => Math.floor(at / 400));
    const { heatmap } = statisticsOf({ name: 'l0.weight_ih', shape: [300, 400], gates: ['hidden'] }, values);
    expect(heatmap).toMatchObject({ rows: 128, columns: 128 });
    expect(heatmap.values[0]).toBeCloseTo(0.5, 5);
    expect(heatmap.values.at(-1)).toBeGreaterThan(297);
  });
  test('by its name, and no other', () => {
    const network = someNetwork({ cell: 'gru', units: [4, 3] });
    expect(matrixStatistics(network, 'l1.weight_hh')).toMatchObject({
      shape: [9, 3],
      blocks: [{ gate: 'reset' }, {}, {}],
    });
    expect(matrixStatistics(network, 'l1.weight_ih').blocks[0]?.spectralRadius).toBeUndefined();
    expect(() => matrixStatistics(network, 'l2.weight_hh')).toThrow(/no matrix l2\.weight_hh; it has l0\.weight_ih/);
  });
});

describe('the spectral radius', () => {
  test.each<[string, number[], number, number]>([
    ['zero', [0, 0, 0, 0], 2, 0],
    ['nilpotent', [0, 5, 0, 0], 2, 0],
    ['a rotation, whose eigenvalues are complex', [0.6, -0.8, 0.8, 0.6], 2, 1],
    ['a pair of opposite sign', [0, 2, 2, 0], 2, 2],
    ['diagonal', [0.5, 0, 0, 0, -0.9, 0, 0, 0, 0.1], 3, 0.9],
    ['a Jordan block', [0.7, 1, 0, 0.7], 2, 0.7],
  ])('%s', (_, values, size, radius) => {
    expect(spectralRadius(values, size)).toBeCloseTo(radius, 4);
  });
  test('of a large random matrix, where the circle law says it', () => {
    const random = seededRandom(3);
    const size = 300;
    // Uniform in ±1 has the variance 1/3: the radius is near sqrt(size / 3).
    const values = Float64Array.from({ length: size * size }, () => random() * 2 - 1);
    expect(spectralRadius(values, size) / Math.sqrt(size / 3)).toBeGreaterThan(0.93);
    expect(spectralRadius(values, size) / Math.sqrt(size / 3)).toBeLessThan(1.07);
  });
});
