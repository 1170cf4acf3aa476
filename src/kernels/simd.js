'use strict';
/** Small things said of four float32 at once. Static methods, because only those may bear `@inline` in valid TypeScript. */
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
exports.Simd = void 0;
class Simd {
  /** a * b + c. Two roundings in the plain build, which is the same on every machine; one or two in the relaxed. */
  static multiplyAdd(a, b, c) {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
    return f32x4.add(f32x4.mul(a, b), c);
  }
  /** c - a * b, rounded alike. */
  static subtractProduct(c, a, b) {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
    return f32x4.sub(c, f32x4.mul(a, b));
  }
  /** `x`, or NaN in the lanes where `nan` has all bits set. */
  static orNaN(x, nan) {
    return v128.bitselect(i32x4.splat(0x7fc00000), x, nan);
  }
  /** Stores the first `count` of four lanes, and touches nothing behind them. */
  static storeSome(to, lanes, count) {
    if (count >= 4) {
      v128.store(to, lanes);
      return;
    }
    v128.store32_lane(to, lanes, 0);
    if (count > 1) v128.store32_lane(to, lanes, 1, 4);
    if (count > 2) v128.store32_lane(to, lanes, 2, 8);
  }
}
exports.Simd = Simd;
__decorate([inline], Simd, 'multiplyAdd', null);
__decorate([inline], Simd, 'subtractProduct', null);
__decorate([inline], Simd, 'orNaN', null);
__decorate([inline], Simd, 'storeSome', null);
