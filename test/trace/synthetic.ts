/** Values of any number of tokens by a formula, as a trace would keep them: blocks at a level, and windows. */
import type { Scale } from '../../src/shared/signals';
import { TILE_COLUMNS } from '../../src/shared/trace';
import { reducer } from '../../src/trace/reduce';
import type { Source } from '../../src/trace/source';
import { Summary } from '../../src/trace/summary';

export interface Recipe {
  readonly units: number;
  readonly length: number;
  readonly scale?: Scale;
  /** The level of its resident blocks. */
  readonly level: number;
  readonly value: (token: number, unit: number) => number;
}

const WINDOW = 256;

export function syntheticSource({ units, length, scale = 'gate', level, value }: Recipe): Source {
  const recordsOf = (from: number): Float32Array => {
    const tokens = Math.min(WINDOW, length - from);
    return Float32Array.from({ length: tokens * units }, (_, k) => value(from + Math.floor(k / units), k % units));
  };
  const summarise = (at: number, from: number, to: number): Summary => {
    const summary = new Summary(units, at, Math.ceil((to - from) / 2 ** at));
    for (let token = from; token < to; token += WINDOW) {
      const records = recordsOf(token);
      summary.add(reducer(records, units), records.length / units);
    }
    summary.end();
    return summary;
  };
  const base = summarise(level, 0, length);
  return {
    offset: 0,
    units,
    scale,
    width: units,
    length,
    done: length,
    running: false,
    level,
    reached: length,
    settled: length,
    async read(index, visit) {
      const records = recordsOf(index * WINDOW);
      return Promise.resolve(visit({ tokens: records.length / units, records }));
    },
    async summary(at, index) {
      const first = index * TILE_COLUMNS * 2 ** at;
      if (at >= level) return Promise.resolve({ summary: base, first: first / 2 ** level });
      return Promise.resolve({
        summary: summarise(at, first, Math.min(length, first + TILE_COLUMNS * 2 ** at)),
        first: 0,
      });
    },
  };
}
