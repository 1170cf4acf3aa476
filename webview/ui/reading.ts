/** What the readout says of a place: exact values of one token, or what a column of many is known to lie between. */
import { byteValue } from '../../src/shared/bytes';
import type { SignalName } from '../../src/shared/signals';
import type { Glyph, LayerInfo, Tile, TokenRow } from '../../src/shared/trace';
import { colourAt, type ColourMap } from '../draw/maps';
import { BITS_PER_NAT, formatCount, formatProbability, formatRough, formatShort, formatValue } from '../layout/numbers';
import { positionOf, type ValueScale } from '../layout/scale';
import { showGlyph } from '../layout/ruler';
import type { ReadValue, Reading } from './readout';
import { explain } from './signals';

/** How a signal is coloured. */
export interface Shade {
  readonly map: ColourMap;
  readonly scale: ValueScale;
}

/** A column of a tile, and which of its columns. */
export interface TileColumn {
  readonly tile: Tile;
  readonly column: number;
}

export interface ReadingInput {
  readonly layer: LayerInfo;
  readonly layerIndex: number;
  readonly unit: number | undefined;
  /** Tokens that the column covers. */
  readonly first: number;
  readonly count: number;
  readonly signals: readonly SignalName[];
  readonly shade: (signal: SignalName) => Shade;
  /** Exact values, where the column is one token and they are here. */
  readonly row: TokenRow | undefined;
  /** Characters around, as far as they are at hand. */
  readonly glyphs: readonly Glyph[];
  readonly column: (signal: SignalName | 'loss') => TileColumn | undefined;
}

/** Least, mean and greatest of a tile's column, for one unit or over all. */
export function summary(
  { tile, column }: TileColumn,
  unit: number | undefined,
): { readonly min: number; readonly mean: number; readonly max: number } | undefined {
  if (column >= tile.columns) return undefined;
  const value = (q: number): number => byteValue(tile, q);
  const at = (u: number): number => tile.values[u * tile.columns + column] ?? 0;
  if (unit !== undefined) {
    const only = value(at(unit));
    return { min: only, mean: only, max: only };
  }
  let [min, sum, max] = [255, 0, 0];
  for (let u = 0; u < tile.rows; u++) {
    min = Math.min(min, at(u));
    sum += value(at(u));
    max = Math.max(max, at(u));
  }
  return { min: value(min), mean: sum / Math.max(1, tile.rows), max: value(max) };
}

/** A signal's exact value at a row: of a unit, or the mean of all. */
export function exactValue(row: TokenRow, layer: LayerInfo, index: number, signal: SignalName, unit?: number): number {
  const position = layer.signals.findIndex(({ name }) => name === signal);
  const values = row.layers[index]?.[position];
  if (values === undefined) return NaN;
  if (unit !== undefined) return values[unit] ?? NaN;
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function exactReading(input: ReadingInput, row: TokenRow, signal: SignalName): ReadValue {
  const { layer, layerIndex, unit, shade } = input;
  const value = exactValue(row, layer, layerIndex, signal, unit);
  const { map, scale } = shade(signal);
  const title = `${signal}${unit === undefined ? ', mean of all units' : ''}: ${String(value)}\n${explain(signal, layer.cell)}`;
  return {
    signal,
    text: formatValue(value),
    range: undefined,
    colours: [colourAt(map, positionOf(scale, value))],
    title,
  };
}

function roughReading(input: ReadingInput, signal: SignalName): ReadValue {
  const found = input.column(signal);
  const known = found === undefined ? undefined : summary(found, input.unit);
  const title = explain(signal, input.layer.cell);
  if (known === undefined) return { signal, text: undefined, range: undefined, colours: [], title };
  const { map, scale } = input.shade(signal);
  const colours = [known.min, known.mean, known.max].map((value) => colourAt(map, positionOf(scale, value)));
  const range = `${formatShort(known.min)}\u200a–\u200a${formatShort(known.max)}`;
  const told = `${signal}: mean ${formatRough(known.mean)}, from ${formatRough(known.min)} to ${formatRough(known.max)}`;
  return { signal, text: `≈${formatRough(known.mean)}`, range, colours, title: `${told}\n${title}` };
}

const bits = (nats: number): string => (nats * BITS_PER_NAT).toFixed(2);

/** Characters of the text shown on either side of the one that is read. */
const AROUND = 12;

const shownText = (glyphs: readonly Glyph[]): string => glyphs.map(({ text }) => showGlyph(text).text).join('');

/** The neighbourhood of a token in the text, as far as it is at hand. */
function contextOf(glyphs: readonly Glyph[], token: number): Reading['context'] {
  const at = glyphs.findIndex((glyph) => token >= glyph.token && token < glyph.token + glyph.count);
  if (at < 0) return undefined;
  return {
    before: shownText(glyphs.slice(Math.max(0, at - AROUND), at)),
    at: shownText(glyphs.slice(at, at + 1)),
    after: shownText(glyphs.slice(at + 1, at + 1 + 2 * AROUND)),
  };
}

/** What the token is: its number, and its byte where the character has several. */
function tokenText({ glyph, label, token }: TokenRow): string {
  const number = `token ${formatCount(token)}`;
  return glyph.count === 1
    ? number
    : `${number} · ${label} byte ${String(token - glyph.token + 1)} of ${String(glyph.count)}`;
}

export function readingOf(input: ReadingInput): Reading {
  const { first, count, row, unit, layer, signals } = input;
  const of = formatCount(layer.units);
  const unitText = unit === undefined ? `mean of ${of} units` : `unit ${String(unit)} of ${of}`;
  if (count === 1) {
    const pending = (signal: SignalName): ReadValue => ({
      signal,
      text: undefined,
      range: undefined,
      colours: [],
      title: explain(signal, layer.cell),
    });
    return {
      glyph: row === undefined ? undefined : showGlyph(row.glyph.text).text,
      token: row === undefined ? `token ${formatCount(first)}` : tokenText(row),
      context: contextOf(input.glyphs, first),
      detail: '',
      loss: row === undefined ? undefined : row.loss === undefined ? '' : `${bits(row.loss)} bits`,
      lossDetail: row?.loss === undefined ? '' : `p = ${formatProbability(Math.exp(-row.loss))}`,
      unit: unitText,
      values: signals.map((signal) => (row === undefined ? pending(signal) : exactReading(input, row, signal))),
    };
  }
  const found = input.column('loss');
  const loss = found === undefined ? undefined : summary(found, 0);
  return {
    glyph: '…',
    token: `tokens ${formatCount(first)} – ${formatCount(first + count - 1)}`,
    context: undefined,
    detail: `mean of ${formatCount(count)} tokens`,
    loss: loss === undefined ? '' : `≈${bits(loss.mean)} bits`,
    lossDetail: loss === undefined ? '' : `at most ${bits(loss.max)}`,
    unit: unitText,
    values: signals.map((signal) => roughReading(input, signal)),
  };
}

/** The same in one sentence, for reading aloud. */
export function speak(reading: Reading): string {
  const values = reading.values.map(({ signal, text }) => (text === undefined ? undefined : `${signal} ${text}`));
  const parts = [reading.token, reading.glyph, reading.detail, reading.loss, reading.unit, ...values];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}
