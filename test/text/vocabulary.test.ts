/** Characters and words of a vocabulary: what is cut where, what is unknown, and exact places both ways. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TokenizerSpec, Vocabulary } from '../../src/shared/tokens';
import { tokenReader } from '../../src/text/openText';
import { Positions } from '../../src/text/positions';
import { noBreath, type TracedText } from '../../src/text/tracedText';
import { words } from '../words';

const cut = (kind: 'characters' | 'words', text: string, vocabulary: Vocabulary): Promise<TracedText> =>
  tokenReader({ kind, ...vocabulary }).read({ name: 't', text }, noBreath);

/** Each token with the text that it stands for; unknown ones in brackets. */
function shown(found: TracedText, text: string): string {
  const flat = found.ranges(0, found.steps);
  const unknown = new Set(found.unknown(0, text.length, 1000).map(({ start }) => start));
  return Array.from({ length: found.steps }, (_, k) => {
    const piece = text.slice(flat[2 * k], flat[2 * k + 1]);
    return unknown.has(flat[2 * k] ?? -1) ? `[${piece}]` : piece;
  }).join('|');
}

/** Every offset leads to the token that has it, and every token to its own range. */
function checkPlaces(found: TracedText, text: string): void {
  const flat = found.ranges(0, found.steps);
  for (let token = 0; token < found.steps; token++) {
    const [start = 0, end = 0] = [flat[2 * token], flat[2 * token + 1]];
    expect(found.glyphOf(token)).toMatchObject({ token, count: 1, start, text: text.slice(start, end) });
    for (let offset = start; offset < end; offset++) expect(found.glyphAt(offset).token).toBe(token);
  }
}

