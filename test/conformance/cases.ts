/** The combinations of attributes that are compared with onnxruntime: some by table, most drawn by a seed. */
import { seededRandom } from '../engine/randomNetwork';
import type { Case, Op } from './onnxModel';

export const ACTIVATIONS = [
  'Relu',
  'Tanh',
  'Sigmoid',
  'Affine',
  'LeakyRelu',
  'ThresholdedRelu',
  'ScaledTanh',
  'HardSigmoid',
  'Elu',
  'Softsign',
  'Softplus',
] as const;

type Activation = (typeof ACTIVATIONS)[number];

const WITH_ALPHA: readonly Activation[] = [
  'Affine',
  'LeakyRelu',
  'ThresholdedRelu',
  'ScaledTanh',
  'HardSigmoid',
  'Elu',
];
const WITH_BETA: readonly Activation[] = ['Affine', 'ScaledTanh', 'HardSigmoid'];

export const OPS = ['RNN', 'GRU', 'LSTM'] as const;

export const USUAL: Readonly<Record<Op, readonly Activation[]>> = {
  RNN: ['Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
};

const small = { steps: 4, batch: 2, inputSize: 3, units: 5, bias: true } as const;

/** Alpha and beta of those that take them, in their order. */
function parameters(activations: readonly Activation[], random: () => number): Pick<Case, 'alpha' | 'beta'> {
  const draw = (takers: readonly Activation[]): number[] =>
    activations.filter((name) => takers.includes(name)).map(() => 0.2 + 0.6 * random());
  const [alpha, beta] = [draw(WITH_ALPHA), draw(WITH_BETA)];
  return { ...(alpha.length > 0 && { alpha }), ...(beta.length > 0 && { beta }) };
}

/** Every function in every place of every operator, with alpha and beta of its own. */
export function activationCases(): Case[] {
  const random = seededRandom(11);
  return OPS.flatMap((op) =>
    USUAL[op].flatMap((_, slot) =>
      ACTIVATIONS.map((name): Case => {
        const activations = USUAL[op].with(slot, name);
        return { op, ...small, activations, ...parameters(activations, random) };
      }),
    ),
  );
}

/** The functions whose defaults the specification names, without alpha and beta. */
export function defaultCases(): Case[] {
  return OPS.flatMap((op) =>
    USUAL[op].flatMap((_, slot) =>
      (['LeakyRelu', 'HardSigmoid', 'Elu'] as const).map((name): Case => ({
        op,
        ...small,
        activations: USUAL[op].with(slot, name),
      })),
    ),
  );
}

/** Units that fill no vector, or one and a little more. */
export const SIZES = [1, 3, 5, 31, 33, 257] as const;

/** Every size over one step and over two: our float64 against float32. */
export function sizeCases(): Case[] {
  return OPS.flatMap((op) =>
    SIZES.flatMap((units) =>
      [1, 2].map((steps): Case => ({ op, ...small, units, steps, initial: 'both', direction: 'bidirectional' })),
    ),
  );
}

/** Combinations drawn at random; each attribute is there about as often as not. */
export function drawnCases(count: number, seed: number): Case[] {
  const random = seededRandom(seed);
  const pick = <T>(...of: readonly [T, ...T[]]): T => of[Math.floor(random() * of.length)] ?? of[0];
  const maybe = <T extends object>(value: T): T | Record<string, never> => (random() < 0.5 ? value : {});
  return Array.from({ length: count }, (_, k): Case => {
    const op = OPS[k % OPS.length] ?? 'LSTM';
    const direction = pick('forward', 'reverse', 'bidirectional');
    const steps = pick(1, 2, 7);
    const batch = pick(1, 2, 3);
    const lengths = Array.from({ length: batch }, () => 1 + Math.floor(random() * steps));
    const directions = direction === 'bidirectional' ? 2 : 1;
    const activations = Array.from({ length: directions }, () => USUAL[op].map(() => pick(...ACTIVATIONS))).flat();
    const chosen = random() < 0.3 ? { activations, ...parameters(activations, random) } : {};
    return {
      op,
      steps,
      batch,
      inputSize: pick(1, 4, 9),
      units: pick(1, 3, 5, 31, 33),
      ...(direction === 'forward' ? maybe({ direction }) : { direction }),
      ...chosen,
      ...maybe({ clip: pick(0.05, 0.4, 3) }),
      ...maybe({ bias: true }),
      ...maybe({ lengths }),
      ...maybe({ initial: pick('hidden', 'cell', 'both') }),
      ...(op === 'GRU' && maybe({ linearBeforeReset: pick(0, 1) })),
      ...(op === 'LSTM' && { ...maybe({ inputForget: pick(0, 1) }), ...maybe({ peephole: true }) }),
    };
  });
}
