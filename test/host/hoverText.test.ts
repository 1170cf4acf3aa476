import { describe, expect, it } from 'vitest';
import { bar, code, hoverText, percent, short, visible } from '../../src/host/hoverText';
import { sparkline } from '../../src/host/sparkline';
import { SIGNALS } from '../../src/shared/signals';
import type { Explanation, LayerInfo, Mover, Prediction } from '../../src/shared/trace';
import { english } from '../../src/shared/l10n';

const layer = (name: string, cell: 'rnn' | 'lstm' = 'lstm'): LayerInfo => ({
  name,
  cell,
  inputSize: 8,
  units: 16,
  signals: SIGNALS[cell],
});

const prediction = (label: string, probability: number): Prediction => ({
  token: label.charCodeAt(0),
  label,
  probability,
});

const mover: Mover = {
  layer: 0,
  unit: 13,
  values: { input: 0.9, forget: 0.25, candidate: -0.5, output: 0.75, cell: -1.25, hidden: -0.6 },
  before: 0.5,
  after: -1.25,
};

const EXPLANATION: Explanation = {
  glyph: { text: 'e', token: 4, count: 1, start: 4 },
  labels: ['e'],
  loss: 2 * Math.LN2,
  next: [prediction('a', 0.5), prediction('b', 0.25), prediction('|', 0.125)],
  actual: prediction('b', 0.25),
  means: [
    [
      { signal: 'input', mean: 0.31 },
      { signal: 'forget', mean: 0.8 },
      { signal: 'cell', mean: 5 },
    ],
  ],
  movers: [mover],
  around: { first: 2, at: 1, values: Float32Array.of(0, 0.5, -1) },
};

const link = (layerIndex?: number, unit?: number): string =>
  `command:show?${[layerIndex, unit].filter((n) => n !== undefined).join(',')}`;
const context = { layers: [layer('l0')], link, t: english };

/** Without the picture's address. */
const plain = (markdown: string): string => markdown.replace(/\(data:[^ )]*/, '(PICTURE');

describe('the hover', () => {
  it('is a glance of text', () => {
    expect(plain(hoverText(EXPLANATION, context))).toBe(
      [
        '`e` · **2.00 bits** · [Show in Heatmap](command:show?)',
        '',
        '| next | &ensp;`a` | &ensp;`b` came | &ensp;`\\|` |',
        '| :-- | :-- | :-- | :-- |',
        '|  | &ensp;██ 50 % | &ensp;█ 25 % | &ensp;▌ 13 % |',
        '',
        '| unit | &ensp;f | &ensp;i | &ensp;g | &ensp;o | &ensp;c before | &ensp;→ after |',
        '| :-- | --: | --: | --: | --: | --: | :-- |',
        '| mean | &ensp;0.80 | &ensp;0.31 | &ensp; | &ensp; | &ensp; | &ensp; |',
        '| [13](command:show?0,13) | &ensp;0.25 | &ensp;0.90 | &ensp;−0.50 | &ensp;0.75 | &ensp;0.50 | &ensp;→ −1.25 |',
        '',
        '![cell of unit 13 at the tokens around](PICTURE "cell of unit 13 at the tokens around")',
      ].join('\n'),
    );
  });

  it.each<[string, Partial<Explanation>, string, string]>([
    ['a first token has no loss', { loss: undefined }, '`e` · [Show', 'bits'],
    ['a character of three bytes', { labels: ['⟨E6⟩', '⟨88⟩', '⟨91⟩'] }, '3 bytes `⟨E6⟩ ⟨88⟩ ⟨91⟩`', 'undefined'],
    [
      'a head with classes',
      { next: [], outputs: [{ label: 'a|b', kind: 'probability', value: 0.5 }] },
      '| output | &ensp;`a\\|b` |\n| :-- | :-- |\n|  | &ensp;██ 50 % |',
      'next',
    ],
    [
      'a head with values',
      { next: [], outputs: [{ label: '0', kind: 'value', value: -1.25 }] },
      '| output | &ensp;`0` |\n| :-- | :-- |\n|  | &ensp;−1.25 |',
      '%',
    ],
    ['a model without a head', { next: [], actual: undefined }, 'mean', 'next'],
    ['what came is not among the likeliest', { actual: prediction('z', 0.001) }, '`z` came |', '`b` came'],
    ['nothing came after the last', { actual: undefined }, '`b` |', 'came'],
    ['nothing moved', { movers: [] }, 'mean', '[13]'],
    ['markup in the text', { glyph: { ...EXPLANATION.glyph, text: '`' } }, '`` ` `` ·', 'undefined'],
    ['no neighbourhood', { around: undefined }, '[13]', 'data:'],
  ])('%s', (_, change, present, absent) => {
    const text = hoverText({ ...EXPLANATION, ...change }, context);
    expect(text).toContain(present);
    expect(text).not.toContain(absent);
  });

  it('names the layers where there are several', () => {
    const means = [EXPLANATION.means[0] ?? [], [{ signal: 'forget', mean: 0.5 } as const]];
    const text = hoverText(
      { ...EXPLANATION, means, movers: [{ ...mover, layer: 1 }] },
      { ...context, layers: [layer('l0'), layer('l1')] },
    );
    expect(text).toContain('| mean l0 | &ensp;0.80 | &ensp;0.31 |');
    expect(text).toContain('| mean l1 | &ensp;0.50 | &ensp; |');
    expect(text).toContain('[l1.13](command:show?1,13)');
  });

  it('shows the hidden state where there is no cell', () => {
    const rnn: Explanation = {
      ...EXPLANATION,
      means: [[{ signal: 'hidden', mean: 0.1 }]],
      movers: [{ layer: 0, unit: 2, values: { hidden: 0.5 }, before: 0, after: 0.5 }],
    };
    const text = hoverText(rnn, { ...context, layers: [layer('l0', 'rnn')] });
    expect(text).toContain('| unit | &ensp;h before | &ensp;→ after |');
    expect(text).toContain('| mean | &ensp; | &ensp;0.10 |');
    expect(text).toContain('hidden of unit 2');
  });
});

