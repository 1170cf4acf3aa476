import { describe, expect, it } from 'vitest';
import { layerLine, modelFacts, sizeText, stagesOf, summary } from '../../src/shared/modelText';
import { exampleModel } from '../webview/harness/exampleModels';
import { english } from '../../src/shared/l10n';

describe('a size', () => {
  it.each([
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_940_000, '1.9 MB'],
    [31_400_000, '31 MB'],
    [2_500_000_000, '2.5 GB'],
  ])('of %i bytes', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe('a model in one line', () => {
  it.each([
    ['lstm', 'LSTM, 2 × 256 units · 876,225 parameters · ONNX, 4.8 MB'],
    ['bidirectional', 'LSTM, 128 units in both directions · 876,225 parameters · ONNX, 4.8 MB'],
  ] as const)('%s', (name, text) => {
    expect(summary(exampleModel(name), english)).toBe(text);
  });
});

describe('a model step by step', () => {
  const stages = (name: Parameters<typeof exampleModel>[0]): string[] =>
    stagesOf(exampleModel(name), english).map(({ title, lines, directions }) =>
      [title, ...lines, directions].filter((part) => part !== undefined).join('; '),
    );
  it.each([
    [
      'lstm',
      [
        'characters; vocabulary of 65; embedding of 64',
        'LSTM; 256 units; forward',
        'LSTM; 256 units; forward',
        'next token; dense 65',
      ],
    ],
    ['bidirectional', ['characters; vocabulary of 65; embedding of 64', 'LSTM; 128 units; side by side; both']],
    ['numbers', ['numbers; 3 columns', 'LSTM; 20 units; forward', 'values; dense 16, relu; dense 1']],
    [
      'unknown',
      [
        'tokens; vocabulary of 65; embedding of 64',
        'LSTM; 256 units; forward',
        'LSTM; 256 units; forward',
        'next token; dense 65',
      ],
    ],
  ] as const)('%s', (name, expected) => {
    expect(stages(name)).toEqual(expected);
  });

  it('shows a lone direction that reads backwards', () => {
    const model = exampleModel('bidirectional');
    const layers = model.layers.filter(({ reverse }) => reverse);
    expect(stagesOf({ ...model, layers }, english)[1]).toMatchObject({ directions: 'reverse', name: 'l0_reverse' });
  });
});

describe('facts', () => {
  const model = exampleModel('gru');
  it('leave out what layers do not share', () => {
    const [first, second] = model.layers;
    if (first === undefined || second === undefined) throw new Error('two layers');
    const mixed = { ...model, layers: [first, { ...second, gateOrder: 'r, z, n' }] };
    expect(modelFacts(model, english).map(({ term }) => term)).toContain('Gates in the file');
    expect(modelFacts(mixed, english).map(({ term }) => term)).not.toContain('Gates in the file');
  });

  it('name some classes of many', () => {
    const head = {
      output: 'classes' as const,
      layers: [{ inputSize: 4, outputSize: 9, bias: true, activation: undefined }],
      classes: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'],
    };
    expect(modelFacts({ ...model, head }, english).at(-1)?.text).toBe(
      'dense 4 → 9, classes a, b, c, d, e, f and 3 more',
    );
  });

  it('say what sets a layer apart', () => {
    const [layer] = model.layers;
    if (layer === undefined) throw new Error('a layer');
    const odd = { ...layer, reverse: true, hidden: 32, biases: 'none' as const, variants: ['projection'] };
    expect(layerLine(odd, english)).toBe(
      '64 → 256 → 32 · reads backwards · sigmoid, tanh · no bias · projection · 247,296 parameters',
    );
  });
});
