/** What the readout says: exact values of a token, bounds for a column of many, bytes of a wide character. */
import { describe, expect, it } from 'vitest';
import { DERIVED, SIGNALS, type CellKind, type HeatName } from '../../../src/shared/signals';
import type { ColumnValues, Extent, Glyph, LayerInfo, TokenRow } from '../../../src/shared/trace';
import { exactValue, readingOf, speak, summary, type ReadingInput } from '../../../webview/ui/reading';
import { explain, symbolOf } from '../../../webview/ui/signals';

const layer: LayerInfo = { name: 'l0', cell: 'lstm', inputSize: 256, units: 2, signals: SIGNALS.lstm };
const grey = Uint8ClampedArray.from({ length: 768 }, (_, i) => Math.floor(i / 3));
const glyphs: readonly Glyph[] = [
  { text: 'a', token: 0, count: 1, start: 0 },
  { text: '中', token: 1, count: 3, start: 1 },
  { text: '\n', token: 4, count: 1, start: 2 },
];
const row: TokenRow = {
  token: 2,
  label: '⟨B8⟩',
  glyph: glyphs[1] ?? { text: '', token: 0, count: 1, start: 0 },
  loss: 2 * Math.LN2,
  layers: [SIGNALS.lstm.map((_, i) => Float32Array.of(i / 8, -i / 8))],
  before: [Float32Array.of(0, 0)],
};
/** Two units over a column of 64 tokens. */
const extent: Extent = {
  min: Float32Array.of(-1, -0.625),
  mean: Float32Array.of(-0.25, 0.25),
  max: Float32Array.of(0.5, 1),
};
const losses: Extent = { min: Float32Array.of(0), mean: Float32Array.of(Math.LN2), max: Float32Array.of(3 * Math.LN2) };
const column: ColumnValues = { first: 4096, count: 64, values: [extent, extent, losses] };
const input: ReadingInput = {
  layer,
  layerIndex: 0,
  unit: 1,
  first: 2,
  count: 1,
  signals: ['forget', 'cell'],
  shade: () => ({ map: grey, scale: { from: -1, to: 1, knee: undefined } }),
  row,
  glyphs,
  column: undefined,
};

