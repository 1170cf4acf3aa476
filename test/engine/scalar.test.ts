/** The float64 twin against equations worked by hand, and its own contract. */
import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/engine/network';
import { createScalarEngine } from '../../src/engine/scalar';
import { randomNetwork, randomTokens } from './randomNetwork';

const s = (x: number): number => 1 / (1 + Math.exp(-x));

/** One unit, one input, tokens 0 and 1 embedded as 1 and -2. */
const tiny = (cell: 'lstm' | 'rnn', activation: 'tanh' | 'relu', rows: number[], head?: Network['head']): Network => ({
  input: { table: Float32Array.of(1, -2), vocab: 2, width: 1 },
  layers: [
    {
      cell,
      activation,
      inputSize: 1,
      units: 1,
      weightIh: Float32Array.from(rows),
      weightHh: Float32Array.from(rows, (w) => w / 2),
      biasIh: Float32Array.from(rows, (_, k) => k / 4),
      biasHh: Float32Array.from(rows, () => 0.5),
    },
  ],
  head,
});

describe('the scalar twin', () => {
  it('computes an LSTM as its equations say', () => {
    const engine = createScalarEngine(tiny('lstm', 'tanh', [0.5, -1, 2, 0.25]));
    const records = engine.runExact(Uint8Array.of(0, 1), new Float64Array(2));
    const expected: number[] = [];
    let h = 0;
    let c = 0;
    for (const x of [1, -2]) {
      const i = s(0.5 * x + 0.25 * h + 0.5);
      const f = s(-x - 0.5 * h + 0.75);
      const g = Math.tanh(2 * x + h + 1);
      const o = s(0.25 * x + 0.125 * h + 1.25);
      c = f * c + i * g;
      h = o * Math.tanh(c);
      expected.push(i, f, g, o, c, h, 0, 0);
    }
    expect(engine.layout.columns.map(({ name }) => name)).toEqual([
      'l0.input',
      'l0.forget',
      'l0.candidate',
      'l0.output',
      'l0.cell',
      'l0.hidden',
    ]);
    for (const [k, value] of expected.entries()) expect(records[k]).toBeCloseTo(value, 14);
  });

  // x = 1, then -2: h = squash(0.5 x + 0.25 h' + 0.5)
  it.each([
    ['tanh', Math.tanh(1), Math.tanh(-0.5 + 0.25 * Math.tanh(1))],
    ['relu', 1, 0],
  ] as const)('computes a SimpleRNN with %s as its equation says', (activation, first, second) => {
    const engine = createScalarEngine(tiny('rnn', activation, [0.5]));
    const records = engine.runExact(Uint8Array.of(0, 1), new Float64Array(1));
    expect(records[0]).toBeCloseTo(first, 14);
    expect(records[4]).toBeCloseTo(second, 14);
  });

  it('gives the loss of a token under the state before it', () => {
    const head = { vocab: 2, weight: Float32Array.of(2, -1), bias: Float32Array.of(0.25, 0) };
    const engine = createScalarEngine(tiny('rnn', 'tanh', [0.5], head));
    const records = engine.runExact(Uint8Array.of(0, 1), new Float64Array(1));
    const loss = (h: number, token: 0 | 1): number => {
      const z = [2 * h + 0.25, -h] as const;
      return Math.log(Math.exp(z[0]) + Math.exp(z[1])) - z[token];
    };
    expect(records[1]).toBeCloseTo(loss(0, 0), 14);
    expect(records[5]).toBeCloseTo(loss(Math.tanh(1), 1), 14);
    const p = engine.predict(Float32Array.of(0.5));
    expect(p[0]).toBeCloseTo(Math.exp(-loss(0.5, 0)), 6);
    expect(p[1]).toBeCloseTo(Math.exp(-loss(0.5, 1)), 6);
  });

  it('reduces records to minimum, sum and maximum', () => {
    const engine = createScalarEngine(randomNetwork({ seed: 1, cell: 'lstm', units: [3], vocab: 9, head: 'none' }));
    const records = engine.run(randomTokens(2, 5, 9), new Float32Array(engine.stateSize)).slice();
    const { min, sum, max } = engine.reduce(1, 4);
    for (let k = 0; k < engine.layout.width; k++) {
      const column = [1, 2, 3].map((t) => records[t * engine.layout.width + k] ?? NaN);
      expect(min[k]).toBe(Math.min(...column));
      expect(max[k]).toBe(Math.max(...column));
      expect(sum[k]).toBeCloseTo(
        column.reduce((a, b) => a + b, 0),
        6,
      );
    }
  });
});
