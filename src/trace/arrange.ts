/** A layer's units in an order that people ask for. */
import { WINDOW_TOKENS } from '../engine/engine';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { Arrangement, RowSpec } from '../shared/trace';
import { DECODED } from './bfloat';
import { cluster } from './cluster';
import { Pacer } from './pacer';
import type { Source } from './source';

/** Texts up to this many tokens are read token by token; of longer ones the resident blocks are. */
const SHORT = 4096;

/** Most columns by which courses are compared. */
const COLUMNS = 512;

const outside = (unit: number, units: number): GatescopeError =>
  new GatescopeError(
    'bad-request',
    say`There is no unit ${unit}: the layer has units 0 to ${units - 1}. Choose among them.`,
  );

function check(unit: number, units: number): void {
  if (!(Number.isInteger(unit) && unit >= 0 && unit < units)) throw outside(unit, units);
}

/** Which units are shown: the pinned, and the others by index. @throws bad-request for units that there are not */
export function chosen(
  { ranges, pins }: Pick<RowSpec, 'ranges' | 'pins'>,
  units: number,
): { readonly pins: number[]; readonly rest: number[] } {
  for (const unit of [...pins, ...ranges.flat()]) check(unit, units);
  const pinned = new Set(pins);
  const inside = (unit: number): boolean =>
    ranges.length === 0 || ranges.some(([a, b]) => unit >= Math.min(a, b) && unit <= Math.max(a, b));
  const rest = Array.from({ length: units }, (_, unit) => unit).filter((unit) => inside(unit) && !pinned.has(unit));
  return { pins: [...pinned], rest };
}

/**
 * By `mean` and `variance` the greatest come first, equals by index. Of texts up to 4,096 tokens both are those of all
 * tokens; of longer ones the mean is that of the resident blocks, weighted by their tokens, and the variance that of
 * the blocks' means plus what is within blocks: a third of (max - mean)(mean - min), which is a block's variance if its
 * values are spread evenly, and no more than three times less if they lie at its ends.
 *
 * `clusters` compares courses at up to 512 tokens, or resident blocks of longer texts, spread evenly over what is traced.
 *
 * @param source by whose values
 * @throws bad-request for units that there are not
 */
export async function arrange(source: Source, { order, ranges, pins }: RowSpec): Promise<Omit<Arrangement, 'id'>> {
  const { pins: pinned, rest } = chosen({ ranges, pins }, source.units);
  const sorted = async (): Promise<Omit<Arrangement, 'id' | 'units' | 'pinned'> & { readonly rest: number[] }> => {
    const none = { merges: [], clusters: [] };
    if (order === 'index' || source.done === 0) return { rest, ...none };
    if (order !== 'clusters') {
      const values = (await moments(source))[order];
      // What is no number comes last.
      const rank = (unit: number): number => (Number.isNaN(values[unit] ?? NaN) ? -Infinity : (values[unit] ?? 0));
      return { rest: rest.toSorted((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a))), ...none };
    }
    const pacer = new Pacer();
    const all = await courses(source);
    const columns = all.length / source.units;
    const own = new Float32Array(rest.length * columns);
    for (const [k, unit] of rest.entries()) own.set(all.subarray(unit * columns, (unit + 1) * columns), k * columns);
    const found = await cluster(own, rest.length, () => pacer.breathe());
    const at = pinned.length;
    return {
      rest: found.order.map((k) => rest[k] ?? 0),
      merges: found.merges.map((m) => ({ ...m, from: m.from + at, middle: m.middle + at, to: m.to + at })),
      clusters: found.clusters.map((first) => first + at),
    };
  };
  const { rest: last, merges, clusters } = await sorted();
  return { units: Uint16Array.from([...pinned, ...last]), pinned: pinned.length, merges, clusters };
}

/** Blocks that are complete; the resident ones of a longer text, if there are enough of them to say anything. */
function blockCount({ done, reached, level }: Source): number | undefined {
  const count = Math.floor(reached / 2 ** level);
  return done > SHORT && count > 1 ? count : undefined;
}

/** Visits the first tokens of a text one by one. */
async function eachToken(
  source: Source,
  step: number,
  visit: (records: Float32Array, at: number) => void,
): Promise<void> {
  const end = Math.min(source.done, SHORT);
  const pacer = new Pacer();
  for (let from = 0; from < end; from += WINDOW_TOKENS) {
    await source.read(from / WINDOW_TOKENS, ({ records }) => {
      const first = Math.ceil(from / step) * step;
      for (let t = first; t < Math.min(end, from + WINDOW_TOKENS); t += step) {
        visit(records, (t - from) * source.width + source.offset);
      }
    });
    await pacer.breathe();
  }
}

/** Of every unit, over what is traced. */
async function moments(source: Source): Promise<{ readonly mean: Float64Array; readonly variance: Float64Array }> {
  const { units, offset, done, level } = source;
  const [sum, squares, inner] = [new Float64Array(units), new Float64Array(units), new Float64Array(units)];
  let weights = 0;
  const count = blockCount(source);
  if (count === undefined) {
    await eachToken(source, 1, (records, at) => {
      weights++;
      for (let u = 0; u < units; u++) {
        const value = records[at + u] ?? NaN;
        sum[u] = (sum[u] ?? NaN) + value;
        squares[u] = (squares[u] ?? NaN) + value * value;
      }
    });
  } else {
    const { summary } = await source.summary(level, 0);
    const pacer = new Pacer();
    // A last, partial block is one more.
    const last = done === source.reached ? Math.ceil(done / 2 ** level) : count;
    for (let block = 0; block < last; block++) {
      const weight = Math.min(2 ** level, done - block * 2 ** level);
      weights += weight;
      const row = block * summary.width + offset;
      for (let u = 0; u < units; u++) {
        const mean = DECODED[summary.mean[row + u] ?? 0] ?? NaN;
        const [min, max] = [DECODED[summary.min[row + u] ?? 0] ?? NaN, DECODED[summary.max[row + u] ?? 0] ?? NaN];
        sum[u] = (sum[u] ?? NaN) + weight * mean;
        squares[u] = (squares[u] ?? NaN) + weight * mean * mean;
        // Rounding may put a mean beyond its ends.
        inner[u] = (inner[u] ?? NaN) + weight * Math.max(0, ((max - mean) * (mean - min)) / 3);
      }
      await pacer.breathe();
    }
  }
  const mean = sum.map((value) => value / weights);
  const variance = squares.map((value, u) => (value + (inner[u] ?? 0)) / weights - (mean[u] ?? 0) ** 2);
  return { mean, variance };
}

/** Of every unit its values at columns spread over what is traced, [units, columns]. */
async function courses(source: Source): Promise<Float32Array> {
  const { units, offset, level, done } = source;
  const count = blockCount(source);
  if (count === undefined) {
    const end = Math.min(done, SHORT);
    const step = Math.ceil(end / COLUMNS);
    const columns = Math.ceil(end / step);
    const out = new Float32Array(units * columns);
    let c = 0;
    await eachToken(source, step, (records, at) => {
      for (let u = 0; u < units; u++) out[u * columns + c] = records[at + u] ?? NaN;
      c++;
    });
    return out;
  }
  const { summary } = await source.summary(level, 0);
  const columns = Math.min(count, COLUMNS);
  const out = new Float32Array(units * columns);
  for (let c = 0; c < columns; c++) {
    const row = Math.floor((c * count) / columns) * summary.width + offset;
    for (let u = 0; u < units; u++) out[u * columns + c] = DECODED[summary.mean[row + u] ?? 0] ?? NaN;
  }
  return out;
}
