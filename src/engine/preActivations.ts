/** What every cell starts from: W x + U h' + b for each row of each gate, in float64. */
import type { LayerWeights } from './network';
import { at, rowTimes } from './vector';

/**
 * @param x input [inputSize]
 * @param hidden h' [units]
 * @returns [gates * units], gate-major; a fresh array, so that the caller may overwrite h' while it reads this
 */
export function preActivations(weights: LayerWeights, x: Float64Array, hidden: Float64Array): Float64Array {
  const { weightIh, weightHh, biasIh, biasHh, units } = weights;
  return Float64Array.from({ length: weightHh.length / units }, (_, row) => {
    const bias = (biasIh ? at(biasIh, row) : 0) + (biasHh ? at(biasHh, row) : 0);
    return rowTimes(weightIh, row, x) + rowTimes(weightHh, row, hidden) + bias;
  });
}
