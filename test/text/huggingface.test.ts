/**
 * Ids and ranges of every kind of tokenizer.json, held against Hugging Face's own library (test/fixtures/text/make.py), and
 * what is refused by name.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { huggingFaceText, readTokenizer } from '../../src/text/huggingface/tokenizer';
import { noBreath, type TracedText } from '../../src/text/tracedText';
import { words } from '../words';

interface Fixture {
  readonly texts: readonly string[];
  readonly cases: readonly {
    readonly name: string;
    readonly tokenizer: unknown;
    readonly encodings: readonly { readonly ids: readonly number[]; readonly offsets: readonly [number, number][] }[];
  }[];
}

const { texts, cases } = JSON.parse(readFileSync('test/fixtures/text/tokenizers.json', 'utf8')) as Fixture;

const cut = (text: string, json: unknown): Promise<TracedText> =>
  huggingFaceText(text, readTokenizer(json), [], noBreath);

/** Offsets in code points, as Python counts them, in UTF-16 units. */
function utf16(text: string, offsets: readonly (readonly [number, number])[]): number[][] {
  const starts: number[] = [];
  let at = 0;
  for (const character of text) {
    starts.push(at);
    at += character.length;
  }
  starts.push(at);
  return offsets.map(([from, to]) => [starts[from] ?? -1, starts[to] ?? -1]);
}

const pairs = (text: TracedText): number[][] => {
  const flat = text.ranges(0, text.steps);
  return Array.from({ length: text.steps }, (_, k) => [flat[2 * k] ?? -1, flat[2 * k + 1] ?? -1]);
};

/** Whether every token must stand exactly where the library says. */
const isPlain = (json: unknown): boolean => {
  const { normalizer, pre_tokenizer: pre } = json as { normalizer: unknown; pre_tokenizer: unknown };
  return normalizer === null && !JSON.stringify(pre).includes('"prepend_scheme"');
};

describe.each(cases)('$name', ({ tokenizer, encodings }) => {
  test.each(texts.map((text, index) => [JSON.stringify(text).slice(0, 50), index] as const))('%s', async (_, index) => {
    const text = texts[index] ?? '';
    const found = await cut(text, tokenizer);
    const expected = encodings[index];
    expect([...found.tokens]).toEqual(expected?.ids);
    const theirs = utf16(text, expected?.offsets ?? []);
    if (isPlain(tokenizer)) {
      expect(pairs(found)).toEqual(theirs);
      return;
    }
    // The library gives a composed letter only the first of its characters, and what it put in front a character that
    // is not its own. Ours is the whole of what a token was made from, and nothing where that is nothing.
    for (const [token, [start = 0, end = 0]] of pairs(found).entries()) {
      const [from = 0, to = 0] = theirs[token] ?? [];
      if (start === end) expect(start).toBe(from);
      else expect([Math.min(start, from), Math.max(end, to)]).toEqual([start, end]);
    }
  });
});

