/** The selection of a stretch of time, as pure verbs. */
import { describe, expect, it } from 'vitest';
import {
  anchorOf,
  clearSelection,
  followMark,
  selectBetween,
  selectionOf,
  zoomToSelection,
} from '../../webview/selection';
import { followEditor, lookAt, lookOf } from '../../webview/state';
import { shownState } from './traceInfo';

const shown = shownState();
const at = (token: number, count = 1) => ({ token, count });

describe('a selection', () => {
  it.each([
    ['forwards', at(10), at(20), at(10, 11)],
    ['backwards, its first token included', at(20), at(10), at(10, 11)],
    ['of columns of many tokens', at(64, 32), at(128, 32), at(64, 96)],
    ['of one token', at(5), at(5), at(5)],
  ])('reaches from where it began to where it is: %s', (_, anchor, to, selected) => {
    expect(selectionOf(selectBetween(shown, anchor, to))).toEqual(selected);
  });

  it('is none where the editor has only its cursor somewhere', () => {
    expect(selectionOf(followEditor(shown, 40, 3))).toBeUndefined();
    expect(selectionOf(followEditor(shown, 40, 3, true))).toEqual(at(40, 3));
    expect(selectionOf(followMark(selectBetween(shown, at(1), at(9)), { token: 4 }))).toBeUndefined();
  });

  it.each([
    ['goes on while the mark is at its end', at(20), at(10)],
    ['goes on while the mark is at its start', at(10), at(10)],
    ['begins anew at a mark elsewhere', at(15), at(15)],
  ])('%s', (_, mark, anchor) => {
    expect(anchorOf(selectBetween(shown, at(10), at(20)), mark)).toEqual(anchor);
  });

  it('is cleared, and a cursor alone is left as it is', () => {
    expect(clearSelection(selectBetween(shown, at(1), at(2))).followed).toBeUndefined();
    const followed = followEditor(shown, 40, 3);
    expect(clearSelection(followed)).toBe(followed);
  });

  it('fills the width when it is zoomed to, as far as columns may be wide', () => {
    const { from, to } = lookOf(zoomToSelection(selectBetween(shown, at(300), at(399))));
    expect([from, to]).toEqual([expect.closeTo(296, 6), expect.closeTo(404, 6)]);
    const one = lookOf(zoomToSelection(selectBetween(shown, at(300), at(300))));
    // 400 pixels are at least 8⅓ tokens; what is selected is in their middle.
    expect([one.to - one.from, (one.from + one.to) / 2]).toEqual([
      expect.closeTo(400 / 48, 6),
      expect.closeTo(300.5, 6),
    ]);
    expect(zoomToSelection(shown)).toBe(shown);
  });
});

describe('a look of another view', () => {
  it.each([
    ['as it is, where it has room', { from: 100, to: 200 }, { from: 100, to: 200 }],
    ['its middle, where columns would be too wide', { from: 100, to: 102 }, { from: 101 - 25 / 6, to: 101 + 25 / 6 }],
    ['the text’s end', { from: 990, to: 1090 }, { from: 900, to: 1000 }],
    ['the whole text', { from: 0, to: 5000 }, { from: 0, to: 1000 }],
  ])('is shown: %s', (_, look, want) => {
    const { from, to } = lookOf(lookAt(shown, look));
    expect([from, to]).toEqual([expect.closeTo(want.from, 6), expect.closeTo(want.to, 6)]);
  });

  it('is the same for two views of one width, and for the one that told it', () => {
    const told = lookOf(lookAt(shown, { from: 123.4, to: 217.9 }));
    const { from, to } = lookOf(lookAt(shown, told));
    expect([from, to]).toEqual([expect.closeTo(told.from, 9), expect.closeTo(told.to, 9)]);
  });
});
