/** Exact values of single tokens: the latest wish is asked for, one at a time, and the last few hundred are kept. */
import type { TokenRow } from '../src/shared/trace';
import { LatestStore } from './latest';

const KEPT = 256;

export class RowStore extends LatestStore<number, TokenRow> {
  constructor(fetch: (token: number) => Promise<TokenRow>, changed: () => void, failed: (error: unknown) => void) {
    super({ key: (token) => token, fetch, changed, failed, kept: KEPT });
  }
}
