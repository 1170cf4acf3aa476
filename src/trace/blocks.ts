/** The values of a signal by columns of 2^level tokens: minimum, mean and maximum of every unit. */
import { WINDOW_TOKENS } from '../engine/engine';
import type { Extent } from '../shared/trace';
import { TILE_COLUMNS } from '../shared/trace';
import { gathered, largestIn, spanOf, type Merging, type Span } from './gather';
import { largestOf } from './quantise';
import { reach, type Reach, type Source } from './source';

/** Columns of a tile that are there. */
export class Columns {
  private readonly known = new Map<Merging, Float32Array>();

  /** @param of single tokens' values [columns, units], or blocks to be merged; undefined without columns */
  constructor(
    readonly columns: number,
    private readonly of: Float32Array | Span | undefined,
  ) {}

  /** Whether minimum, mean and maximum are the same. */
  get single(): boolean {
    return this.of === undefined || this.of instanceof Float32Array;
  }

  /** [columns, units]; of single tokens the same array whatever is asked for. */
  async values(how: Merging): Promise<Float32Array> {
    const { of } = this;
    if (of === undefined) return none;
    if (of instanceof Float32Array) return of;
    const values = this.known.get(how) ?? (await gathered(of, how));
    this.known.set(how, values);
    return values;
  }

  /** The size of the largest finite value of all blocks, whatever its sign. */
  async largest(): Promise<number> {
    const { of, known } = this;
    if (of === undefined) return 0;
    if (of instanceof Float32Array) return largestOf(of).finite;
    const [min, max] = [known.get('min'), known.get('max')];
    if (min && max) {
      const [low, high] = [largestOf(min), largestOf(max)];
      // What is not finite hides what else its column has.
      if (low.all && high.all) return Math.max(low.finite, high.finite);
    }
    return largestIn(of);
  }
}

const none = new Float32Array(0);

/** Columns of a tile, as far as they are there. @param most columns that are wanted, from the tile's first on */
export async function blocks(
  source: Source,
  level: number,
  index: number,
  most = TILE_COLUMNS,
): Promise<{ readonly of: Columns } & Omit<Reach, 'columns'>> {
  const { columns, ...rest } = reach(source, level, index * TILE_COLUMNS, most);
  return { of: await found(source, level, index, 0, columns), ...rest };
}

/**
 * Columns [from, from + columns) of a tile, which must be there.
 * @returns fewer where a window is not traced to its end
 */
export async function columnsOf(
  source: Source,
  level: number,
  index: number,
  from: number,
  columns: number,
): Promise<Extent & { readonly columns: number }> {
  const of = await found(source, level, index, from, columns);
  const mean = await of.values('mean');
  if (of.single) return { columns: of.columns, min: mean, mean, max: mean };
  return { columns: of.columns, min: await of.values('min'), mean, max: await of.values('max') };
}

async function found(source: Source, level: number, index: number, from: number, columns: number): Promise<Columns> {
  if (level >= source.level || columns > 0) {
    if (level === 0) {
      // Tiles are as wide as the engine's windows, so that a tile of single tokens is one window.
      const all = await source.read((index * TILE_COLUMNS) / WINDOW_TOKENS, ({ records }) =>
        pick(records, source, from, columns),
      );
      return new Columns(columns, all);
    }
    // Asked for even where nothing is there yet: it begins the pass of derived signals.
    const { summary, first } = await source.summary(level, index);
    const merged = 2 ** Math.max(0, level - summary.level);
    const there = Math.min(columns, Math.max(0, Math.ceil((summary.shown - first) / merged) - from));
    if (there > 0) return new Columns(there, spanOf(summary, source, there, first + from * merged, merged));
  }
  return new Columns(0, undefined);
}

function pick(records: Float32Array, { offset, units, width }: Source, from: number, columns: number): Float32Array {
  const out = new Float32Array(units * columns);
  for (let c = 0; c < columns; c++) {
    const row = (from + c) * width + offset;
    out.set(records.subarray(row, row + units), c * units);
  }
  return out;
}
