/**
 * Runs a stack of recurrent layers over whole sequences of raw vectors, in float64: batches, lengths of their own,
 * initial states, both directions. What a text's trace does not need, and the formats can say.
 */
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import { SIGNALS, type CellKind, type SignalName } from '../shared/signals';
import { STEPS } from './cells';
import { recordLayout } from './layout';
import { checkLayer, hiddenSize, stateSize, type LayerWeights } from './network';
import { at, type Values } from './vector';

/** The cells that read the sequence side by side; they see the same input. */
export type SequenceLayer = readonly SequenceDirection[];

/** How the hidden states of a layer's directions become the input of the layer above. */
export type Merge = 'concat' | 'sum' | 'average' | 'multiply';

export interface RecurrentLayer {
  readonly directions: SequenceLayer;
  /** Of no effect with one direction. */
  readonly merge: Merge;
}

export interface SequenceDirection {
  /** Reads each sequence from its last valid step to its first. */
  readonly reverse: boolean;
  readonly weights: LayerWeights;
}

export interface InitialState {
  /** [batch, hidden]; zeros where absent, as is the cell. */
  readonly hidden?: Values;
  /** LSTM [batch, units] */
  readonly cell?: Values;
}

export interface Sequences {
  /** [steps, batch, inputSize] */
  readonly x: Values;
  readonly steps: number;
  readonly batch: number;
  /** Valid steps of each sequence [batch]; all where absent. */
  readonly lengths?: readonly number[];
  /** Of each direction of each layer in turn, as in PyTorch's h_0. */
  readonly initial?: readonly InitialState[];
}

export interface SignalValues {
  readonly name: SignalName;
  /** Values a step. */
  readonly units: number;
  /** [steps, batch, units]; zeros behind a sequence's length. */
  readonly values: Float64Array;
}

/** What one direction of one layer did. */
export interface DirectionRun {
  /** `l0`, `l0_reverse` */
  readonly name: string;
  readonly layer: number;
  readonly reverse: boolean;
  readonly cell: CellKind;
  /** In the order of SIGNALS; time is that of the input, in either direction. */
  readonly signals: readonly SignalValues[];
  /** The state after the last step that the direction took: [batch, hidden], and for an LSTM [batch, units]. */
  readonly lastHidden: Float64Array;
  readonly lastCell: Float64Array | undefined;
}

export interface SequenceRun {
  readonly steps: number;
  readonly batch: number;
  /** Valid steps of each sequence [batch]. */
  readonly lengths: readonly number[];
  readonly directions: readonly DirectionRun[];
  /** What the last layer shows, its directions merged: side by side, [steps, batch, directions * hidden]. */
  readonly output: Float64Array;
}

const badRequest = (message: Text): GatescopeError => new GatescopeError('bad-request', message);

const ofValues = (count: number): string => (count === 1 ? '1 value' : `${String(count)} values`);

function checkLength(what: string, found: number, expected: number): void {
  if (found !== expected) throw badRequest(say`${what} has ${ofValues(found)}; ${expected} are expected.`);
}

/** @throws bad-request for sequences that do not fit the layers, model-damaged where the layers do not fit each other */
export function runSequence(layers: readonly RecurrentLayer[], sequences: Sequences): SequenceRun {
  const { steps, batch, initial } = sequences;
  const lengths = checkLengths(sequences);
  const count = layers.reduce((sum, layer) => sum + layer.directions.length, 0);
  if (initial) checkLength('The list of initial states', initial.length, count);
  const directions: DirectionRun[] = [];
  let below = Float64Array.from(sequences.x);
  for (const [index, layer] of layers.entries()) {
    const first = directions.length;
    const runs = layer.directions.map(({ reverse, weights }, place): DirectionRun => {
      const name = `l${String(index)}${reverse ? '_reverse' : ''}`;
      checkLayer(name, weights);
      checkLength(`The input of ${name}`, below.length, steps * batch * weights.inputSize);
      const state = stateRows(name, weights, batch, initial?.[first + place]);
      return {
        name,
        layer: index,
        reverse,
        cell: weights.cell,
        ...runDirection(weights, reverse, below, steps, lengths, state),
      };
    });
    directions.push(...runs);
    below = merged(runs, layer.merge, steps * batch);
  }
  return { steps, batch, lengths, directions, output: below };
}

