/** What sets a cell apart, worked by hand where no other implementation was asked; and where a NaN is said to arise. */
import { describe, expect, it } from 'vitest';
import { recordLayout } from '../../src/engine/layout';
import { checkLayer, isPlain, type CellVariant, type LayerWeights } from '../../src/engine/network';
import { firstNonFinite, firstNonFiniteRecord, nonFiniteText } from '../../src/engine/nonFinite';
import { createScalarEngine } from '../../src/engine/scalar';
import { runSequence, type SequenceLayer } from '../../src/engine/sequence';
import { squash, squashing, SQUASHING_NAMES } from '../../src/engine/squashing';
import { textIn } from '../../src/shared/l10n';
import type { CellKind } from '../../src/shared/signals';
import { randomNetwork } from './randomNetwork';
import { stacked } from './stacked';

const firstLayer = (cell: CellKind, units: number, change: Partial<LayerWeights> = {}): LayerWeights => {
  const [layer] = randomNetwork({ seed: 3, cell, units: [units], width: 2 }).layers;
  if (layer === undefined) throw new Error('no layer');
  return { ...layer, ...change };
};

describe('functions', () => {
  it.each([
    ["Keras's old hard_sigmoid", squashing('hardSigmoid', 0.2, 0.5), [-2.5, -1, 0, 2.4, 2.6], [0, 0.3, 0.5, 0.98, 1]],
    ["Keras's new hard_sigmoid", squashing('hardSigmoid', 1 / 6, 0.5), [-3, -1.5, 0, 2.4, 3.1], [0, 0.25, 0.5, 0.9, 1]],
    ['softplus far out', squashing('softplus'), [-1000, 0, 1000], [0, Math.LN2, 1000]],
    ['softsign far out', squashing('softsign'), [-Infinity, 1, Infinity], [-1, 0.5, 1]],
    ['leakyRelu', squashing('leakyRelu'), [-2, 3], [-0.02, 3]],
    ['thresholdedRelu at its threshold', squashing('thresholdedRelu', 0.5), [0.4, 0.6], [0, 0.6]],
  ])('%s', (_, of, inputs, outputs) => {
    for (const [k, x] of inputs.entries()) expect(squash(of)(x)).toBeCloseTo(outputs[k] ?? NaN, 12);
  });

  it.each(SQUASHING_NAMES)('%s keeps a NaN', (name) => {
    expect(squash(squashing(name, 0.5, 0.5))(NaN)).toBeNaN();
  });
});

describe('variants', () => {
  const peephole = new Float32Array(9).fill(0.1);

  it.each<[string, CellVariant | undefined, boolean]>([
    ['nothing', undefined, true],
    ['an empty variant', {}, true],
    ['gates that are not coupled', { coupled: false }, true],
    ['coupled gates', { coupled: true }, false],
    ['a clip of 0', { clip: 0 }, false],
    ['a peephole', { peephole }, false],
    ['functions of its own', { squashings: [] }, false],
  ])('%s: plain or not', (_, variant, plain) => {
    expect(isPlain(variant ? { variant } : {})).toBe(plain);
  });

  it.each<[string, LayerWeights, RegExp]>([
    [
      'a peephole too short',
      firstLayer('lstm', 3, { variant: { peephole: new Float32Array(3) } }),
      /l0\.peephole has 3/,
    ],
    ['a peephole in a GRU', firstLayer('gru', 3, { variant: { peephole } }), /l0\.peephole belongs to an LSTM/],
    ['coupled gates in a SimpleRNN', firstLayer('rnn', 3, { variant: { coupled: true } }), /l0\.coupled belongs/],
    ['too few functions', firstLayer('gru', 3, { variant: { squashings: [] } }), /l0\.squashings has 0 values; \[2\]/],
    ['a negative clip', firstLayer('rnn', 3, { variant: { clip: -1 } }), /l0\.clip is -1/],
    [
      'a ragged projection',
      firstLayer('lstm', 3, { variant: { projection: new Float32Array(4) } }),
      /projection's rows/,
    ],
    [
      'a projection without its recurrent weights',
      firstLayer('lstm', 3, { variant: { projection: new Float32Array(6) } }),
      /l0\.weightHh has 36 values; \[12, 2\]/,
    ],
  ])('%s is refused', (_, layer, message) => {
    expect(() => {
      checkLayer('l0', layer);
    }).toThrow(message);
  });

  // Without weights every sum is its bias: i = sigmoid(0.25), g = tanh(0.25), so that only the coupling differs.
  it.each([true, false])('the forget gate is 1 - i where it is coupled: %s', (coupled) => {
    const weights: LayerWeights = {
      cell: 'lstm',
      activation: 'tanh',
      inputSize: 1,
      units: 1,
      weightIh: new Float32Array(4),
      weightHh: new Float32Array(4),
      biasIh: Float32Array.of(0.25, 2, 0.25, 1),
      biasHh: undefined,
      variant: { coupled },
    };
    const run = runSequence([{ directions: [{ reverse: false, weights }], merge: 'concat' }], {
      x: Float64Array.of(0),
      steps: 1,
      batch: 1,
      initial: [{ cell: Float64Array.of(2) }],
    });
    const i = 1 / (1 + Math.exp(-0.25));
    const f = coupled ? 1 - i : 1 / (1 + Math.exp(-2));
    expect(run.directions[0]?.lastCell?.[0]).toBeCloseTo(f * 2 + i * Math.tanh(0.25), 14);
  });

  it('the scale of a signal follows its function', () => {
    const scales = (layer: LayerWeights): string[] => recordLayout([layer], false).columns.map(({ scale }) => scale);
    expect(scales(firstLayer('gru', 2))).toEqual(['gate', 'gate', 'signed', 'signed']);
    const relu = { squashings: [squashing('hardSigmoid'), squashing('relu')] };
    expect(scales(firstLayer('gru', 2, { variant: relu }))).toEqual(['gate', 'gate', 'free', 'free']);
    const projected = recordLayout([firstLayer('lstm', 2, { variant: { projection: new Float32Array(2) } })], false);
    expect(projected.columns.at(-1)).toMatchObject({ signal: 'hidden', scale: 'free', units: 1 });
  });
});

