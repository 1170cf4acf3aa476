/**
 * The functions that a cell may put its sums through: those that ONNX lists for RNN, GRU and LSTM
 * (https://onnx.ai/onnx/operators/onnx__LSTM.html), in float64. Keras's hard_sigmoid is `hardSigmoid` with alpha 1/5 in
 * its old form (Keras 2) and 1/6 in its new one (Keras 3), beta 1/2 in both.
 */
import type { Scale } from '../shared/signals';
import { clamp, relu, sigmoid } from './vector';

interface Family {
  /** How many of alpha and beta it takes, alpha first. */
  readonly parameters: 0 | 1 | 2;
  /** Where a file leaves them out; NaN where no specification says. */
  readonly alpha: number;
  readonly beta: number;
  readonly of: (x: number, alpha: number, beta: number) => number;
}

const FAMILIES = {
  sigmoid: { parameters: 0, alpha: 0, beta: 0, of: sigmoid },
  tanh: { parameters: 0, alpha: 0, beta: 0, of: Math.tanh },
  relu: { parameters: 0, alpha: 0, beta: 0, of: relu },
  affine: { parameters: 2, alpha: NaN, beta: NaN, of: (x, alpha, beta) => alpha * x + beta },
  leakyRelu: { parameters: 1, alpha: 0.01, beta: 0, of: (x, alpha) => (x < 0 ? alpha * x : x) },
  thresholdedRelu: { parameters: 1, alpha: 1, beta: 0, of: (x, alpha) => (x < alpha ? 0 : x) },
  scaledTanh: { parameters: 2, alpha: NaN, beta: NaN, of: (x, alpha, beta) => alpha * Math.tanh(beta * x) },
  hardSigmoid: { parameters: 2, alpha: 0.2, beta: 0.5, of: (x, alpha, beta) => clamp(alpha * x + beta, 0, 1) },
  elu: { parameters: 1, alpha: 1, beta: 0, of: (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x) },
  softsign: {
    parameters: 0,
    alpha: 0,
    beta: 0,
    of: (x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x))),
  },
  // ln(1 + e^x), by way of the exponential that cannot overflow.
  softplus: { parameters: 0, alpha: 0, beta: 0, of: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
} as const satisfies Record<string, Family>;

export type SquashingName = keyof typeof FAMILIES;

export interface Squashing {
  readonly name: SquashingName;
  readonly alpha: number;
  readonly beta: number;
}

/** In the order of ONNX's list. */
export const SQUASHING_NAMES = Object.keys(FAMILIES) as readonly SquashingName[];

const family = (name: SquashingName): Family => FAMILIES[name];

/** How many of alpha and beta the function takes, alpha first. */
export const parametersOf = (name: SquashingName): 0 | 1 | 2 => family(name).parameters;

/** @param alpha, beta those of ONNX's operator of that name where left out; NaN where it has none */
export function squashing(name: SquashingName, alpha?: number, beta?: number): Squashing {
  const defaults = family(name);
  return { name, alpha: alpha ?? defaults.alpha, beta: beta ?? defaults.beta };
}

export const SIGMOID = squashing('sigmoid');
export const TANH = squashing('tanh');

/** The function itself. */
export function squash({ name, alpha, beta }: Squashing): (x: number) => number {
  const { of } = family(name);
  return (x) => of(x, alpha, beta);
}

/** Where its values lie. */
export function scaleOf({ name, alpha }: Squashing): Scale {
  if (name === 'sigmoid' || name === 'hardSigmoid') return 'gate';
  if (name === 'tanh' || name === 'softsign') return 'signed';
  return name === 'scaledTanh' && Math.abs(alpha) <= 1 ? 'signed' : 'free';
}
