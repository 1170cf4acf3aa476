/** One layer over vectors of numbers in float64: what the kernels do not know runs here, step by step. */
import { STEPS } from './cells';
import { recordLayout, type RecordLayout } from './layout';
import { checkLayer, stateSize as stateOf, type LayerWeights } from './network';
import { checkInputs } from './requests';
import { roundToFloat32 } from './vector';
import type { DenseEngine } from './wasm';

/** What a layer's whole run needs. */
export type LayerEngine = Pick<DenseEngine, 'layout' | 'stateSize' | 'run'>;

/** @throws model-damaged where the layer's shapes disagree */
export function createScalarLayer(weights: LayerWeights): LayerEngine {
  checkLayer('The layer', weights);
  const layout: RecordLayout = recordLayout([weights], false);
  const stateSize = stateOf(weights);
  const { inputSize, cell } = weights;
  return {
    layout,
    stateSize,
    run(inputs, state) {
      checkInputs(inputs, inputSize, state, stateSize);
      const wide = Float64Array.from(state);
      const steps = inputs.length / inputSize;
      const records = new Float64Array(steps * layout.width);
      for (let t = 0; t < steps; t++) {
        const x = Float64Array.from(inputs.subarray(t * inputSize, (t + 1) * inputSize));
        STEPS[cell](weights, x, wide, records.subarray(t * layout.width, (t + 1) * layout.width));
        // A state crosses windows in float32. It is rounded so after every step, or the cuts between windows would show.
        roundToFloat32(wide);
      }
      state.set(wide);
      return Float32Array.from(records);
    },
  };
}
