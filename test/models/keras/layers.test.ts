/** What becomes of a configuration, layer by layer, with tensors of ones in place of a file. */
import { describe, expect, it } from 'vitest';
import { squashingsOf } from '../../../src/engine/network';
import { evaluate } from '../../../src/engine/evaluate';
import { namedLayers } from '../../../src/engine/recurrent';
import { guessLayers } from '../../../src/models/keras/guess';
import { modelOfLayers } from '../../../src/models/keras/build';
import { readTopology } from '../../../src/models/keras/config';
import type { Model } from '../../../src/models/model';
import type { Tensor } from '../../../src/models/tensors';
import { GatescopeError } from '../../../src/shared/errors';
import { textIn } from '../../../src/shared/l10n';
import { words } from '../../words';

const UNITS = 2;
const WIDTH = 3;

const tensor = (...shape: number[]): Tensor => ({
  name: `of ${shape.join()}`,
  shape,
  floating: true,
  read: () => new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
});

const scaling = (...values: number[]): Tensor => ({
  ...tensor(values.length),
  read: () => Float32Array.from(values),
});

const cell = (gates: number, input = WIDTH): readonly Tensor[] => [
  tensor(input, gates * UNITS),
  tensor(UNITS, gates * UNITS),
  tensor(gates * UNITS),
];

/** Tensors by the first letters of a layer's name. */
const TENSORS: Readonly<Record<string, readonly Tensor[]>> = {
  lstm: cell(4),
  upper: cell(4, UNITS),
  wide: cell(4, 2 * UNITS),
  both: [...cell(4), ...cell(4)],
  gru: cell(3),
  rnn: cell(1),
  dense: [tensor(UNITS, 5), tensor(5)],
  square: [tensor(UNITS, UNITS), tensor(UNITS)],
  more: [tensor(5, 4)],
  vocabulary: [tensor(UNITS, 7)],
  chars: cell(4, 6),
  letters: [tensor(UNITS, 6)],
  front: [tensor(4, WIDTH)],
  table: [tensor(7, WIDTH)],
  scale: [scaling(1, 2, 3), scaling(4, 16, 0.25), tensor()],
};

const layer = (className: string, name: string, config: object = {}): object => ({
  class_name: className,
  config: { name, ...config },
});

const LSTM = layer('LSTM', 'lstm');
const UPPER = layer('LSTM', 'upper');
const DENSE = layer('Dense', 'dense');
const TABLE = layer('Embedding', 'table');

function build(layers: readonly object[], major = 3): Model {
  const path = readTopology('m.keras', { class_name: 'Sequential', config: { name: 's', layers } });
  return modelOfLayers({
    file: 'm.keras',
    fileBytes: 1000,
    path,
    store: { weightsOf: ({ name }) => TENSORS[name] ?? [] },
    major,
    configured: true,
    warnings: [],
    metadata: {},
  });
}

