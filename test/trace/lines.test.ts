/** Where lines begin among tokens, however a text is cut into them. */
import { describe, expect, test } from 'vitest';
import { traceGone } from '../../src/trace/trace';
import { bytesOfText } from '../../src/text/decode';
import { tableReader, tokenReader } from '../../src/text/openText';
import { noBreath, type TracedText } from '../../src/text/tracedText';
import { lines, lineTable } from '../../src/trace/lines';
import { seededRandom } from '../engine/randomNetwork';

type Kind = 'bytes' | 'characters' | 'words' | 'pieces' | 'table';

/** Pieces that hold ends of lines, and some that span them. */
const PIECES = ['a', 'b', '\n', '\r', '\n\n', 'a\n', '\nb', 'b\r\na', '\r\n', '我', '😀', ' ', '"', ','];

function textOf(kind: Kind, text: string): Promise<TracedText> {
  const tokens = PIECES;
  const reader = {
    bytes: () => tokenReader({ kind: 'bytes' }),
    characters: () =>
      tokenReader({ kind: 'characters', tokens: tokens.filter((piece) => Array.from(piece).length === 1) }),
    words: () => tokenReader({ kind: 'words', tokens: ['a', 'b', 'ab'], unknown: 0 }),
    // The longest piece that stands at a place, as an added token of a tokenizer.json is cut.
    pieces: () => tokenReader({ kind: 'characters', tokens }),
    table: () => tableReader({ width: 1, numbers: undefined, sidecar: 'x.gatescope.json' }),
  }[kind]();
  return reader.read({ name: 'sample', text }, noBreath);
}

/** `number@token`, and the number of lines. */
async function told(text: TracedText, from = 0, to = text.steps, most = 1000): Promise<string> {
  const { tokens, numbers, total } = await lines(text, from, to, most, noBreath);
  return [...Array.from(numbers, (number, k) => `${String(number)}@${String(tokens[k])}`), `of ${String(total)}`].join(
    ' ',
  );
}

describe('lines and the tokens in which they begin', () => {
  test.each<[Kind, string, string]>([
    ['bytes', 'a', '1@0 of 1'],
    ['bytes', 'a\nb', '1@0 2@2 of 2'],
    ['bytes', 'a\n', '1@0 of 2'],
    ['bytes', '\n\nb', '1@0 2@1 3@2 of 3'],
    ['bytes', 'a\r\nb\rb\n\rb', '1@0 2@3 3@5 4@7 5@8 of 5'],
    ['bytes', '我\n😀\r\nb', '1@0 2@4 3@10 of 3'],
    ['bytes', 'a\u2028b\u0085b\fb\vb', '1@0 of 1'],
    ['characters', '我\n😀\r\nb', '1@0 2@2 3@5 of 3'],
    ['characters', '\r\n\r\n', '1@0 2@2 of 3'],
    ['words', 'a b\n  b', '1@0 2@2 of 2'],
    // Blank lines have no words: their numbers stand nowhere.
    ['words', 'a\n\n\nb', '1@0 4@1 of 4'],
    ['words', '\n\na', '3@0 of 3'],
    ['words', 'a\n \n', '1@0 of 3'],
    ['pieces', 'a\n\nb', '1@0 2@1 of 3'],
    ['pieces', 'b\r\nab\r\na', '1@0 3@1 of 3'],
    ['pieces', 'ab\r\na\n\n\na', '1@0 2@1 3@2 4@3 5@4 of 5'],
    ['pieces', 'b\n\n\n\nb', '1@0 2@1 3@2 5@3 of 5'],
    ['table', 'price\n1\n2\n\n3\n', '2@0 3@1 5@2 of 6'],
    ['table', 'name,price\n"a\nb",1\nc,2', '2@0 4@1 of 4'],
  ])('%s %j: %s', async (kind, text, expected) => {
    expect(await told(await textOf(kind, text))).toBe(expected);
  });
});

const offsetsOf = (whole: string): number[] => [
  0,
  ...Array.from(whole.matchAll(/\r\n|\r|\n/gu), ({ 0: end, index }) => index + end.length),
];

