/** Stacking of tracks, and what lies under a pixel of them. */
import { describe, expect, it } from 'vitest';
import { DERIVED, SIGNALS } from '../../../src/shared/signals';
import type { LayerInfo } from '../../../src/shared/trace';
import { FIRST_CHOICES, setHeight, foldTrack, type TrackChoice } from '../../../webview/choices';
import { hitTest } from '../../../webview/layout/hit';
import {
  GAP,
  HEAD,
  LEGEND_ROOM,
  mainBox,
  maxScroll,
  overviewBox,
  screenTop,
  scrollToPlace,
  stackTracks,
  tracksOf,
  type Stack,
  type StackInput,
} from '../../../webview/layout/tracks';

const layerOf = (name: string, units = 256): LayerInfo => ({
  name,
  cell: 'lstm',
  inputSize: 256,
  units,
  signals: SIGNALS.lstm,
  derived: DERIVED.lstm,
});
const layers = [layerOf('l0'), layerOf('l1')];
const GUTTER = 36;
const AXIS = { tokens: 1000, width: 400, start: 0, scale: 4 };

interface Case {
  readonly viewport?: number;
  readonly units?: number;
  readonly pinned?: number;
  readonly ratio?: number;
  readonly tracks?: readonly TrackChoice[];
}

function stack({
  viewport = 900,
  units = 256,
  pinned = 0,
  ratio = 1,
  tracks = FIRST_CHOICES.tracks,
}: Case = {}): Stack {
  const input: StackInput = {
    viewport,
    ratio,
    gutter: GUTTER,
    overview: true,
    loss: true,
    tracks: tracksOf(tracks, layers, 0, true),
    rows: () => ({ units, pinned }),
  };
  return stackTracks(input);
}

const heats = (count: number): readonly TrackChoice[] =>
  FIRST_CHOICES.tracks
    .filter(({ signal }) => signal !== 'next')
    .filter(({ signal }) => signal === 'loss' || SIGNALS.lstm.slice(0, count).some(({ name }) => name === signal));

describe('stack', () => {
  it('shares the height evenly and without overlap, but for the memory, which has two parts', () => {
    const made = stack({ units: 64, viewport: 900 });
    expect(made.heats.length).toBe(6);
    const [memory = 0, ...others] = made.heats.map(({ height }) => height);
    expect(new Set(others).size).toBe(1);
    // Whole rows take up to a fifth of it.
    expect(memory).toBeGreaterThanOrEqual(1.6 * (others[0] ?? Infinity));
    made.heats.forEach((box, i) => {
      const next = made.heats[i + 1];
      expect(box.bodyTop).toBe(box.top + HEAD);
      if (next) expect(next.top).toBe(box.bodyTop + box.height + GAP);
    });
    expect(maxScroll(made)).toBe(0);
  });

  it.each([
    // what, viewport, tracks, units -> height of each, scrolls
    ['keeps few units from swelling', 900, 1, 4, 80, false],
    ['shows a single unit as a strip', 900, 1, 1, 24, false],
    ['shows no units as a strip that says so', 900, 1, 0, 24, false],
    // 600 less overview, ruler, loss and heading are 433: of 256 rows one pixel each would lose 40 %, so they stay uneven.
    ['gives a lone track all there is', 600, 1, 256, 600 - 50 - 36 - HEAD - 34 - GAP - HEAD - GAP, false],
    // 308 pixels are one for each of 256 rows and 52 left over: less than a fifth.
    ['gives up a little for rows of whole pixels', 475, 1, 256, 256, false],
  ])('%s', (_, viewport, count, units, height, scrolls) => {
    const made = stack({ viewport, units, tracks: heats(count) });
    expect(made.heats.map((box) => box.height)).toEqual(Array.from({ length: count }, () => height));
    expect(maxScroll(made) > 0).toBe(scrolls);
  });

  it('scrolls when tracks would get too low, and has the memory in the first sight', () => {
    const made = stack({ viewport: 400 });
    expect(made.heats.map(({ id, height }) => `${id} ${String(height)}`)).toEqual([
      // 256 units in groups of three.
      'cell 86',
      ...['forget', 'input', 'candidate', 'output', 'hidden'].map((id) => `${id} 52`),
    ]);
    expect(maxScroll(made)).toBeGreaterThan(0);
  });

  it.each([
    // tracks -> what the overview shows
    ['input cell hidden', 'cell'],
    ['input l1.cell', 'l1.cell'],
    ['input hidden', 'input'],
  ])('of %s has %s in the overview', (ids, main) => {
    const tracks = ids.split(' ').map((id) => {
      const [a = '', b] = id.split('.');
      return (b === undefined ? { signal: a } : { signal: b, layer: a }) as TrackChoice;
    });
    expect(mainBox(stack({ tracks }))?.id).toBe(main);
  });

  it('keeps the heights that the user gave, within reason', () => {
    const chosen = setHeight(setHeight(FIRST_CHOICES, 'cell', 200), 'forget', 3);
    const made = stack({ tracks: chosen.tracks });
    const height = (id: string) => made.heats.find((box) => box.id === id)?.height;
    expect([height('cell'), height('forget')]).toEqual([200, 24]);
  });

  it('leaves of a folded track its heading', () => {
    const chosen = foldTrack(foldTrack(foldTrack(FIRST_CHOICES, 'output'), 'loss'), 'next');
    const [open, folded] = [stack(), stack({ tracks: chosen.tracks })];
    const box = folded.heats.find(({ id }) => id === 'output');
    const after = folded.heats.find(({ id }) => id === 'hidden');
    expect([box?.height, (after?.top ?? 0) - (box?.top ?? 0)]).toEqual([0, HEAD]);
    expect(folded.lanes.map(({ height }) => height)).toEqual([0, 0]);
    expect(folded.pinned).toBe(50 + 36 + 2 * HEAD);
    // What it frees goes to the others.
    expect(folded.heats[0]?.height).toBeGreaterThan(open.heats[0]?.height ?? Infinity);
  });

  it.each([
    // viewport, loss -> loss, band, labels
    [200, true, 10, 6, 0],
    [300, true, 16, 10, 0],
    [900, true, 20, 12, 12],
    [900, false, 0, 32, 12],
  ])('of %d pixels has an overview (loss: %s) of %d, %d and %d', (viewport, loss, bars, band, labels) => {
    expect(overviewBox(viewport, loss)).toMatchObject({ loss: bars, band, labels, height: bars + band + labels + 6 });
  });

  it('scrolls to a row only when it is out of sight', () => {
    const made = stack({ viewport: 400 });
    const [first, last] = [made.heats[0], made.heats[5]];
    if (!first || !last) throw new Error('six tracks');
    expect(scrollToPlace(made, first, 10, 0)).toBe(0);
    const scroll = scrollToPlace(made, last, 255, 0);
    expect(scroll).toBeGreaterThan(0);
    expect(scroll).toBeLessThanOrEqual(maxScroll(made));
    expect(screenTop(made, last, scroll)).toBeLessThan(400);
  });
});

