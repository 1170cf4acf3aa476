import { describe, expect, it } from 'vitest';
import { modelRows } from '../../src/host/modelTree';
import { exampleModel } from '../webview/harness/exampleModels';
import { english } from '../../src/shared/l10n';

const lines = (name: Parameters<typeof exampleModel>[0]): string[] =>
  modelRows(exampleModel(name), english).map(({ label, description }) => `${label}: ${description}`);

describe('what is under a model', () => {
  it('of a language model', () => {
    expect(lines('lstm')).toEqual([
      'Reads: 65 tokens, embedding of 64 values a token',
      'Tokenizer: characters, 65 tokens (from tiny-shakespeare.gatescope.json)',
      'Gates in the file: i, o, f, g',
      'Head: dense 256 → 65, next token',
      'Parameters: 876,225 in ONNX',
      'l0: LSTM · 64 → 256 · sigmoid, tanh · two biases · 329,728 parameters',
      'l1: LSTM · 256 → 256 · sigmoid, tanh · two biases · 526,336 parameters',
    ]);
  });

  it('of a model over numbers', () => {
    expect(lines('numbers')).toContain('Reads: 3 numbers a step: temperature, pressure, wind');
    expect(lines('numbers')).toContain('Scaling: as its sidecar says');
    expect(lines('numbers')).toContain('Head: dense 20 → 16, 16 → 1, values');
  });

  it('says first what is odd and what cannot be run', () => {
    expect(lines('unknown')[0]).toMatch(/NaN or infinite/u);
    expect(lines('bidirectional')[0]).toBe('MultiHeadAttention "attention": cannot be run');
    expect(lines('bidirectional')).toContain(
      'l0_reverse: LSTM · 64 → 128 · reads backwards · sigmoid, tanh · two biases · 99,328 parameters',
    );
  });

  it('asks for the tokenizer where it is not known', () => {
    const asking = modelRows(exampleModel('unknown'), english).filter(({ asks }) => asks);
    expect(asking.map(({ label, description }) => [label, description])).toEqual([['Tokenizer', 'not known: choose…']]);
    expect(modelRows(exampleModel('lstm'), english).some(({ asks }) => asks)).toBe(false);
  });

  it('lists each matrix by the name that is asked for', () => {
    const matrices = modelRows(exampleModel('gru'), english).flatMap(({ children }) => children);
    expect(matrices.map(({ matrix, description }) => [matrix, description])).toEqual([
      ['l0.weight_ih', '[768, 64]'],
      ['l0.weight_hh', '[768, 256]'],
      ['l1.weight_ih', '[768, 256]'],
      ['l1.weight_hh', '[768, 256]'],
    ]);
  });
});
