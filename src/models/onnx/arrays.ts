/** Moves among the values of an array in row-major order: what Transpose, Slice, Concat and Expand do to any of them. */

/** Float32Array, Float64Array, Int32Array or a list: what can be read and made by index. */
export interface Cells<T> {
  readonly length: number;
  [index: number]: T;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Values between two neighbours of each axis. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}

/** Fills `out` [shape] from places of `data` that are `strides` apart, a stride of 0 repeats. */
function stride<T>(out: Cells<T>, shape: readonly number[], data: Cells<T>, strides: readonly number[]): void {
  const { length } = out;
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < length; to++) {
    const value = data[from];
    if (value !== undefined) out[to] = value;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        break;
      }
      from -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
}

/** @param out [shape permuted] @param data [shape] */
export function transposeInto<T>(
  out: Cells<T>,
  data: Cells<T>,
  shape: readonly number[],
  perm: readonly number[],
): void {
  const strides = stridesOf(shape);
  stride(
    out,
    perm.map((axis) => shape[axis] ?? 1),
    data,
    perm.map((axis) => strides[axis] ?? 0),
  );
}

/** @param out [target], as many axes as `shape` or more in front @param data [shape] */
export function expandInto<T>(
  out: Cells<T>,
  data: Cells<T>,
  shape: readonly number[],
  target: readonly number[],
): void {
  const strides = stridesOf(shape);
  const lead = target.length - shape.length;
  stride(
    out,
    target,
    data,
    target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : (strides[axis - lead] ?? 0))),
  );
}

/** Places along an axis: evenly spaced, or listed. */
export interface Places {
  readonly start: number;
  readonly step: number;
  readonly count: number;
  readonly list?: readonly number[];
}

/** Some of the places along an axis. @param out [.., places, ..] @param data [shape] */
export function takeInto<T>(
  out: Cells<T>,
  data: Cells<T>,
  shape: readonly number[],
  axis: number,
  { start, step, count, list }: Places,
): void {
  const outer = sizeOf(shape.slice(0, axis));
  const size = shape[axis] ?? 1;
  const inner = sizeOf(shape.slice(axis + 1));
  if (out.length === 0) return;
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      let from = (o * size + (list?.[k] ?? start + k * step)) * inner;
      for (let i = 0; i < inner; i++) {
        const value = data[from++];
        if (value !== undefined) out[to] = value;
        to++;
      }
    }
  }
}

/** Arrays side by side along an axis; their other axes are alike. */
export function joinInto<T>(
  out: Cells<T>,
  parts: readonly { readonly data: Cells<T>; readonly shape: readonly number[] }[],
  axis: number,
): void {
  const [first] = parts;
  if (out.length === 0) return;
  const outer = sizeOf(first?.shape.slice(0, axis) ?? []);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const { data, shape } of parts) {
      const row = sizeOf(shape.slice(axis));
      for (let k = o * row; k < (o + 1) * row; k++) {
        const value = data[k];
        if (value !== undefined) out[to] = value;
        to++;
      }
    }
  }
}

/** Shapes side by side as ONNX and NumPy broadcast them; undefined where they do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let k = 0; k < rank; k++) {
    const x = a[k - rank + a.length] ?? 1;
    const y = b[k - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}
