/** What tiles, columns and courses are made of, the same for a signal that is recorded and for one that is derived. */
import { findColumn } from '../engine/layout';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { HeatName, Scale } from '../shared/signals';
import { TILE_COLUMNS } from '../shared/trace';
import type { DerivedLayer } from './derived';
import type { Summary } from './summary';
import type { Trace, Window } from './trace';

/** Where a signal lies in rows of values [width], and how they are read. */
export interface Source {
  readonly offset: number;
  readonly units: number;
  readonly scale: Scale;
  readonly width: number;
  readonly length: number;
  /** Tokens that are traced. */
  readonly done: number;
  readonly running: boolean;
  /** The level of the resident blocks, and tokens that they cover, of those at the start; they are exact up to `settled`. */
  readonly level: number;
  readonly reached: number;
  readonly settled: number;
  /** As those of a trace. */
  read<T>(index: number, visit: (window: Window) => T): Promise<T>;
  summary(level: number, index: number): Promise<{ readonly summary: Summary; readonly first: number }>;
}

export const noSignal = (layer: number, signal: string): GatescopeError =>
  new GatescopeError('bad-request', say`Layer ${layer} has no signal ${signal}.`);

/** @throws bad-request for a signal that is not recorded */
export function recorded(trace: Trace, layer: number, signal: HeatName | 'loss'): Source {
  const column = trace.layout.columns.find((c) => c.signal === signal && (signal === 'loss' || c.layer === layer));
  if (column === undefined) throw noSignal(layer, signal);
  const { base } = trace;
  return {
    offset: column.offset,
    units: column.units,
    scale: column.scale,
    width: trace.layout.width,
    length: trace.length,
    done: trace.done,
    running: trace.state === 'running',
    level: base.level,
    // After an edit the summary may be behind, and what stands in for it may not reach as far.
    reached: Math.min(trace.done, base.shown * 2 ** base.level),
    settled: trace.settled,
    read: (index, visit) => trace.read(index, visit),
    summary: (level, index) => trace.summary(level, index),
  };
}

/** @throws bad-request for a signal that does not follow from those of the layer */
export function derivedSource(
  trace: Trace,
  layer: number,
  signal: HeatName,
  derived: DerivedLayer | undefined,
): Source {
  const column = derived?.find(signal);
  if (derived === undefined || column === undefined) throw noSignal(layer, signal);
  return {
    offset: column.offset,
    units: column.units,
    scale: column.scale,
    width: derived.width,
    length: trace.length,
    done: trace.done,
    running: trace.state === 'running',
    level: derived.base.level,
    reached: derived.reached,
    settled: derived.reached,
    read: (index, visit) => derived.read(index, visit),
    summary: (level, index) => derived.summary(level, index),
  };
}

/** How many of a tile's columns there are. */
export interface Reach {
  readonly columns: number;
  /** Whether asking again would give the same. */
  readonly final: boolean;
  /** Whether more of them are being computed, of what is traced. */
  readonly pending: boolean;
}

/** Columns from `first` on that so many tokens make, the partial last one of an ended trace too; at most `most`. */
export function columnsIn(
  { running, done }: Pick<Source, 'running' | 'done'>,
  tokens: number,
  level: number,
  first: number,
  most: number,
): number {
  const there = !running && tokens === done ? Math.ceil(tokens / 2 ** level) : Math.floor(tokens / 2 ** level);
  return Math.max(0, Math.min(most, there - first));
}

/**
 * @param first column of the tile
 * @param most columns that are wanted
 */
export function reach(source: Source, level: number, first: number, most = TILE_COLUMNS): Reach {
  const { done, running, settled, reached } = source;
  const coarse = level >= source.level;
  const known = coarse ? reached : done;
  const columns = columnsIn(source, known, level, first, most);
  const whole = (!running && known === done) || columns === most;
  const exact = !coarse || settled >= Math.min(done, (first + columns) * 2 ** level);
  return { columns, final: whole && exact, pending: columns < columnsIn(source, done, level, first, most) };
}

/** @throws bad-request for a tile outside the text */
export function checkTile({ length }: Source, level: number, index: number): void {
  const total = Math.ceil(length / 2 ** level);
  const first = index * TILE_COLUMNS;
  if (!(Number.isInteger(level) && level >= 0 && Number.isInteger(index) && first >= 0 && first < total)) {
    throw new GatescopeError('bad-request', say`The text has no tile ${index} at level ${level}.`);
  }
}

/** Whether a trace records it. */
export const isRecorded = (trace: Trace, layer: number, signal: HeatName | 'loss'): boolean =>
  signal === 'change' || signal === 'written' || signal === 'kept' || signal === 'saturation'
    ? false
    : findColumn(trace.layout, layer, signal) !== undefined;
