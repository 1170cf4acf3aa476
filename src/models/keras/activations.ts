/** The functions that a Keras configuration names, as far as the engine has them (https://keras.io/api/layers/activations). */
import { squashing, SIGMOID, TANH, type Squashing } from '../../engine/squashing';
import { isRecord } from '../../shared/json';
import { quote } from '../errors';
import { numberOf, textOf, type JsonObject } from './json';

/** `softmax` and `log_softmax` are no functions of one value; they stand only at the end. */
export type Activation =
  | { readonly kind: 'none' }
  | { readonly kind: 'softmax' }
  | { readonly kind: 'squashing'; readonly squashing: Squashing }
  | { readonly kind: 'unknown'; readonly name: string };

const NONE: Activation = { kind: 'none' };
const SOFTMAX: Activation = { kind: 'softmax' };

const of = (squashed: Squashing): Activation => ({ kind: 'squashing', squashing: squashed });

/** x: value * weight + 1/2, held within 0 and 1. Keras 3 has another slope than all before it, and than TensorFlow.js. */
const hardSigmoid = (major: number): Squashing => squashing('hardSigmoid', major >= 3 ? 1 / 6 : 1 / 5, 1 / 2);

/**
 * @param value a name, or an object that names a function or layer; none where undefined or null
 * @param major version of Keras: 1, 2 or 3
 */
export function activationOf(value: unknown, major: number): Activation {
  if (value === undefined || value === null) return NONE;
  if (typeof value === 'string') return named(value, major);
  if (!isRecord(value)) return { kind: 'unknown', name: quote(value) };
  const name = textOf(value, 'class_name') ?? textOf(value, 'name') ?? 'an unnamed function';
  const config = value['config'];
  // Keras 3 may write a function of its own as {class_name: "function", config: "relu"}.
  if (typeof config === 'string') return named(config, major);
  return layerActivation(name, isRecord(config) ? config : {}, major) ?? named(name, major);
}

function named(name: string, major: number): Activation {
  switch (name.replace(/([a-z])([A-Z])/gu, '$1_$2').toLowerCase()) {
    case 'linear':
      return NONE;
    case 'softmax':
    case 'softmax_v2':
    case 'log_softmax':
      return SOFTMAX;
    case 'sigmoid':
      return of(SIGMOID);
    case 'tanh':
      return of(TANH);
    case 'relu':
      return of(squashing('relu'));
    case 'elu':
      return of(squashing('elu', 1));
    case 'softsign':
      return of(squashing('softsign'));
    case 'softplus':
      return of(squashing('softplus'));
    case 'hard_sigmoid':
      return of(hardSigmoid(major));
    case 'leaky_relu':
      return of(squashing('leakyRelu', 0.2));
    default:
      return { kind: 'unknown', name };
  }
}

/** A layer that is nothing but a function; undefined for others. */
export function layerActivation(className: string, config: JsonObject, major: number): Activation | undefined {
  switch (className) {
    case 'Activation':
      return activationOf(config['activation'], major);
    case 'Softmax':
      return SOFTMAX;
    case 'ELU':
      return of(squashing('elu', numberOf(config, 'alpha') ?? 1));
    case 'LeakyReLU':
      return of(squashing('leakyRelu', numberOf(config, 'negative_slope', 'alpha') ?? 0.3));
    case 'ThresholdedReLU':
      return of(squashing('thresholdedRelu', numberOf(config, 'theta') ?? 1));
    case 'ReLU': {
      const slope = numberOf(config, 'negative_slope') ?? 0;
      const threshold = numberOf(config, 'threshold') ?? 0;
      if (typeof config['max_value'] === 'number' || (slope !== 0 && threshold !== 0)) {
        return { kind: 'unknown', name: 'ReLU with a largest value' };
      }
      if (threshold !== 0) return of(squashing('thresholdedRelu', threshold));
      return of(slope === 0 ? squashing('relu') : squashing('leakyRelu', slope));
    }
    default:
      return undefined;
  }
}

/** A cell's function, for which none is the line through 0. */
export const squashingOf = (activation: Activation): Squashing | undefined => {
  if (activation.kind === 'none') return squashing('affine', 1, 0);
  return activation.kind === 'squashing' ? activation.squashing : undefined;
};
