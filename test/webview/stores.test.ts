/** Rows and glyphs: asked for once, the latest wish first, kept in bounds. */
import { describe, expect, it } from 'vitest';
import type { Glyph, TokenRow } from '../../src/shared/trace';
import { GLYPH_BLOCK, GlyphStore } from '../../webview/glyphs';
import { RowStore } from '../../webview/rows';

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

const glyph = (token: number, count = 1): Glyph => ({ text: 'a', token, count, start: token });
const row = (token: number): TokenRow => ({ token, label: 'a', glyph: glyph(token), loss: 1, layers: [], before: [] });

describe('rows', () => {
  it('are asked for one at a time; of the wishes meanwhile only the last counts', async () => {
    const asked: number[] = [];
    const answers: (() => void)[] = [];
    const rows = new RowStore(
      (token) => {
        asked.push(token);
        return new Promise((resolve) => {
          answers.push(() => {
            resolve(row(token));
          });
        });
      },
      () => undefined,
      () => undefined,
    );
    for (const token of [1, 2, 3, 4]) rows.want(token);
    expect(asked).toEqual([1]);
    answers[0]?.();
    await settle();
    expect(asked).toEqual([1, 4]);
    expect([rows.get(1)?.token, rows.get(2)]).toEqual([1, undefined]);
    answers[1]?.();
    await settle();
    rows.want(4);
    expect(asked).toEqual([1, 4]);
  });

  it('say when one fails, and go on', async () => {
    const failures: unknown[] = [];
    const rows = new RowStore(
      (token) => (token === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(row(token))),
      () => undefined,
      (error) => failures.push(error),
    );
    rows.want(1);
    rows.want(2);
    await settle();
    await settle();
    expect([failures.length, rows.get(2)?.token]).toEqual([1, 2]);
  });
});

describe('glyphs', () => {
  it('come by blocks, are asked for once, and again when the trace has grown', async () => {
    const asked: string[] = [];
    const store = new GlyphStore(
      (from, to) => {
        asked.push(`${String(from)}-${String(to)}`);
        return Promise.resolve(Array.from({ length: to - from }, (_, i) => glyph(from + i)));
      },
      () => undefined,
      () => undefined,
    );
    expect(store.range(1000, 1030, 1500)).toEqual([]);
    store.range(1000, 1030, 1500);
    expect(asked).toEqual(['0-1024', '1024-1500']);
    await settle();
    expect(store.range(1000, 1030, 1500).length).toBe(1500);
    expect(asked.length).toBe(2);
    store.range(1100, 1200, 5000);
    expect(asked[2]).toBe('1024-2048');
  });

  it('across two blocks are given once', async () => {
    const wide = glyph(GLYPH_BLOCK - 1, 3);
    const store = new GlyphStore(
      (from) => Promise.resolve(from === 0 ? [glyph(GLYPH_BLOCK - 2), wide] : [wide, glyph(GLYPH_BLOCK + 2)]),
      () => undefined,
      () => undefined,
    );
    store.range(0, 2 * GLYPH_BLOCK, 9000);
    await settle();
    const tokens = store.range(0, 2 * GLYPH_BLOCK, 9000).map(({ token }) => token);
    expect(tokens).toEqual([GLYPH_BLOCK - 2, GLYPH_BLOCK - 1, GLYPH_BLOCK + 2]);
  });

  it('that fail are not asked for at every frame', async () => {
    let asked = 0;
    const store = new GlyphStore(
      () => {
        asked++;
        return Promise.reject(new Error('gone'));
      },
      () => undefined,
      () => undefined,
    );
    for (let i = 0; i < 3; i++) {
      store.range(0, 10, 100);
      await settle();
    }
    expect(asked).toBe(1);
  });
});

describe('glyphs of an edited text', () => {
  it('stand in until they were asked for again, as far as the trace has come', async () => {
    let text = 'abcd';
    const glyphs = new GlyphStore(
      (from, to) => Promise.resolve(Array.from(text.slice(from, to), (c, i) => ({ ...glyph(from + i), text: c }))),
      () => undefined,
      () => undefined,
    );
    const seen = async (tokens: number): Promise<string> => {
      glyphs.range(0, text.length, tokens);
      await settle();
      return glyphs
        .range(0, text.length, tokens)
        .map((one) => one.text)
        .join('');
    };
    expect(await seen(4)).toBe('abcd');
    glyphs.succeed();
    text = 'xbcdy';
    expect(glyphs.range(0, 4, 0).map((one) => one.text)).toEqual(['a', 'b', 'c', 'd']);
    expect(await seen(2)).toBe('xbcd');
    expect(await seen(5)).toBe('xbcdy');
    text = 'x';
    glyphs.succeed();
    expect(await seen(1)).toBe('x');
  });
});
