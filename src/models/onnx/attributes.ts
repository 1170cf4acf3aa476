/**
 * The attributes of ONNX's RNN, GRU and LSTM (https://onnx.ai/onnx/operators/onnx__LSTM.html and its neighbours), each
 * checked: an attribute that is not known, or of another type or value than the specification says, is refused.
 */
import type { GruForm } from '../../engine/network';
import { parametersOf, squashing, SQUASHING_NAMES, type Squashing } from '../../engine/squashing';
import type { CellKind } from '../../shared/signals';
import { damaged, quote, unsupported } from '../errors';
import { say, type Message, type Text } from '../../shared/l10n';
import type { AttributeValues, OnnxNode, RecurrentOp } from './graph';

export interface RecurrentAttributes {
  readonly cell: CellKind;
  /** Whether each direction reads backwards: [false], [true] or [false, true]. */
  readonly reverses: readonly boolean[];
  /** Of each direction. */
  readonly squashings: readonly (readonly Squashing[])[];
  readonly clip: number | undefined;
  readonly hiddenSize: number | undefined;
  readonly coupled: boolean;
  readonly gruForm: GruForm;
  /** layout=1: the batch is the first axis of X, Y and the states. */
  readonly batchFirst: boolean;
}

const CELLS: Readonly<Record<RecurrentOp, CellKind>> = { RNN: 'rnn', GRU: 'gru', LSTM: 'lstm' };

const USUAL: Readonly<Record<RecurrentOp, readonly string[]>> = {
  RNN: ['Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
};

const REVERSES: ReadonlyMap<string, readonly boolean[]> = new Map([
  ['forward', [false]],
  ['reverse', [true]],
  ['bidirectional', [false, true]],
]);

const COMMON = ['activation_alpha', 'activation_beta', 'activations', 'clip', 'direction', 'hidden_size', 'layout'];
const OWN: Readonly<Record<RecurrentOp, readonly string[]>> = {
  RNN: [],
  GRU: ['linear_before_reset'],
  LSTM: ['input_forget'],
};

/** @throws model-damaged, model-unsupported, naming the attribute */
export function readAttributes(file: string, node: OnnxNode & { readonly op: RecurrentOp }): RecurrentAttributes {
  const { op, attributes } = node;
  const known = [...COMMON, ...OWN[op]];
  const stranger = [...attributes.keys()].find((name) => !known.includes(name));
  if (stranger !== undefined) {
    const what = say`Attribute ${quote(stranger)} of ${op} is not known.`;
    throw unsupported(file, what, say`${known.join(', ')} are.`);
  }
  const bad = (name: string, found: unknown, expected: Text): Error =>
    unsupported(file, say`Attribute ${quote(name)} of ${op} is ${quote(found)}.`, say`It must be ${expected}.`);

  /** Undefined where it is left out. */
  function get<T extends keyof AttributeValues>(name: string, type: T): AttributeValues[T] | undefined {
    const found = attributes.get(name);
    if (found === undefined) return undefined;
    if (found.type !== type) throw damaged(file, say`Attribute ${quote(name)} of ${op} is not of type ${type}.`);
    // The type has just been compared, which TypeScript does not follow through a type parameter.
    return found.value as AttributeValues[T];
  }
  function flag(name: string): boolean {
    const value = get(name, 'INT') ?? 0;
    if (value !== 0 && value !== 1) throw bad(name, value, say`0 or 1`);
    return value === 1;
  }

  const direction = get('direction', 'STRING') ?? 'forward';
  const reverses = REVERSES.get(direction);
  if (reverses === undefined) throw bad('direction', direction, [...REVERSES.keys()].join(', '));
  const clip = get('clip', 'FLOAT');
  if (clip !== undefined && !(clip >= 0)) throw bad('clip', clip, say`at least 0`);
  const hiddenSize = get('hidden_size', 'INT');
  if (hiddenSize !== undefined && hiddenSize < 1) throw bad('hidden_size', hiddenSize, say`at least 1`);

  const names = get('activations', 'STRINGS') ?? reverses.flatMap(() => USUAL[op]);
  const each = USUAL[op].length;
  if (names.length !== each * reverses.length) {
    throw bad('activations', names, say`a list of ${each * reverses.length} for the direction ${direction}`);
  }
  const functions = squashingsOf(
    names,
    get('activation_alpha', 'FLOATS') ?? [],
    get('activation_beta', 'FLOATS') ?? [],
    bad,
  );
  return {
    cell: CELLS[op],
    reverses,
    squashings: reverses.map((_, k) => functions.slice(k * each, (k + 1) * each)),
    clip,
    hiddenSize,
    coupled: flag('input_forget'),
    gruForm: flag('linear_before_reset') ? 'resetAfter' : 'resetBefore',
    batchFirst: flag('layout'),
  };
}

/**
 * "The values are consumed in the order of activation functions": each function takes as many as it has parameters, and
 * its defaults once they are used up, as onnxruntime does. Values that no function takes are refused: who wrote them
 * counted otherwise.
 */
function squashingsOf(
  names: readonly string[],
  alphas: readonly number[],
  betas: readonly number[],
  bad: (name: string, found: unknown, expected: Text) => Error,
): Squashing[] {
  let [alpha, beta] = [0, 0];
  const functions = names.map((written) => {
    const name = SQUASHING_NAMES.find((one) => one.toLowerCase() === written.toLowerCase());
    if (name === undefined) throw bad('activations', written, say`of ${SQUASHING_NAMES.map(official).join(', ')}`);
    const count = parametersOf(name);
    const found = squashing(name, count > 0 ? alphas[alpha++] : undefined, count > 1 ? betas[beta++] : undefined);
    // The defaults are those of the operator of that name, which Affine and ScaledTanh no longer are.
    if (Number.isNaN(found.alpha)) throw bad('activation_alpha', alphas, say`given for ${written}`);
    if (Number.isNaN(found.beta)) throw bad('activation_beta', betas, say`given for ${written}`);
    return found;
  });
  const most = (count: number): Message => say`a list of at most ${count} for these activations`;
  if (alphas.length > alpha) throw bad('activation_alpha', alphas, most(alpha));
  if (betas.length > beta) throw bad('activation_beta', betas, most(beta));
  return functions;
}

const official = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
