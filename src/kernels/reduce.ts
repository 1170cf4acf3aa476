/**
 * Minimum, sum and maximum over rows, column by column. Where a NaN is, or infinities of both signs, the sum is NaN, and
 * so are minimum and maximum then: V8 makes eight instructions of a minimum that lets a NaN through. Of zeros of either
 * sign the first stands.
 */
/**
 * @param rows [count, width], width a multiple of 4
 * @param out minimum, sum, maximum [3, width]; without rows Infinity, 0, -Infinity
 */
export function reduce(rows: usize, count: i32, width: i32, out: usize): void {
  const stride = (<usize>width) << 2;
  let column: usize = 0;
  // Two vectors side by side, for V8's revectorizer.
  for (; column + 32 <= stride; column += 32) {
    let low0 = f32x4.splat(Infinity);
    let low1 = f32x4.splat(Infinity);
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let high0 = f32x4.splat(-Infinity);
    let high1 = f32x4.splat(-Infinity);
    let at = rows + column;
    for (let t = 0; t < count; t++) {
      const x0 = v128.load(at);
      const x1 = v128.load(at, 16);
      low0 = f32x4.pmin(low0, x0);
      low1 = f32x4.pmin(low1, x1);
      sum0 = f32x4.add(sum0, x0);
      sum1 = f32x4.add(sum1, x1);
      high0 = f32x4.pmax(high0, x0);
      high1 = f32x4.pmax(high1, x1);
      at += stride;
    }
    const nan0 = f32x4.ne(sum0, sum0);
    const nan1 = f32x4.ne(sum1, sum1);
    const to = out + column;
    v128.store(to, v128.or(low0, nan0));
    v128.store(to, v128.or(low1, nan1), 16);
    v128.store(to + stride, sum0);
    v128.store(to + stride, sum1, 16);
    v128.store(to + 2 * stride, v128.or(high0, nan0));
    v128.store(to + 2 * stride, v128.or(high1, nan1), 16);
  }
  if (column < stride) {
    let low = f32x4.splat(Infinity);
    let sum = f32x4.splat(0);
    let high = f32x4.splat(-Infinity);
    let at = rows + column;
    for (let t = 0; t < count; t++) {
      const x = v128.load(at);
      low = f32x4.pmin(low, x);
      sum = f32x4.add(sum, x);
      high = f32x4.pmax(high, x);
      at += stride;
    }
    const nan = f32x4.ne(sum, sum);
    v128.store(out + column, v128.or(low, nan));
    v128.store(out + stride + column, sum);
    v128.store(out + 2 * stride + column, v128.or(high, nan));
  }
}
