/** Which tiles are drawn where: the finest at hand on top, coarser ones beneath what is missing, never a hole. */
import { describe, expect, it } from 'vitest';
import type { Tile, TileRequest } from '../../../src/shared/trace';
import { TILE_COLUMNS } from '../../../src/shared/trace';
import { pixelColumns } from '../../../webview/layout/columns';
import { devicePixel, placeQuads, placeTiles, shareThere, type TileSource } from '../../../webview/layout/quads';
import { tileKey, type HeldTile } from '../../../webview/tiles';

const track = { trace: 1, layer: 0, signal: 'cell' } as const;
const none = new Uint8Array(0);

function held(columns: number, final = true): HeldTile {
  const tile: Tile = { columns, rows: 1, final, lo: 0, hi: 1, values: none };
  return { tile, version: 1 };
}

/** A source of tiles named `level/index`. */
function source(
  tiles: Readonly<Record<string, HeldTile>>,
  earlier: Readonly<Record<string, HeldTile>> = {},
): TileSource {
  const get = (request: TileRequest): HeldTile | undefined =>
    tiles[`${String(request.level)}/${String(request.index)}`];
  return {
    get,
    earlier: (request) => earlier[`${String(request.level)}/${String(request.index)}`],
    coarser: (request) => {
      for (let level = request.level + 1; level < 30; level++) {
        const parent = { ...request, level, index: request.index >> (level - request.level) };
        const found = get(parent);
        if (found !== undefined) return { held: found, request: parent };
      }
      return undefined;
    },
  };
}

const axis = { tokens: 1024, width: 512, start: 0, scale: 1 };
const place = (tiles: Readonly<Record<string, HeldTile>>, level = 0, at = axis): readonly string[] =>
  placeQuads(at, level, 1, track, source(tiles)).map(
    ({ request, from, columns, left, right }) =>
      `${String(request.level)}/${String(request.index)} [${String(from)} +${String(columns)}] at ${String(left)}…${String(right)}`,
  );

describe('after an edit', () => {
  const full = held(TILE_COLUMNS);
  const drawn = (tiles: Readonly<Record<string, HeldTile>>, earlier: Readonly<Record<string, HeldTile>>) =>
    placeQuads({ ...axis, tokens: 256, width: 256 }, 0, 1, track, source(tiles, earlier)).map(
      ({ request, held: { version }, from, columns }) =>
        `${String(request.level)} v${String(version)} [${String(from)} +${String(columns)}]`,
    );
  const old = { ...full, version: 0 };

  it.each([
    ['the earlier picture stands in, rather than a coarser one', { '1/0': full }, { '0/0': old }, ['0 v0 [0 +256]']],
    [
      'it stands in for what is not there yet',
      { '0/0': held(100, false) },
      { '0/0': old },
      ['0 v0 [100 +156]', '0 v1 [0 +100]'],
    ],
    ['it is gone where a tile is final', { '0/0': full }, { '0/0': old }, ['0 v1 [0 +256]']],
  ])('%s', (_, tiles, earlier, quads) => {
    expect(drawn(tiles, earlier)).toEqual(quads);
  });
});

describe('quads', () => {
  const full = held(TILE_COLUMNS);
  it.each([
    ['nothing at hand', {}, []],
    ['tiles in sight', { '0/0': full, '0/1': full }, ['0/0 [0 +256] at 0…256', '0/1 [0 +256] at 256…512']],
    [
      'a coarser tile for a missing one',
      { '0/0': full, '2/0': full },
      ['0/0 [0 +256] at 0…256', '2/0 [64 +64] at 256…512'],
    ],
    [
      'a coarser tile under one that still grows',
      { '0/0': full, '0/1': held(100, false), '2/0': full },
      ['0/0 [0 +256] at 0…256', '2/0 [89 +39] at 356…512', '0/1 [0 +100] at 256…356'],
    ],
    [
      'no more of a coarser tile than it has',
      { '2/0': held(96, false) },
      ['2/0 [0 +64] at 0…256', '2/0 [64 +32] at 256…384'],
    ],
  ])('%s', (_, tiles, quads) => {
    expect(place(tiles)).toEqual(quads);
  });

  it('use finer halves just after zooming out', () => {
    const out = { ...axis, scale: 0.5 };
    expect(place({ '0/1': full }, 1, out)).toEqual(['0/1 [0 +256] at 128…256']);
  });

  it('adjoin without gap or overlap at any scale and place', () => {
    const tiles = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`0/${String(i)}`, full]));
    for (const [start, scale, ratio] of [
      [3.7, 1.37, 1],
      [511.01, 3.333, 1.25],
      [1000.5, 0.9, 2],
    ] as const) {
      const quads = placeQuads({ tokens: 10_000, width: 900, start, scale }, 0, ratio, track, source(tiles));
      expect(quads.length).toBeGreaterThan(1);
      quads.forEach((quad, i) => {
        const next = quads[i + 1];
        if (next) expect(next.left).toBe(quad.right);
      });
    }
  });
});

