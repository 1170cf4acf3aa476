/**
 * exp, sigmoid and tanh of four float32 at once, within 2 ulp over all of float32; NaN stays NaN.
 *
 * exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2. exp(r) - 1 = r + r^2 (1/2 + r (c0 + r (c1 + r (c2 + r c3)))),
 * the coefficients fitted so that the greatest error relative to exp(r) is least: 3.9e-9, a fifteenth of half an ulp.
 */
import { Simd } from './simd';

const LOG2_E: f32 = 1.442695;
// ln 2 in two parts; the first has 10 bits, so that its product with n is exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -0.00021219444;
const C0: f32 = 0.16666533052921295;
const C1: f32 = 0.04166724160313606;
const C2: f32 = 0.008367559872567654;
const C3: f32 = 0.0013863724889233708;

// Adding 1.5 * 2^23 leaves round(x) in the low bits of a float32: cheaper than a conversion with its many cases.
const ROUNDER: f32 = 12582912;
const EXPONENT_BIAS: i32 = 127;
// exp reaches its denormals from 2^64 above, by one last product that rounds once.
const LIFT: i32 = 64;
const LOWER: f32 = 5.421010862427522e-20; // 2^-64
// Below it exp is zero in float32; above -(EXPONENT_BIAS + LIFT) ln 2 the lifted exponent stays positive.
const EXP_LEAST: f32 = -128;
// tanh(x) is 1 in float32 from 9.02 on.
const TANH_LEAST: f32 = -40;

export class Activations {
  /** round(x / ln 2) in the low bits. */
  @inline
  private static exponent(x: v128): v128 {
    return f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), f32x4.splat(ROUNDER));
  }

  @inline
  private static remainder(x: v128, exponent: v128): v128 {
    const n = f32x4.sub(exponent, f32x4.splat(ROUNDER));
    const r = Simd.multiplyAdd(n, f32x4.splat(-LN2_HIGH), x);
    return Simd.multiplyAdd(n, f32x4.splat(-LN2_LOW), r);
  }

  /** exp(r) - 1 for |r| <= ln 2 / 2 */
  @inline
  private static smallExpm1(r: v128): v128 {
    let p = Simd.multiplyAdd(f32x4.splat(C3), r, f32x4.splat(C2));
    p = Simd.multiplyAdd(p, r, f32x4.splat(C1));
    p = Simd.multiplyAdd(p, r, f32x4.splat(C0));
    p = Simd.multiplyAdd(p, r, f32x4.splat(0.5));
    return Simd.multiplyAdd(f32x4.mul(r, r), p, r);
  }

  /** 2^(n + shift) */
  @inline
  private static power(exponent: v128, shift: i32): v128 {
    return i32x4.add(i32x4.shl(exponent, 23), i32x4.splat((EXPONENT_BIAS + shift) << 23));
  }

  /** exp(x) for x <= 0, denormal results included. */
  @inline
  static expOfNegative(x: v128): v128 {
    // pmax keeps a NaN that is its first operand.
    const y = f32x4.pmax(x, f32x4.splat(EXP_LEAST));
    const n = Activations.exponent(y);
    const e = f32x4.add(Activations.smallExpm1(Activations.remainder(y, n)), f32x4.splat(1));
    return f32x4.mul(f32x4.mul(e, Activations.power(n, LIFT)), f32x4.splat(LOWER));
  }

  /** 1 / (1 + exp(-x)), by e = exp(-|x|) so that nothing overflows and small results keep their digits. */
  @inline
  static sigmoid(x: v128): v128 {
    const sign = i32x4.splat(i32.MIN_VALUE);
    const e = Activations.expOfNegative(v128.or(x, sign));
    const one = f32x4.splat(1);
    const numerator = v128.bitselect(e, one, i32x4.shr_s(x, 31));
    return f32x4.div(numerator, f32x4.add(one, e));
  }

  /** With m = exp(-2|x|) - 1: tanh|x| = -m / (m + 2), exact for small x where 1 - exp(-2|x|) would not be. */
  @inline
  static tanh(x: v128): v128 {
    const sign = i32x4.splat(i32.MIN_VALUE);
    const y = f32x4.pmax(f32x4.mul(v128.or(x, sign), f32x4.splat(2)), f32x4.splat(TANH_LEAST));
    const n = Activations.exponent(y);
    const p = Activations.power(n, 0);
    // 2^n (exp(r) - 1) + (2^n - 1)
    const e = Activations.smallExpm1(Activations.remainder(y, n));
    const m = Simd.multiplyAdd(e, p, f32x4.sub(p, f32x4.splat(1)));
    const size = f32x4.div(m, f32x4.add(m, f32x4.splat(2)));
    return v128.bitselect(x, size, sign);
  }
}

/** The functions over whole arrays of `count` values, a multiple of 4, in place. For tests and measurement. */
export function sigmoidEach(values: usize, count: i32): void {
  for (let k = 0; k < count; k += 4) {
    const at = values + ((<usize>k) << 2);
    v128.store(at, Activations.sigmoid(v128.load(at)));
  }
}

export function tanhEach(values: usize, count: i32): void {
  for (let k = 0; k < count; k += 4) {
    const at = values + ((<usize>k) << 2);
    v128.store(at, Activations.tanh(v128.load(at)));
  }
}
