/**
 * exp, sigmoid and tanh of four float32 at once, within 2 ulp over all of float32; NaN stays NaN.
 *
 * exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2. exp(r) - 1 = r + r^2 (1/2 + r (c0 + r (c1 + r (c2 + r c3)))),
 * the coefficients fitted so that the greatest error relative to exp(r) is least: 3.9e-9, a fifteenth of half an ulp.
 */
import { Simd } from './simd';

const LOG2_E: f32 = 1.4426950408889634;
// ln 2 in two parts; the first has 10 bits, so that its product with n is exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -0.00021219444005469057;
const C0: f32 = 0.16666533052921295;
const C1: f32 = 0.04166724160313606;
const C2: f32 = 0.008367559872567654;
const C3: f32 = 0.0013863724889233708;

// Adding 1.5 * 2^23 leaves round(x) in the low bits of a float32: cheaper than a conversion with its many cases.
const ROUNDER: f32 = 12582912;
const EXPONENT_BIAS: i32 = 127;
// Denormal results are reached from 2^64 above, by one last product that rounds once.
const LIFT: i32 = 64;
const LOWER: f32 = 5.421010862427522e-20; // 2^-64
// exp(-104) is zero in float32; up to (EXPONENT_BIAS + LIFT) ln 2 the shifted exponents stay in range.
const MOST: f32 = 128;
// 1 + exp(-40) is 1 in float32.
const SATURATED: f32 = 40;

// tanh(x) = x + x^3 (T0 + T1 x^2 + ...) for |x| < SMALL, of least greatest relative error: 7.2e-9.
const SMALL: f32 = 0.625;
const T0: f32 = -0.3333328068256378;
const T1: f32 = 0.13331420719623566;
const T2: f32 = -0.053737789392471313;
const T3: f32 = 0.02063252031803131;
const T4: f32 = -0.005697354208678007;

export class Activations {
  /** n = round(x / ln 2), in the low bits. */
  @inline
  private static exponent(x: v128): v128 {
    return f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), f32x4.splat(ROUNDER));
  }

  /**
   * exp(r) - 1 for r = x - n ln 2. The greater part of r is exact and joins last, so that it is rounded once.
   */
  @inline
  private static smallExpm1(x: v128, exponent: v128): v128 {
    const n = f32x4.sub(exponent, f32x4.splat(ROUNDER));
    const high = Simd.multiplyAdd(n, f32x4.splat(-LN2_HIGH), x);
    const low = f32x4.mul(n, f32x4.splat(-LN2_LOW));
    const r = f32x4.add(high, low);
    let p = Simd.multiplyAdd(f32x4.splat(C3), r, f32x4.splat(C2));
    p = Simd.multiplyAdd(p, r, f32x4.splat(C1));
    p = Simd.multiplyAdd(p, r, f32x4.splat(C0));
    p = Simd.multiplyAdd(p, r, f32x4.splat(0.5));
    return f32x4.add(high, Simd.multiplyAdd(f32x4.mul(r, r), p, low));
  }

  /** 2^(n + shift) */
  @inline
  private static power(exponent: v128, shift: i32): v128 {
    return i32x4.add(i32x4.shl(exponent, 23), i32x4.splat((EXPONENT_BIAS + shift) << 23));
  }

  /** exp(x) for x <= 0, denormal results included. */
  @inline
  static expOfNegative(x: v128): v128 {
    // pmax and pmin keep a NaN that is their first operand.
    const y = f32x4.pmax(x, f32x4.splat(-MOST));
    const n = Activations.exponent(y);
    const e = f32x4.add(Activations.smallExpm1(y, n), f32x4.splat(1));
    return f32x4.mul(f32x4.mul(e, Activations.power(n, LIFT)), f32x4.splat(LOWER));
  }

  /**
   * 1 / (1 + exp(-x)) with 1 + exp(-x) = (1 + 2^n) + 2^n (exp(r) - 1): the bracket is exact for n < 24, so that there is
   * one rounding before the division. Both sides of it are scaled by 2^-64, or small results would be 1 / Infinity.
   */
  @inline
  static sigmoid(x: v128): v128 {
    const one = f32x4.splat(LOWER);
    const y = f32x4.pmax(f32x4.pmin(f32x4.neg(x), f32x4.splat(MOST)), f32x4.splat(-SATURATED));
    const n = Activations.exponent(y);
    const p = Activations.power(n, -LIFT);
    const bracket = f32x4.add(one, p);
    // What the bracket lost of the one: all of it from n = 24 on.
    const lost = f32x4.sub(one, f32x4.sub(bracket, p));
    const rest = Simd.multiplyAdd(p, Activations.smallExpm1(y, n), lost);
    return f32x4.div(one, f32x4.add(bracket, rest));
  }

  /** x + x^3 P(x^2) for small x, where the other loses digits; 1 - 2 / (exp(2|x|) + 1) elsewhere. */
  @inline
  static tanh(x: v128): v128 {
    const one = f32x4.splat(1);
    const size = f32x4.abs(x);
    const z = f32x4.mul(x, x);
    let q = Simd.multiplyAdd(f32x4.splat(T4), z, f32x4.splat(T3));
    q = Simd.multiplyAdd(q, z, f32x4.splat(T2));
    q = Simd.multiplyAdd(q, z, f32x4.splat(T1));
    q = Simd.multiplyAdd(q, z, f32x4.splat(T0));
    const small = Simd.multiplyAdd(f32x4.mul(q, z), size, size);
    const y = f32x4.pmin(f32x4.add(size, size), f32x4.splat(SATURATED));
    const n = Activations.exponent(y);
    const p = Activations.power(n, 0);
    const e = Simd.multiplyAdd(p, Activations.smallExpm1(y, n), f32x4.add(one, p));
    const large = f32x4.sub(one, f32x4.div(f32x4.splat(2), e));
    const result = v128.bitselect(small, large, f32x4.lt(size, f32x4.splat(SMALL)));
    return v128.bitselect(x, result, i32x4.splat(i32.MIN_VALUE));
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
