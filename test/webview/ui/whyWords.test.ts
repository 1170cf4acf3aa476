/** Reasons in words: questions that fit the values, answers that fit the sums, parts that add up. */
import { describe, expect, it } from 'vitest';
import type { SignalName } from '../../../src/shared/signals';
import type { Contribution, GateWhy } from '../../../src/shared/trace';
import * as words from '../../../webview/ui/whyWords';

const token = (product: number): Contribution => ({
  kind: 'input',
  label: 'token “e”',
  from: undefined,
  weight: 1,
  value: product,
  product,
});
const unit = (index: number, weight: number, value: number): Contribution => ({
  kind: 'recurrent',
  label: `unit ${String(index)}`,
  from: { layer: 0, unit: index },
  weight,
  value,
  product: weight * value,
});
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** All of what it is made of is told; `rest` is what is not. */
function gate(signal: SignalName, bias: number, top: readonly Contribution[], rest = 0): GateWhy {
  const sumOf = (kind: Contribution['kind']): number =>
    top.reduce((sum, one) => (one.kind === kind ? sum + one.product : sum), 0);
  const [input, recurrent] = [sumOf('input'), sumOf('recurrent') + rest];
  const sum = bias + input + recurrent;
  const value = signal === 'candidate' || signal === 'hidden' ? Math.tanh(sum) : sigmoid(sum);
  return { signal, value, sum, bias, input, recurrent, peephole: 0, top };
}

describe('the question fits the value', () => {
  it.each<readonly [SignalName, number, string]>([
    ['forget', 0.07, 'Why did it forget here?'],
    ['forget', 0.5, 'Why did it forget in part here?'],
    ['forget', 0.93, 'Why did it remember here?'],
    ['input', 0.1, 'Why did it write little here?'],
    ['input', 0.9, 'Why did it write here?'],
    ['output', 0.1, 'Why does it hide its memory here?'],
    ['output', 0.9, 'Why does it show its memory here?'],
    ['update', 0.1, 'Why did it replace its state here?'],
    ['update', 0.9, 'Why did it keep its state here?'],
    ['reset', 0.1, 'Why did it ignore its state here?'],
    ['reset', 0.9, 'Why did it heed its state here?'],
    ['candidate', -0.4, 'Why is what it would write negative?'],
    ['candidate', 0.4, 'Why is what it would write positive?'],
    ['hidden', -0.4, 'Why is its state negative here?'],
    ['hidden', 0.4, 'Why is its state positive here?'],
  ])('%s %d: %s', (signal, value, want) => {
    expect(words.question({ ...gate(signal, 0, []), value })).toBe(want);
  });
});

describe('the answer fits the sum', () => {
  it.each<readonly [string, GateWhy, string]>([
    [
      'down',
      gate('forget', 0.4, [token(-2.1), unit(17, 1.5, -0.6)]),
      'The forget gate is 0.07: token “e” pulls it down by −2.1, unit 17 by −0.90.',
    ],
    [
      'up',
      gate('input', 0, [token(2.1), unit(17, 1.5, -0.1)]),
      'The input gate is 0.88: token “e” pulls it up by +2.1.',
    ],
    ['by its bias', gate('output', 3, [unit(4, 0.1, 0.1)]), 'The output gate is 0.95: its bias pulls it up by +3.0.'],
    [
      'against a strong pull',
      gate('candidate', 0, [unit(9, 2, 1), unit(4, -1.5, 1)]),
      'The candidate is 0.46: unit 9 pulls it up by +2.0; unit 4 pulls against it by −1.5.',
    ],
    [
      'all cancelled out',
      gate('update', 0.02, [unit(9, 1, 1), unit(4, -1, 1)]),
      'The update gate is 0.50: unit 9 pulls it up by +1.0 and unit 4 down by −1.0, and all nearly cancels out.',
    ],
    [
      'by many',
      gate('hidden', 0, [unit(9, 0.05, 1)], 2),
      'The state is 0.97: no single cause stands out, many small ones add up to +2.0.',
    ],
  ])('%s', (_, why, want) => {
    expect(words.answer(why)).toBe(want);
  });

  it('of a coupled forget gate is the input gate', () => {
    const coupled = { ...gate('forget', 0, []), value: 0.8 };
    expect(words.answer(coupled)).toBe('The forget gate is 0.80: it is 1 − the input gate, and made of nothing else.');
  });
});

describe('the function', () => {
  it.each<readonly [SignalName, number, number, string]>([
    ['forget', 2.31, sigmoid(2.31), 'σ(2.31) = 0.91'],
    ['candidate', -0.5, Math.tanh(-0.5), 'tanh(−0.50) = −0.46'],
    ['hidden', 2.5, 2.5, 'φ(2.50) = 2.50'],
    ['forget', 0.3, 0.56, 'φ(0.30) = 0.56'],
  ])('of %s at %d: %s', (signal, sum, value, want) => {
    expect(words.functionText({ ...gate(signal, sum, []), sum, value })).toBe(want);
  });
});

describe('the sum', () => {
  const why = gate('forget', 0.5, [token(-2), unit(3, 1, -0.75)], 0.25);
  it('has its parts about zero, which add up', () => {
    const { zero, sum, bars } = words.sumBars(words.partsOf(why, 'lstm'), why.sum);
    const scale = (bars[0]?.width ?? NaN) / 0.5;
    expect(bars.map(({ part }) => part.symbol)).toEqual(['b', 'W·x', 'U·h′']);
    // One to the right of zero; the others to the left, one after the other.
    expect(bars[0]?.left).toBeCloseTo(zero, 9);
    expect((bars[1]?.left ?? NaN) + (bars[1]?.width ?? NaN)).toBeCloseTo(zero, 9);
    expect((bars[2]?.left ?? NaN) + (bars[2]?.width ?? NaN)).toBeCloseTo(bars[1]?.left ?? NaN, 9);
    expect(sum - zero).toBeCloseTo(why.sum * scale, 9);
    for (const { left, width } of bars) expect(left >= 0 && left + width <= 1).toBe(true);
  });

  it('has a peephole where there is one', () => {
    const parts = words.partsOf({ ...why, peephole: -0.3 }, 'lstm');
    expect(parts.map(({ symbol }) => symbol)).toEqual(['b', 'W·x', 'U·h′', 'p·c']);
  });

  it('that is not a number spoils no bar', () => {
    const { bars, sum, zero } = words.sumBars(words.partsOf({ ...why, input: NaN }, 'lstm'), NaN);
    expect(bars[1]?.width).toBe(0);
    expect(sum).toBe(zero);
  });

  it.each([
    [0, undefined],
    [-0.5, -2],
  ])('that was held by %d says what it was: %s', (held, want) => {
    expect(words.unclipped({ ...why, sum: why.sum - held })).toBe(want);
  });

  it('leaves to the others what is not told', () => {
    expect(words.restOf(why)).toBeCloseTo(0.25, 12);
  });
});

it.each<readonly [Contribution, string]>([
  [unit(3, -1.42, 0.5), '−1.42 × 0.50'],
  [unit(3, 1.5, -0.5), '1.50 × (−0.50)'],
  [token(0.8), ''],
])('%# is told as weight times value: %s', (one, want) => {
  expect(words.factorsText(one)).toBe(want);
});
