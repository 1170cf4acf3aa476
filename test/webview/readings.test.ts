/** What is read at the crosshair: of one token its exact values, of a column of several their means; and what is asked for. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { HeatName } from '../../src/shared/signals';
import type { ColumnRequest, ColumnValues } from '../../src/shared/trace';
import { ColumnStore } from '../../webview/columns';
import { mapsFor } from '../../webview/draw/maps';
import { GlyphStore } from '../../webview/glyphs';
import { columnOf as columnAt, tokensPerColumn } from '../../webview/layout/level';
import { BITS_PER_NAT, formatValue } from '../../webview/layout/numbers';
import { scaleOf } from '../../webview/layout/scale';
import { Readings } from '../../webview/readings';
import { RowStore } from '../../webview/rows';
import { doneOf, INITIAL, type Cursor, type State } from '../../webview/state';
import { columnOf } from './harness/columns';
import { synthesise } from './harness/synthetic';
import { shownState, traceInfo } from './traceInfo';

const [TOKENS, UNITS, TOKEN] = [400, 8, 21];
const trace = synthesise({ tokens: TOKENS, cell: 'lstm', layers: 2, units: UNITS });
const info = { ...traceInfo(7, TOKENS, 2, UNITS), model: trace.model };
const shown = shownState(info);
const SIGNALS: readonly HeatName[] = ['cell', 'forget', 'input', 'candidate', 'output', 'hidden'];

const marked = (token: number, unit: number | undefined, layer = 0): State => ({
  ...shown,
  mark: { token, layer, unit, track: undefined } satisfies Cursor,
});
/** Of which the model tells no loss. */
const silent = (state: State): State =>
  state.scene?.kind === 'trace'
    ? {
        ...state,
        scene: { ...state.scene, info: { ...info, model: { ...info.model, predicts: false } } },
      }
    : state;

let asked: string[] = [];
beforeEach(() => {
  asked = [];
});

/** Readings at a level, from stores that ask the synthetic trace. */
function readingsAt(level: number): Readings {
  const nothing = (): void => undefined;
  const rows = new RowStore(
    (token) => {
      asked.push(`row ${String(token)}`);
      return Promise.resolve(trace.row(token));
    },
    nothing,
    nothing,
  );
  const glyphs = new GlyphStore((from, to) => Promise.resolve(trace.glyphs(from, to)), nothing, nothing);
  const columns = new ColumnStore({
    fetch: (request: ColumnRequest): Promise<ColumnValues> => {
      asked.push(
        `column ${String(request.layer)} ${String(request.level)}/${String(request.column)} ${request.signals.join()}`,
      );
      return Promise.resolve(columnOf(trace, request, TOKENS));
    },
    changed: nothing,
    failed: nothing,
    later: nothing,
    tokens: () => TOKENS,
  });
  const columnsOfStage = {
    level: () => level,
    span: (state: State, token: number) => {
      const { first, count } = columnAt(token, level, doneOf(state));
      return { token: first, count };
    },
  };
  const { sequential } = mapsFor([0.1, 0.1, 0.1]);
  const shade = { map: sequential, scale: scaleOf('gate', { peak: 1, bulk: 1 }) };
  return new Readings(columnsOfStage, rows, glyphs, columns, () => shade);
}

