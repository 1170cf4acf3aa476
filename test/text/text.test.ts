/** Bytes to tokens and back: encodings, invalid input, and exact positions in both directions. */
import { readFileSync, existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GatescopeError } from '../../src/shared/errors';
import { bytesOfFile, bytesOfText } from '../../src/text/decode';
import { byteLabel } from '../../src/text/labels';
import { noBreath, type TracedText } from '../../src/text/tracedText';

const fromBytes = (name: string, file: Uint8Array): Promise<TracedText> => bytesOfFile(name, file, noBreath);
const fromText = (name: string, text: string): Promise<TracedText> => bytesOfText(name, text, noBreath);

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const utf16 = (text: string, bigEndian: boolean, mark: boolean): Uint8Array => {
  const units = (mark ? '\uFEFF' : '') + text;
  const out = new DataView(new ArrayBuffer(units.length * 2));
  for (let i = 0; i < units.length; i++) out.setUint16(2 * i, units.charCodeAt(i), !bigEndian);
  return new Uint8Array(out.buffer);
};
const code = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof GatescopeError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
};

/** The text as an editor would show it, rebuilt from the characters. */
const shown = (text: TracedText): string =>
  text
    .glyphs(0, text.tokens.length)
    .map((g) => g.text)
    .join('');

describe('every kind of file decodes as an editor shows it', () => {
  const cases: [string, Uint8Array, string][] = [
    ['ASCII', bytes(0x61, 0x0a), 'a\n'],
    ['one character', bytes(0x61), 'a'],
    ['BOM and text', bytes(0xef, 0xbb, 0xbf, 0x61), 'a'],
    ['CRLF and mixed line ends', new TextEncoder().encode('a\r\nb\nc\rd'), 'a\r\nb\nc\rd'],
    ['UTF-16 LE with BOM', utf16('中😀', false, true), '中😀'],
    ['UTF-16 BE with BOM', utf16('中😀', true, true), '中😀'],
    ['UTF-16 LE without BOM', utf16('plain', false, false), 'plain'],
    ['UTF-16 BE without BOM', utf16('plain', true, false), 'plain'],
    ['emoji with joiners', new TextEncoder().encode('👩‍👩‍👧‍👦!'), '👩‍👩‍👧‍👦!'],
    ['combining marks', new TextEncoder().encode('e\u0301'), 'e\u0301'],
  ];
  test.each(cases)('%s', async (_, file, text) => {
    const result = await fromBytes('f', file);
    expect(shown(result)).toBe(text);
    expect(result.textLength).toBe(text.length);
    expect([...result.tokens]).toEqual([...new TextEncoder().encode(text)]);
  });
});

describe('invalid UTF-8 keeps its bytes and decodes as the platform does', () => {
  const cases: [string, Uint8Array][] = [
    ['lone continuation', bytes(0x61, 0x80, 0x62)],
    ['truncated at the end', bytes(0x61, 0xe4, 0xb8)],
    ['truncated in the middle', bytes(0xe4, 0xb8, 0x61)],
    ['overlong', bytes(0xc0, 0xaf, 0xe0, 0x80, 0xaf)],
    ['surrogate', bytes(0xed, 0xa0, 0x80)],
    ['beyond U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80, 0xf5)],
    ['0xFF', bytes(0xff, 0x61)],
    ['Latin-1', bytes(0x63, 0x61, 0x66, 0xe9, 0x20)],
  ];
  test.each(cases)('%s', async (_, file) => {
    const result = await fromBytes('f', file);
    expect(shown(result)).toBe(new TextDecoder().decode(file));
    expect([...result.tokens]).toEqual([...file]);
    expect(result.notes).toHaveLength(1);
  });
  test('any bytes at all', async () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 48271) % 0x7fffffff);
    for (let round = 0; round < 200; round++) {
      // Leads and continuations far more often than by chance, and no zero byte in the probe.
      const pool = [0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xe4, 0xed, 0xf0, 0xf4, 0xff, 0x90, 0x9f, 0xa0];
      const file = Uint8Array.from({ length: 1 + (random() % 3000) }, () => pool[random() % pool.length] ?? 0);
      const result = await fromBytes('f', file);
      expect(shown(result)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(file));
    }
  });
});

