/** What is asked for: the whole only where something would be blank, what is in sight, and ahead the way one goes. */
import { describe, expect, it } from 'vitest';
import type { TileRequest } from '../../src/shared/trace';
import type { TileSource } from '../../webview/layout/quads';
import { heatTiles, movementOf, wantedTiles, type TrackTiles } from '../../webview/requests';
import { applyProgress, choose, shownTracks } from '../../webview/state';
import type { HeldTile } from '../../webview/tiles';
import { gridOf } from '../../webview/layout/rows';
import { shownState } from './traceInfo';

const held: HeldTile = {
  version: 1,
  tile: { columns: 256, rows: 1, final: true, lo: 0, hi: 1, values: new Uint8Array(256) },
};
const axis = { tokens: 100_000, width: 512, start: 1024, scale: 1 };
const name = ({ signal, level, index }: TileRequest): string => `${signal} ${String(level)}/${String(index)}`;
const tiles = (): readonly TrackTiles[] => [
  { trace: 1, layer: 0, signal: 'loss' },
  { trace: 1, layer: 0, signal: 'cell' },
  { trace: 1, layer: 1, signal: 'cell' },
];

/** A store that has tiles by `layer signal level/index`. */
function source(here: readonly string[], others: Partial<TileSource> = {}): TileSource {
  const has = (request: TileRequest): boolean => here.includes(`${String(request.layer)} ${name(request)}`);
  return {
    get: (request) => (has(request) ? held : undefined),
    coarser: (request) => (here.includes(`${String(request.layer)} coarse`) ? { held, request } : undefined),
    ...others,
  };
}

const SEEN = ['loss 0/4', 'cell 0/4', 'cell 0/4', 'loss 0/5', 'cell 0/5', 'cell 0/5'];
const whole = (here: readonly string[], others?: Partial<TileSource>): readonly string[] => {
  const { now } = wantedTiles({ axis }, 0, tiles, source(here, others));
  expect(now.slice(-SEEN.length).map(name)).toEqual(SEEN);
  return now.slice(0, -SEEN.length).map((request) => `${String(request.layer)} ${name(request)}`);
};

describe('the whole of a text', () => {
  const all = ['0 cell 0/4', '0 cell 0/5', '1 cell 0/4', '1 cell 0/5'];
  it.each([
    ['nothing is at hand', [], ['0 loss 9/0', '0 cell 9/0', '1 cell 9/0']],
    ['all is', all, ['0 loss 9/0']],
    ['one track lacks a tile', all.slice(0, 3), ['0 loss 9/0', '1 cell 9/0']],
    ['a coarser one is at hand for it', [...all.slice(0, 3), '1 coarse'], ['0 loss 9/0']],
  ])('is asked for, when %s, of tracks that would be blank, and for the overview', (_, here, want) => {
    expect(whole(here)).toEqual(want);
  });

  it.each(['earlier', 'alike'] as const)('is not, where a tile stands in that is %s', (kind) => {
    const stand: Partial<TileSource> =
      kind === 'earlier' ? { earlier: () => held } : { alike: (request) => ({ held, request }) };
    expect(whole([], stand)).toEqual(['0 loss 9/0']);
  });

  it('is asked for once where it is what is drawn', () => {
    const { now, ahead } = wantedTiles({ axis: { ...axis, start: 0, scale: 0.005 } }, 9, tiles, source([]), 1);
    expect([now.map(name), ahead]).toEqual([['loss 9/0', 'cell 9/0', 'cell 9/0'], []]);
  });
});

describe('ahead', () => {
  it.each([
    [1, ['loss 0/6', 'cell 0/6', 'cell 0/6']],
    [-1, ['loss 0/3', 'cell 0/3', 'cell 0/3']],
    [0, []],
  ] as const)('moving by %d', (moving, want) => {
    expect(wantedTiles({ axis }, 0, tiles, source([]), moving).ahead.map(name)).toEqual(want);
  });
});

describe('movement', () => {
  it.each([
    ['at first', undefined, axis, 1, 0],
    ['later', axis, { ...axis, start: 1030 }, 0, 1],
    ['earlier', axis, { ...axis, start: 1000 }, 1, -1],
    ['at rest it is what it was', axis, axis, -1, -1],
    ['after a jump', axis, { ...axis, start: 9000 }, 1, 0],
    ['at another zoom', axis, { ...axis, start: 1030, scale: 2 }, 1, 0],
    ['in another text', axis, { ...axis, start: 1030, tokens: 5 }, 1, 0],
  ] as const)('%s', (_, before, now, last, want) => {
    expect(movementOf(before, now, last)).toBe(want);
  });
});

it.each([
  // chosen, a NaN was met -> asked for
  ['spikes', false, 'spikes'],
  // Among many columns without numbers all others would stand out.
  ['spikes', true, 'mean'],
  ['max', true, 'max'],
] as const)('%s (after a NaN: %s) are asked for as %s', (of, faulty, asked) => {
  const shown = shownState();
  const fault = { token: 21, layer: 'l0', signal: 'input', unit: 0, value: 'NaN' } as const;
  const progress = { id: 1, done: 1000, state: 'done', meanLoss: undefined, ...(faulty ? { fault } : {}) } as const;
  const state = choose(applyProgress(shown, progress), { ...shown.choices, of });
  const track = shownTracks(state).find(({ signal }) => signal === 'cell');
  if (track === undefined) throw new Error('no cell');
  const rows = { id: 0, units: new Uint16Array(256), pinned: 0, merges: [], clusters: [] };
  expect(heatTiles(state, track, gridOf(256, 0, 64, 1), rows, 0).of).toBe(asked);
});
