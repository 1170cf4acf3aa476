/** What the reasons of a gate are in words: a question that fits its value, an answer that names what pulled most. */
import type { CellKind } from '../../src/shared/signals';
import type { Contribution, GateWhy } from '../../src/shared/trace';
import { shown, t } from '../l10n';
import { formatFixed, formatSigned, inBrackets } from '../layout/numbers';

/** Between these a gate is neither open nor closed. */
const [CLOSED, OPEN] = [0.35, 0.65];
/** What pulls less than this share of the sum is not worth naming. */
const WORTH = 0.1;
/** Sums smaller than this leave a function near its middle. */
const BALANCED = 0.1;

type Squashing = 'σ' | 'tanh' | 'φ';

const TOLERANCE = 1e-3;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The usual function, if it is what made the value of the sum; φ for one of the layer's own. */
export function squashingOf({ signal, sum, value }: Pick<GateWhy, 'signal' | 'sum' | 'value'>): Squashing {
  const signed = signal === 'candidate' || signal === 'hidden';
  const usual = signed ? Math.tanh(sum) : sigmoid(sum);
  if (Math.abs(usual - value) > TOLERANCE) return 'φ';
  return signed ? 'tanh' : 'σ';
}

/** `σ(−2.59) = 0.07` */
export const functionText = (gate: GateWhy): string =>
  `${squashingOf(gate)}(${formatFixed(gate.sum, 2)}) = ${formatFixed(gate.value, 2)}`;

/** A product, or a sum of them, with its sign: two digits that count. */
export const pullText = (product: number): string => formatSigned(product, Math.abs(product) >= 1 ? 1 : 2);

/** Made of nothing but another gate: a forget gate that is coupled to the input gate by a function that is not odd. */
export const isCoupled = ({ signal, sum, bias, top, value }: GateWhy): boolean =>
  signal === 'forget' && top.length === 0 && sum === 0 && bias === 0 && Math.abs(value - 0.5) > TOLERANCE;

const between = <T>(value: number, low: T, middle: T, high: T): T =>
  value < CLOSED ? low : value > OPEN ? high : middle;

/** The question that a value asks. */
export function question({ signal, value }: GateWhy): string {
  switch (signal) {
    case 'forget':
      return between(
        value,
        t('Why did it forget here?'),
        t('Why did it forget in part here?'),
        t('Why did it remember here?'),
      );
    case 'input':
      return between(
        value,
        t('Why did it write little here?'),
        t('Why did it write in part here?'),
        t('Why did it write here?'),
      );
    case 'output':
      return between(
        value,
        t('Why does it hide its memory here?'),
        t('Why does it show its memory in part here?'),
        t('Why does it show its memory here?'),
      );
    case 'update':
      return between(
        value,
        t('Why did it replace its state here?'),
        t('Why did it replace its state in part here?'),
        t('Why did it keep its state here?'),
      );
    case 'reset':
      return between(
        value,
        t('Why did it ignore its state here?'),
        t('Why did it heed its state in part here?'),
        t('Why did it heed its state here?'),
      );
    case 'candidate':
      return value < 0 ? t('Why is what it would write negative?') : t('Why is what it would write positive?');
    default:
      return value < 0 ? t('Why is its state negative here?') : t('Why is its state positive here?');
  }
}

function subject({ signal, value }: GateWhy): string {
  const number = formatFixed(value, 2);
  if (signal === 'candidate') return t('The candidate is {0}', number);
  if (signal === 'hidden') return t('The state is {0}', number);
  return t('The {0} gate is {1}', signal, number);
}

interface Pull {
  readonly label: string;
  readonly product: number;
}

