/** What is copied: the selection or what is in sight, of the tracks and rows that are shown. */
import { describe, expect, it } from 'vitest';
import type { Arrangement } from '../../src/shared/trace';
import { byIndex } from '../../webview/arrangements';
import { changeTrack, toggleTrack } from '../../webview/choices';
import { copiedText, copyRequest } from '../../webview/copying';
import { selectBetween } from '../../webview/selection';
import { choose, setMark, type State } from '../../webview/state';
import { shownState } from './traceInfo';

const shown = shownState();
const plain = () => byIndex(256);
const some: Arrangement = { id: 3, units: Uint16Array.of(7, 2, 9), pinned: 1, merges: [], clusters: [] };
const selected = selectBetween(shown, { token: 20, count: 1 }, { token: 29, count: 1 });
const marked = setMark(selected, { token: 22, layer: 0, unit: 5, track: 'cell' });
const gates = ['loss', 'cell', 'forget', 'input', 'candidate', 'output', 'hidden'];
const signals = (state: State) =>
  copyRequest(state, 'tsv', 'shown', plain)?.tracks.map(({ layer, signal }) =>
    layer === 0 ? signal : `${String(layer)}.${signal}`,
  );

describe('what is copied', () => {
  it('are the tokens in sight, or those selected', () => {
    const seen = copyRequest(shown, 'json', 'shown', plain);
    expect([seen?.from, seen?.to, seen?.format]).toEqual([0, 67, 'json']);
    expect(copyRequest(selected, 'tsv', 'shown', plain)).toMatchObject({ trace: 1, from: 20, to: 30 });
  });

  it.each([
    ['those that are shown', shown, gates],
    [
      'not those that are folded',
      choose(shown, changeTrack(shown.choices, 'input', { folded: true })),
      gates.filter((name) => name !== 'input'),
    ],
    [
      'of several layers',
      choose(shown, toggleTrack(shown.choices, { signal: 'cell', layer: 'l1' })),
      [...gates, '1.cell'],
    ],
  ])('are tracks: %s', (_, state, want) => {
    expect(signals(state)).toEqual(want);
  });

  it('are rows as they stand: all by number without a list, some with theirs, the marked one', () => {
    expect(copyRequest(shown, 'tsv', 'shown', plain)?.units).toBeUndefined();
    expect(copyRequest(shown, 'tsv', 'shown', () => some)?.units).toEqual([7, 2, 9]);
    expect(copyRequest(marked, 'tsv', 'marked', () => some)?.units).toEqual([5]);
  });

  it('is nothing without a marked unit where that is asked, or a trace, or an open track', () => {
    expect(copyRequest(selected, 'tsv', 'marked', plain)).toBeUndefined();
    const folded = shown.choices.tracks.map((track) => ({ ...track, folded: true }));
    expect(copyRequest(choose(shown, { ...shown.choices, tracks: folded }), 'tsv', 'shown', plain)).toBeUndefined();
    expect(copyRequest({ ...shown, scene: undefined }, 'tsv', 'shown', plain)).toBeUndefined();
  });

  it('is told', () => {
    const tracks = [{ layer: 0, signal: 'cell' }] as const;
    const request = { trace: 1, from: 0, to: 1312, tracks, format: 'tsv' } as const;
    expect(copiedText(request, 335_872)).toBe('Copied 1,312 tokens × 1 tracks: 335,872 values');
  });
});
