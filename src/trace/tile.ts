/** A signal's values over TILE_COLUMNS columns at a zoom level, all units, one byte a value. */
import { WINDOW_TOKENS } from '../engine/engine';
import { findColumn, type Column } from '../engine/layout';
import { bend, FREE_KNEE, type ByteScale } from '../shared/bytes';
import { GatescopeError } from '../shared/errors';
import type { Scale, SignalName } from '../shared/signals';
import { TILE_COLUMNS } from '../shared/trace';
import { decode } from './bfloat';
import type { Summary } from './summary';
import type { Trace } from './trace';

/** Each array [units, columns]: `min`, `mean` and `max` over the tokens of a column; the same array at level 0. */
export interface BlockTile extends ByteScale {
  readonly columns: number;
  readonly units: number;
  /** Whether asking again would give the same: false while the trace has yet to reach the tile's end. */
  readonly final: boolean;
  readonly min: Uint8Array;
  readonly mean: Uint8Array;
  readonly max: Uint8Array;
}

/** Values of a tile before quantisation, each [units, columns]. */
interface Values {
  readonly min: Float32Array;
  readonly mean: Float32Array;
  readonly max: Float32Array;
}

/**
 * @param level one column covers 2^level tokens
 * @param index the tile's first column is index * TILE_COLUMNS
 * @throws bad-request for a signal that the model has not, or a tile outside the text
 */
export async function tile(
  trace: Trace,
  layer: number,
  signal: SignalName | 'loss',
  level: number,
  index: number,
): Promise<BlockTile> {
  const column = findColumn(trace.layout, layer, signal);
  if (column === undefined) {
    throw new GatescopeError('bad-request', `Layer ${String(layer)} has no signal ${signal}.`);
  }
  const total = Math.ceil(trace.length / 2 ** level);
  const first = index * TILE_COLUMNS;
  if (!(Number.isInteger(level) && level >= 0 && Number.isInteger(index) && first >= 0 && first < total)) {
    throw new GatescopeError('bad-request', `The text has no tile ${String(index)} at level ${String(level)}.`);
  }
  const { columns, final } = extent(trace, level, first);
  if (columns === 0) return quantise(column, 0, final, emptyValues());
  return quantise(column, columns, final, await values(trace, column, level, index, columns));
}

/** How many of a tile's columns there are, and whether they stay as they are. @param first column of the tile */
function extent(trace: Trace, level: number, first: number): { readonly columns: number; readonly final: boolean } {
  const { done, state, settled, base } = trace;
  const coarse = level >= base.level;
  // After an edit the summary may be behind, and what stands in for it may not reach as far.
  const known = coarse ? Math.min(done, base.shown * 2 ** base.level) : done;
  const ended = state !== 'running' && known === done;
  const there = ended ? Math.ceil(known / 2 ** level) : Math.floor(known / 2 ** level);
  const columns = Math.max(0, Math.min(TILE_COLUMNS, there - first));
  const whole = ended || columns === TILE_COLUMNS;
  return { columns, final: whole && (!coarse || settled >= Math.min(done, (first + columns) * 2 ** level)) };
}

/** Tiles are as wide as the engine's windows, so that a tile of single tokens is one window. */
async function values(trace: Trace, column: Column, level: number, index: number, columns: number): Promise<Values> {
  if (level === 0) {
    const all = await trace.read((index * TILE_COLUMNS) / WINDOW_TOKENS, ({ records }) =>
      transpose(records, trace.layout.width, column, columns),
    );
    return { min: all, mean: all, max: all };
  }
  const { summary, first } = await trace.summary(level, index);
  return gather(summary, column, columns, first, 2 ** Math.max(0, level - summary.level), trace.done);
}

function transpose(records: Float32Array, width: number, { offset, units }: Column, columns: number): Float32Array {
  const out = new Float32Array(units * columns);
  for (let c = 0; c < columns; c++) {
    const row = c * width + offset;
    for (let u = 0; u < units; u++) out[u * columns + c] = records[row + u] ?? 0;
  }
  return out;
}

/** Merges `merged` blocks of a summary into each column; the last block of a text counts by the tokens it has. */
function gather(
  summary: Summary,
  { offset, units }: Column,
  columns: number,
  first: number,
  merged: number,
  done: number,
): Values {
  const out = {
    min: new Float32Array(units * columns).fill(Infinity),
    mean: new Float32Array(units * columns),
    max: new Float32Array(units * columns).fill(-Infinity),
  };
  // A chunk starts at its tile, the resident summary at the text; only the latter can be partial within a column.
  const blockTokens = 2 ** summary.level;
  for (let c = 0; c < columns; c++) {
    const from = first + c * merged;
    const to = Math.min(summary.shown, from + merged);
    let weights = 0;
    for (let block = from; block < to; block++) {
      const weight = merged === 1 ? 1 : Math.min(blockTokens, done - block * blockTokens);
      weights += weight;
      const row = block * summary.width + offset;
      for (let u = 0; u < units; u++) {
        const at = u * columns + c;
        out.min[at] = Math.min(out.min[at] ?? 0, decode(summary.min[row + u] ?? 0));
        out.max[at] = Math.max(out.max[at] ?? 0, decode(summary.max[row + u] ?? 0));
        out.mean[at] = (out.mean[at] ?? 0) + weight * decode(summary.mean[row + u] ?? 0);
      }
    }
    for (let u = 0; u < units; u++) out.mean[u * columns + c] = (out.mean[u * columns + c] ?? 0) / weights;
  }
  return out;
}

const emptyValues = (): Values => {
  const none = new Float32Array(0);
  return { min: none, mean: none, max: none };
};

/** Fixed for bounded signals, what the tile holds for the others. */
function byteScale(scale: Scale, { min, max }: Values): ByteScale {
  if (scale === 'gate') return { lo: 0, hi: 1 };
  if (scale === 'signed') return { lo: -1, hi: 1 };
  let largest = 0;
  for (const v of min) if (Number.isFinite(v)) largest = Math.max(largest, Math.abs(v));
  for (const v of max) if (Number.isFinite(v)) largest = Math.max(largest, Math.abs(v));
  return scale === 'positive' ? { lo: 0, hi: largest } : { lo: -largest, hi: largest, knee: FREE_KNEE };
}

function quantise(column: Column, columns: number, final: boolean, values: Values): BlockTile {
  const scale = byteScale(column.scale, values);
  const { knee } = scale;
  const low = bend(scale.lo, knee);
  const span = bend(scale.hi, knee) - low;
  const bytes = (from: Float32Array): Uint8Array => {
    const out = new Uint8ClampedArray(from.length);
    // A clamped array rounds to nearest (ties to even), holds infinities at the ends, and stores NaN as 0.
    if (span > 0) for (let i = 0; i < from.length; i++) out[i] = ((bend(from[i] ?? 0, knee) - low) / span) * 255;
    return new Uint8Array(out.buffer);
  };
  const mean = bytes(values.mean);
  const exact = values.min === values.mean;
  const [min, max] = exact ? [mean, mean] : [bytes(values.min), bytes(values.max)];
  return { ...scale, columns, units: column.units, final, min, mean, max };
}
