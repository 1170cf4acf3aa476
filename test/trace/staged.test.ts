/** Traces of any network against one float64 run over the whole input, and against themselves in other memory. */
import { describe, expect, test } from 'vitest';
import { WINDOW_TOKENS } from '../../src/engine/engine';
import { evaluate } from '../../src/engine/evaluate';
import { GATES, type CellVariant, type LayerWeights } from '../../src/engine/network';
import type { DenseLayer, Head, RecurrentNetwork } from '../../src/engine/recurrent';
import { createScalarEngine } from '../../src/engine/scalar';
import { SIGMOID } from '../../src/engine/squashing';
import type { Merge, RecurrentLayer } from '../../src/engine/sequence';
import { createDenseEngine, createWasmEngine } from '../../src/engine/wasm';
import { SIGNALS, type CellKind } from '../../src/shared/signals';
import { createTrace, type EngineFactory } from '../../src/trace/create';
import { StagedTrace } from '../../src/trace/staged';
import type { TraceInput } from '../../src/trace/stages';
import { tile } from '../../src/trace/tile';
import type { Trace } from '../../src/trace/trace';
import { kernelModule } from '../engine/kernels';
import { randomTokens, seededRandom } from '../engine/randomNetwork';

interface Recipe {
  readonly cell: CellKind;
  readonly layers: number;
  readonly directions: readonly boolean[];
  readonly merge?: Merge;
  readonly numbers?: boolean;
  readonly projected?: boolean;
  readonly peepholes?: boolean;
  readonly output?: Head['output'];
}

const UNITS = 5;
const VOCAB = 20;
const WIDTH = 4;

function networkOf({ cell, layers, directions, merge = 'concat', numbers, ...recipe }: Recipe): RecurrentNetwork {
  const random = seededRandom(layers * 100 + directions.length);
  const values = (count: number, bound = 0.8): Float32Array =>
    Float32Array.from({ length: count }, () => (random() * 2 - 1) * bound);
  const hidden = recipe.projected ? 3 : UNITS;
  let inputSize = WIDTH;
  const stack = Array.from({ length: layers }, (): RecurrentLayer => {
    const rows = GATES[cell] * UNITS;
    const weights = (): LayerWeights => {
      const variant: CellVariant = {
        ...(recipe.projected && { projection: values(hidden * UNITS) }),
        ...(recipe.peepholes && { peephole: values(3 * UNITS), clip: 1.5 }),
      };
      return {
        cell,
        activation: 'tanh',
        inputSize,
        units: UNITS,
        weightIh: values(rows * inputSize),
        weightHh: values(rows * hidden),
        biasIh: values(rows),
        biasHh: values(rows),
        variant,
      };
    };
    const layer = { directions: directions.map((reverse) => ({ reverse, weights: weights() })), merge };
    inputSize = merge === 'concat' ? hidden * directions.length : hidden;
    return layer;
  });
  const dense = (inputs: number, outputs: number, activation: DenseLayer['activation']): DenseLayer => {
    const weight = values(inputs * outputs, 2);
    return { inputSize: inputs, outputSize: outputs, weight, bias: values(outputs), activation };
  };
  const outputs = recipe.output === 'next-token' ? VOCAB : 3;
  return {
    input: numbers
      ? { kind: 'numbers', width: WIDTH }
      : { kind: 'tokens', vocab: VOCAB, width: WIDTH, table: values(VOCAB * WIDTH) },
    layers: stack,
    head: recipe.output && {
      layers: [dense(inputSize, 6, SIGMOID), dense(6, outputs, undefined)],
      output: recipe.output,
    },
  };
}

function inputOf(numbers: boolean | undefined, length: number): TraceInput {
  if (!numbers) return { kind: 'tokens', tokens: randomTokens(7, length, VOCAB) };
  const random = seededRandom(9);
  return { kind: 'numbers', values: Float32Array.from({ length: length * WIDTH }, () => random() * 2 - 1) };
}

const kernels: EngineFactory = Object.assign(
  (network: Parameters<EngineFactory>[0]) => createWasmEngine(kernelModule(), network),
  {
    layer: (weights: LayerWeights) =>
      createDenseEngine(kernelModule(), { input: { width: weights.inputSize }, layers: [weights] }),
  },
);

