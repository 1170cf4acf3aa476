/** The memory of the step before a token, in the time of each layer: of one that reads backwards, the next token's. */
import { WINDOW_TOKENS } from '../engine/engine';
import { findColumn } from '../engine/layout';
import { memoryOf, type CellKind } from '../shared/signals';
import type { Trace } from './trace';

/** A layer as far as it is needed here; `LayerInfo` is one. */
export interface Direction {
  readonly cell: CellKind;
  readonly reverse?: boolean;
}

/**
 * @param layer its index, a direction of a layer being one
 * @param token that is traced
 * @returns [units]; zeros at the first step
 */
export async function memoryBefore(
  trace: Trace,
  layer: number,
  { cell, reverse = false }: Direction,
  token: number,
): Promise<Float32Array> {
  const column = findColumn(trace.layout, layer, memoryOf(cell));
  if (column === undefined) return new Float32Array(0);
  const { offset, units } = column;
  const before = reverse ? token + 1 : token - 1;
  if (before < 0 || before >= trace.length) return new Float32Array(units);
  if (before >= trace.done) return trace.memoryAtDone(layer, units);
  const at = (before % WINDOW_TOKENS) * trace.layout.width + offset;
  return trace.read(Math.floor(before / WINDOW_TOKENS), ({ records }) => records.slice(at, at + units));
}