describe('ranges through normalisation', () => {
  const words = (normalizer: unknown, vocab: Readonly<Record<string, number>>): unknown => ({
    normalizer,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: { type: 'WordLevel', vocab, unk_token: '?' },
  });
  test.each<[string, unknown, string, string, number[][]]>([
    [
      'composed',
      { type: 'NFC' },
      'xe\u0301y z',
      'xéy',
      [
        [0, 4],
        [5, 6],
      ],
    ],
    [
      'decomposed',
      { type: 'NFD' },
      'é z',
      'e\u0301',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      'compatible',
      { type: 'NFKC' },
      'a ﬁx',
      'fix',
      [
        [0, 1],
        [2, 4],
      ],
    ],
    [
      'longer in lower case',
      { type: 'Lowercase' },
      'İx z',
      'i\u0307x',
      [
        [0, 2],
        [3, 4],
      ],
    ],
    [
      'without accents',
      { type: 'BertNormalizer' },
      'École z',
      'ecole',
      [
        [0, 5],
        [6, 7],
      ],
    ],
    [
      'Chinese apart',
      { type: 'BertNormalizer' },
      'a我b',
      '我',
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
    ],
    [
      'controls left out',
      { type: 'BertNormalizer' },
      'a\u0000b z',
      'ab',
      [
        [0, 3],
        [4, 5],
      ],
    ],
    [
      'a Korean syllable',
      { type: 'NFC' },
      '\u1100\u1161\u11a8 z',
      '각',
      [
        [0, 3],
        [4, 5],
      ],
    ],
    [
      'stripped',
      { type: 'Strip' },
      '  a z ',
      'a',
      [
        [2, 3],
        [4, 5],
      ],
    ],
    [
      'surrogate pairs',
      { type: 'NFC' },
      '😀e\u0301 z',
      '😀é',
      [
        [0, 4],
        [5, 6],
      ],
    ],
    [
      'one after the other',
      {
        type: 'Sequence',
        normalizers: [
          { type: 'NFD' },
          { type: 'StripAccents' },
          { type: 'Replace', pattern: { String: 'ss' }, content: 'ß' },
        ],
      },
      'éssé z',
      'eße',
      [
        [0, 4],
        [5, 6],
      ],
    ],
  ])('%s', async (_, normalizer, text, word, ranges) => {
    const found = await cut(text, words(normalizer, { '?': 0, [word]: 1 }));
    expect([...found.tokens]).toContain(1);
    expect(pairs(found)).toEqual(ranges);
    for (const [token, [start = 0, end = 0]] of ranges.entries()) {
      expect(found.glyphOf(token).text).toBe(text.slice(start, end));
      for (let offset = start; offset < end; offset++) expect(found.glyphAt(offset).token).toBe(token);
    }
  });
});

describe('what the vocabulary does not have', () => {
  test('is marked where it stands, with the id of the unknown token', async () => {
    const found = await cut('cat dog cat', {
      model: { type: 'WordLevel', vocab: { '[UNK]': 7, cat: 2 }, unk_token: '[UNK]' },
      pre_tokenizer: { type: 'Whitespace' },
    });
    expect([...found.tokens]).toEqual([2, 7, 2]);
    expect(found.unknown(0, 99, 10)).toEqual([{ start: 4, end: 7 }]);
    expect(found.unknown(8, 99, 10)).toEqual([]);
    expect(found.glyphAt(5)).toEqual({ text: 'dog', token: 1, count: 1, start: 4, unknown: true });
    expect(words(found.notes)).toEqual(["1 of 3 tokens is not in the model's vocabulary."]);
  });
  test('bytes that share a character are one glyph', async () => {
    const vocab = Object.fromEntries(
      Array.from({ length: 256 }, (_, k) => [`<0x${k.toString(16).toUpperCase().padStart(2, '0')}>`, k]),
    );
    const found = await cut('a我', { model: { type: 'BPE', vocab, merges: [], byte_fallback: true } });
    expect([...found.tokens]).toEqual([0x61, 0xe6, 0x88, 0x91]);
    expect(found.glyphs(0, 4)).toEqual([
      { text: 'a', token: 0, count: 1, start: 0 },
      { text: '我', token: 1, count: 3, start: 1 },
    ]);
    expect(found.labelAt(1)).toBe('⟨E6⟩');
  });
});

describe('labels', () => {
  test.each([
    ['byte-level BPE', 'Ġand', '␣and'],
    ['byte-level BPE', 'Ċ', '↵'],
    ['byte-level BPE', 'æ', '⟨E6⟩'],
    ['Unigram', '▁', '␣'],
    ['WordPiece', '##o', '##o'],
  ])('%s: %s reads %s', async (name, token, label) => {
    const { tokenizer } = cases.find((one) => one.name === name) ?? {};
    const { tokens } = readTokenizer(tokenizer);
    const id = tokens.indexOf(token);
    expect(id, token).toBeGreaterThanOrEqual(0);
    expect((await cut('a', tokenizer)).labelOf(id)).toBe(label);
  });
});

