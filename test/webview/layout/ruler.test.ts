/** The ruler: ticks at round numbers, characters under their columns, words where characters do not fit. */
import { describe, expect, it } from 'vitest';
import type { Glyph } from '../../../src/shared/trace';
import { placeLines, placeText, placeTicks, showGlyph, showsText, thinTicks } from '../../../webview/layout/ruler';

/** The glyphs of a text in UTF-8. */
function glyphsOf(text: string): readonly Glyph[] {
  const glyphs: Glyph[] = [];
  let [token, start] = [0, 0];
  for (const character of text) {
    const count = new TextEncoder().encode(character).length;
    glyphs.push({ text: character, token, count, start });
    token += count;
    start += character.length;
  }
  return glyphs;
}

/** Seven pixels a letter, twelve an ideograph. */
const measure = (text: string): number => Array.from(text).reduce((sum, c) => sum + (c > '\u2e80' ? 12 : 7), 0);
const axis = (scale: number, tokens = 1000, width = 400, start = 0) => ({ tokens, width, start, scale });

describe('symbols', () => {
  it.each([
    [' ', '␣', true],
    ['\n', '↵', true],
    ['\r\n', '↵', true],
    ['\t', '→', true],
    ['\u0000', '·', true],
    ['\ufeff', '·', true],
    ['\u00a0', '␣', true],
    ['a', 'a', false],
    ['中', '中', false],
    ['👩‍🚀', '👩‍🚀', false],
  ])('%j is shown as %s', (text, shown, faint) => {
    expect(showGlyph(text)).toEqual({ text: shown, faint });
  });
});

describe('ticks', () => {
  it.each([
    // scale -> step
    [48, 2],
    [8, 10],
    [4, 20],
    [1, 100],
    [0.1, 1000],
  ])('at %d pixels a token stand every %d', (scale, step) => {
    const ticks = placeTicks(axis(scale, 100_000, 800));
    expect(ticks.slice(0, 3).map(({ token }) => token)).toEqual([0, step, 2 * step]);
    expect(ticks[1]?.x).toBe(step * scale);
  });

  it('stand on the same tokens however the axis is panned', () => {
    expect(placeTicks(axis(4, 1000, 400, 33.3))[0]).toMatchObject({ token: 40 });
  });

  it('group their digits', () => {
    expect(placeTicks(axis(0.0002, 5_000_000, 1000))[1]?.label).toBe('500,000');
  });

  it('end with the text', () => {
    expect(placeTicks(axis(18, 1)).map(({ token }) => token)).toEqual([0]);
  });
});

describe('line numbers', () => {
  /** Lines of so many tokens each. */
  const lines = (each: number, count: number, step = 1) => ({
    tokens: Int32Array.from({ length: count }, (_, i) => i * step * each),
    numbers: Int32Array.from({ length: count }, (_, i) => i * step + 1),
    total: count * step,
  });
  const write = (number: number): string => `line ${String(number)}`;
  const place = (each: number, scale: number, start = 0) =>
    placeLines(lines(each, 2000), axis(scale, 2000 * each, 800, start), measure, write);

  it.each([
    // tokens a line, pixels a token, start -> numbers
    [40, 8, 0, [1, 2, 3]],
    [40, 1, 0, [1, 5, 10, 15]],
    [40, 0.1, 0, [1, 50, 100, 150]],
    [40, 8, 41, [3, 4]],
    [40, 1, 4000, [105, 110, 115]],
  ])('of lines of %d tokens at %d pixels a token from %d are %j', (each, scale, start, numbers) => {
    expect(place(each, scale, start).map(({ number }) => number)).toEqual(numbers);
  });

  it('stand where their lines begin, never in each other, and never cut off', () => {
    for (const scale of [8, 3, 1, 0.3, 0.05]) {
      const marks = place(23, scale);
      expect(marks.length).toBeGreaterThan(1);
      marks.forEach(({ number, x, width }, i) => {
        expect(x).toBeCloseTo((number - 1) * 23 * scale, 6);
        expect(x + width).toBeLessThan(800);
        const next = marks[i + 1];
        if (next) expect(next.x).toBeGreaterThan(x + width);
      });
    }
  });

  it('of lines of no width stand once', () => {
    const same = { tokens: Int32Array.of(0, 0, 0, 500), numbers: Int32Array.of(1, 2, 3, 4), total: 4 };
    expect(placeLines(same, axis(1, 1000, 800), measure, write).map(({ number }) => number)).toEqual([1, 4]);
  });

  it('have their room among the numbers of tokens', () => {
    const marks = place(40, 8);
    const ticks = thinTicks(placeTicks(axis(8, 1000, 800)), marks, 800, measure);
    expect(ticks.length).toBeGreaterThan(3);
    for (const tick of ticks) {
      const end = tick.x + measure(tick.label);
      expect(end).toBeLessThanOrEqual(800);
      expect(marks.every((mark) => end < mark.x || tick.x > mark.x + mark.width)).toBe(true);
    }
  });
});

