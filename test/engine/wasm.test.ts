/** The WASM engine against its float64 twin, at sizes that do not fill vectors and panels; and that cuts change no bit. */
import { describe, expect, it } from 'vitest';
import { recordLayout } from '../../src/engine/layout';
import { createScalarEngine } from '../../src/engine/scalar';
import { kernelsFile } from '../../src/engine/kernels';
import { createDenseEngine, createWasmEngine } from '../../src/engine/wasm';
import { BUILDS, kernelModule } from './kernels';
import { randomNetwork, randomTokens, seededRandom, type RandomNetworkOptions } from './randomNetwork';

const module = kernelModule();

/** Largest difference, NaN where one of two values is NaN. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let k = 0; k < a.length; k++) {
    const difference = Object.is(a[k], b[k]) ? 0 : Math.abs((a[k] ?? NaN) - (b[k] ?? NaN));
    if (!(difference <= most)) most = difference;
  }
  return most;
}

const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);

/** Where two arrays differ first, -1 where they do not. */
const firstDifference = (a: Uint32Array, b: Uint32Array): number =>
  a.length === b.length ? a.findIndex((value, k) => value !== b[k]) : Math.min(a.length, b.length);

/** Gates, states and probabilities are near 1; a loss near 10 has an ulp of 1e-6. */
const BOUND = 2e-6;

type Case = Omit<RandomNetworkOptions, 'seed'>;

const SIZES: readonly Case[] = ([1, 3, 5, 31, 33, 64, 257] as const).flatMap((units): Case[] => [
  { cell: 'lstm', units: [units] },
  { cell: 'rnn', units: [units] },
  { cell: 'rnn', units: [units], activation: 'relu', scale: 0.5 },
  { cell: 'gru', units: [units] },
  { cell: 'gru', units: [units], gruForm: 'resetBefore' },
]);
const SHAPES: readonly Case[] = [
  { cell: 'lstm', units: [5, 3] },
  { cell: 'lstm', units: [33, 31, 1] },
  { cell: 'lstm', units: [64, 64] },
  { cell: 'rnn', units: [3, 33, 5] },
  { cell: 'rnn', units: [1, 31], activation: 'relu', scale: 0.5 },
  { cell: 'lstm', units: [7], bias: 'none' },
  { cell: 'lstm', units: [7, 5], bias: 'ih' },
  { cell: 'lstm', units: [33, 5], head: 'none' },
  { cell: 'rnn', units: [33], head: 'none', bias: 'none' },
  { cell: 'lstm', units: [9], head: 'plain' },
  { cell: 'lstm', units: [9], vocab: 65 },
  { cell: 'rnn', units: [9], vocab: 31, width: 1 },
  { cell: 'lstm', units: [5], width: 1 },
  { cell: 'lstm', units: [5], width: 65 },
  { cell: 'lstm', units: [40], scale: 6 },
  { cell: 'gru', units: [33, 31, 1] },
  { cell: 'gru', units: [7, 5], bias: 'ih' },
  { cell: 'gru', units: [7, 5], bias: 'none', gruForm: 'resetBefore' },
  { cell: 'gru', units: [40], scale: 4, head: 'none' },
];