describe('functions of the gates', () => {
  const NAMES: readonly (readonly [said: unknown, major: number, is: string])[] = [
    [undefined, 3, 'sigmoid'],
    [undefined, 2, 'sigmoid'],
    [undefined, 1, 'hardSigmoid 0.2 0.5'],
    ['hard_sigmoid', 1, 'hardSigmoid 0.2 0.5'],
    ['hard_sigmoid', 2, 'hardSigmoid 0.2 0.5'],
    ['hardSigmoid', 2, 'hardSigmoid 0.2 0.5'],
    ['hard_sigmoid', 3, 'hardSigmoid 0.16666666666666666 0.5'],
    ['sigmoid', 3, 'sigmoid'],
    ['linear', 3, 'affine 1 0'],
    [null, 3, 'affine 1 0'],
    ['relu', 3, 'relu'],
    ['leaky_relu', 3, 'leakyRelu 0.2'],
    ['elu', 3, 'elu 1'],
    ['softsign', 3, 'softsign'],
    ['softplus', 3, 'softplus'],
    [{ class_name: 'function', config: 'tanh', module: 'builtins' }, 2, 'tanh'],
    [{ class_name: 'LeakyReLU', config: { negative_slope: 0.25 } }, 3, 'leakyRelu 0.25'],
    [{ class_name: 'LeakyReLU', config: { alpha: 0.25 } }, 2, 'leakyRelu 0.25'],
    [{ class_name: 'ReLU', config: { threshold: 0.5 } }, 3, 'thresholdedRelu 0.5'],
  ];
  it.each(NAMES)('%j in Keras %i is %s', (said, major, is) => {
    const model = build([layer('LSTM', 'lstm', said === undefined ? {} : { recurrent_activation: said })], major);
    const [weights] = namedLayers(model.network);
    const [gate] = weights ? squashingsOf(weights.weights) : [];
    const [name, ...parameters] = is.split(' ');
    expect(gate?.name).toBe(name);
    for (const [k, value] of parameters.entries()) expect(k === 0 ? gate?.alpha : gate?.beta).toBe(Number(value));
  });

  it('are inner_activation in Keras 1, and fixed in CuDNN', () => {
    const old = namedLayers(build([layer('LSTM', 'lstm', { inner_activation: 'relu' })], 1).network);
    expect(old[0]?.weights.variant?.squashings?.[0]?.name).toBe('relu');
    const cudnn = namedLayers(build([layer('CuDNNLSTM', 'lstm', { recurrent_activation: 'relu' })], 1).network);
    expect(cudnn[0]?.weights.variant).toBeUndefined();
  });

  it('leave a plain layer plain, so that it is run by the kernels', () => {
    const said = { activation: 'tanh', recurrent_activation: 'sigmoid' };
    expect(namedLayers(build([layer('GRU', 'gru', said)]).network)[0]?.weights.variant).toBeUndefined();
    const relu = namedLayers(build([layer('SimpleRNN', 'rnn', { activation: 'relu' })]).network)[0];
    expect(relu?.weights).toMatchObject({ activation: 'relu' });
    expect(relu?.weights.variant).toBeUndefined();
  });
});

describe('what can be run', () => {
  const RUN: readonly (readonly [what: string, layers: readonly object[], notRun: readonly string[], head: number])[] =
    [
      [
        'dropout of every kind',
        [layer('Dropout', 'd'), LSTM, layer('SpatialDropout1D', 's'), layer('GaussianNoise', 'n'), DENSE],
        [],
        1,
      ],
      ['dropout at each step', [LSTM, layer('TimeDistributed', 't', { layer: layer('Dropout', 'd') }), DENSE], [], 1],
      ['a function of its own layer', [LSTM, DENSE, layer('Activation', 'a', { activation: 'tanh' })], [], 1],
      ['a function behind the cells', [LSTM, layer('ReLU', 'a'), DENSE], [], 2],
      ['a linear layer between', [LSTM, layer('Dense', 'square'), UPPER, DENSE], [], 1],
      [
        'normalisation of layers',
        [LSTM, layer('LayerNormalization', 'norm'), DENSE],
        ['LayerNormalization "norm"', 'Dense "dense"'],
        0,
      ],
      [
        'a function between',
        [LSTM, layer('Activation', 'bend', { activation: 'relu' }), UPPER, DENSE],
        ['Activation "bend" before LSTM "upper"', 'Dense "dense"'],
        0,
      ],
      [
        'a function that is not known, later',
        [LSTM, layer('LSTM', 'upper', { activation: 'gelu' }), DENSE],
        ['LSTM "upper" with the function "gelu"', 'Dense "dense"'],
        0,
      ],
      [
        'a head with one',
        [LSTM, layer('Dense', 'dense', { activation: 'swish' })],
        ['Dense "dense" with the function "swish"'],
        0,
      ],
      [
        'a layer behind the softmax',
        [LSTM, layer('Dense', 'dense', { activation: 'softmax' }), layer('Dense', 'more')],
        ['Dense "more"'],
        1,
      ],
      [
        'two outputs of both directions',
        [LSTM, layer('Bidirectional', 'wide', { layer: UPPER, merge_mode: null })],
        ['Bidirectional "wide" with the merge_mode null'],
        0,
      ],
      ['flattening', [LSTM, layer('Flatten', 'flat'), DENSE], ['Flatten "flat"', 'Dense "dense"'], 0],
    ];
  it.each(RUN)('%s', (_, layers, notRun, head) => {
    const model = build(layers);
    expect(words(model.notRun)).toEqual(notRun);
    expect(model.network.head?.layers.length ?? 0).toBe(head);
  });

  const REFUSED: readonly (readonly [what: string, layers: readonly object[], refused: RegExp])[] = [
    ['convolution in front', [layer('Conv1D', 'c'), LSTM], /Conv1D "c" stands at or before the first recurrent layer/u],
    [
      'a bent dense layer in front of numbers',
      [layer('Dense', 'front', { activation: 'relu' }), LSTM],
      /Dense "front" stands/u,
    ],
    [
      'a function that is not known',
      [layer('LSTM', 'lstm', { activation: 'gelu' })],
      /LSTM "lstm" with the function "gelu"/u,
    ],
    [
      'no recurrent layer',
      [TABLE, layer('Flatten', 'f')],
      /no recurrent layer: its layers are "Embedding", "Flatten"/u,
    ],
    ['only a head', [layer('Dense', 'dense')], /no recurrent layer/u],
    ['other units than it says', [layer('LSTM', 'lstm', { units: 9 })], /should have 9 units; its tensors have 2/u],
    ['a GRU of the other form', [layer('GRU', 'gru', { reset_after: true })], /reset_after true/u],
    ['a layer that does not fit', [LSTM, layer('LSTM', 'wide')], /takes 4 values, but the layer before gives 2/u],
    ['a tensor too few', [layer('Bidirectional', 'lstm', { layer: LSTM })], /has 3 tensors/u],
    ['wrapping nothing', [layer('Bidirectional', 'lstm')], /has no layer inside/u],
    ['a layer that is no object', [3 as unknown as object], /must be an object/u],
  ];
  it.each(REFUSED)('refuses %s', (_, layers, refused) => {
    expect(() => build(layers)).toThrow(GatescopeError);
    expect(() => build(layers)).toThrow(refused);
  });
});

