/** The numbers of a cell's drawing: on every wire, adding up, and in its equations. */
import { describe, expect, it } from 'vitest';
import { DERIVED, SIGNALS, type CellKind, type SignalName } from '../../../src/shared/signals';
import type { GateWhy } from '../../../src/shared/trace';
import { equationsOf, flowsOf, type FlowInput, type FlowName } from '../../../webview/layout/cell';
import { planCell } from '../../../webview/layout/cellPlan';

const layerOf = (cell: CellKind): FlowInput['layer'] => ({ cell, signals: SIGNALS[cell], derived: DERIVED[cell] });
const own = (cell: CellKind): FlowInput['layer'] => ({ cell, signals: SIGNALS[cell] });

/** As one step of a cell leaves them, in float32. */
function lstm(i: number, f: number, g: number, o: number, before: number): FlowInput {
  const cell = Math.fround(f * before + i * g);
  const values = { input: i, forget: f, candidate: g, output: o, cell, hidden: Math.fround(o * Math.tanh(cell)) };
  return { layer: layerOf('lstm'), values, before };
}
function gru(r: number, z: number, n: number, before: number): FlowInput {
  const hidden = Math.fround((1 - z) * n + z * before);
  return { layer: layerOf('gru'), values: { reset: r, update: z, candidate: n, hidden }, before };
}
const rnn = (sum: number): FlowInput => ({
  layer: layerOf('rnn'),
  values: { hidden: Math.fround(Math.tanh(sum)) },
  before: 0.2,
});
const reason = (signal: SignalName, sum: number, bias: number, input: number, recurrent: number): GateWhy => ({
  signal,
  value: Math.tanh(sum),
  sum,
  bias,
  input,
  recurrent,
  peephole: 0,
  top: [],
});
const why = (gate: GateWhy): FlowInput['why'] => ({ token: 0, layer: 0, unit: 0, gates: [gate] });

const lines = (input: FlowInput): readonly string[] =>
  equationsOf(flowsOf(input), input.layer.cell).map((parts) => parts.join(' '));

describe('equations', () => {
  it.each<readonly [string, FlowInput, string]>([
    ['an LSTM', lstm(0.12, 0.93, -0.4, 0.8, 0.51), 'c = 0.93·0.51 + 0.12·(−0.40) = 0.43; h = 0.80·tanh(0.43) = 0.32'],
    [
      'its memory below zero',
      lstm(0.5, 0.9, 0.2, 0.5, -1),
      'c = 0.90·(−1.00) + 0.50·0.20 = −0.80; h = 0.50·tanh(−0.80) = −0.33',
    ],
    ['a first step', lstm(0.5, 0.25, 0.2, 1, 0), 'c = 0.25·0.00 + 0.50·0.20 = 0.10; h = 1.00·tanh(0.10) = 0.10'],
    [
      'small numbers',
      lstm(0.01, 0.5, 0.2, 0.5, 0.02),
      'c = 0.500·0.020 + 0.010·0.200 = 0.012; h = 0.500·tanh(0.012) = 0.006',
    ],
    ['large numbers', lstm(1, 1, 1, 0.5, 250), 'c = 1.00·250.0 + 1.00·1.00 = 251.0; h = 0.50·tanh(251.0) = 0.50'],
    ['a GRU', gru(0.3, 0.85, -0.62, 0.51), 'h = (1 − 0.85)·(−0.62) + 0.85·0.51 = 0.34'],
    ['its state below zero', gru(0.3, 0.25, 0.5, -0.5), 'h = (1 − 0.25)·0.50 + 0.25·(−0.50) = 0.25'],
    ['a SimpleRNN', rnn(-0.758), 'h = tanh(−0.76) = −0.64'],
    ['one whose tanh has rounded to 1', { ...rnn(0), values: { hidden: 1 } }, 'h = 1.00'],
    [
      'one whose parts are known',
      { ...rnn(0.3), why: why(reason('hidden', 0.3, -0.2, 0.9, -0.4)) },
      'h = tanh(0.90 + (−0.40) + (−0.20)) = 0.29',
    ],
    ['a function of its own', { ...lstm(0.1, 0.9, 0.4, 0.8, 0.5), layer: own('lstm') }, 'c = 0.49; h = 0.36'],
    ['a ReLU', { ...rnn(0), layer: own('rnn'), values: { hidden: 3.25 } }, 'h = 3.25'],
    ['a GRU of its own', { ...gru(0.3, 0.85, -0.62, 0.51), layer: own('gru') }, 'h = 0.34'],
    ['no values', { ...lstm(0, 0, 0, 0, 0), values: {} }, ''],
  ])('of %s', (_, input, want) => {
    expect(lines(input).join('; ')).toBe(want);
  });

  it('of a projected LSTM say only what its hidden state is', () => {
    const input = lstm(0.12, 0.93, -0.4, 0.8, 0.51);
    const projected = { ...input, values: { ...input.values, hidden: 0.9 } };
    expect(lines(projected)).toEqual(['c = 0.93·0.51 + 0.12·(−0.40) = 0.43', 'h = 0.90']);
    expect(flowsOf(projected)).toMatchObject({ memoryKnown: true, hiddenKnown: false });
    expect(flowsOf(projected).values.shown).toBeUndefined();
  });
});

