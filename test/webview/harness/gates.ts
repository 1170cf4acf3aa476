/** Made-up reasons of each kind of cell's gates, whose sums add up. */
import type { CellKind, SignalName } from '../../../src/shared/signals';
import type { Contribution, GateWhy } from '../../../src/shared/trace';

/** A gate whose contributions add up to its sum. */
function gateOf(signal: SignalName, bias: number, products: readonly number[], rest: number, peephole = 0): GateWhy {
  const top = products.map((product, i): Contribution => {
    if (i === 0) return { kind: 'input', label: 'token “\\n”', from: undefined, weight: 1, value: product, product };
    const weight = (i % 2 === 0 ? -1 : 1) * (1.9 - 0.13 * i);
    return {
      kind: 'recurrent',
      label: `l0 unit ${String((i * 37) % 256)}`,
      from: { layer: 0, unit: (i * 37) % 256 },
      weight,
      value: product / weight,
      product,
    };
  });
  const recurrent = products.slice(1).reduce((sum, product) => sum + product, rest);
  const input = products[0] ?? 0;
  const sum = bias + input + recurrent + peephole;
  const signed = signal === 'candidate' || signal === 'hidden';
  const value = signed ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum));
  top.sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  return { signal, value, sum, bias, input, recurrent, peephole, top };
}

const STRONG = [-2.1, -0.9, 0.62, -0.41, 0.33, -0.2, 0.17, -0.15, 0.12, -0.09, 0.07, 0.05];
const MILD = [0.8, 1.3, -0.7, 0.5, 0.42, -0.3, 0.21, 0.2, -0.18, 0.16, -0.1, 0.08];
export const GATES: Readonly<Record<CellKind, readonly GateWhy[]>> = {
  lstm: [
    gateOf('input', -0.4, MILD, 0.1),
    gateOf('forget', 0.51, STRONG, -0.32),
    gateOf(
      'candidate',
      0.05,
      MILD.map((product) => -product / 2),
      -0.1,
    ),
    gateOf('output', 0.2, MILD, 0.4, -0.35),
  ],
  gru: [gateOf('reset', -0.4, MILD, 0.1), gateOf('update', 0.51, STRONG, -0.32), gateOf('candidate', 0.05, MILD, 0)],
  rnn: [gateOf('hidden', 0.05, MILD, -1)],
};
