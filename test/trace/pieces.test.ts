/** Windows that are run in pieces, as those of large networks are: the same as in one go. */
import { describe, expect, test } from 'vitest';
import { WINDOW_TOKENS } from '../../src/engine/engine';
import { createScalarEngine } from '../../src/engine/scalar';
import { pieceOf, StreamTrace } from '../../src/trace/stream';
import { randomNetwork, randomTokens } from '../engine/randomNetwork';

const engine = createScalarEngine(randomNetwork({ seed: 3, cell: 'lstm', units: [5, 4] }));
const tokens = randomTokens(4, 5000);

async function windowsOf(trace: StreamTrace): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (let window = 0; window * WINDOW_TOKENS < trace.done; window++) {
    all.push(await trace.read(window, ({ records }) => records.slice()));
  }
  return all;
}

async function expectSame(pieces: StreamTrace, whole: StreamTrace): Promise<void> {
  expect(pieces.done).toBe(whole.done);
  expect(pieces.settled).toBe(whole.settled);
  expect(pieces.meanLoss).toBe(whole.meanLoss);
  expect(await windowsOf(pieces)).toEqual(await windowsOf(whole));
  for (const part of ['min', 'mean', 'max'] as const) {
    const shown = whole.base.shown * whole.base.width;
    expect(pieces.base[part].subarray(0, shown)).toEqual(whole.base[part].subarray(0, shown));
  }
}

const finish = (trace: StreamTrace): StreamTrace => {
  while (trace.advance());
  return trace;
};

// Much is kept, and next to nothing.
describe.each([2 ** 24, 2 ** 17])('in %d bytes', (memory) => {
  test.each([8, 64])('by %d tokens', async (piece) => {
    const whole = finish(new StreamTrace(engine, tokens, memory));
    const pieces = new StreamTrace(engine, tokens, memory, undefined, piece);
    let steps = 0;
    while (pieces.advance()) {
      steps++;
      expect(pieces.done % WINDOW_TOKENS).toBe(0);
      expect(pieces.done).toBeGreaterThanOrEqual(WINDOW_TOKENS);
    }
    expect(steps).toBeGreaterThan((tokens.length - WINDOW_TOKENS) / piece - 2);
    await expectSame(pieces, whole);
    for (let window = 0; window * WINDOW_TOKENS < tokens.length; window++) {
      expect(pieces.greatestLoss(window)).toBe(whole.greatestLoss(window));
    }
  });

  test('after an edit', async () => {
    const next = Uint8Array.of(...tokens.subarray(0, 2100), 1, 2, 3, ...tokens.subarray(2110));
    const pieces = finish(new StreamTrace(engine, tokens, memory, undefined, 32)).edited(next);
    await expectSame(finish(pieces), finish(new StreamTrace(engine, next, memory)));
  });
});

test('a trace that is stopped within a window shows what there is', async () => {
  const trace = new StreamTrace(engine, tokens, 2 ** 24, undefined, 32);
  for (let k = 0; k < 4; k++) trace.advance();
  expect(trace.done).toBe(WINDOW_TOKENS);
  trace.stop();
  expect(trace.done).toBe(WINDOW_TOKENS + 3 * 32);
  const whole = finish(new StreamTrace(engine, tokens, 2 ** 24));
  expect((await windowsOf(trace))[1]).toEqual((await windowsOf(whole))[1]);
  expect(trace.base.blocks).toBe(trace.done / 2 ** trace.base.level);
});

test.each<[string, readonly number[], number]>([
  ['a small network', [128], WINDOW_TOKENS],
  ['a large one', [1024], 64],
  ['a larger one', [2048, 2048], 8],
])('%s is run by pieces that take about as long', (_, units, expected) => {
  const columns = units.flatMap((n, layer) =>
    Array.from({ length: 6 }, () => ({ layer, units: n, name: '', signal: 'cell', scale: 'free', offset: 0 }) as const),
  );
  expect(pieceOf({ columns, width: 0 })).toBe(expected);
});
