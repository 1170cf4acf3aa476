/** The worker's handler as its callers see it, with the scalar engine and no thread. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../src/engine/evaluate';
import { createScalarEngine } from '../../src/engine/scalar';
import type { TraceInfo, TraceProgress } from '../../src/shared/trace';
import type { Handler, TextSource, WorkerApi } from '../../src/shared/workerApi';
import { createHandler } from '../../src/worker/handler';
import { tinyModel } from '../models/tinyModel';
import { someModel, someNetwork } from './someModel';
import { words } from '../words';

const MEMORY = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'gatescope-'));
const modelPath = join(folder, 'tiny.safetensors');

let worker: Handler<WorkerApi>;
let model: number;
const reports: TraceProgress[] = [];
const waiting = new Set<() => void>();

/** Resolves when a report satisfies `when`. */
async function report(when: (progress: TraceProgress) => boolean): Promise<TraceProgress> {
  for (;;) {
    const found = reports.find(when);
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => waiting.add(resolve));
  }
}

const open = async (text: TextSource): Promise<TraceInfo> => worker.open({ text, model, memory: MEMORY });
const openText = (text: string): Promise<TraceInfo> => open({ kind: 'text', name: 'sample', text });

async function traced(text: string): Promise<TraceInfo> {
  const info = await openText(text);
  await report(({ id, state }) => id === info.id && state === 'done');
  return info;
}

