/** Exact values of columns of several tokens, for the readout: the latest wish is asked for, the last few are kept. */
import type { ColumnRequest, ColumnValues } from '../src/shared/trace';
import { LatestStore } from './latest';
import { tokensPerColumn } from './layout/level';

/** A column of many signals of a wide layer is some 100 KB. */
const KEPT = 64;
/** A column that is still being computed is asked for again after so many milliseconds. */
const AGAIN = 300;

export const columnKey = ({ trace, layer, signals, level, column }: ColumnRequest): string =>
  `${String(trace)}/${String(layer)}/${signals.join()}/${String(level)}/${String(column)}`;

export interface ColumnStoreOptions {
  readonly fetch: (request: ColumnRequest) => Promise<ColumnValues>;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
  readonly later: (run: () => void, ms: number) => void;
  /** Tokens in the text: a column that covers fewer than it will is asked for again. */
  readonly tokens: () => number;
}

export class ColumnStore extends LatestStore<ColumnRequest, ColumnValues> {
  constructor({ tokens, ...options }: ColumnStoreOptions) {
    super({
      ...options,
      key: columnKey,
      kept: KEPT,
      again: AGAIN,
      final: ({ count, values }, { level, column }) => {
        const per = tokensPerColumn(level);
        const whole = count >= Math.min(per, tokens() - column * per);
        return whole && values.every((value) => value !== undefined);
      },
    });
  }
}
