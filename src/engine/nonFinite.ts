/** Where a NaN or an infinity first arose in a run: everything after it is only its consequence. */
import type { CellKind, SignalName } from '../shared/signals';
import type { RecordLayout } from './layout';
import type { DirectionRun, SequenceRun } from './sequence';
import type { Values } from './vector';
import { say, type Message } from '../shared/l10n';

export interface NonFinite {
  /** Of the input, in either direction. */
  readonly step: number;
  /** Sequence of the batch. */
  readonly batch: number;
  /** `l0`, `l0_reverse` */
  readonly layer: string;
  readonly signal: SignalName | 'loss';
  readonly unit: number;
  readonly value: 'NaN' | 'Infinity' | '-Infinity';
}

/** Signals in the order in which a step computes them; an LSTM's output gate may see the new cell state. */
const COMPUTED: Readonly<Record<CellKind, readonly SignalName[]>> = {
  rnn: ['hidden'],
  gru: ['reset', 'update', 'candidate', 'hidden'],
  lstm: ['input', 'forget', 'candidate', 'cell', 'output', 'hidden'],
};

const nameOf = (value: number): NonFinite['value'] => {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
};

const firstIn = (values: Values): number => values.findIndex((value: number) => !Number.isFinite(value));

/**
 * The first in the order of time, and at a step in that of the computation: layer, signal, sequence, unit. Where a
 * layer reads backwards, the layers below have seen all steps before it begins, so there the lowest layer goes first.
 */
export function firstNonFinite({ directions, steps, batch }: SequenceRun): NonFinite | undefined {
  const found = directions.flatMap((direction) => firstOf(direction, steps, batch) ?? []);
  const streams = directions.every(({ reverse }) => !reverse);
  const [first] = streams ? found.toSorted((a, b) => a.step - b.step) : found;
  return first;
}

function firstOf({ name, reverse, cell, signals }: DirectionRun, steps: number, batch: number): NonFinite | undefined {
  if (signals.every(({ values }) => firstIn(values) < 0)) return undefined;
  for (let s = 0; s < steps; s++) {
    const step = reverse ? steps - 1 - s : s;
    for (const signal of COMPUTED[cell]) {
      const { units = 0, values = new Float64Array(0) } = signals.find((one) => one.name === signal) ?? {};
      const row = values.subarray(step * batch * units, (step + 1) * batch * units);
      const place = firstIn(row);
      if (place < 0) continue;
      const value = nameOf(row[place] ?? NaN);
      return { step, batch: Math.floor(place / units), layer: name, signal, unit: place % units, value };
    }
  }
  return undefined;
}

/** All cells' signals in one such order. */
const ORDER: readonly (SignalName | 'loss')[] = ['loss', ...COMPUTED.gru.slice(0, 2), ...COMPUTED.lstm];

/**
 * The same in records of a text's trace, whose layers are in the order in which they are computed. The loss of a token
 * comes first: it is judged by the state before it.
 *
 * @param records [steps, layout.width]
 * @param from the step of the first record
 */
export function firstNonFiniteRecord(
  { columns, width }: RecordLayout,
  records: Values,
  from = 0,
): NonFinite | undefined {
  const place = firstIn(records);
  if (place < 0) return undefined;
  const row = Math.floor(place / width);
  const inOrder = columns.toSorted((a, b) => a.layer - b.layer || ORDER.indexOf(a.signal) - ORDER.indexOf(b.signal));
  for (const { name, signal, offset, units } of inOrder) {
    const values = records.subarray(row * width + offset, row * width + offset + units);
    const unit = firstIn(values);
    if (unit < 0) continue;
    const value = nameOf(values[unit] ?? NaN);
    const [layer = ''] = name.split('.');
    return { step: from + row, batch: 0, layer: signal === 'loss' ? 'head' : layer, signal, unit, value };
  }
  return undefined;
}

/** For people. */
export const nonFiniteText = ({ step, batch, layer, signal, unit, value }: NonFinite): Message =>
  say`${value} first arose at step ${step} in ${layer}.${signal}, unit ${unit} of sequence ${batch}.`;