async function traced(network: RecurrentNetwork, input: TraceInput, memory: number, engines = kernels): Promise<Trace> {
  const trace = await createTrace(network, input, memory, engines);
  let share = 0;
  while (trace.advance()) {
    expect(trace.share).toBeGreaterThan(share);
    share = trace.share;
  }
  return trace;
}

const recordsOf = (trace: Trace, index: number): Promise<Float32Array> =>
  trace.read(index, ({ records }) => records.slice());

const LENGTH = 1500;
const FORWARD = [false];
const BACKWARD = [true];
const BOTH = [false, true];

const recipes: readonly (readonly [string, Recipe])[] = [
  ...(['lstm', 'gru', 'rnn'] as const).flatMap((cell) =>
    [1, 2, 3].map((layers): [string, Recipe] => [
      `bidirectional ${cell} of ${String(layers)}`,
      { cell, layers, directions: BOTH, output: 'classes' },
    ]),
  ),
  ...(['sum', 'average', 'multiply'] as const).map((merge): [string, Recipe] => [
    `directions merged by ${merge}`,
    { cell: 'gru', layers: 2, directions: BOTH, merge },
  ]),
  ['reverse only', { cell: 'lstm', layers: 2, directions: BACKWARD, output: 'values' }],
  ['projected', { cell: 'lstm', layers: 2, directions: BOTH, projected: true }],
  ['projected, forward', { cell: 'lstm', layers: 2, directions: FORWARD, projected: true, output: 'next-token' }],
  ['peepholes and clip, over numbers', { cell: 'lstm', layers: 2, directions: BOTH, peepholes: true, numbers: true }],
  ['numbers, forward', { cell: 'gru', layers: 2, directions: FORWARD, numbers: true, output: 'values' }],
  ['a head of two layers, forward', { cell: 'lstm', layers: 2, directions: FORWARD, output: 'next-token' }],
  [
    'a head of two layers to the next token, in both directions',
    { cell: 'gru', layers: 1, directions: BOTH, output: 'next-token' },
  ],
];

