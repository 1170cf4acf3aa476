/** A dendrogram beside a heatmap's rows: leaves at the right where the rows are, the root at the left. No DOM. */
import type { Arrangement } from '../../src/shared/trace';
import { rowOf, type RowGrid } from './rows';

/** A line along one axis, in pixels from the strip's left edge and the top of the rows. */
export interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** The rows of a cluster. */
export interface ClusterBar {
  readonly top: number;
  readonly height: number;
  /** Counted from the top. */
  readonly index: number;
}

/** Branches closer together than this are one line to the eye. */
const LEAST = 2.5;

const middle = (grid: RowGrid, place: number): number => {
  const { top, height } = rowOf(grid, place);
  return top + height / 2;
};

/**
 * Branches of a tree in a strip of `width` pixels. Where two sides of a branch lie within a few pixels nothing is drawn
 * of it or below it: its rows are too narrow to be told apart.
 */
export function placeDendrogram(
  { merges }: Pick<Arrangement, 'merges'>,
  grid: RowGrid,
  width: number,
): readonly Segment[] {
  const segments: Segment[] = [];
  const across = (height: number): number => (1 - Math.max(0, Math.min(1, height))) * (width - 1);
  /** By its first and last row: where a branch's stem begins. */
  const stems = new Map<string, { readonly x: number; readonly y: number }>();
  const stem = (from: number, to: number): { readonly x: number; readonly y: number } =>
    stems.get(`${String(from)}-${String(to)}`) ?? { x: width, y: (middle(grid, from) + middle(grid, to - 1)) / 2 };
  // Inner branches first: those that contain fewer rows.
  for (const merge of [...merges].sort((a, b) => a.to - a.from - (b.to - b.from))) {
    const [upper, lower] = [stem(merge.from, merge.middle), stem(merge.middle, merge.to)];
    const x = across(merge.height);
    stems.set(`${String(merge.from)}-${String(merge.to)}`, { x, y: (upper.y + lower.y) / 2 });
    if (lower.y - upper.y < LEAST) continue;
    segments.push(
      { x1: x, y1: upper.y, x2: x, y2: lower.y },
      { x1: x, y1: upper.y, x2: upper.x, y2: upper.y },
      { x1: x, y1: lower.y, x2: lower.x, y2: lower.y },
    );
  }
  return segments;
}

/** The clusters as bars beside their rows. */
export function placeClusters(
  { clusters, units, pinned }: Pick<Arrangement, 'clusters' | 'units' | 'pinned'>,
  grid: RowGrid,
): readonly ClusterBar[] {
  return clusters.flatMap((first, index): ClusterBar[] => {
    const last = Math.min(units.length, clusters[index + 1] ?? units.length) - 1;
    if (first < pinned || last < first) return [];
    const top = rowOf(grid, first).top;
    const end = rowOf(grid, last);
    // Where neighbours share a row, a cluster may begin in its middle: each row belongs to one bar.
    const height = end.top + end.height - top;
    return [{ top, height, index }];
  });
}
