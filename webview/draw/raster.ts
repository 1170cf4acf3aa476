/** A frame as pixels, by plain arithmetic: what Canvas 2D shows, and what WebGL2 is held against. No DOM. */
import { TILE_COLUMNS } from '../../src/shared/trace';
import { pixelColumns, type PixelColumns } from '../layout/columns';
import type { Quad } from '../layout/quads';
import type { Band } from '../layout/rows';
import type { ColourTables } from './colours';
import type { HeatFrame } from './heat';

/** Columns of pixels for each level that a frame draws. */
export function columnsOf(frame: HeatFrame): ReadonlyMap<number, PixelColumns> {
  const found = new Map<number, PixelColumns>();
  for (const { quads } of frame.tracks) {
    for (const { request } of quads) {
      if (found.has(request.level)) continue;
      found.set(request.level, pixelColumns(frame.axis, request.level, frame.ratio, frame.width));
    }
  }
  return found;
}

/** Rows of a tile in a band: the last band has all that are left, for a stand-in may be merged otherwise. */
export const rowsIn = (bands: readonly Band[], band: Band, rows: number): number =>
  band === bands.at(-1) ? Math.max(0, rows - band.from) : Math.min(band.rows, Math.max(0, rows - band.from));

/** The row of a band that pixel `y` from its top shows: that of the pixel's middle. */
export const rowAt = (y: number, rows: number, height: number): number =>
  Math.floor(((2 * y + 1) * rows) / (2 * height));

/** Paints into `out` [height, width], which is cleared first. */
export function rasterise(frame: HeatFrame, tables: ColourTables, out: Uint32Array): void {
  out.fill(0);
  const columns = columnsOf(frame);
  // The column of the tile at each pixel; a quad writes its own stretch before it reads it.
  const within = new Int32Array(frame.width);
  tables.makeRoom(frame.tracks.reduce((sum, { quads }) => sum + quads.length, 0));
  for (const track of frame.tracks) {
    for (const quad of track.quads) {
      const of = columns.get(quad.request.level);
      const { tile } = quad.held;
      if (of === undefined || tile.columns === 0) continue;
      const { pixels } = tables.get(tile, track.scale, track.map);
      for (const band of track.bands) {
        paintBand(frame, quad, of, band, rowsIn(track.bands, band, tile.rows), pixels, within, out);
      }
    }
  }
}

function paintBand(
  frame: HeatFrame,
  { request, held: { tile }, left, right }: Quad,
  { first, offsets }: PixelColumns,
  band: Band,
  rows: number,
  colours: Uint32Array,
  within: Int32Array,
  out: Uint32Array,
): void {
  const { width } = frame;
  const [x0, x1] = [Math.max(0, left), Math.min(frame.clipRight, width, right)];
  const y0 = Math.max(frame.clipTop, band.top);
  const y1 = Math.min(frame.height, band.top + band.height);
  if (x1 <= x0 || y1 <= y0 || rows === 0) return;
  const { values } = tile;
  const base = first - request.index * TILE_COLUMNS;
  const last = tile.columns - 1;
  for (let x = x0; x < x1; x++) within[x] = Math.max(0, Math.min(last, base + (offsets[x] ?? 0)));
  let shown = -1;
  for (let y = y0; y < y1; y++) {
    const row = band.from + rowAt(y - band.top, rows, band.height);
    const start = y * width;
    if (row === shown) {
      out.copyWithin(start + x0, start - width + x0, start - width + x1);
      continue;
    }
    shown = row;
    const from = row * tile.columns;
    for (let x = x0; x < x1; x++) out[start + x] = colours[values[from + (within[x] ?? 0)] ?? 0] ?? 0;
  }
}