describe('characters', () => {
  test.each<[string, string, Vocabulary, string, number[]]>([
    ['each one', 'abca', { tokens: ['a', 'b', 'c'] }, 'a|b|c|a', [0, 1, 2, 0]],
    ['an unknown one', 'axb', { tokens: ['?', 'a', 'b'], unknown: 0 }, 'a|[x]|b', [1, 0, 2]],
    ['without an id for it: the first', 'ax', { tokens: ['b', 'a'] }, 'a|[x]', [1, 0]],
    ['a surrogate pair is one', 'a😀b', { tokens: ['a', 'b', '😀'] }, 'a|😀|b', [0, 2, 1]],
    ['an unknown surrogate pair too', 'a😀b', { tokens: ['a', 'b'] }, 'a|[😀]|b', [0, 0, 1]],
    ['a mark by itself', 'e\u0301', { tokens: ['e', '\u0301'] }, 'e|\u0301', [0, 1]],
    [
      'with its letter where the vocabulary has both',
      'e\u0301e',
      { tokens: ['e', '\u0301', 'e\u0301'] },
      'e\u0301|e',
      [2, 0],
    ],
    ['CRLF apart', 'a\r\nb', { tokens: ['a', 'b', '\r', '\n'] }, 'a|\r|\n|b', [0, 2, 3, 1]],
    ['CRLF as one', 'a\r\n\nb', { tokens: ['a', 'b', '\r\n', '\n'] }, 'a|\r\n|\n|b', [0, 2, 3, 1]],
    ['the longest of several', 'aaab', { tokens: ['a', 'aa', 'b'] }, 'aa|a|b', [1, 0, 2]],
    ['a family', '👩‍👩‍👧x', { tokens: ['👩‍👩‍👧', 'x', '👩'] }, '👩‍👩‍👧|x', [0, 1]],
    ['a special one', 'a<eos>', { tokens: ['a', '<eos>'] }, 'a|<eos>', [0, 1]],
    [
      'in lower case',
      'AbİC',
      { tokens: ['a', 'b', 'c', 'i', '\u0307'], lowercase: true },
      'a|b|İ|İ|c'.replace('a|', 'A|').replace('|c', '|C'),
      [0, 1, 3, 4, 2],
    ],
    ['an id that means nothing', 'ab', { tokens: ['', 'a', '', 'b'] }, 'a|b', [1, 3]],
    ['of two alike the first', 'aa', { tokens: ['b', 'a', 'a'] }, 'a|a', [1, 1]],
    ['a mark of byte order inside', 'a\uFEFFb', { tokens: ['a', 'b', '\uFEFF'] }, 'a|\uFEFF|b', [0, 2, 1]],
  ])('%s', async (_, text, vocabulary, pieces, ids) => {
    const found = await cut('characters', text, vocabulary);
    expect(shown(found, text)).toBe(pieces);
    expect([...found.tokens]).toEqual(ids);
    expect(found.textLength).toBe(text.length);
    if (vocabulary.lowercase !== true) checkPlaces(found, text);
  });

  test('letters that grow in lower case share their place', async () => {
    const found = await cut('characters', 'xİ', { tokens: ['x', 'i', '\u0307'], lowercase: true });
    expect(found.glyphs(0, 3)).toEqual([
      { text: 'x', token: 0, count: 1, start: 0 },
      { text: 'İ', token: 1, count: 2, start: 1 },
    ]);
  });

  test.each([
    [256, Uint8Array],
    [257, Uint16Array],
    [65_537, Int32Array],
  ])('ids of %i tokens are kept in the narrowest array', async (count, kind) => {
    const tokens = Array.from({ length: count }, (_, id) => String.fromCodePoint(0x10000 + id));
    const found = await cut('characters', tokens.at(-1) ?? '', { tokens });
    expect(found.tokens).toBeInstanceOf(kind);
    expect([...found.tokens]).toEqual([count - 1]);
  });

  test.skipIf(!existsSync('../shared/cases/text/GraphemeBreakTest.txt'))(
    'every grapheme of the break test can be one token',
    async () => {
      for (const line of readFileSync('../shared/cases/text/GraphemeBreakTest.txt', 'utf8').split('\n')) {
        const clusters = line
          .replace(/#.*/u, '')
          .split('÷')
          .map((cluster) =>
            (cluster.match(/[0-9A-F]{4,6}/gu) ?? []).map((point) => String.fromCodePoint(parseInt(point, 16))).join(''),
          )
          .filter((cluster) => cluster !== '');
        if (clusters.length === 0) continue;
        const text = clusters.join('');
        // A cluster may start with what another is: the longest must be taken, so that pieces are clusters or longer.
        const found = await cut('characters', text, { tokens: [...new Set(clusters)] });
        const pieces = shown(found, text).split('|');
        expect(pieces.join('')).toBe(text);
        expect(found.unknown(0, text.length, 10)).toEqual([]);
        expect(found.steps).toBeLessThanOrEqual(clusters.length);
        const points = await cut('characters', text, { tokens: [...new Set(text)] });
        expect(points.steps).toBe(Array.from(text).length);
        checkPlaces(points, text);
      }
    },
  );
});

describe('words', () => {
  const words = [
    '<unk>',
    'the',
    'cat',
    "don't",
    'don',
    "'",
    't',
    '.',
    'naïve',
    '我',
    'e\u0301',
    '<eos>',
    'New York',
    '3',
    '1984',
  ];
  test.each<[string, string, string]>([
    ['words and signs', 'the cat.', 'the|cat|.'],
    ['the unknown', 'the dog', 'the|[dog]'],
    ['what has a sign inside', "don't don'x", "don't|don|'|[x]"],
    ['marks belong to their word', 'naïve e\u0301', 'naïve|e\u0301'],
    ['a special one', 'cat<eos>', 'cat|<eos>'],
    ['two words that are one', 'New York New', 'New York|[New]'],
    ['but not into a word', 'New Yorker', '[New]|[Yorker]'],
    ['digits are one word', '1984 198', '1984|[198]'],
    ['a run of Chinese', '我我', '[我我]'],
    ['tabs and ends of lines separate', 'the\t\r\n\u00a0cat ', 'the|cat'],
    ['signs outside the first plane', '😀the', '[😀]|the'],
  ])('%s', async (_, text, pieces) => {
    const found = await cut('words', text, { tokens: words, unknown: 0 });
    expect(shown(found, text)).toBe(pieces);
    checkPlaces(found, text);
  });
  test('an end of line that is a token', async () => {
    const text = 'the\ncat\r\n';
    expect(shown(await cut('words', text, { tokens: ['the', 'cat', '\n'] }), text)).toBe('the|\n|cat|\n');
  });
  test('between words the one before is named, in front of all the first', async () => {
    const found = await cut('words', '  the   cat', { tokens: words });
    expect([0, 1, 2, 5, 6, 8, 99].map((offset) => found.glyphAt(offset).text)).toEqual([
      'the',
      'the',
      'the',
      'the',
      'the',
      'cat',
      'cat',
    ]);
  });
  test('a text without a word is refused', async () => {
    await expect(cut('words', ' \n ', { tokens: words })).rejects.toMatchObject({ code: 'empty-text' });
  });
});

describe('files', () => {
  const spec: TokenizerSpec = { kind: 'characters', tokens: ['a', '中', '\uFFFD'] };
  const read = (bytes: readonly number[]): Promise<TracedText> =>
    tokenReader(spec).read({ name: 'f', bytes: Uint8Array.from(bytes) }, noBreath);
  test.each<[string, number[], string, RegExp | undefined]>([
    ['UTF-8 with a mark', [0xef, 0xbb, 0xbf, 0x61], 'a', undefined],
    ['UTF-16', [0xff, 0xfe, 0x61, 0, 0x2d, 0x4e], 'a中', /UTF-16LE/],
    ['what is no UTF-8', [0x61, 0xff, 0x61], 'a\uFFFDa', /not valid UTF-8/],
  ])('%s', async (_, bytes, text, note) => {
    const found = await read(bytes);
    expect(
      found
        .glyphs(0, 9)
        .map((glyph) => glyph.text)
        .join(''),
    ).toBe(text);
    expect(words(found.notes).join(' ')).toMatch(note ?? /^$/);
  });
  test.each([
    ['empty', [], 'empty-text'],
    ['only a mark', [0xef, 0xbb, 0xbf], 'empty-text'],
    ['binary', [0x61, 0, 0, 1], 'binary-file'],
  ])('%s', async (_, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code });
  });
});

