/** Stores of lines and guesses, and summaries of tiles: what is asked for when, what stands meanwhile. */
import { describe, expect, it } from 'vitest';
import type { Guess, Lines, Tile } from '../../src/shared/trace';
import { GUESS_BLOCK, GuessStore } from '../../webview/guesses';
import { LineStore, stretchOf } from '../../webview/lines';
import { summarise } from '../../webview/summaries';

const settle = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await Promise.resolve();
};

/** Timers that run when told to. */
function clock(): { readonly later: (run: () => void) => void; readonly ring: () => Promise<void> } {
  let waiting: (() => void)[] = [];
  return {
    later: (run) => waiting.push(run),
    ring: async () => {
      const due = waiting;
      waiting = [];
      for (const run of due) run();
      await settle();
    },
  };
}

describe('lines', () => {
  it.each([
    // from, to, tokens -> stretch
    [0, 60, 10_000, 0, 128],
    [100, 160, 10_000, 64, 192],
    [0, 10_000, 10_000, 0, 10_000],
    [9_990, 10_000, 10_000, 9_984, 10_000],
  ])('in sight from %d to %d of %d are asked for from %d to %d', (from, to, tokens, first, last) => {
    expect(stretchOf(from, to, tokens)).toMatchObject({ from: first, to: last });
  });

  it('of any place in sight are within the stretch', () => {
    for (const span of [1, 63, 64, 65, 1000, 1024, 5000]) {
      for (let from = 0; from < 20_000; from += 777) {
        const stretch = stretchOf(from, from + span, 50_000);
        expect(stretch.from <= from && stretch.to >= from + span).toBe(true);
        expect(stretch.to - stretch.from).toBeLessThanOrEqual(Math.max(128, 4 * span));
      }
    }
  });

  function store() {
    const asked: string[] = [];
    const { later, ring } = clock();
    let fail = false;
    const failures: unknown[] = [];
    const made = new LineStore({
      fetch: (from, to): Promise<Lines> => {
        asked.push(`${String(from)}-${String(to)}`);
        if (fail) return Promise.reject(new Error('gone'));
        return Promise.resolve({ tokens: Int32Array.of(from), numbers: Int32Array.of(asked.length), total: 9 });
      },
      changed: () => undefined,
      failed: (error) => failures.push(error),
      later,
    });
    const number = (from: number, to: number, tokens = 100_000): number | undefined =>
      made.range(from, to, tokens).numbers[0];
    return { made, asked, ring, number, failures, break: () => (fail = true) };
  }

  it('are asked for once the sight has come to rest', async () => {
    const { asked, ring, number } = store();
    for (const from of [0, 1000, 2000]) number(from, from + 100);
    expect(asked).toEqual([]);
    // What was wanted has changed since: another rest.
    await ring();
    expect(asked).toEqual([]);
    await ring();
    expect(asked).toEqual(['1920-2176']);
    expect(number(2000, 2100)).toBe(1);
    expect(number(2010, 2100)).toBe(1);
    await ring();
    expect(asked.length).toBe(1);
  });

  it('of another stretch stand in, as after zooming', async () => {
    const { ring, number } = store();
    number(0, 1000);
    await ring();
    expect(number(100, 150)).toBe(1);
    await ring();
    expect(number(100, 150)).toBe(2);
    expect(number(50_000, 50_100)).toBeUndefined();
  });

  it('of an edited text stand in until they were asked for again', async () => {
    const { made, ring, number, asked } = store();
    number(0, 100);
    await ring();
    made.succeed();
    expect(number(0, 100)).toBe(1);
    await ring();
    expect([number(0, 100), asked.length]).toEqual([2, 2]);
    made.clear();
    expect(number(0, 100)).toBeUndefined();
  });

  it('that fail are not asked for at every frame', async () => {
    const { ring, number, asked, failures, ...rest } = store();
    rest.break();
    for (let i = 0; i < 3; i++) {
      number(0, 100);
      await ring();
    }
    expect([asked.length, failures.length]).toEqual([1, 1]);
  });
});