test.each<Kind>(['bytes', 'characters', 'words', 'pieces'])('every line of long random texts: %s', async (kind) => {
  const random = seededRandom(8);
  // Long enough that places are found in several goes.
  const whole = Array.from({ length: 9000 }, () => PIECES[Math.floor(random() * PIECES.length)]).join('');
  const text = await textOf(kind, whole);
  expect(text.steps).toBeGreaterThan(5000);
  const table = await lineTable(text, noBreath);
  const offsets = offsetsOf(whole);
  const ranges = text.ranges(0, text.steps);
  const starts = Array.from({ length: text.steps }, (_, token) => ranges[2 * token] ?? 0);
  const ends = Array.from({ length: text.steps }, (_, token) => ranges[2 * token + 1] ?? 0);
  // By the plainest means: the first token that ends behind the line's offset.
  const expected = offsets.map((offset) => {
    const token = ends.findIndex((end) => end > offset);
    return token < 0 ? text.steps : token;
  });
  const found = Array.from({ length: table.total }, (_, k) => table.token(k + 1));
  expect(found).toEqual(expected);
  expect(found.map((_, k) => table.inside(k + 1))).toEqual(
    offsets.map((offset, k) => k > 0 && (starts[expected[k] ?? -1] ?? offset) < offset),
  );
  for (const token of [0, 1, 77, 4096, 4097, text.steps]) {
    expect(table.before(token)).toBe(found.filter((first) => first < token).length);
  }
});

describe('thinned', () => {
  const ten = 'abcdefghi\n'.repeat(1000);
  test.each<[string, number, number, number, string]>([
    ['all where they fit', 0, 50, 5, '1@0 2@10 3@20 4@30 5@40 of 1001'],
    ['every second: line 1 would be too near', 0, 100, 9, '2@10 4@30 6@50 8@70 10@90 of 1001'],
    ['every fifth, and the first', 0, 200, 9, '1@0 5@40 10@90 15@140 20@190 of 1001'],
    ['no room for the first', 0, 200, 4, '5@40 10@90 15@140 20@190 of 1001'],
    ['round numbers, wherever it begins', 4321, 4721, 5, '440@4390 450@4490 460@4590 470@4690 of 1001'],
    ['as many as asked for', 0, 10000, 3, '1@0 500@4990 1000@9990 of 1001'],
    ['one', 0, 10000, 1, '1000@9990 of 1001'],
    ['a line that begins with the first token', 10, 11, 5, '2@10 of 1001'],
    ['none that begins later', 11, 20, 5, 'of 1001'],
    ['none', 0, 10000, 0, 'of 1001'],
    ['behind the end', 9995, 20000, 5, 'of 1001'],
    ['before the start', -5, 11, 5, '1@0 2@10 of 1001'],
    ['nothing', 50, 50, 5, 'of 1001'],
  ])('%s', async (_, from, to, most, expected) => {
    expect(await told(await textOf('bytes', ten), from, to, most)).toBe(expected);
  });
  test('never more than asked for, always as many as a step allows', async () => {
    const text = await textOf('bytes', ten);
    for (let most = 1; most < 60; most++) {
      for (const [from, to] of [
        [0, 10000],
        [123, 4567],
        [9000, 9999],
      ] as const) {
        const { tokens, numbers } = await lines(text, from, to, most, noBreath);
        expect(tokens.length).toBe(numbers.length);
        expect(tokens.length).toBeLessThanOrEqual(most);
        // The steps grow by 2.5 at most.
        const there = Math.floor(to / 10) - Math.ceil(from / 10);
        expect(tokens.length).toBeGreaterThanOrEqual(Math.floor(Math.min(most, there) / 2.5) - 1);
        expect(Array.from(tokens)).toEqual(Array.from(tokens).toSorted((a, b) => a - b));
        for (const [k, number] of numbers.entries()) expect(tokens[k]).toBe((number - 1) * 10);
      }
    }
  });
  test('a range that is none is refused', async () => {
    await expect(lines(await textOf('bytes', 'a'), 0.5, 1, 5, noBreath)).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('ten million tokens', () => {
  /** What does not give way fails each time; what another program took from a busy machine does not. */
  const BUSY = { retry: 2 };
  const whole = `${'a'.repeat(39)}\n`.repeat(250_000);

  test.each<Kind>(['bytes', 'characters'])('%s: gives way, and is quick the second time', BUSY, async (kind) => {
    const text = await textOf(kind, whole);
    let [longest, since] = [0, performance.now()];
    const breathe = (): Promise<void> => {
      longest = Math.max(longest, performance.now() - since);
      since = performance.now();
      return Promise.resolve();
    };
    expect((await lines(text, 0, text.steps, 100, breathe)).total).toBe(250_001);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(15);
    const start = performance.now();
    for (let k = 0; k < 100; k++) await lines(text, k * 99_999, k * 99_999 + 50_000, 100, breathe);
    expect(performance.now() - start).toBeLessThan(50);
  });
  test('what is ended starts anew when it is asked again', async () => {
    const text = await bytesOfText('sample', whole, noBreath);
    await expect(lines(text, 0, 100, 5, () => Promise.reject(traceGone()))).rejects.toMatchObject({
      code: 'trace-gone',
    });
    expect((await lines(text, 0, 100, 5, noBreath)).total).toBe(250_001);
  });
});
