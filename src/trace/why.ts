/**
 * Why the gates and the candidate of a unit were what they were at a token: the sum that each squashes, taken apart into
 * its products. The values are the trace's own, the weights the model's; what is added up here is added in float64, as in
 * the cells' equations in engine/lstm.ts, gru.ts and rnn.ts.
 */
import { findColumn } from '../engine/layout';
import { hiddenSize, squashingsOf, type LayerWeights } from '../engine/network';
import { namedLayers, type RecurrentNetwork } from '../engine/recurrent';
import { SIGMOID, type Squashing } from '../engine/squashing';
import { at, clamp } from '../engine/vector';
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import type { SignalName } from '../shared/signals';
import type { Contribution, GateWhy, Why } from '../shared/trace';
import { record, type Subject } from './questions';
import { inputSources, type Source } from './whySources';

/** Contributions that are told of a sum. */
const MOST_TOLD = 12;

/** What a layer's step had to work with. */
interface Step {
  readonly layer: number;
  readonly name: string;
  readonly unit: number;
  readonly weights: LayerWeights;
  readonly inputs: readonly Source[];
  /** h' [hidden] */
  readonly before: Float32Array;
  /** Of this step. */
  readonly value: (signal: SignalName, unit: number) => number;
  /** c' of the unit; 0 without a cell. */
  readonly cellBefore: number;
}

/**
 * @param network whose trace it is
 * @param token one that is traced
 * @param layer a direction of a layer, as in `ModelInfo.layers`
 * @throws bad-request for a layer or unit that is not there, and while a layer that reads backwards has not been traced
 *   at the token after
 */
export async function why(
  subject: Subject,
  network: RecurrentNetwork,
  token: number,
  layer: number,
  unit: number,
): Promise<Why> {
  const named = namedLayers(network)[layer];
  if (named === undefined || !(Number.isInteger(unit) && unit >= 0 && unit < named.weights.units)) {
    throw new GatescopeError(
      'bad-request',
      named === undefined
        ? say`The model has no layer ${layer}.`
        : say`${named.name} has no unit ${unit}: it has ${named.weights.units}, counted from 0.`,
    );
  }
  const { trace } = subject;
  const { name, weights, reverse } = named;
  const now = await record(trace, token);
  const earlier = reverse ? token + 1 : token - 1;
  // Before its first step a layer holds zeros.
  const before = earlier >= 0 && earlier < trace.length ? await record(trace, earlier) : new Float32Array(now.length);
  const value = (from: Float32Array, signal: SignalName, u: number): number => {
    const column = findColumn(trace.layout, layer, signal);
    return column === undefined ? NaN : (from[column.offset + u] ?? NaN);
  };
  const hidden = findColumn(trace.layout, layer, 'hidden')?.offset ?? 0;
  const step: Step = {
    layer,
    name,
    unit,
    weights,
    inputs: inputSources(subject, network, token, layer, now),
    before: before.subarray(hidden, hidden + hiddenSize(weights)),
    value: (signal, u) => value(now, signal, u),
    cellBefore: weights.cell === 'lstm' ? value(before, 'cell', unit) : 0,
  };
  return { token, layer, unit, gates: GATES_OF[weights.cell](step).map(top) };
}

const GATES_OF: Readonly<Record<LayerWeights['cell'], (step: Step) => GateWhy[]>> = {
  rnn: (step) => [gate(step, 'hidden', 0)],
  gru: (step) => [gate(step, 'reset', 0), gate(step, 'update', 1), gruCandidate(step)],
  lstm: (step) => {
    const input = gate(step, 'input', 0, peephole(step, 0, step.cellBefore, 'before'));
    const forget = step.weights.variant?.coupled
      ? coupledForget(step, input)
      : gate(step, 'forget', 1, peephole(step, 1, step.cellBefore, 'before'));
    const shown = peephole(step, 2, step.value('cell', step.unit), 'now');
    return [input, forget, gate(step, 'candidate', 2), gate(step, 'output', 3, shown)];
  },
};

/** A gate with all of its contributions, not the largest alone. */
function gate(step: Step, signal: SignalName, block: number, peep?: Contribution): GateWhy {
  const { weights, unit, before } = step;
  const { biasIh, biasHh, units } = weights;
  const row = block * units + unit;
  const bias = (biasIh ? at(biasIh, row) : 0) + (biasHh ? at(biasHh, row) : 0);
  const recurrent = recurrentProducts(step, row, (k) => at(before, k));
  return whole(step, signal, bias, [...inputProducts(step, row), ...recurrent, ...(peep ? [peep] : [])]);
}

/**
 * resetAfter lets r · (U h' + d) through, so that the recurrent bias d counts as recurrent, as a contribution of its own;
 * resetBefore U (r · h'), where d is a bias as any other. Either way `value` is what the reset gate left of h'.
 */
