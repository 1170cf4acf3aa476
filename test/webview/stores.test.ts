/** Rows, glyphs, columns, reasons, series: asked for once, the latest wish first, kept in bounds. */
import { describe, expect, it } from 'vitest';
import type { ColumnRequest, ColumnValues, Extent, Glyph, SeriesRequest, TokenRow } from '../../src/shared/trace';
import { ColumnStore } from '../../webview/columns';
import { GLYPH_BLOCK, GlyphStore } from '../../webview/glyphs';
import { LatestStore } from '../../webview/latest';
import { RowStore } from '../../webview/rows';
import { SeriesStore, stretchOf } from '../../webview/series';
import { WhyStore } from '../../webview/whys';

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
    const block = GLYPH_BLOCK;
    const [from, to, traced] = [block - 24, block + 6, block + 100];
    expect(store.range(from, to, traced)).toEqual([]);
    store.range(from, to, traced);
    expect(asked).toEqual([`0-${String(block)}`, `${String(block)}-${String(traced)}`]);
    await settle();
    expect(store.range(from, to, traced).length).toBe(traced);
    expect(asked.length).toBe(2);
    store.range(block + 10, block + 50, 5 * block);
    expect(asked[2]).toBe(`${String(block)}-${String(2 * block)}`);
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

describe('answers', () => {
  it('are kept in bounds, the oldest forgotten', async () => {
    const store = new LatestStore<number, number>({
      key: (n) => n,
      fetch: (n) => Promise.resolve(10 * n),
      changed: () => undefined,
      failed: () => undefined,
      kept: 2,
    });
    for (const n of [1, 2, 3]) {
      store.want(n);
      await settle();
    }
    expect([1, 2, 3].map((n) => store.get(n))).toEqual([undefined, 20, 30]);
  });

  it('that fail are not asked for at every frame, but when they are looked at again', async () => {
    const asked: number[] = [];
    const store = new LatestStore<number, number>({
      key: (n) => n,
      fetch: (n) => {
        asked.push(n);
        return n === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(n);
      },
      changed: () => undefined,
      failed: () => undefined,
      kept: 9,
    });
    for (const n of [1, 1, 1, 2, 1]) {
      store.want(n);
      await settle();
    }
    expect(asked).toEqual([1, 2, 1]);
  });

  it('of another trace are dropped', async () => {
    let answer: () => void = () => undefined;
    const store = new LatestStore<number, string>({
      key: (n) => n,
      fetch: () =>
        new Promise((resolve) => {
          answer = () => {
            resolve('old');
          };
        }),
      changed: () => undefined,
      failed: () => undefined,
      kept: 9,
    });
    store.want(1);
    const late = answer;
    store.clear();
    late();
    await settle();
    expect(store.get(1)).toBeUndefined();
  });
});

const extent: Extent = { min: Float32Array.of(0), mean: Float32Array.of(0), max: Float32Array.of(0) };

describe('columns', () => {
  const request: ColumnRequest = { trace: 1, layer: 0, signals: ['cell', 'change'], level: 4, column: 2 };
  /** Answers in turn; the timers that were set. */
  const storeOf = (...answers: readonly ColumnValues[]) => {
    const timers: (() => void)[] = [];
    const asked: ColumnRequest[] = [];
    const store = new ColumnStore({
      fetch: (wanted) => {
        asked.push(wanted);
        return Promise.resolve(
          answers[Math.min(asked.length, answers.length) - 1] ?? { first: 0, count: 0, values: [] },
        );
      },
      changed: () => undefined,
      failed: () => undefined,
      later: (run) => timers.push(run),
      tokens: () => 40,
    });
    return { store, asked, timers };
  };

  it.each<readonly [string, ColumnValues, boolean]>([
    ['whole', { first: 32, count: 8, values: [extent, extent] }, false],
    ['of which the trace has only a part', { first: 32, count: 3, values: [extent, extent] }, true],
    ['of which a signal is still computed', { first: 32, count: 8, values: [extent, undefined] }, true],
  ])('%s are asked for again: %s', async (_, answer, again) => {
    const { store, asked, timers } = storeOf(answer);
    for (let i = 0; i < 3; i++) {
      store.want(request);
      await settle();
    }
    // Not at every frame.
    expect([asked.length, timers.length]).toEqual([1, again ? 1 : 0]);
    expect(store.get(request)).toBe(answer);
    for (const run of timers) run();
    store.want(request);
    await settle();
    expect(asked.length).toBe(again ? 2 : 1);
  });

  it('of other signals are others', async () => {
    const { store, asked } = storeOf({ first: 32, count: 8, values: [extent, extent] });
    store.want(request);
    await settle();
    store.want({ ...request, signals: ['cell'] });
    expect(asked.length).toBe(2);
  });
});

