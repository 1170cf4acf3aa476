/** Questions asked of a network that reads both ways and says classes: what a hover and a row tell. */
import { expect, test } from 'vitest';
import type { LayerWeights } from '../../src/engine/network';
import type { RecurrentNetwork } from '../../src/engine/recurrent';
import { createScalarEngine } from '../../src/engine/scalar';
import { bytesOfText } from '../../src/text/decode';
import { noBreath } from '../../src/text/tracedText';
import { createTrace } from '../../src/trace/create';
import { explain, row, rows, stats, type Subject } from '../../src/trace/questions';
import { randomNetwork } from '../engine/randomNetwork';

const text = await bytesOfText('sample', 'One 你好 two 😀 three. '.repeat(30), noBreath);
const [ahead, back] = [1, 2].map((seed) => randomNetwork({ seed, cell: 'gru', units: [4] }));
const layer = (network: typeof ahead): LayerWeights => {
  const [first] = network?.layers ?? [];
  if (first === undefined) throw new Error('no layer');
  return first;
};
const network: RecurrentNetwork = {
  input: { kind: 'tokens', vocab: 256, width: 7, table: ahead?.input.table },
  layers: [
    {
      merge: 'concat',
      directions: [
        { reverse: false, weights: layer(ahead) },
        { reverse: true, weights: layer(back) },
      ],
    },
  ],
  head: {
    output: 'classes',
    layers: [
      {
        inputSize: 8,
        outputSize: 3,
        weight: Float32Array.from({ length: 24 }, (_, k) => Math.sin(k)),
        bias: undefined,
        activation: undefined,
      },
    ],
  },
};

async function subject(classes?: readonly string[]): Promise<Subject> {
  const trace = await createTrace(network, { kind: 'tokens', tokens: text.tokens }, 2 ** 22, createScalarEngine);
  while (trace.advance());
  return { trace, text, cells: ['gru', 'gru'], head: { output: 'classes', classes } };
}

test('a hover lists the classes by their probability, and predicts no token', async () => {
  const explanation = await explain(await subject(['sad', 'glad', 'mad']), 4);
  expect(explanation).toMatchObject({ labels: ['⟨E4⟩', '⟨BD⟩', '⟨A0⟩'], loss: undefined, next: [], actual: undefined });
  const outputs = explanation.outputs ?? [];
  expect(outputs.map(({ label }) => label).toSorted()).toEqual(['glad', 'mad', 'sad']);
  expect(outputs.map(({ value }) => value)).toEqual(outputs.map(({ value }) => value).toSorted((a, b) => b - a));
  expect(outputs.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 6);
  expect(explanation.means).toHaveLength(2);
});

test('classes without names are counted', async () => {
  const { outputs = [] } = await explain(await subject(), 0);
  expect(outputs.map(({ label }) => label).toSorted()).toEqual(['0', '1', '2']);
});

test('a row and an export have both directions', async () => {
  const asked = await subject();
  const { arrays } = await rows(asked, 0, text.tokens.length);
  const signals = ['reset', 'update', 'candidate', 'hidden'];
  expect(Object.keys(arrays)).toEqual([
    ...['l0', 'l0_reverse'].flatMap((name) => signals.map((signal) => `${name}.${signal}`)),
    'tokens',
    'ranges',
  ]);
  const { layers, loss } = await row(asked, 300);
  expect(loss).toBeUndefined();
  expect(layers[1]?.[3]).toEqual(arrays['l0_reverse.hidden']?.data.slice(1200, 1204));
  expect(stats(asked).map(({ name }) => name)).toContain('l0_reverse.update');
});