describe.each(recipes)('%s', (_, recipe) => {
  const network = networkOf(recipe);
  const input = inputOf(recipe.numbers, LENGTH);
  const source = input.kind === 'tokens' ? { tokens: input.tokens } : { x: input.values };
  const run = evaluate(network, source, { steps: LENGTH, batch: 1 });
  const backward = recipe.directions.includes(true);

  test('every signal is that of one float64 run, to 1e-5', async () => {
    const trace = await traced(network, input, 2 ** 24);
    expect(trace).toBeInstanceOf(StagedTrace);
    expect(trace).toMatchObject({ state: 'done', done: LENGTH, share: 1, fault: undefined });
    const { columns, width } = trace.layout;
    const signals = run.directions.flatMap(({ name, cell, signals }) => {
      expect(signals.map((one) => one.name)).toEqual(SIGNALS[cell].map((one) => one.name));
      return signals.map((one) => ({ ...one, name: `${name}.${one.name}` }));
    });
    expect(columns.map(({ name }) => name).filter((name) => name !== 'loss')).toEqual(signals.map(({ name }) => name));
    let worst = 0;
    for (let index = 0; index * WINDOW_TOKENS < LENGTH; index++) {
      const records = await recordsOf(trace, index);
      for (const [k, { units, values }] of signals.entries()) {
        for (let t = 0; t * width < records.length; t++) {
          for (let u = 0; u < units; u++) {
            const got = records[t * width + (columns[k]?.offset ?? NaN) + u] ?? NaN;
            const want = values[(index * WINDOW_TOKENS + t) * units + u] ?? NaN;
            worst = Math.max(worst, Math.abs(got - want));
          }
        }
      }
    }
    expect(worst).toBeLessThan(1e-5);
  });

  test('windows in little memory, in any order, are those of the first pass bit for bit; so are tiles', async () => {
    const [roomy, tight] = [await traced(network, input, 2 ** 24), await traced(network, input, 6000)];
    for (const index of [3, 0, 5, 2, 4, 1, 3]) {
      expect(await recordsOf(tight, index)).toEqual(await recordsOf(roomy, index));
    }
    expect(tight.meanLoss).toBe(roomy.meanLoss);
    for (const level of [0, 1, 2]) {
      const [one, other] = await Promise.all([roomy, tight].map((trace) => tile(trace, 0, 'hidden', level, 0)));
      expect(one).toMatchObject({ final: true });
      if (level < roomy.base.level) expect(other).toEqual(one);
    }
  });

  test.runIf(recipe.output)('the head says what it says in float64; a loss is there where it may be', async () => {
    const trace = await traced(network, input, 2 ** 24);
    const outputs = (run.logits?.length ?? 0) / LENGTH;
    const column = trace.layout.columns.find(({ signal }) => signal === 'loss');
    expect(column !== undefined).toBe(recipe.output === 'next-token' && !backward);
    for (const token of [0, 255, 256, 700, LENGTH - 1]) {
      const logits = [...(run.logits?.subarray(token * outputs, (token + 1) * outputs) ?? [])];
      const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
      const got = await trace.outputs(token);
      const want = recipe.output === 'values' ? logits : logits.map((z) => Math.exp(z) / total);
      for (const [k, value] of want.entries()) expect(got[k]).toBeCloseTo(value, 5);
      if (column === undefined || input.kind !== 'tokens' || token + 1 === LENGTH) continue;
      const next = token + 1;
      const records = await recordsOf(trace, Math.floor(next / WINDOW_TOKENS));
      const loss = records[(next % WINDOW_TOKENS) * trace.layout.width + column.offset];
      expect(loss).toBeCloseTo(-Math.log(want[input.tokens[next] ?? 0] ?? 0), 4);
    }
  });

  test('a NaN is told where it arose', async () => {
    const poisoned = inputOf(recipe.numbers, LENGTH);
    const table = network.input.kind === 'tokens' && network.input.table ? network.input.table.slice() : undefined;
    if (poisoned.kind === 'numbers') poisoned.values[1000 * WIDTH] = NaN;
    else {
      for (const [t, token] of poisoned.tokens.entries()) if (token === 13) poisoned.tokens[t] = 12;
      poisoned.tokens[1000] = 13;
      table?.fill(NaN, 13 * WIDTH, 14 * WIDTH);
    }
    const ill: RecurrentNetwork =
      network.input.kind === 'tokens' ? { ...network, input: { ...network.input, table } } : network;
    const trace = await traced(ill, poisoned, 2 ** 24, createScalarEngine);
    expect(trace.fault).toMatchObject({
      token: 1000,
      layer: recipe.directions[0] ? 'l0_reverse' : (expect.stringMatching(/^l0/) as string),
      value: 'NaN',
    });
  });
});

describe('a forward network', () => {
  const network = networkOf({ cell: 'lstm', layers: 2, directions: FORWARD, numbers: true });
  test('is readable while the rest runs', async () => {
    const input = inputOf(true, 5000);
    const trace = await createTrace(network, input, 2 ** 20, kernels);
    for (let k = 0; k < 3; k++) trace.advance();
    expect(trace).toMatchObject({ state: 'running', done: 3 * WINDOW_TOKENS });
    const early = await recordsOf(trace, 1);
    trace.stop();
    expect(trace.advance()).toBe(false);
    expect(trace.state).toBe('stopped');
    const whole = await traced(network, input, 2 ** 20);
    expect(early).toEqual(await recordsOf(whole, 1));
  });
});

test.each<[string, Recipe, TraceInput]>([
  ['numbers for tokens', { cell: 'rnn', layers: 1, directions: BOTH }, inputOf(true, 9)],
  ['tokens for numbers', { cell: 'rnn', layers: 1, directions: BOTH, numbers: true }, inputOf(false, 9)],
  [
    'a token outside the vocabulary',
    { cell: 'rnn', layers: 1, directions: BOTH },
    { kind: 'tokens', tokens: Uint8Array.of(1, VOCAB) },
  ],
])('%s: refused', async (_, recipe, input) => {
  await expect(createTrace(networkOf(recipe), input, 2 ** 20, kernels)).rejects.toMatchObject({ code: 'bad-request' });
});
