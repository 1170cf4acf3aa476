/** One column of several signals, and one unit over several columns: the values that tiles are bytes of. */
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import { TILE_COLUMNS, type ColumnValues, type Extent, type Series } from '../shared/trace';
import { columnsOf } from './blocks';
import { Pacer } from './pacer';
import { columnsIn, reach, type Source } from './source';

/** Most columns of one series: as many as a screen has, several times over. */
const MOST_COLUMNS = 16_384;

const badColumn = (column: number, level: number, source: Pick<Source, 'length' | 'done'>): GatescopeError =>
  new GatescopeError(
    'bad-request',
    say`There is no column ${column} at level ${level}: ${source.done} of ${source.length} tokens are traced. Ask for
      one before that, or wait.`,
  );

function checkColumn(column: number, level: number, source: Pick<Source, 'length' | 'done'>): void {
  const inside = Number.isInteger(column) && column >= 0 && Number.isInteger(level) && level >= 0;
  if (!inside || column * 2 ** level >= source.length) throw badColumn(column, level, source);
}

/**
 * @param sources in the order of the answer; `loss` of the first token alone is NaN, for nothing came before it
 * @param losses which of them is the loss
 * @throws bad-request for a column that is not traced
 */
export async function column(
  trace: Pick<Source, 'length' | 'done'>,
  sources: readonly Source[],
  losses: readonly boolean[],
  level: number,
  at: number,
): Promise<ColumnValues> {
  checkColumn(at, level, trace);
  const values: (Extent | undefined)[] = [];
  const first = at * 2 ** level;
  for (const [k, source] of sources.entries()) {
    const { columns, pending } = reach(source, level, at, 1);
    if (columns === 0 && !pending) throw badColumn(at, level, source);
    const index = Math.floor(at / TILE_COLUMNS);
    const { columns: found, min, mean, max } = await columnsOf(source, level, index, at % TILE_COLUMNS, columns);
    if (first === 0 && level === 0 && losses[k]) mean[0] = NaN;
    values.push(found > 0 ? { min, mean, max } : undefined);
  }
  return { first, count: Math.min(2 ** level, trace.done - first), values };
}

/**
 * @param sources in the order of the answer, each with this unit
 * @throws bad-request for a unit or columns that there are not; too-much
 */
export async function series(
  trace: Pick<Source, 'length' | 'done'>,
  sources: readonly Source[],
  unit: number,
  level: number,
  first: number,
  most: number,
): Promise<Series> {
  checkColumn(first, level, trace);
  if (!(most <= MOST_COLUMNS)) {
    throw new GatescopeError(
      'too-much',
      say`${most} columns were asked for at once; at most ${MOST_COLUMNS} are answered. Ask for a coarser level.`,
    );
  }
  const columns = Math.min(most, ...sources.map((source) => columnsIn(source, source.done, level, first, most)));
  const values: Extent[] = [];
  for (const source of sources) {
    if (!(Number.isInteger(unit) && unit >= 0 && unit < source.units)) {
      throw new GatescopeError(
        'bad-request',
        say`There is no unit ${unit}: there are ${source.units}, from 0. Choose one of them.`,
      );
    }
    values.push(await course({ ...source, offset: source.offset + unit, units: 1 }, level, first, columns));
  }
  return { first, columns, values };
}

/** @param source of one unit */
async function course(source: Source, level: number, first: number, columns: number): Promise<Extent> {
  const exact = level === 0;
  const mean = new Float32Array(columns).fill(NaN);
  const min = exact ? mean : mean.slice();
  const max = exact ? mean : mean.slice();
  const pacer = new Pacer();
  for (let at = first; at < first + columns;) {
    const index = Math.floor(at / TILE_COLUMNS);
    const from = at % TILE_COLUMNS;
    const wanted = Math.min(TILE_COLUMNS - from, first + columns - at);
    const found = await columnsOf(source, level, index, from, reach(source, level, at, wanted).columns);
    mean.set(found.mean, at - first);
    if (!exact) {
      min.set(found.min, at - first);
      max.set(found.max, at - first);
    }
    at += wanted;
    await pacer.breathe();
  }
  return { min, mean, max };
}
