/** Statistics of a layer's matrix, of all values and by gate, with its spectral radius and a small picture. */
import type { LayerWeights } from '../engine/network';
import { namedLayers, type RecurrentNetwork } from '../engine/recurrent';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { MatrixInfo, MatrixStatistics } from '../shared/modelInfo';
import { matricesOf } from './describe';

const BINS = 48;
/** Most cells of the picture: rows of a gate's block, and columns. */
const PICTURE = 128;

/** @param name as `matricesOf` gives it @throws bad-request for another */
export function matrixStatistics(network: RecurrentNetwork, name: string): MatrixStatistics {
  for (const layer of namedLayers(network)) {
    const info = matricesOf(layer).find((matrix) => matrix.name === name);
    if (info) return statisticsOf(info, valuesOf(layer.weights, name));
  }
  const names = namedLayers(network).flatMap((layer) => matricesOf(layer).map((matrix) => matrix.name));
  throw new GatescopeError('bad-request', say`The model has no matrix ${name}; it has ${names.join(', ')}.`);
}

const valuesOf = (weights: LayerWeights, name: string): Float32Array =>
  name.endsWith('.weight_ih') ? weights.weightIh : weights.weightHh;

interface Extent {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  readonly nonFinite: number;
}

function extentOf(values: Float32Array): Extent {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    count++;
  }
  if (count === 0) return { min: NaN, max: NaN, mean: NaN, deviation: NaN, nonFinite: values.length };
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (Number.isFinite(value)) squares += (value - mean) ** 2;
  return { min, max, mean, deviation: Math.sqrt(squares / count), nonFinite: values.length - count };
}

/** @param values [rows, columns] */
export function statisticsOf(info: MatrixInfo, values: Float32Array): MatrixStatistics {
  const [rows, columns] = info.shape;
  const extent = extentOf(values);
  const blockRows = rows / info.gates.length;
  return {
    ...info,
    ...extent,
    histogram: histogramOf(values, extent),
    blocks: info.gates.map((gate, block) => {
      const part = values.subarray(block * blockRows * columns, (block + 1) * blockRows * columns);
      const { min, max, mean, nonFinite } = extentOf(part);
      const square = blockRows === columns && nonFinite === 0 && info.name.endsWith('.weight_hh');
      return { gate, min, max, mean, spectralRadius: square ? spectralRadius(part, columns) : undefined };
    }),
    heatmap: pictureOf(values, rows, columns, info.gates.length),
  };
}

function histogramOf(values: Float32Array, { min, max }: Extent): MatrixStatistics['histogram'] {
  const counts = new Array<number>(BINS).fill(0);
  if (Number.isNaN(min)) return { lo: 0, hi: 0, counts };
  const [lo, hi] = min === max ? [min - 0.5, max + 0.5] : [min, max];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(BINS - 1, Math.floor(((value - lo) / (hi - lo)) * BINS));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { lo, hi, counts };
}

/** Means of rectangles; none of them lies in two blocks. */
function pictureOf(values: Float32Array, rows: number, columns: number, blocks: number): MatrixStatistics['heatmap'] {
  const [high, wide] = [blocks * Math.min(PICTURE, rows / blocks), Math.min(PICTURE, columns)];
  const picture = new Float32Array(high * wide);
  let limit = 0;
  for (let r = 0; r < high; r++) {
    const [top, bottom] = [Math.floor((r * rows) / high), Math.floor(((r + 1) * rows) / high)];
    for (let c = 0; c < wide; c++) {
      const [left, right] = [Math.floor((c * columns) / wide), Math.floor(((c + 1) * columns) / wide)];
      let [sum, count] = [0, 0];
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const value = values[row * columns + column] ?? NaN;
          if (!Number.isFinite(value)) continue;
          sum += value;
          count++;
        }
      }
      const mean = count === 0 ? NaN : sum / count;
      picture[r * wide + c] = mean;
      if (count > 0) limit = Math.max(limit, Math.abs(mean));
    }
  }
  return { rows: high, columns: wide, limit, values: picture };
}

/** Squarings of the matrix: with k of them the radius is exact to a factor of (size * condition)^(1 / 2^k). */
const SQUARINGS = 20;
/** Beyond this size squaring takes seconds; powers of a vector take its place. */
const MOST_SQUARED = 128;
const POWER_STEPS = 400;

/**
 * The largest absolute eigenvalue of [size, size]. By Gelfand's formula, |A^(2^k)|^(1/2^k), for small matrices: it does not
 * mind a pair of complex eigenvalues, where a single vector would swing for ever. For larger ones the growth of a vector
 * over many steps, which swings little when it is averaged.
 */
export function spectralRadius(values: ArrayLike<number>, size: number): number {
  return size <= MOST_SQUARED ? bySquaring(values, size) : byPowers(values, size);
}

function bySquaring(values: ArrayLike<number>, size: number): number {
  let matrix = Float64Array.from(values);
  // log |A^(2^k)| / 2^k, kept apart so that nothing overflows.
  let log = 0;
  for (let k = 0; k < SQUARINGS; k++) {
    const norm = normOf(matrix);
    if (norm === 0) return 0;
    log += Math.log(norm) / 2 ** k;
    for (let at = 0; at < matrix.length; at++) matrix[at] = (matrix[at] ?? 0) / norm;
    matrix = times(matrix, matrix, size);
  }
  const norm = normOf(matrix);
  return norm === 0 ? 0 : Math.exp(log + Math.log(norm) / 2 ** SQUARINGS);
}

/** Frobenius. */
function normOf(matrix: Float64Array): number {
  let sum = 0;
  for (const value of matrix) sum += value * value;
  return Math.sqrt(sum);
}

function times(a: Float64Array, b: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    const to = out.subarray(row * size, (row + 1) * size);
    for (let k = 0; k < size; k++) {
      const factor = a[row * size + k] ?? 0;
      if (factor === 0) continue;
      const from = b.subarray(k * size, (k + 1) * size);
      for (let column = 0; column < size; column++) to[column] = (to[column] ?? 0) + factor * (from[column] ?? 0);
    }
  }
  return out;
}

function byPowers(values: ArrayLike<number>, size: number): number {
  // Any start that is in no special direction.
  let vector = Float64Array.from({ length: size }, (_, k) => Math.sin(k + 1) + 1.5);
  let log = 0;
  let counted = 0;
  for (let step = 0; step < POWER_STEPS; step++) {
    const next = new Float64Array(size);
    for (let row = 0; row < size; row++) {
      let sum = 0;
      for (let column = 0; column < size; column++) sum += (values[row * size + column] ?? 0) * (vector[column] ?? 0);
      next[row] = sum;
    }
    const norm = normOf(next);
    if (norm === 0) return 0;
    const scale = normOf(vector);
    // The first half only turns the vector to where it grows most.
    if (step >= POWER_STEPS / 2) {
      log += Math.log(norm / scale);
      counted++;
    }
    vector = next.map((value) => value / norm);
  }
  return Math.exp(log / counted);
}
