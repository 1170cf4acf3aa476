/**
 * Matrix products over packed weights. A matrix is packed in panels of 32 rows: [panels, columns, 32], so that a panel is
 * read from first byte to last, eight vectors a column. Behind the last row, panels are filled with zeros.
 * Sums run over the columns in their order, whatever is computed beside them, so that how a text is cut into windows
 * changes no bit.
 *
 * What limits it: two loads of 16 bytes a cycle, so that eight vectors of weights and one of the input take 9/8 of what
 * only reading the weights takes.
 *
 * Tried and slower or no better (AMD Zen 5, V8 13.6, microseconds a product of 1024 x 256, plain and relaxed; this 10.8
 * and 10.6, only reading 10.2): one column a turn 11.4, 10.5; two columns a turn without the branch 10.9, 10.6; four
 * columns 12.0, 13.4, for V8 moves all sums of one row together, each waiting for the last, and spills; four with
 * branches and the input's lanes spread by shuffles 11.1, 11.1; panels of 48 rows 11.1, 10.4, and with shuffles 11.4,
 * 10.1, where what they save in loads is lost to the rows that fill the last panel; 16 rows with even and odd columns
 * apart, two panels at a time: slower in V8 11.3.
 */
import { Simd } from './simd';

/** Bytes of the 32 rows of a panel at one column. */
const PANEL_BYTES: usize = 128;

/**
 * out = initial + panel x vector.
 *
 * @param initial [32]
 * @param panel [columns, 32]
 * @param vector [columns]; nothing behind it is read
 * @param out [32]
 */
function sums(initial: usize, panel: usize, vector: usize, columns: i32, out: usize): void {
  let a0 = v128.load(initial);
  let a1 = v128.load(initial, 16);
  let a2 = v128.load(initial, 32);
  let a3 = v128.load(initial, 48);
  let a4 = v128.load(initial, 64);
  let a5 = v128.load(initial, 80);
  let a6 = v128.load(initial, 96);
  let a7 = v128.load(initial, 112);
  const end = vector + ((<usize>columns) << 2);
  while (vector < end) {
    const x = v128.load32_splat(vector);
    a0 = Simd.multiplyAdd(v128.load(panel), x, a0);
    a1 = Simd.multiplyAdd(v128.load(panel, 16), x, a1);
    a2 = Simd.multiplyAdd(v128.load(panel, 32), x, a2);
    a3 = Simd.multiplyAdd(v128.load(panel, 48), x, a3);
    a4 = Simd.multiplyAdd(v128.load(panel, 64), x, a4);
    a5 = Simd.multiplyAdd(v128.load(panel, 80), x, a5);
    a6 = Simd.multiplyAdd(v128.load(panel, 96), x, a6);
    a7 = Simd.multiplyAdd(v128.load(panel, 112), x, a7);
    // Ends an odd number of columns; and V8 moves nothing across a branch.
    if (vector + 4 >= end) break;
    const y = v128.load32_splat(vector, 4);
    a0 = Simd.multiplyAdd(v128.load(panel, 128), y, a0);
    a1 = Simd.multiplyAdd(v128.load(panel, 144), y, a1);
    a2 = Simd.multiplyAdd(v128.load(panel, 160), y, a2);
    a3 = Simd.multiplyAdd(v128.load(panel, 176), y, a3);
    a4 = Simd.multiplyAdd(v128.load(panel, 192), y, a4);
    a5 = Simd.multiplyAdd(v128.load(panel, 208), y, a5);
    a6 = Simd.multiplyAdd(v128.load(panel, 224), y, a6);
    a7 = Simd.multiplyAdd(v128.load(panel, 240), y, a7);
    panel += 256;
    vector += 8;
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
  v128.store(out, a4, 64);
  v128.store(out, a5, 80);
  v128.store(out, a6, 96);
  v128.store(out, a7, 112);
}

/**
 * out = initial + matrix x vector.
 *
 * @param initial [panels * 32]
 * @param weights [panels, columns, 32]
 * @param vector [columns]; nothing behind it is read
 * @param out [panels * 32]
 */
export function product(initial: usize, weights: usize, vector: usize, columns: i32, panels: i32, out: usize): void {
  const panelBytes = <usize>columns * PANEL_BYTES;
  for (let p = 0; p < panels; p++) {
    sums(initial, weights, vector, columns, out);
    initial += PANEL_BYTES;
    weights += panelBytes;
    out += PANEL_BYTES;
  }
}

/**
 * out[t] = bias + matrix x input[t] for all rows of a block: each panel is fetched once and then stays near.
 *
 * @param input [count] rows of `columns` values, `inputStride` bytes apart; nothing behind a row is read
 * @param weights [panels, columns, 32]
 * @param bias [panels * 32]
 * @param out [count, panels * 32]
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
    let x = input;
    let y = out;
    for (let t = 0; t < count; t++) {
      sums(bias, weights, x, columns, y);
      x += inputStride;
      y += outStride;
    }
    weights += panelBytes;
    bias += PANEL_BYTES;
    out += PANEL_BYTES;
  }
}
