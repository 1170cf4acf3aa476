/** The tile store: asks for what is wanted, a few at a time; refreshes what grows; stays within its budget. */
import { describe, expect, it } from 'vitest';
import type { Tile, TileRequest } from '../../src/shared/trace';
import { bulkOf, peakOf, tileKey, TileStore } from '../../webview/tiles';

interface Question {
  readonly key: string;
  readonly answer: (tile?: Partial<Tile>) => Promise<void>;
  readonly fail: () => Promise<void>;
}

const request = (level: number, index: number): TileRequest => ({ trace: 1, layer: 0, signal: 'cell', level, index });

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

function setUp(options: { budget?: number; parallel?: number } = {}) {
  const questions: Question[] = [];
  const timers: { run: () => void; at: number }[] = [];
  const failures: unknown[] = [];
  const clock = { now: 0, changes: 0 };
  const store = new TileStore({
    fetch: (asked) =>
      new Promise((resolve, reject) => {
        questions.push({
          key: tileKey(asked).split('/').slice(2, 4).join('/'),
          answer: async (tile = {}) => {
            resolve({ columns: 256, rows: 1, final: true, lo: -1, hi: 1, values: new Uint8Array(1000), ...tile });
            await settle();
          },
          fail: async () => {
            reject(new Error('no'));
            await settle();
          },
        });
      }),
    changed: () => {
      clock.changes++;
    },
    failed: (error) => failures.push(error),
    now: () => clock.now,
    later: (run, ms) => timers.push({ run, at: clock.now + ms }),
    ...options,
  });
  const asked = (): readonly string[] => questions.splice(0).map(({ key }) => key);
  const advance = (ms: number): void => {
    clock.now += ms;
    for (const timer of timers.splice(0)) {
      if (timer.at <= clock.now) timer.run();
      else timers.push(timer);
    }
  };
  return { store, questions, asked, advance, failures, clock };
}

describe('a tile that nobody asked for', () => {
  it('is there, and asked for only where it still grows', () => {
    const { store, asked, advance } = setUp();
    const tile: Tile = { columns: 256, rows: 1, final: true, lo: -1, hi: 0.5, values: Uint8Array.of(0, 255) };
    store.take(request(0, 0), tile);
    store.take(request(0, 1), { ...tile, columns: 10, final: false });
    expect([store.get(request(0, 0))?.tile, store.peak(0, 'cell')]).toEqual([tile, 1]);
    store.want([request(0, 0), request(0, 1)], 1e6);
    advance(1000);
    expect(asked()).toEqual(['0/1']);
  });
});

describe('asking', () => {
  it('is done once for each, in order, and only a few at a time', async () => {
    const { store, questions, asked } = setUp({ parallel: 2 });
    const wanted = [request(0, 0), request(0, 1), request(0, 2)];
    store.want(wanted, 1e6);
    store.want(wanted, 1e6);
    const [first] = questions;
    expect(asked()).toEqual(['0/0', '0/1']);
    await first?.answer();
    expect(asked()).toEqual(['0/2']);
    expect(store.get(request(0, 0))?.tile.columns).toBe(256);
  });

  it('leaves out what is no longer wanted', async () => {
    const { store, questions, asked } = setUp({ parallel: 1 });
    store.want([request(0, 0), request(0, 1)], 1e6);
    const [first] = questions;
    store.want([request(5, 0)], 1e6);
    await first?.answer();
    expect(asked()).toEqual(['0/0', '5/0']);
  });

  it('waits for what is not traced yet', () => {
    const { store, asked } = setUp();
    store.want([request(0, 0), request(0, 1), request(0, 2)], 257);
    expect(asked()).toEqual(['0/0', '0/1']);
    store.want([request(0, 0)], 0);
    expect(asked()).toEqual([]);
  });

  it('is repeated for a tile that grows, but not at every progress', async () => {
    const { store, questions, asked, advance } = setUp();
    store.want([request(0, 0)], 100);
    await questions[0]?.answer({ columns: 100, final: false });
    expect(asked()).toEqual(['0/0']);
    store.want([request(0, 0)], 100);
    store.want([request(0, 0)], 150);
    store.want([request(0, 0)], 200);
    expect(asked()).toEqual([]);
    advance(299);
    expect(asked()).toEqual([]);
    advance(1);
    await questions[0]?.answer({ columns: 200, final: false });
    expect(asked()).toEqual(['0/0']);
    expect(store.get(request(0, 0))?.tile.columns).toBe(200);
    advance(10_000);
    expect(asked()).toEqual([]);
  });

  it('rests after a failure, and says it', async () => {
    const { store, questions, asked, advance, failures } = setUp();
    store.want([request(0, 0)], 1000);
    await questions[0]?.fail();
    expect(asked()).toEqual(['0/0']);
    store.want([request(0, 0)], 1000);
    expect([asked(), failures.length]).toEqual([[], 1]);
    advance(4000);
    expect(asked()).toEqual(['0/0']);
  });

  it('forgets replies to a trace that is gone', async () => {
    const { store, questions, clock } = setUp();
    store.want([request(0, 0)], 1000);
    store.clear();
    await questions[0]?.answer();
    expect([store.get(request(0, 0)), store.bytes, clock.changes]).toEqual([undefined, 0, 0]);
  });
});

