/**
 * Verification: that a right model agrees in whatever shapes and names a framework writes, that the first difference is
 * named exactly, and that each way of being wrong is found by its name.
 */
import { describe, expect, test } from 'vitest';
import { npzBytes } from '../../src/cli/npy';
import { npyHeader } from '../../src/cli/npz';
import { GATES, type LayerWeights } from '../../src/engine/network';
import type { RecurrentNetwork } from '../../src/engine/recurrent';
import { squashing } from '../../src/engine/squashing';
import type { VerifyResult } from '../../src/shared/modelInfo';
import { tokenReader } from '../../src/text/openText';
import { noBreath } from '../../src/text/tracedText';
import { readName } from '../../src/worker/verify/reference';
import { verify } from '../../src/worker/verify/verify';
import { referenceOf, someModel, someNetwork, withCells } from './someModel';
import { textIn } from '../../src/shared/l10n';

const LETTERS = Array.from('abcdefghijkl');
const TEXT = 'abcdefghijklbdfhjlacegikaabbccddjjllkkhhggff';
const TOKENS = Array.from(TEXT, (letter) => LETTERS.indexOf(letter));
const STEPS = TOKENS.length;

const check = (network: RecurrentNetwork, bytes: Uint8Array, tolerance?: number, text = TEXT): Promise<VerifyResult> =>
  verify({
    model: someModel(network),
    reader: () => tokenReader({ kind: 'characters', tokens: LETTERS }),
    text: { name: 'text.txt', text },
    reference: { name: 'reference.npz', bytes },
    tolerance,
    breathe: noBreath,
  });

const reference = (
  network: RecurrentNetwork,
  rename?: (name: string) => string | undefined,
  shape?: (units: number) => readonly number[],
): Uint8Array => referenceOf(network, { tokens: TOKENS }, STEPS, rename, shape);

describe('a right model agrees', () => {
  test.each([
    ['lstm', [5], false],
    ['lstm', [5, 4], true],
    ['gru', [6, 6], false],
    ['rnn', [3], true],
  ] as const)('%s %j, bidirectional %s', async (cell, units, bidirectional) => {
    const network = someNetwork({ cell, units, bidirectional });
    const result = await check(network, reference(network));
    expect(result).toMatchObject({ agrees: true, tokens: STEPS, difference: undefined, causes: [], ignored: [] });
    expect(result.maxError).toBeLessThan(1e-5);
    expect(result.compared.map(({ name }) => name)).toContain('output');
  });

  const network = someNetwork({ cell: 'lstm', units: [5, 4] });
  test.each<[string, (name: string) => string | undefined, ((units: number) => readonly number[])?]>([
    ['hidden_l0', (name) => name.replace(/^(l\d)\.(\w+)$/u, '$2_$1')],
    ['layer1/h', (name) => name.replace(/^l(\d)\.(.)\w+$/u, 'layer$1/$2')],
    ['h of the last layer', (name) => (name === 'l1.hidden' ? 'h' : name === 'l1.cell' ? 'c' : undefined)],
    ['batch first', (name) => name, (units) => [1, STEPS, units]],
    ['time first', (name) => name, (units) => [STEPS, 1, units]],
    ['only logits', (name) => (name === 'logits' ? name : undefined)],
  ])('%s', async (_, rename, shape) => {
    const result = await check(network, reference(network, rename, shape));
    expect(result).toMatchObject({ agrees: true, ignored: [] });
    expect(result.compared.length).toBeGreaterThan(0);
  });

  test('both directions side by side', async () => {
    const both = someNetwork({ cell: 'gru', bidirectional: true, head: false });
    const result = await check(
      both,
      reference(both, (name) => (name === 'output' ? 'hidden' : undefined)),
    );
    expect(result).toMatchObject({ agrees: true, compared: [{ name: 'l0.both.hidden', reference: 'hidden' }] });
  });

  test('ids in place of a text', async () => {
    const ids = Int32Array.from(TOKENS);
    const bytes = Buffer.concat([npyHeader(ids, [1, STEPS]), new Uint8Array(ids.buffer)]);
    const result = await verify({
      model: someModel(network),
      reader: () => {
        throw new Error('no text is read');
      },
      text: { name: 'ids.npy', bytes },
      reference: { name: 'r.npz', bytes: reference(network) },
      tolerance: undefined,
      breathe: noBreath,
    });
    expect(result.agrees).toBe(true);
  });

  test('within the tolerance, and not beyond it', async () => {
    const near = withCells(network, (weights) => ({ ...weights, weightHh: weights.weightHh.map((v) => v + 1e-4) }));
    expect((await check(network, reference(near), 0.05)).agrees).toBe(true);
    expect((await check(network, reference(near), 1e-7)).agrees).toBe(false);
  });
});

