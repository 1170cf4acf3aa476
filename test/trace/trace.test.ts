/** A trace in bounded memory: windows, summaries and tiles against one plain run over the whole text. */
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine';
import { WINDOW_TOKENS } from '../../src/engine/engine';
import { createScalarEngine } from '../../src/engine/scalar';
import { createWasmEngine } from '../../src/engine/wasm';
import { TILE_COLUMNS } from '../../src/shared/trace';
import { bend } from '../../src/shared/bytes';
import { decode, encode } from '../../src/trace/bfloat';
import { plan } from '../../src/trace/plan';
import { Summary } from '../../src/trace/summary';
import { tile } from '../../src/trace/tile';
import { StreamTrace } from '../../src/trace/stream';
import type { Window } from '../../src/trace/trace';
import { kernelModule } from '../engine/kernels';
import { randomNetwork, randomTokens } from '../engine/randomNetwork';

const LSTM = createScalarEngine(randomNetwork({ seed: 1, cell: 'lstm', units: [5, 3] }));
const MB = 2 ** 20;

/** All records, by one plain pass. */
function plainRun(engine: Engine, tokens: Uint8Array): Float32Array {
  const state = new Float32Array(engine.stateSize);
  const all = new Float32Array(tokens.length * engine.layout.width);
  for (let at = 0; at < tokens.length; at += WINDOW_TOKENS) {
    all.set(engine.run(tokens.subarray(at, at + WINDOW_TOKENS), state), at * engine.layout.width);
  }
  return all;
}

const windowOf = (trace: StreamTrace, index: number): Promise<Window> =>
  trace.read(index, ({ tokens, records }) => ({ tokens, records: records.slice() }));

function fullTrace(tokens: Uint8Array, memory: number): StreamTrace {
  const trace = new StreamTrace(LSTM, tokens, memory);
  while (trace.advance());
  return trace;
}

describe('blocks summarized by the kernels are those by hand, bit for bit', () => {
  const network = randomNetwork({ seed: 4, cell: 'lstm', units: [5, 3] });
  // A NaN in one token's embedding, an infinity in another's: both must come through.
  network.input.table[0] = NaN;
  network.input.table[7] = Infinity;
  const engine = createWasmEngine(kernelModule(), network);
  const slow: Pick<Engine, 'reduce'> = { reduce: (from, to) => engine.reduce(from, to) };

  test.each([0, 1, 2, 3, 5, 8, 9])('at level %d', (level) => {
    const tokens = randomTokens(3, 900);
    tokens.fill(9, 0, 300);
    const capacity = Math.ceil(tokens.length / 2 ** level);
    const [fast, expected] = [1, 2].map(() => new Summary(engine.layout.width, level, capacity));
    const state = new Float32Array(engine.stateSize);
    // Windows that end within blocks.
    for (const [from, to] of [
      [0, 256],
      [256, 300],
      [300, 431],
      [431, 687],
      [687, 900],
    ] as const) {
      engine.run(tokens.subarray(from, to), state);
      fast?.add(engine, to - from);
      expected?.add(slow, to - from);
    }
    fast?.end();
    expected?.end();
    expect(fast?.blocks).toBe(capacity);
    for (const part of ['min', 'mean', 'max'] as const) {
      expect(Array.from(fast?.[part] ?? [])).toEqual(Array.from(expected?.[part] ?? [NaN]));
    }
  });
});

describe('a window recomputed is bit-identical to the first pass', () => {
  test.each([
    ['roomy', 5000, 64 * MB],
    ['with a checkpoint for many windows, in no particular order', 5000, 20_000],
    ['of a text of one token', 1, MB],
    ['at a partial end', 257, 3000],
  ])('%s', async (_, length, memory) => {
    const tokens = randomTokens(7, length);
    const expected = plainRun(LSTM, tokens);
    const trace = fullTrace(tokens, memory);
    const windows = Math.ceil(length / WINDOW_TOKENS);
    for (let i = 0; i < 2 * windows; i++) {
      const index = (i * 7) % windows;
      const { records, tokens: count } = await windowOf(trace, index);
      const from = index * WINDOW_TOKENS * trace.layout.width;
      expect(count).toBe(Math.min(WINDOW_TOKENS, length - index * WINDOW_TOKENS));
      expect(Buffer.from(records.buffer).equals(Buffer.from(expected.slice(from, from + records.length).buffer))).toBe(
        true,
      );
    }
  });
});

