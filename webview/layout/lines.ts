/** What the lines of a pinned unit are made of: which signals, on which axis, in which colours, at which tokens. No DOM. */
import { memoryOf, type Scale, type SignalName } from '../../src/shared/signals';
import type { Extent, LayerInfo } from '../../src/shared/trace';
import type { HeldSeries } from '../series';
import { tokensPerColumn } from './level';
import { roundUp } from './numbers';

/** The order of lines: what is remembered, what is shown of it, then what decides. */
const ORDER: readonly SignalName[] = ['cell', 'hidden', 'forget', 'update', 'input', 'reset', 'output', 'candidate'];

/** The signals of a layer that have lines: what to ask a series for. */
export const lineSignals = ({ signals }: Pick<LayerInfo, 'signals'>): readonly SignalName[] =>
  ORDER.filter((name) => signals.some((signal) => signal.name === name));

/** Lines that are not shown until they are asked for: those first shown are the memory and what decides of it. */
export const FIRST_OFF: Readonly<Record<LayerInfo['cell'], readonly SignalName[]>> = {
  lstm: ['hidden', 'output', 'candidate'],
  gru: ['reset', 'candidate'],
  rnn: [],
};

/** Parts of a plot's height: what has a sign lies above, the gates below, or over many tokens they would tangle. */
export const MEMORY_PART = 0.6;
export const GATE_PART = 0.34;

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What an axis spans over the whole height so that -end…end is its part; all of it where no gate is shown. */
export const memoryRange = (end: number, gates: boolean): Range => ({
  min: end - (2 * end) / (gates ? MEMORY_PART : 1),
  max: end,
});

/** The same of gates: 0…1 in their part. */
export const gateRange = (): Range => ({ min: 0, max: 1 / GATE_PART });

/** The axis of a line: gates 0…1 over the whole height, what has a sign about the middle. */
export type LineScale = 'gate' | 'signed' | 'memory';

export function lineScale(signal: SignalName, { signals, cell }: Pick<LayerInfo, 'signals' | 'cell'>): LineScale {
  const scale: Scale = signals.find(({ name }) => name === signal)?.scale ?? 'free';
  if (signal === memoryOf(cell)) return 'memory';
  return scale === 'gate' ? 'gate' : scale === 'signed' ? 'signed' : 'memory';
}

export interface LineStyle {
  /** Undefined: the colour of the text. */
  readonly colour: string | undefined;
  readonly width: number;
  readonly dash: readonly number[];
}

type Colours = Readonly<Partial<Record<SignalName, string>>>;

// Apart in lightness or on the yellow-blue axis; what is still near is told apart by its dashes.
const DARK: Colours = {
  hidden: '#6cb6ff',
  forget: '#f2a33a',
  update: '#f2a33a',
  input: '#2fbf9b',
  reset: '#2fbf9b',
  output: '#e79bd0',
  candidate: '#f4ea6a',
};
const LIGHT: Colours = {
  hidden: '#0969da',
  forget: '#b85c00',
  update: '#b85c00',
  input: '#00735c',
  reset: '#00735c',
  output: '#a3307c',
  candidate: '#6b5d00',
};
const DASHES: Readonly<Partial<Record<SignalName, readonly number[]>>> = {
  hidden: [7, 3],
  input: [2, 2],
  reset: [2, 2],
  output: [10, 2, 2, 2],
  candidate: [4, 4],
};

export function lineStyle(signal: SignalName, cell: LayerInfo['cell'], dark: boolean): LineStyle {
  if (signal === memoryOf(cell)) return { colour: undefined, width: 2.25, dash: [] };
  return { colour: (dark ? DARK : LIGHT)[signal], width: 1.4, dash: DASHES[signal] ?? [] };
}

/** Gaps are null. */
export type Values = (number | null)[];

export interface LineData {
  /** Tokens in the middle of the columns, [columns]. */
  readonly tokens: number[];
  /** Columns cover several tokens, so that each line lies in a band. */
  readonly banded: boolean;
  /** In the order of the series' signals: mean, least, greatest, [columns] each. */
  readonly lines: readonly { readonly mean: Values; readonly min: Values; readonly max: Values }[];
}

const NO_LINES: LineData = { tokens: [], banded: false, lines: [] };

const valuesOf = (values: Float32Array, columns: number): Values =>
  Array.from({ length: columns }, (_, i) => {
    const value = values[i];
    return value !== undefined && Number.isFinite(value) ? value : null;
  });

export function lineData(held: HeldSeries | undefined): LineData {
  if (held === undefined) return NO_LINES;
  const { request, series } = held;
  const per = tokensPerColumn(request.level);
  const banded = request.level > 0;
  const columns = series.columns;
  return {
    tokens: Array.from({ length: columns }, (_, i) => (series.first + i + 0.5) * per),
    banded,
    lines: series.values.map((extent: Extent) => {
      const mean = valuesOf(extent.mean, columns);
      if (!banded) return { mean, min: mean, max: mean };
      return { mean, min: valuesOf(extent.min, columns), max: valuesOf(extent.max, columns) };
    }),
  };
}

/** The end of the memory's axis: a round number that its values in a stretch do not exceed. */
export function memoryEnd({ lines }: LineData, memories: readonly number[]): number {
  let largest = 0;
  for (const index of memories) {
    for (const values of [lines[index]?.min ?? [], lines[index]?.max ?? []]) {
      for (const value of values) largest = Math.max(largest, Math.abs(value ?? 0));
    }
  }
  return roundUp(largest);
}

/** The column that holds a token, as an index into the data; undefined beside it. */
export function columnAt(held: HeldSeries | undefined, token: number): number | undefined {
  if (held === undefined) return undefined;
  const index = Math.floor(token / tokensPerColumn(held.request.level)) - held.series.first;
  return index >= 0 && index < held.series.columns ? index : undefined;
}