test('places of a long text: any lengths, gaps, shared ranges, empty ones', () => {
  let seed = 7;
  const random = (most: number): number => (seed = (seed * 48271) % 0x7fffffff) % most;
  const text = 'x'.repeat(400_000);
  const positions = new Positions(text);
  const added: [number, number][] = [];
  let [start, end] = [0, 0];
  for (let token = 0; token < 20_000; token++) {
    const kind = random(10);
    if (kind < 5) [start, end] = [end, end + 1 + random(8)];
    else if (kind === 5) [start, end] = [end + 1, end + 2 + random(5)];
    else if (kind === 6) [start, end] = [end + 2 + random(9), end + 12 + random(99)];
    else if (kind === 7) [start, end] = [end, end];
    else if (kind === 8 && end > start + 1) [start, end] = [start + 1, end + random(3)];
    positions.add(start, end, token % 17 === 0);
    added.push([start, end]);
  }
  expect(end).toBeLessThan(text.length);
  expect([...positions.ranges(0, added.length)]).toEqual(added.flat());
  for (let round = 0; round < 300; round++) {
    const from = random(added.length - 5);
    expect([...positions.ranges(from, from + 5)]).toEqual(added.slice(from, from + 5).flat());
    const glyph = positions.glyphOf(from);
    expect(glyph.token).toBeLessThanOrEqual(from);
    expect(glyph.token + glyph.count).toBeGreaterThan(from);
    const [own = 0, last = 0] = added[from] ?? [];
    expect(glyph.start).toBeLessThanOrEqual(own);
    expect(glyph.start + glyph.text.length).toBeGreaterThanOrEqual(last);
    if (last > own) {
      const at = positions.glyphAt(own);
      expect([at.start <= own, at.start + at.text.length > own]).toEqual([true, true]);
    }
  }
  const unknown = added.filter((_, token) => token % 17 === 0).filter(([from, to]) => from < 60_000 && to > 50_000);
  expect(positions.unknown(50_000, 60_000, 9999).length).toBeLessThanOrEqual(unknown.length);
  for (const { start: from, end: to } of positions.unknown(50_000, 60_000, 9999))
    expect(unknown).toContainEqual([from, to]);
});