describe('device pixels', () => {
  it('move together when panned', () => {
    const at = { tokens: 5_000_000, width: 900, start: 4_000_000.123, scale: 3.7 };
    const columns = (start: number): number[] =>
      Array.from({ length: 50 }, (_, i) => devicePixel({ ...at, start }, 4_000_000 + i, 1.5));
    const widths = (edges: readonly number[]): number[] => edges.slice(1).map((edge, i) => edge - (edges[i] ?? 0));
    expect(widths(columns(4_000_000.123))).toEqual(widths(columns(4_000_007.9)));
  });
});

describe('keys', () => {
  it('tell tiles apart', () => {
    const request: TileRequest = { ...track, level: 3, index: 12 };
    expect(tileKey(request)).toBe('0/cell/3/12/0/1/mean');
    expect(tileKey({ ...request, rows: 2, group: 3, of: 'max' })).toBe('0/cell/3/12/2/3/max');
  });
});

describe('what is still to come', () => {
  const full = held(TILE_COLUMNS);
  const computed = (columns: number): HeldTile => {
    const some = held(columns, false);
    return { ...some, tile: { ...some.tile, pending: true } };
  };
  const spans = (
    tiles: Readonly<Record<string, HeldTile>>,
    more: Partial<TileSource> = {},
    end = axis.tokens,
  ): readonly string[] =>
    placeTiles(axis, 0, 1, track, { ...source(tiles), ...more }, end).spans.map(
      ({ left, right, kind }) => `${kind} ${String(left)}…${String(right)}`,
    );
  const other = { ...track, level: 0, index: 0, group: 2 } as const;
  const alike =
    (held0: HeldTile): NonNullable<TileSource['alike']> =>
    (request) =>
      request.index === 0 ? { held: held0, request: other } : undefined;

  it.each([
    ['all of it', {}, {}, undefined, ['bare 0…512']],
    ['only what is traced', {}, {}, 300, ['bare 0…300']],
    ['nothing', { '0/0': full, '0/1': full }, {}, undefined, []],
    ['a tile under which a coarser one lies', { '0/0': full, '2/0': full }, {}, undefined, ['standIn 256…512']],
    ['what a coarser one has not got', { '2/0': held(96, false) }, {}, undefined, ['standIn 0…384', 'bare 384…512']],
    ['the rest of one that grows', { '0/0': full, '0/1': held(100, false) }, {}, undefined, ['bare 356…512']],
    ['the same rows merged otherwise', { '0/1': full }, { alike: alike(full) }, undefined, ['standIn 0…256']],
    [
      'where those end',
      { '0/1': full },
      { alike: alike(held(100, false)) },
      undefined,
      ['standIn 0…100', 'bare 100…256'],
    ],
  ] as const)('%s', (_, tiles, more, end, want) => {
    expect(spans(tiles, more, end)).toEqual(want);
  });

  it.each([
    // tiles at hand -> computing, share of 512 pixels that is there
    ['tiles that are merely on their way', {}, false, 0],
    ['a pass that has come as far as this', { '0/0': computed(64) }, true, 64 / 512],
    ['one whose rest a coarser tile stands in for', { '0/0': computed(64), '2/0': full }, true, 1],
  ] as const)('of %s says whether it takes a while', (_, tiles, computing, share) => {
    const placed = placeTiles(axis, 0, 1, track, source(tiles));
    expect([placed.computing, shareThere(placed.spans, 512)]).toEqual([computing, share]);
  });

  it('between finer tiles after zooming out twice', () => {
    const out = { ...axis, scale: 0.25 };
    const { quads, spans: found } = placeTiles(out, 2, 1, track, source({ '0/1': full, '1/1': full }));
    expect(quads.map(({ left, right }) => [left, right])).toEqual([
      [64, 128],
      [128, 256],
    ]);
    expect(found).toEqual([
      { left: 0, right: 64, kind: 'bare' },
      { left: 64, right: 256, kind: 'standIn' },
    ]);
  });

  it('what is too much for this frame is drawn at once only where there would be a hole', () => {
    const drawn = (tiles: Readonly<Record<string, HeldTile>>): readonly number[] =>
      placeTiles(axis, 0, 1, track, { ...source(tiles), ready: () => false }).quads.map(({ request }) => request.level);
    expect(drawn({ '0/0': full, '0/1': full, '2/0': full })).toEqual([2, 2]);
    expect(drawn({ '0/0': full, '0/1': full })).toEqual([0, 0]);
  });
});

describe('columns of pixels', () => {
  it.each([
    [3.7, 1.37, 1, 0],
    [1000.5, 0.9, 2, 0],
    [4_000_000.123, 1.5, 1.5, 0],
    [4_000_000, 0.37, 1, 2],
    [123_456.7, 0.0031, 1.25, 9],
    [999, 48, 2, 0],
  ])('lie between the edges of marks: start %d, scale %d, ratio %d, level %d', (start, scale, ratio, level) => {
    const at = { tokens: 10_000_000, width: 700, start, scale };
    const { first, offsets } = pixelColumns(at, level, ratio, 700 * ratio);
    offsets.forEach((offset, x) => {
      const column = first + offset;
      expect(devicePixel(at, column * 2 ** level, ratio)).toBeLessThanOrEqual(x);
      expect(devicePixel(at, (column + 1) * 2 ** level, ratio)).toBeGreaterThan(x);
    });
  });
});
