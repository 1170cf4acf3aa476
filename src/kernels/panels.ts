/**
 * Matrix products over packed weights. A matrix is packed in panels of 16 rows: [panels, columns, 16], so that a panel is
 * read from first byte to last, four vectors a column. The packing says which row is which (see src/engine/packing.ts).
 * Sums run over the columns in an order that depends on nothing but the matrix, so that how a text is cut into windows
 * changes no bit.
 */
import { Simd } from './simd';

/** Bytes of 16 float32. */
export const PANEL_BYTES: usize = 64;

/** Where `Panels.sums` leaves its 16 sums. Through memory, for a function returns one value; the cost is not measurable. */
export const SUMS: usize = memory.data(64, 16);

export class Panels {
  /**
   * SUMS = initial + panel x vector.
   *
   * Even and odd columns are summed apart: eight running sums hide the latency of the adder. Loading four values of the
   * vector and shuffling spares the load ports, which the weights need.
   *
   * @param initial [16]
   * @param panel [columns, 16]
   * @param vector [columns], zero behind the matrix's own columns
   * @param columns a multiple of 4
   */
  @inline
  static sums(initial: usize, panel: usize, vector: usize, columns: i32): void {
    let a0 = v128.load(initial);
    let a1 = v128.load(initial, 16);
    let a2 = v128.load(initial, 32);
    let a3 = v128.load(initial, 48);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    const end = vector + ((<usize>columns) << 2);
    while (vector < end) {
      const x = v128.load(vector);
      const x0 = v128.shuffle<f32>(x, x, 0, 0, 0, 0);
      a0 = Simd.multiplyAdd(v128.load(panel), x0, a0);
      a1 = Simd.multiplyAdd(v128.load(panel, 16), x0, a1);
      a2 = Simd.multiplyAdd(v128.load(panel, 32), x0, a2);
      a3 = Simd.multiplyAdd(v128.load(panel, 48), x0, a3);
      const x1 = v128.shuffle<f32>(x, x, 1, 1, 1, 1);
      b0 = Simd.multiplyAdd(v128.load(panel, 64), x1, b0);
      b1 = Simd.multiplyAdd(v128.load(panel, 80), x1, b1);
      b2 = Simd.multiplyAdd(v128.load(panel, 96), x1, b2);
      b3 = Simd.multiplyAdd(v128.load(panel, 112), x1, b3);
      const x2 = v128.shuffle<f32>(x, x, 2, 2, 2, 2);
      a0 = Simd.multiplyAdd(v128.load(panel, 128), x2, a0);
      a1 = Simd.multiplyAdd(v128.load(panel, 144), x2, a1);
      a2 = Simd.multiplyAdd(v128.load(panel, 160), x2, a2);
      a3 = Simd.multiplyAdd(v128.load(panel, 176), x2, a3);
      const x3 = v128.shuffle<f32>(x, x, 3, 3, 3, 3);
      b0 = Simd.multiplyAdd(v128.load(panel, 192), x3, b0);
      b1 = Simd.multiplyAdd(v128.load(panel, 208), x3, b1);
      b2 = Simd.multiplyAdd(v128.load(panel, 224), x3, b2);
      b3 = Simd.multiplyAdd(v128.load(panel, 240), x3, b3);
      panel += 256;
      vector += 16;
    }
    v128.store(SUMS, f32x4.add(a0, b0));
    v128.store(SUMS, f32x4.add(a1, b1), 16);
    v128.store(SUMS, f32x4.add(a2, b2), 32);
    v128.store(SUMS, f32x4.add(a3, b3), 48);
  }
}

/** Zeros [units, columns) of a vector: a product of zero weights with an infinity there would be NaN. */
export function clearBehind(vector: usize, units: i32, columns: i32): void {
  for (let k = units; k < columns; k++) store<f32>(vector + ((<usize>k) << 2), 0);
}

/**
 * out[t] = matrix x input[t] + bias for all rows of a block at once: each panel is read once for the block and then stays
 * near, two inputs at a time share a read.
 *
 * @param input [count] rows of `columns` values, `inputStride` bytes apart; nothing behind a row is read
 * @param weights [panels, columns, 16]
 * @param bias [panels * 16]
 * @param out [count, panels * 16]
 */
export function project(
  input: usize,
  inputStride: usize,
  count: i32,
  columns: i32,
  weights: usize,
  bias: usize,
  panels: i32,
  out: usize,
): void {
  const outStride = <usize>panels * PANEL_BYTES;
  const panelBytes = <usize>columns * PANEL_BYTES;
  for (let p = 0; p < panels; p++) {
    for (let t = 0; t < count; t += 2) {
      const x = input + <usize>t * inputStride;
      const y = out + <usize>t * outStride;
      // The odd one at the end is computed twice, into the same place.
      const two = t + 1 < count;
      projectTwo(x, two ? x + inputStride : x, weights, bias, columns, y, two ? y + outStride : y);
    }
    weights += panelBytes;
    bias += PANEL_BYTES;
    out += PANEL_BYTES;
  }
}

function projectTwo(x: usize, y: usize, panel: usize, bias: usize, columns: i32, outX: usize, outY: usize): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let a2 = v128.load(bias, 32);
  let a3 = v128.load(bias, 48);
  let b0 = a0;
  let b1 = a1;
  let b2 = a2;
  let b3 = a3;
  const end = x + ((<usize>columns) << 2);
  while (x < end) {
    const xs = v128.load32_splat(x);
    const ys = v128.load32_splat(y);
    const w0 = v128.load(panel);
    a0 = Simd.multiplyAdd(w0, xs, a0);
    b0 = Simd.multiplyAdd(w0, ys, b0);
    const w1 = v128.load(panel, 16);
    a1 = Simd.multiplyAdd(w1, xs, a1);
    b1 = Simd.multiplyAdd(w1, ys, b1);
    const w2 = v128.load(panel, 32);
    a2 = Simd.multiplyAdd(w2, xs, a2);
    b2 = Simd.multiplyAdd(w2, ys, b2);
    const w3 = v128.load(panel, 48);
    a3 = Simd.multiplyAdd(w3, xs, a3);
    b3 = Simd.multiplyAdd(w3, ys, b3);
    panel += PANEL_BYTES;
    x += 4;
    y += 4;
  }
  v128.store(outX, a0);
  v128.store(outX, a1, 16);
  v128.store(outX, a2, 32);
  v128.store(outX, a3, 48);
  v128.store(outY, b0);
  v128.store(outY, b1, 16);
  v128.store(outY, b2, 32);
  v128.store(outY, b3, 48);
}
