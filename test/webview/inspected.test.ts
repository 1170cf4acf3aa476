/** What the inspector's pages are about: the unit at the crosshair, what a row says of its cell, and the pinned units. */
import { describe, expect, it } from 'vitest';
import { SIGNALS, type CellKind } from '../../src/shared/signals';
import type { LayerInfo, TokenRow } from '../../src/shared/trace';
import { cellValues, pinnedUnits, unitAt } from '../../webview/inspected';
import { lineSignals } from '../../webview/layout/lines';
import { stretchOf } from '../../webview/series';
import { INITIAL, type Cursor, type State } from '../../webview/state';
import { shownState, traceInfo } from './traceInfo';

const cursor = (token: number, layer: number, unit: number | undefined): Cursor => ({
  token,
  layer,
  unit,
  track: undefined,
});

describe('the unit at the crosshair', () => {
  const shown = shownState(traceInfo(7, 1000, 2, 8));
  const half: State = {
    ...shown,
    scene:
      shown.scene?.kind === 'trace' ? { ...shown.scene, progress: { ...shown.scene.progress, done: 500 } } : undefined,
  };
  it.each<readonly [what: string, state: State, want: readonly number[] | undefined]>([
    ['is that of the mark', { ...shown, mark: cursor(12, 1, 3) }, [7, 12, 1, 3]],
    ['is rather what the pointer is on', { ...shown, mark: cursor(12, 1, 3), hover: cursor(40, 0, 5) }, [7, 40, 0, 5]],
    ['may be the first of all', { ...shown, mark: cursor(0, 0, 0) }, [7, 0, 0, 0]],
    ['is none where nothing is marked', shown, undefined],
    ['is none on no unit’s row', { ...shown, mark: cursor(12, 1, undefined) }, undefined],
    ['is none in no layer', { ...shown, mark: cursor(12, 2, 3) }, undefined],
    ['is none in an empty view', { ...INITIAL, mark: cursor(12, 1, 3) }, undefined],
    ['is there at the last token that is traced', { ...half, mark: cursor(499, 0, 1) }, [7, 499, 0, 1]],
    ['is none behind it', { ...half, mark: cursor(500, 0, 1) }, undefined],
  ])('%s', (_, state, want) => {
    const at = unitAt(state)?.at;
    expect(at && [at.trace, at.token, at.layer, at.unit]).toEqual(want);
  });

  it('comes with its layer', () => {
    expect(unitAt({ ...shown, mark: cursor(12, 1, 3) })?.layer.name).toBe('l1');
  });
});

describe('a row’s values of a cell', () => {
  const UNITS = 4;
  const layerOf = (cell: CellKind): LayerInfo => ({
    name: 'l0',
    cell,
    inputSize: 3,
    units: UNITS,
    signals: SIGNALS[cell],
  });
  /** Signal i of unit u is 10·i + u; the memory before is 100 + u. */
  const rowOf = (cell: CellKind, units = UNITS): TokenRow => {
    const all = Array.from({ length: units }, (_, unit) => unit);
    return {
      token: 9,
      label: 'a',
      glyph: { text: 'a', token: 9, count: 1, start: 9 },
      loss: 1,
      layers: [SIGNALS[cell].map((_, i) => Float32Array.from(all, (unit) => 10 * i + unit))],
      before: [Float32Array.from(all, (unit) => 100 + unit)],
    };
  };
  const at = (unit: number, layer = 0): Parameters<typeof cellValues>[0] => ({ trace: 7, token: 9, layer, unit });

  it.each(['lstm', 'gru', 'rnn'] as const)('%s: each signal’s by name, and the memory before', (cell) => {
    const { values, before, glyph, token, unit } = cellValues(at(2), layerOf(cell), rowOf(cell));
    expect(values).toEqual(Object.fromEntries(SIGNALS[cell].map(({ name }, i) => [name, 10 * i + 2])));
    expect([before, glyph, token, unit]).toEqual([102, 'a', 9, 2]);
  });

  it.each<readonly [what: string, unit: number, layer: number, row: TokenRow | undefined, glyph: string]>([
    ['has not come', 2, 0, undefined, ''],
    ['has fewer units', 3, 0, rowOf('lstm', 3), 'a'],
    ['has not the layer', 2, 1, rowOf('lstm'), 'a'],
  ])('are none where it %s', (_, unit, layer, row, glyph) => {
    expect(cellValues(at(unit, layer), layerOf('lstm'), row)).toMatchObject({ values: {}, before: 0, glyph });
  });

  it('are none without the memory that the drawing begins with', () => {
    const row = rowOf('lstm');
    const memory = SIGNALS.lstm.findIndex(({ name }) => name === 'cell');
    const layers = row.layers.map((own) => own.map((values, i) => (i === memory ? new Float32Array(0) : values)));
    expect(cellValues(at(2), layerOf('lstm'), { ...row, layers }).values).toEqual({});
  });
});

describe('pinned units', () => {
  const shown = shownState(traceInfo(7, 1000, 2, 8));
  const pinned = (pins: Readonly<Record<string, readonly number[]>>): State => ({
    ...shown,
    choices: { ...shown.choices, rows: { ...shown.choices.rows, pins } },
  });
  it.each<readonly [what: string, state: State, want: readonly (readonly [layer: number, unit: number])[]]>([
    ['are none at first', shown, []],
    [
      'are in the order in which they were pinned',
      pinned({ l0: [5, 2] }),
      [
        [0, 5],
        [0, 2],
      ],
    ],
    [
      'come layer by layer',
      pinned({ l1: [1], l0: [3] }),
      [
        [0, 3],
        [1, 1],
      ],
    ],
    ['are those that the layer has', pinned({ l0: [7, 8, 300] }), [[0, 7]]],
    ['of another model’s layers are passed over', pinned({ encoder: [1] }), []],
    ['are none where nothing is traced', { ...INITIAL, choices: pinned({ l0: [1] }).choices }, []],
  ])('%s', (_, state, want) => {
    expect(pinnedUnits(state, 0).map(({ layerIndex, unit }) => [layerIndex, unit])).toEqual(want);
  });

  it.each([0, 3])('are asked for what is in sight, at level %d', (level) => {
    const state = pinned({ l1: [6] });
    const [found] = pinnedUnits(state, level);
    const signals = found && lineSignals(found.layer);
    expect(found?.request).toEqual({ trace: 7, layer: 1, unit: 6, signals, level, ...stretchOf(state.axis, level) });
    expect(found?.request.columns).toBeGreaterThan(0);
  });
});
