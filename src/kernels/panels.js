'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.product = product;
exports.project = project;
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
const simd_1 = require('./simd');
/** Bytes of the 32 rows of a panel at one column. */
const PANEL_BYTES = 128;
/**
 * out = initial + panel x vector.
 *
 * @param initial [32]
 * @param panel [columns, 32]
 * @param vector [columns]; nothing behind it is read
 * @param out [32]
 */
function sums(initial, panel, vector, columns, out) {
  let a0 = v128.load(initial);
  let a1 = v128.load(initial, 16);
  let a2 = v128.load(initial, 32);
  let a3 = v128.load(initial, 48);
  let a4 = v128.load(initial, 64);
  let a5 = v128.load(initial, 80);
  let a6 = v128.load(initial, 96);
  let a7 = v128.load(initial, 112);
  const end = vector + (columns << 2);
  const last = end - 4;
  while (vector < last) {
    const x = v128.load32_splat(vector);
    const y = v128.load32_splat(vector, 4);
    a0 = f32x4.add(a0, simd_1.Simd.multiplyAdd(v128.load(panel, 128), y, f32x4.mul(v128.load(panel), x)));
    a1 = f32x4.add(a1, simd_1.Simd.multiplyAdd(v128.load(panel, 144), y, f32x4.mul(v128.load(panel, 16), x)));
    a2 = f32x4.add(a2, simd_1.Simd.multiplyAdd(v128.load(panel, 160), y, f32x4.mul(v128.load(panel, 32), x)));
    a3 = f32x4.add(a3, simd_1.Simd.multiplyAdd(v128.load(panel, 176), y, f32x4.mul(v128.load(panel, 48), x)));
    a4 = f32x4.add(a4, simd_1.Simd.multiplyAdd(v128.load(panel, 192), y, f32x4.mul(v128.load(panel, 64), x)));
    a5 = f32x4.add(a5, simd_1.Simd.multiplyAdd(v128.load(panel, 208), y, f32x4.mul(v128.load(panel, 80), x)));
    a6 = f32x4.add(a6, simd_1.Simd.multiplyAdd(v128.load(panel, 224), y, f32x4.mul(v128.load(panel, 96), x)));
    a7 = f32x4.add(a7, simd_1.Simd.multiplyAdd(v128.load(panel, 240), y, f32x4.mul(v128.load(panel, 112), x)));
    panel += 2 * PANEL_BYTES;
    vector += 8;
  }
  if (vector < end) {
    const x = v128.load32_splat(vector);
    a0 = simd_1.Simd.multiplyAdd(v128.load(panel), x, a0);
    a1 = simd_1.Simd.multiplyAdd(v128.load(panel, 16), x, a1);
    a2 = simd_1.Simd.multiplyAdd(v128.load(panel, 32), x, a2);
    a3 = simd_1.Simd.multiplyAdd(v128.load(panel, 48), x, a3);
    a4 = simd_1.Simd.multiplyAdd(v128.load(panel, 64), x, a4);
    a5 = simd_1.Simd.multiplyAdd(v128.load(panel, 80), x, a5);
    a6 = simd_1.Simd.multiplyAdd(v128.load(panel, 96), x, a6);
    a7 = simd_1.Simd.multiplyAdd(v128.load(panel, 112), x, a7);
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
/** `sums` of two vectors at once: each column of the panel is loaded once for both. The same bits. */
function sumsOfTwo(initial, panel, x, y, columns, outX, outY) {
  let a0 = v128.load(initial);
  let a1 = v128.load(initial, 16);
  let a2 = v128.load(initial, 32);
  let a3 = v128.load(initial, 48);
  let a4 = v128.load(initial, 64);
  let a5 = v128.load(initial, 80);
  let a6 = v128.load(initial, 96);
  let a7 = v128.load(initial, 112);
  let b0 = v128.load(initial);
  let b1 = v128.load(initial, 16);
  let b2 = v128.load(initial, 32);
  let b3 = v128.load(initial, 48);
  let b4 = v128.load(initial, 64);
  let b5 = v128.load(initial, 80);
  let b6 = v128.load(initial, 96);
  let b7 = v128.load(initial, 112);
  const end = x + (columns << 2);
  const last = end - 4;
  while (x < last) {
    const p = v128.load32_splat(x);
    const r = v128.load32_splat(x, 4);
    const q = v128.load32_splat(y);
    const s = v128.load32_splat(y, 4);
    const u0 = v128.load(panel);
    const w0 = v128.load(panel, 128);
    a0 = f32x4.add(a0, simd_1.Simd.multiplyAdd(w0, r, f32x4.mul(u0, p)));
    b0 = f32x4.add(b0, simd_1.Simd.multiplyAdd(w0, s, f32x4.mul(u0, q)));
    const u1 = v128.load(panel, 16);
    const w1 = v128.load(panel, 144);
    a1 = f32x4.add(a1, simd_1.Simd.multiplyAdd(w1, r, f32x4.mul(u1, p)));
    b1 = f32x4.add(b1, simd_1.Simd.multiplyAdd(w1, s, f32x4.mul(u1, q)));
    const u2 = v128.load(panel, 32);
    const w2 = v128.load(panel, 160);
    a2 = f32x4.add(a2, simd_1.Simd.multiplyAdd(w2, r, f32x4.mul(u2, p)));
    b2 = f32x4.add(b2, simd_1.Simd.multiplyAdd(w2, s, f32x4.mul(u2, q)));
    const u3 = v128.load(panel, 48);
    const w3 = v128.load(panel, 176);
    a3 = f32x4.add(a3, simd_1.Simd.multiplyAdd(w3, r, f32x4.mul(u3, p)));
    b3 = f32x4.add(b3, simd_1.Simd.multiplyAdd(w3, s, f32x4.mul(u3, q)));
    const u4 = v128.load(panel, 64);
    const w4 = v128.load(panel, 192);
    a4 = f32x4.add(a4, simd_1.Simd.multiplyAdd(w4, r, f32x4.mul(u4, p)));
    b4 = f32x4.add(b4, simd_1.Simd.multiplyAdd(w4, s, f32x4.mul(u4, q)));
    const u5 = v128.load(panel, 80);
    const w5 = v128.load(panel, 208);
    a5 = f32x4.add(a5, simd_1.Simd.multiplyAdd(w5, r, f32x4.mul(u5, p)));
    b5 = f32x4.add(b5, simd_1.Simd.multiplyAdd(w5, s, f32x4.mul(u5, q)));
    const u6 = v128.load(panel, 96);
    const w6 = v128.load(panel, 224);
    a6 = f32x4.add(a6, simd_1.Simd.multiplyAdd(w6, r, f32x4.mul(u6, p)));
    b6 = f32x4.add(b6, simd_1.Simd.multiplyAdd(w6, s, f32x4.mul(u6, q)));
    const u7 = v128.load(panel, 112);
    const w7 = v128.load(panel, 240);
    a7 = f32x4.add(a7, simd_1.Simd.multiplyAdd(w7, r, f32x4.mul(u7, p)));
    b7 = f32x4.add(b7, simd_1.Simd.multiplyAdd(w7, s, f32x4.mul(u7, q)));
    panel += 2 * PANEL_BYTES;
    x += 8;
    y += 8;
  }
  if (x < end) {
    const p = v128.load32_splat(x);
    const q = v128.load32_splat(y);
    const w0 = v128.load(panel);
    a0 = simd_1.Simd.multiplyAdd(w0, p, a0);
    b0 = simd_1.Simd.multiplyAdd(w0, q, b0);
    const w1 = v128.load(panel, 16);
    a1 = simd_1.Simd.multiplyAdd(w1, p, a1);
    b1 = simd_1.Simd.multiplyAdd(w1, q, b1);
    const w2 = v128.load(panel, 32);
    a2 = simd_1.Simd.multiplyAdd(w2, p, a2);
    b2 = simd_1.Simd.multiplyAdd(w2, q, b2);
    const w3 = v128.load(panel, 48);
    a3 = simd_1.Simd.multiplyAdd(w3, p, a3);
    b3 = simd_1.Simd.multiplyAdd(w3, q, b3);
    const w4 = v128.load(panel, 64);
    a4 = simd_1.Simd.multiplyAdd(w4, p, a4);
    b4 = simd_1.Simd.multiplyAdd(w4, q, b4);
    const w5 = v128.load(panel, 80);
    a5 = simd_1.Simd.multiplyAdd(w5, p, a5);
    b5 = simd_1.Simd.multiplyAdd(w5, q, b5);
    const w6 = v128.load(panel, 96);
    a6 = simd_1.Simd.multiplyAdd(w6, p, a6);
    b6 = simd_1.Simd.multiplyAdd(w6, q, b6);
    const w7 = v128.load(panel, 112);
    a7 = simd_1.Simd.multiplyAdd(w7, p, a7);
    b7 = simd_1.Simd.multiplyAdd(w7, q, b7);
  }
  v128.store(outX, a0);
  v128.store(outX, a1, 16);
  v128.store(outX, a2, 32);
  v128.store(outX, a3, 48);
  v128.store(outX, a4, 64);
  v128.store(outX, a5, 80);
  v128.store(outX, a6, 96);
  v128.store(outX, a7, 112);
  v128.store(outY, b0);
  v128.store(outY, b1, 16);
  v128.store(outY, b2, 32);
  v128.store(outY, b3, 48);
  v128.store(outY, b4, 64);
  v128.store(outY, b5, 80);
  v128.store(outY, b6, 96);
  v128.store(outY, b7, 112);
}
/**
 * out = initial + matrix x vector.
 *
 * @param initial [panels * 32]
 * @param weights [panels, columns, 32]
 * @param vector [columns]; nothing behind it is read
 * @param out [panels * 32]
 */
function product(initial, weights, vector, columns, panels, out, backwards) {
  let panelBytes = columns * PANEL_BYTES;
  let step = PANEL_BYTES;
  if (backwards) {
    const last = panels - 1;
    initial += last * PANEL_BYTES;
    out += last * PANEL_BYTES;
    weights += last * panelBytes;
    step = -step;
    panelBytes = -panelBytes;
  }
  for (let p = 0; p < panels; p++) {
    sums(initial, weights, vector, columns, out);
    initial += step;
    weights += panelBytes;
    out += step;
  }
}
/**
 * out[t] = bias + matrix x input[t] for all rows of a block: each panel is fetched once and then stays near.
 *
 * @param input [count] rows of `columns` values, `inputStride` bytes apart; nothing behind a row is read
 * @param weights [panels, columns, 32]
 * @param bias [panels * 32]
 * @param out [count] rows of panels * 32 values, `outStride` bytes apart
 * @param paired two inputs at a time: their 16 sums fit into registers only where V8 makes vectors of 256 bits
 */
function project(input, inputStride, count, columns, weights, bias, panels, out, outStride, paired) {
  const panelBytes = columns * PANEL_BYTES;
  for (let p = 0; p < panels; p++) {
    let x = input;
    let y = out;
    let t = 0;
    if (paired) {
      for (; t + 2 <= count; t += 2) {
        sumsOfTwo(bias, weights, x, x + inputStride, columns, y, y + outStride);
        x += 2 * inputStride;
        y += 2 * outStride;
      }
    }
    for (; t < count; t++) {
      sums(bias, weights, x, columns, y);
      x += inputStride;
      y += outStride;
    }
    weights += panelBytes;
    bias += PANEL_BYTES;
    out += PANEL_BYTES;
  }
}
