'use strict';
var __decorate =
  (this && this.__decorate) ||
  function (decorators, target, key, desc) {
    var c = arguments.length,
      r = c < 3 ? target : desc === null ? (desc = Object.getOwnPropertyDescriptor(target, key)) : desc,
      d;
    if (typeof Reflect === 'object' && typeof Reflect.decorate === 'function')
      r = Reflect.decorate(decorators, target, key, desc);
    else
      for (var i = decorators.length - 1; i >= 0; i--)
        if ((d = decorators[i])) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return (c > 3 && r && Object.defineProperty(target, key, r), r);
  };
Object.defineProperty(exports, '__esModule', { value: true });
exports.Activations = void 0;
exports.sigmoidEach = sigmoidEach;
exports.tanhEach = tanhEach;
/**
 * exp, sigmoid and tanh of four float32 at once, within 2 ulp over all of float32; NaN stays NaN.
 *
 * exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2. exp(r) - 1 = r + r^2 (1/2 + r (c0 + r (c1 + r (c2 + r c3)))),
 * the coefficients fitted so that the greatest error relative to exp(r) is least: 3.9e-9, a fifteenth of half an ulp.
 *
 * Constants are read from memory. As literals V8 makes each of them anew, through an integer register, wherever it is
 * used: a third of all instructions, and the gates of a step at 64 units took 0.52 microseconds; so they take 0.24.
 */