test('windows asked for at once, while the first pass still runs', async () => {
  const tokens = randomTokens(3, 4000);
  const expected = plainRun(LSTM, tokens);
  const trace = new StreamTrace(LSTM, tokens, 20_000);
  for (let i = 0; i < 12; i++) trace.advance();
  const asked = [0, 3, 11, 3, 7].map(async (index) => ({ index, ...(await windowOf(trace, index)) }));
  while (trace.advance());
  for (const { index, records } of await Promise.all(asked)) {
    const from = index * WINDOW_TOKENS * trace.layout.width;
    expect(records).toEqual(expected.slice(from, from + records.length));
  }
  await expect(windowOf(trace, 16)).rejects.toMatchObject({ code: 'bad-request' });
});

describe('tiles at every level hold the extremes and means of what they cover', () => {
  const tokens = randomTokens(11, 70_001);
  const expected = plainRun(LSTM, tokens);
  // The budget puts the resident level in the middle, so that tiles are made in all three ways.
  const trace = fullTrace(tokens, 2_000_000);
  const { width, columns } = trace.layout;
  test('the resident level is where this test needs it', () => {
    expect(trace.base.level).toBeGreaterThan(3);
    expect(trace.base.level).toBeLessThan(12);
  });
  const levels = Array.from({ length: 18 }, (_, level) => level);
  test.each(levels.flatMap((level) => columns.map((c) => [level, c.name, c] as const)))(
    'level %i of %s',
    async (level, _, column) => {
      const tiles = Math.ceil(tokens.length / 2 ** level / TILE_COLUMNS);
      for (const index of new Set([0, tiles >> 1, tiles - 1])) {
        const got = await tile(trace, column.layer, column.signal, level, index);
        const first = index * TILE_COLUMNS;
        expect(got.columns).toBe(Math.min(TILE_COLUMNS, Math.ceil(tokens.length / 2 ** level) - first));
        expect(got.final).toBe(true);
        const bent = (v: number): number => bend(v, got.knee);
        const step = (bent(got.hi) - bent(got.lo)) / 255;
        for (const c of new Set([0, got.columns >> 1, got.columns - 1])) {
          const from = (first + c) * 2 ** level;
          const to = Math.min(tokens.length, from + 2 ** level);
          for (let unit = 0; unit < column.units; unit++) {
            const values = Array.from(
              { length: to - from },
              (_, t) => expected[(from + t) * width + column.offset + unit] ?? 0,
            );
            const want = { min: Infinity, mean: 0, max: -Infinity };
            for (const v of values) {
              want.min = Math.min(want.min, v);
              want.max = Math.max(want.max, v);
              want.mean += v / values.length;
            }
            for (const stat of ['min', 'mean', 'max'] as const) {
              const byte = got[stat][unit * got.columns + c] ?? 0;
              const difference = Math.abs(bent(got.lo) + byte * step - bent(want[stat]));
              // Half a level by quantisation, and 2^-9 of the value by the summary's bfloat16 (twice for merged means).
              expect(difference).toBeLessThanOrEqual(step * 0.501 + Math.abs(want[stat]) * 2 ** -8 + 1e-6);
            }
          }
        }
      }
    },
  );
});

describe('tiles while the trace runs', () => {
  const tokens = randomTokens(5, 10_000);
  test.each([0, 2, 5, 9])('level %i grows and ends like the whole', async (level) => {
    const trace = new StreamTrace(LSTM, tokens, 300_000);
    const whole = fullTrace(tokens, 300_000);
    const index = 0;
    let more = true;
    while (more) {
      for (let i = 0; i < 9; i++) more = trace.advance();
      const got = await tile(trace, 0, 'cell', level, index);
      expect(got.columns).toBe(Math.min(TILE_COLUMNS, Math[more ? 'floor' : 'ceil'](trace.done / 2 ** level)));
      expect(got.final).toBe(!more || got.columns === TILE_COLUMNS);
    }
    expect(await tile(trace, 0, 'cell', level, index)).toEqual(await tile(whole, 0, 'cell', level, index));
  });
  test('a stopped trace shows what there is, the partial column too', async () => {
    const trace = new StreamTrace(LSTM, tokens, 300_000);
    trace.advance();
    trace.stop();
    expect(trace.advance()).toBe(false);
    expect(await tile(trace, 0, 'forget', 9, 0)).toMatchObject({ columns: 1, final: true });
    expect(await tile(trace, 0, 'forget', 0, 5)).toMatchObject({ columns: 0, final: true });
  });
});

