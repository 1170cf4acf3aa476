/** The kernels' exports. Memory is the caller's to lay out (src/engine/arena.ts); nothing here allocates. */
export { sigmoidEach, tanhEach } from './activations';
export { gather } from './gather';
export { runLayer } from './runLayer';
export { product, project } from './panels';
export { reduce } from './reduce';
export { losses, softmax } from './softmax';
export { summarize } from './summarize';
export { touch } from './touch';

/** First byte that the caller may use. */
export function arenaStart(): usize {
  return (__heap_base + 63) & ~63;
}
