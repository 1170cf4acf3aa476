/**
 * Like units together: hierarchical clustering by average linkage, 1 - correlation of two courses being their distance,
 * by the chain of nearest neighbours (Murtagh 1983), O(n²) in time and memory. ml-hclust, the kept library for it, takes
 * O(n³) (seconds at 1,024 units, in which the worker answers nothing) and puts leaves in no order.
 *
 * A course without variance correlates with nothing: its distance is 1 to the others and 0 to its like.
 */
import type { Merge } from '../shared/trace';

export interface Clustering {
  /** Courses so that neighbours are alike: of each merge, the halves are turned so that the ends that meet are closest. */
  readonly order: readonly number[];
  /** Over `order`, the lowest first; heights are distances halved: 0 the same course, ½ unrelated, 1 opposite. */
  readonly merges: readonly Merge[];
  /** First places of the clusters that `cut` leaves. */
  readonly clusters: readonly number[];
}

type Breathe = () => Promise<void>;

/** @param courses [count, columns] @param breathe called every few milliseconds */
export async function cluster(courses: Float32Array, count: number, breathe: Breathe): Promise<Clustering> {
  if (count < 2) return { order: count === 1 ? [0] : [], merges: [], clusters: count === 1 ? [0] : [] };
  const distances = await distancesOf(courses, count, breathe);
  const nodes = await chain(distances.slice(), count, breathe);
  const order = ordered(nodes, distances, count);
  const merges = spans(nodes, order);
  return { order, merges, clusters: cut(merges, count) };
}

/** Every course less its mean, of length 1; zeros where it has no variance. */
function normalised(courses: Float32Array, count: number): { readonly z: Float64Array; readonly still: boolean[] } {
  const columns = courses.length / count;
  const z = Float64Array.from(courses);
  const still: boolean[] = [];
  for (let i = 0; i < count; i++) {
    const row = z.subarray(i * columns, (i + 1) * columns);
    const mean = row.reduce((sum, v) => sum + v, 0) / columns;
    let [squares, size] = [0, 0];
    for (let k = 0; k < columns; k++) {
      size += (row[k] ?? NaN) ** 2;
      row[k] = (row[k] ?? NaN) - mean;
      squares += (row[k] ?? NaN) ** 2;
    }
    // What rounding leaves of a constant is no variance; nor has a course with a NaN or an infinity any.
    const moves = squares > 1e-12 * size && squares < Infinity;
    const length = Math.sqrt(squares);
    for (let k = 0; k < columns; k++) row[k] = moves ? (row[k] ?? 0) / length : 0;
    still.push(!moves);
  }
  return { z, still };
}

/** [count, count], symmetric. Four by four courses at a time, so that each value read serves four products. */
async function distancesOf(courses: Float32Array, count: number, breathe: Breathe): Promise<Float32Array> {
  const columns = courses.length / count;
  const { z, still } = normalised(courses, count);
  const distances = new Float32Array(count * count);
  const row = (k: number): number => Math.min(k, count - 1) * columns;
  for (let i = 0; i < count; i += 4) {
    const [a0, a1, a2, a3] = [row(i), row(i + 1), row(i + 2), row(i + 3)];
    for (let j = 0; j <= i; j += 4) {
      const sums = products(z, columns, [a0, a1, a2, a3], [row(j), row(j + 1), row(j + 2), row(j + 3)]);
      for (let k = 0; k < 16; k++) {
        const [p, q] = [i + (k >> 2), j + (k & 3)];
        if (p >= count || q >= p) continue;
        const distance = still[p] && still[q] ? 0 : 1 - (sums[k] ?? 0);
        distances[p * count + q] = distance;
        distances[q * count + p] = distance;
      }
    }
    await breathe();
  }
  return distances;
}

type Four = readonly [number, number, number, number];
const sixteen = new Float64Array(16);

/** Products of four rows with four others, [4, 4]; valid until the next call. */
function products(z: Float64Array, columns: number, [a0, a1, a2, a3]: Four, [b0, b1, b2, b3]: Four): Float64Array {
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [s20, s21, s22, s23, s30, s31, s32, s33] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < columns; k++) {
    const [x0, x1, x2, x3] = [z[a0 + k] ?? 0, z[a1 + k] ?? 0, z[a2 + k] ?? 0, z[a3 + k] ?? 0];
    const [y0, y1, y2, y3] = [z[b0 + k] ?? 0, z[b1 + k] ?? 0, z[b2 + k] ?? 0, z[b3 + k] ?? 0];
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  sixteen.set([s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33]);
  return sixteen;
}