describe('characters', () => {
  it('lie centred on the columns they cover', () => {
    const labels = placeText(glyphsOf('a中 b'), axis(8), measure);
    expect(labels).toEqual([
      { text: 'a', x: 0, width: 8, centred: true, faint: false },
      { text: '中', x: 8, width: 24, centred: true, faint: false },
      { text: '␣', x: 32, width: 8, centred: true, faint: true },
      { text: 'b', x: 40, width: 8, centred: true, faint: false },
    ]);
  });

  it('need less scale where they have more bytes', () => {
    expect(placeText(glyphsOf('我是一个中国人'), axis(4), measure).every(({ centred }) => centred)).toBe(true);
  });

  it('are left out beyond the edges', () => {
    const labels = placeText(glyphsOf('abcdefghij'), { tokens: 10, width: 24, start: 3, scale: 8 }, measure);
    expect(labels.map(({ text }) => text).join('')).toBe('def');
  });
});

describe('words', () => {
  const text = 'The quick brown fox\n  jumps (over) the lazy dog, { and } so on and on and on';

  it('stand where they begin, and never overlap', () => {
    for (const scale of [5, 3, 1.5, 0.8, 0.4]) {
      const labels = placeText(glyphsOf(text.repeat(8)), axis(scale), measure);
      expect(labels.length).toBeGreaterThan(0);
      labels.forEach(({ x, width, centred }, i) => {
        expect(centred).toBe(false);
        const next = labels[i + 1];
        if (next) expect(next.x).toBeGreaterThan(x + width);
      });
    }
  });

  it('at the start of a line come first', () => {
    const glyphs = glyphsOf('ab cccccccccccc dddddddddddd eeee\nfirst '.repeat(3));
    expect(placeText(glyphs, axis(1, 120, 100), measure).map((label) => label.text)).toEqual(['ab', 'first', 'first']);
  });

  it('without letters give way when it is crowded', () => {
    const labels = placeText(glyphsOf(`${text} { } [ ] `.repeat(30)), axis(0.5), measure);
    expect(labels.every((label) => /\p{L}/u.test(label.text))).toBe(true);
  });

  it('disappear from afar', () => {
    expect(showsText(axis(0.3))).toBe(false);
    expect(placeText(glyphsOf(text), axis(0.3), measure)).toEqual([]);
  });
});

describe('whole words and rows as tokens', () => {
  it.each([
    ['words', 'It was good', ['It', 'was', 'good']],
    ['rows', '0.1,2\n0.3,4', ['0.1,2', '0.3,4']],
  ])('%s stand apart, each at its own column', (_, text, words) => {
    const parts = [...text.matchAll(/\S+/g)];
    const glyphs = parts.map(([part], token) => ({ text: part, token, count: 1, start: text.indexOf(part) }));
    // A column of 50 pixels is enough for each, but not as it is for a character.
    const labels = placeText(glyphs, { ...axis(50, glyphs.length), width: 400 }, measure);
    expect(labels.map((label) => label.text)).toEqual(words);
  });

  it('where columns are narrower, none runs into the next', () => {
    const glyphs = ['zero', 'one', 'two', 'three'].map((text, token) => ({ text, token, count: 1, start: token * 9 }));
    const labels = placeText(glyphs, { ...axis(18, 4), width: 72 }, measure);
    const ends = labels.map(({ x, width }) => x + width);
    expect(labels.length).toBeGreaterThan(0);
    expect(labels.every(({ text }) => ['zero', 'one', 'two', 'three'].includes(text))).toBe(true);
    expect(labels.slice(1).every(({ x }, i) => x > (ends[i] ?? 0))).toBe(true);
  });
});
