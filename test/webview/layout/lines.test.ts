/** Lines of a unit: told apart by every eye in every theme, at the tokens that they are of, gaps where nothing is known. */
import { describe, expect, it } from 'vitest';
import { SIGNALS, type CellKind, type SignalName } from '../../../src/shared/signals';
import type { Extent } from '../../../src/shared/trace';
import { labDistance, rgbToLab, toLinear, type Rgb } from '../../../webview/draw/oklab';
import { parseColour } from '../../../webview/draw/theme';
import * as lines from '../../../webview/layout/lines';
import { columnAt, lineData, lineScale, lineSignals, lineStyle, memoryEnd } from '../../../webview/layout/lines';
import type { HeldSeries } from '../../../webview/series';
import { EYES, seen, type Eye } from '../draw/eyes';

const layerOf = (cell: CellKind) => ({ cell, signals: SIGNALS[cell] });

it.each<readonly [CellKind, string]>([
  ['lstm', 'cell:memory hidden:signed forget:gate input:gate output:gate candidate:signed'],
  ['gru', 'hidden:memory update:gate reset:gate candidate:signed'],
  ['rnn', 'hidden:memory'],
])('an %s has the lines %s', (cell, want) => {
  const layer = layerOf(cell);
  expect(
    lineSignals(layer)
      .map((name) => `${name}:${lineScale(name, layer)}`)
      .join(' '),
  ).toBe(want);
});

it.each<readonly [CellKind, string]>([
  ['lstm', 'cell forget input'],
  ['gru', 'hidden update'],
  ['rnn', 'hidden'],
])('of an %s are shown at first: %s', (cell, shown) => {
  expect(
    lineSignals(layerOf(cell))
      .filter((name) => !lines.FIRST_OFF[cell].includes(name))
      .join(' '),
  ).toBe(shown);
});

it('have their parts of the height: gates below what has a sign', () => {
  // From the top, 0 to 1, as an axis of this range places a value.
  const at = ({ min, max }: lines.Range, value: number): number => (max - value) / (max - min);
  const memory = lines.memoryRange(8, true);
  expect([8, 0, -8].map((value) => at(memory, value))).toEqual([0, lines.MEMORY_PART / 2, lines.MEMORY_PART]);
  const gates = [1, 0].map((value) => at(lines.gateRange(), value));
  expect(gates).toEqual([expect.closeTo(1 - lines.GATE_PART, 9), 1]);
  expect(gates[0]).toBeGreaterThan(lines.MEMORY_PART);
  expect([8, -8].map((value) => at(lines.memoryRange(8, false), value))).toEqual([0, 1]);
});

const held = (level: number, first: number, extents: readonly Extent[], signals: readonly SignalName[]): HeldSeries => {
  const columns = extents[0]?.mean.length ?? 0;
  return {
    request: { trace: 1, layer: 0, unit: 3, signals, level, first, columns },
    series: { first, columns, values: extents },
  };
};
const extent = (min: readonly number[], mean: readonly number[], max: readonly number[]): Extent => ({
  min: Float32Array.from(min),
  mean: Float32Array.from(mean),
  max: Float32Array.from(max),
});

describe('data', () => {
  const exact = held(0, 40, [extent([1, NaN, 3], [1, NaN, 3], [1, NaN, 3])], ['cell']);
  const coarse = held(3, 5, [extent([-4, 0], [1, 2], [2, 2.5])], ['cell']);
  it('of single tokens lie at their middles, without a band; what is no number is a gap', () => {
    expect(lineData(exact)).toMatchObject({ tokens: [40.5, 41.5, 42.5], banded: false });
    expect(lineData(exact).lines[0]?.mean).toEqual([1, null, 3]);
  });
  it('of columns lie at the middles of theirs, in a band', () => {
    const data = lineData(coarse);
    expect(data).toMatchObject({ tokens: [44, 52], banded: true });
    expect(data.lines[0]).toEqual({ mean: [1, 2], min: [-4, 0], max: [2, 2.5] });
    expect(memoryEnd(data, [0])).toBe(4);
  });
  it('that is not here yet is none', () => {
    expect(lineData(undefined).tokens).toEqual([]);
    expect(memoryEnd(lineData(undefined), [0])).toBe(1);
  });
  it.each([
    [exact, 39.9, undefined],
    [exact, 40, 0],
    [exact, 42.9, 2],
    [exact, 43, undefined],
    [coarse, 47, 0],
    [coarse, 48, 1],
  ])('%# has a column for token %d: %s', (series, token, want) => {
    expect(columnAt(series, token)).toBe(want);
  });
});

const ALL_EYES = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  ...EYES,
} as const satisfies Readonly<Record<string, Eye>>;

const luminance = ([r, g, b]: Rgb): number => 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);
const contrast = (a: Rgb, b: Rgb): number => {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};

describe.each([
  ['dark', true, '#1f1f1f', '#cccccc'],
  ['black', true, '#000000', '#ffffff'],
  ['light', false, '#ffffff', '#3b3b3b'],
] as const)('on %s', (_, dark, background, foreground) => {
  const ground = parseColour(background) ?? [0, 0, 0];
  for (const cell of ['lstm', 'gru'] as const) {
    const styles = lineSignals(layerOf(cell)).map((signal) => {
      const { colour, dash, width } = lineStyle(signal, cell, dark);
      return { signal, rgb: parseColour(colour ?? foreground) ?? [0, 0, 0], dash: dash.join(), width };
    });
    it(`the lines of ${cell} stand out`, () => {
      for (const { rgb, signal } of styles) expect(contrast(rgb, ground), signal).toBeGreaterThan(3);
    });
    for (const eye of ['usual', 'deuteranopia', 'protanopia', 'tritanopia'] as const) {
      it(`those of ${cell} are told apart: ${eye}`, () => {
        for (const [i, a] of styles.entries()) {
          for (const b of styles.slice(i + 1)) {
            const far = labDistance(rgbToLab(seen(a.rgb, ALL_EYES[eye])), rgbToLab(seen(b.rgb, ALL_EYES[eye])));
            // Near in colour, they differ in their dashes; the memory by its width too.
            expect(a.dash !== b.dash || a.width !== b.width || far > 0.2, `${a.signal} ${b.signal}`).toBe(true);
            if (eye === 'usual') expect(far, `${a.signal} ${b.signal}`).toBeGreaterThan(0.1);
          }
        }
      });
    }
  }
});