it('reasons are asked for once a place', async () => {
  let asked = 0;
  const store = new WhyStore(
    ({ token, layer, unit }) => {
      asked++;
      return Promise.resolve({ token, layer, unit, gates: [] });
    },
    () => undefined,
    () => undefined,
  );
  const place = { trace: 1, token: 5, layer: 0, unit: 3 };
  for (const wanted of [place, place, { ...place, unit: 4 }, place]) {
    store.want(wanted);
    await settle();
  }
  expect([asked, store.get(place)?.unit]).toEqual([2, 3]);
});

describe('series', () => {
  const request: SeriesRequest = { trace: 1, layer: 0, unit: 3, signals: ['cell'], level: 0, first: 0, columns: 64 };
  const storeOf = (columns: (asked: number) => number) => {
    const asked: SeriesRequest[] = [];
    const store = new SeriesStore(
      (wanted) => {
        asked.push(wanted);
        return Promise.resolve({ first: wanted.first, columns: columns(asked.length), values: [extent] });
      },
      () => undefined,
      () => undefined,
    );
    return { store, asked };
  };

  it('stand until those of another stretch are here, and only the last wish is asked for', async () => {
    const { store, asked } = storeOf(() => 64);
    store.want([request], 999);
    await settle();
    const [second, third] = [64, 128].map((first) => ({ ...request, first }));
    if (!second || !third) throw new Error('two');
    store.want([second], 999);
    store.want([{ ...request, first: 96 }], 999);
    store.want([third], 999);
    expect(store.get(third)?.request.first).toBe(0);
    await settle();
    await settle();
    expect(asked.map(({ first }) => first)).toEqual([0, 64, 128]);
    expect(store.get(third)?.request).toEqual(third);
  });

  it('of several units come one after another; those that are no longer pinned are forgotten', async () => {
    const { store, asked } = storeOf(() => 64);
    const other = { ...request, unit: 9 };
    store.want([request, other], 999);
    expect(asked.length).toBe(1);
    await settle();
    await settle();
    expect(asked.map(({ unit }) => unit)).toEqual([3, 9]);
    store.want([other], 999);
    expect([store.get(request), store.get(other)?.request.unit]).toEqual([undefined, 9]);
  });

  it('that end where the trace has got to are asked for again once it is further', async () => {
    const { store, asked } = storeOf((n) => (n === 1 ? 40 : 64));
    for (const done of [40, 40, 50, 64, 90]) {
      store.want([request], done);
      await settle();
    }
    expect(asked.length).toBe(3);
  });

  it.each([
    [0, 6, 0, [0, 128]],
    [3.5, 6, 0, [0, 128]],
    [40, 6, 0, [32, 128]],
    [9000, 6, 0, [8992, 128]],
    [0, 0.25, 2, [0, 768]],
  ])('from token %d at %d pixels a token, level %d: %j', (start, scale, level, [first, columns]) => {
    expect(stretchOf({ tokens: 100_000, width: 600, start, scale }, level)).toEqual({ first, columns });
  });

  it('ask for no column beyond the text', () => {
    expect(stretchOf({ tokens: 70, width: 600, start: 0, scale: 8 }, 0)).toEqual({ first: 0, columns: 70 });
  });
});
