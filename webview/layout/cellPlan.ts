/**
 * Where the parts of a cell's drawing are, as the field draws it (Olah 2015): the conveyor belt along the top, gates in
 * boxes below, what comes in from the left and from below, what goes out to the right. Pixels; no DOM.
 */
import type { CellKind } from '../../src/shared/signals';
import { gruPlan } from './cellGru';
import { lstmPlan } from './cellLstm';
import type { CellPlan } from './cellParts';
import { rnnPlan } from './cellRnn';

const PLANS: Readonly<Record<CellKind, (width: number) => CellPlan>> = { lstm: lstmPlan, gru: gruPlan, rnn: rnnPlan };

/** @param width of the place there is; the drawing is no narrower than 296 pixels and no wider than 760 */
export const planCell = (cell: CellKind, width: number): CellPlan => PLANS[cell](width);
