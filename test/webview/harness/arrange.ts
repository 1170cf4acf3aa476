/** Rows of a synthetic trace in any order: means and variances over some of its tokens, and average linkage for clusters. */
import { memoryOf } from '../../../src/shared/signals';
import type { Arrangement, ArrangementId, Merge, RowSpec } from '../../../src/shared/trace';
import type { Synthetic } from './synthetic';

/** Tokens that are looked at. */
const LOOKS = 32;

interface Node {
  readonly units: readonly number[];
  readonly height: number;
  readonly parts: readonly [Node, Node] | undefined;
}

export class Arranger {
  readonly #trace: () => Synthetic;
  readonly #known: Arrangement[] = [];

  constructor(trace: () => Synthetic) {
    this.#trace = trace;
  }

  rows(id: ArrangementId | undefined): Arrangement | undefined {
    return id === undefined || id === 0 ? undefined : this.#known[id - 1];
  }

  arrange(layer: number, { order, by, ranges, pins }: RowSpec): Arrangement {
    const info = this.#trace().model.layers[layer];
    if (info === undefined) throw new Error(`There is no layer ${String(layer)}.`);
    const all = Array.from({ length: info.units }, (_, unit) => unit);
    const shown = all.filter(
      (unit) =>
        !pins.includes(unit) && (ranges.length === 0 || ranges.some(([from, to]) => unit >= from && unit <= to)),
    );
    const signal = by ?? memoryOf(info.cell);
    const looks = (unit: number): readonly number[] =>
      Array.from({ length: LOOKS }, (_, k) =>
        this.#trace().value(layer, signal, unit, Math.floor((k * this.#trace().tokens) / LOOKS)),
      );
    // For likeness the course counts, not the size.
    const shape = (all: readonly number[]): readonly number[] => {
      const size = Math.sqrt(variance(all)) || 1;
      return all.map((x) => (x - mean(all)) / size);
    };
    const values = new Map(shown.map((unit) => [unit, order === 'clusters' ? shape(looks(unit)) : looks(unit)]));
    const of = (unit: number): readonly number[] => values.get(unit) ?? [];
    const id = this.#known.length + 1;
    const pinned = pins.length;
    const found =
      order === 'clusters' && shown.length > 1
        ? clustered(shown, of, pinned)
        : { units: sorted(shown, order, of), merges: [], clusters: [] };
    const arrangement = { ...found, id, units: Uint16Array.from([...pins, ...found.units]), pinned };
    this.#known.push(arrangement);
    return arrangement;
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
const variance = (values: readonly number[]): number => {
  const middle = mean(values);
  return mean(values.map((x) => (x - middle) ** 2));
};

function sorted(
  units: readonly number[],
  order: RowSpec['order'],
  of: (unit: number) => readonly number[],
): readonly number[] {
  if (order !== 'mean' && order !== 'variance') return units;
  const key = new Map(units.map((unit) => [unit, order === 'mean' ? mean(of(unit)) : variance(of(unit))]));
  return [...units].sort((a, b) => (key.get(b) ?? 0) - (key.get(a) ?? 0));
}

/** Clusters by their means, the two nearest first: quadratic at each step, for a few hundred units fast enough. */
function clustered(
  units: readonly number[],
  of: (unit: number) => readonly number[],
  pinned: number,
): { units: readonly number[]; merges: readonly Merge[]; clusters: readonly number[] } {
  let alive = units.map((unit): { readonly node: Node; readonly centre: readonly number[] } => ({
    node: { units: [unit], height: 0, parts: undefined },
    centre: of(unit),
  }));
  const apart = (a: readonly number[], b: readonly number[]): number =>
    Math.sqrt(a.reduce((sum, x, k) => sum + (x - (b[k] ?? 0)) ** 2, 0));
  while (alive.length > 1) {
    // Each with its nearest later one: of all pairs the nearest, and with them those that are mutual.
    const nearest = alive.map((one, i) => {
      let [at, least] = [-1, Infinity];
      for (let j = 0; j < alive.length; j++) {
        const gap = j === i ? Infinity : apart(one.centre, alive[j]?.centre ?? []);
        if (gap < least) [at, least] = [j, gap];
      }
      return { at, least };
    });
    const next: typeof alive = [];
    alive.forEach((one, i) => {
      const { at, least } = nearest[i] ?? { at: -1, least: 0 };
      const other = alive[at];
      if (other === undefined || nearest[at]?.at !== i) next.push(one);
      else if (i < at) {
        const [n, m] = [one.node.units.length, other.node.units.length];
        next.push({
          node: {
            units: [...one.node.units, ...other.node.units],
            height: Math.max(least, one.node.height, other.node.height),
            parts: [one.node, other.node],
          },
          centre: one.centre.map((x, k) => (n * x + m * (other.centre[k] ?? 0)) / (n + m)),
        });
      }
    });
    alive = next;
  }
  const root = alive[0]?.node;
  const merges: Merge[] = [];
  const heights = ((): ((node: Node) => number) => {
    const all = (node: Node): readonly number[] =>
      node.parts === undefined ? [] : [node.height, ...node.parts.flatMap(all)];
    const found = root === undefined ? [] : all(root);
    const [low, high] = [0.8 * Math.min(...found), Math.max(...found)];
    return ({ height }) => (height - low) / Math.max(1e-9, high - low);
  })();
  const walk = (node: Node, from: number): void => {
    if (node.parts === undefined) return;
    const [first, second] = node.parts;
    const middle = from + first.units.length;
    merges.push({ from, middle, to: from + node.units.length, height: heights(node) });
    walk(first, from);
    walk(second, middle);
  };
  if (root !== undefined) walk(root, pinned);
  const cut = (node: Node): readonly Node[] =>
    node.parts === undefined || heights(node) < 0.7 ? [node] : node.parts.flatMap(cut);
  let at = pinned;
  const clusters = (root === undefined ? [] : cut(root)).map((node) => {
    const first = at;
    at += node.units.length;
    return first;
  });
  return { units: root?.units ?? [], merges, clusters };
}
