/** What a gate's sum is said to be made of, against a float64 run of the whole network. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/engine/evaluate';
import { GATES, hiddenSize, squashingsOf, type CellVariant, type LayerWeights } from '../../src/engine/network';
import { namedLayers, type RecurrentNetwork } from '../../src/engine/recurrent';
import { createScalarEngine } from '../../src/engine/scalar';
import type { Merge } from '../../src/engine/sequence';
import { SIGMOID, squash, squashing, TANH } from '../../src/engine/squashing';
import { clamp } from '../../src/engine/vector';
import type { CellKind, SignalName } from '../../src/shared/signals';
import type { Contribution, GateWhy } from '../../src/shared/trace';
import { tableReader, tokenReader, type Reader } from '../../src/text/openText';
import { noBreath } from '../../src/text/tracedText';
import { createTrace } from '../../src/trace/create';
import type { Subject } from '../../src/trace/questions';
import { why } from '../../src/trace/why';
import { seededRandom } from '../engine/randomNetwork';
import { textIn } from '../../src/shared/l10n';

interface Recipe {
  readonly cell: CellKind;
  readonly layers?: number;
  readonly directions?: readonly boolean[];
  readonly merge?: Merge;
  readonly input?: 'embedded' | 'one-hot' | 'numbers';
  readonly weights?: Partial<LayerWeights>;
  readonly variant?: (values: (count: number) => Float32Array) => CellVariant;
}

/** So few that every contribution is told. */
const UNITS = 3;
const PROJECTED = 2;
const LETTERS = 'abcde\n ';
const WIDTH = 3;

function networkOf({ cell, layers = 2, directions = [false], merge = 'concat', input, ...recipe }: Recipe) {
  const random = seededRandom(5);
  const values = (count: number): Float32Array => Float32Array.from({ length: count }, () => random() * 2 - 1);
  const vocab = LETTERS.length;
  const width = input === 'one-hot' ? vocab : WIDTH;
  let inputSize = width;
  const stack = Array.from({ length: layers }, () => {
    const weights = (): LayerWeights => {
      const variant = recipe.variant?.(values);
      const rows = GATES[cell] * UNITS;
      const hidden = hiddenSize({ units: UNITS, ...(variant && { variant }) });
      return {
        cell,
        activation: 'tanh',
        inputSize,
        units: UNITS,
        weightIh: values(rows * inputSize),
        weightHh: values(rows * hidden),
        biasIh: values(rows),
        biasHh: values(rows),
        ...(variant && { variant }),
        ...recipe.weights,
      };
    };
    const layer = { directions: directions.map((reverse) => ({ reverse, weights: weights() })), merge };
    const [first] = layer.directions;
    const hidden = first ? hiddenSize(first.weights) : 0;
    inputSize = merge === 'concat' ? hidden * directions.length : hidden;
    return layer;
  });
  const network: RecurrentNetwork = {
    input:
      input === 'numbers'
        ? { kind: 'numbers', width }
        : { kind: 'tokens', vocab, width, table: input === 'one-hot' ? undefined : values(vocab * width) },
    layers: stack,
    head: undefined,
  };
  return network;
}

