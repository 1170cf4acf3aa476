/** Small things said of four float32 at once. Static methods, because only those may bear `@inline` in valid TypeScript. */

export class Simd {
  /** a * b + c. Two roundings in the plain build, which is the same on every machine; one or two in the relaxed. */
  @inline
  static multiplyAdd(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
    return f32x4.add(f32x4.mul(a, b), c);
  }

  /** c - a * b, rounded alike. */
  @inline
  static subtractProduct(c: v128, a: v128, b: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
    return f32x4.sub(c, f32x4.mul(a, b));
  }

  /** `x`, or NaN in the lanes where `nan` has all bits set. */
  @inline
  static orNaN(x: v128, nan: v128): v128 {
    return v128.bitselect(i32x4.splat(0x7fc00000), x, nan);
  }

  /** Stores the first `count` of four lanes, and touches nothing behind them. */
  @inline
  static storeSome(to: usize, lanes: v128, count: i32): void {
    if (count >= 4) {
      v128.store(to, lanes);
      return;
    }
    v128.store32_lane(to, lanes, 0);
    if (count > 1) v128.store32_lane(to, lanes, 1, 4);
    if (count > 2) v128.store32_lane(to, lanes, 2, 8);
  }
}
