/** A trace that follows edits: all that it answers is, bit for bit, what a fresh trace of the new text answers. */
import { describe, expect, test } from 'vitest';
import { WINDOW_TOKENS, type Engine } from '../../src/engine/engine';
import { createScalarEngine } from '../../src/engine/scalar';
import { createWasmEngine } from '../../src/engine/wasm';
import { TILE_COLUMNS } from '../../src/shared/trace';
import { StreamTrace } from '../../src/trace/stream';
import { tile } from '../../src/trace/tile';
import { kernelModule } from '../engine/kernels';
import { randomNetwork, randomTokens, seededRandom } from '../engine/randomNetwork';

const VOCAB = 30;
const network = (scale: number, cell: 'lstm' | 'gru' = 'lstm'): ReturnType<typeof randomNetwork> =>
  randomNetwork({ seed: 3, cell, units: [4, 3], vocab: VOCAB, scale });
/** Forgets within some dozens of tokens. */
const CALM = network(1);
/** Never forgets: its states stay apart after any edit. */
const CHAOTIC = network(40, 'gru');

function finish(trace: StreamTrace): StreamTrace {
  while (trace.advance());
  return trace;
}

const records = (trace: StreamTrace, index: number): Promise<Uint8Array> =>
  trace.read(index, (window) => {
    const bytes = window.records.slice();
    return new Uint8Array(bytes.buffer);
  });

async function expectSame(trace: StreamTrace, fresh: StreamTrace): Promise<void> {
  expect(trace.length).toBe(fresh.length);
  expect(trace.done).toBe(fresh.length);
  for (let index = 0; index * WINDOW_TOKENS < fresh.length; index++) {
    expect(Buffer.compare(await records(trace, index), await records(fresh, index)), `window ${String(index)}`).toBe(0);
  }
}

async function expectSameTiles(trace: StreamTrace, fresh: StreamTrace): Promise<void> {
  expect(trace.base.level).toBe(fresh.base.level);
  expect(trace.settled).toBe(fresh.length);
  const telling = fresh.layout.columns.filter(({ name }) =>
    ['l0.cell', 'l0.reset', 'l1.hidden', 'loss'].includes(name),
  );
  for (const column of telling) {
    for (let level = 0; 2 ** level < 2 * fresh.length; level++) {
      const tiles = Math.ceil(fresh.length / 2 ** level / TILE_COLUMNS);
      for (const index of new Set([tiles >> 1, tiles - 1])) {
        const [got, want] = await Promise.all(
          [trace, fresh].map((one) => tile(one, column.layer, column.signal, level, index)),
        );
        expect(got, `${column.name}, level ${String(level)}, tile ${String(index)}`).toEqual(want);
      }
    }
  }
}

function spliced(tokens: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const rest = tokens.subarray(at + removed);
  const next = new Uint8Array(at + inserted.length + rest.length);
  next.set(tokens.subarray(0, at));
  next.set(inserted, at);
  next.set(rest, at + inserted.length);
  return next;
}

const engines: readonly (readonly [string, Engine])[] = [
  ['a model that forgets', createScalarEngine(CALM)],
  ['a model that never forgets', createScalarEngine(CHAOTIC)],
  ['the kernels', createWasmEngine(kernelModule(), CALM)],
];

describe.each(engines)('%s', (_, engine) => {
  // The coarse plan has blocks longer than windows, and checkpoints far apart.
  test.each([
    ['finely kept', 2 ** 20],
    ['coarsely kept', 30_000],
  ])('random edits one after the other, %s', async (_, memory) => {
    const random = seededRandom(memory);
    const below = (n: number): number => Math.floor(random() * n);
    let tokens = randomTokens(9, 4000, VOCAB);
    let trace = finish(new StreamTrace(engine, tokens, memory));
    for (let round = 0; round < 12; round++) {
      const place = [0, tokens.length, below(tokens.length), below(tokens.length)][round % 4] ?? 0;
      const removed = round % 3 === 0 ? 0 : Math.min(tokens.length - place, 1 + below(round % 5 === 0 ? 900 : 4));
      const count = round % 3 === 1 ? removed : round % 3 === 2 ? 0 : 1 + below(round % 5 === 0 ? 900 : 3);
      tokens = spliced(tokens, place, removed, randomTokens(round, count, VOCAB));
      const next = trace.edited(tokens);
      if (round % 2 === 0) {
        // Another edit comes before this one was followed to its end.
        for (let k = 0; k < round; k++) next.advance();
      } else {
        while (next.state === 'running') next.advance();
        const fresh = finish(new StreamTrace(engine, tokens, memory));
        await expectSame(next, fresh);
        if (round % 4 === 3) {
          await expectSameTiles(finish(next), fresh);
          expect(next.meanLoss).toBeCloseTo(fresh.meanLoss ?? NaN, 10);
        }
      }
      trace = next;
    }
  });
});

test('a model that forgets is traced for some windows only, whatever the length behind the edit', async () => {
  const tokens = randomTokens(9, 40_000, VOCAB);
  const engine = createScalarEngine(CALM);
  const trace = finish(new StreamTrace(engine, tokens, 2 ** 24));
  for (const place of [0, 20_000, 39_999]) {
    const next = trace.edited(spliced(tokens, place, 0, Uint8Array.of(7)));
    let windows = 0;
    while (next.state === 'running') {
      next.advance();
      windows++;
    }
    expect(windows).toBeLessThan(6);
    const index = Math.floor(next.length / WINDOW_TOKENS);
    const fresh = finish(new StreamTrace(engine, next.tokens, 2 ** 24));
    expect(Buffer.compare(await records(next, index), await records(fresh, index))).toBe(0);
  }
});

test('until the summary is computed again, coarse tiles stand in and are not final; fine ones are', async () => {
  const tokens = randomTokens(9, 20_000, VOCAB);
  const engine = createScalarEngine(CALM);
  const next = finish(new StreamTrace(engine, tokens, 2 ** 20)).edited(spliced(tokens, 9000, 0, Uint8Array.of(7)));
  while (next.state === 'running') next.advance();
  expect(next.base.level).toBeGreaterThan(2);
  const coarse = await tile(next, 0, 'cell', 8, 0);
  expect(coarse).toMatchObject({ final: false, columns: 79 });
  expect(await tile(next, 0, 'cell', 2, 15)).toMatchObject({ final: true });
  finish(next);
  const exact = await tile(next, 0, 'cell', 8, 0);
  expect(exact).toMatchObject({ final: true, columns: 79 });
  // What stood in was near: a block was off by one token at most.
  const off = coarse.mean.map((byte, k) => Math.abs(byte - (exact.mean[k] ?? 0)));
  expect(Math.max(...off)).toBeLessThan(30);
});

test('a trace that still runs when its text is edited', async () => {
  const engine = createScalarEngine(CALM);
  const tokens = randomTokens(5, 9000, VOCAB);
  for (const place of [10, 4000, 8990]) {
    const trace = new StreamTrace(engine, tokens, 2 ** 18);
    for (let k = 0; k < 17; k++) trace.advance();
    const next = trace.edited(spliced(tokens, place, 1, Uint8Array.of(1, 2, 3)));
    finish(next);
    const fresh = finish(new StreamTrace(engine, next.tokens, 2 ** 18));
    await expectSame(next, fresh);
    await expectSameTiles(next, fresh);
    // The earlier one is as it was.
    expect(trace.done).toBe(17 * WINDOW_TOKENS);
    await expectSame(finish(trace), finish(new StreamTrace(engine, tokens, 2 ** 18)));
  }
});
