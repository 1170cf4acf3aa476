/** What the readout says: exact values of a token, bounds for a column of many, bytes of a wide character. */
import { describe, expect, it } from 'vitest';
import { SIGNALS } from '../../../src/shared/signals';
import type { Glyph, LayerInfo, Tile, TokenRow } from '../../../src/shared/trace';
import { readingOf, speak, summary, type ReadingInput } from '../../../webview/ui/reading';

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
const tile: Tile = {
  columns: 2,
  rows: 2,
  final: true,
  lo: -1,
  hi: 1,
  values: Uint8Array.of(102, 102, 153, 153),
};
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
  column: () => ({ tile, column: 1 }),
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
  const many = { ...input, first: 4096, count: 64, row: undefined };
  it('is read as mean, least and greatest', () => {
    const reading = readingOf(many);
    expect(reading).toMatchObject({ token: 'tokens 4,096 – 4,159', detail: 'mean of 64 tokens', loss: '≈-0.29 bits' });
    expect(reading.values[0]).toMatchObject({ text: '≈0.20', range: '−.60\u200a–\u200a1.0' });
    expect(reading.values[0]?.colours.length).toBe(3);
  });

  it('without its tile is on its way', () => {
    expect(readingOf({ ...many, column: () => undefined }).values[0]?.text).toBeUndefined();
  });

  it.each([
    [0, { min: -1, mean: -0.2, max: 0.6 }],
    [1, { min: -0.6, mean: 0.2, max: 1 }],
    [undefined, { min: -1, mean: 0, max: 1 }],
  ])('unit %s', (unit, want) => {
    const got = summary({ tile, column: 0 }, unit);
    for (const key of ['min', 'mean', 'max'] as const) expect(got?.[key]).toBeCloseTo(want[key], 6);
  });

  it('beyond the tile is unknown', () => {
    expect(summary({ tile, column: 2 }, 0)).toBeUndefined();
  });
});

it('is spoken as one sentence', () => {
  expect(speak(readingOf(input))).toBe(
    'token 2 · ⟨B8⟩ byte 2 of 3, 中, 2.00 bits, unit 1 of 2, forget −0.1250, cell −0.5000',
  );
});