const random = seededRandom(3);
const TEXT = Array.from({ length: 300 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
const TABLE = `price;volume;x\n${Array.from({ length: 300 }, () => `${String(random())};${String(random())};1`).join('\n')}`;

async function subjectOf(network: RecurrentNetwork): Promise<Subject> {
  const numbers = network.input.kind === 'numbers';
  const reader: Reader = numbers
    ? tableReader({ width: WIDTH, numbers: undefined, sidecar: '' })
    : tokenReader({ kind: 'characters', tokens: Array.from(LETTERS) });
  const text = await reader.read({ name: 'sample', text: numbers ? TABLE : TEXT }, noBreath);
  const input = text.numbers
    ? ({ kind: 'numbers', values: text.numbers } as const)
    : ({ kind: 'tokens', tokens: text.tokens } as const);
  const trace = await createTrace(network, input, 2 ** 22, createScalarEngine);
  while (trace.advance());
  return { trace, text, cells: namedLayers(network).map(({ weights }) => weights.cell), head: undefined };
}

/** The gates of each kind in order, and which of the layer's functions each goes through. */
const ASKED: Readonly<Record<CellKind, readonly (readonly [SignalName, number])[]>> = {
  rnn: [['hidden', 0]],
  gru: [
    ['reset', 0],
    ['update', 0],
    ['candidate', 1],
  ],
  lstm: [
    ['input', 0],
    ['forget', 0],
    ['candidate', 1],
    ['output', 0],
  ],
};

const BOTH = [false, true];
const hardSigmoid = squashing('hardSigmoid', 0.2, 0.5);

const recipes: readonly (readonly [string, Recipe])[] = [
  ...(['lstm', 'gru', 'rnn'] as const).flatMap((cell): [string, Recipe][] => [
    [`${cell} of three layers`, { cell, layers: 3 }],
    [`${cell} over one-hot tokens`, { cell, input: 'one-hot' }],
    [`${cell} over numbers`, { cell, input: 'numbers' }],
    [`${cell} backwards`, { cell, directions: [true] }],
    [`${cell} both ways`, { cell, directions: BOTH }],
    [`${cell} clipped`, { cell, variant: () => ({ clip: 0.7 }) }],
  ]),
  ...(['sum', 'average', 'multiply'] as const).map((merge): [string, Recipe] => [
    `directions merged by ${merge}`,
    { cell: 'lstm', directions: BOTH, merge },
  ]),
  ['gru that resets before', { cell: 'gru', weights: { gruForm: 'resetBefore' }, directions: BOTH }],
  ['gru without recurrent bias', { cell: 'gru', weights: { biasHh: undefined } }],
  ['no bias', { cell: 'lstm', weights: { biasIh: undefined, biasHh: undefined } }],
  ['relu', { cell: 'rnn', weights: { activation: 'relu' } }],
  ['peepholes', { cell: 'lstm', variant: (values) => ({ peephole: values(3 * UNITS) }) }],
  [
    'a projection',
    { cell: 'lstm', variant: (values) => ({ projection: values(PROJECTED * UNITS) }), directions: BOTH },
  ],
  ['other functions', { cell: 'lstm', variant: () => ({ squashings: [hardSigmoid, squashing('softsign'), TANH] }) }],
  ['coupled', { cell: 'lstm', variant: (values) => ({ coupled: true, peephole: values(3 * UNITS) }) }],
  [
    'coupled by a hard sigmoid',
    { cell: 'lstm', variant: () => ({ coupled: true, squashings: [hardSigmoid, TANH, TANH] }) },
  ],
];

const TOKENS = [0, 1, 100, 255, 256, 298, 299];

const products = (top: readonly Contribution[], kind: Contribution['kind']): number =>
  top.reduce((sum, one) => (one.kind === kind ? sum + one.product : sum), 0);

describe.each(recipes)('%s', (_, recipe) => {
  test('every gate is its function of its sum, and the sum is what it is made of', async () => {
    const network = networkOf(recipe);
    const subject = await subjectOf(network);
    const { text } = subject;
    const source = text.numbers ? { x: text.numbers } : { tokens: text.tokens };
    const run = evaluate(network, source, { steps: text.steps, batch: 1 });
    let checked = 0;
    for (const [layer, { weights }] of namedLayers(network).entries()) {
      const functions = squashingsOf(weights);
      const clip = weights.variant?.clip ?? Infinity;
      for (const token of TOKENS) {
        for (let unit = 0; unit < UNITS; unit++) {
          const { gates, ...place } = await why(subject, network, token, layer, unit);
          expect(place).toEqual({ token, layer, unit });
          expect(gates.map(({ signal }) => signal)).toEqual(ASKED[recipe.cell].map(([signal]) => signal));
          for (const [k, gate] of gates.entries()) {
            const signal = run.directions[layer]?.signals.find(({ name }) => name === gate.signal);
            const exact = signal?.values[token * signal.units + unit] ?? NaN;
            const f = squash(functions[ASKED[recipe.cell][k]?.[1] ?? 0] ?? SIGMOID);
            expect(gate.value).toBeCloseTo(exact, 5);
            expect(f(gate.sum)).toBeCloseTo(exact, 5);
            const { bias, input, recurrent, peephole, top } = gate;
            expect(gate.sum).toBeCloseTo(clamp(bias + input + recurrent + peephole, -clip, clip), 6);
            expect(products(top, 'input')).toBeCloseTo(input, 6);
            expect(products(top, 'recurrent')).toBeCloseTo(recurrent, 6);
            expect(products(top, 'peephole')).toBeCloseTo(peephole, 6);
            for (const { weight, value, product } of top) expect(weight * value).toBeCloseTo(product, 9);
            const sizes = top.map(({ product }) => Math.abs(product));
            expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
            checked++;
          }
        }
      }
    }
    expect(checked).toBe(namedLayers(network).length * TOKENS.length * UNITS * ASKED[recipe.cell].length);
  });
});

/** Labels of a kind, in the order of the alphabet. */
const labels = (gate: GateWhy | undefined, kind: Contribution['kind']): string[] =>
  (gate?.top ?? [])
    .filter((one) => one.kind === kind)
    .map(({ label, from }) => (from ? `${textIn(label)} (${String(from.layer)}, ${String(from.unit)})` : textIn(label)))
    .toSorted();

const unitsOf = (name: string, layer: number, count = UNITS): string[] =>
  Array.from({ length: count }, (_, unit) => `${name} unit ${String(unit)} (${String(layer)}, ${String(unit)})`);

describe('labels', () => {
  test.each<[string, Recipe, number, Contribution['kind'], readonly string[]]>([
    ['an embedded token', { cell: 'gru' }, 0, 'input', [`token “${TEXT[9] ?? ''}”`]],
    ['a one-hot token', { cell: 'gru', input: 'one-hot' }, 0, 'input', [`token “${TEXT[9] ?? ''}”`]],
    ['columns', { cell: 'rnn', input: 'numbers' }, 0, 'input', ['column price', 'column volume', 'column x']],
    ['the layer below', { cell: 'lstm' }, 1, 'input', unitsOf('l0', 0)],
    ['this layer', { cell: 'lstm' }, 1, 'recurrent', unitsOf('l1', 1)],
    [
      'both directions side by side',
      { cell: 'lstm', directions: BOTH },
      3,
      'input',
      [...unitsOf('l0', 0), ...unitsOf('l0_reverse', 1)],
    ],
    [
      'both directions added',
      { cell: 'lstm', directions: BOTH, merge: 'sum' },
      2,
      'input',
      [...unitsOf('l0', 0), ...unitsOf('l0_reverse', 1)],
    ],
    [
      'both directions multiplied',
      { cell: 'lstm', directions: BOTH, merge: 'multiply' },
      2,
      'input',
      [0, 1, 2].map((unit) => `l0 unit ${String(unit)} × l0_reverse unit ${String(unit)}`),
    ],
    ['a reverse layer', { cell: 'lstm', directions: BOTH }, 1, 'recurrent', unitsOf('l0_reverse', 1)],
    [
      'a projection',
      { cell: 'lstm', variant: (values) => ({ projection: values(PROJECTED * UNITS) }) },
      0,
      'recurrent',
      ['l0 projected 0', 'l0 projected 1'],
    ],
    [
      'a peephole',
      { cell: 'lstm', variant: (values) => ({ peephole: values(3 * UNITS) }) },
      0,
      'peephole',
      ['l0 cell 1 before (0, 1)'],
    ],
  ])('%s', async (_, recipe, layer, kind, expected) => {
    const network = networkOf(recipe);
    const subject = await subjectOf(network);
    const { gates } = await why(subject, network, 9, layer, 1);
    const shown = expected.map((label) => label.replace('“ ”', '“␣”').replace('“\n”', '“↵”'));
    expect(labels(gates[0], kind)).toEqual(shown);
  });

  test('what a reset gate lets through has the recurrent bias among it', async () => {
    const network = networkOf({ cell: 'gru' });
    const { gates } = await why(await subjectOf(network), network, 9, 0, 1);
    expect(labels(gates[2], 'recurrent')).toEqual([...unitsOf('l0', 0), 'recurrent bias']);
    expect(gates[2]?.top.find(({ label }) => textIn(label) === 'recurrent bias')?.value).toBe(gates[0]?.value);
  });
});

test('a coupled forget gate is told by the input gate negated, or by nothing where that would not be true', async () => {
  const odd = networkOf({ cell: 'lstm', variant: () => ({ coupled: true }) });
  const [input, forget] = (await why(await subjectOf(odd), odd, 9, 0, 1)).gates;
  expect(forget?.sum).toBe(-(input?.sum ?? NaN));
  expect(forget?.top.map(({ product }) => product)).toEqual(input?.top.map(({ product }) => -product));
  const squashings = [squashing('softplus'), TANH, TANH];
  const other = networkOf({ cell: 'lstm', variant: () => ({ coupled: true, squashings }) });
  const told = (await why(await subjectOf(other), other, 9, 0, 1)).gates;
  expect(told[1]).toMatchObject({ signal: 'forget', sum: 0, bias: 0, input: 0, recurrent: 0, peephole: 0, top: [] });
  expect(told[1]?.value).toBeCloseTo(1 - (told[0]?.value ?? NaN), 5);
});

test('of many contributions the twelve largest are told, and the sums are of all', async () => {
  const wide = networkOf({ cell: 'lstm', layers: 3, directions: BOTH });
  const units = 12;
  const weights = (inputSize: number): LayerWeights => ({
    cell: 'rnn',
    activation: 'tanh',
    inputSize,
    units,
    weightIh: Float32Array.from({ length: units * inputSize }, (_, k) => Math.sin(k)),
    weightHh: Float32Array.from({ length: units * units }, (_, k) => Math.cos(k)),
    biasIh: undefined,
    biasHh: undefined,
  });
  const network: RecurrentNetwork = {
    ...wide,
    layers: [WIDTH, units].map((size) => ({
      merge: 'concat',
      directions: [{ reverse: false, weights: weights(size) }],
    })),
  };
  const [gate] = (await why(await subjectOf(network), network, 9, 1, 1)).gates;
  expect(gate?.top).toHaveLength(12);
  expect(Math.tanh((gate?.input ?? NaN) + (gate?.recurrent ?? NaN))).toBeCloseTo(gate?.value ?? NaN, 5);
});

test.each<[string, number, number, string]>([
  ['layer', 2, 0, 'no layer 2'],
  ['unit', 1, UNITS, 'l1 has no unit 3'],
  ['part of a unit', 1, 0.5, 'l1 has no unit 0.5'],
])('a %s that is not there is refused', async (_, layer, unit, message) => {
  const network = networkOf({ cell: 'rnn' });
  await expect(why(await subjectOf(network), network, 9, layer, unit)).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining(message) as string,
  });
});