describe('asking ahead', () => {
  it('waits for what is in sight, and for what is under way', async () => {
    const { store, questions, asked } = setUp({ parallel: 2 });
    const want = (): void => {
      store.want([request(0, 0), request(0, 1)], 1e6, 1e6, false, [request(0, 2), request(0, 3)]);
    };
    want();
    const [first, second] = questions;
    expect(asked()).toEqual(['0/0', '0/1']);
    await first?.answer();
    expect(asked()).toEqual([]);
    await second?.answer();
    expect(asked()).toEqual(['0/2', '0/3']);
    want();
    expect(asked()).toEqual([]);
  });

  it('does not wait for what is not traced', async () => {
    const { store, questions, asked } = setUp();
    store.want([request(0, 0), request(0, 9)], 300, 300, true, [request(0, 1)]);
    const [first] = questions;
    expect(asked()).toEqual(['0/0']);
    await first?.answer();
    expect(asked()).toEqual(['0/1']);
  });
});

describe('a tile that is still being computed', () => {
  it('is asked for again and again, though nothing is told', async () => {
    const { store, questions, asked, advance } = setUp();
    store.want([request(0, 0)], 1000);
    await questions[0]?.answer({ columns: 0, final: false, pending: true, values: new Uint8Array(0) });
    expect(asked()).toEqual(['0/0']);
    advance(300);
    await questions[0]?.answer({ columns: 100, final: false, pending: true });
    expect(asked()).toEqual(['0/0']);
    advance(300);
    await questions[0]?.answer();
    expect(asked()).toEqual(['0/0']);
    advance(10_000);
    expect(asked()).toEqual([]);
  });
});

describe('tiles of the same place', () => {
  const like = (group: number, of: 'mean' | 'max' = 'mean'): TileRequest => ({ ...request(1, 2), group, of });
  it('are found whatever their rows are merged by, the nearest first', async () => {
    const { store, questions } = setUp();
    store.want([like(8), like(3), like(2, 'max')], 1e6);
    for (const question of questions.splice(0)) await question.answer();
    const found = (wanted: TileRequest): string | undefined => {
      const alike = store.alike(wanted);
      return alike && tileKey(alike.request);
    };
    expect(found(like(2))).toBe(tileKey(like(2, 'max')));
    expect(found(like(3))).toBe(tileKey(like(2, 'max')));
    expect(found(like(6))).toBe(tileKey(like(8)));
    expect(found({ ...like(2), rows: 5 })).toBeUndefined();
    const coarse = store.coarser({ ...request(0, 4), group: 4 }, 1e6);
    expect(coarse && tileKey(coarse.request)).toBe(tileKey(like(3)));
  });

  it('do not stand in for the loss', async () => {
    const { store, questions } = setUp();
    const loss = (of: 'mean' | 'max'): TileRequest => ({ ...request(1, 2), signal: 'loss', of });
    store.want([loss('max')], 1e6);
    await questions[0]?.answer();
    expect(store.alike(loss('mean'))).toBeUndefined();
  });

  it('are forgotten with them', async () => {
    const { store, questions } = setUp({ budget: 1500, parallel: 9 });
    store.want([like(2), like(3)], 1e6);
    for (const question of questions.splice(0)) await question.answer();
    expect(store.alike(like(9))?.request.group).toBe(3);
    expect(store.alike(like(3))).toBeUndefined();
    store.clear();
    expect(store.alike(like(9))).toBeUndefined();
  });
});

describe('memory', () => {
  it('lets go of what was used longest ago', async () => {
    const { store, questions } = setUp({ budget: 3000, parallel: 9 });
    store.want([request(0, 0), request(0, 1), request(0, 2)], 1e6);
    await questions[0]?.answer();
    await questions[1]?.answer();
    store.get(request(0, 0));
    await questions[2]?.answer();
    expect([0, 1, 2].map((index) => store.get(request(0, index)) !== undefined)).toEqual([true, false, true]);
    expect(store.bytes).toBeLessThanOrEqual(3000);
  });
});