describe('a token', () => {
  it('is read exactly', () => {
    const reading = readingOf(input);
    expect(reading).toMatchObject({
      glyph: '中',
      token: 'token 2 · ⟨B8⟩ byte 2 of 3',
      context: { before: 'a', at: '中', after: '↵' },
      loss: '2.00 bits',
      lossDetail: 'p = 0.25',
      unit: 'unit 1 of 2',
    });
    expect(reading.values.map(({ text }) => text)).toEqual(['−0.1250', '−0.5000']);
    expect(reading.values[1]?.colours).toEqual(['rgb(64 64 64)']);
    expect(reading.values[1]?.title).toContain('-0.5');
  });

  it.each([
    // Words are whole tokens: the space between them is in none. A table's rows likewise, and they are called so.
    [false, 'lives', { before: 'she ', at: 'lives', after: ' here' }, 'token 1'],
    [true, '', { before: 'she ', at: 'lives', after: ' here' }, 'row 1'],
  ])('that is a word keeps its distance (a table: %s)', (table, glyph, context, token) => {
    const words = ['she', 'lives', 'here'].map((text, i) => ({ text, token: i, count: 1, start: [0, 4, 10][i] ?? 0 }));
    const own = words[1] ?? glyphs[0];
    if (own === undefined) throw new Error('three words');
    const word = { ...input, first: 1, glyphs: words, row: { ...row, token: 1, glyph: own }, table };
    expect(readingOf(word)).toMatchObject({ glyph, context, token });
    const column = { ...word, count: 64, row: undefined };
    expect(readingOf(column).detail).toBe(table ? 'mean of 64 rows' : 'mean of 64 tokens');
  });

  it('without a unit is read as the mean', () => {
    const reading = readingOf({ ...input, unit: undefined });
    expect([reading.unit, reading.values[0]?.text]).toEqual(['mean of 2 units', '0.0000']);
  });

  it('that is first has no loss', () => {
    expect(readingOf({ ...input, row: { ...row, loss: undefined } }).loss).toBe('');
  });

  it('on its way keeps what stands', () => {
    const reading = readingOf({ ...input, row: undefined });
    expect([reading.token, reading.glyph, reading.loss, reading.values[0]?.text]).toEqual([
      'token 2',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a column of many tokens', () => {
  const many = { ...input, first: 4096, count: 64, row: undefined, column };
  it('is read exactly, as mean, least and greatest', () => {
    const reading = readingOf(many);
    expect(reading).toMatchObject({ token: 'tokens 4,096 – 4,159', detail: 'mean of 64 tokens' });
    expect(reading).toMatchObject({ loss: '1.00 bits', lossDetail: 'at most 3.00' });
    expect(reading.values[0]).toMatchObject({ text: '0.2500', range: '−.63\u200a–\u200a1.0' });
    expect(reading.values[0]?.title).toContain('forget: mean 0.25, from -0.625 to 1');
    expect(reading.values[0]?.colours).toEqual(['rgb(48 48 48)', 'rgb(159 159 159)', 'rgb(255 255 255)']);
  });

  it('without its values is on its way, its loss too', () => {
    const reading = readingOf({ ...many, column: undefined });
    expect([reading.values[0]?.text, reading.loss]).toEqual([undefined, undefined]);
  });

  it('of which a signal is still computed shows the others', () => {
    const reading = readingOf({ ...many, column: { ...column, values: [undefined, extent, undefined] } });
    expect(reading.values.map(({ text }) => text)).toEqual([undefined, '0.2500']);
    expect(reading.loss).toBeUndefined();
  });

  it('of a model that predicts nothing has no loss', () => {
    expect(readingOf({ ...many, column: { ...column, values: [extent, extent] } }).loss).toBe('');
  });

  it.each([
    [0, { min: -1, mean: -0.25, max: 0.5 }],
    [1, { min: -0.625, mean: 0.25, max: 1 }],
    [undefined, { min: -1, mean: 0, max: 1 }],
  ])('unit %s', (unit, want) => {
    expect(summary(extent, unit)).toEqual(want);
  });
});

describe('derived signals of a token', () => {
  /** One unit, its values by name. */
  const rowOf = (cell: CellKind, values: Readonly<Partial<Record<string, number>>>, before: number): TokenRow => ({
    ...row,
    layers: [SIGNALS[cell].map(({ name }) => Float32Array.of(values[name] ?? NaN))],
    before: [Float32Array.of(before)],
  });
  const lstm = rowOf('lstm', { input: 0.5, forget: 0.75, candidate: -0.5, output: 1, cell: 0.125, hidden: 0.1 }, 0.5);
  const gru = rowOf('gru', { reset: 0.5, update: 0.75, candidate: -0.5, hidden: 0.25 }, 0.5);
  const rnn = rowOf('rnn', { hidden: 0.5 }, -0.25);
  it.each<readonly [CellKind, HeatName, TokenRow, number]>([
    ['lstm', 'change', lstm, -0.375],
    ['lstm', 'written', lstm, -0.25],
    ['lstm', 'kept', lstm, 0.375],
    // Lost slopes: i 0, f 1/4, o 1, g 1/4.
    ['lstm', 'saturation', lstm, 0.375],
    ['gru', 'change', gru, -0.25],
    ['gru', 'written', gru, -0.125],
    ['gru', 'kept', gru, 0.375],
    // r 0, z 1/4, n 1/4.
    ['gru', 'saturation', gru, 1 / 6],
    ['rnn', 'change', rnn, 0.75],
    ['rnn', 'saturation', rnn, 0.25],
    // A SimpleRNN writes and keeps nothing.
    ['rnn', 'kept', rnn, NaN],
  ])('%s %s', (cell, signal, at, want) => {
    const own: LayerInfo = { ...layer, cell, units: 1, signals: SIGNALS[cell], derived: DERIVED[cell] };
    const got = exactValue(at, own, 0, signal, 0);
    if (Number.isNaN(want)) expect(got).toBeNaN();
    else expect(got).toBeCloseTo(want, 6);
  });

  it('are read as others are', () => {
    const own: LayerInfo = { ...layer, units: 1, derived: DERIVED.lstm };
    const reading = readingOf({ ...input, layer: own, unit: 0, row: lstm, signals: ['change', 'saturation'] });
    expect(reading.values.map(({ text }) => text)).toEqual(['−0.3750', '0.3750']);
    expect(reading.values[0]?.title).toContain('Δc = c − c′');
  });

  it.each<readonly [CellKind, string]>([
    ['lstm', 'Δc i·g f·c′ sat'],
    ['gru', 'Δh (1−z)·n z·h′ sat'],
    ['rnn', 'Δh sat'],
  ])('of a %s have letters and are explained', (cell, want) => {
    expect(DERIVED[cell].map(({ name }) => symbolOf(name, cell)).join(' ')).toBe(want);
    for (const { name } of [...SIGNALS[cell], ...DERIVED[cell]]) expect(explain(name, cell), name).not.toBe('');
  });
});

it('is spoken as one sentence', () => {
  expect(speak(readingOf(input))).toBe(
    'token 2 · ⟨B8⟩ byte 2 of 3, 中, 2.00 bits, unit 1 of 2, forget −0.1250, cell −0.5000',
  );
});