test.each([
  ['no such signal', 0, 'reset', 0, 0],
  ['no such layer', 2, 'cell', 0, 0],
  ['a negative level', 0, 'cell', -1, 0],
  ['half a level', 0, 'cell', 0.5, 0],
  ['beyond the end', 0, 'cell', 0, 4],
  ['no number', 0, 'cell', 0, NaN],
])('a tile of %s is refused', async (_, layer, signal, level, index) => {
  const trace = fullTrace(randomTokens(1, 1000), MB);
  await expect(tile(trace, layer, signal as 'cell', level, index)).rejects.toMatchObject({ code: 'bad-request' });
});

test('a closed trace rejects what is still being computed', async () => {
  const trace = fullTrace(randomTokens(1, 20_000), 100);
  const asked = windowOf(trace, 77);
  trace.close();
  await expect(asked).rejects.toMatchObject({ code: 'trace-gone' });
});

test.each([
  [1, 16, 10],
  [20_000, 1540, 512],
  [5_000_000, 1540, 512],
  [1_000_000_000, 1540, 512],
  [10_000_000, 6 * 1024 * 3 + 4, 6144],
])('a plan for %i tokens keeps to its budget', (tokens, width, stateSize) => {
  const memory = 256 * MB;
  const { baseLevel, checkpointTokens, cacheBytes } = plan(tokens, width, stateSize, memory, 0);
  const summary = Math.ceil(tokens / 2 ** baseLevel) * width * 6;
  const checkpoints = Math.ceil(tokens / checkpointTokens) * stateSize * 4;
  expect(summary + checkpoints + cacheBytes).toBeLessThanOrEqual(memory);
});

test('bfloat16 rounds to nearest and keeps what is no number', () => {
  const values = Float32Array.of(0, -0, 1, -1.5, 1e-40, 3.14159, 255.5, NaN, Infinity, -Infinity, 3.3895e38);
  const words = new Uint16Array(values.length);
  encode(values, words, 0);
  for (const [i, value] of values.entries()) {
    const back = decode(words[i] ?? 0);
    if (Number.isFinite(value)) expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -8 + 1e-40);
    else expect(back).toBe(value);
  }
});

describe('the first NaN or infinity of a run', () => {
  // Doubles its one unit until float32 overflows; a step later its sums are NaN or stay infinite.
  const growing = randomNetwork({ seed: 6, cell: 'rnn', activation: 'relu', units: [2], head: 'none' });
  const [first] = growing.layers;
  first?.weightIh.fill(0.001);
  first?.weightHh.set([1, 0, 0, 1.25]);
  growing.input.table.fill(1);
  const calm = randomNetwork({ seed: 6, cell: 'rnn', units: [2, 3], scale: 0.1 });
  const poisoned = randomNetwork({ seed: 8, cell: 'gru', units: [3, 2] });
  poisoned.input.table[9 * poisoned.input.width] = NaN;

  test.each([
    ['that grows, at single blocks', growing, randomTokens(2, 3000), 64 * MB],
    ['that grows, at blocks longer than a window', growing, randomTokens(2, 3000), 2000],
    ['with a NaN in one token of the embedding', poisoned, randomTokens(4, 3000).map((t) => t % 9), 64 * MB],
    ['that does not overflow', calm, randomTokens(2, 3000), 2000],
  ])('of a model %s', (name, network, tokens, memory) => {
    if (network === poisoned) tokens[1717] = 9;
    for (const engine of [createScalarEngine(network), createWasmEngine(kernelModule(), network)]) {
      const trace = new StreamTrace(engine, tokens, memory);
      while (trace.advance());
      const { width, columns } = trace.layout;
      const records = plainRun(engine, tokens);
      const place = records.findIndex((value) => !Number.isFinite(value));
      if (name.includes('not')) {
        expect(place).toBe(-1);
        expect(trace.fault).toBeUndefined();
        continue;
      }
      const token = Math.floor(place / width);
      expect(token).toBeGreaterThan(256);
      expect(trace.fault).toMatchObject({ token, layer: 'l0', signal: network === poisoned ? 'reset' : 'hidden' });
      const { unit, signal, value } = trace.fault ?? { unit: -1 };
      const column = columns.find((c) => c.layer === 0 && c.signal === signal);
      expect(String(records[token * width + (column?.offset ?? 0) + unit])).toBe(value);
    }
  });
});