/** After what was asked for has come. */
async function read(readings: Readings, state: State): Promise<ReturnType<Readings['at']>> {
  readings.at(state);
  for (let i = 0; i < 5; i++) await Promise.resolve();
  return readings.at(state);
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
const units = Array.from({ length: UNITS }, (_, unit) => unit);
/** Of a float32, as it is told. */
const told = (value: number): string => formatValue(Math.fround(value));

describe('one token', () => {
  it.each<readonly [what: string, unit: number | undefined, unitText: string]>([
    ['of a unit', 5, 'unit 5 of 8'],
    ['of none', undefined, 'mean of 8 units'],
  ])('%s: exact values', async (_, unit, unitText) => {
    const reading = await read(readingsAt(0), { ...marked(TOKEN, unit, 1), layer: 1 });
    expect(reading?.unit).toBe(unitText);
    expect(reading?.token).toMatch(/^token 21\b/u);
    expect(reading?.loss).toBe(`${(trace.loss(TOKEN) * BITS_PER_NAT).toFixed(2)} bits`);
    const want = SIGNALS.map((signal) => {
      const all = units.map((u) => Math.fround(trace.value(1, signal, u, TOKEN)));
      return [signal, told(unit === undefined ? mean(all) : (all[unit] ?? NaN))];
    });
    expect(reading?.values.map(({ signal, text }) => [signal, text])).toEqual(want);
    expect(asked).toEqual(['row 21']);
  });

  it('says what is on its way, and claims no value', () => {
    const reading = readingsAt(0).at(marked(TOKEN, 5));
    expect([reading?.token, reading?.glyph, reading?.loss]).toEqual(['token 21', undefined, undefined]);
    expect(reading?.values.map(({ text }) => text)).toEqual(SIGNALS.map(() => undefined));
  });

  it.each<readonly [what: string, state: State]>([
    ['nothing is marked', shown],
    ['it is not traced yet', marked(TOKENS, 0)],
    ['the layer is not there', marked(TOKEN, 0, 2)],
    ['nothing is shown', { ...INITIAL, mark: { token: TOKEN, layer: 0, unit: 0, track: undefined } }],
  ])('is not read where %s', async (_, state) => {
    expect(await read(readingsAt(0), state)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('a column of several', () => {
  const LEVEL = 3;
  const first = tokensPerColumn(LEVEL) * 2;
  it.each<readonly [what: string, state: State, question: string, loss: boolean]>([
    ['with the loss', marked(TOKEN, 5), `column 0 3/2 ${SIGNALS.join()},loss`, true],
    ['of another layer', marked(TOKEN, 5, 1), 'column 1 3/2 loss', true],
    ['without a loss', silent(marked(TOKEN, 5)), `column 0 3/2 ${SIGNALS.join()}`, false],
  ])('%s: means of what is asked for', async (_, state, question, loss) => {
    const reading = await read(readingsAt(LEVEL), state);
    expect(asked).toEqual([question]);
    const tokens = Array.from({ length: 8 }, (_unused, i) => first + i);
    const layer = state.mark?.layer ?? 0;
    const signals = layer === state.layer ? SIGNALS : [];
    expect(reading?.values.map(({ text }) => text)).toEqual(
      signals.map((signal) => told(mean(tokens.map((token) => trace.value(layer, signal, 5, token))))),
    );
    expect(reading?.token).toBe('tokens 16 – 23');
    const losses = (mean(tokens.map((token) => trace.loss(token))) * BITS_PER_NAT).toFixed(2);
    expect(reading?.loss?.includes(losses)).toBe(loss);
  });
});

describe('the value for a track', () => {
  const heat = (signal: HeatName, layer = 0): Parameters<Readings['valueAt']>[1] =>
    ({ signal, layer }) as Parameters<Readings['valueAt']>[1];
  it.each<
    readonly [what: string, level: number, track: ReturnType<typeof heat> | 'loss' | 'next', want: number | undefined]
  >([
    ['one token, the cursor’s unit', 0, heat('cell'), trace.value(0, 'cell', 5, TOKEN)],
    [
      'one token, another layer: the mean of its units',
      0,
      heat('cell', 1),
      mean(units.map((u) => trace.value(1, 'cell', u, TOKEN))),
    ],
    ['one token, the loss in bits', 0, 'loss', trace.loss(TOKEN) * BITS_PER_NAT],
    ['the next token has none', 0, 'next', undefined],
    ['a column, the cursor’s unit', 3, heat('cell'), mean(units.map((i) => trace.value(0, 'cell', 5, 16 + i)))],
    ['a column, another layer: not asked for', 3, heat('cell', 1), undefined],
    ['a column, the loss in bits', 3, 'loss', mean(units.map((i) => trace.loss(16 + i))) * BITS_PER_NAT],
    ['a layer that is not there', 0, heat('cell', 2), undefined],
  ])('%s', async (_, level, track, want) => {
    const readings = readingsAt(level);
    const state = marked(TOKEN, 5);
    const of = typeof track === 'string' ? ({ signal: track, layer: 0 } as ReturnType<typeof heat>) : track;
    await read(readings, state);
    const found = readings.valueAt(state, of);
    expect(found === undefined).toBe(want === undefined);
    if (want !== undefined) expect(found).toBeCloseTo(want, 5);
    // Nothing is marked, nothing is told.
    expect(readings.valueAt(shown, of)).toBeUndefined();
  });
});