test.each([
  ['l0.hidden', { layer: 0, reverse: false, signal: 'hidden' }],
  ['hidden_l1_reverse', { layer: 1, reverse: true, signal: 'hidden' }],
  ['lstm/backward/c', { layer: undefined, reverse: true, signal: 'cell' }],
  ['cellState2', { layer: 2, reverse: false, signal: 'cell' }],
  ['hidden_states', { layer: undefined, reverse: false, signal: 'hidden' }],
  ['output', { layer: undefined, reverse: false, signal: 'output' }],
  ['attention', undefined],
  ['h_n', undefined],
  ['cn', undefined],
  ['final_state', undefined],
])('the name %s', (name, said) => {
  expect(readName(name)).toEqual(said);
});

test('the first difference: token, layer, signal and unit', async () => {
  const network = someNetwork({ cell: 'lstm', units: [5, 4] });
  const bytes = reference(network, (name) => (name === 'output' || name === 'logits' ? undefined : name));
  // One value of l1.cell: token 7, unit 2; and a later one of l0.hidden.
  const arrays = (await import('../npz')).readNpz(bytes);
  const cell = arrays.get('l1.cell')?.data ?? new Float32Array(0);
  cell[7 * 4 + 2] = (cell[7 * 4 + 2] ?? 0) + 0.5;
  const hidden = arrays.get('l0.hidden')?.data ?? new Float32Array(0);
  hidden[9 * 5] = NaN;
  const changed = new Map(
    [...arrays].map(([name, { shape, data }]) => [name, { shape, values: Float32Array.from(data) }]),
  );
  const result = await check(network, npzBytes(changed));
  expect(result).toMatchObject({
    agrees: false,
    maxError: Infinity,
    difference: { token: 7, label: 'h', range: { start: 7, end: 8 }, layer: 'l1', signal: 'cell', unit: 2 },
  });
  expect((result.difference?.theirs ?? 0) - (result.difference?.ours ?? 0)).toBeCloseTo(0.5, 5);
});

const reordered = (weights: LayerWeights, order: readonly number[]): LayerWeights => {
  const of = (values: Float32Array): Float32Array => {
    const block = values.length / order.length;
    return Float32Array.from(order.flatMap((from) => [...values.subarray(from * block, (from + 1) * block)]));
  };
  return {
    ...weights,
    weightIh: of(weights.weightIh),
    weightHh: of(weights.weightHh),
    biasIh: weights.biasIh && of(weights.biasIh),
    biasHh: weights.biasHh && of(weights.biasHh),
  };
};

const transposed = (values: Float32Array, gates: number, units: number): Float32Array =>
  values.map((_, at) => {
    const [gate, row, column] = [Math.floor(at / units / units), Math.floor(at / units) % units, at % units];
    return gate < gates ? (values[(gate * units + column) * units + row] ?? NaN) : NaN;
  });

const negated = (values: Float32Array, block: number): Float32Array =>
  values.map((value, at) => (Math.floor((3 * at) / values.length) === block ? -value : value));

