import { describe, expect, it } from 'vitest';
import { describeModel, parseModelName, shapeOf } from '../../src/host/modelList';
import type { LayerInfo, ModelInfo } from '../../src/shared/trace';
import { exampleModel } from '../webview/harness/exampleModels';
import { english } from '../../src/shared/l10n';

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

const layer = (name: string, units: number): LayerInfo => ({ name, cell: 'lstm', inputSize: 1, units, signals: [] });

const model = (architecture: string, layers: readonly LayerInfo[]): ModelInfo => ({
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
});

describe('the list of models', () => {
  it.each([
    [model('LSTM', [layer('l0', 256)]), 'LSTM, 256 units'],
    [model('LSTM', [layer('l0', 256), layer('l1', 256)]), 'LSTM, 2 × 256 units'],
    [model('RNN (tanh)', [layer('l0', 64), layer('l1', 32)]), 'RNN (tanh), 64 + 32 units'],
    [model('LSTM', [layer('l0', 8), layer('l0_reverse', 8)]), 'LSTM, 8 units in both directions'],
    [model('LSTM', [layer('l0_reverse', 8)]), 'LSTM, 8 units'],
  ])('says the shape', (info, text) => {
    expect(shapeOf(info, english)).toBe(text);
  });

  const entry = {
    path: '/w/models/tiny-shakespeare.pt',
    place: 'models',
    bytes: 2000,
    description: undefined,
    problem: undefined,
  };
  it.each([
    [entry, '2.0 kB · models'],
    [{ ...entry, description: exampleModel('lstm') }, 'LSTM, 2 × 256 units · 2.0 kB · models'],
    [{ ...entry, description: exampleModel('bidirectional') }, 'LSTM, 128 units in both directions · 2.0 kB · models'],
    [
      { ...entry, path: '/w/models/best.pt', description: exampleModel('rnn') },
      'SimpleRNN, 2 × 256 units · 2.0 kB · models/best.pt',
    ],
    [
      { ...entry, path: '/w/a.pt', place: '', description: exampleModel('rnn') },
      'SimpleRNN, 2 × 256 units · 2.0 kB · a.pt',
    ],
    [{ ...entry, problem: 'cannot be read' }, '2.0 kB · models · cannot be read'],
    [{ ...entry, bytes: undefined, place: '' }, ''],
  ])('leaves out what is not known', (what, text) => {
    expect(describeModel(what, english)).toBe(text);
  });
});
