/**
 * Minimum, mean and maximum over blocks of rows, in bfloat16 as src/trace/bfloat.ts has it: encoding in JavaScript was a
 * good part of a trace's time at few units.
 */
import { Simd } from './simd';

class Bfloat {
  /** Four bfloat16 in the low halves: rounded to nearest, NaN and infinities left what they are. */
  @inline
  static encode(x: v128): v128 {
    const special = f32x4.ne(f32x4.sub(x, x), f32x4.splat(0));
    // A NaN whose high half says nothing of it must not become an infinity; WASM's own arithmetic makes only quiet ones.
    const kept = v128.or(x, v128.and(f32x4.ne(x, x), i32x4.splat(0x400000)));
    const rounded = i32x4.add(x, i32x4.splat(0x8000));
    return i32x4.shr_u(v128.bitselect(kept, rounded, special), 16);
  }

  @inline
  static store(to: usize, x: v128): void {
    const words = Bfloat.encode(x);
    v128.store64_lane(to, i16x8.narrow_i32x4_u(words, words), 0);
  }
}

/**
 * @param rows [blocks * count, width], width a multiple of 4
 * @param count rows of a block
 * @param out minima, means, maxima, each [blocks, width] of 16 bits
 */
export function summarize(rows: usize, blocks: i32, count: i32, width: i32, out: usize): void {
  const stride = (<usize>width) << 2;
  const part = (<usize>(blocks * width)) << 1;
  const scale = f32x4.splat(<f32>1 / <f32>count);
  for (let block = 0; block < blocks; block++) {
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
      const to = out + (column >> 1);
      Bfloat.store(to, Simd.orNaN(low, nan));
      Bfloat.store(to + part, f32x4.mul(sum, scale));
      Bfloat.store(to + 2 * part, Simd.orNaN(high, nan));
    }
    rows += <usize>count * stride;
    out += stride >> 1;
  }
}
