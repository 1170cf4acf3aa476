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
exports.gru = gru;
/** The GRU over a window, equations as in src/engine/gru.ts. Rows of r and z, and those of n, are matrices apart. */
const activations_1 = require('./activations');
const panels_1 = require('./panels');
const simd_1 = require('./simd');
/**
 * Eight units at a time where there are as many, as in lstm.ts: pairs of vectors side by side, no store between loads.
 */
class Gru {
  /** h = (1 - z) * n + z * h' */
  static next(z, n, old) {
    return simd_1.Simd.multiplyAdd(f32x4.sub(f32x4.splat(1), z), n, f32x4.mul(z, old));
  }
  static storePair(to, first, second) {
    v128.store(to, first);
    v128.store(to, second, 16);
  }
  /** Everything behind the products, resetAfter. @param a sums of r @param b sums of n @param x W_n x + b_n */
  static afterEight(a, b, x, signal, hidden, record) {
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const z = a + signal;
    const c0 = v128.load(z);
    const c1 = v128.load(z, 16);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const h0 = v128.load(hidden);
    const h1 = v128.load(hidden, 16);
    const r0 = activations_1.Activations.sigmoid(a0);
    const r1 = activations_1.Activations.sigmoid(a1);
    const z0 = activations_1.Activations.sigmoid(c0);
    const z1 = activations_1.Activations.sigmoid(c1);
    const n0 = activations_1.Activations.tanh(simd_1.Simd.multiplyAdd(r0, b0, x0));
    const n1 = activations_1.Activations.tanh(simd_1.Simd.multiplyAdd(r1, b1, x1));
    const new0 = Gru.next(z0, n0, h0);
    const new1 = Gru.next(z1, n1, h1);
    Gru.storePair(hidden, new0, new1);
    Gru.storePair(record, r0, r1);
    Gru.storePair(record + signal, z0, z1);
    Gru.storePair(record + 2 * signal, n0, n1);
    Gru.storePair(record + 3 * signal, new0, new1);
  }
  /** As afterEight, at most four. */
  static afterFour(a, b, x, signal, hidden, record, count) {
    const r = activations_1.Activations.sigmoid(v128.load(a));
    const z = activations_1.Activations.sigmoid(v128.load(a + signal));
    const n = activations_1.Activations.tanh(simd_1.Simd.multiplyAdd(r, v128.load(b), v128.load(x)));
    simd_1.Simd.storeSome(record, r, count);
    Gru.finish(record, z, n, hidden, signal, count);
  }
  /** r and r * h', resetBefore. */
  static resetEight(a, hidden, shown, record) {
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const h0 = v128.load(hidden);
    const h1 = v128.load(hidden, 16);
    const r0 = activations_1.Activations.sigmoid(a0);
    const r1 = activations_1.Activations.sigmoid(a1);
    Gru.storePair(shown, f32x4.mul(r0, h0), f32x4.mul(r1, h1));
    Gru.storePair(record, r0, r1);
  }
  /** z, n and h, resetBefore. @param a sums of z @param b sums of n */
  static beforeEight(a, b, signal, hidden, record) {
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const h0 = v128.load(hidden);
    const h1 = v128.load(hidden, 16);
    const z0 = activations_1.Activations.sigmoid(a0);
    const z1 = activations_1.Activations.sigmoid(a1);
    const n0 = activations_1.Activations.tanh(b0);
    const n1 = activations_1.Activations.tanh(b1);
    const new0 = Gru.next(z0, n0, h0);
    const new1 = Gru.next(z1, n1, h1);
    Gru.storePair(hidden, new0, new1);
    Gru.storePair(record + signal, z0, z1);
    Gru.storePair(record + 2 * signal, n0, n1);
    Gru.storePair(record + 3 * signal, new0, new1);
  }
  /** h = (1 - z) * n + z * h', stored with z and n; at most four. */
  static finish(record, z, n, hidden, signal, count) {
    const h = Gru.next(z, n, v128.load(hidden));
    v128.store(hidden, h);
    simd_1.Simd.storeSome(record + signal, z, count);
    simd_1.Simd.storeSome(record + 2 * signal, n, count);
    simd_1.Simd.storeSome(record + 3 * signal, h, count);
  }
}
__decorate([inline], Gru, 'next', null);
__decorate([inline], Gru, 'storePair', null);
__decorate([inline], Gru, 'afterEight', null);
__decorate([inline], Gru, 'afterFour', null);
__decorate([inline], Gru, 'resetEight', null);
__decorate([inline], Gru, 'beforeEight', null);
__decorate([inline], Gru, 'finish', null);
/**
 * `steps` steps; parameters as in layer.ts. r and z are the rows of the first gatePanels panels, n those of the others. All
 * of d is in the projected rows, but d_n where the reset comes after the product.
 *
 * @param record where the first of these steps stores r, z, n, h, each [units]
 */
function gru(l, tokens, steps, record, recordStride) {
  const units = l.units;
  const gatePanels = l.gatePanels;
  const panels = l.panels - gatePanels;
  const weights = l.weightHh;
  const hidden = l.hidden;
  const shown = l.shown;
  const sums = l.sums;
  const gateBytes = gatePanels << 7;
  const rowBytes = gateBytes + (panels << 7);
  const signal = units << 2;
  const candidateWeights = weights + gateBytes * units;
  const candidateSums = sums + gateBytes;
  for (let t = 0; t < steps; t++) {
    const row = l.projected + (tokens ? load(tokens + (t << 2)) : t) * rowBytes;
    (0, panels_1.product)(row, weights, hidden, units, gatePanels, sums, t & 1);
    let unit = 0;
    if (!l.variant) {
      (0, panels_1.product)(l.candidateBias, candidateWeights, hidden, units, panels, candidateSums, t & 1);
      const input = row + gateBytes;
      for (; unit + 8 <= units; unit += 8) {
        const at = unit << 2;
        Gru.afterEight(sums + at, candidateSums + at, input + at, signal, hidden + at, record + at);
      }
      for (; unit < units; unit += 4) {
        const at = unit << 2;
        Gru.afterFour(sums + at, candidateSums + at, input + at, signal, hidden + at, record + at, units - unit);
      }
    } else {
      for (; unit + 8 <= units; unit += 8) {
        const at = unit << 2;
        Gru.resetEight(sums + at, hidden + at, shown + at, record + at);
      }
      for (; unit < units; unit += 4) {
        const at = unit << 2;
        const r = activations_1.Activations.sigmoid(v128.load(sums + at));
        v128.store(shown + at, f32x4.mul(r, v128.load(hidden + at)));
        simd_1.Simd.storeSome(record + at, r, units - unit);
      }
      (0, panels_1.product)(row + gateBytes, candidateWeights, shown, units, panels, candidateSums, t & 1);
      for (unit = 0; unit + 8 <= units; unit += 8) {
        const at = unit << 2;
        Gru.beforeEight(sums + signal + at, candidateSums + at, signal, hidden + at, record + at);
      }
      for (; unit < units; unit += 4) {
        const at = unit << 2;
        const z = activations_1.Activations.sigmoid(v128.load(sums + signal + at));
        const n = activations_1.Activations.tanh(v128.load(candidateSums + at));
        Gru.finish(record + at, z, n, hidden + at, signal, units - unit);
      }
    }
    record += recordStride;
  }
}