function gruCandidate(step: Step): GateWhy {
  const { weights, unit, before } = step;
  const { biasIh, biasHh, units, gruForm = 'resetAfter' } = weights;
  const row = 2 * units + unit;
  const [bias, recurrentBias] = [biasIh, biasHh].map((values) => (values ? at(values, row) : 0));
  const inputs = inputProducts(step, row);
  if (gruForm === 'resetBefore') {
    const through = recurrentProducts(step, row, (k) => step.value('reset', k) * at(before, k));
    return whole(step, 'candidate', (bias ?? 0) + (recurrentBias ?? 0), [...inputs, ...through]);
  }
  const reset = step.value('reset', unit);
  const through = recurrentProducts(step, row, (k) => reset * at(before, k));
  const rest = biasHh ? [contribution('recurrent', say`recurrent bias`, undefined, recurrentBias ?? 0, reset)] : [];
  return whole(step, 'candidate', bias ?? 0, [...inputs, ...through, ...rest]);
}

/**
 * A coupled forget gate is 1 − i. Where that is the same function of the negated sum, as with a sigmoid, it is told by the
 * input gate's sums and contributions, negated; else by none: nothing flows into it but the input gate.
 */
function coupledForget({ value, unit, weights }: Step, input: GateWhy): GateWhy {
  const told = { ...input, signal: 'forget' as const, value: value('forget', unit) };
  const [squashing = SIGMOID] = squashingsOf(weights);
  if (!isOdd(squashing)) return { ...told, sum: 0, bias: 0, input: 0, recurrent: 0, peephole: 0, top: [] };
  return {
    ...told,
    sum: -input.sum,
    bias: -input.bias,
    input: -input.input,
    recurrent: -input.recurrent,
    peephole: -input.peephole,
    top: input.top.map((one) => ({ ...one, weight: -one.weight, product: -one.product })),
  };
}

/** Whether f(−x) = 1 − f(x). */
const isOdd = ({ name, beta }: Squashing): boolean =>
  name === 'sigmoid' || (name === 'hardSigmoid' && Math.abs(beta - 0.5) < 1e-6);

function peephole(
  { weights, layer, name, unit }: Step,
  look: number,
  cell: number,
  when: 'before' | 'now',
): Contribution | undefined {
  const { variant, units } = weights;
  if (!variant?.peephole) return undefined;
  const label = when === 'now' ? say`${name} cell ${unit} now` : say`${name} cell ${unit} before`;
  return contribution('peephole', label, { layer, unit }, at(variant.peephole, look * units + unit), cell);
}

function inputProducts({ weights: { weightIh, inputSize }, inputs }: Step, row: number): Contribution[] {
  return inputs.map((source) => {
    const { label, from, places, factor, value } = source;
    const [first = 0] = places;
    if (value !== undefined) {
      return contribution('input', label, from, factor * at(weightIh, row * inputSize + first), value);
    }
    // A token's embedding is one contribution, over its whole width.
    const product = places.reduce((sum, k) => sum + at(weightIh, row * inputSize + k) * at(source.vector, k), 0);
    return contribution('input', label, from, 1, product);
  });
}

/** @param value of h'[k], or what is let through of it */
function recurrentProducts(step: Step, row: number, value: (k: number) => number): Contribution[] {
  const { weights, before, layer, name } = step;
  // What a projection gives is no unit's own.
  const projected = weights.variant?.projection !== undefined;
  return Array.from(before, (_, k) =>
    contribution(
      'recurrent',
      projected ? say`${name} projected ${k}` : say`${name} unit ${k}`,
      projected ? undefined : { layer, unit: k },
      at(weights.weightHh, row * before.length + k),
      value(k),
    ),
  );
}

const contribution = (
  kind: Contribution['kind'],
  label: Text,
  from: Contribution['from'],
  weight: number,
  value: number,
): Contribution => ({ kind, label, from, weight, value, product: weight * value });

function whole({ weights, value, unit }: Step, signal: SignalName, bias: number, all: Contribution[]): GateWhy {
  const sumOf = (kind: Contribution['kind']): number =>
    all.reduce((sum, one) => (one.kind === kind ? sum + one.product : sum), 0);
  const [input, recurrent, peep] = [sumOf('input'), sumOf('recurrent'), sumOf('peephole')];
  const clip = weights.variant?.clip ?? Infinity;
  const sum = clamp(bias + input + recurrent + peep, -clip, clip);
  return { signal, value: value(signal, unit), sum, bias, input, recurrent, peephole: peep, top: all };
}

/** NaN is the largest: it is what one looks for. */
const size = ({ product }: Contribution): number => (Number.isNaN(product) ? Infinity : Math.abs(product));

const top = (gate: GateWhy): GateWhy => ({
  ...gate,
  top: gate.top.toSorted((a, b) => size(b) - size(a) || 0).slice(0, MOST_TOLD),
});