beforeAll(async () => {
  writeFileSync(modelPath, tinyModel());
  worker = createHandler(createScalarEngine, {
    progress: (progress) => {
      reports.push(progress);
      for (const resume of waiting) resume();
      waiting.clear();
    },
  });
  model = (await worker.loadModel({ kind: 'file', path: modelPath })).id;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What does not give way fails each time; what another program took from a busy machine does not. */
const BUSY = { retry: 2 };

describe('models', () => {
  test('a file that did not change is not read again', async () => {
    expect((await worker.loadModel({ kind: 'file', path: modelPath })).id).toBe(model);
    writeFileSync(modelPath, tinyModel(2));
    const again = (await worker.loadModel({ kind: 'file', path: modelPath })).id;
    expect(again).not.toBe(model);
    model = again;
  });
  test.each([
    [
      'missing',
      () => ({ kind: 'file', path: join(folder, 'none.safetensors') }) as const,
      'model-not-found',
      'none.safe',
    ],
    ['a folder', () => ({ kind: 'file', path: folder }) as const, 'model-not-found', folder],
    [
      'damaged',
      () => ({ kind: 'bytes', name: 'bad.safetensors', bytes: tinyModel().slice(0, 99) }) as const,
      'model-damaged',
      'bad.safetensors',
    ],
    [
      'text',
      () => ({ kind: 'bytes', name: 'a.txt', bytes: Buffer.from('hello') }) as const,
      'model-unsupported',
      'a.txt',
    ],
  ])('%s: refused by name', async (_, source, code, named) => {
    const refused = async (): Promise<unknown> => worker.loadModel(source());
    await expect(refused()).rejects.toMatchObject({ code, message: expect.stringContaining(named) as string });
  });
});

describe('texts', () => {
  test.each<[string, TextSource, string, string]>([
    ['empty', { kind: 'text', name: 'Untitled-1', text: '' }, 'empty-text', 'Untitled-1'],
    ['a missing file', { kind: 'file', path: join(folder, 'gone.txt') }, 'file-not-found', 'gone.txt'],
    ['a folder', { kind: 'file', path: folder }, 'file-unreadable', folder],
    ['binary', { kind: 'bytes', name: 'a.png', bytes: Uint8Array.of(1, 0, 2, 2) }, 'binary-file', 'a.png'],
  ])('%s: refused by name', async (_, source, code, named) => {
    await expect(open(source)).rejects.toMatchObject({ code, message: expect.stringContaining(named) as string });
  });
  test('one character', async () => {
    const { id, tokens } = await traced('x');
    expect(tokens).toBe(1);
    expect(await worker.row(id, 0)).toMatchObject({ label: 'x', loss: undefined });
    expect(await worker.explain(id, 0)).toMatchObject({ labels: ['x'], loss: undefined, actual: undefined });
  });
});

describe('questions', () => {
  const text = '我 say "hi"\r\n👩‍👩‍👧 done';
  test('a hover on a character of three bytes adds up their losses', async () => {
    const { id } = await traced('ab我c');
    const explanation = await worker.explain(id, 2);
    const losses = await Promise.all([2, 3, 4].map(async (t) => (await worker.row(id, t)).loss ?? NaN));
    expect(explanation.glyph).toEqual({ text: '我', token: 2, count: 3, start: 2 });
    expect(explanation.labels).toEqual(['⟨E6⟩', '⟨88⟩', '⟨91⟩']);
    expect(explanation.loss).toBeCloseTo(
      losses.reduce((a, b) => a + b, 0),
      6,
    );
  });
  test('what came in fact has the probability that its loss says', async () => {
    const { id } = await traced(text);
    const { actual, next } = await worker.explain(id, 3);
    const after = await worker.row(id, (actual && (await worker.tokensAt(id, 3)).token + 1) ?? -1);
    expect(actual?.label).toBe(after.label);
    expect(-Math.log(actual?.probability ?? 0)).toBeCloseTo(after.loss ?? NaN, 5);
    expect(next.map((p) => p.probability)).toEqual(next.map((p) => p.probability).toSorted((a, b) => b - a));
    expect(next).toHaveLength(5);
  });
  test('movers are the units whose state changed most, before and after told exactly', async () => {
    const { id } = await traced(text);
    const { token, count } = await worker.tokensAt(id, 4);
    const [now, before] = await Promise.all([worker.row(id, token + count - 1), worker.row(id, token + count - 2)]);
    const { movers, around } = await worker.explain(id, 4);
    const changes = (now.layers[0]?.[4] ?? []).map((v, unit) => Math.abs(v - (before.layers[0]?.[4]?.[unit] ?? 0)));
    const [first] = movers;
    expect(Math.abs((first?.after ?? 0) - (first?.before ?? 0))).toBeCloseTo(Math.max(...changes), 6);
    expect(first?.values.cell).toBe(first?.after);
    expect(around?.values[around.at]).toBe(first?.after);
  });
  test('rows hold every signal, tokens and ranges; the first loss is NaN', async () => {
    const { id, tokens } = await traced(text);
    const { arrays } = await worker.rows(id, 0, tokens);
    expect(Object.keys(arrays)).toEqual([
      ...['input', 'forget', 'candidate', 'output', 'cell', 'hidden'].map((name) => `l0.${name}`),
      'loss',
      'tokens',
      'ranges',
    ]);
    expect([...(arrays['tokens']?.data ?? [])]).toEqual([...new TextEncoder().encode(text)]);
    expect(arrays['loss']?.data[0]).toBeNaN();
    for (const token of [0, 1, 9, tokens - 1]) {
      const row = await worker.row(id, token);
      const width = arrays['l0.forget']?.width ?? 0;
      expect(arrays['l0.forget']?.data.slice(token * width, (token + 1) * width)).toEqual(row.layers[0]?.[1]);
      if (token > 0) expect(arrays['loss']?.data[token]).toBe(row.loss);
      const { start, end } = await worker.rangeOf(id, token);
      expect([...(arrays['ranges']?.data.slice(2 * token, 2 * token + 2) ?? [])]).toEqual([start, end]);
      expect(text.slice(start, end)).toBe(row.glyph.text);
    }
  });
  test('stats are those of the values', async () => {
    const { id, tokens } = await traced(text.repeat(9));
    const data = (await worker.rows(id, 0, tokens)).arrays['l0.cell']?.data ?? [];
    const cell = (await worker.stats(id)).find(({ name }) => name === 'l0.cell');
    expect(cell?.min).toBeCloseTo(Math.min(...data), 1);
    expect(cell?.max).toBeCloseTo(Math.max(...data), 1);
    expect(cell?.mean).toBeCloseTo([...data].reduce((a, b) => a + b, 0) / data.length, 2);
  });
  test('outside what is traced', async () => {
    const { id, tokens } = await traced(text);
    const refused = [
      async () => worker.row(id, tokens),
      async () => worker.row(id, -1),
      async () => worker.row(id, NaN),
      async () => worker.rows(id, 3, 3),
      async () => worker.rangeOf(id, tokens),
    ];
    for (const ask of refused) await expect(ask()).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('a long text', () => {
  const long = 'The quick brown fox jumps over the lazy dog. '.repeat(4000);
  test('is readable from the first report on, long before it is done; stop answers at once and keeps what is there', async () => {
    const { id, tokens } = await openText(long);
    const first = await report((p) => p.id === id && p.done > 0);
    expect(first).toMatchObject({ state: 'running' });
    expect(first.done).toBeLessThan(tokens / 10);
    expect((await worker.row(id, 100)).label).toBe(long[100]);
    await worker.stop(id);
    const last = await report((p) => p.id === id && p.state === 'stopped');
    expect(last.done).toBeLessThan(tokens);
    expect((await worker.row(id, last.done - 1)).token).toBe(last.done - 1);
    await worker.close(id);
    const gone = async (): Promise<unknown> => worker.row(id, 0);
    await expect(gone()).rejects.toMatchObject({ code: 'trace-gone' });
  });
  test('two texts at once do not disturb each other', async () => {
    const [a, b] = await Promise.all([openText('abc'.repeat(900)), openText('xyz'.repeat(900))]);
    await Promise.all([a, b].map(({ id }) => report((p) => p.id === id && p.state === 'done')));
    const alone = await traced('abc'.repeat(900));
    expect((await worker.row(a.id, 2699)).layers).toEqual((await worker.row(alone.id, 2699)).layers);
    expect((await worker.row(b.id, 2699)).layers).not.toEqual((await worker.row(alone.id, 2699)).layers);
  });
});

describe('an edited text', () => {
  const text = 'One 你好 two 😀 three.\r\n'.repeat(60);
  /** What the worker says of a text, id and progress aside. */
  async function everything({ id, tokens, textLength }: TraceInfo): Promise<unknown> {
    const offsets = Array.from({ length: 40 }, (_, k) => (k * 37) % textLength);
    return {
      textLength,
      rows: await worker.rows(id, 0, tokens),
      explained: await Promise.all(offsets.map(async (offset) => worker.explain(id, offset))),
      stats: await worker.stats(id),
      tiles: await Promise.all(
        [0, 2, 5].map(async (level) => worker.tile({ trace: id, layer: 0, signal: 'cell', level, index: 0 })),
      ),
      glyphs: await worker.glyphs(id, 0, tokens),
    };
  }
  const settled = (id: number): Promise<TraceProgress> =>
    report((p) => p.id === id && p.state === 'done' && p.settled === undefined);

  test.each<[string, readonly (readonly [number, number, string])[]]>([
    ['a letter typed in the middle', [[600, 600, 'x']]],
    [
      'at the start and at the end',
      [
        [0, 0, '我'],
        [text.length, text.length, '…'],
      ],
    ],
    [
      'some removed, some replaced',
      [
        [4, 5, ''],
        [30, 90, 'short'],
        [700, 701, ''],
      ],
    ],
    ['half of a pair replaced by another half', [[text.indexOf('😀') + 1, text.indexOf('😀') + 2, '\ude01']]],
    ['all of it replaced', [[0, text.length, 'quite another text']]],
  ])('%s: all answers are those of a fresh trace', async (_, edits) => {
    const before = await traced(text);
    let now = text;
    for (const [start, end, typed] of edits.toReversed()) now = now.slice(0, start) + typed + now.slice(end);
    const changes = edits.map(([start, end, typed]) => ({ start, end, text: typed }));
    const info = await worker.edit(before.id, changes);
    await settled(info.id);
    const fresh = await traced(now);
    expect(info).toMatchObject({ tokens: fresh.tokens, textLength: now.length });
    expect(await everything(info)).toEqual(await everything(fresh));
    // The earlier one still answers, until it is closed.
    expect(await everything(before)).toEqual(await everything(await traced(text)));
  });
  test.each<[string, number, number, string, string]>([
    ['emptied', 0, text.length, '', 'empty-text'],
    ['with half a pair left alone', text.indexOf('😀'), text.indexOf('😀') + 1, '', 'bad-request'],
    ['outside of it', 3, text.length + 1, '', 'bad-request'],
    ['backwards', 3, 2, '', 'bad-request'],
  ])('%s: refused', async (_, start, end, typed, code) => {
    const { id } = await traced(text);
    const refused = async (): Promise<unknown> => worker.edit(id, [{ start, end, text: typed }]);
    await expect(refused()).rejects.toMatchObject({ code });
  });
});

describe('answers come soon', () => {
  const long = 'The quick brown fox jumps over the lazy dog. '.repeat(6000);
  /** Milliseconds from a call to its answer, the longest of some. */
  async function longest(times: number, call: () => unknown): Promise<number> {
    let most = 0;
    for (let k = 0; k < times; k++) {
      await new Promise((resolve) => setTimeout(resolve, 7));
      const asked = performance.now();
      // As a message would come: behind what runs.
      await new Promise((resolve) => setTimeout(resolve, 0));
      await call();
      most = Math.max(most, performance.now() - asked);
    }
    return most;
  }
  test(
    'a window near the start is served while the rest runs; a stop too, though windows are computed again',
    BUSY,
    async () => {
      const { id, tokens } = await open({ kind: 'text', name: 'long', text: long });
      await report((p) => p.id === id && p.done > 20_000);
      expect(await longest(10, () => worker.row(id, 300))).toBeLessThan(50);
      const [last] = reports.filter((p) => p.id === id).slice(-1);
      expect(last?.state).toBe('running');
      // Coarse tiles of all that is there: seconds of work for this engine.
      const tiles = [0, 1, 2, 3].map((index) =>
        Promise.resolve(worker.tile({ trace: id, layer: 0, signal: 'cell', level: 2, index })).catch(() => undefined),
      );
      const asked = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 0));
      await worker.stop(id);
      expect(performance.now() - asked).toBeLessThan(50);
      const stopped = await report((p) => p.id === id && p.state === 'stopped');
      expect(stopped.done).toBeLessThan(tokens);
      await worker.close(id);
      await Promise.all(tiles);
    },
  );
});

describe('a trace that rests after what can be seen first', () => {
  const HOUR = 3_600_000;
  const resting = async (pause: number): Promise<{ readonly info: TraceInfo; readonly done: number }> => {
    const text: TextSource = { kind: 'text', name: 'sample', text: 'One word after another. '.repeat(1000) };
    const info = await worker.open({ text, model, memory: MEMORY, pause });
    const { done } = await report((p) => p.id === info.id && p.done > 0);
    return { info, done };
  };
  const reached = (id: number): number => Math.max(...reports.filter((p) => p.id === id).map((p) => p.done));

  test('can be looked at, and goes on when it is told to', async () => {
    const { info, done } = await resting(HOUR);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reached(info.id)).toBe(done);
    expect(done).toBeLessThan(info.tokens);
    const tile = await worker.tile({ trace: info.id, layer: 0, signal: 'cell', level: 0, index: 0 });
    expect(tile.columns).toBe(Math.min(256, done));
    await worker.proceed(info.id);
    await report((p) => p.id === info.id && p.state === 'done');
    expect(reached(info.id)).toBe(info.tokens);
  });

  test('goes on by itself after its pause', async () => {
    const { info } = await resting(1);
    await report((p) => p.id === info.id && p.state === 'done');
  });

  test('ends at once when it is stopped', async () => {
    const { info, done } = await resting(HOUR);
    await worker.stop(info.id);
    expect((await report((p) => p.id === info.id && p.state === 'stopped')).done).toBe(done);
  });

  test('a trace that is gone is told nothing', async () => {
    const { info } = await resting(HOUR);
    await worker.close(info.id);
    await expect((async () => worker.proceed(info.id))()).resolves.toBeUndefined();
  });
});

test('a file larger than VS Code opens is read and traced by the worker itself', async () => {
  const path = join(folder, 'huge.txt');
  const line = Buffer.from('A line of a very long file, again and again.\n');
  const block = Buffer.alloc(2 ** 20, line);
  const file = openSync(path, 'w');
  for (let k = 0; k < 60; k++) writeSync(file, block);
  closeSync(file);
  const info = await open({ kind: 'file', path });
  expect(info.tokens).toBe(60 * 2 ** 20);
  const first = await report((p) => p.id === info.id && p.done > 0);
  expect(first.state).toBe('running');
  expect((await worker.row(info.id, 200)).label).toBe(String.fromCharCode(block[200] ?? 0));
  expect(await worker.rangeOf(info.id, info.tokens - 1)).toEqual({ start: info.tokens - 1, end: info.tokens });
  await worker.close(info.id);
});
describe('models over other tokens', () => {
  const letters = Array.from('abcdefghijkl');
  const other = createHandler(createScalarEngine, { progress: () => undefined }, () =>
    someModel(someNetwork({ cell: 'lstm' })),
  );
  const source = { kind: 'bytes', name: 'm.pt', bytes: Uint8Array.of(1) } as const;
  const withVocabulary = { ...source, siblings: { 'vocab.json': Buffer.from(JSON.stringify(letters)) } };

  test('what is missing is said, and a text is refused until it is there', async () => {
    const info = await other.loadModel(source);
    expect(info).toMatchObject({ needs: 'tokenizer', tokenizer: undefined, input: { kind: 'tokens', vocab: 12 } });
    const refused = async (): Promise<unknown> =>
      other.open({ text: { kind: 'text', name: 't', text: 'abc' }, model: info.id, memory: MEMORY });
    await expect(refused()).rejects.toMatchObject({ code: 'tokenizer-needed' });
    const saved = await other.saveSidecar(source, { kind: 'characters', characters: letters.join('') });
    expect(saved).toMatchObject({ name: 'm.gatescope.json', written: false });
    const answered = { ...source, siblings: { [saved.name]: Buffer.from(saved.text) } };
    expect(await other.loadModel(answered)).toMatchObject({
      tokenizer: 'characters',
      tokenizerInfo: { kind: 'characters', from: 'm.gatescope.json', tokens: 12 },
    });
  });

  test('labels, ranges and predictions are of the tokenizer; the unknown is marked', async () => {
    const { id: model } = await other.loadModel(withVocabulary);
    const text = 'ab?c\n??d';
    const { id, tokens, notes } = await other.open({ text: { kind: 'text', name: 't', text }, model, memory: MEMORY });
    expect(tokens).toBe(8);
    expect(words(notes).join()).toMatch(/4 of 8 tokens are not in the model's vocabulary/);
    await expect
      .poll(async () =>
        Promise.resolve(other.row(id, 7)).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(await other.unknown(id, 0, 99)).toEqual([
      { start: 2, end: 3 },
      { start: 4, end: 5 },
      { start: 5, end: 6 },
      { start: 6, end: 7 },
    ]);
    expect(await other.unknown(id, 5, 6)).toEqual([{ start: 5, end: 6 }]);
    const explanation = await other.explain(id, 2);
    expect(explanation.glyph).toEqual({ text: '?', token: 2, count: 1, start: 2, unknown: true });
    for (const { token, label } of explanation.next) expect(label).toBe(letters[token]);
    expect(explanation.actual).toMatchObject({ token: 2, label: 'c' });
    expect(await other.rangeOf(id, 7)).toEqual({ start: 7, end: 8 });
  });

  test('a description, and the statistics of a matrix', async () => {
    const description = await other.inspect(withVocabulary);
    expect(description).toMatchObject({ format: 'PyTorch', tokenizer: { from: 'vocab.json' }, needs: undefined });
    const [matrix] = description.layers[0]?.matrices ?? [];
    const statistics = await other.matrix(source, matrix?.name ?? '');
    expect(statistics).toMatchObject({ name: 'l0.weight_ih', shape: [20, 4], nonFinite: 0 });
    const refused = async (): Promise<unknown> => other.matrix(source, 'l9.weight_hh');
    await expect(refused()).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('opening a long text gives way, and is ended by its ticket within 50 ms', BUSY, async () => {
    const { id: model } = await other.loadModel(withVocabulary);
    const text = 'abcdefghijkl?'.repeat(400_000);
    const opening = Promise.resolve(
      other.open({ text: { kind: 'text', name: 'long', text }, model, memory: MEMORY, ticket: 5 }),
    );
    const ended = expect(opening).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('long') as string,
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const asked = performance.now();
    await other.cancel(5);
    await ended;
    expect(performance.now() - asked).toBeLessThan(50);
    await other.cancel(5);
  });
});

describe('networks and texts of other kinds', () => {
  const ended = async (own: Handler<WorkerApi>, seen: TraceProgress[], id: number): Promise<void> => {
    while (!seen.some((p) => p.id === id && p.state === 'done')) await new Promise((resolve) => setTimeout(resolve, 5));
    await own.stats(id);
  };
  test('a table through a network of both directions', async () => {
    const seen: TraceProgress[] = [];
    const network = someNetwork({ cell: 'gru', width: 2, bidirectional: true, numbers: true });
    const own = createHandler(createScalarEngine, { progress: (p) => void seen.push(p) }, () => someModel(network));
    const { id: loaded } = await own.loadModel({ kind: 'bytes', name: 'm', bytes: new Uint8Array(1) });
    const rows = Array.from({ length: 700 }, (_, t) => `${String(Math.sin(t))},${String(Math.cos(t / 3))}`);
    const csv = `a,b\n${rows.join('\n')}\n`;
    const info = await own.open({ text: { kind: 'text', name: 'x.csv', text: csv }, model: loaded, memory: MEMORY });
    expect(info).toMatchObject({ tokens: 700, model: { layers: [{ name: 'l0' }, { name: 'l0_reverse' }] } });
    await ended(own, seen, info.id);
    const run = evaluate(
      network,
      { x: Float32Array.from(rows.flatMap((line) => line.split(',').map(Number))) },
      { steps: 700, batch: 1 },
    );
    const { layers } = await own.row(info.id, 300);
    for (const [k, { signals }] of run.directions.entries()) {
      const hidden = signals.find(({ name }) => name === 'hidden');
      for (const [u, value] of (layers[k]?.[3] ?? []).entries())
        expect(value).toBeCloseTo(hidden?.values[1500 + u] ?? 9, 5);
    }
    // A row is edited: the trace is that of the new table.
    const [first = ''] = rows;
    const next = await own.edit(info.id, [{ start: 4, end: 4 + first.length, text: '0.5,0.25' }]);
    await ended(own, seen, next.id);
    expect(next.tokens).toBe(700);
    expect((await own.row(next.id, 0)).layers).not.toEqual((await own.row(info.id, 0)).layers);
  });
});
