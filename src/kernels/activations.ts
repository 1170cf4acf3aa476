/**
 * exp, sigmoid and tanh of four float32 at once, within 2 ulp over all of float32; NaN stays NaN.
 *
 * exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2. exp(r) - 1 = r + r^2 (1/2 + r (c0 + r (c1 + r (c2 + r c3)))),
 * the coefficients fitted so that the greatest error relative to exp(r) is least: 3.9e-9, a fifteenth of half an ulp.
 *
 * Constants are read from memory. As literals V8 makes each of them anew, through an integer register, wherever it is
 * used: a third of all instructions, and the gates of a step at 64 units took 0.52 microseconds; so they take 0.24.
 */
import { Simd } from './simd';

const EXPONENT_BIAS: i32 = 127;
// Denormal results are reached from 2^64 above, by one last product that rounds once.
const LIFT: i32 = 64;

const LOG2_E: f32 = 1.4426950408889634;
// ln 2 in two parts; the first has 10 bits, so that its product with n is exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -0.00021219444005469057;

/** One cache line. */
const FLOATS = memory.data<f32>(
  [
    LOG2_E,
    -LOG2_E,
    // Adding 1.5 * 2^23 leaves round(x) in the low bits of a float32: cheaper than a conversion with its many cases.
    12582912,
    LN2_HIGH,
    LN2_LOW,
    0.0013863724889233708,
    0.008367559872567654,
    0.04166724160313606,
    0.16666533052921295,
    0.5,
    1,
    5.421010862427522e-20, // 2^-64
    // exp(-104) is zero in float32; up to (EXPONENT_BIAS + LIFT) ln 2 the shifted exponents stay in range.
    -128,
    // 1 + exp(-40) is 1 in float32.
    40,
    -40,
    -LN2_LOW,
  ],
  64,
);
const BITS = memory.data<u32>(
  [0x80000000, EXPONENT_BIAS << 23, (EXPONENT_BIAS + LIFT) << 23, (EXPONENT_BIAS - LIFT) << 23],
  16,
);

/** Constants in all four lanes, by their place above. */
class K {
  @inline static get log2E(): v128 {
    return v128.load32_splat(FLOATS);
  }
  @inline static get minusLog2E(): v128 {
    return v128.load32_splat(FLOATS, 4);
  }
  @inline static get rounder(): v128 {
    return v128.load32_splat(FLOATS, 8);
  }
  @inline static get ln2High(): v128 {
    return v128.load32_splat(FLOATS, 12);
  }
  @inline static get ln2Low(): v128 {
    return v128.load32_splat(FLOATS, 16);
  }
  @inline static get c3(): v128 {
    return v128.load32_splat(FLOATS, 20);
  }
  @inline static get c2(): v128 {
    return v128.load32_splat(FLOATS, 24);
  }
  @inline static get c1(): v128 {
    return v128.load32_splat(FLOATS, 28);
  }
  @inline static get c0(): v128 {
    return v128.load32_splat(FLOATS, 32);
  }
  @inline static get half(): v128 {
    return v128.load32_splat(FLOATS, 36);
  }
  @inline static get one(): v128 {
    return v128.load32_splat(FLOATS, 40);
  }
  @inline static get lower(): v128 {
    return v128.load32_splat(FLOATS, 44);
  }
  @inline static get least(): v128 {
    return v128.load32_splat(FLOATS, 48);
  }
  @inline static get saturated(): v128 {
    return v128.load32_splat(FLOATS, 52);
  }
  @inline static get minusSaturated(): v128 {
    return v128.load32_splat(FLOATS, 56);
  }
  @inline static get minusLn2Low(): v128 {
    return v128.load32_splat(FLOATS, 60);
  }
  @inline static get sign(): v128 {
    return v128.load32_splat(BITS);
  }
  @inline static get bias(): v128 {
    return v128.load32_splat(BITS, 4);
  }
  @inline static get liftedBias(): v128 {
    return v128.load32_splat(BITS, 8);
  }
  @inline static get loweredBias(): v128 {
    return v128.load32_splat(BITS, 12);
  }
}

