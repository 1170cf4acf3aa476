import { describe, expect, it } from 'vitest';
import { describeModel, modelLabel, parseModelName, shapeOf, sizeOf } from '../../src/host/modelList';
import type { LayerInfo, ModelInfo } from '../../src/shared/trace';

describe('the setting gatescope.model', () => {
  it.each([
    ['', { kind: 'bundled' }],
    ['models/a.safetensors', { kind: 'relative', path: 'models/a.safetensors' }],
    ['./a.safetensors', { kind: 'relative', path: 'a.safetensors' }],
    ['../a.safetensors', { kind: 'relative', path: '../a.safetensors' }],
    ['/data/a.safetensors', { kind: 'absolute', path: '/data/a.safetensors' }],
    ['C:\\data\\a.safetensors', { kind: 'absolute', path: 'C:\\data\\a.safetensors' }],
    ['\\\\host\\share\\a.safetensors', { kind: 'absolute', path: '\\\\host\\share\\a.safetensors' }],
    ['~/a.safetensors', { kind: 'absolute', path: '/home/ada/a.safetensors' }],
    ['memfs:/b.safetensors', { kind: 'uri', uri: 'memfs:/b.safetensors' }],
    ['vscode-vfs://github/a/b.safetensors', { kind: 'uri', uri: 'vscode-vfs://github/a/b.safetensors' }],
  ])('%j', (setting, name) => {
    expect(parseModelName(setting, '/home/ada')).toEqual(name);
  });
});

function model(architecture: string, units: readonly number[]): ModelInfo {
  const layers = units.map<LayerInfo>((n, i) => ({
    name: `l${String(i)}`,
    cell: 'lstm',
    inputSize: 1,
    units: n,
    signals: [],
  }));
  return {
    id: 1,
    name: 'm',
    file: 'm',
    architecture,
    tokenizer: 'bytes',
    layers,
    parameters: 0,
    predicts: true,
    description: undefined,
    warnings: [],
  };
}

describe('the list of models', () => {
  it.each([
    [model('LSTM', [256]), 'LSTM, 256 units'],
    [model('LSTM', [256, 256]), 'LSTM, 2 × 256 units'],
    [model('RNN (tanh)', [64, 32]), 'RNN (tanh), 64 + 32 units'],
  ])('says the shape', (info, text) => {
    expect(shapeOf(info)).toBe(text);
  });

  it.each([
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_940_000, '1.9 MB'],
    [31_400_000, '31 MB'],
    [2_500_000_000, '2.5 GB'],
  ])('says the size of %i bytes', (bytes, text) => {
    expect(sizeOf(bytes)).toBe(text);
  });

  it('leaves out what is not known', () => {
    const entry = { label: 'm', setting: 'm', absolute: '/w/m', place: 'models', bytes: 2000, info: undefined };
    expect(describeModel(entry)).toBe('2.0 kB · models');
    expect(describeModel({ ...entry, info: model('LSTM', [8]) })).toBe('LSTM, 8 units · 2.0 kB · models');
    expect(describeModel({ ...entry, bytes: undefined, place: '' })).toBe('');
  });

  it.each([
    ['models/a.safetensors', 'a'],
    ['C:\\m\\b.SafeTensors', 'b'],
    ['c', 'c'],
  ])('names %s', (path, label) => {
    expect(modelLabel(path)).toBe(label);
  });
});
