/** The largest difference between two lists of numbers; infinite where one has a NaN, or another length. */
export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let most = 0;
  for (let k = 0; k < expected.length; k++) {
    const difference = Math.abs((actual[k] ?? NaN) - (expected[k] ?? NaN));
    if (!(difference <= most)) most = Number.isNaN(difference) ? Infinity : difference;
  }
  return most;
}
