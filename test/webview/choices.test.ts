/** What a person chose: which tracks in which order, which rows; and what is made of what was remembered. */
import { describe, expect, it } from 'vitest';
import {
  FIRST_CHOICES,
  foldTrack,
  moveAmong,
  MOST_PINS,
  parseFilter,
  readChoices,
  resetTracks,
  setHeight,
  setRows,
  togglePin,
  toggleTrack,
  trackId,
  type Choices,
  type TrackChoice,
} from '../../webview/choices';

const of = (...ids: readonly string[]): Choices => ({
  ...FIRST_CHOICES,
  tracks: ids.map((id) => {
    const [a = '', b] = id.split('.');
    return (b === undefined ? { signal: a } : { signal: b, layer: a }) as TrackChoice;
  }),
});
const ids = ({ tracks }: Choices): string => tracks.map(trackId).join(' ');

describe('tracks', () => {
  it.each([
    // before, toggled -> after
    ['loss cell forget', { signal: 'input' }, 'loss cell forget input'],
    ['forget output', { signal: 'input' }, 'forget input output'],
    ['cell hidden', { signal: 'forget' }, 'cell forget hidden'],
    ['cell hidden', { signal: 'loss' }, 'loss cell hidden'],
    ['forget cell', { signal: 'change' }, 'forget cell change'],
    ['cell', { signal: 'cell', layer: 'l1' }, 'cell l1.cell'],
    ['cell l1.hidden', { signal: 'forget', layer: 'l1' }, 'cell l1.forget l1.hidden'],
    ['forget cell hidden', { signal: 'cell' }, 'forget hidden'],
    ['cell l1.cell', { signal: 'cell', layer: 'l1' }, 'cell'],
  ] as const)('%s, %j: %s', (before, track, after) => {
    expect(ids(toggleTrack(of(...before.split(' ')), track))).toBe(after);
  });

  it.each([
    // chosen, of them shown, moved, by -> after
    ['a b c', 'a b c', 'a', 1, 'b a c'],
    ['a b c', 'a b c', 'c', -1, 'a c b'],
    ['a b c', 'a b c', 'a', 2, 'b c a'],
    ['a b c', 'a b c', 'c', -2, 'c a b'],
    ['a b c', 'a b c', 'a', -1, 'a b c'],
    ['a b c', 'a b c', 'c', 5, 'a b c'],
    // What this model has not stays where it is.
    ['a x b y c', 'a b c', 'a', 1, 'x b a y c'],
    ['a x b y c', 'a b c', 'c', -1, 'a x c b y'],
    ['a x b', 'a b', 'x', 1, 'a x b'],
  ])('of %s (shown: %s), %s moved by %d: %s', (chosen, shown, id, by, after) => {
    expect(ids(moveAmong(of(...chosen.split(' ')), id, by, shown.split(' ')))).toBe(after);
  });

  it('fold and open', () => {
    const folded = foldTrack(of('cell', 'hidden'), 'hidden');
    expect(folded.tracks.map((track) => track.folded)).toEqual([undefined, true]);
    expect(foldTrack(folded, 'hidden').tracks[1]?.folded).toBe(false);
  });

  it('forget a height that is reset', () => {
    const tall = setHeight(of('cell'), 'cell', 133);
    expect(tall.tracks).toEqual([{ signal: 'cell', height: 133 }]);
    expect(setHeight(tall, 'cell', undefined).tracks).toEqual([{ signal: 'cell' }]);
  });

  it('come back as they were at first, rows staying', () => {
    const changed = setRows(of('cell'), { order: 'mean' });
    expect(resetTracks(changed)).toEqual({ ...FIRST_CHOICES, rows: changed.rows });
  });
});

describe('rows', () => {
  it.each([
    ['', []],
    [
      '0-31, 64',
      [
        [0, 31],
        [64, 64],
      ],
    ],
    ['7', [[7, 7]]],
    ['9-3', [[3, 9]]],
    [
      '1;2 3',
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ],
    ['1–4', [[1, 4]]],
    ['a', undefined],
    ['1-', undefined],
    ['1-2-3', undefined],
    ['-4', undefined],
    ['1.5', undefined],
  ])('the filter %j means %j', (text, ranges) => {
    expect(parseFilter(text)).toEqual(ranges);
  });

  it('pin units of each layer, up to a limit, and let them go', () => {
    const two = togglePin(togglePin(FIRST_CHOICES, 'l0', 5), 'l0', 3);
    expect(two.rows.pins).toEqual({ l0: [5, 3] });
    expect(togglePin(two, 'l0', 5).rows.pins).toEqual({ l0: [3] });
    const units = Array.from({ length: MOST_PINS + 3 }, (_, unit) => unit);
    const many = units.reduce((choices, unit) => togglePin(choices, 'l1', unit), two);
    expect(many.rows.pins['l1']).toEqual(units.slice(3));
    expect(many.rows.pins['l0']).toEqual([5, 3]);
  });
});

describe('what was remembered', () => {
  const kept = setRows(of('cell', 'l1.hidden'), { order: 'clusters', filter: '1-2', pins: { l0: [1] } });
  it.each([
    ['all of it', JSON.parse(JSON.stringify(kept)) as unknown, kept],
    ['nothing', undefined, FIRST_CHOICES],
    ['another version', { ...kept, version: 1 }, FIRST_CHOICES],
    ['no tracks', { ...kept, tracks: [] }, { ...kept, tracks: FIRST_CHOICES.tracks }],
    ['tracks that are none', { ...kept, tracks: [4, { signal: 'cell' }] }, { ...kept, tracks: [{ signal: 'cell' }] }],
    ['rows without pins', { ...kept, rows: { order: 'mean' } }, { ...kept, rows: FIRST_CHOICES.rows }],
    ['another reduction', { ...kept, of: 'median' }, kept],
  ])('%s', (_, from, choices) => {
    expect(readChoices(from)).toEqual(choices);
  });
});