describe('numbers', () => {
  it.each([
    [0, '0.00'],
    [-0.001, '0.00'],
    [-0.5, '−0.50'],
    [9.999, '10.0'],
    [12.345, '12.3'],
    [-99.97, '−100'],
    [1234.5, '1235'],
    [NaN, '–'],
  ])('%f is %s', (value, text) => {
    expect(short(value)).toBe(text);
  });

  it.each([
    [1, '100 %'],
    [0.0995, '10 %'],
    [0.043, '4.3 %'],
    [0.0043, '0.43 %'],
    [0.00001, '<0.1 %'],
    [0, '0 %'],
  ])('%f is %s', (value, text) => {
    expect(percent(value)).toBe(text);
  });

  it.each([
    [1, '████'],
    [0.5, '██'],
    [0.51, '██'],
    [0.55, '██▎'],
    [0.01, '▏'],
    [0, '▏'],
  ])('%f is drawn %s', (value, text) => {
    expect(bar(value)).toBe(text);
  });
});

describe('a character as people see it', () => {
  it.each([
    ['a', 'a'],
    [' ', '␣'],
    ['\t', '⇥'],
    ['\n', '↵'],
    ['\r\n', '↵'],
    ['\0', '␀'],
    ['\u007F', '␡'],
    ['\u00A0', 'U+00A0'],
    ['\u202E', 'U+202E'],
    ['\u200D', 'U+200D'],
    ['\u0301', 'U+0301'],
    ['e\u0301', 'e\u0301'],
    ['\uFEFF', 'U+FEFF'],
    ['\uD800', 'U+D800'],
    ['我', '我'],
    ['👩‍🚀', '👩‍🚀'],
    ['a\u202Eb', 'ab'],
    ['x'.repeat(40), `${'x'.repeat(12)}…`],
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});

describe('a code span', () => {
  it.each([
    ['a', '`a`'],
    ['`', '`` ` ``'],
    ['a``b', '```a``b```'],
    ['*_<b>[x](y)', '`*_<b>[x](y)`'],
    ['a\nb', '`a↵b`'],
    [' a ', '`  a  `'],
  ])('%j', (text, markdown) => {
    expect(code(text)).toBe(markdown);
  });
});

describe('the small picture', () => {
  const svg = (values: number[], at: number): string =>
    Buffer.from(
      sparkline(Float32Array.from(values), at).replace(/^data:image\/svg\+xml;base64,/, ''),
      'base64',
    ).toString();

  it('marks the value and keeps zero in sight', () => {
    const picture = svg([1, 2, 4], 1);
    expect(picture).toContain('M4.0 22.0H160.0V16.0H316.0V4.0');
    expect(picture).toContain('<circle cx="160.0" cy="16.0"');
    expect(picture).toContain('M0 28.0H320');
  });

  it.each([
    ['one value', [1]],
    ['no value', []],
    ['no number', [NaN, 1, Infinity]],
    ['all zero', [0, 0]],
  ])('%s', (_, values) => {
    expect(svg(values, 0)).not.toMatch(/NaN|Infinity/);
  });
});