describe('the numbers on the wires', () => {
  /** The same every time, 0…1. */
  let seed = 7;
  const random = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed / 2 ** 32;
  };
  const signed = (): number => 2 * random() - 1;

  it('of an LSTM add up, whatever they are', () => {
    for (let n = 0; n < 500; n++) {
      const input = lstm(random(), random(), signed(), random(), 4 * signed());
      const { values: v, ...rest } = flowsOf(input);
      expect(rest).toEqual({ memoryKnown: true, hiddenKnown: true });
      expect((v.kept ?? NaN) + (v.written ?? NaN)).toBeCloseTo(v.cell ?? NaN, 5);
      expect((v.output ?? NaN) * (v.shown ?? NaN)).toBeCloseTo(v.hidden ?? NaN, 5);
      expect(v.kept).toBe((v.forget ?? NaN) * input.before);
      expect(v.written).toBe((v.input ?? NaN) * (v.candidate ?? NaN));
    }
  });

  it('of a GRU add up', () => {
    for (let n = 0; n < 500; n++) {
      const { values: v, memoryKnown } = flowsOf(gru(random(), random(), signed(), signed()));
      expect(memoryKnown).toBe(true);
      expect((v.rest ?? NaN) + (v.update ?? NaN)).toBeCloseTo(1, 12);
      expect((v.kept ?? NaN) + (v.written ?? NaN)).toBeCloseTo(v.hidden ?? NaN, 6);
    }
  });

  it('of a SimpleRNN add up', () => {
    for (let n = 0; n < 500; n++) {
      const [input, state, bias] = [signed(), signed(), signed()];
      const sum = input + state + bias;
      const told = flowsOf({ ...rnn(sum), why: why(reason('hidden', sum, bias, input, state)) });
      expect(told.hiddenKnown).toBe(true);
      expect(told.values).toMatchObject({ fromInput: input, fromState: state, bias, sum });
      // Without the reasons the sum is found from what came out.
      expect(flowsOf(rnn(sum)).values.sum).toBeCloseTo(sum, 3);
    }
  });

  it('that do not add up are not made to: it is another equation', () => {
    const input = lstm(0.5, 0.5, 0.5, 0.5, 0.5);
    const other = flowsOf({ ...input, values: { ...input.values, cell: 0.9 } });
    expect(other.memoryKnown).toBe(false);
    expect([other.values.kept, other.values.written]).toEqual([undefined, undefined]);
  });

  it('that are not numbers stay so', () => {
    expect(lines(lstm(NaN, 0.5, 0.5, 0.5, 0.5))[0]).toBe('c = 0.50·0.50 + NaN·0.50 = NaN');
  });
});

describe('the drawing', () => {
  const EVERY: Readonly<Record<CellKind, readonly FlowName[]>> = {
    lstm: ['before', 'forget', 'kept', 'input', 'candidate', 'written', 'cell', 'shown', 'output', 'hidden'],
    gru: ['before', 'update', 'kept', 'reset', 'rest', 'candidate', 'passed', 'written', 'hidden'],
    rnn: ['fromState', 'fromInput', 'bias', 'sum', 'hidden'],
  };
  for (const cell of ['lstm', 'gru', 'rnn'] as const) {
    for (const width of [200, 300, 320, 539, 540, 700, 2000]) {
      it(`of ${cell} has every number once, inside ${String(width)} pixels`, () => {
        const plan = planCell(cell, width);
        expect(plan.width).toBeLessThanOrEqual(Math.max(296, width));
        const said = [...plan.labels, ...plan.ports]
          .map(({ flow }) => flow)
          .filter((flow) => flow !== 'all' && flow !== 'x');
        expect([...said].sort()).toEqual([...EVERY[cell]].sort());
        // Each wire with a number ends or begins somewhere: none is said that is not drawn.
        const drawn = new Set(plan.wires.map(({ flow }) => flow));
        expect(said.filter((flow) => !drawn.has(flow))).toEqual([]);
        for (const { x, y, width: w, height } of [...plan.ports, ...plan.gates]) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(x + w).toBeLessThanOrEqual(plan.width);
          expect(y + height).toBeLessThanOrEqual(plan.height);
        }
        const boxes = [...plan.gates, ...plan.ports];
        const apart = boxes.every((a, i) =>
          boxes
            .slice(i + 1)
            .every(
              (b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
            ),
        );
        expect(apart).toBe(true);
      });
    }
  }
});
