/** Why a unit's gates were what they were: the latest wish is asked for, one at a time, and the last few are kept. */
import type { TraceId, Why } from '../src/shared/trace';
import { LatestStore } from './latest';

const KEPT = 64;

export interface WhyRequest {
  readonly trace: TraceId;
  readonly token: number;
  readonly layer: number;
  readonly unit: number;
}

export class WhyStore extends LatestStore<WhyRequest, Why> {
  constructor(fetch: (request: WhyRequest) => Promise<Why>, changed: () => void, failed: (error: unknown) => void) {
    super({
      key: ({ trace, token, layer, unit }) => [trace, token, layer, unit].join('/'),
      fetch,
      changed,
      failed,
      kept: KEPT,
    });
  }
}
