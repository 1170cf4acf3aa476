/** Which rows of a heatmap are labelled with their unit's number: as many as there is room for. No DOM. */
import type { Arrangement } from '../../src/shared/trace';
import { rowOf, type RowGrid } from './rows';

export interface UnitLabel {
  readonly unit: number;
  readonly place: number;
  /** Middle of its row, in pixels from the top of the rows. */
  readonly y: number;
  readonly pinned: boolean;
}

/** Height that a number takes. */
const LINE = 12;
/** Beside a map of many rows numbers are for finding one's way: further apart than they need to be. */
const APART = 18;

const round = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? 10 * power);
};

/** Whether rows below the pinned ones count upwards without a gap, but for those that are pinned. */
function isCounted({ units, pinned }: Pick<Arrangement, 'units' | 'pinned'>): boolean {
  const gone = new Set(units.subarray(0, pinned));
  for (let place = pinned + 1; place < units.length; place++) {
    let next = (units[place - 1] ?? 0) + 1;
    while (gone.has(next)) next++;
    if (units[place] !== next) return false;
  }
  return true;
}

/** Numbers from top to bottom: of pinned rows all that have room; of the rest round ones, or every so many rows. */
export function placeUnits(arrangement: Pick<Arrangement, 'units' | 'pinned'>, grid: RowGrid): readonly UnitLabel[] {
  const { units, pinned } = arrangement;
  const labels: UnitLabel[] = [];
  let free = -Infinity;
  const add = (place: number): void => {
    const { top, height } = rowOf(grid, place);
    const y = top + height / 2;
    if (y - LINE / 2 < free || (y + LINE / 2 > grid.height + 4 && place > 0)) return;
    labels.push({ unit: units[place] ?? 0, place, y, pinned: place < pinned });
    free = y + LINE / 2;
  };
  for (let place = 0; place < pinned; place++) add(place);
  const rest = units.length - pinned;
  if (rest === 0) return labels;
  const each = (rowOf(grid, pinned).height || 1) / grid.group;
  const step = each >= LINE ? 1 : round(APART / each);
  const counted = step > 1 && isCounted(arrangement);
  for (let place = pinned; place < units.length; place++) {
    const number = counted ? (units[place] ?? 0) : place - pinned;
    if (number % step === 0) add(place);
  }
  return labels;
}