describe('what cannot be traced is refused by name', () => {
  const cases: [string, () => Promise<unknown>, RegExp][] = [
    ['empty file', () => fromBytes('a.txt', bytes()), /^empty-text: a\.txt is empty/],
    ['empty document', () => fromText('Untitled-1', ''), /^empty-text: Untitled-1 is empty/],
    ['only a UTF-8 BOM', () => fromBytes('a.txt', bytes(0xef, 0xbb, 0xbf)), /^empty-text: .* byte order mark/],
    ['only a UTF-16 BOM', () => fromBytes('a.txt', bytes(0xff, 0xfe)), /^empty-text: .* byte order mark/],
    ['one zero byte', () => fromBytes('z', bytes(0)), /^binary-file/],
    ['binary', () => fromBytes('a.png', bytes(0x89, 0x50, 0, 0, 0, 1)), /^binary-file: a\.png .* position 2/],
  ];
  test.each(cases)('%s', async (_, run, message) => {
    expect(await code(run)).toMatch(message);
  });
});

describe('positions are exact in both directions', () => {
  const texts = [
    'plain ascii',
    '我是一个中国人',
    'a😀b👩‍👩‍👧c',
    'tab\tcr\r\nlf\n',
    'é e\u0301 \uFEFF inside',
    '中'.repeat(2000) + '😀'.repeat(700) + 'x'.repeat(1500),
    'x'.repeat(1023) + '😀', // a sequence across a mark, and the last one
    'x'.repeat(1024),
    'x'.repeat(1022) + '中'.repeat(700),
  ];
  test.each(texts.map((t) => [t.slice(0, 12), t]))('%s', async (_, text) => {
    const result = await fromText('t', text);
    expect(shown(result)).toBe(text);
    let token = 0;
    for (let offset = 0; offset < text.length;) {
      const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
      const count = new TextEncoder().encode(character).length;
      const glyph = { text: character, token, count, start: offset };
      for (let t = token; t < token + count; t++) expect(result.glyphOf(t)).toEqual(glyph);
      for (let o = offset; o < offset + character.length; o++) expect(result.glyphAt(o)).toEqual(glyph);
      expect([...result.ranges(token, token + 1)]).toEqual([offset, offset + character.length]);
      token += count;
      offset += character.length;
    }
    expect(result.glyphAt(text.length)).toEqual(result.glyphOf(result.tokens.length - 1));
    const all = result.ranges(0, result.tokens.length);
    expect([...result.ranges(5, 9)]).toEqual([...all.slice(10, 18)]);
  });
  test('a lone surrogate is one character of three bytes', async () => {
    const result = await fromText('t', 'a\uD800b');
    expect(result.glyphAt(1)).toEqual({ text: '\uFFFD', token: 1, count: 3, start: 1 });
    expect(result.glyphAt(2)).toEqual({ text: 'b', token: 4, count: 1, start: 2 });
  });
  test('outside the text', async () => {
    const ab = await fromText('t', 'ab');
    expect(() => ab.glyphOf(2)).toThrow(RangeError);
  });
});

test.skipIf(!existsSync('../shared/cases/text/GraphemeBreakTest.txt'))(
  'every string of the grapheme break test',
  async () => {
    for (const line of readFileSync('../shared/cases/text/GraphemeBreakTest.txt', 'utf8').split('\n')) {
      const points = line.replace(/#.*/, '').match(/[0-9A-F]{4,6}/g);
      if (points === null) continue;
      const text = points.map((p) => String.fromCodePoint(parseInt(p, 16))).join('');
      expect(shown(await fromText('t', text))).toBe(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
    }
  },
);

test.each([
  [0x41, 'A'],
  [0x20, '␣'],
  [0x0a, '↵'],
  [0x09, '⇥'],
  [0x00, '␀'],
  [0xe6, '⟨E6⟩'],
])('byte %i reads %s', (byte, label) => {
  expect(byteLabel(byte)).toBe(label);
});