describe('where a value that is not finite first arose', () => {
  const layer = (cell: CellKind, reverse = false, change: Partial<LayerWeights> = {}): SequenceLayer[number] => ({
    reverse,
    weights: firstLayer(cell, 2, change),
  });
  const poisoned = (
    layers: readonly SequenceLayer[],
    step: number,
    value: number,
  ): ReturnType<typeof firstNonFinite> => {
    const x = new Float64Array(5 * 3 * 2);
    x[(step * 3 + 1) * 2] = value;
    return firstNonFinite(runSequence(layers.map(stacked), { x, steps: 5, batch: 3 }));
  };
  const second = { inputSize: 4 };

  it.each([
    ['nowhere', [[layer('lstm')]], 0, 1, undefined],
    [
      'in the gate that is computed first',
      [[layer('lstm')]],
      2,
      NaN,
      { step: 2, batch: 1, layer: 'l0', signal: 'input' },
    ],
    ['in a GRU', [[layer('gru')]], 3, NaN, { step: 3, batch: 1, layer: 'l0', signal: 'reset' }],
    ['backwards in time', [[layer('rnn', true)]], 2, NaN, { step: 2, batch: 1, layer: 'l0_reverse', signal: 'hidden' }],
    ['in one of two directions', [[layer('rnn'), layer('rnn', true)]], 2, NaN, { step: 2, layer: 'l0' }],
  ] as const)('%s', (_, layers, step, value, expected) => {
    const found = poisoned(layers, step, value);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject({ ...expected, value: 'NaN' });
  });

  it('in the layer above, where its own weights are to blame', () => {
    // The tanh of an infinite sum is 1: no fault has arisen yet.
    const weights = firstLayer('rnn', 2, { biasIh: Float32Array.of(0, Infinity) });
    expect(poisoned([[layer('lstm')], [{ reverse: false, weights }]], 0, 1)).toBeUndefined();
    const free = firstLayer('rnn', 2, { activation: 'relu', biasIh: Float32Array.of(0, Infinity) });
    const unit = poisoned([[layer('lstm')], [{ reverse: false, weights: free }]], 0, 1);
    expect(unit).toEqual({ step: 0, batch: 0, layer: 'l1', signal: 'hidden', unit: 1, value: 'Infinity' });
    expect(unit && textIn(nonFiniteText(unit))).toBe(
      'Infinity first arose at step 0 in l1.hidden, unit 1 of sequence 0.',
    );
  });

  it('in the lowest layer, where a layer above reads backwards', () => {
    const above = [layer('rnn', false, second), layer('rnn', true, second)].map(({ reverse, weights }) => ({
      reverse,
      weights: { ...weights, weightIh: new Float32Array(8).fill(0.1) },
    }));
    expect(poisoned([[layer('rnn'), layer('rnn', true)], above], 3, NaN)).toMatchObject({ step: 3, layer: 'l0' });
  });

  it("in the records of a text's trace", () => {
    const network = randomNetwork({ seed: 5, cell: 'gru', units: [3, 2], vocab: 9 });
    network.input.table[4 * network.input.width] = NaN;
    const engine = createScalarEngine(network);
    const records = engine.run(Uint8Array.of(1, 2, 3, 4, 5), new Float32Array(engine.stateSize));
    expect(firstNonFiniteRecord(engine.layout, records, 100)).toMatchObject({
      step: 103,
      layer: 'l0',
      signal: 'reset',
      unit: 0,
      value: 'NaN',
    });
    expect(firstNonFiniteRecord(engine.layout, records.subarray(0, 3 * engine.layout.width))).toBeUndefined();
  });
});
