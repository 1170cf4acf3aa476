/** A tile as a heatmap asks for it: units arranged in rows, neighbours merged, one array of bytes. */
import { TILE_COLUMNS, type Arrangement, type Reduction, type Tile } from '../shared/trace';
import { blocks, type Blocks } from './blocks';
import { byteScale, quantiser, type Quantise } from './quantise';
import { reduced, rowsOf, turned, type Rows } from './rows';
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
  const of = await blocks(source, level, index);
  const { columns, final, pending } = of;
  const rows = rowsOf(view.arrangement, view.group);
  const scale = byteScale(source.scale, of);
  const quantise = quantiser(scale);
  const values = quantise(reduced(of, rows, view.of === 'spikes' ? 'mean' : view.of));
  if (view.of === 'spikes' && (level > 0 || rows.rows < rows.units.length)) {
    await raise(values, source, level, index, of, rows, quantise);
  }
  return { ...scale, columns, rows: rows.rows, final, ...(pending && { pending }), values };
}

/** Puts what stands out in place of the means. */
async function raise(
  values: Uint8Array,
  source: Source,
  level: number,
  index: number,
  { columns, ...of }: Blocks,
  rows: Rows,
  quantise: Quantise,
): Promise<void> {
  // Resident columns cost nothing; shorter ones than that are computed only where longer ones are, too.
  const least = level >= source.level ? source.level : 0;
  const finer =
    columns < FEW && columns > 0 ? Math.min(level - least, Math.floor(Math.log2(TILE_COLUMNS / columns))) : 0;
  const parts = 2 ** finer;
  const shorter = finer > 0 ? await blocks(source, level - finer, index * parts) : { columns, ...of };
  if (shorter.columns < FEWEST) return;
  const min = quantise(turned(shorter.min, shorter.columns, of.units, rows));
  const max = shorter.min === shorter.max ? min : quantise(turned(shorter.max, shorter.columns, of.units, rows));
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
