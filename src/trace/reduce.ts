/** Minimum, sum and maximum of records, as an engine finds them of its own. */
import type { Reduction } from '../engine/engine';

/** @param records [tokens, width] */
export function reducer(records: Float32Array, width: number): { reduce: (from: number, to: number) => Reduction } {
  return {
    reduce: (from, to) => {
      const min = new Float32Array(width).fill(Infinity);
      const max = new Float32Array(width).fill(-Infinity);
      const sum = new Float32Array(width);
      for (let at = from * width; at < to * width; at += width) {
        for (let k = 0; k < width; k++) {
          const value = records[at + k] ?? NaN;
          min[k] = Math.min(min[k] ?? NaN, value);
          max[k] = Math.max(max[k] ?? NaN, value);
          sum[k] = (sum[k] ?? NaN) + value;
        }
      }
      return { min, sum, max };
    },
  };
}