/** @returns valid steps of each sequence */
function checkLengths({ steps, batch, lengths }: Sequences): readonly number[] {
  if (lengths === undefined) return new Array<number>(batch).fill(steps);
  checkLength('The list of lengths', lengths.length, batch);
  const bad = lengths.find((length) => !(Number.isInteger(length) && length >= 0 && length <= steps));
  if (bad !== undefined) {
    throw badRequest(say`A sequence's length is ${bad}; it must be a whole number from 0 to ${steps}.`);
  }
  return lengths;
}

/** The state of each sequence before its first step. */
function stateRows(name: string, weights: LayerWeights, batch: number, initial: InitialState = {}): Float64Array[] {
  const hidden = hiddenSize(weights);
  const cells = stateSize(weights) - hidden;
  if (initial.hidden) checkLength(`The initial hidden state of ${name}`, initial.hidden.length, batch * hidden);
  if (initial.cell) checkLength(`The initial cell state of ${name}`, initial.cell.length, batch * cells);
  return Array.from({ length: batch }, (_, b) => {
    const state = new Float64Array(hidden + cells);
    if (initial.hidden) state.set(initial.hidden.subarray(b * hidden, (b + 1) * hidden));
    if (initial.cell) state.set(initial.cell.subarray(b * cells, (b + 1) * cells), hidden);
    return state;
  });
}

/** @param x [steps, batch, inputSize] @param states of each sequence; left as they are after the last step */
function runDirection(
  weights: LayerWeights,
  reverse: boolean,
  x: Float64Array,
  steps: number,
  lengths: readonly number[],
  states: readonly Float64Array[],
): Pick<DirectionRun, 'signals' | 'lastHidden' | 'lastCell'> {
  const { inputSize, cell } = weights;
  const batch = lengths.length;
  const step = STEPS[cell];
  const { columns, width } = recordLayout([weights], false);
  const places = SIGNALS[cell].map(({ name }) => {
    const { offset = 0, units = 0 } = columns.find(({ signal }) => signal === name) ?? {};
    return { name, offset, units, values: new Float64Array(steps * batch * units) };
  });
  const record = new Float64Array(width);
  for (const [b, state] of states.entries()) {
    const length = lengths[b] ?? 0;
    for (let s = 0; s < length; s++) {
      const row = (reverse ? length - 1 - s : s) * batch + b;
      step(weights, x.subarray(row * inputSize, (row + 1) * inputSize), state, record);
      for (const { offset, units, values } of places) values.set(record.subarray(offset, offset + units), row * units);
    }
  }
  const hidden = hiddenSize(weights);
  return {
    signals: places.map(({ name, units, values }) => ({ name, units, values })),
    lastHidden: concatenate(states.map((state) => state.subarray(0, hidden))),
    lastCell: cell === 'lstm' ? concatenate(states.map((state) => state.subarray(hidden))) : undefined,
  };
}

export const MERGES: Readonly<Record<Exclude<Merge, 'concat'>, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  average: (a, b) => (a + b) / 2,
  multiply: (a, b) => a * b,
};

/** The hidden states of a layer's directions as one. @param rows steps * batch */
function merged(runs: readonly DirectionRun[], merge: Merge, rows: number): Float64Array<ArrayBuffer> {
  if (merge === 'concat' || runs.length < 2) return sideBySide(runs, rows);
  const [first, second] = runs.map((run) => sideBySide([run], rows));
  if (first === undefined || second?.length !== first.length || runs.length > 2) {
    throw badRequest(say`The directions of a layer have hidden states of different sizes, which cannot be merged.`);
  }
  return first.map((a, k) => MERGES[merge](a, at(second, k)));
}

/** The hidden states of a layer's directions, row by row. @param rows steps * batch */
function sideBySide(runs: readonly DirectionRun[], rows: number): Float64Array<ArrayBuffer> {
  const shown = runs.flatMap(({ signals }) => signals.filter(({ name }) => name === 'hidden'));
  const width = shown.reduce((sum, { units }) => sum + units, 0);
  const values = new Float64Array(rows * width);
  let column = 0;
  for (const { units, values: from } of shown) {
    for (let row = 0; row < rows; row++) {
      for (let u = 0; u < units; u++) values[row * width + column + u] = at(from, row * units + u);
    }
    column += units;
  }
  return values;
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const part of parts) {
    whole.set(part, from);
    from += part.length;
  }
  return whole;
}
