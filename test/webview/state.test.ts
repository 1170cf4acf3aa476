/** The view's state and its verbs: what is shown, where, and what outlives hiding. */
import { describe, expect, it } from 'vitest';
import { SIGNALS, type CellKind } from '../../src/shared/signals';
import type { ModelInfo } from '../../src/shared/trace';
import type { Scene } from '../../src/shared/viewApi';
import * as verbs from '../../webview/state';

function model(cell: CellKind = 'lstm', layers = 2, units = 256): ModelInfo {
  return {
    id: 1,
    name: 'bytes',
    file: 'bytes.safetensors',
    architecture: 'LSTM',
    tokenizer: 'bytes',
    layers: Array.from({ length: layers }, (_, i) => ({
      name: `l${String(i)}`,
      cell,
      inputSize: 256,
      units,
      signals: SIGNALS[cell],
    })),
    parameters: 1,
    predicts: true,
    description: undefined,
    warnings: [],
  };
}

function scene(id: number, tokens: number, title = 'a.txt', done = tokens, of = model()): Scene {
  return {
    kind: 'trace',
    info: { id, model: of, tokens, textLength: tokens, baseLevel: 0, notes: [] },
    progress: { id, done, state: done < tokens ? 'running' : 'done', meanLoss: undefined },
    title,
    stale: undefined,
  };
}

const sized = verbs.resize(verbs.INITIAL, 400);
const shown = verbs.showScene(sized, scene(1, 1000));

describe('a scene', () => {
  it('is first seen from its beginning, at a scale that can be read', () => {
    expect(shown.axis).toEqual({ tokens: 1000, width: 400, start: 0, scale: 6 });
    expect(verbs.shownSignals(shown)).toEqual(['forget', 'input', 'candidate', 'output', 'cell', 'hidden']);
  });

  it('may come before the view has a width', () => {
    const early = verbs.resize(verbs.showScene(verbs.INITIAL, scene(1, 1000)), 400);
    expect(early.axis).toEqual(shown.axis);
  });

  it.each([
    ['the same trace, now stale', scene(1, 1000), 500],
    ['the same text traced again', scene(2, 1000), 500],
    ['the same text, much shorter', scene(2, 200), 200 - 400 / 6],
    ['another text', scene(2, 1000, 'b.txt'), 0],
  ])('keeps its place: %s', (_, next, start) => {
    const there = verbs.setAxis(shown, { ...shown.axis, start: 500 });
    expect(verbs.showScene(there, next).axis.start).toBeCloseTo(start, 9);
  });

  it('drops a mark that a shorter text no longer has', () => {
    const marked = verbs.setMark(shown, { token: 900, unit: 3, track: 'cell' });
    expect(verbs.showScene(marked, scene(2, 950)).mark?.token).toBe(900);
    expect(verbs.showScene(marked, scene(2, 800)).mark).toBeUndefined();
  });

  it('of a model with fewer layers and signals falls back to what there is', () => {
    const deep = verbs.chooseLayer(shown, 1);
    const rnn = verbs.showScene(deep, scene(2, 1000, 'a.txt', 1000, model('rnn', 1)));
    expect(rnn.layer).toBe(0);
    expect(verbs.shownSignals(rnn)).toEqual(['hidden']);
  });

  it('takes only its own progress', () => {
    const running = verbs.showScene(sized, scene(3, 1000, 'a.txt', 10));
    const at = (id: number): number =>
      verbs.doneOf(verbs.applyProgress(running, { id, done: 500, state: 'running', meanLoss: 1 }));
    expect([at(3), at(2)]).toEqual([500, 10]);
  });
});

describe('signals and layers', () => {
  it('are stacked in one order, however they were chosen', () => {
    const less = verbs.toggleSignal(verbs.toggleSignal(shown, 'forget'), 'cell');
    expect(verbs.shownSignals(less)).toEqual(['input', 'candidate', 'output', 'hidden']);
    expect(verbs.shownSignals(verbs.toggleSignal(less, 'forget'))[0]).toBe('forget');
  });

  it('leave one', () => {
    let state = shown;
    for (const name of verbs.TRACK_ORDER) state = verbs.toggleSignal(state, name);
    expect(verbs.shownSignals(state)).toEqual(['hidden']);
  });

  it.each([
    [1, 1],
    [2, 0],
    [-1, 0],
  ])('layer %d: layer %d is shown', (asked, layer) => {
    expect(verbs.chooseLayer(shown, asked).layer).toBe(layer);
  });
});

