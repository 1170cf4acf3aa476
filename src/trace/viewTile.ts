/** A tile as a heatmap asks for it: units arranged in rows, neighbours merged, one array of bytes. */
import { GatescopeError } from '../shared/errors';
import type { Tile, TileRequest } from '../shared/trace';
import { tile } from './tile';
import type { Trace } from './trace';

/** @throws bad-request as `tile` does */
export async function viewTile(
  trace: Trace,
  { layer, signal, level, index, group = 1, of = 'mean' }: TileRequest,
): Promise<Tile> {
  if (signal === 'change' || signal === 'written' || signal === 'kept' || signal === 'saturation') {
    throw new GatescopeError('bad-request', `Layer ${String(layer)} has no signal ${signal}.`);
  }
  const blocks = await tile(trace, layer, signal, level, index);
  const { units, columns, min, mean, max, ...rest } = blocks;
  const from = of === 'min' ? min : of === 'max' ? max : mean;
  if (group === 1) return { ...rest, columns, rows: units, values: from };
  const rows = Math.ceil(units / group);
  const values = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const end = Math.min(units, (row + 1) * group);
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let unit = row * group; unit < end; unit++) sum += from[unit * columns + c] ?? 0;
      values[row * columns + c] = Math.round(sum / (end - row * group));
    }
  }
  return { ...rest, columns, rows, values };
}
