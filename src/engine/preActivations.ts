/** What every cell starts from: W x + b + U h' + d, row by row, in float64. W, U, b, d are weightIh, weightHh, biasIh, biasHh. */
import type { LayerWeights } from './network';
import { at, rowTimes } from './vector';

/** W x + b of one row. @param x input [inputSize] */
export const inputSum = ({ weightIh, biasIh }: LayerWeights, row: number, x: Float64Array): number =>
  rowTimes(weightIh, row, x) + (biasIh ? at(biasIh, row) : 0);

/** U h' + d of one row. @param hidden h' */
export const recurrentSum = ({ weightHh, biasHh }: LayerWeights, row: number, hidden: Float64Array): number =>
  rowTimes(weightHh, row, hidden) + (biasHh ? at(biasHh, row) : 0);

/** Both of one row. */
export const preActivation = (weights: LayerWeights, row: number, x: Float64Array, hidden: Float64Array): number =>
  inputSum(weights, row, x) + recurrentSum(weights, row, hidden);