describe('guesses', () => {
  function store() {
    const asked: string[] = [];
    const { later, ring } = clock();
    let turn = 'a';
    const made = new GuessStore({
      fetch: (from, to): Promise<Guess[]> => {
        asked.push(`${String(from)}-${String(to)}`);
        const label = turn;
        return Promise.resolve(
          Array.from({ length: to - from }, (_, i) => ({ token: from + i, label, probability: 1, actual: undefined })),
        );
      },
      changed: () => undefined,
      failed: () => undefined,
      later,
    });
    return { made, asked, ring, edit: () => (turn = 'b') };
  }

  it('come by blocks, the middle first, two at a time; only those of the last wish', async () => {
    const { made, asked, ring } = store();
    made.range(0, 100, 5000);
    made.range(1000, 1600, 5000);
    await ring();
    const first = (text: string | undefined): number => Number(text?.split('-')[0]);
    expect(first(asked[0])).toBe(10 * GUESS_BLOCK);
    expect(asked.map(first).sort((a, b) => a - b)).toEqual([7, 8, 9, 10, 11, 12].map((n) => n * GUESS_BLOCK));
    expect(made.range(1000, 1600, 5000).map(({ token }) => token)).toEqual(
      Array.from({ length: 600 }, (_, i) => 1000 + i),
    );
  });

  it('are asked for again where the trace has grown, and not beyond it', async () => {
    const { made, asked, ring } = store();
    made.range(0, 200, 50);
    await ring();
    made.range(0, 200, 50);
    await ring();
    expect(asked).toEqual(['0-50']);
    expect(made.range(0, 200, 130).length).toBe(50);
    await ring();
    expect(asked).toEqual(['0-50', '0-128', '128-130']);
    expect(made.range(0, 200, 130).length).toBe(130);
  });

  it('of an edited text stand in until they were asked for again', async () => {
    const { made, ring, edit } = store();
    made.range(0, 10, 100);
    await ring();
    made.succeed();
    edit();
    expect(made.range(0, 10, 100)[0]?.label).toBe('a');
    await ring();
    expect(made.range(0, 10, 100)[0]?.label).toBe('b');
  });
});

describe('a summary', () => {
  // Two rows of four columns; a byte is a hundredth.
  const tile = (values: readonly number[], columns = 4): Tile => ({
    columns,
    rows: values.length / columns,
    final: true,
    lo: 0,
    hi: 2.55,
    values: Uint8Array.from(values),
  });
  const axis = { tokens: 4, width: 40, start: 0, scale: 10 };

  it.each([
    ['of all in sight', axis, 0, 4, tile([10, 20, 30, 40, 50, 60, 70, 80]), [0.1, 0, 0.45, 0.8, 3, 0]],
    [
      'not of what is beside it',
      { ...axis, start: 1, width: 20 },
      0,
      4,
      tile([10, 20, 30, 40, 50, 60, 70, 80]),
      [0.2, 1, 0.45, 0.7, 2, 0],
    ],
    ['not of what is not traced', axis, 0, 2, tile([10, 20, 0, 0, 50, 60, 0, 0]), [0.1, 0, 0.35, 0.6, 1, 0]],
    ['of what is at hand', axis, 0, 4, tile([10, 20, 50, 60], 2), [0.1, 0, 0.35, 0.6, 1, 2]],
    [
      'of columns of several tokens',
      { tokens: 8, width: 8, start: 0, scale: 1 },
      1,
      8,
      tile([10, 20, 30, 40]),
      [0.1, 0, 0.25, 0.4, 6, 0],
    ],
  ] as const)('%s', (_, of, level, done, held, [least, at, mean, greatest, then, missing]) => {
    const found = summarise(of, level, done, () => ({ tile: held, version: 1 }));
    expect(found).toEqual({
      least: { value: expect.closeTo(least, 9) as number, token: at },
      mean: expect.closeTo(mean, 9) as number,
      greatest: { value: expect.closeTo(greatest, 9) as number, token: then },
      missing,
    });
  });

  it('of nothing at hand there is none', () => {
    expect(summarise(axis, 0, 4, () => undefined)).toBeUndefined();
  });
});