describe('each way of being wrong is named', () => {
  const lstm = someNetwork({ cell: 'lstm', units: [5, 5], width: 5 });
  const gru = someNetwork({ cell: 'gru', units: [5] });
  const rnn = someNetwork({ cell: 'rnn', units: [6] });
  const all = (
    network: RecurrentNetwork,
    of: (weights: LayerWeights, layer: number) => LayerWeights,
  ): RecurrentNetwork => withCells(network, of);
  const hard =
    (alpha: number) =>
    (weights: LayerWeights): LayerWeights => ({
      ...weights,
      variant: { squashings: [squashing('hardSigmoid', alpha, 0.5), squashing('tanh'), squashing('tanh')] },
    });
  const flipped = (network: RecurrentNetwork): RecurrentNetwork => ({
    ...network,
    layers: network.layers.map((layer) => ({
      ...layer,
      directions: layer.directions.map((d) => ({ ...d, reverse: !d.reverse })),
    })),
  });

  test.each<[string, RecurrentNetwork, RecurrentNetwork, string, RegExp]>([
    // What is right, what was read, and what is told.
    [
      "ONNX's gates taken for PyTorch's",
      lstm,
      all(lstm, (w) => reordered(w, [0, 3, 1, 2])),
      'gate order',
      /order i, o, f, g/,
    ],
    [
      "Keras's GRU gates taken for PyTorch's",
      gru,
      all(gru, (w) => reordered(w, [1, 0, 2])),
      'gate order',
      /order z, r, n/,
    ],
    [
      'gate order in one layer',
      lstm,
      all(lstm, (w, layer) => (layer === 1 ? reordered(w, [1, 0, 2, 3]) : w)),
      'gate order',
      /^In l1: .*order f, i, g, o/,
    ],
    ['no recurrent bias', all(lstm, (w) => ({ ...w, biasHh: undefined })), lstm, 'bias', /no recurrent bias/],
    [
      'a bias taken twice',
      all(lstm, (w) => ({ ...w, biasHh: undefined })),
      all(lstm, (w) => ({ ...w, biasHh: w.biasIh })),
      'bias',
      /no (?:recurrent|input) bias|once/,
    ],
    [
      'no bias at all',
      all(lstm, (w) => ({ ...w, biasIh: undefined, biasHh: undefined })),
      lstm,
      'bias',
      /no bias at all/,
    ],
    [
      'a forget bias left out',
      all(lstm, (w) => ({
        ...w,
        biasIh: (w.biasIh ?? new Float32Array(20)).map((v, at) => (at >= 5 && at < 10 ? v + 1 : v)),
      })),
      lstm,
      'bias',
      /adds 1 to the forget gate/,
    ],
    ['the other GRU', gru, all(gru, (w) => ({ ...w, gruForm: 'resetBefore' })), 'GRU form', /other GRU/],
    [
      "the update gate's other sense",
      gru,
      all(gru, (w) => ({
        ...w,
        weightIh: negated(w.weightIh, 1),
        weightHh: negated(w.weightHh, 1),
        biasIh: w.biasIh && negated(w.biasIh, 1),
        biasHh: w.biasHh && negated(w.biasHh, 1),
      })),
      'GRU form',
      /means the opposite/,
    ],
    ['the other direction', flipped(lstm), lstm, 'direction', /other direction/],
    ['the old hard sigmoid', all(lstm, hard(0.2)), lstm, 'hard sigmoid', /old hard sigmoid/],
    ['the new hard sigmoid', all(lstm, hard(1 / 6)), all(lstm, hard(0.2)), 'hard sigmoid', /new hard sigmoid/],
    ['the true sigmoid', lstm, all(lstm, hard(0.2)), 'hard sigmoid', /true sigmoid/],
    ['layers swapped', lstm, { ...lstm, layers: lstm.layers.toReversed() }, 'layer order', /l0 and l1/],
    ['relu in place of tanh', all(rnn, (w) => ({ ...w, activation: 'relu' })), rnn, 'activation', /relu/],
    ['tanh in place of relu', rnn, all(rnn, (w) => ({ ...w, activation: 'relu' })), 'activation', /tanh/],
    [
      'recurrent weights transposed',
      lstm,
      all(lstm, (w) => ({ ...w, weightHh: transposed(w.weightHh, GATES.lstm, 5) })),
      'transposed weights',
      /recurrent weights/,
    ],
    [
      'weights of input and recurrence swapped',
      lstm,
      all(lstm, (w) => ({ ...w, weightIh: w.weightHh, weightHh: w.weightIh, biasIh: w.biasHh, biasHh: w.biasIh })),
      'swapped weights',
      /other way round/,
    ],
  ])('%s', async (_, right, wrong, name, text) => {
    const result = await check(wrong, reference(right));
    expect(result.agrees).toBe(false);
    expect(result.causes[0]).toMatchObject({ name, fits: true });
    expect(textIn(result.causes[0]?.text ?? '')).toMatch(text);
    expect(result.causes[0]?.maxError).toBeLessThan(1e-4);
  });

  test('two mistakes at once', async () => {
    const wrong = all(lstm, (w) => hard(0.2)({ ...w, biasHh: undefined, biasIh: w.biasIh?.map((v) => v / 2) }));
    const right = all(lstm, (w) => ({ ...w, biasHh: undefined }));
    const [cause] = (await check(wrong, reference(right))).causes;
    expect(cause).toMatchObject({ fits: true });
    expect(textIn(cause?.text ?? '')).toMatch(/true sigmoid/);
    expect(textIn(cause?.text ?? '')).toMatch(/bias twice/);
  });

  test('directions swapped', async () => {
    const both = someNetwork({ cell: 'lstm', bidirectional: true, head: false });
    const wrong: RecurrentNetwork = {
      ...both,
      layers: both.layers.map((layer) => {
        const [a, b] = layer.directions;
        return a && b
          ? {
              ...layer,
              directions: [
                { ...a, weights: b.weights },
                { ...b, weights: a.weights },
              ],
            }
          : layer;
      }),
    };
    const result = await check(wrong, reference(both));
    expect(result.causes[0]).toMatchObject({ name: 'direction', fits: true });
  });

  test('another initial state', async () => {
    const initial = lstm.layers.map((_, layer) => ({
      hidden: Float32Array.of(0.3, -0.2, 0.1, layer, 0),
      cell: Float32Array.of(1, 2, 3, -1, 0),
    }));
    const bytes = referenceOf(lstm, { tokens: TOKENS }, STEPS, undefined, undefined, initial);
    const result = await check(lstm, bytes);
    expect(result.difference?.token).toBe(0);
    expect(result.causes[0]).toMatchObject({ name: 'initial state', fits: true });
  });

  test('other tokens', async () => {
    const arrays = new Map((await import('../npz')).readNpz(reference(lstm)));
    const values = new Map(
      [...arrays].map(([name, { shape, data }]) => [name, { shape, values: Float32Array.from(data) }]),
    );
    values.set('tokens', { shape: [STEPS], values: Float32Array.from(TOKENS).with(3, 11) });
    const result = await check(lstm, npzBytes(values));
    expect(result).toMatchObject({
      agrees: false,
      difference: { token: 3, signal: 'tokens', ours: 3, theirs: 11 },
      causes: [{ name: 'tokens' }],
    });
  });

  test('what nothing explains is not explained', async () => {
    const other = someNetwork({ cell: 'lstm', units: [5, 5], width: 5, seed: 77 });
    const result = await check(other, reference(lstm));
    expect(result.agrees).toBe(false);
    expect(result.causes.filter(({ fits }) => fits)).toEqual([]);
  });
});

describe('what cannot be compared is refused by name', () => {
  const network = someNetwork({ cell: 'lstm' });
  const array = (shape: readonly number[]): { shape: readonly number[]; values: Float32Array } => ({
    shape,
    values: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  test.each<[string, Record<string, readonly number[]>, RegExp]>([
    [
      'strangers',
      { attention: [STEPS, 5] },
      /Nothing in it can be compared\. It has attention; names such as l0\.input/,
    ],
    ['another length', { hidden: [STEPS + 1, 5] }, /hidden has 45 steps, but the text has 44/],
    ['another size', { 'l0.hidden': [STEPS, 7] }, /l0\.hidden has 7 units, but the model's l0\.hidden has 5/],
    ['a batch', { hidden: [3, STEPS, 5] }, /more than one sequence/],
    ['only last states', { h_n: [1, 5] }, /Nothing in it can be compared/],
  ])('%s', async (_, shapes, message) => {
    const arrays = new Map(Object.entries(shapes).map(([name, shape]) => [name, array(shape)]));
    await expect(check(network, npzBytes(arrays))).rejects.toThrow(message);
  });
});
