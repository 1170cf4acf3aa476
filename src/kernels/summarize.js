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
exports.summarize = summarize;
/**
 * Minimum, mean and maximum over blocks of rows, in bfloat16 as src/trace/bfloat.ts has it: encoding in JavaScript was a
 * good part of a trace's time at few units.
 */
const reduce_1 = require('./reduce');
class Bfloat {
  /** Four bfloat16 in the low halves: rounded to nearest, NaN and infinities left what they are. */
  static encode(x) {
    const special = f32x4.ne(f32x4.sub(x, x), f32x4.splat(0));
    // A NaN whose high half says nothing of it must not become an infinity; WASM's own arithmetic makes only quiet ones.
    const kept = v128.or(x, v128.and(f32x4.ne(x, x), i32x4.splat(0x400000)));
    const rounded = i32x4.add(x, i32x4.splat(0x8000));
    return i32x4.shr_u(v128.bitselect(kept, rounded, special), 16);
  }
  static store(to, x) {
    const words = Bfloat.encode(x);
    v128.store64_lane(to, i16x8.narrow_i32x4_u(words, words), 0);
  }
}
__decorate([inline], Bfloat, 'encode', null);
__decorate([inline], Bfloat, 'store', null);
/**
 * @param rows [blocks * count, width], width a multiple of 4
 * @param count rows of a block
 * @param out minima, means, maxima, each [blocks, width] of 16 bits
 * @param room [3, width] of float32
 * @returns 1 where every value is finite; 0 where one is not, or a sum overflowed
 */
function summarize(rows, blocks, count, width, out, room) {
  const stride = width << 2;
  const part = (blocks * width) << 1;
  const scale = f32x4.splat(1 / count);
  let odd = f32x4.splat(0);
  for (let block = 0; block < blocks; block++) {
    (0, reduce_1.reduce)(rows, count, width, room);
    for (let column = 0; column < stride; column += 16) {
      const from = room + column;
      const to = out + (column >> 1);
      const mean = f32x4.mul(v128.load(from + stride), scale);
      odd = v128.or(odd, f32x4.ne(f32x4.sub(mean, mean), f32x4.splat(0)));
      Bfloat.store(to, v128.load(from));
      Bfloat.store(to + part, mean);
      Bfloat.store(to + 2 * part, v128.load(from + 2 * stride));
    }
    rows += count * stride;
    out += stride >> 1;
  }
  return v128.any_true(odd) ? 0 : 1;
}
