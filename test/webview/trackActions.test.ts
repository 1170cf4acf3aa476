/** The current track: where it is among those shown, and where the picture is scrolled for it. */
import { describe, expect, it } from 'vitest';
import { FIRST_CHOICES, trackId } from '../../webview/choices';
import { stackTracks } from '../../webview/layout/tracks';
import { setMark, shownTracks } from '../../webview/state';
import { moveShown, scrollToTrack, setTrack } from '../../webview/trackActions';
import { shownState } from './traceInfo';

const shown = shownState();
const tracks = shownTracks(shown);
const stack = stackTracks({
  viewport: 300,
  ratio: 1,
  gutter: 24,
  overview: true,
  tracks,
  rows: () => ({ units: 256, pinned: 0 }),
});
const order = (by: 1 | -1, id: string): readonly string[] =>
  moveShown(FIRST_CHOICES, ['cell', 'forget', 'input', 'candidate', 'output', 'hidden'], id, by).tracks.map(trackId);

describe('a track', () => {
  it('moves past the next one that is shown, and not past the last', () => {
    // Reset and update are chosen too, and a GRU's.
    expect(order(1, 'input')).toEqual([
      'next',
      'loss',
      'cell',
      'forget',
      'reset',
      'update',
      'candidate',
      'input',
      'output',
      'hidden',
    ]);
    expect(order(-1, 'candidate').indexOf('candidate')).toBe(order(-1, 'candidate').indexOf('input') - 1);
    expect(order(1, 'hidden')).toEqual(FIRST_CHOICES.tracks.map(trackId));
    expect(order(-1, 'cell')).toEqual(FIRST_CHOICES.tracks.map(trackId));
  });

  it('takes the mark with it, and the unit where it is of the same layer', () => {
    const marked = setMark(shown, { token: 3, layer: 0, unit: 9, track: 'forget' });
    const [box] = stack.heats.filter(({ id }) => id === 'cell');
    if (box === undefined) throw new Error('no cell');
    const next = setTrack(marked, box);
    expect([next.track, next.mark]).toEqual(['cell', { token: 3, layer: 0, unit: 9, track: 'cell' }]);
    const other = { id: 'l1.cell', track: { ...box.track, id: 'l1.cell', layer: 1 } };
    expect(setTrack(marked, other).mark).toEqual({ token: 3, layer: 1, unit: undefined, track: 'l1.cell' });
  });

  it('is scrolled into sight, heading first', () => {
    const last = stack.heats.at(-1);
    const first = stack.heats[0];
    if (last === undefined || first === undefined) throw new Error('no tracks');
    const down = scrollToTrack(stack, last, 0);
    const room = stack.viewport - stack.pinned;
    expect(last.top - down).toBeGreaterThanOrEqual(0);
    expect(last.bodyTop + last.height - down).toBeLessThanOrEqual(room);
    expect(scrollToTrack(stack, first, down)).toBe(0);
    expect(scrollToTrack(stack, first, 0)).toBe(0);
  });
});
