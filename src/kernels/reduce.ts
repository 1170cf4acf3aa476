/**
 * Minimum, sum and maximum over rows, column by column. NaNs are noted apart, so that the quick minimum and maximum
 * will do: V8 makes eight instructions of those that let a NaN through. Of zeros of either sign the first stands.
 */
import { Simd } from './simd';

/**
 * @param rows [count, width], width a multiple of 4
 * @param out minimum, sum, maximum [3, width]; without rows Infinity, 0, -Infinity
 */
export function reduce(rows: usize, count: i32, width: i32, out: usize): void {
  const stride = (<usize>width) << 2;
  for (let column: usize = 0; column < stride; column += 16) {
    let low = f32x4.splat(Infinity);
    let sum = f32x4.splat(0);
    let high = f32x4.splat(-Infinity);
    let nan = i32x4.splat(0);
    let at = rows + column;
    for (let t = 0; t < count; t++) {
      const x = v128.load(at);
      low = f32x4.pmin(low, x);
      sum = f32x4.add(sum, x);
      high = f32x4.pmax(high, x);
      nan = v128.or(nan, f32x4.ne(x, x));
      at += stride;
    }
    v128.store(out + column, Simd.orNaN(low, nan));
    v128.store(out + stride + column, sum);
    v128.store(out + 2 * stride + column, Simd.orNaN(high, nan));
  }
}
