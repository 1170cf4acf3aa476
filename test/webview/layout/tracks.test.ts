/** Stacking of tracks, and what lies under a pixel of them. */
import { describe, expect, it } from 'vitest';
import { hitTest, unitAt } from '../../../webview/layout/hit';
import {
  GAP,
  HEAD,
  maxScroll,
  screenTop,
  scrollToUnit,
  stackTracks,
  type StackInput,
} from '../../../webview/layout/tracks';
import { SIGNALS } from '../../../src/shared/signals';
import { TRACK_ORDER } from '../../../webview/state';

const LSTM = TRACK_ORDER.filter((track) => SIGNALS.lstm.some(({ name }) => name === track));
const input: StackInput = { viewport: 900, overview: true, loss: true, signals: LSTM, units: 256, heights: {} };
const axis = { tokens: 1000, width: 400, start: 0, scale: 4 };

describe('stack', () => {
  it('shares the height evenly and without overlap', () => {
    const stack = stackTracks(input);
    const heights = new Set(stack.heats.map(({ height }) => height));
    expect(heights.size).toBe(1);
    stack.heats.forEach((box, i) => {
      const next = stack.heats[i + 1];
      expect(box.bodyTop).toBe(box.top + HEAD);
      if (next) expect(next.top).toBe(box.bodyTop + box.height + GAP);
    });
    expect(maxScroll(stack)).toBe(0);
    expect(stack.pinned + stack.content).toBeGreaterThan(900 - LSTM.length);
  });

  it.each([
    // what, viewport, signals, units -> height of each, scrolls
    ['scrolls when tracks would get too low', 400, 6, 256, 52, true],
    ['gives a lone track all there is', 600, 1, 256, 600 - 110 - HEAD - GAP, false],
    ['keeps few units from swelling', 900, 1, 4, 80, false],
    ['shows a single unit as a strip', 900, 1, 1, 24, false],
  ])('%s', (_, viewport, count, units, height, scrolls) => {
    const stack = stackTracks({ ...input, viewport, signals: LSTM.slice(0, count), units });
    expect(stack.pinned).toBe(110);
    expect(stack.heats.map((box) => box.height)).toEqual(Array.from({ length: count }, () => height));
    expect(maxScroll(stack) > 0).toBe(scrolls);
  });

  it('keeps the heights that the user gave, within reason', () => {
    const stack = stackTracks({ ...input, heights: { cell: 200, forget: 3 } });
    expect(stack.heats.find(({ id }) => id === 'cell')?.height).toBe(200);
    expect(stack.heats.find(({ id }) => id === 'forget')?.height).toBe(24);
  });

  it('scrolls to a unit only when it is out of sight', () => {
    const stack = stackTracks({ ...input, viewport: 400 });
    const [first, last] = [stack.heats[0], stack.heats[5]];
    if (!first || !last) throw new Error('six tracks');
    expect(scrollToUnit(stack, first, 10, 0)).toBe(0);
    const scroll = scrollToUnit(stack, last, 255, 0);
    expect(scroll).toBeGreaterThan(0);
    expect(scroll).toBeLessThanOrEqual(maxScroll(stack));
    expect(screenTop(stack, last, scroll)).toBeLessThan(400);
  });
});

describe('hit', () => {
  const stack = stackTracks({ ...input, viewport: 400 });
  const forget = stack.heats[0];
  const candidate = stack.heats[2];
  if (!forget || !candidate) throw new Error('six tracks');
  const top = stack.pinned + forget.bodyTop;

  it.each([
    // what, y, scroll -> zone, track, unit
    ['above', -1, 0, 'none', undefined, undefined],
    ['the overview', 3, 0, 'overview', undefined, undefined],
    ['the ruler', 30, 0, 'ruler', undefined, undefined],
    ['the loss', 90, 0, 'body', 'loss', undefined],
    ['a heading', top - 5, 0, 'head', 'forget', undefined],
    ['the first unit', top, 0, 'body', 'forget', 0],
    ['the last unit', top + forget.height - 1, 0, 'body', 'forget', 251],
    ['a lower edge', top + forget.height + 2, 0, 'edge', 'forget', undefined],
    ['what has scrolled there', top, candidate.top, 'body', 'candidate', 0],
    ['below', 400, 0, 'none', undefined, undefined],
  ])('%s', (_, y, scroll, zone, track, unit) => {
    expect(hitTest(stack, axis, 41, y, scroll)).toEqual({ zone, track, token: 10, unit });
  });

  it('never reaches tracks that have scrolled under the pinned part', () => {
    expect(hitTest(stack, axis, 41, stack.pinned - GAP - 1, 50)).toMatchObject({ zone: 'body', track: 'loss' });
  });

  it('finds no token beside the text', () => {
    expect(hitTest(stack, { ...axis, tokens: 5 }, 41, 30, 0).token).toBeUndefined();
  });

  it.each([
    [0, 0],
    [59.9, 255],
    [60, 255],
    [-3, 0],
    [30, 128],
  ])('%d pixels down lies unit %d of 256 in 60 pixels', (y, unit) => {
    expect(unitAt({ ...forget, height: 60 }, y)).toBe(unit);
  });
});