describe('refused by name', () => {
  const model = { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' };
  test.each<[string, unknown, RegExp]>([
    ['no object', [], /not an object/],
    ['no model', {}, /it\.model is nothing/],
    ['an unknown model', { model: { type: 'Magic', vocab: {} } }, /model of type "Magic"/],
    ['an unknown normalizer', { model, normalizer: { type: 'Precompiled' } }, /normalizer "Precompiled"/],
    [
      'an unknown pre-tokenizer',
      { model, pre_tokenizer: { type: 'UnicodeScripts' } },
      /pre-tokenizer "UnicodeScripts"/,
    ],
    ['an id that is none', { model: { ...model, vocab: { a: -1 } } }, /it\.model\.vocab\.a is -1/],
    ['an id beyond all', { model: { ...model, vocab: { a: 5e6 } } }, /has the id 5000000/],
    ['merges of strangers', { model: { type: 'BPE', vocab: { a: 0 }, merges: ['a b'] } }, /merges\[0\]/],
    ['dropout', { model: { type: 'BPE', vocab: { a: 0 }, merges: [], dropout: 0.1 } }, /dropout/],
    [
      'a pattern that takes years',
      { model, pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+b' }, behavior: 'Isolated' } },
      /regular expression/,
    ],
    [
      'a possessive pattern',
      { model, pre_tokenizer: { type: 'Split', pattern: { Regex: 'a++' }, behavior: 'Isolated' } },
      /regular expression/,
    ],
    [
      'a deep nest',
      {
        model,
        normalizer: Array.from({ length: 20 }).reduce<unknown>(
          (inner) => ({ type: 'Sequence', normalizers: [inner] }),
          { type: 'NFC' },
        ),
      },
      /nested too deep/,
    ],
    [
      'a prototype for a vocabulary',
      { model: { type: 'WordLevel', vocab: JSON.parse('{"__proto__": {"a": 0}}') as unknown } },
      /it\.model\.vocab\.__proto__ is/,
    ],
  ])('%s', (_, json, message) => {
    expect(() => readTokenizer(json)).toThrow(message);
  });
});

test('a long text gives way, and can be ended', async () => {
  const { tokenizer } = cases.find(({ name }) => name === 'byte-level BPE') ?? {};
  const text = 'The quick brown fox jumps. '.repeat(4000);
  let breaths = 0;
  await huggingFaceText(text, readTokenizer(tokenizer), [], () => {
    breaths++;
    return Promise.resolve();
  });
  expect(breaths).toBeGreaterThan(90);
  let left = 5;
  const ended = huggingFaceText(text, readTokenizer(tokenizer), [], () =>
    left-- > 0 ? Promise.resolve() : Promise.reject(new Error('enough')),
  );
  await expect(ended).rejects.toThrow('enough');
});

test('one piece of a hundred thousand characters takes no longer than its length', async () => {
  const { tokenizer } = cases.find(({ name }) => name === 'BPE with byte fallback, one piece') ?? {};
  const found = await cut('a'.repeat(100_000), tokenizer);
  expect(found.steps).toBeGreaterThan(1000);
  const [last] = found.glyphs(found.steps - 1, found.steps);
  expect((last?.start ?? 0) + (last?.text.length ?? 0)).toBe(100_000);
});

describe('a long piece is encoded in chunks as it is in one', () => {
  test.each(['BPE with byte fallback, one piece', 'Unigram, one piece'])('%s', async (name) => {
    const { tokenizer } = cases.find((one) => one.name === name) ?? {};
    // No accents and no white space at the ends: the normalizers then change nothing but the spaces.
    const text = `x${'the quick 我是中国 fox jumps; \u0416\u0438\u0437\u043d\u044c 😀😀 over lazydogs '.repeat(300)}x`;
    const read = readTokenizer(tokenizer);
    const found = await cut(text, tokenizer);
    const work = read.model.encode(`▁${text.replaceAll(' ', '▁')}`);
    let step = work.next();
    while (step.done !== true) step = work.next();
    expect(text.length).toBeGreaterThan(5 * 2048);
    expect([...found.tokens]).toEqual(step.value.ids);
  });
});
