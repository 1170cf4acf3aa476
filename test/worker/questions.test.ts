/** What is asked of a trace, through the handler: lines, guesses, reasons, jumps and copies. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/engine/evaluate';
import { createScalarEngine } from '../../src/engine/scalar';
import type { TraceInfo, TraceProgress } from '../../src/shared/trace';
import { createHandler } from '../../src/worker/handler';
import { tinyModel } from '../models/tinyModel';
import { someModel, someNetwork } from './someModel';

const reports: TraceProgress[] = [];
const network = someNetwork({ cell: 'lstm', units: [4, 3], vocab: 256, bidirectional: true });
const worker = createHandler(
  createScalarEngine,
  {
    progress: (progress) => {
      reports.push(progress);
    },
  },
  ({ name }) =>
    name === 'both'
      ? someModel(network, { tokenizer: { kind: 'bytes' } })
      : someModel(forward, { tokenizer: { kind: 'bytes' } }),
);
const forward = someNetwork({ cell: 'lstm', units: [4], vocab: 256 });

async function until(ready: () => boolean): Promise<void> {
  while (!ready()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function opened(text: string, model = 'forward'): Promise<TraceInfo> {
  const { id } = await worker.loadModel({ kind: 'bytes', name: model, bytes: Buffer.from(model) });
  return worker.open({ text: { kind: 'text', name: 'sample', text }, model: id, memory: 2 ** 22 });
}

async function traced(text: string, model?: string): Promise<TraceInfo> {
  const info = await opened(text, model);
  await until(() => reports.some(({ id, state }) => id === info.id && state === 'done'));
  return info;
}

const TEXT = 'One\ntwo, three\r\nfour. '.repeat(30);

test('each is answered by the trace that it names', async () => {
  const { id, tokens } = await traced(TEXT);
  const other = await traced('x\ny');
  expect(await worker.lines(id, 0, 30, 9)).toEqual({
    tokens: Int32Array.of(0, 4, 16, 26),
    numbers: Int32Array.of(1, 2, 3, 4),
    total: 61,
  });
  expect((await worker.lines(other.id, 0, 30, 9)).total).toBe(2);
  const [guess] = await worker.guesses(id, 7, 8);
  const { next, actual } = await worker.explain(id, 7);
  expect(guess).toMatchObject({ token: 7, label: next[0]?.label, probability: next[0]?.probability });
  expect(guess?.actual?.probability).toBe(actual?.probability);
  expect(await worker.jump({ trace: id, from: 5, to: 'next', by: 'line', layer: 0 })).toBe(16);
  const losses = await Promise.all(
    Array.from({ length: tokens }, async (_, t) => (await worker.row(id, t)).loss ?? -1),
  );
  const largest = await worker.jump({ trace: id, from: 5, to: 'largest', by: 'loss', layer: 0 });
  expect(losses[largest ?? -1]).toBe(Math.max(...losses));
  const copied = await worker.copy({
    trace: id,
    from: 2,
    to: 3,
    tracks: [{ layer: 0, signal: 'hidden' }],
    units: [1],
    format: 'tsv',
  });
  const { layers } = await worker.row(id, 2);
  const [, line = ''] = copied.split('\n');
  expect(Math.fround(Number(line.split('\t')[2]))).toBe(layers[0]?.[5]?.[1]);
});

test('of a layer that reads backwards: reasons and changes in its own time', async () => {
  const { id, tokens, model } = await traced(TEXT, 'both');
  expect(model.layers.map(({ reverse = false }) => reverse)).toEqual([false, true, false, true]);
  const run = evaluate(network, { tokens: new TextEncoder().encode(TEXT) }, { steps: tokens, batch: 1 });
  const { signals = [] } = run.directions[3] ?? {};
  const { gates } = await worker.why(id, 300, 3, 2);
  for (const [k, gate] of gates.entries()) {
    expect(gate.value).toBeCloseTo(signals[k]?.values[300 * 3 + 2] ?? NaN, 5);
    expect(gate.sum).toBeCloseTo(gate.bias + gate.input + gate.recurrent, 9);
  }
  const cells = signals.find(({ name }) => name === 'cell')?.values ?? new Float64Array(0);
  const changes = Array.from({ length: tokens }, (_, t) =>
    [0, 1, 2].reduce((sum, u) => sum + ((cells[t * 3 + u] ?? NaN) - (cells[(t + 1) * 3 + u] ?? 0)) ** 2, 0),
  );
  const largest = await worker.jump({ trace: id, from: 0, to: 'largest', by: 'change', layer: 3 });
  expect(changes[largest ?? -1]).toBeCloseTo(Math.max(...changes), 5);
});

test('an edited text has lines of its own', async () => {
  const { id } = await traced(TEXT);
  await worker.lines(id, 0, 9, 9);
  const info = await worker.edit(id, [{ start: 1, end: 1, text: '\n\n' }]);
  expect(Array.from((await worker.lines(info.id, 0, 9, 9)).tokens)).toEqual([0, 2, 3, 6]);
  expect((await worker.lines(id, 0, 9, 9)).total).toBe(61);
});

describe('refused', () => {
  const gone = 10_000;
  test.each<[string, () => unknown]>([
    ['lines', () => worker.lines(gone, 0, 1, 1)],
    ['guesses', () => worker.guesses(gone, 0, 1)],
    ['reasons', () => worker.why(gone, 0, 0, 0)],
    ['a jump', () => worker.jump({ trace: gone, from: 0, to: 'next', by: 'line', layer: 0 })],
    ['a copy', () => worker.copy({ trace: gone, from: 0, to: 1, tracks: [], format: 'tsv' })],
  ])('%s of a trace that is closed', async (_, ask) => {
    await expect(Promise.resolve().then(ask)).rejects.toMatchObject({ code: 'trace-gone' });
  });
  test('reasons and copies of tokens that are not traced', async () => {
    const { id, tokens } = await traced(TEXT);
    const tracks = [{ layer: 0, signal: 'cell' }] as const;
    const asks: (() => unknown)[] = [
      () => worker.why(id, tokens, 0, 0),
      () => worker.why(id, -1, 0, 0),
      () => worker.copy({ trace: id, from: 0, to: tokens + 1, tracks, format: 'tsv' }),
    ];
    for (const ask of asks) {
      await expect(Promise.resolve().then(ask)).rejects.toMatchObject({ code: 'bad-request' });
    }
  });
  test('reasons of a model that others took the place of say what to do', async () => {
    const own = createHandler(createScalarEngine, { progress: () => undefined });
    const load = async (seed: number): Promise<number> =>
      (await own.loadModel({ kind: 'bytes', name: 'tiny.safetensors', bytes: tinyModel(seed) })).id;
    const model = await load(1);
    const { id } = await own.open({ text: { kind: 'text', name: 'a', text: 'abc' }, model, memory: 2 ** 20 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await own.why(id, 1, 0, 0)).gates).toHaveLength(4);
    for (const seed of [2, 3, 4, 5]) await load(seed);
    await expect(Promise.resolve(own.why(id, 1, 0, 0))).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringMatching(/weights of tiny.*Trace the text with tiny\.safetensors again/u) as string,
    });
    // All else is still answered.
    expect((await own.row(id, 1)).label).toBe('b');
  });
});

describe('a long search', () => {
  const long = 'The quick brown fox jumps over the lazy dog. '.repeat(3000);
  test('gives way, and ends when its trace is closed', { retry: 2 }, async () => {
    const { id } = await traced(long);
    const search = Promise.resolve(worker.jump({ trace: id, from: 0, to: 'largest', by: 'change', layer: 0 }));
    const ended = expect(search).rejects.toMatchObject({ code: 'trace-gone' });
    let longest = 0;
    for (let k = 0; k < 10; k++) {
      const asked = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 0));
      await worker.row(id, 300);
      longest = Math.max(longest, performance.now() - asked);
    }
    await worker.close(id);
    await ended;
    expect(longest).toBeLessThan(60);
  });
});
