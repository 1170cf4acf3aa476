/**
 * What the head's logits say. Behind the vocabulary, up to a multiple of 32, logits are -Infinity, so that exp makes
 * them zero.
 */
import { Activations } from './activations';

/** Largest of `count` logits, a multiple of 4; NaNs are passed over, for the sum will show them. */
function largest(logits: usize, count: i32): f32 {
  let best = f32x4.splat(-Infinity);
  for (let k = 0; k < count; k += 4) best = f32x4.pmax(best, v128.load(logits + ((<usize>k) << 2)));
  return max(
    max(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1)),
    max(f32x4.extract_lane(best, 2), f32x4.extract_lane(best, 3)),
  );
}

function sumOfLanes(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** sum of exp(logits - top) */
function total(logits: usize, count: i32, top: f32): f32 {
  const shift = f32x4.splat(top);
  let sum = f32x4.splat(0);
  for (let k = 0; k < count; k += 4) {
    const z = f32x4.sub(v128.load(logits + ((<usize>k) << 2)), shift);
    sum = f32x4.add(sum, Activations.expOfNegative(z));
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
export function losses(logits: usize, rows: i32, count: i32, tokens: usize, loss: usize, stride: usize): void {
  const rowBytes = (<usize>count) << 2;
  for (let t = 0; t < rows; t++) {
    const top = largest(logits, count);
    const own = load<f32>(logits + ((<usize>load<u32>(tokens + ((<usize>t) << 2))) << 2));
    const sum = <f64>total(logits, count, top);
    store<f32>(loss, <f32>(Math.log(sum) - (<f64>own - <f64>top)));
    logits += rowBytes;
    loss += stride;
  }
}

/** logits [count] become their softmax. */
export function softmax(logits: usize, count: i32): void {
  const top = largest(logits, count);
  const sum = f32x4.splat(total(logits, count, top));
  const shift = f32x4.splat(top);
  for (let k = 0; k < count; k += 4) {
    const at = logits + ((<usize>k) << 2);
    v128.store(at, f32x4.div(Activations.expOfNegative(f32x4.sub(v128.load(at), shift)), sum));
  }
}
