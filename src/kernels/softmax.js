'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.losses = losses;
exports.softmax = softmax;
/**
 * What the head's logits say. Behind the vocabulary, up to a multiple of 32, logits are -Infinity, so that exp makes
 * them zero.
 */
const activations_1 = require('./activations');
/** Largest of `count` logits, a multiple of 4; NaNs are passed over, for the sum will show them. */
function largest(logits, count) {
  let best = f32x4.splat(-Infinity);
  for (let k = 0; k < count; k += 4) best = f32x4.pmax(best, v128.load(logits + (k << 2)));
  return max(
    max(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1)),
    max(f32x4.extract_lane(best, 2), f32x4.extract_lane(best, 3)),
  );
}
function sumOfLanes(x) {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}
/** sum of exp(logits - top) */
function total(logits, count, top) {
  const shift = f32x4.splat(top);
  let sum = f32x4.splat(0);
  for (let k = 0; k < count; k += 4) {
    const z = f32x4.sub(v128.load(logits + (k << 2)), shift);
    sum = f32x4.add(sum, activations_1.Activations.expOfNegative(z));
  }
  return sumOfLanes(sum);
}
/**
 * -ln softmax(logits)[token] for each row, in nats.
 *
 * @param logits [rows, count]
 * @param tokens ids [rows]
 * @param loss where the first goes; the others follow `stride` bytes apart
 */
function losses(logits, rows, count, tokens, loss, stride) {
  const rowBytes = count << 2;
  for (let t = 0; t < rows; t++) {
    const top = largest(logits, count);
    const own = load(logits + (load(tokens + (t << 2)) << 2));
    const sum = total(logits, count, top);
    store(loss, Math.log(sum) - (own - top));
    logits += rowBytes;
    loss += stride;
  }
}
/** logits [count] become their softmax. */
function softmax(logits, count) {
  const top = largest(logits, count);
  const sum = f32x4.splat(total(logits, count, top));
  const shift = f32x4.splat(top);
  for (let k = 0; k < count; k += 4) {
    const at = logits + (k << 2);
    v128.store(at, f32x4.div(activations_1.Activations.expOfNegative(f32x4.sub(v128.load(at), shift)), sum));
  }
}
