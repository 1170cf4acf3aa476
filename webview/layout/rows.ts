/** How a track's height is divided among units: pinned ones on top, each in a row of its own; then groups of neighbours. */

/** All in CSS pixels. */
export interface RowGrid {
  readonly pinned: number;
  /** Height of a pinned row. */
  readonly pinHeight: number;
  /** Units below the pinned ones. */
  readonly rest: number;
  /** Neighbouring units that share a row. */
  readonly group: number;
  readonly height: number;
}

/** Between the pinned rows and the rest. */
const PIN_GAP = 3;
/** A pinned row is this tall where there is room. */
const PIN_HEIGHT = 12;
/** What may be given up of a height so that rows are even. */
const LEAST_SHARE = 0.8;

const gapOf = ({ pinned, rest }: Pick<RowGrid, 'pinned' | 'rest'>): number => (pinned > 0 && rest > 0 ? PIN_GAP : 0);
const pinnedEnd = (grid: RowGrid): number => grid.pinned * grid.pinHeight;
const restTop = (grid: RowGrid): number => pinnedEnd(grid) + gapOf(grid);
const restHeight = (grid: RowGrid): number => Math.max(0, grid.height - restTop(grid));
const restRows = ({ rest, group }: RowGrid): number => Math.ceil(rest / group);

/** Units share rows where there are more of them than device pixels. */
export function gridOf(units: number, pinned: number, height: number, ratio: number): RowGrid {
  const rest = units - pinned;
  const share = rest === 0 ? height / Math.max(1, pinned) : Math.min(PIN_HEIGHT, height / 2 / Math.max(1, pinned));
  const pinHeight = pinned === 0 ? 0 : rest === 0 ? share : Math.max(1, Math.floor(share));
  const grid = { pinned, pinHeight, rest, group: 1, height };
  const pixels = Math.max(1, Math.floor(restHeight(grid) * ratio));
  return { ...grid, group: Math.max(1, Math.ceil(rest / pixels)) };
}

/**
 * A height near one that was chosen for the user, at which all rows are equally tall in whole device pixels; the height
 * itself where that would cost more than a fifth of it.
 */
export function evenHeight(units: number, pinned: number, height: number, ratio: number): number {
  const grid = gridOf(units, pinned, height, ratio);
  const rows = restRows(grid);
  if (rows === 0) return height;
  const pixels = Math.floor((restHeight(grid) * ratio) / rows);
  const even = restTop(grid) + (rows * pixels) / ratio;
  return pixels >= 1 && even >= height * LEAST_SHARE ? even : height;
}

/** Rows of a tile of this grid. */
export const rowCount = (grid: RowGrid): number => grid.pinned + restRows(grid);

/** Rows [from, from + rows) of a tile, drawn at [top, top + height). */
export interface Band {
  readonly from: number;
  readonly rows: number;
  readonly top: number;
  readonly height: number;
}

export function bandsOf(grid: RowGrid): readonly Band[] {
  const bands: Band[] = [];
  if (grid.pinned > 0) bands.push({ from: 0, rows: grid.pinned, top: 0, height: pinnedEnd(grid) });
  if (grid.rest > 0) {
    bands.push({ from: grid.pinned, rows: restRows(grid), top: restTop(grid), height: restHeight(grid) });
  }
  return bands;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** The place in the arrangement of the unit whose row covers `y`: of a group the first, or the one that `y` is nearest. */
export function placeAt(grid: RowGrid, y: number): number {
  if (grid.pinned > 0 && (y < restTop(grid) || grid.rest === 0)) {
    return clamp(Math.floor(y / grid.pinHeight), 0, grid.pinned - 1);
  }
  const rows = restRows(grid);
  const share = clamp((y - restTop(grid)) / Math.max(1e-9, restHeight(grid)), 0, 1 - 1e-9);
  const row = Math.floor(share * rows);
  const within = Math.floor((share * rows - row) * grid.group);
  return grid.pinned + Math.min(grid.rest - 1, row * grid.group + within);
}

/** Where the row of the unit at a place of the arrangement is. */
export function rowOf(
  grid: RowGrid,
  place: number,
): { readonly row: number; readonly top: number; readonly height: number } {
  if (place < grid.pinned) return { row: place, top: place * grid.pinHeight, height: grid.pinHeight };
  const height = restHeight(grid) / Math.max(1, restRows(grid));
  const row = Math.floor((place - grid.pinned) / grid.group);
  return { row: grid.pinned + row, top: restTop(grid) + row * height, height };
}