describe('the crosshair', () => {
  const at = (token: number, unit: number | undefined) => verbs.setMark(shown, { token, unit, track: 'cell' });
  it.each([
    // from, by -> to
    ['starts at the first token in sight', shown, [1, 0], 0, undefined],
    ['and by up and down at the first unit', shown, [0, 1], 0, 0],
    ['goes to the end from nowhere', shown, [Infinity, 0], 999, undefined],
    ['steps', at(10, 5), [1, 0], 11, 5],
    ['steps by units', at(10, 5), [0, -1], 10, 4],
    ['stops at the first unit', at(10, 5), [0, -10], 10, 0],
    ['stops at the last unit', at(10, 250), [0, 10], 10, 255],
    ['stops at the end', at(998, 5), [10, 0], 999, 5],
    ['goes home', at(998, 5), [-Infinity, 0], 0, 5],
  ] as const)('%s', (_, state, [tokens, units], token, unit) => {
    const moved = verbs.moveMark(state, tokens, units);
    expect([moved.mark?.token, moved.mark?.unit]).toEqual([token, unit]);
    expect(moved.axis.start).toBeLessThanOrEqual(token);
    expect(moved.axis.start + 400 / moved.axis.scale).toBeGreaterThanOrEqual(token + 1);
  });

  it('moves on from the pointer', () => {
    const hovered = verbs.setHover(at(10, 5), { token: 20, unit: 7, track: 'forget' });
    const moved = verbs.moveMark(hovered, 1, 0);
    expect(verbs.cursorOf(moved)).toEqual({ token: 21, unit: 7, track: 'forget' });
  });

  it('goes no further than what is traced', () => {
    const running = verbs.showScene(sized, scene(3, 1000, 'a.txt', 10));
    expect(verbs.moveMark(running, Infinity, 0).mark?.token).toBe(9);
    expect(verbs.moveMark(verbs.showScene(sized, scene(3, 1000, 'a.txt', 0)), 1, 0).mark).toBeUndefined();
  });

  it('does not make a new state of the same place', () => {
    const hovered = verbs.setHover(shown, { token: 1, unit: 2, track: 'cell' });
    expect(verbs.setHover(hovered, { token: 1, unit: 2, track: 'cell' })).toBe(hovered);
  });
});

describe('the host’s wishes', () => {
  it('follow: marks the editor’s tokens and brings them into sight', () => {
    const state = verbs.followEditor(shown, 700, 3);
    expect(state.followed).toEqual({ token: 700, count: 3 });
    expect(state.axis.start).toBeLessThan(700);
    expect(state.axis.start + 400 / 6).toBeGreaterThan(703);
  });

  it('focus: marks a unit of a layer on its cell track', () => {
    const state = verbs.focusPlace(shown, 700, 1, 12);
    expect(state.layer).toBe(1);
    expect(state.mark).toEqual({ token: 700, unit: 12, track: 'cell' });
    const rnn = verbs.showScene(sized, scene(2, 1000, 'r.txt', 1000, model('rnn', 1)));
    expect(verbs.focusPlace(rnn, 1, 0, 12).mark?.track).toBe('hidden');
    expect(verbs.focusPlace(rnn, 1, undefined, undefined).mark).toEqual({
      token: 1,
      unit: undefined,
      track: undefined,
    });
  });
});

describe('what outlives hiding', () => {
  const there = verbs.setHeight(
    verbs.setScroll(
      verbs.setAxis(verbs.toggleSignal(verbs.chooseLayer(shown, 1), 'input'), { ...shown.axis, start: 321, scale: 11 }),
      44,
    ),
    'cell',
    133.4,
  );
  const saved = JSON.parse(JSON.stringify(verbs.save(there))) as unknown;

  it.each([
    ['the width first', (state: verbs.State) => verbs.showScene(verbs.resize(state, 400), scene(9, 1000))],
    ['the trace first', (state: verbs.State) => verbs.resize(verbs.showScene(state, scene(9, 1000)), 400)],
  ])('comes back: %s', (_, come) => {
    const back = come(verbs.restore(verbs.INITIAL, saved));
    expect([back.axis, back.scroll, back.layer, back.heights]).toEqual([there.axis, 44, 1, { cell: 133.4 }]);
    expect(verbs.shownSignals(back)).not.toContain('input');
  });

  it('keeps its taste but not its place for another text', () => {
    const other = verbs.showScene(verbs.resize(verbs.restore(verbs.INITIAL, saved), 400), scene(9, 1000, 'b.txt'));
    expect([other.axis.start, other.layer]).toEqual([0, 1]);
  });

  it('forgets a height that is reset', () => {
    expect(verbs.setHeight(there, 'cell', undefined).heights).toEqual({});
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['another version', { version: 2 }],
    ['a number that is none', { ...(saved as object), start: null }],
    ['a negative scroll', { ...(saved as object), scroll: -1 }],
    ['heights that are none', { ...(saved as object), heights: { cell: 'tall' } }],
  ])('is left aside: %s', (_, bad) => {
    expect(verbs.restore(verbs.INITIAL, bad)).toBe(verbs.INITIAL);
  });
});

describe('a text that was edited', () => {
  it.each([
    ['the same text and model', scene(2, 1001), true],
    ['another text', scene(2, 1001, 'b.txt'), false],
    ['another model', scene(2, 1001, 'a.txt', 1001, { ...model(), id: 2 }), false],
    ['nothing', { kind: 'empty', modelName: '' } as const, false],
  ])('is succeeded by %s: see there', (_, next, expected) => {
    expect(verbs.succeeds(shown, next)).toBe(expected);
  });

  it('keeps its place, its pointer and its cursor', () => {
    const hover = { token: 3, unit: 1, track: undefined };
    const before = { ...verbs.setHover(shown, hover), followed: { token: 2, count: 1 } };
    const after = verbs.showScene(before, scene(2, 1001, 'a.txt', 0));
    expect([after.hover, after.followed, after.axis.scale]).toEqual([hover, before.followed, shown.axis.scale]);
  });
});
