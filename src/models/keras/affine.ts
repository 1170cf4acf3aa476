/** Layers that only scale and shift each value when a model is run, as dense layers with a diagonal. */
import type { DenseLayer } from '../../engine/recurrent';
import { damaged } from '../errors';
import { say } from '../../shared/l10n';
import type { Tensor } from '../tensors';
import { layerText, type KerasLayer } from './config';
import { isList, numberOf } from './json';
import type { TensorReader } from './tensors';

/** Normalisation of a batch by its own statistics happens only in training; then by those that were learnt. */
export const isAffine = ({ className, config }: KerasLayer): boolean => {
  if (className === 'Rescaling') return typeof config['scale'] === 'number';
  // Over the last axis, which Keras writes as -1, as 2, or as a list of one.
  const axis: unknown = isList(config['axis']) ? config['axis'][0] : config['axis'];
  if (!/^(?:BatchNormalization(?:V1|V2)?|Normalization)$/u.test(className)) return false;
  return config['invert'] !== true && (axis === undefined || axis === -1 || axis === 2);
};

/** @param width values a step @throws model-damaged for other tensors than such a layer has */
export function readAffine(
  file: string,
  layer: KerasLayer,
  width: number,
  tensors: readonly Tensor[],
  reader: TensorReader,
): DenseLayer {
  const { className, config } = layer;
  reader.claim(width ** 2);
  if (className === 'Rescaling') {
    const scale = numberOf(config, 'scale') ?? 1;
    const shift = numberOf(config, 'offset') ?? 0;
    return diagonal(width, () => ({ scale: () => scale, shift: () => shift }));
  }
  if (className === 'Normalization') return normalization(file, layer, width, tensors, reader);
  const left = [...tensors];
  const take = (there: boolean): Tensor | undefined => (there ? left.shift() : undefined);
  const gamma = take(config['scale'] !== false);
  const beta = take(config['center'] !== false);
  const [mean, variance, ...more] = left;
  if (mean === undefined || variance === undefined || more.length > 0) {
    throw damaged(file, say`${layerText(layer)} has ${tensors.length} tensors.`);
  }
  for (const tensor of [gamma, beta, mean, variance]) if (tensor) reader.use(tensor, [width]);
  const epsilon = numberOf(config, 'epsilon') ?? 1e-3;
  return diagonal(width, () => {
    const [scales, shifts, means, variances] = [gamma, beta, mean, variance].map((one) => one && reader.read(one));
    const scale = (k: number): number => (scales?.[k] ?? 1) / Math.sqrt((variances?.[k] ?? NaN) + epsilon);
    return { scale, shift: (k) => (shifts?.[k] ?? 0) - (means?.[k] ?? NaN) * scale(k) };
  });
}

/** Of Keras's Normalization: by the mean and variance of the data that it was adapted to, or that it was made with. */
function normalization(
  file: string,
  layer: KerasLayer,
  width: number,
  tensors: readonly Tensor[],
  reader: TensorReader,
): DenseLayer {
  // The third tensor counts what it was adapted to.
  const [mean, variance] = tensors;
  if (mean && variance) {
    for (const tensor of [mean, variance]) reader.use(tensor, [width]);
    return diagonal(width, () => standardised(reader.read(mean), reader.read(variance)));
  }
  const [means, variances] = [given(layer, 'mean', width), given(layer, 'variance', width)];
  if (means === undefined || variances === undefined) {
    throw damaged(file, say`${layerText(layer)} has no mean and variance for ${width} values.`);
  }
  return diagonal(width, () => standardised(means, variances));
}

/** Keras divides by no less than this (keras/src/layers/preprocessing/normalization.py). */
const LEAST_DEVIATION = 1e-7;

const standardised = (means: ArrayLike<number>, variances: ArrayLike<number>): ReturnType<Diagonal> => {
  const scale = (k: number): number => 1 / Math.max(Math.sqrt(variances[k] ?? NaN), LEAST_DEVIATION);
  return { scale, shift: (k) => -(means[k] ?? NaN) * scale(k) };
};

/** One number for each value, or one for all, however deep in lists. */
function given({ config }: KerasLayer, name: string, width: number): readonly number[] | undefined {
  let value: unknown = config[name];
  while (isList(value) && value.length === 1) value = value[0];
  if (typeof value === 'number') return new Array<number>(width).fill(value);
  const numbers = isList(value) ? value.filter((one) => typeof one === 'number') : [];
  return numbers.length === width ? numbers : undefined;
}

/** What a diagonal layer does to value `k`. */
type Diagonal = () => { readonly scale: (k: number) => number; readonly shift: (k: number) => number };

/** y = scale x + shift, value by value. @param read the two, each time that weights are asked for */
const diagonal = (size: number, read: Diagonal): DenseLayer => ({
  inputSize: size,
  outputSize: size,
  activation: undefined,
  get weight() {
    const { scale } = read();
    const weight = new Float32Array(size * size);
    for (let k = 0; k < size; k++) weight[k * size + k] = scale(k);
    return weight;
  },
  get bias() {
    const { shift } = read();
    return Float32Array.from({ length: size }, (_, k) => shift(k));
  },
});