const simd_1 = require('./simd');
const EXPONENT_BIAS = 127;
// Denormal results are reached from 2^64 above, by one last product that rounds once.
const LIFT = 64;
const LOG2_E = 1.4426950408889634;
// ln 2 in two parts; the first has 10 bits, so that its product with n is exact.
const LN2_HIGH = 0.693359375;
const LN2_LOW = -0.00021219444005469057;
/** One cache line. */
const FLOATS = memory.data(
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
const BITS = memory.data(
  [0x80000000, EXPONENT_BIAS << 23, (EXPONENT_BIAS + LIFT) << 23, (EXPONENT_BIAS - LIFT) << 23],
  16,
);
/** Constants in all four lanes, by their place above. */
class K {
  static get log2E() {
    return v128.load32_splat(FLOATS);
  }
  static get minusLog2E() {
    return v128.load32_splat(FLOATS, 4);
  }
  static get rounder() {
    return v128.load32_splat(FLOATS, 8);
  }
  static get ln2High() {
    return v128.load32_splat(FLOATS, 12);
  }
  static get ln2Low() {
    return v128.load32_splat(FLOATS, 16);
  }
  static get c3() {
    return v128.load32_splat(FLOATS, 20);
  }
  static get c2() {
    return v128.load32_splat(FLOATS, 24);
  }
  static get c1() {
    return v128.load32_splat(FLOATS, 28);
  }
  static get c0() {
    return v128.load32_splat(FLOATS, 32);
  }
  static get half() {
    return v128.load32_splat(FLOATS, 36);
  }
  static get one() {
    return v128.load32_splat(FLOATS, 40);
  }
  static get lower() {
    return v128.load32_splat(FLOATS, 44);
  }
  static get least() {
    return v128.load32_splat(FLOATS, 48);
  }
  static get saturated() {
    return v128.load32_splat(FLOATS, 52);
  }
  static get minusSaturated() {
    return v128.load32_splat(FLOATS, 56);
  }
  static get minusLn2Low() {
    return v128.load32_splat(FLOATS, 60);
  }
  static get sign() {
    return v128.load32_splat(BITS);
  }
  static get bias() {
    return v128.load32_splat(BITS, 4);
  }
  static get liftedBias() {
    return v128.load32_splat(BITS, 8);
  }
  static get loweredBias() {
    return v128.load32_splat(BITS, 12);
  }
}
__decorate([inline], K, 'log2E', null);
__decorate([inline], K, 'minusLog2E', null);
__decorate([inline], K, 'rounder', null);
__decorate([inline], K, 'ln2High', null);
__decorate([inline], K, 'ln2Low', null);
__decorate([inline], K, 'c3', null);
__decorate([inline], K, 'c2', null);
__decorate([inline], K, 'c1', null);
__decorate([inline], K, 'c0', null);
__decorate([inline], K, 'half', null);
__decorate([inline], K, 'one', null);
__decorate([inline], K, 'lower', null);
__decorate([inline], K, 'least', null);
__decorate([inline], K, 'saturated', null);
__decorate([inline], K, 'minusSaturated', null);
__decorate([inline], K, 'minusLn2Low', null);
__decorate([inline], K, 'sign', null);
__decorate([inline], K, 'bias', null);
__decorate([inline], K, 'liftedBias', null);
__decorate([inline], K, 'loweredBias', null);
class Activations {
  /** 1/2 + r (c0 + r (c1 + r (c2 + r c3))) */
  static series(r) {
    let p = simd_1.Simd.multiplyAdd(K.c3, r, K.c2);
    p = simd_1.Simd.multiplyAdd(p, r, K.c1);
    p = simd_1.Simd.multiplyAdd(p, r, K.c0);
    return simd_1.Simd.multiplyAdd(p, r, K.half);
  }
  /**
   * exp(r) - 1 for r = x - n ln 2. The greater part of r is exact and joins last, so that it is rounded once.
   *
   * @param exponent n in the low bits
   */
  static smallExpm1(x, exponent) {
    const n = f32x4.sub(exponent, K.rounder);
    const high = simd_1.Simd.subtractProduct(x, n, K.ln2High);
    const low = f32x4.mul(n, K.minusLn2Low);
    const r = f32x4.add(high, low);
    return f32x4.add(high, simd_1.Simd.multiplyAdd(f32x4.mul(r, r), Activations.series(r), low));
  }
  /** exp(x) for x <= 0, denormal results included. */
  static expOfNegative(x) {
    // pmax and pmin keep a NaN that is their first operand.
    const y = f32x4.pmax(x, K.least);
    const exponent = simd_1.Simd.multiplyAdd(y, K.log2E, K.rounder);
    const e = f32x4.add(Activations.smallExpm1(y, exponent), K.one);
    return f32x4.mul(f32x4.mul(e, i32x4.add(i32x4.shl(exponent, 23), K.liftedBias)), K.lower);
  }
  /**
   * 1 / (1 + exp(-x)) with 1 + exp(-x) = (1 + 2^n) + 2^n (exp(r) - 1): the bracket is exact for n < 24, so that there is
   * one rounding before the division. Both sides of it are scaled by 2^-64, or small results would be 1 / Infinity.
   * Computed is s = -r: that saves the negation of x.
   */
  static sigmoid(x) {
    const y = f32x4.pmin(f32x4.pmax(x, K.least), K.saturated);
    const exponent = simd_1.Simd.multiplyAdd(y, K.minusLog2E, K.rounder);
    const n = f32x4.sub(exponent, K.rounder);
    const s = simd_1.Simd.multiplyAdd(n, K.ln2Low, simd_1.Simd.multiplyAdd(n, K.ln2High, y));
    let p = simd_1.Simd.subtractProduct(K.c2, K.c3, s);
    p = simd_1.Simd.subtractProduct(K.c1, p, s);
    p = simd_1.Simd.subtractProduct(K.c0, p, s);
    p = simd_1.Simd.subtractProduct(K.half, p, s);
    const rest = f32x4.sub(f32x4.mul(f32x4.mul(s, s), p), s);
    const one = K.lower;
    const power = i32x4.add(i32x4.shl(exponent, 23), K.loweredBias);
    const bracket = f32x4.add(one, power);
    // What the bracket lost of the one: all of it from n = 24 on.
    const lost = f32x4.sub(one, f32x4.sub(bracket, power));
    return f32x4.div(one, f32x4.add(bracket, simd_1.Simd.multiplyAdd(power, rest, lost)));
  }
  /**
   * -(e - 1) / (e + 1) with e = exp(-2|x|) = 2^n exp(r): 2^n - 1 and 2^n + 1 are exact, so that either side of the
   * division is rounded once. With exp(2|x|) it was off by 2.4 ulp, and with e - 1 + 2 below the line by 2.5; a
   * polynomial for small x, chosen lane by lane, takes ten more instructions.
   */
  static tanh(x) {
    const y = f32x4.pmax(v128.or(f32x4.add(x, x), K.sign), K.minusSaturated);
    const exponent = simd_1.Simd.multiplyAdd(y, K.log2E, K.rounder);
    const power = i32x4.add(i32x4.shl(exponent, 23), K.bias);
    const q = Activations.smallExpm1(y, exponent);
    const above = simd_1.Simd.multiplyAdd(power, q, f32x4.sub(power, K.one));
    const below = simd_1.Simd.multiplyAdd(power, q, f32x4.add(power, K.one));
    return v128.bitselect(x, f32x4.div(above, below), K.sign);
  }
}
exports.Activations = Activations;
__decorate([inline], Activations, 'series', null);
__decorate([inline], Activations, 'smallExpm1', null);
__decorate([inline], Activations, 'expOfNegative', null);
__decorate([inline], Activations, 'sigmoid', null);
__decorate([inline], Activations, 'tanh', null);
/** The functions over whole arrays of `count` values, a multiple of 4, in place. For tests and measurement. */
function sigmoidEach(values, count) {
  for (let k = 0; k < count; k += 4) {
    const at = values + (k << 2);
    v128.store(at, Activations.sigmoid(v128.load(at)));
  }
}
function tanhEach(values, count) {
  for (let k = 0; k < count; k += 4) {
    const at = values + (k << 2);
    v128.store(at, Activations.tanh(v128.load(at)));
  }
}
