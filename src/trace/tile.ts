/** A recorded signal's values over TILE_COLUMNS columns at a zoom level, all units by index, one byte a value. */
import type { ByteScale } from '../shared/bytes';
import type { SignalName } from '../shared/signals';
import { blocks } from './blocks';
import type { Merging } from './gather';
import { quantiser } from './quantise';
import { byIndex, turned } from './rows';
import { checkTile, recorded } from './source';
import type { Trace } from './trace';
import { scaleOf } from './viewTile';

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
  const { of, final } = await blocks(source, level, index);
  const { columns } = of;
  const { units } = source;
  const scale = await scaleOf(source, of, true);
  const quantise = quantiser(scale);
  const bytes = async (how: Merging): Promise<Uint8Array> =>
    turned(quantise(await of.values(how)), columns, units, byIndex(units));
  const mean = await bytes('mean');
  const [min, max] = of.single ? [mean, mean] : [await bytes('min'), await bytes('max')];
  return { ...scale, columns, units, final, min, mean, max };
}
