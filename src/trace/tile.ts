/** A recorded signal's values over TILE_COLUMNS columns at a zoom level, all units by index, one byte a value. */
import type { ByteScale } from '../shared/bytes';
import type { SignalName } from '../shared/signals';
import { blocks } from './blocks';
import { byteScale, quantiser } from './quantise';
import { everyUnit, turned } from './rows';
import { checkTile, recorded } from './source';
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
  const source = recorded(trace, layer, signal);
  checkTile(source, level, index);
  const of = await blocks(source, level, index);
  const { columns, units, final } = of;
  const scale = byteScale(source.scale, of);
  const quantise = quantiser(scale);
  const rows = everyUnit(units);
  const mean = quantise(turned(of.mean, columns, units, rows));
  const [min, max] =
    of.min === of.max ? [mean, mean] : [of.min, of.max].map((one) => quantise(turned(one, columns, units, rows)));
  return { ...scale, columns, units, final, min: min ?? mean, mean, max: max ?? mean };
}