describe('tracks of a model', () => {
  it.each([
    [
      'of the layer chosen and of another',
      [{ signal: 'cell' }, { signal: 'cell', layer: 'l1' }],
      0,
      'cell/0 l1.cell/1',
    ],
    ['follow the choice of the layer', [{ signal: 'cell' }, { signal: 'change' }], 1, 'cell/1 change/1'],
    ['that it has not are left out', [{ signal: 'reset' }, { signal: 'hidden' }], 0, 'hidden/0'],
    ['are at least one', [{ signal: 'reset' }], 1, 'hidden/1'],
  ] as const)('%s', (_, chosen, layer, found) => {
    expect(
      tracksOf(chosen, layers, layer, false)
        .map((track) => `${track.id}/${String(track.layer)}`)
        .join(' '),
    ).toBe(found);
  });
});

describe('hit', () => {
  const made = stack({ viewport: 400 });
  const [cell, , input] = made.heats;
  if (!cell || !input) throw new Error('six tracks');
  const [next, loss] = made.lanes;
  if (!next || !loss) throw new Error('two lanes');
  const top = made.pinned + cell.bodyTop;
  const plot = GUTTER + 41;
  const end = GUTTER + AXIS.width - 10;

  it.each([
    // what, x, y, scroll -> zone, track, place
    ['above', plot, -1, 0, 'none', undefined, undefined],
    ['the overview', plot, 3, 0, 'overview', undefined, undefined],
    ['the ruler', plot, made.ruler.top + 3, 0, 'ruler', undefined, undefined],
    ['the next token', plot, next.bodyTop + 3, 0, 'body', 'next', undefined],
    ['its arrow', 5, next.bodyTop + 3, 0, 'fold', 'next', undefined],
    ['the loss', plot, loss.bodyTop + 4, 0, 'body', 'loss', undefined],
    ['the numbers of the loss', 20, loss.bodyTop + 4, 0, 'gutter', 'loss', undefined],
    ['a heading', plot, top - 5, 0, 'head', 'cell', undefined],
    ['its arrow', 5, top - 5, 0, 'fold', 'cell', undefined],
    ['its legend', end, top - 5, 0, 'legend', 'cell', undefined],
    ['beside its legend', GUTTER + AXIS.width - LEGEND_ROOM - 1, top - 5, 0, 'head', 'cell', undefined],
    ['the first unit', plot, top, 0, 'body', 'cell', 0],
    ['the last unit', plot, top + cell.height - 0.1, 0, 'body', 'cell', 255],
    ['a unit’s number', 20, top, 0, 'gutter', 'cell', 0],
    ['a lower edge', plot, top + cell.height + 2, 0, 'edge', 'cell', undefined],
    ['what has scrolled there', plot, top, input.top, 'body', 'input', 0],
    ['below', plot, 400, 0, 'none', undefined, undefined],
  ])('%s', (_, x, y, scroll, zone, track, place) => {
    expect(hitTest(made, AXIS, x, y, scroll)).toMatchObject({ zone, track, place });
  });

  it('tells token and layer', () => {
    expect(hitTest(made, AXIS, plot, top, 0)).toEqual({ zone: 'body', track: 'cell', layer: 0, token: 10, place: 0 });
    expect(hitTest(made, AXIS, 20, top, 0).token).toBeUndefined();
    expect(hitTest(made, { ...AXIS, tokens: 5 }, plot, top, 0).token).toBeUndefined();
  });

  it('never reaches tracks that have scrolled under the pinned part', () => {
    expect(hitTest(made, AXIS, plot, made.pinned - GAP - 1, 50)).toMatchObject({ zone: 'body', track: 'loss' });
  });

  it('finds no row where no unit is shown, and no legend where a track is folded', () => {
    const none = stack({ units: 0, tracks: heats(1) });
    const [box] = none.heats;
    expect(hitTest(none, AXIS, plot, none.pinned + (box?.bodyTop ?? 0) + 2, 0)).toMatchObject({
      zone: 'body',
      place: undefined,
    });
    const folded = stack({ tracks: [{ signal: 'cell', folded: true }] });
    expect(hitTest(folded, AXIS, end, folded.pinned + 5, 0).zone).toBe('head');
  });
});
