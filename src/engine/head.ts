/**
 * The head in float64: how a hidden state h predicts the next token.
 *
 *   z = W h + b                       logits
 *   p[k] = exp(z[k]) / sum exp(z)     probability of token k
 *   loss = -ln p[token]               in nats
 */
import type { HeadWeights } from './network';
import { at, rowTimes } from './vector';

/** @returns ln p [vocab], shifted by the largest logit so that no exponential overflows */
function logProbabilities(head: HeadWeights, hidden: Float64Array): Float64Array {
  const logits = Float64Array.from({ length: head.vocab }, (_, token) => {
    return rowTimes(head.weight, token, hidden) + (head.bias ? at(head.bias, token) : 0);
  });
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, z) => sum + Math.exp(z - largest), 0);
  return logits.map((z) => z - largest - Math.log(total));
}

/** @param hidden h [units] @returns -ln p[token], in nats */
export const headLoss = (head: HeadWeights, hidden: Float64Array, token: number): number =>
  -at(logProbabilities(head, hidden), token);

/** @param hidden h [units] @returns p [vocab] */
export const headProbabilities = (head: HeadWeights, hidden: Float64Array): Float64Array =>
  logProbabilities(head, hidden).map(Math.exp);
