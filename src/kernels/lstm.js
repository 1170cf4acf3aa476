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
exports.lstm = lstm;
/**
 * The LSTM over a window, equations as in src/engine/lstm.ts.
 *
 * A step is two passes: all rows of the recurrent product, then all gates. Finishing the gates of each panel at once was
 * slower (13.9 microseconds a step against 13.4 at 256 units): their long chains stood in the way of the next weights.
 */
const activations_1 = require('./activations');
const panels_1 = require('./panels');
const simd_1 = require('./simd');
const team_1 = require('./team');
class Gates {
  /**
   * Eight units at once, as pairs of vectors that are loaded and stored side by side, with no store between two loads:
   * so V8's revectorizer makes one vector of 256 bits of each pair.
   *
   * @param own bytes from one gate's sums to the next @param signal bytes from one signal of the record to the next
   */
  static ofEight(a, own, cell, hidden, record, signal) {
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const b = a + own;
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const d = b + own;
    const d0 = v128.load(d);
    const d1 = v128.load(d, 16);
    const e = d + own;
    const e0 = v128.load(e);
    const e1 = v128.load(e, 16);
    const c0 = v128.load(cell);
    const c1 = v128.load(cell, 16);
    const i0 = activations_1.Activations.sigmoid(a0);
    const i1 = activations_1.Activations.sigmoid(a1);
    const f0 = activations_1.Activations.sigmoid(b0);
    const f1 = activations_1.Activations.sigmoid(b1);
    const g0 = activations_1.Activations.tanh(d0);
    const g1 = activations_1.Activations.tanh(d1);
    const o0 = activations_1.Activations.sigmoid(e0);
    const o1 = activations_1.Activations.sigmoid(e1);
    const n0 = simd_1.Simd.multiplyAdd(f0, c0, f32x4.mul(i0, g0));
    const n1 = simd_1.Simd.multiplyAdd(f1, c1, f32x4.mul(i1, g1));
    const h0 = f32x4.mul(o0, activations_1.Activations.tanh(n0));
    const h1 = f32x4.mul(o1, activations_1.Activations.tanh(n1));
    v128.store(cell, n0);
    v128.store(cell, n1, 16);
    v128.store(hidden, h0);
    v128.store(hidden, h1, 16);
    let to = record;
    v128.store(to, i0);
    v128.store(to, i1, 16);
    to += signal;
    v128.store(to, f0);
    v128.store(to, f1, 16);
    to += signal;
    v128.store(to, g0);
    v128.store(to, g1, 16);
    to += signal;
    v128.store(to, o0);
    v128.store(to, o1, 16);
    to += signal;
    v128.store(to, n0);
    v128.store(to, n1, 16);
    to += signal;
    v128.store(to, h0);
    v128.store(to, h1, 16);
  }
  /** At most four. */
  static ofFour(a, own, cell, hidden, record, signal, count) {
    const i = activations_1.Activations.sigmoid(v128.load(a));
    const f = activations_1.Activations.sigmoid(v128.load(a + own));
    const g = activations_1.Activations.tanh(v128.load(a + 2 * own));
    const o = activations_1.Activations.sigmoid(v128.load(a + 3 * own));
    const c = simd_1.Simd.multiplyAdd(f, v128.load(cell), f32x4.mul(i, g));
    const h = f32x4.mul(o, activations_1.Activations.tanh(c));
    v128.store(cell, c);
    v128.store(hidden, h);
    simd_1.Simd.storeSome(record, i, count);
    simd_1.Simd.storeSome(record + signal, f, count);
    simd_1.Simd.storeSome(record + 2 * signal, g, count);
    simd_1.Simd.storeSome(record + 3 * signal, o, count);
    simd_1.Simd.storeSome(record + 4 * signal, c, count);
    simd_1.Simd.storeSome(record + 5 * signal, h, count);
  }
}
__decorate([inline], Gates, 'ofEight', null);
__decorate([inline], Gates, 'ofFour', null);
/** Rows of one part, and where they lie. */
class Part {
  static gates(l, first, count, sums, hidden, record) {
    const signal = l.units << 2;
    const own = count << 2;
    const place = first << 2;
    const cell = l.cellState + place;
    hidden += place;
    record += place;
    let unit = 0;
    for (; unit + 8 <= count; unit += 8) {
      const offset = unit << 2;
      Gates.ofEight(sums + offset, own, cell + offset, hidden + offset, record + offset, signal);
    }
    for (; unit < count; unit += 4) {
      const offset = unit << 2;
      Gates.ofFour(sums + offset, own, cell + offset, hidden + offset, record + offset, signal, count - unit);
    }
  }
}
__decorate([inline], Part, 'gates', null);
/**
 * `steps` steps from `from` on; parameters as in layer.ts. Rows are gate-major within a part: i, f, g, o of its units.
 *
 * @param record where the first of these steps stores i, f, g, o, c, h, each [units]
 */
function lstm(l, tokens, from, steps, record, stride, part) {
  const rowBytes = l.panels << 7;
  const second = l.gatePanels << 7;
  const rest = l.units - l.split;
  const restWeights = l.weightHh + second * l.units;
  let old = l.hidden;
  // Parts read all of h' while they write h: two buffers, but for a layer in one part.
  let next = rest ? l.spare : l.hidden;
  for (let t = 0; t < steps; t++) {
    const row = l.projected + (tokens ? load(tokens + (t << 2)) : t) * rowBytes;
    if (part < 0) {
      (0, panels_1.product)(row, l.weightHh, old, l.units, l.panels, l.sums, t & 1);
      Part.gates(l, 0, l.split, l.sums, next, record);
      if (rest) Part.gates(l, l.split, rest, l.sums + second, next, record);
    } else {
      if (part === 0) {
        (0, panels_1.product)(row, l.weightHh, old, l.units, l.gatePanels, l.sums, t & 1);
        Part.gates(l, 0, l.split, l.sums, next, record);
      } else {
        (0, panels_1.product)(row + second, restWeights, old, l.units, l.panels - l.gatePanels, l.sums + second, t & 1);
        Part.gates(l, l.split, rest, l.sums + second, next, record);
      }
      if (!(0, team_1.meet)(l.progress, part, from + t + 1)) return 0;
    }
    const swapped = old;
    old = next;
    next = swapped;
    record += stride;
  }
  // A run ends with h in its first buffer; blocks have an even number of steps, but for the last.
  if (rest && steps & 1) {
    const first = part === 1 ? l.split : 0;
    const count = part < 0 ? l.units : part === 1 ? rest : l.split;
    memory.copy(l.hidden + (first << 2), l.spare + (first << 2), count << 2);
  }
  return 1;
}
