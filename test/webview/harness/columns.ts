/** What the fake host says of columns and of single units: over every token of a short block, over some of a long one. */
import type { HeatName } from '../../../src/shared/signals';
import type { ColumnRequest, ColumnValues, Extent, Series, SeriesRequest } from '../../../src/shared/trace';
import type { Synthetic } from './synthetic';

/** Tokens that are looked at in a column, at most. */
const LOOKS = 64;

function extentOf(
  from: number,
  to: number,
  units: readonly number[],
  at: (unit: number, token: number) => number,
): Extent {
  const step = Math.max(1, Math.floor((to - from) / LOOKS));
  const min = new Float32Array(units.length).fill(Infinity);
  const [mean, max] = [new Float32Array(units.length), new Float32Array(units.length).fill(-Infinity)];
  for (const [i, unit] of units.entries()) {
    let count = 0;
    for (let token = from; token < to; token += step, count++) {
      const value = at(unit, token);
      min[i] = Math.min(min[i] ?? 0, value);
      max[i] = Math.max(max[i] ?? 0, value);
      mean[i] = (mean[i] ?? 0) + value;
    }
    mean[i] = (mean[i] ?? 0) / Math.max(1, count);
  }
  return { min, mean, max };
}

export function columnOf(
  trace: Synthetic,
  { layer, signals, level, column }: ColumnRequest,
  done: number,
): ColumnValues {
  const first = column * 2 ** level;
  const end = Math.min(done, first + 2 ** level);
  const units = Array.from({ length: trace.model.layers[layer]?.units ?? 0 }, (_, unit) => unit);
  const values = signals.map((signal) =>
    signal === 'loss'
      ? extentOf(first, end, [0], (_, token) => trace.loss(token))
      : extentOf(first, end, units, (unit, token) => trace.value(layer, signal, unit, token)),
  );
  return { first, count: end - first, values };
}

export function seriesOf(
  trace: Synthetic,
  { layer, unit, signals, level, first, columns }: SeriesRequest,
  done: number,
): Series {
  const per = 2 ** level;
  const there = Math.max(0, Math.min(columns, Math.ceil(done / per) - first));
  const of = (signal: HeatName): Extent => {
    const all = Array.from({ length: there }, (_, c) => {
      const from = (first + c) * per;
      return extentOf(from, Math.min(done, from + per), [unit], (u, token) => trace.value(layer, signal, u, token));
    });
    const pick = (name: keyof Extent): Float32Array => Float32Array.from(all, (extent) => extent[name][0] ?? NaN);
    return { min: pick('min'), mean: pick('mean'), max: pick('max') };
  };
  return { first, columns: there, values: signals.map(of) };
}