describe.each(BUILDS)('the WASM engine in %s', (build) => {
  const module = kernelModule(build);

  it.each([...SIZES, ...SHAPES])('agrees with its twin: %j', (options) => {
    const network = randomNetwork({ seed: 11, ...options });
    const wasm = createWasmEngine(module, network);
    const twin = createScalarEngine(network);
    expect(wasm.layout).toEqual(recordLayout(network.layers, options.head !== 'none'));
    const random = seededRandom(5);
    for (const count of [0, 1, 2, 33]) {
      const tokens = randomTokens(count, count, options.vocab);
      const state = Float32Array.from({ length: twin.stateSize }, () => random() - 0.5);
      const expected = Float64Array.from(state);
      const records = wasm.run(tokens, state);
      expect(records).toHaveLength(count * wasm.layout.width);
      expect(distance(records, twin.runExact(tokens, expected))).toBeLessThan(BOUND);
      expect(distance(state, expected)).toBeLessThan(BOUND);
      expect(distance(wasm.predict(state), twin.predict(state))).toBeLessThan(BOUND);
    }
  });

  it.each([255, 256])('agrees with its twin over %d tokens', (count) => {
    const network = randomNetwork({ seed: 3, cell: 'lstm', units: [33, 5] });
    const tokens = randomTokens(1, count);
    const [wasm, twin] = [createWasmEngine(module, network), createScalarEngine(network)];
    const records = wasm.run(tokens, new Float32Array(wasm.stateSize));
    expect(distance(records, twin.runExact(tokens, new Float64Array(twin.stateSize)))).toBeLessThan(BOUND);
  });

  // An error of the twin's comparison above must not hide behind its bound: a changed weight is seen.
  it.each(['input', 'forget', 'candidate', 'output'] as const)('uses the weights of the %s gate', (gate) => {
    const network = randomNetwork({ seed: 8, cell: 'lstm', units: [5] });
    const index = ['input', 'forget', 'candidate', 'output'].indexOf(gate);
    const tokens = randomTokens(4, 3);
    const run = (): Float32Array => createWasmEngine(module, network).run(tokens, new Float32Array(10)).slice();
    const before = run();
    const weights = network.layers[0]?.weightHh;
    weights?.set([5], (index * 5 + 4) * 5 + 3);
    const after = run();
    const { width } = createWasmEngine(module, network).layout;
    const changed = [...after.keys()].filter((k) => k >= width && k < 2 * width && after[k] !== before[k]);
    // Unit 4 of this gate, then its cell and hidden state; an output gate leaves the cell as it was.
    const expected = [index * 5 + 4, ...(gate === 'output' ? [] : [4 * 5 + 4]), 5 * 5 + 4];
    expect(changed.map((k) => k - width)).toEqual(expected);
  });

  it.each<Case>([
    { cell: 'lstm', units: [33, 5] },
    { cell: 'lstm', units: [64] },
    { cell: 'rnn', units: [31, 7, 3] },
    { cell: 'rnn', units: [257], head: 'none' },
    { cell: 'gru', units: [33, 5] },
    { cell: 'gru', units: [31], gruForm: 'resetBefore' },
  ])('gives the same bits however a text is cut: %j', (options) => {
    const network = randomNetwork({ seed: 21, ...options });
    const tokens = randomTokens(6, 256);
    const whole = createWasmEngine(module, network);
    const state = new Float32Array(whole.stateSize);
    const expected = bits(whole.run(tokens, state));
    const engine = createWasmEngine(module, network);
    const random = seededRandom(99);
    for (let round = 0; round < 20; round++) {
      const partState = new Float32Array(engine.stateSize);
      const parts = new Float32Array(tokens.length * engine.layout.width);
      let from = 0;
      while (from < tokens.length) {
        const to = Math.min(tokens.length, from + Math.floor(random() ** 3 * 200));
        parts.set(engine.run(tokens.subarray(from, to), partState), from * engine.layout.width);
        from = to;
      }
      expect(firstDifference(bits(parts), expected)).toBe(-1);
      expect(firstDifference(bits(partState), bits(state))).toBe(-1);
    }
  });

  it.each<[string, (engine: ReturnType<typeof createWasmEngine>) => unknown, RegExp]>([
    ['a window too long', (e) => e.run(new Uint8Array(257), new Float32Array(e.stateSize)), /257 tokens.*256/],
    ['a state too short', (e) => e.run(new Uint8Array(1), new Float32Array(1)), /state has 1 values.*10/],
    [
      'a token outside the vocabulary',
      (e) => e.run(Uint8Array.of(9), new Float32Array(10)),
      /Token 9.*vocabulary of 9/,
    ],
    ['a prediction from no state', (e) => e.predict(new Float32Array(0)), /state has 0 values/],
    ['records that are not there', (e) => e.reduce(0, 1), /0 to 1.*0 records/],
    ['records in the wrong order', (e) => e.reduce(1, 0), /1 to 0/],
  ])('refuses %s', (_, act, message) => {
    const network = randomNetwork({ seed: 1, cell: 'lstm', units: [5], vocab: 9 });
    for (const engine of [createWasmEngine(module, network), createScalarEngine(network)]) {
      expect(() => act(engine)).toThrow(message);
    }
  });

  it('refuses a network that no memory holds', () => {
    // Four times 12,000 squared float32 are 2.1 GiB; the weights themselves are never made.
    const size = 12_000;
    const fake = (length: number): Float32Array => ({ length }) as unknown as Float32Array;
    const network = {
      input: { table: new Float32Array(256), vocab: 256, width: 1 },
      layers: [
        {
          cell: 'lstm' as const,
          activation: 'tanh' as const,
          inputSize: 1,
          units: size,
          weightIh: fake(4 * size),
          weightHh: fake(4 * size * size),
          biasIh: undefined,
          biasHh: undefined,
        },
      ],
      head: undefined,
    };
    expect(() => createWasmEngine(module, network)).toThrow(/needs \d+ MiB to run; the most is 2048 MiB/);
  });

  it('lets a NaN or an infinity through, and keeps it to the units it reaches', () => {
    const network = randomNetwork({ seed: 2, cell: 'rnn', activation: 'relu', units: [5], head: 'none' });
    network.layers[0]?.biasIh?.set([Infinity, NaN]);
    const [wasm, twin] = [createWasmEngine(module, network), createScalarEngine(network)];
    const tokens = randomTokens(1, 2);
    const records = wasm.run(tokens, new Float32Array(5)).slice();
    const expected = twin.run(tokens, new Float32Array(5));
    expect([...records.subarray(0, 2)]).toEqual([Infinity, NaN]);
    expect(records.subarray(2, 5).every(Number.isFinite)).toBe(true);
    expect([...records].map(Number.isNaN)).toEqual([...expected].map(Number.isNaN));
  });

  it('carries an infinite hidden state as its twin does', () => {
    const network = randomNetwork({ seed: 2, cell: 'rnn', activation: 'relu', units: [5], head: 'none' });
    const tokens = randomTokens(1, 3);
    const run = (engine: ReturnType<typeof createWasmEngine>): number[] => [
      ...engine.run(tokens, Float32Array.of(0, Infinity, 0, 0, 0)),
    ];
    const [wasm, twin] = [run(createWasmEngine(module, network)), run(createScalarEngine(network))];
    expect(wasm.map((x) => (Number.isFinite(x) ? 0 : x))).toEqual(twin.map((x) => (Number.isFinite(x) ? 0 : x)));
    expect(wasm).toContain(Infinity);
  });
});

