/** Layers that only scale and shift each value when a model is run, as dense layers with a diagonal. */
import type { DenseLayer } from '../../engine/recurrent';
import { damaged } from '../errors';
import type { Tensor } from '../tensors';
import { layerText, type KerasLayer } from './config';
import { isList, numberOf } from './json';
import type { TensorReader } from './tensors';

/** Normalisation of a batch by its own statistics happens only in training; then by those that were learnt. */
export const isAffine = ({ className, config }: KerasLayer): boolean => {
  if (className === 'Rescaling') return typeof config['scale'] === 'number';
  // Over the last axis, which Keras writes as -1, as 2, or as a list of one.
  const axis: unknown = isList(config['axis']) ? config['axis'][0] : config['axis'];
  return /^BatchNormalization(?:V1|V2)?$/u.test(className) && (axis === undefined || axis === -1 || axis === 2);
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
  const left = [...tensors];
  const take = (there: boolean): Tensor | undefined => (there ? left.shift() : undefined);
  const gamma = take(config['scale'] !== false);
  const beta = take(config['center'] !== false);
  const [mean, variance, ...more] = left;
  if (mean === undefined || variance === undefined || more.length > 0) {
    throw damaged(file, `${layerText(layer)} has ${String(tensors.length)} tensors.`);
  }
  for (const tensor of [gamma, beta, mean, variance]) if (tensor) reader.use(tensor, [width]);
  const epsilon = numberOf(config, 'epsilon') ?? 1e-3;
  return diagonal(width, () => {
    const [scales, shifts, means, variances] = [gamma, beta, mean, variance].map((one) => one && reader.read(one));
    const scale = (k: number): number => (scales?.[k] ?? 1) / Math.sqrt((variances?.[k] ?? NaN) + epsilon);
    return { scale, shift: (k) => (shifts?.[k] ?? 0) - (means?.[k] ?? NaN) * scale(k) };
  });
}

/** y = scale x + shift, value by value. @param read the two, each time that weights are asked for */
const diagonal = (
  size: number,
  read: () => { readonly scale: (k: number) => number; readonly shift: (k: number) => number },
): DenseLayer => ({
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
