/** What a page is told first: after what is being opened can be seen, with the tiles that its first picture will want. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FirstPicture, PAUSE, tilesAhead, type FirstPictureParts, type TileShape } from '../../src/host/firstPicture';
import { Sharing } from '../../src/host/sharing';
import { DERIVED, SIGNALS } from '../../src/shared/signals';
import type { ModelInfo, Tile, TileRequest, TraceInfo, TraceProgress } from '../../src/shared/trace';

const model: ModelInfo = {
  id: 1,
  name: 'm',
  file: 'm.safetensors',
  architecture: 'lstm',
  tokenizer: 'bytes',
  layers: [{ name: 'l0', cell: 'lstm', inputSize: 4, units: 8, signals: SIGNALS.lstm, derived: DERIVED.lstm }],
  parameters: 0,
  predicts: true,
  description: undefined,
  warnings: [],
};
const info: TraceInfo = { id: 7, model, tokens: 1000, textLength: 1000, baseLevel: 3, notes: [] };
const TEXT = 'file:///a.txt';
const shape = (change: Partial<TileShape> = {}): TileShape => ({
  layer: 0,
  signal: 'cell',
  level: 0,
  index: 0,
  rows: 0,
  group: 3,
  of: 'spikes',
  ...change,
});

describe('the tiles of a first picture', () => {
  const ahead = (text: string, tiles: readonly TileShape[] | undefined): readonly TileRequest[] =>
    tilesAhead(info, TEXT, tiles && { text, tiles });

  it('are the beginning of every signal and of the loss, where nothing was shown yet', () => {
    const tiles = ahead(TEXT, undefined);
    expect(tiles.map(({ signal }) => signal)).toEqual([...SIGNALS.lstm.map(({ name }) => name), 'loss']);
    expect(tiles.every((tile) => tile.trace === 7 && tile.level === 0 && tile.index === 0)).toBe(true);
  });

  it.each<[string, string, readonly TileShape[], readonly TileShape[]]>([
    ['those of the same text', TEXT, [shape({ level: 4, index: 3 })], [shape({ level: 4, index: 3 })]],
    ['the beginning of another text', 'file:///b.txt', [shape({ index: 3 }), shape({ index: 4 })], [shape()]],
    ['derived signals', TEXT, [shape({ signal: 'kept' })], [shape({ signal: 'kept' })]],
  ])('are %s', (_, text, before, expected) => {
    expect(ahead(text, before)).toEqual(expected.map((one) => ({ ...one, trace: 7 })));
  });

  it.each<[string, string, readonly TileShape[]]>([
    ['another text was seen from afar', 'file:///b.txt', [shape({ level: 4 })]],
    ['their rows were in an order of another trace', TEXT, [shape({ rows: 2 })]],
    ['the model has no such layer', TEXT, [shape({ layer: 1 })]],
    ['the model has no such signal', TEXT, [shape({ signal: 'reset' })]],
  ])('are as at first where %s', (_, text, before) => {
    expect(ahead(text, before)).toEqual(ahead(TEXT, undefined));
  });
});

/** A trace that is shown once it is opened. */
function setUp() {
  const listeners = new Set<() => void>();
  const event = (listener: () => unknown): { dispose: () => void } => {
    listeners.add(listener);
    return { dispose: () => listeners.delete(listener) };
  };
  const progress = (done: number): TraceProgress => ({ id: 7, done, state: 'running', meanLoss: undefined });
  const now: { shown: { progress: TraceProgress } | undefined } = { shown: undefined };
  const shown = (): unknown => now.shown && { info, progress: now.shown.progress, uri: { toString: () => TEXT } };
  const calls: string[] = [];
  const tile: Tile = { columns: 4, rows: 1, final: true, lo: 0, hi: 1, values: new Uint8Array(4) };
  const parts = {
    worker: {
      tile: ({ signal }: TileRequest) => {
        calls.push(signal);
        return signal === 'loss' ? Promise.reject(new Error('no')) : Promise.resolve(tile);
      },
      proceed: (trace: number) => Promise.resolve(calls.push(`proceed ${String(trace)}`)),
    },
    traces: {
      get shown() {
        return shown();
      },
      get scene() {
        return now.shown === undefined ? { kind: 'empty', modelName: 'm' } : { kind: 'trace', info };
      },
      byId: (id: number) => (id === 7 ? shown() : undefined),
      onDidChange: event,
      onDidProgress: event,
    },
    sharing: new Sharing({ get: () => undefined, update: () => Promise.resolve() }),
  } as unknown as FirstPictureParts;
  const open = (done: number): void => {
    now.shown = { progress: progress(done) };
    for (const listener of listeners) listener();
  };
  return { first: new FirstPicture(parts), parts, open, calls, listeners };
}

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let there = false;
  void promise.then(() => (there = true));
  await vi.advanceTimersByTimeAsync(0);
  return there;
}

