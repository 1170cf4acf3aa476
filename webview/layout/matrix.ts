/** What is where in the pictures of a matrix: its blocks of gates, the cells of a reduced heatmap, a histogram's bars. */

/** Rows [from, to) of a heatmap, perhaps broken, that show one gate's block. */
export interface Block {
  readonly from: number;
  readonly to: number;
}

/** @param rows of the heatmap, whose blocks are equally high */
export const blockOf = (rows: number, blocks: number, index: number): Block => ({
  from: (index * rows) / blocks,
  to: ((index + 1) * rows) / blocks,
});

/** First and last of the matrix's own rows or columns, counted within the block, that a cell stands for. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * What a cell of the heatmap stands for along one axis.
 *
 * @param size of the matrix along it @param cells of the heatmap along it
 */
export function spanOf(cell: number, cells: number, size: number): Span {
  const first = Math.floor((cell * size) / cells);
  const last = Math.max(first, Math.ceil(((cell + 1) * size) / cells) - 1);
  return { first, last: Math.min(size - 1, last) };
}

/** A place in a matrix's pictures: a gate's block, and in it a cell of the heatmap. */
export interface Place {
  readonly gate: number;
  readonly row: number;
  readonly column: number;
}

export interface Grid {
  readonly gates: number;
  /** Cells of the whole heatmap. */
  readonly rows: number;
  readonly columns: number;
}

/** Rows of cells that a block has at least a part of, counted from its first. */
export const rowsOf = ({ rows, gates }: Grid, gate: number): number => {
  const { from, to } = blockOf(rows, gates, gate);
  return Math.max(1, Math.ceil(to) - Math.floor(from));
};

/** The cell under a point of a block's picture, given as shares 0…1 of its width and height. */
export function placeAt(grid: Grid, gate: number, x: number, y: number): Place {
  const clamp = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
  const { from, to } = blockOf(grid.rows, grid.gates, gate);
  const row = Math.floor(from + y * (to - from)) - Math.floor(from);
  return {
    gate,
    row: clamp(row, rowsOf(grid, gate)),
    column: clamp(Math.floor(x * grid.columns), grid.columns),
  };
}

/** Moves by cells; from a block's edge into the block beside it, as the pictures stand side by side. */
export function movePlace(grid: Grid, place: Place, right: number, down: number): Place {
  let { gate } = place;
  let column = place.column + right;
  while (column >= grid.columns && gate < grid.gates - 1) {
    gate += 1;
    column -= grid.columns;
  }
  while (column < 0 && gate > 0) {
    gate -= 1;
    column += grid.columns;
  }
  const clamp = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
  return { gate, row: clamp(place.row + down, rowsOf(grid, gate)), column: clamp(column, grid.columns) };
}

/** Index into the heatmap's values. */
export const cellIndex = (grid: Grid, { gate, row, column }: Place): number =>
  (Math.floor(blockOf(grid.rows, grid.gates, gate).from) + row) * grid.columns + column;

export interface Bar {
  /** Shares 0…1 of the width, from the left, and of the height, from the bottom. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** The value at its middle. */
  readonly value: number;
}

/** A count that is there at all is seen: its bar has at least this share of the height. */
const LEAST = 0.015;

export function barsOf({
  lo,
  hi,
  counts,
}: {
  readonly lo: number;
  readonly hi: number;
  readonly counts: readonly number[];
}): readonly Bar[] {
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const width = 1 / Math.max(1, counts.length);
  return counts.flatMap((count, i) =>
    count === 0
      ? []
      : [
          {
            left: i * width,
            width,
            height: Math.max(LEAST, count / most),
            value: lo + (i + 0.5) * width * (hi - lo),
          },
        ],
  );
}