/** A merge of two nodes; courses are nodes [0, count), merges those behind. */
interface Node {
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

/** @param distances overwritten @returns merges, each behind those that it joins */
async function chain(distances: Float32Array, count: number, breathe: Breathe): Promise<Node[]> {
  const active = Array.from({ length: count }, (_, k) => k);
  const node = active.slice();
  const size = new Array<number>(count).fill(1);
  const nodes: Node[] = [];
  const path: number[] = [];
  while (active.length > 1) {
    if (path.length === 0) path.push(active[0] ?? 0);
    const tip = path.at(-1) ?? 0;
    const before = path.at(-2);
    // The one before wins a tie, or the chain would run in circles.
    let nearest = before ?? -1;
    let least = before === undefined ? Infinity : (distances[tip * count + before] ?? Infinity);
    for (const other of active) {
      const distance = distances[tip * count + other] ?? Infinity;
      if (other === tip || !(distance < least)) continue;
      nearest = other;
      least = distance;
    }
    if (nearest !== before) {
      path.push(nearest);
      continue;
    }
    path.length -= 2;
    const [na, nb] = [size[tip] ?? 1, size[nearest] ?? 1];
    for (const other of active) {
      if (other === tip || other === nearest) continue;
      const [a, b] = [distances[tip * count + other] ?? 0, distances[nearest * count + other] ?? 0];
      const distance = (na * a + nb * b) / (na + nb);
      distances[tip * count + other] = distance;
      distances[other * count + tip] = distance;
    }
    nodes.push({ left: node[tip] ?? 0, right: node[nearest] ?? 0, height: Math.min(1, Math.max(0, least / 2)) });
    node[tip] = count + nodes.length - 1;
    size[tip] = na + nb;
    active.splice(active.indexOf(nearest), 1);
    await breathe();
  }
  return nodes;
}

function ordered(nodes: readonly Node[], distances: Float32Array, count: number): number[] {
  const lists: number[][] = Array.from({ length: count }, (_, k) => [k]);
  const between = (a = 0, b = 0): number => distances[a * count + b] ?? 0;
  for (const { left, right } of nodes) {
    const [a = [], b = []] = [lists[left], lists[right]];
    const ends = [between(a.at(-1), b[0]), between(a.at(-1), b.at(-1)), between(a[0], b[0]), between(a[0], b.at(-1))];
    const best = ends.indexOf(Math.min(...ends));
    const first = best < 2 ? a : a.toReversed();
    lists.push(first.concat(best % 2 === 0 ? b : b.toReversed()));
    // They are not asked again.
    lists[left] = [];
    lists[right] = [];
  }
  return lists.at(-1) ?? [];
}

/** The merges as places in the order; every half lies in one piece. Equal heights keep halves before their whole. */
function spans(nodes: readonly Node[], order: readonly number[]): Merge[] {
  const place = new Array<number>(order.length);
  for (const [at, course] of order.entries()) place[course] = at;
  const found = place.map((from) => ({ from, to: from + 1, height: 0 }));
  const merges = nodes.map(({ left, right, height }): Merge => {
    const [a, b] = [found[left], found[right]];
    const [from, to] = [Math.min(a?.from ?? 0, b?.from ?? 0), Math.max(a?.to ?? 0, b?.to ?? 0)];
    // Average linkage has no inversions but for the last bit.
    const top = Math.max(height, a?.height ?? 0, b?.height ?? 0);
    found.push({ from, to, height: top });
    return { from, middle: Math.max(a?.from ?? 0, b?.from ?? 0), to, height: top };
  });
  return merges.toSorted((a, b) => a.height - b.height);
}

/**
 * Where heights make their widest step, among the cuts that leave 2 to 2·√n clusters: groups that hang together more
 * closely than with each other. One cluster where there is no step.
 */
function cut(merges: readonly Merge[], count: number): number[] {
  let [clusters, widest] = [1, 0];
  for (let k = 2; k <= Math.min(count, 2 * Math.sqrt(count)); k++) {
    const step = (merges[count - k]?.height ?? 0) - (merges[count - k - 1]?.height ?? 0);
    if (step > widest + 1e-9) [clusters, widest] = [k, step];
  }
  const middles = merges.slice(count - clusters).map(({ middle }) => middle);
  return [0, ...middles].toSorted((a, b) => a - b);
}
