/** Dense layers of Keras: as ones of ours, and folded into what stands behind them. */
import type { LayerWeights } from '../../engine/network';
import type { DenseLayer } from '../../engine/recurrent';
import { squash, type Squashing } from '../../engine/squashing';
import { rowTimes } from '../../engine/vector';
import { damaged } from '../errors';
import { say } from '../../shared/l10n';
import type { Tensor } from '../tensors';
import { layerText, unitsOf, type KerasLayer } from './config';
import { transposed, type TensorReader } from './tensors';

/** @param tensors kernel [inputs, outputs], perhaps a bias [outputs] @throws model-damaged for others */
export function readDense(
  file: string,
  layer: KerasLayer,
  [kernel, bias, ...more]: readonly Tensor[],
  reader: TensorReader,
  activation: Squashing | undefined,
): DenseLayer {
  const [inputSize = 0, outputSize = 0] = kernel?.shape ?? [];
  if (kernel?.shape.length !== 2 || inputSize === 0 || outputSize === 0 || more.length > 0) {
    throw damaged(file, say`${layerText(layer)} has no kernel of [inputs, outputs] and bias of [outputs].`);
  }
  const said = unitsOf(layer);
  if (said !== undefined && said !== outputSize) {
    throw damaged(file, say`${layerText(layer)} should have ${said} outputs; its kernel has ${outputSize}.`);
  }
  reader.use(kernel, [inputSize, outputSize]);
  if (bias) reader.use(bias, [outputSize]);
  return {
    inputSize,
    outputSize,
    activation,
    get weight() {
      return transposed(reader.read(kernel), inputSize, outputSize);
    },
    get bias() {
      return bias && reader.read(bias);
    },
  };
}

/** Passes values on through a function: what an activation layer without a dense one is. */
export const passThrough = (size: number, activation: Squashing | undefined): DenseLayer => ({
  inputSize: size,
  outputSize: size,
  activation,
  get weight() {
    const weight = new Float32Array(size * size);
    for (let k = 0; k < size; k++) weight[k * size + k] = 1;
    return weight;
  },
  bias: undefined,
});

/** The same dense layer with another function, its weights still unread. */
export const withActivation = (dense: DenseLayer, activation: Squashing | undefined): DenseLayer => ({
  inputSize: dense.inputSize,
  outputSize: dense.outputSize,
  activation,
  get weight() {
    return dense.weight;
  },
  get bias() {
    return dense.bias;
  },
});

/** The rows of a table, each gone through a dense layer. @param table [rows, inputSize] @returns [rows, outputSize] */
export function throughDense(table: Float32Array, dense: DenseLayer): Float32Array {
  const { inputSize, outputSize, weight, bias, activation } = dense;
  const f = activation ? squash(activation) : (x: number): number => x;
  const rows = table.length / inputSize;
  const out = new Float32Array(rows * outputSize);
  for (let row = 0; row < rows; row++) {
    const x = Float64Array.from(table.subarray(row * inputSize, (row + 1) * inputSize));
    for (let k = 0; k < outputSize; k++) out[row * outputSize + k] = f(rowTimes(weight, k, x) + (bias?.[k] ?? 0));
  }
  return out;
}

/** W (D x + d) + b as one, still unread: weights W D, bias b + W d. @param dense without a function */
export function folded(layer: LayerWeights, dense: DenseLayer): LayerWeights {
  const { cell, activation, units, gruForm, variant } = layer;
  return {
    cell,
    activation,
    units,
    ...(gruForm && { gruForm }),
    ...(variant && { variant }),
    inputSize: dense.inputSize,
    get weightIh() {
      // Each row of W is taken through D's columns.
      return throughDense(layer.weightIh, {
        inputSize: dense.outputSize,
        outputSize: dense.inputSize,
        weight: transposed(dense.weight, dense.outputSize, dense.inputSize),
        bias: undefined,
        activation: undefined,
      });
    },
    get weightHh() {
      return layer.weightHh;
    },
    get biasIh() {
      const { bias } = dense;
      const own = layer.biasIh;
      if (bias === undefined) return own;
      const { weightIh } = layer;
      const shift = Float64Array.from(bias);
      const rows = weightIh.length / dense.outputSize;
      return Float32Array.from({ length: rows }, (_, row) => rowTimes(weightIh, row, shift) + (own?.[row] ?? 0));
    },
    get biasHh() {
      return layer.biasHh;
    },
  };
}
