/**
 * How much a layer's memory (its cell state, else its hidden state) changed at each token, as a measure: the root mean
 * square over its units of the change since the step before, which of a layer that reads backwards is the next token.
 * Before its first step the memory is zero.
 */
import { WINDOW_TOKENS } from '../engine/engine';
import { findColumn, type Column } from '../engine/layout';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import { memoryOf, type CellKind } from '../shared/signals';
import { atLeast, atMost, blocksOf, isKnown, type Measure } from './measure';
import type { Trace, Window } from './trace';

/** Windows whose first and last memory are kept: a neighbour's change begins from there. */
const KEPT_EDGES = 8;

/** @throws bad-request for a layer that the model has not */
export function changeOf(trace: Trace, layer: number, cell: CellKind | undefined, reverse: boolean): Measure {
  const column = cell && findColumn(trace.layout, layer, memoryOf(cell));
  if (column === undefined) {
    throw new GatescopeError('bad-request', say`The model has no layer ${layer}.`);
  }
  const edges = new Edges(trace, column);

  const values: Measure['values'] = async (window) => {
    const outside = await edges.before(window, reverse);
    return trace.read(window, (read) => {
      edges.keep(window, read);
      return changes(read, trace.layout.width, column, reverse, outside);
    });
  };

  return {
    values,
    bound(window) {
      const [first, last] = blocksOf(trace, window);
      let most = 0;
      for (let block = first; block <= last; block++) most = Math.max(most, blockBound(trace, block, column, reverse));
      return most;
    },
  };
}

/** Within a block and the step before it no unit changes by more than from its least to its greatest value. */
function blockBound(trace: Trace, block: number, { offset, units }: Column, reverse: boolean): number {
  const { base, length } = trace;
  const before = reverse ? block + 1 : block - 1;
  const begins = before < 0 || before * 2 ** base.level >= length;
  if (!isKnown(trace, block) || !(begins || isKnown(trace, before))) return Infinity;
  let squares = 0;
  for (let unit = offset; unit < offset + units; unit++) {
    const [at, near] = [block * base.width + unit, before * base.width + unit];
    const most = Math.max(atMost(base.max[at] ?? 0), begins ? 0 : atMost(base.max[near] ?? 0));
    const least = Math.min(atLeast(base.min[at] ?? 0), begins ? 0 : atLeast(base.min[near] ?? 0));
    squares += (most - least) ** 2;
  }
  return Math.sqrt(squares / units);
}

/** @param outside memory before the window's first step [units]; undefined where it is not traced */
function changes(
  { records, tokens }: Window,
  width: number,
  { offset, units }: Column,
  reverse: boolean,
  outside: Float32Array | undefined,
): Float64Array {
  const found = new Float64Array(tokens);
  for (let t = 0; t < tokens; t++) {
    const earlier = reverse ? t + 1 : t - 1;
    const inside = earlier >= 0 && earlier < tokens;
    const [from, start] = inside ? [records, earlier * width + offset] : [outside, 0];
    const row = t * width + offset;
    let squares = from === undefined ? NaN : 0;
    for (let u = 0; from && u < units; u++) squares += ((records[row + u] ?? NaN) - (from[start + u] ?? NaN)) ** 2;
    found[t] = Math.sqrt(squares / units);
  }
  return found;
}

/** The memory at the first and the last token of windows. */
export class Edges {
  private readonly kept = new Map<number, { readonly first: Float32Array; readonly last: Float32Array }>();

  constructor(
    private readonly trace: Trace,
    private readonly column: Column,
  ) {}

  keep(window: number, { records, tokens }: Window): void {
    const { offset, units } = this.column;
    const row = (t: number): Float32Array => {
      const start = t * this.trace.layout.width + offset;
      return records.slice(start, start + units);
    };
    this.kept.set(window, { first: row(0), last: row(tokens - 1) });
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT_EDGES && oldest !== undefined) this.kept.delete(oldest);
  }

  /** The memory before a window's first step in the layer's own time; undefined where it is not traced yet. */
  async before(window: number, reverse: boolean): Promise<Float32Array | undefined> {
    const neighbour = reverse ? window + 1 : window - 1;
    const { trace, column } = this;
    if (neighbour < 0 || neighbour * WINDOW_TOKENS >= trace.length) return new Float32Array(column.units);
    if (neighbour * WINDOW_TOKENS >= trace.done) return undefined;
    if (!this.kept.has(neighbour)) {
      await trace.read(neighbour, (read) => {
        this.keep(neighbour, read);
      });
    }
    const edge = this.kept.get(neighbour);
    return reverse ? edge?.first : edge?.last;
  }
}