describe.each(BUILDS)('the engine of numbers in %s', (build) => {
  const module = kernelModule(build);

  it.each<Case>([
    { cell: 'lstm', units: [33], width: 5 },
    { cell: 'lstm', units: [64, 3], width: 64 },
    { cell: 'gru', units: [31], width: 1 },
    { cell: 'rnn', units: [7], width: 33 },
  ])('agrees with the engine of tokens, bit for bit: %j', (options) => {
    const { input, layers } = randomNetwork({ seed: 12, head: 'none', ...options });
    const tokens = randomTokens(7, 256);
    const [byToken, byNumber] = [
      createWasmEngine(module, { input, layers, head: undefined }),
      createDenseEngine(module, { input: { width: input.width }, layers }),
    ];
    expect(byNumber.layout).toEqual(byToken.layout);
    const rows = Array.from(tokens, (token) => input.table.subarray(token * input.width, (token + 1) * input.width));
    const vectors = Float32Array.from(rows.flatMap((row) => [...row]));
    for (const [from, to] of [
      [0, 256],
      [3, 70],
      [5, 5],
    ] as const) {
      const states = [
        new Float32Array(byToken.stateSize).fill(0.5),
        new Float32Array(byToken.stateSize).fill(0.5),
      ] as const;
      const expected = bits(byToken.run(tokens.subarray(from, to), states[0]));
      const actual = bits(byNumber.run(vectors.subarray(from * input.width, to * input.width), states[1]));
      expect(firstDifference(actual, expected)).toBe(-1);
      expect(firstDifference(bits(states[1]), bits(states[0]))).toBe(-1);
    }
  });

  it.each([
    [7, 10, /7 values.*multiple of 5/],
    [257 * 5, 10, /257 steps.*256/],
    [5, 9, /state has 9 values.*10/],
  ])('refuses %d values with a state of %d', (values, size, message) => {
    const { layers } = randomNetwork({ seed: 12, cell: 'lstm', units: [5], width: 5 });
    const engine = createDenseEngine(module, { input: { width: 5 }, layers });
    expect(() => engine.run(new Float32Array(values), new Float32Array(size))).toThrow(message);
  });
});

it('knows a build for this machine, and the plain one when asked to be strict', () => {
  expect(kernelsFile(true)).toBe('kernels.wasm');
  // Once a flag has let in relaxed SIMD, as it is for these tests.
  expect(kernelsFile(false)).toBe('kernels-relaxed.wasm');
});

describe('reduce', () => {
  const network = randomNetwork({ seed: 4, cell: 'lstm', units: [5, 3] });
  const engine = createWasmEngine(module, network);
  const records = engine.run(randomTokens(9, 100), new Float32Array(engine.stateSize)).slice();
  const { width } = engine.layout;

  it.each([
    [0, 100],
    [0, 1],
    [99, 100],
    [17, 50],
    [3, 3],
  ])('takes minimum, sum and maximum of records %d to %d', (from, to) => {
    const { min, sum, max } = engine.reduce(from, to);
    for (let k = 0; k < width; k++) {
      const column = Array.from({ length: to - from }, (_, t) => records[(from + t) * width + k] ?? NaN);
      expect(min[k]).toBe(Math.min(...column));
      expect(max[k]).toBe(Math.max(...column));
      expect(sum[k]).toBe(column.reduce((a, b) => Math.fround(a + b), 0));
    }
  });

  it('lets a NaN through', () => {
    const broken = randomNetwork({ seed: 4, cell: 'rnn', units: [5], head: 'none' });
    broken.input.table[0] = NaN;
    const kernels = createWasmEngine(module, broken);
    kernels.run(Uint8Array.of(1, 0, 1), new Float32Array(5));
    const { min, sum, max } = kernels.reduce(0, 3);
    expect([min[0], sum[0], max[0]]).toEqual([NaN, NaN, NaN]);
  });
});
