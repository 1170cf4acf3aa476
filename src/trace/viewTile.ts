/** A tile as a heatmap asks for it: units arranged in rows, neighbours merged, one array of bytes. */
import type { ByteScale } from '../shared/bytes';
import { TILE_COLUMNS, type Arrangement, type Reduction, type Tile } from '../shared/trace';
import { blocks, type Columns } from './blocks';
import type { Merging } from './gather';
import { byteScale, isFree, quantiser, type Quantise } from './quantise';
import { byIndex, merged, rowsOf, turned, type Rows } from './rows';
import { checkTile, type Source } from './source';
import { FEWEST, spikes } from './spikes';

/** What is asked of a tile, besides of what and where. */
export interface View {
  readonly arrangement: Pick<Arrangement, 'units' | 'pinned'>;
  readonly group: number;
  readonly of: Reduction;
}

/** Below so many columns, shorter ones say what stands out. */
const FEW = 64;

/** @throws bad-request for a tile outside the text */
export async function viewTile(source: Source, level: number, index: number, view: View): Promise<Tile> {
  checkTile(source, level, index);
  const { of, final, pending } = await blocks(source, level, index);
  const rows = rowsOf(view.arrangement, view.group);
  const scale = await scaleOf(source, of, view.of === 'spikes' && of.columns >= FEW);
  const quantise = quantiser(scale);
  const how = view.of === 'spikes' ? 'mean' : view.of;
  const values = bytesOf(await of.values(how), of.columns, source.units, rows, how, quantise);
  if (view.of === 'spikes' && (level > 0 || rows.rows < rows.units.length)) {
    await raise(values, source, level, index, of, rows, quantise);
  }
  return { ...scale, columns: of.columns, rows: rows.rows, final, ...(pending && { pending }), values };
}

/** @param both whether minima and maxima will be needed: then they tell what the values reach */
export async function scaleOf(source: Source, of: Columns, both: boolean): Promise<ByteScale> {
  if (!isFree(source.scale)) return byteScale(source.scale, 0);
  if (both) for (const how of ['min', 'max'] as const) await of.values(how);
  return byteScale(source.scale, await of.largest());
}

/** @param values [columns, units] @returns [rows, columns]. Bytes are turned, not floats: a fourth of the memory. */
function bytesOf(
  values: Float32Array,
  columns: number,
  units: number,
  rows: Rows,
  how: Merging,
  quantise: Quantise,
): Uint8Array {
  // Most values are shown: then they are put in order when they are turned.
  if (rows.rows === rows.units.length && 2 * rows.rows > units) {
    return turned(quantise(values), columns, units, rows.units);
  }
  return turned(quantise(merged(values, columns, units, rows, how)), columns, rows.rows, byIndex(rows.rows));
}

/** Puts what stands out in place of the means. */
async function raise(
  values: Uint8Array,
  source: Source,
  level: number,
  index: number,
  of: Columns,
  rows: Rows,
  quantise: Quantise,
): Promise<void> {
  const { columns } = of;
  const { units } = source;
  // Resident columns cost nothing; shorter ones than that are computed only where longer ones are, too.
  const least = level >= source.level ? source.level : 0;
  const finer =
    columns < FEW && columns > 0 ? Math.min(level - least, Math.floor(Math.log2(TILE_COLUMNS / columns))) : 0;
  const parts = 2 ** finer;
  const shorter = finer > 0 ? (await blocks(source, level - finer, index * parts)).of : of;
  if (shorter.columns < FEWEST) return;
  const own = rowsOf({ units: rows.units, pinned: 0 }, 1);
  const side = async (how: Merging): Promise<Uint8Array> =>
    bytesOf(await shorter.values(how), shorter.columns, units, own, how, quantise);
  const min = await side('min');
  const max = shorter.single ? min : await side('max');
  const { bytes, sizes } = spikes({ min, max }, shorter.columns, rows);
  for (let row = 0; row < rows.rows; row++) {
    for (let c = 0; c < columns; c++) {
      let largest = 0;
      const end = Math.min(shorter.columns, (c + 1) * parts);
      for (let at = row * shorter.columns + c * parts; at < row * shorter.columns + end; at++) {
        const size = sizes[at] ?? 0;
        if (size <= largest) continue;
        largest = size;
        values[row * columns + c] = bytes[at] ?? 0;
      }
    }
  }
}
