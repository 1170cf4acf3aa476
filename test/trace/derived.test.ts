/** Derived signals of a trace: against a float64 run of every kind of cell, and coarse ones against exact ones. */
import { describe, expect, test } from 'vitest';
import { WINDOW_TOKENS } from '../../src/engine/engine';
import { evaluate, type Evaluation } from '../../src/engine/evaluate';
import type { CellVariant } from '../../src/engine/network';
import type { RecurrentNetwork } from '../../src/engine/recurrent';
import { SIGMOID, squashing, TANH } from '../../src/engine/squashing';
import { bend } from '../../src/shared/bytes';
import { memoryOf, type CellKind, type DerivedName } from '../../src/shared/signals';
import { TILE_COLUMNS, type Tile, type TileRequest } from '../../src/shared/trace';
import { row } from '../../src/trace/questions';
import { randomTokens, seededRandom } from '../engine/randomNetwork';
import { someNetwork, withCells } from '../worker/someModel';
import { heatOf, type Heated } from './heatOf';

const UNITS = 5;
const random = seededRandom(77);
const values = (count: number): Float32Array => Float32Array.from({ length: count }, () => random() * 2 - 1);

const varied = (cell: CellKind, variant: CellVariant, more: object = {}): RecurrentNetwork =>
  withCells(someNetwork({ cell }), (weights) => ({ ...weights, ...more, variant }));

function projected(): RecurrentNetwork {
  const network = someNetwork({ cell: 'lstm', head: false });
  return withCells(network, (weights) => ({
    ...weights,
    weightHh: values(4 * UNITS * 3),
    variant: { projection: values(3 * UNITS) },
  }));
}

const sig = (x: number): number => (2 * x - 1) ** 2;
const tan = (x: number): number => x ** 2;
const flat = (low: number, high: number) => (x: number) => (x <= low || x >= high ? 1 : 0);

/** Name, network, and the lost slopes of its gates and its candidate. */
const RECIPES: readonly (readonly [string, RecurrentNetwork, ((x: number) => number)?, ((x: number) => number)?])[] = [
  ['an LSTM', someNetwork({ cell: 'lstm' }), sig, tan],
  ['a GRU', someNetwork({ cell: 'gru' }), sig, tan],
  ['a SimpleRNN', someNetwork({ cell: 'rnn' }), tan, tan],
  [
    'both directions of LSTMs',
    someNetwork({ cell: 'lstm', units: [5, 5], bidirectional: true, head: false }),
    sig,
    tan,
  ],
  ['both directions of a GRU', someNetwork({ cell: 'gru', bidirectional: true, head: false }), sig, tan],
  ['both directions of a SimpleRNN', someNetwork({ cell: 'rnn', bidirectional: true, head: false }), tan, tan],
  ['a GRU that resets before', varied('gru', {}, { gruForm: 'resetBefore' }), sig, tan],
  ['coupled gates', varied('lstm', { coupled: true }), sig, tan],
  ['peepholes', varied('lstm', { peephole: values(3 * UNITS).map((v) => v / 4) }), sig, tan],
  ['a projection', projected(), sig, tan],
  ['hard gates', varied('lstm', { squashings: [squashing('hardSigmoid'), TANH, TANH] }), flat(0, 1), tan],
  ['a GRU that leaks', varied('gru', { squashings: [SIGMOID, squashing('leakyRelu')] })],
];

/** By the equations, in float64. @returns [steps, units] */
function expected(
  run: Evaluation,
  direction: number,
  name: DerivedName,
  gate: (x: number) => number,
  candidate: (x: number) => number,
): Float64Array {
  const of = run.directions[direction];
  if (of === undefined) throw new Error('no direction');
  const signal = (wanted: string): Float64Array =>
    of.signals.find((one) => one.name === wanted)?.values ?? new Float64Array(0);
  const memory = signal(memoryOf(of.cell));
  const by = of.reverse ? -UNITS : UNITS;
  const before = (k: number): number => memory[k - by] ?? 0;
  return memory.map((now, k) => {
    const at = (wanted: string): number => signal(wanted)[k] ?? NaN;
    if (name === 'change') return now - before(k);
    if (name === 'written') {
      return of.cell === 'lstm' ? at('input') * at('candidate') : (1 - at('update')) * at('candidate');
    }
    if (name === 'kept') return at(of.cell === 'lstm' ? 'forget' : 'update') * before(k);
    if (of.cell === 'rnn') return gate(now);
    const gates = of.cell === 'lstm' ? ['input', 'forget', 'output'] : ['reset', 'update'];
    const lost = gates.reduce((sum, wanted) => sum + gate(at(wanted)), candidate(at('candidate')));
    return lost / (gates.length + 1);
  });
}