export class Activations {
  /** 1/2 + r (c0 + r (c1 + r (c2 + r c3))) */
  @inline
  private static series(r: v128): v128 {
    let p = Simd.multiplyAdd(K.c3, r, K.c2);
    p = Simd.multiplyAdd(p, r, K.c1);
    p = Simd.multiplyAdd(p, r, K.c0);
    return Simd.multiplyAdd(p, r, K.half);
  }

  /**
   * exp(r) - 1 for r = x - n ln 2. The greater part of r is exact and joins last, so that it is rounded once.
   *
   * @param exponent n in the low bits
   */
  @inline
  private static smallExpm1(x: v128, exponent: v128): v128 {
    const n = f32x4.sub(exponent, K.rounder);
    const high = Simd.subtractProduct(x, n, K.ln2High);
    const low = f32x4.mul(n, K.minusLn2Low);
    const r = f32x4.add(high, low);
    return f32x4.add(high, Simd.multiplyAdd(f32x4.mul(r, r), Activations.series(r), low));
  }

  /** exp(x) for x <= 0, denormal results included. */
  @inline
  static expOfNegative(x: v128): v128 {
    // pmax and pmin keep a NaN that is their first operand.
    const y = f32x4.pmax(x, K.least);
    const exponent = Simd.multiplyAdd(y, K.log2E, K.rounder);
    const e = f32x4.add(Activations.smallExpm1(y, exponent), K.one);
    return f32x4.mul(f32x4.mul(e, i32x4.add(i32x4.shl(exponent, 23), K.liftedBias)), K.lower);
  }

  /**
   * 1 / (1 + exp(-x)) with 1 + exp(-x) = (1 + 2^n) + 2^n (exp(r) - 1): the bracket is exact for n < 24, so that there is
   * one rounding before the division. Both sides of it are scaled by 2^-64, or small results would be 1 / Infinity.
   * Computed is s = -r: that saves the negation of x.
   */
  @inline
  static sigmoid(x: v128): v128 {
    const y = f32x4.pmin(f32x4.pmax(x, K.least), K.saturated);
    const exponent = Simd.multiplyAdd(y, K.minusLog2E, K.rounder);
    const n = f32x4.sub(exponent, K.rounder);
    const s = Simd.multiplyAdd(n, K.ln2Low, Simd.multiplyAdd(n, K.ln2High, y));
    let p = Simd.subtractProduct(K.c2, K.c3, s);
    p = Simd.subtractProduct(K.c1, p, s);
    p = Simd.subtractProduct(K.c0, p, s);
    p = Simd.subtractProduct(K.half, p, s);
    const rest = f32x4.sub(f32x4.mul(f32x4.mul(s, s), p), s);
    const one = K.lower;
    const power = i32x4.add(i32x4.shl(exponent, 23), K.loweredBias);
    const bracket = f32x4.add(one, power);
    // What the bracket lost of the one: all of it from n = 24 on.
    const lost = f32x4.sub(one, f32x4.sub(bracket, power));
    return f32x4.div(one, f32x4.add(bracket, Simd.multiplyAdd(power, rest, lost)));
  }

  /**
   * -(e - 1) / (e + 1) with e = exp(-2|x|) = 2^n exp(r): 2^n - 1 and 2^n + 1 are exact, so that either side of the
   * division is rounded once. With exp(2|x|) it was off by 2.4 ulp, and with e - 1 + 2 below the line by 2.5; a
   * polynomial for small x, chosen lane by lane, takes ten more instructions.
   */
  @inline
  static tanh(x: v128): v128 {
    const y = f32x4.pmax(v128.or(f32x4.add(x, x), K.sign), K.minusSaturated);
    const exponent = Simd.multiplyAdd(y, K.log2E, K.rounder);
    const power = i32x4.add(i32x4.shl(exponent, 23), K.bias);
    const q = Activations.smallExpm1(y, exponent);
    const above = Simd.multiplyAdd(power, q, f32x4.sub(power, K.one));
    const below = Simd.multiplyAdd(power, q, f32x4.add(power, K.one));
    return v128.bitselect(x, f32x4.div(above, below), K.sign);
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
