/** The view's state and its verbs: what is shown, where, and what outlives hiding. */
import { describe, expect, it } from 'vitest';
import { SIGNALS, type CellKind } from '../../src/shared/signals';
import type { ModelInfo } from '../../src/shared/trace';
import type { Scene } from '../../src/shared/viewApi';
import { FIRST_CHOICES, toggleTrack } from '../../webview/choices';
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

const signalsOf = (state: verbs.State): readonly string[] => verbs.shownTracks(state).map(({ id }) => id);
const LANES = ['next', 'loss'];
const LSTM = ['cell', 'forget', 'input', 'candidate', 'output', 'hidden'];
const UNITS = Array.from({ length: 256 }, (_, unit) => unit);

const sized = verbs.resize(verbs.INITIAL, 400);
const shown = verbs.showScene(sized, scene(1, 1000));

describe('a scene', () => {
  it('is first seen from its beginning, at a scale that can be read', () => {
    expect(shown.axis).toEqual({ tokens: 1000, width: 400, start: 0, scale: 6 });
    expect(signalsOf(shown)).toEqual([...LANES, ...LSTM]);
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
    const marked = verbs.setMark(shown, { token: 900, unit: 3, layer: 0, track: 'cell' });
    expect(verbs.showScene(marked, scene(2, 950)).mark?.token).toBe(900);
    expect(verbs.showScene(marked, scene(2, 800)).mark).toBeUndefined();
  });

  it('of a model with fewer layers and signals falls back to what there is', () => {
    const deep = verbs.chooseLayer(shown, 1);
    const rnn = verbs.showScene(deep, scene(2, 1000, 'a.txt', 1000, model('rnn', 1)));
    expect(rnn.layer).toBe(0);
    expect(signalsOf(rnn)).toEqual([...LANES, 'hidden']);
  });

  it('takes only its own progress', () => {
    const running = verbs.showScene(sized, scene(3, 1000, 'a.txt', 10));
    const at = (id: number): number =>
      verbs.doneOf(verbs.applyProgress(running, { id, done: 500, state: 'running', meanLoss: 1 }));
    expect([at(3), at(2)]).toEqual([500, 10]);
  });
});

describe('tracks and layers', () => {
  it.each([
    ['as chosen', FIRST_CHOICES, [...LANES, ...LSTM]],
    ['without one', toggleTrack(FIRST_CHOICES, { signal: 'cell' }), [...LANES, ...LSTM.filter((s) => s !== 'cell')]],
    ['of another layer', { ...FIRST_CHOICES, tracks: [{ signal: 'cell', layer: 'l1' }] }, ['l1.cell']],
    [
      'but not of one that the model has not',
      { ...FIRST_CHOICES, tracks: [{ signal: 'cell', layer: 'l9' }] },
      ['hidden'],
    ],
    ['but never none', { ...FIRST_CHOICES, tracks: [] }, ['hidden']],
  ] as const)('are shown %s', (_, choices, ids) => {
    expect(signalsOf(verbs.choose(shown, choices))).toEqual(ids);
  });

  it('pin the unit that is read, and let it go', () => {
    const at = verbs.setMark(shown, { token: 1, unit: 7, layer: 1, track: undefined });
    const pinned = verbs.pinUnit(at);
    expect(pinned.choices.rows.pins).toEqual({ l1: [7] });
    expect(verbs.pinUnit(pinned).choices.rows.pins).toEqual({ l1: [] });
    expect(verbs.pinUnit(shown)).toBe(shown);
    expect(verbs.pinUnit(at, { layer: 0, unit: undefined })).toBe(at);
  });

  it('steps through rows in their order', () => {
    const order = [9, 4, 200];
    const from = verbs.setMark(shown, { token: 0, unit: 4, layer: 0, track: 'cell' });
    expect([1, -1, 5].map((by) => verbs.moveMark(from, 0, by, order).mark?.unit)).toEqual([200, 9, 200]);
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
  const at = (token: number, unit: number | undefined) =>
    verbs.setMark(shown, { token, unit, layer: 0, track: 'cell' });
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
    const moved = verbs.moveMark(state, tokens, units, UNITS);
    expect([moved.mark?.token, moved.mark?.unit]).toEqual([token, unit]);
    expect(moved.axis.start).toBeLessThanOrEqual(token);
    expect(moved.axis.start + 400 / moved.axis.scale).toBeGreaterThanOrEqual(token + 1);
  });

  it('moves on from the pointer', () => {
    const hovered = verbs.setHover(at(10, 5), { token: 20, unit: 7, layer: 0, track: 'forget' });
    const moved = verbs.moveMark(hovered, 1, 0, UNITS);
    expect(verbs.cursorOf(moved)).toEqual({ token: 21, unit: 7, layer: 0, track: 'forget' });
  });

  it('goes no further than what is traced', () => {
    const running = verbs.showScene(sized, scene(3, 1000, 'a.txt', 10));
    expect(verbs.moveMark(running, Infinity, 0, UNITS).mark?.token).toBe(9);
    expect(verbs.moveMark(verbs.showScene(sized, scene(3, 1000, 'a.txt', 0)), 1, 0, UNITS).mark).toBeUndefined();
  });

  it('does not make a new state of the same place', () => {
    const hovered = verbs.setHover(shown, { token: 1, unit: 2, layer: 0, track: 'cell' });
    expect(verbs.setHover(hovered, { token: 1, unit: 2, layer: 0, track: 'cell' })).toBe(hovered);
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
    expect(state.mark).toEqual({ token: 700, unit: 12, layer: 1, track: 'cell' });
    const rnn = verbs.showScene(sized, scene(2, 1000, 'r.txt', 1000, model('rnn', 1)));
    expect(verbs.focusPlace(rnn, 1, 0, 12).mark?.track).toBe('hidden');
    expect(verbs.focusPlace(rnn, 1, undefined, undefined).mark).toEqual({
      token: 1,
      unit: undefined,
      layer: 0,
      track: undefined,
    });
  });
});

describe('what outlives hiding', () => {
  const there = verbs.setScroll(
    verbs.setAxis(verbs.chooseLayer(shown, 1), { ...shown.axis, start: 321, scale: 11 }),
    44,
  );
  const saved = JSON.parse(JSON.stringify(verbs.save(there))) as unknown;

  it.each([
    ['the width first', (state: verbs.State) => verbs.showScene(verbs.resize(state, 400), scene(9, 1000))],
    ['the trace first', (state: verbs.State) => verbs.resize(verbs.showScene(state, scene(9, 1000)), 400)],
  ])('comes back: %s', (_, come) => {
    const back = come(verbs.restore(verbs.INITIAL, saved));
    expect([back.axis, back.scroll, back.layer]).toEqual([there.axis, 44, 1]);
  });

  it('keeps its taste but not its place for another text', () => {
    const other = verbs.showScene(verbs.resize(verbs.restore(verbs.INITIAL, saved), 400), scene(9, 1000, 'b.txt'));
    expect([other.axis.start, other.layer]).toEqual([0, 1]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['another version', { ...(saved as object), version: 1 }],
    ['no title', { ...(saved as object), title: 4 }],
    ['a number that is none', { ...(saved as object), start: null }],
    ['a negative scroll', { ...(saved as object), scroll: -1 }],
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
    const hover = { token: 3, unit: 1, layer: 0, track: undefined };
    const before = { ...verbs.setHover(shown, hover), followed: { token: 2, count: 1 } };
    const after = verbs.showScene(before, scene(2, 1001, 'a.txt', 0));
    expect([after.hover, after.followed, after.axis.scale]).toEqual([hover, before.followed, shown.axis.scale]);
  });
});