describe('the beginning', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits for what is being opened, and until something of it is traced; a tile that fails is left out', async () => {
    const { first, open, calls, listeners } = setUp();
    let opened: () => void = () => undefined;
    first.expect(new Promise<void>((resolve) => (opened = resolve)));
    const beginning = first.soon();
    expect(await settled(beginning)).toBe(false);
    open(0);
    opened();
    expect(await settled(beginning)).toBe(false);
    expect(calls).toEqual([]);
    open(256);
    const { scene, tiles } = await beginning;
    expect(scene.kind).toBe('trace');
    expect(tiles.map(({ request }) => request.signal)).toEqual(SIGNALS.lstm.map(({ name }) => name));
    expect(listeners.size).toBe(0);
  });

  it('is what there is where nothing is opened, or it fails', async () => {
    const { first } = setUp();
    expect(await first.soon()).toMatchObject({ scene: { kind: 'empty' }, tiles: [] });
    first.expect(Promise.reject(new Error('no')));
    expect(await first.soon()).toMatchObject({ scene: { kind: 'empty' }, tiles: [] });
  });

  it('has no tile that takes long', async () => {
    const { first, parts, open } = setUp();
    open(256);
    const { tile } = parts.worker;
    const slow: typeof tile = (request) => (request.signal === 'cell' ? new Promise(() => undefined) : tile(request));
    Object.assign(parts.worker, { tile: slow });
    const beginning = first.soon();
    await vi.advanceTimersByTimeAsync(200);
    expect((await beginning).tiles.map(({ request }) => request.signal)).toEqual(
      SIGNALS.lstm.map(({ name }) => name).filter((name) => name !== 'cell'),
    );
  });

  it('is not waited for without end by a page that listens', async () => {
    const { first } = setUp();
    first.expect(new Promise(() => undefined));
    const beginning = first.ready();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await beginning).toMatchObject({ scene: { kind: 'empty' }, tiles: [] });
  });

  it('has next time the tiles of the picture that was shown', async () => {
    const { first, open } = setUp();
    open(256);
    first.pictured(7, [{ ...shape(), trace: 7 }]);
    expect((await first.soon()).tiles.map(({ request }) => request)).toEqual([{ ...shape(), trace: 7 }]);
  });
});

describe('what may wait for the picture', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const act = (first: FirstPicture): { readonly done: () => Promise<boolean> } => {
    let done = false;
    first.afterwards(() => (done = true));
    return {
      done: async () => {
        await vi.advanceTimersByTimeAsync(0);
        return done;
      },
    };
  };

  it('does not where none is being made', async () => {
    expect(await act(setUp().first).done()).toBe(true);
  });

  it('waits for it, and the trace goes on then', async () => {
    const { first, calls } = setUp();
    first.expect(Promise.resolve());
    const later = act(first);
    expect(await later.done()).toBe(false);
    first.pictured(7, []);
    expect([await later.done(), calls]).toEqual([true, ['proceed 7']]);
    expect(await act(first).done()).toBe(true);
  });

  it.each([
    ['nothing is shown for long', () => Promise.resolve(), PAUSE],
    ['what was opened fails', () => Promise.reject(new Error('no')), 0],
  ])('waits no more when %s', async (_, open, ms) => {
    const { first } = setUp();
    first.expect(open());
    const later = act(first);
    await vi.advanceTimersByTimeAsync(ms);
    expect(await later.done()).toBe(true);
  });
});