/** The answer in a sentence: what pulled most the way it went, and what pulled hard against it. */
export function answer(gate: GateWhy): string {
  const { sum, bias, top } = gate;
  const is = subject(gate);
  if (isCoupled(gate)) return t('{0}: it is 1 − the input gate, and made of nothing else.', is);
  const all: readonly Pull[] = [
    ...top.map(({ label, product }) => ({ label: shown(label), product })),
    { label: t('its bias'), product: bias },
  ];
  const sorted = all.filter(({ product }) => product !== 0).sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const ups = sorted.filter(({ product }) => product > 0);
  const downs = sorted.filter(({ product }) => product < 0);
  const [first, second] = [ups[0], downs[0]];
  if (Math.abs(sum) < BALANCED && first !== undefined && second !== undefined) {
    const [up, down] = [pullText(first.product), pullText(second.product)];
    return t(
      '{0}: {1} pulls it up by {2} and {3} down by {4}, and all nearly cancels out.',
      is,
      first.label,
      up,
      second.label,
      down,
    );
  }
  const [along, against] = sum < 0 ? [downs, ups] : [ups, downs];
  const named = along.filter(({ product }) => Math.abs(product) >= WORTH * Math.abs(sum)).slice(0, 2);
  const [most, next] = named;
  if (most === undefined)
    return t('{0}: no single cause stands out, many small ones add up to {1}.', is, pullText(sum));
  const by = pullText(most.product);
  const told =
    next === undefined
      ? sum < 0
        ? t('{0}: {1} pulls it down by {2}', is, most.label, by)
        : t('{0}: {1} pulls it up by {2}', is, most.label, by)
      : sum < 0
        ? t('{0}: {1} pulls it down by {2}, {3} by {4}', is, most.label, by, next.label, pullText(next.product))
        : t('{0}: {1} pulls it up by {2}, {3} by {4}', is, most.label, by, next.label, pullText(next.product));
  const [counter] = against;
  if (counter === undefined || Math.abs(counter.product) < Math.abs(most.product) / 2) return t('{0}.', told);
  return t('{0}; {1} pulls against it by {2}.', told, counter.label, pullText(counter.product));
}

/** A part of a sum, by its letters in the equation. */
export interface Part {
  readonly kind: 'bias' | Contribution['kind'];
  readonly symbol: string;
  readonly value: number;
}

/** The parts of a gate's sum, those that its cell has. */
export function partsOf(gate: GateWhy, cell: CellKind): readonly Part[] {
  const letThrough = cell === 'gru' && gate.signal === 'candidate';
  const parts: Part[] = [
    { kind: 'bias', symbol: 'b', value: gate.bias },
    { kind: 'input', symbol: 'W·x', value: gate.input },
    { kind: 'recurrent', symbol: letThrough ? 'r, U·h′' : 'U·h′', value: gate.recurrent },
  ];
  return gate.peephole === 0 ? parts : [...parts, { kind: 'peephole', symbol: 'p·c', value: gate.peephole }];
}

/** What the sum was before it was held within the layer's clip; undefined where it was not. */
export function unclipped(gate: GateWhy): number | undefined {
  const whole = gate.bias + gate.input + gate.recurrent + gate.peephole;
  return Math.abs(whole - gate.sum) > TOLERANCE * Math.max(1, Math.abs(whole)) ? whole : undefined;
}

/** All that is not told one by one. */
export const restOf = ({ input, recurrent, peephole, top }: GateWhy): number =>
  top.reduce((rest, { product }) => rest - product, input + recurrent + peephole);

/** `−1.42 × 0.87`; a token's embedding counts as a whole, with no weight of its own. */
export const factorsText = ({ weight, value, kind, from }: Contribution): string =>
  weight === 1 && kind === 'input' && from === undefined
    ? ''
    : `${formatFixed(weight, 2)} × ${inBrackets(formatFixed(value, 2))}`;

/** Where the bars of a sum lie, as shares of the width: positive parts to the right of zero, negative to the left. */
export interface SumBars {
  readonly zero: number;
  readonly sum: number;
  readonly bars: readonly { readonly part: Part; readonly left: number; readonly width: number }[];
}

export function sumBars(parts: readonly Part[], sum: number): SumBars {
  const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
  const up = parts.reduce((all, { value }) => all + Math.max(0, finite(value)), 0);
  const down = parts.reduce((all, { value }) => all + Math.min(0, finite(value)), 0);
  // Zero is never at the very edge, so that it is seen which way things go.
  const span = Math.max(1e-9, up - down);
  const [from, to] = [down - 0.08 * span, up + 0.08 * span];
  const at = (value: number): number => (value - from) / (to - from);
  let [right, left] = [0, 0];
  const bars = parts.map((part) => {
    const value = finite(part.value);
    const start = value < 0 ? left + value : right;
    if (value < 0) left = start;
    else right += value;
    return { part, left: at(start), width: Math.abs(value) / (to - from) };
  });
  return { zero: at(0), sum: Math.max(0, Math.min(1, at(finite(sum)))), bars };
}
