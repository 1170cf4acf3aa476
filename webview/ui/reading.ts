/** What the readout says of a place: exact values of one token, or of a column of several their mean and range. */
import { derive } from '../../src/shared/derived';
import type { DerivedName, HeatName } from '../../src/shared/signals';
import type { ColumnValues, Extent, Glyph, LayerInfo, TokenRow } from '../../src/shared/trace';
import { colourAt, type ColourMap } from '../draw/maps';
import { t } from '../l10n';
import { BITS_PER_NAT, formatCount, formatProbability, formatShort, formatValue } from '../layout/numbers';
import { positionOf, type ValueScale } from '../layout/scale';
import { showGlyph } from '../layout/ruler';
import type { ReadValue, Reading } from './readout';
import { explain } from './signals';

/** How a signal is coloured. */
export interface Shade {
  readonly map: ColourMap;
  readonly scale: ValueScale;
}

export interface ReadingInput {
  readonly layer: LayerInfo;
  readonly layerIndex: number;
  readonly unit: number | undefined;
  /** Tokens that the column covers. */
  readonly first: number;
  readonly count: number;
  readonly signals: readonly HeatName[];
  readonly shade: (signal: HeatName) => Shade;
  /** Exact values, where the column is one token and they are here. */
  readonly row: TokenRow | undefined;
  /** Characters around, as far as they are at hand. */
  readonly glyphs: readonly Glyph[];
  /** Exact values of a column of several tokens, where they are here: of `signals` in order, then the loss if there is one. */
  readonly column: ColumnValues | undefined;
  /** Its tokens are the rows of a table. */
  readonly table?: boolean;
}