describe('coarser tiles', () => {
  it('are found up to the one that holds the text', async () => {
    const { store, questions } = setUp();
    store.want([request(3, 0), request(2, 1)], 1e6);
    await questions[0]?.answer();
    await questions[1]?.answer();
    const found = (index: number): string | undefined => {
      const coarse = store.coarser(request(0, index), 2048);
      return coarse && tileKey(coarse.request);
    };
    expect(found(0)).toBe('0/cell/3/0/0/1/mean');
    expect(found(5)).toBe('0/cell/2/1/0/1/mean');
    expect(store.coarser(request(3, 0), 2048)).toBeUndefined();
  });
});

describe('the largest value', () => {
  const tile = (values: readonly number[], lo: number, hi: number, knee?: number): Tile => {
    const bytes = Uint8Array.from(values);
    const ends = { lo, hi, ...(knee === undefined ? {} : { knee }) };
    return { columns: bytes.length, rows: 1, final: true, values: bytes, ...ends };
  };

  it.each([
    ['of either sign', tile([0, 128, 191], -4, 4), 4],
    ['above', tile([140, 255], -10, 10), 10],
    ['bent', tile([140, 255], -1000, 1000, 1), 1000],
    ['of nothing', tile([], 0, 1), 0],
  ])('%s', (_, from, peak) => {
    expect(peakOf(from)).toBeCloseTo(peak, 9);
  });

  it.each([
    ['all alike', tile([255, 255], 0, 1), 1],
    ['one far value in a hundred', tile([...Array.from({ length: 99 }, () => 51), 255], 0, 1), 0.2],
    ['two in a hundred', tile([...Array.from({ length: 98 }, () => 51), 255, 255], 0, 1), 1],
    ['by size, of either sign', tile([0, ...Array.from({ length: 99 }, () => 191)], -1, 1), 127 / 255],
    ['of nothing', tile([], 0, 1), 0],
  ])('but for a hundredth: %s', (_, from, bulk) => {
    expect(bulkOf(from)).toBeCloseTo(bulk, 9);
  });

  it('seen only grows', async () => {
    const { store, questions } = setUp();
    store.want([request(0, 0), request(0, 1)], 1e6);
    await questions[0]?.answer({ lo: -2.3, hi: 2.3 });
    expect(store.peak(0, 'cell')).toBeCloseTo(2.3, 9);
    await questions[1]?.answer({ lo: -0.5, hi: 0.5 });
    expect(store.peak(0, 'cell')).toBeCloseTo(2.3, 9);
    expect(store.peak(1, 'cell')).toBe(0);
  });
});

describe('after an edit', () => {
  const answered = async (store: TileStore, questions: Question[], wanted: TileRequest[]): Promise<void> => {
    store.want(wanted, 512);
    for (const question of questions.splice(0)) await question.answer({ values: new Uint8Array([0, 255]) });
  };

  it('what was at hand stands in, each until its successor has come, and all until the last', async () => {
    const { store, questions } = setUp();
    const wanted = [request(0, 0), request(0, 1)];
    await answered(store, questions, [...wanted, request(2, 0)]);
    const peak = store.peak(0, 'cell');
    store.succeed();
    expect([store.outdated, store.get(request(0, 0)), store.peak(0, 'cell')]).toEqual([true, undefined, peak]);
    store.want(wanted, 512);
    expect([store.earlier(request(0, 0)), store.earlier(request(2, 0))]).not.toContain(undefined);
    await questions[0]?.answer();
    expect(store.earlier(request(0, 0))).toBeUndefined();
    expect(store.earlier(request(0, 1))).toBeDefined();
    await questions[1]?.answer();
    expect([store.outdated, store.earlier(request(2, 0))]).toEqual([false, undefined]);
  });

  it('a tile that is narrower than its successor will be does not end it', async () => {
    const { store, questions } = setUp();
    await answered(store, questions, [request(0, 0)]);
    store.succeed();
    store.want([request(0, 0)], 100, 100, true);
    await questions[0]?.answer({ columns: 100, final: false });
    expect(store.earlier(request(0, 0))).toBeDefined();
  });

  it('it does not wait for what a stopped trace never reaches', async () => {
    const { store, questions } = setUp();
    await answered(store, questions, [request(0, 0), request(0, 1)]);
    store.succeed();
    const wanted = [request(0, 0), request(0, 1)];
    store.want(wanted, 256, 256, true);
    await questions[0]?.answer();
    expect(store.outdated).toBe(true);
    store.want(wanted, 256, 256, false);
    expect(store.outdated).toBe(false);
  });

  it('another text leaves nothing', async () => {
    const { store, questions } = setUp();
    await answered(store, questions, [request(0, 0)]);
    store.succeed();
    store.clear();
    expect([store.outdated, store.peak(0, 'cell')]).toEqual([false, 0]);
  });
});
