/** Recurrent weights kept in parts or under other names, as weight_norm, fastai and AWD-LSTM save them. */
import { describe, expect, it } from 'vitest';
import { namedLayers } from '../../src/engine/recurrent';
import type { Model } from '../../src/models/model';
import { modelOfPytorchNames } from '../../src/models/pytorchNames';
import { words } from '../words';

type Named = Readonly<Record<string, readonly [shape: readonly number[], ...values: number[]]>>;

/** Of tensors of the given values, one value standing for all. */
function model(tensors: Named): Model {
  return modelOfPytorchNames({
    file: 'm.pt',
    size: 1e6,
    ordered: true,
    metadata: {},
    notes: [],
    modules: new Map(),
    tensors: new Map(
      Object.entries(tensors).map(([name, [shape, ...values]]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        const read = (): Float32Array => Float32Array.from({ length }, (_, k) => values[k % values.length] ?? 0);
        return [name, { name, shape, read }];
      }),
    ),
  });
}

const INPUT: Named = { 'rnn.weight_ih_l0': [[2, 3], 1] };
// Rows (3, 4) and (6, 8), of lengths 5 and 10, with magnitudes 5 and 1.
const MAGNITUDES = [[2, 1], 5, 1] as const;
const DIRECTIONS = [[2, 2], 3, 4, 6, 8] as const;
const NORMED = [3, 4, 0.6, 0.8];

const CASES: readonly (readonly [what: string, tensors: Named, recurrent: readonly number[]])[] = [
  [
    'a parametrisation of weight_norm',
    {
      ...INPUT,
      'rnn.parametrizations.weight_hh_l0.original0': MAGNITUDES,
      'rnn.parametrizations.weight_hh_l0.original1': DIRECTIONS,
    },
    NORMED,
  ],
  ['the older weight_norm', { ...INPUT, 'rnn.weight_hh_l0_g': MAGNITUDES, 'rnn.weight_hh_l0_v': DIRECTIONS }, NORMED],
  [
    'fastai, whose module keeps what dropout left of it',
    {
      'rnns.0.weight_hh_l0_raw': [[2, 2], 1, 2, 3, 4],
      'rnns.0.module.weight_ih_l0': [[2, 3], 1],
      'rnns.0.module.weight_hh_l0': [[2, 2], 9],
    },
    [1, 2, 3, 4],
  ],
  [
    'AWD-LSTM, which keeps it inside the module',
    { 'rnns.0.module.weight_hh_l0_raw': [[2, 2], 1, 2, 3, 4], 'rnns.0.module.weight_ih_l0': [[2, 3], 1] },
    [1, 2, 3, 4],
  ],
];

describe('recurrent weights', () => {
  it.each(CASES)('are found in %s', (_, tensors, recurrent) => {
    const { network, warnings } = model(tensors);
    const weights = namedLayers(network)[0]?.weights;
    for (const [k, value] of recurrent.entries()) expect(weights?.weightHh[k]).toBeCloseTo(value, 6);
    expect(weights?.weightHh).toHaveLength(recurrent.length);
    expect(words(warnings).join()).not.toMatch(/took no part/);
  });

  it('are fed by one embedding, though fastai saves it twice', () => {
    const { network } = model({
      '0.encoder.weight': [[7, 3], 1],
      '0.encoder_dp.emb.weight': [[7, 3], 1],
      '0.rnns.0.weight_ih_l0': [[2, 3], 1],
      '0.rnns.0.weight_hh_l0': [[2, 2], 1],
    });
    expect(network.input).toMatchObject({ kind: 'tokens', vocab: 7, width: 3 });
  });
});
