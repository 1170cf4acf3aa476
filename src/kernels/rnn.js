'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.rnn = rnn;
/** The SimpleRNN over a window, equation as in src/engine/rnn.ts. */
const activations_1 = require('./activations');
const panels_1 = require('./panels');
const simd_1 = require('./simd');
/**
 * `steps` steps; parameters as in layer.ts.
 *
 * @param record where the first of these steps stores h [units]
 */
function rnn(l, tokens, steps, record, recordStride) {
  const units = l.units;
  const panels = l.panels;
  const rectify = l.variant;
  const hidden = l.hidden;
  const sums = l.sums;
  const rowBytes = panels << 7;
  for (let t = 0; t < steps; t++) {
    const row = tokens ? load(tokens + (t << 2)) : t;
    (0, panels_1.product)(l.projected + row * rowBytes, l.weightHh, hidden, units, panels, sums, t & 1);
    let unit = 0;
    // Two vectors side by side, as in lstm.ts. pmax keeps a NaN that is its first operand.
    for (; unit + 8 <= units; unit += 8) {
      const at = unit << 2;
      const a0 = v128.load(sums + at);
      const a1 = v128.load(sums + at, 16);
      const h0 = rectify ? f32x4.pmax(a0, f32x4.splat(0)) : activations_1.Activations.tanh(a0);
      const h1 = rectify ? f32x4.pmax(a1, f32x4.splat(0)) : activations_1.Activations.tanh(a1);
      v128.store(hidden + at, h0);
      v128.store(hidden + at, h1, 16);
      v128.store(record + at, h0);
      v128.store(record + at, h1, 16);
    }
    for (; unit < units; unit += 4) {
      const at = unit << 2;
      const sum = v128.load(sums + at);
      const h = rectify ? f32x4.pmax(sum, f32x4.splat(0)) : activations_1.Activations.tanh(sum);
      v128.store(hidden + at, h);
      simd_1.Simd.storeSome(record + at, h, units - unit);
    }
    record += recordStride;
  }
}