describe('what is meant', () => {
  const MEANT: readonly (readonly [
    what: string,
    layers: readonly object[],
    input: string,
    output: string | undefined,
  ])[] = [
    ['a table and as many logits', [TABLE, LSTM, layer('Dense', 'vocabulary')], 'tokens', 'next-token'],
    [
      'a table and other outputs',
      [TABLE, LSTM, layer('Dense', 'dense', { activation: 'softmax' })],
      'tokens',
      'classes',
    ],
    ['a sigmoid', [LSTM, layer('Dense', 'dense', { activation: 'sigmoid' })], 'numbers', 'classes'],
    ['a line', [LSTM, DENSE], 'numbers', 'values'],
    ['nothing', [LSTM], 'numbers', undefined],
    [
      'a softmax as wide as the input',
      [layer('LSTM', 'chars'), layer('Dense', 'letters', { activation: 'softmax' })],
      'tokens',
      'next-token',
    ],
    [
      'a softmax of its own layer',
      [layer('LSTM', 'chars'), layer('Dense', 'letters'), layer('Softmax', 's')],
      'tokens',
      'next-token',
    ],
    ['a line as wide as the input', [layer('LSTM', 'chars'), layer('Dense', 'letters')], 'numbers', 'values'],
  ];
  it.each(MEANT)('by %s', (_, layers, input, output) => {
    const { network } = build(layers);
    expect(network.input.kind).toBe(input);
    expect(network.head?.output).toBe(output);
  });
});

