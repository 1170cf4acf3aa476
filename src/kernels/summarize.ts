/**
 * Minimum, mean and maximum over blocks of rows, in bfloat16 as src/trace/bfloat.ts has it: encoding in JavaScript was a
 * good part of a trace's time at few units.
 */
import { reduce } from './reduce';

class Bfloat {
  /** Four bfloat16 in the low halves: rounded to nearest, NaN and infinities left what they are. */
  @inline
  static encode(x: v128): v128 {
    const special = f32x4.ne(f32x4.sub(x, x), f32x4.splat(0));
    // A NaN whose high half says nothing of it must not become an infinity; WASM's own arithmetic makes only quiet ones.
    const kept = v128.or(x, v128.and(f32x4.ne(x, x), i32x4.splat(0x400000)));
    return i32x4.shr_u(v128.bitselect(kept, Bfloat.rounded(x), special), 16);
  }

  @inline
  static rounded(x: v128): v128 {
    return i32x4.add(x, i32x4.splat(0x8000));
  }

  /** Stores eight finite values. */
  @inline
  static storeFinite(to: usize, x: v128, y: v128): void {
    const low = i32x4.shr_u(Bfloat.rounded(x), 16);
    const high = i32x4.shr_u(Bfloat.rounded(y), 16);
    v128.store(to, i16x8.narrow_i32x4_u(low, high));
  }

  /** Stores four values. */
  @inline
  static store(to: usize, x: v128): void {
    const words = Bfloat.encode(x);
    v128.store64_lane(to, i16x8.narrow_i32x4_u(words, words), 0);
  }

  @inline
  static isFinite(x: v128): bool {
    return !v128.any_true(f32x4.ne(f32x4.sub(x, x), f32x4.splat(0)));
  }
}

/**
 * @param rows [blocks * count, width], width a multiple of 4
 * @param count rows of a block
 * @param out minima, means, maxima, each [blocks, width] of 16 bits
 * @param room [3, width] of float32
 * @returns 1 where every value is finite; 0 where one is not, or a sum overflowed
 */
export function summarize(rows: usize, blocks: i32, count: i32, width: i32, out: usize, room: usize): i32 {
  const stride = (<usize>width) << 2;
  const part = (<usize>(blocks * width)) << 1;
  const scale = f32x4.splat(<f32>1 / <f32>count);
  let finite = 1;
  for (let block = 0; block < blocks; block++) {
    reduce(rows, count, width, room);
    let column: usize = 0;
    // A sum that is finite is one of finite values.
    for (; column + 32 <= stride; column += 32) {
      const from = room + column;
      const to = out + (column >> 1);
      const mean0 = f32x4.mul(v128.load(from + stride), scale);
      const mean1 = f32x4.mul(v128.load(from + stride, 16), scale);
      if (Bfloat.isFinite(f32x4.add(f32x4.abs(mean0), f32x4.abs(mean1)))) {
        Bfloat.storeFinite(to, v128.load(from), v128.load(from, 16));
        Bfloat.storeFinite(to + part, mean0, mean1);
        Bfloat.storeFinite(to + 2 * part, v128.load(from + 2 * stride), v128.load(from + 2 * stride, 16));
      } else {
        finite = 0;
        four(from, stride, to, part, mean0);
        four(from + 16, stride, to + 8, part, mean1);
      }
    }
    if (column < stride) {
      const from = room + column;
      const mean = f32x4.mul(v128.load(from + stride), scale);
      if (!Bfloat.isFinite(mean)) finite = 0;
      four(from, stride, out + (column >> 1), part, mean);
    }
    rows += <usize>count * stride;
    out += stride >> 1;
  }
  return finite;
}

/** Four columns of any values. */
function four(from: usize, stride: usize, to: usize, part: usize, mean: v128): void {
  Bfloat.store(to, v128.load(from));
  Bfloat.store(to + part, mean);
  Bfloat.store(to + 2 * part, v128.load(from + 2 * stride));
}