/** Least, mean and greatest. */
export interface Summary {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** Of a unit over the column's tokens; without a unit, of all units. */
export function summary({ min, mean, max }: Extent, unit: number | undefined): Summary {
  if (unit !== undefined) return { min: min[unit] ?? NaN, mean: mean[unit] ?? NaN, max: max[unit] ?? NaN };
  const over = (values: Float32Array, join: (a: number, b: number) => number, start: number): number =>
    values.reduce((all, value) => join(all, value), start);
  return {
    min: over(min, Math.min, Infinity),
    mean: over(mean, (a, b) => a + b, 0) / Math.max(1, mean.length),
    max: over(max, Math.max, -Infinity),
  };
}

/** Whether it follows from others, in this layer: one whose functions are not known has fewer. */
const isDerived = (signal: HeatName, { derived }: LayerInfo): signal is DerivedName =>
  derived?.some(({ name }) => name === signal) === true;

/** Values of a signal of all units at a row, stored or derived; undefined for one that the layer has not. */
function valuesAt(row: TokenRow, layer: LayerInfo, index: number, signal: HeatName): Float32Array | undefined {
  const own = row.layers[index] ?? [];
  const before = row.before[index];
  if (!isDerived(signal, layer)) return own[layer.signals.findIndex(({ name }) => name === signal)];
  if (before === undefined) return undefined;
  const values = Object.fromEntries(layer.signals.map(({ name }, i) => [name, own[i]]));
  return derive(signal, layer.cell, values, before, layer.curves);
}

/** A signal's exact value at a row: of a unit, or the mean of all. */
export function exactValue(row: TokenRow, layer: LayerInfo, index: number, signal: HeatName, unit?: number): number {
  const values = valuesAt(row, layer, index, signal);
  if (values === undefined) return NaN;
  if (unit !== undefined) return values[unit] ?? NaN;
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function exactReading(input: ReadingInput, row: TokenRow, signal: HeatName): ReadValue {
  const { layer, layerIndex, unit, shade } = input;
  const value = exactValue(row, layer, layerIndex, signal, unit);
  const { map, scale } = shade(signal);
  const told =
    unit === undefined ? t('{0}, mean of all units: {1}', signal, String(value)) : `${signal}: ${String(value)}`;
  return {
    signal,
    text: formatValue(value),
    range: undefined,
    colours: [colourAt(map, positionOf(scale, value))],
    title: `${told}\n${explain(signal, layer.cell)}`,
  };
}

const pendingReading = (signal: HeatName, { cell }: LayerInfo): ReadValue => ({
  signal,
  text: undefined,
  range: undefined,
  colours: [],
  title: explain(signal, cell),
});

function columnReading(input: ReadingInput, signal: HeatName, index: number): ReadValue {
  const found = input.column?.values[index];
  if (found === undefined) return pendingReading(signal, input.layer);
  const { min, mean, max } = summary(found, input.unit);
  const { map, scale } = input.shade(signal);
  const told = t('{0}: mean {1}, from {2} to {3}', signal, String(mean), String(min), String(max));
  return {
    signal,
    text: formatValue(mean),
    range: `${formatShort(min)}\u200a–\u200a${formatShort(max)}`,
    colours: [min, mean, max].map((value) => colourAt(map, positionOf(scale, value))),
    title: `${told}\n${explain(signal, input.layer.cell)}`,
  };
}

const bits = (nats: number): string => (nats * BITS_PER_NAT).toFixed(2);

/** Characters of the text shown on either side of the one that is read. */
const AROUND = 12;

/** Whole tokens, as words are, have space between them that is in none. */
const shownText = (glyphs: readonly Glyph[], end = glyphs[0]?.start ?? 0): string =>
  glyphs
    .map(({ text, start }, i) => {
      const before = i === 0 ? end : (glyphs[i - 1]?.start ?? 0) + (glyphs[i - 1]?.text.length ?? 0);
      return (start > before ? ' ' : '') + showGlyph(text).text;
    })
    .join('');

/** The neighbourhood of a token in the text, as far as it is at hand. */
function contextOf(glyphs: readonly Glyph[], token: number): Reading['context'] {
  const at = glyphs.findIndex((glyph) => token >= glyph.token && token < glyph.token + glyph.count);
  if (at < 0) return undefined;
  const [before, own] = [glyphs[at - 1], glyphs[at]];
  const apart = before !== undefined && own !== undefined && own.start > before.start + before.text.length;
  return {
    before: shownText(glyphs.slice(Math.max(0, at - AROUND), at)) + (apart ? ' ' : ''),
    at: shownText(glyphs.slice(at, at + 1)),
    after: shownText(glyphs.slice(at + 1, at + 1 + 2 * AROUND), own && own.start + own.text.length),
  };
}

/** A token of a text, a row of a table. */
const numberText = (token: number, table: boolean): string =>
  table ? t('row {0}', formatCount(token)) : t('token {0}', formatCount(token));

/** What the token is: its number, and its byte where the character has several. */
function tokenText({ glyph, label, token }: TokenRow, table: boolean): string {
  const number = numberText(token, table);
  return glyph.count === 1
    ? number
    : t('{0} · {1} byte {2} of {3}', number, label, token - glyph.token + 1, glyph.count);
}

export function readingOf(input: ReadingInput): Reading {
  const { first, count, row, unit, layer, signals, table = false } = input;
  const of = formatCount(layer.units);
  const unitText = unit === undefined ? t('mean of {0} units', of) : t('unit {0} of {1}', unit, of);
  if (count === 1) {
    const loss = row?.loss;
    return {
      glyph: row === undefined ? undefined : table ? '' : showGlyph(row.glyph.text).text,
      token: row === undefined ? numberText(first, table) : tokenText(row, table),
      context: contextOf(input.glyphs, first),
      detail: '',
      loss: row === undefined ? undefined : loss === undefined ? '' : t('{0} bits', bits(loss)),
      lossDetail: loss === undefined ? '' : `p = ${formatProbability(Math.exp(-loss))}`,
      unit: unitText,
      values: signals.map((signal) =>
        row === undefined ? pendingReading(signal, layer) : exactReading(input, row, signal),
      ),
    };
  }
  const found = input.column?.values[signals.length];
  const loss = found === undefined ? undefined : summary(found, 0);
  // The loss may be on its way, or the model have none.
  const coming = input.column === undefined || input.column.values.length > signals.length;
  return {
    glyph: '…',
    token: table
      ? t('rows {0} – {1}', formatCount(first), formatCount(first + count - 1))
      : t('tokens {0} – {1}', formatCount(first), formatCount(first + count - 1)),
    context: undefined,
    detail: table ? t('mean of {0} rows', formatCount(count)) : t('mean of {0} tokens', formatCount(count)),
    loss: loss !== undefined ? t('{0} bits', bits(loss.mean)) : coming ? undefined : '',
    lossDetail: loss === undefined ? '' : t('at most {0}', bits(loss.max)),
    unit: unitText,
    values: signals.map((signal, index) => columnReading(input, signal, index)),
  };
}

/** The same in one sentence, for reading aloud. */
export function speak(reading: Reading): string {
  const values = reading.values.map(({ signal, text }) => (text === undefined ? undefined : `${signal} ${text}`));
  const parts = [reading.token, reading.glyph, reading.detail, reading.loss, reading.unit, ...values];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}