/** All exact values of a derived signal, [tokens, units]. */
async function exact({ heat, trace }: Heated, layer: number, name: DerivedName): Promise<Float32Array> {
  const source = heat.source(layer, name);
  const { offset, units, width } = source;
  const all = new Float32Array(trace.done * units);
  for (let from = 0; from < trace.done; from += WINDOW_TOKENS) {
    await source.read(from / WINDOW_TOKENS, ({ records, tokens }) => {
      for (let t = 0; t < tokens; t++) {
        all.set(records.subarray(t * width + offset, t * width + offset + units), (from + t) * units);
      }
    });
  }
  return all;
}

/** Asks until all of it is there. */
async function settled({ heat }: Heated, request: TileRequest): Promise<Tile> {
  for (;;) {
    const tile = await heat.tile(request);
    if (tile.pending !== true) return tile;
    expect(tile.final).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The lost slope of a function whose value does not tell it. */
const untold = (): number => NaN;

const LENGTH = 700;
const tokens = randomTokens(5, LENGTH, 12);

const recipes = RECIPES.map(([name, network, gate = untold, candidate = untold]) => {
  return [name, network, gate, candidate] as const;
});

describe.each(recipes)('%s', (_, network, gate, candidate) => {
  // Records are rounded to float32, and so is the state where a window ends: 2^-24 of values up to about 4, summed.
  test('is that of a float64 run, to 2e-6', async () => {
    const run = evaluate(network, { tokens }, { steps: LENGTH, batch: 1 });
    const heated = await heatOf(network, { kind: 'tokens', tokens }, 2 ** 24);
    for (const [layer, { cell }] of run.directions.entries()) {
      const names: DerivedName[] = ['change', ...(cell === 'rnn' ? [] : (['written', 'kept'] as const))];
      if (gate !== untold) names.push('saturation');
      for (const name of names) {
        const got = await exact(heated, layer, name);
        const want = expected(run, layer, name, gate, candidate);
        expect(got).toHaveLength(want.length);
        const worst = got.reduce((most, value, k) => Math.max(most, Math.abs(value - (want[k] ?? NaN))), 0);
        expect(worst).toBeLessThan(2e-6);
      }
    }
    if (gate === untold) expect(() => heated.heat.source(0, 'saturation')).toThrow('no signal saturation');
  });

  test('what a row says was before is what changed', async () => {
    const { heat, trace } = await heatOf(network, { kind: 'tokens', tokens }, 2 ** 24);
    const run = evaluate(network, { tokens }, { steps: LENGTH, batch: 1 });
    const cells = run.directions.map(({ cell }) => cell);
    const reverse = run.directions.map((one) => one.reverse);
    const text = { labelAt: () => '', glyphOf: () => undefined } as never;
    for (const token of [0, 255, 256, LENGTH - 1]) {
      const { layers, before } = await row({ trace, text, cells, reverse, head: undefined }, token);
      for (const [layer, cell] of cells.entries()) {
        const now = layers[layer]?.[cell === 'lstm' ? 4 : cell === 'gru' ? 3 : 0] ?? [];
        const { values: changes } = await heat.column({
          trace: 1,
          layer,
          signals: ['change'],
          level: 0,
          column: token,
        });
        expect(Array.from(now, (value, u) => Math.fround(value - (before[layer]?.[u] ?? NaN)))).toEqual(
          Array.from(changes[0]?.mean ?? []),
        );
      }
    }
  });
});

describe('coarse tiles are the reduction of the exact values', () => {
  const length = 20_001;
  const many = randomTokens(9, length, 12);
  const NETWORKS = [
    ['an LSTM', someNetwork({ cell: 'lstm' }), 0],
    ['a layer that reads backwards', someNetwork({ cell: 'gru', bidirectional: true, head: false }), 1],
  ] as const;
  const BUDGETS = [2 ** 25, 400_000, 150_000];
  const cases = NETWORKS.flatMap(([name, network, layer]) =>
    BUDGETS.map((memory) => [name, memory, network, layer] as const),
  );
  test.each(cases)('of %s in %i bytes', async (_, memory, network, layer) => {
    const heated = await heatOf(network, { kind: 'tokens', tokens: many }, memory);
    for (const signal of ['change', 'written', 'kept', 'saturation'] as const) {
      const all = await exact(heated, layer, signal);
      for (const level of [1, 4, 7, 11]) {
        const index = level === 1 ? 17 : 0;
        const tiles = Object.fromEntries(
          await Promise.all(
            (['min', 'mean', 'max'] as const).map(
              async (of) => [of, await settled(heated, { trace: 1, layer, signal, level, index, of })] as const,
            ),
          ),
        );
        const { columns = 0, lo = NaN, hi = NaN, knee } = tiles['mean'] ?? {};
        const first = index * TILE_COLUMNS;
        expect(columns).toBe(Math.min(TILE_COLUMNS, Math.ceil(length / 2 ** level) - first));
        expect(tiles['mean']?.final).toBe(true);
        const bent = (v: number): number => bend(v, knee);
        const step = (bent(hi) - bent(lo)) / 255;
        for (const c of [0, columns >> 1, columns - 1]) {
          const [from, to] = [(first + c) * 2 ** level, Math.min(length, (first + c + 1) * 2 ** level)];
          for (let u = 0; u < UNITS; u++) {
            const own = Array.from({ length: to - from }, (_, t) => all[(from + t) * UNITS + u] ?? NaN);
            const want: Readonly<Record<string, number>> = {
              min: Math.min(...own),
              max: Math.max(...own),
              mean: own.reduce((sum, v) => sum + v, 0) / own.length,
            };
            for (const [of, tile] of Object.entries(tiles)) {
              const got = bent(lo) + (tile.values[u * columns + c] ?? NaN) * step;
              const wanted = want[of] ?? NaN;
              // Half a byte, and the summary's 8 bits of precision (bfloat.ts), in a mean of each of its blocks.
              const size = of === 'mean' ? own.reduce((sum, v) => sum + Math.abs(v), 0) / own.length : Math.abs(wanted);
              expect(Math.abs(got - bent(wanted))).toBeLessThan(step * 0.501 + size * 2 ** -8 + 1e-6);
            }
          }
        }
      }
    }
  });
});

test('a pass follows a trace that runs, and ends with it', async () => {
  const heated = await heatOf(
    someNetwork({ cell: 'lstm' }),
    { kind: 'tokens', tokens: randomTokens(3, 9000, 12) },
    2 ** 24,
    false,
  );
  const { trace, heat } = heated;
  for (let k = 0; k < 8; k++) trace.advance();
  const request = { trace: 1, layer: 0, signal: 'change', level: 5, index: 0 } as const;
  expect(await heat.tile(request)).toMatchObject({ columns: 0, final: false, pending: true });
  const part = await settled(heated, request);
  expect(part).toMatchObject({ columns: 64, final: false });
  while (trace.advance());
  const whole = await settled(heated, request);
  expect(whole).toMatchObject({ columns: 256, final: true });
  expect(whole.pending).toBeUndefined();
  // All at once, the same bits.
  const again = await heatOf(
    someNetwork({ cell: 'lstm' }),
    { kind: 'tokens', tokens: randomTokens(3, 9000, 12) },
    2 ** 24,
  );
  expect(await settled(again, request)).toEqual(whole);
});

test('a closed trace ends its pass', async () => {
  const heated = await heatOf(
    someNetwork({ cell: 'lstm' }),
    { kind: 'tokens', tokens: randomTokens(3, 50_000, 12) },
    2 ** 24,
  );
  const request = { trace: 1, layer: 0, signal: 'change', level: 9, index: 0 } as const;
  await heated.heat.tile(request);
  heated.heat.close();
  heated.trace.close();
  const { reached } = heated.heat.source(0, 'change');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heated.heat.source(0, 'change').reached).toBe(reached);
});
