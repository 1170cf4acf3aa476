/** One step of any kind of cell, in float64. */
import type { CellKind } from '../shared/signals';
import { gruStep } from './gru';
import { lstmStep } from './lstm';
import type { LayerWeights } from './network';
import { rnnStep } from './rnn';

/**
 * @param x input [inputSize]
 * @param state before the step, hidden then (LSTM) cell; left as it is after
 * @param record where the step's signals go, in the order of SIGNALS
 */
export type CellStep = (weights: LayerWeights, x: Float64Array, state: Float64Array, record: Float64Array) => void;

export const STEPS: Readonly<Record<CellKind, CellStep>> = { lstm: lstmStep, gru: gruStep, rnn: rnnStep };
