/**
 * Models of every Keras against the framework's numbers: what Keras 3 saved in each of its formats (make.py in
 * test/fixtures/keras), and older layouts and TensorFlow.js with numbers of the published equations (old.py).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/models/model';
import { readModel } from '../../../src/models/readModel';
import { fileSource } from '../../../src/models/source';
import { finalError, hiddenError, readFixture, run } from './agreement';
import { words } from '../../words';

const FOLDER = 'test/fixtures/keras';
const TOLERANCE = 1e-5;

const open = (file: string): Model => readModel(fileSource(join(FOLDER, file)));

/** Models whose last function is a softmax, which ours leave out. */
const SOFTMAX = /^(?:lstm|lstm-last|rnn|bi-concat|dense-table|keras1-lstm|keras1-gpu|keras2-functional|tfjs-.*)$/u;

/** What weights alone cannot say. */
const UNSAID_BY_WEIGHTS: readonly (readonly [model: string, what: string])[] = [
  ['gru-before', 'the sigmoid of its head'],
  ['bi-concat', 'the tanh of its first dense layer'],
];

const files = readdirSync(FOLDER).flatMap((name) => {
  if (name.startsWith('tfjs-') && !name.includes('.')) return [`${name}/model.json`];
  return /\.(?:keras|h5)$/u.test(name) ? [name] : [];
});
const stem = (file: string): string => file.replace(/(?:\/model|\.weights)?\.[^.]+$/u, '');

it('finds the fixtures in every format', () => {
  for (const ending of ['.keras', '.h5', '.weights.h5', 'model.json']) {
    expect(files.filter((name) => name.endsWith(ending)).length, ending).toBeGreaterThan(4);
  }
});

describe.each(files)('%s', (file) => {
  const name = stem(file);
  const fixture = readFixture(join(FOLDER, `${name}.npz`));
  const model = open(file);
  const found = run(model, fixture);

  it('shows the same hidden states', () => {
    expect(hiddenError(found, fixture)).toBeLessThanOrEqual(TOLERANCE);
  });

  const unsaid = file.endsWith('.weights.h5') && UNSAID_BY_WEIGHTS.some(([one]) => one === name);
  it.runIf(fixture.final !== undefined && !unsaid)('gives the same outputs', () => {
    expect(finalError(found, fixture, SOFTMAX.test(name))).toBeLessThanOrEqual(TOLERANCE);
  });

  it('counts its parameters', () => {
    expect(model.parameters).toBeGreaterThan(10);
  });
});

describe('what is said of a model', () => {
  const CASES: readonly (readonly [
    file: string,
    input: string,
    output: string | undefined,
    notRun: readonly string[],
  ])[] = [
    ['lstm.keras', 'tokens 11', 'next-token', []],
    ['gru.keras', 'tokens 11', 'next-token', []],
    ['lstm-2.h5', 'numbers 4', 'values', []],
    ['lstm-last.keras', 'tokens 11', 'classes', []],
    ['gru-before.keras', 'numbers 4', 'classes', []],
    ['lstm-nobias.keras', 'numbers 4', undefined, []],
    ['functional.h5', 'tokens 11', 'next-token', []],
    ['branched.keras', 'tokens 11', undefined, ['MultiHeadAttention "attend"', 'Add "both"', 'Dense "dense_18"']],
    ['dense-first.keras', 'numbers 4', undefined, []],
    ['masking.keras', 'numbers 4', 'values', []],
  ];
  it.each(CASES)('%s: %s to %s', (file, input, output, notRun) => {
    const { network, notRun: left } = open(file);
    expect(
      `${network.input.kind} ${String(network.input.kind === 'tokens' ? network.input.vocab : network.input.width)}`,
    ).toBe(input);
    expect(network.head?.output).toBe(output);
    expect(words(left).map((text) => text.replace(/"dense_\d+"/u, '"dense_18"'))).toEqual(notRun);
  });

  const WARNINGS: readonly (readonly [file: string, warning: RegExp])[] = [
    ['lstm-last.keras', /masks token 0/u],
    ['lstm-last.keras', /only its state after the last step/u],
    ['masking.keras', /here no step is skipped/u],
    ['lstm-backwards.keras', /from the last step to the first/u],
    ['branched.keras', /traced up to where LSTM "first" feeds 2 layers/u],
    ['lstm.weights.h5', /without a configuration/u],
  ];
  it.each(WARNINGS)('%s warns: %s', (file, warning) => {
    expect(words(open(file).warnings).join('\n')).toMatch(warning);
  });
});