describe('Normalization before the stack', () => {
  const plain = build([LSTM]).network;
  it.each<[string, object, readonly number[]]>([
    ['by its tensors', layer('Normalization', 'scale', { axis: [-1] }), [3, 6, 3.5]],
    [
      'by its configuration',
      layer('Normalization', 'n', {
        batch_shape: [null, null, 3],
        axis: -1,
        mean: [[[1, 2, 3]]],
        variance: [4, 16, 0.25],
      }),
      [3, 6, 3.5],
    ],
    [
      'by one number for all',
      layer('Normalization', 'n', { batch_shape: [null, null, 3], axis: -1, mean: 2, variance: 4 }),
      [4, 4, 4],
    ],
  ])('%s', (_, normalization, x) => {
    const { network } = build([normalization, LSTM]);
    // Standardised, each of these is 1.
    const run = evaluate(network, { x: Float64Array.from(x) }, { steps: 1, batch: 1 });
    const expected = evaluate(plain, { x: Float64Array.of(1, 1, 1) }, { steps: 1, batch: 1 });
    for (const [k, value] of run.output.entries()) expect(value).toBeCloseTo(expected.output[k] ?? NaN, 6);
  });
});

describe('branches', () => {
  const node = (className: string, name: string, ...from: readonly string[]): object => ({
    class_name: className,
    name,
    config: { name },
    inbound_nodes: from.length === 0 ? [] : [from.map((one) => [one, 0, 0, {}])],
  });
  it('a table that also feeds a sum is followed into the recurrent layer', () => {
    const layers = [
      node('InputLayer', 'input'),
      node('Embedding', 'table', 'input'),
      node('Add', 'sum', 'table', 'lstm'),
      node('LSTM', 'lstm', 'table'),
      node('LSTM', 'upper', 'sum'),
    ];
    const config = { name: 'm', layers, input_layers: [['input', 0, 0]], output_layers: [['upper', 0, 0]] };
    const path = readTopology('m.keras', { class_name: 'Functional', config });
    expect(path.layers.map(({ name }) => name)).toEqual(['input', 'table', 'lstm']);
    expect(textIn(path.end ?? '')).toMatch(/"sum" takes more than one input/);
    expect(path.beside.map(({ name }) => name)).toEqual(['sum', 'upper']);
  });
});

/** Of weights alone, in no known order. */
function guessed(groups: readonly { readonly name: string; readonly tensors: readonly Tensor[] }[]): Model {
  const warnings: string[] = [];
  const { path, store } = guessLayers(groups, false, 'sigmoid', warnings);
  return modelOfLayers({
    file: 'm.h5',
    fileBytes: 1000,
    path,
    store,
    major: 3,
    configured: false,
    warnings,
    metadata: {},
  });
}

describe('weights alone', () => {
  it('have no head of two dense layers, whose function between is not said', () => {
    const { network, notRun } = guessed([
      { name: 'dense', tensors: [tensor(UNITS, 5), tensor(5)] },
      { name: 'dense_1', tensors: [tensor(5, 4), tensor(4)] },
      { name: 'lstm', tensors: cell(4) },
    ]);
    expect(network.head).toBeUndefined();
    expect(words(notRun)).toEqual(['Dense "dense" with the function "not in the file"', 'Dense "dense_1"']);
  });

  it('that give a few numbers as they take them are over numbers', () => {
    const { network } = guessed([
      { name: 'dense', tensors: [tensor(UNITS, WIDTH + 1), tensor(WIDTH + 1)] },
      { name: 'lstm', tensors: cell(4, WIDTH + 1) },
    ]);
    expect([network.input.kind, network.head?.output]).toEqual(['numbers', 'values']);
  });
});

it('weights alone have no head behind a normalisation, whose place is not known', () => {
  const warnings: string[] = [];
  const groups = [
    { name: 'dense', tensors: [tensor(UNITS, 5), tensor(5)] },
    { name: 'layer_normalization', tensors: [tensor(UNITS), tensor(UNITS)] },
    { name: 'lstm', tensors: cell(4) },
  ];
  const { path, store } = guessLayers(groups, false, 'sigmoid', warnings);
  expect(path.layers.map(({ name }) => name)).toEqual(['lstm', 'layer_normalization', 'dense']);
  expect(words(warnings).join()).toMatch(/where "layer_normalization" stands/);
  const context = { file: 'm.h5', fileBytes: 1000, path, store, major: 3, configured: false, warnings, metadata: {} };
  const { network, notRun } = modelOfLayers(context);
  expect(network.head).toBeUndefined();
  expect(words(notRun)).toEqual(['Layer "layer_normalization"', 'Dense "dense"']);
});
