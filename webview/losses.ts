/** The loss as bars: of the columns in sight, and of the whole text for the overview. No DOM. */
import { byteValue } from '../src/shared/bytes';
import type { TileRequest } from '../src/shared/trace';
import { xOf } from './layout/axis';
import { rootLevel, tokensPerColumn, tokensPerTile } from './layout/level';
import { BITS_PER_NAT, roundUp } from './layout/numbers';
import { placeQuads } from './layout/quads';
import { lossTiles } from './requests';
import { traceOf, type State } from './state';
import type { HeldTile, TileStore } from './tiles';

/** Bits: beyond, a token came as a shock however large, and would only flatten all others. */
const LOSS_TOP = 10;

/** A column of the loss track, in bits. */
export interface LossBar {
  readonly from: number;
  readonly to: number;
  readonly mean: number;
  readonly max: number;
}

export const lossTop = (tiles: TileStore): number => Math.min(LOSS_TOP, roundUp(tiles.peak(0, 'loss') * BITS_PER_NAT));

export function lossBars(state: State, level: number, ratio: number, tiles: TileStore): readonly LossBar[] {
  if (traceOf(state)?.info.model.predicts !== true) return [];
  const [mean] = lossTiles(state, level);
  if (mean === undefined) return [];
  const quads = placeQuads(state.axis, level, ratio, mean, tiles);
  const finest = quads.some(({ request }) => request.level === level);
  const used = finest ? quads.filter(({ request }) => request.level === level) : quads;
  return used
    .flatMap(({ request, held, from, columns }) => barsOf(request, held, tiles, from, columns))
    .filter((bar) => xOf(state.axis, bar.to) > 0 && xOf(state.axis, bar.from) < state.axis.width);
}

/** Of the whole text. */
export function rootLosses(state: State, tiles: TileStore): readonly LossBar[] {
  if (traceOf(state)?.info.model.predicts !== true) return [];
  const level = rootLevel(state.axis.tokens);
  const [mean] = lossTiles(state, level);
  if (mean === undefined) return [];
  const request = { ...mean, level, index: 0 };
  const held = tiles.get(request) ?? tiles.earlier(request);
  return held === undefined ? [] : barsOf(request, held, tiles, 0, held.tile.columns);
}

function barsOf(request: TileRequest, { tile }: HeldTile, tiles: TileStore, from: number, columns: number): LossBar[] {
  const per = tokensPerColumn(request.level);
  const origin = request.index * tokensPerTile(request.level);
  const most = per === 1 ? tile : (tiles.get({ ...request, of: 'max' })?.tile ?? tile);
  const bars: LossBar[] = [];
  for (let c = Math.floor(from); c < Math.min(tile.columns, from + columns); c++) {
    const token = origin + c * per;
    // The first token has no loss: nothing comes before it.
    if (token === 0 && per === 1) continue;
    const mean = byteValue(tile, tile.values[c] ?? 0) * BITS_PER_NAT;
    const max = c < most.columns ? byteValue(most, most.values[c] ?? 0) * BITS_PER_NAT : mean;
    bars.push({ from: token, to: token + per, mean, max: Math.max(mean, max) });
  }
  return bars;
}
