/** Runs any RecurrentNetwork over whole sequences in float64: what `run` and `verify` compute, and readers are tested by. */
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { RecurrentNetwork, DenseLayer } from './recurrent';
import { runSequence, type Sequences, type SequenceRun } from './sequence';
import { squash } from './squashing';
import { at, rowTimes, type Values } from './vector';

/** Token ids [steps, batch], or numbers [steps, batch, width]. */
export type SequenceInput = { readonly tokens: ArrayLike<number> } | { readonly x: Values };

export interface Evaluation extends SequenceRun {
  /** Of the head [steps, batch, outputs]; undefined without one. */
  readonly logits: Float64Array | undefined;
}

/** @throws bad-request for inputs that do not fit; model-damaged where the layers do not fit each other */
export function evaluate(
  { input, layers, head }: RecurrentNetwork,
  source: SequenceInput,
  sequences: Omit<Sequences, 'x'>,
): Evaluation {
  const run = runSequence(layers, { ...sequences, x: vectors(input, source, sequences.steps * sequences.batch) });
  return { ...run, logits: head && through(head.layers, run.output) };
}

/** @returns [rows, width] */
function vectors(input: RecurrentNetwork['input'], source: SequenceInput, rows: number): Values {
  if ('x' in source) {
    if (input.kind === 'numbers') return source.x;
    throw new GatescopeError('bad-request', say`The model reads tokens, not numbers. Give token ids.`);
  }
  if (input.kind !== 'tokens') {
    throw new GatescopeError('bad-request', say`The model reads numbers, not tokens. Give a vector for each step.`);
  }
  const { table, vocab, width } = input;
  const x = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const token = source.tokens[row] ?? -1;
    if (!(Number.isInteger(token) && token >= 0 && token < vocab)) {
      throw new GatescopeError('bad-request', say`Token ${token} is outside the model's vocabulary of ${vocab}.`);
    }
    if (table) x.set(table.subarray(token * width, (token + 1) * width), row * width);
    else x[row * width + token] = 1;
  }
  return x;
}

/** @param values [rows, inputSize] @returns [rows, outputSize] of the last layer */
export function through(layers: readonly DenseLayer[], values: Float64Array): Float64Array {
  let x = values;
  for (const { inputSize, outputSize, weight, bias, activation } of layers) {
    const f = activation ? squash(activation) : (value: number): number => value;
    const rows = x.length / inputSize;
    const y = new Float64Array(rows * outputSize);
    for (let row = 0; row < rows; row++) {
      const from = x.subarray(row * inputSize, (row + 1) * inputSize);
      for (let k = 0; k < outputSize; k++) {
        y[row * outputSize + k] = f(rowTimes(weight, k, from) + (bias ? at(bias, k) : 0));
      }
    }
    x = y;
  }
  return x;
}
