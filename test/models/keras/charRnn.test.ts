/**
 * A model by others (../shared/cases/models/char-rnn-keras1: Keras 1.1, twelve matrices, hard sigmoid, no configuration),
 * trained on Nietzsche in lower case: it must read as characters, one-hot, and predict English.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate';
import { namedLayers } from '../../../src/engine/recurrent';
import { materialize } from '../../../src/models/model';
import { readModel } from '../../../src/models/readModel';
import { fileSource, type ModelSource } from '../../../src/models/source';

const FOLDER = '../shared/cases';
const MODEL = join(FOLDER, 'models/char-rnn-keras1/char_rnn_80.hdf5');
const INDEX = join(FOLDER, 'models/char-rnn-keras1/char_indices.json');
const there = existsSync(MODEL);
if (!there) console.warn(`${MODEL} is not there: the model by others is not tried.`);

/** Nats a character. */
const MOST_LOSS = 1.4;

const TEXT = `it is the fate of every great thought that it is at first misunderstood, and
that those who love it the most are the first to do it an injustice. what is
called the love of truth is often only the fear of solitude; and the man who has
learned to be alone with himself does not need the consolation of the many. in
the end, one must have the courage of that which one already knows: for there is
in all morality something of the spirit of revenge, and in all knowledge a
certain contempt for the instinct of the herd.`;

function lossOf(logits: Float64Array, tokens: readonly number[], vocab: number): number {
  let sum = 0;
  for (let k = 1; k < tokens.length; k++) {
    const row = [...logits.subarray((k - 1) * vocab, k * vocab)];
    const most = Math.max(...row);
    const all = row.reduce((total, value) => total + Math.exp(value - most), 0);
    sum += most + Math.log(all) - (row[tokens[k] ?? -1] ?? NaN);
  }
  return sum / (tokens.length - 1);
}

describe.runIf(there)('char_rnn_80.hdf5', () => {
  it('reads as an LSTM with hard sigmoids over 57 tokens, one-hot', () => {
    const model = readModel(fileSource(MODEL));
    expect(model.network.input).toMatchObject({ kind: 'tokens', vocab: 57, width: 57, table: undefined });
    expect(model.network.head?.output).toBe('next-token');
    expect(model.notes.tokenizer).toBeUndefined();
    expect(model.parameters).toBe(4 * (57 * 128 + 128 * 128 + 128) + 128 * 57 + 57);
    const [layer] = namedLayers(model.network);
    expect(layer?.weights).toMatchObject({ cell: 'lstm', units: 128 });
    expect(layer?.weights.variant?.squashings?.[0]).toEqual({ name: 'hardSigmoid', alpha: 0.2, beta: 0.5 });
  });

  it(`predicts English below ${String(MOST_LOSS)} nats a character`, () => {
    const { network } = materialize(readModel(fileSource(MODEL)));
    const index = JSON.parse(readFileSync(INDEX, 'utf8')) as Readonly<Record<string, number>>;
    const tokens = Array.from(TEXT, (character) => index[character] ?? NaN);
    const { logits } = evaluate(network, { tokens }, { steps: tokens.length, batch: 1 });
    expect(lossOf(logits ?? new Float64Array(0), tokens, 57)).toBeLessThan(MOST_LOSS);
  });

  it('is described without its weights being read', () => {
    const file = fileSource(MODEL);
    const reads: number[] = [];
    const source: ModelSource = {
      ...file,
      read: (from, length) => {
        reads.push(length);
        return file.read(from, length);
      },
    };
    readModel(source);
    // Its smallest matrix has 57 * 128 values of four bytes.
    expect(Math.max(...reads)).toBeLessThan(57 * 128 * 4);
    expect(reads.reduce((a, b) => a + b, 0)).toBeLessThan(file.size / 5);
    file.close();
  });
});
