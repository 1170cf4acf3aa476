/** Colour maps: monotone and even in lightness and distance, told apart by colour-blind eyes too, in every theme. */
import { describe, expect, it } from 'vitest';
import { colourAt, mapPixels, MAP_NAMES, MAP_SIZE, mapsFor, type ColourMap } from '../../../webview/draw/maps';
import { labDistance, labToRgb, lch, rgbToLab, type Lab, type Rgb } from '../../../webview/draw/oklab';
import { opaque, parseColour } from '../../../webview/draw/theme';
import { EYES, seen, type Eye } from './eyes';

const BACKGROUNDS: readonly (readonly [name: string, background: Rgb, dark: boolean])[] = [
  ['dark', [0.122, 0.122, 0.122], true],
  ['dark blue', [0, 0.17, 0.21], true],
  ['black', [0, 0, 0], true],
  ['light', [1, 1, 1], false],
  ['warm light', [0.99, 0.96, 0.89], false],
];

const rgbAt = (map: ColourMap, i: number): Rgb => [
  (map[3 * i] ?? 0) / 255,
  (map[3 * i + 1] ?? 0) / 255,
  (map[3 * i + 2] ?? 0) / 255,
];
const labsOf = (map: ColourMap, eye?: Eye): readonly Lab[] =>
  Array.from({ length: MAP_SIZE }, (_, i) => rgbToLab(eye ? seen(rgbAt(map, i), eye) : rgbAt(map, i)));

/** Distances between colours `stride` apart: wide enough that rounding to 8 bits does not count. */
function strides(labs: readonly Lab[], stride: number): readonly number[] {
  const steps: number[] = [];
  for (let i = 0; i + stride < labs.length; i += stride)
    steps.push(labDistance(labs[i] ?? [0, 0, 0], labs[i + stride] ?? [0, 0, 0]));
  return steps;
}

const lightness = (labs: readonly Lab[]): readonly number[] => labs.map(([L]) => L);
/** A step back of less than a rounding of 8 bits is none. */
const rises = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0) - 0.003);

describe.each(BACKGROUNDS)('on a %s background', (_, background, dark) => {
  const { sequential, diverging } = mapsFor(background);

  it('the sequential map leaves the background evenly', () => {
    const labs = labsOf(sequential);
    const ls = lightness(labs);
    expect(rises(dark ? ls : [...ls].reverse())).toBe(true);
    expect(Math.abs((ls[255] ?? 0) - (ls[0] ?? 0))).toBeGreaterThan(0.65);
    const steps = strides(labs, 15);
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.25);
  });

  it('the diverging map leaves the background evenly on both sides', () => {
    const labs = labsOf(diverging);
    const ls = lightness(labs);
    const arms = [ls.slice(0, 128).reverse(), ls.slice(128)];
    for (const arm of arms) expect(rises(dark ? arm : arm.map((L) => -L))).toBe(true);
    const middle: Lab = labs[127] ?? [0, 0, 0];
    expect(labDistance(middle, rgbToLab(background))).toBeLessThan(background[0] === 0 ? 0.14 : 0.04);
    for (const arm of [labs.slice(0, 121), labs.slice(135)]) {
      const steps = strides(arm, 15);
      expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.3);
    }
  });

  it('the two sides of the diverging map are equally light', () => {
    const ls = lightness(labsOf(diverging));
    for (let i = 0; i < 128; i++) expect(Math.abs((ls[127 - i] ?? 0) - (ls[128 + i] ?? 0))).toBeLessThan(0.05);
  });

  it.each(Object.entries(EYES))('%s keeps all apart', (__, eye) => {
    const steps = strides(labsOf(sequential, eye), 15);
    // 0.02 is about what is just noticed; 17 steps must each be more.
    expect(Math.min(...steps)).toBeGreaterThan(0.03);
    const labs = labsOf(diverging, eye);
    for (let i = 24; i < 128; i++) {
      const cold: Lab = labs[127 - i] ?? [0, 0, 0];
      const warm: Lab = labs[128 + i] ?? [0, 0, 0];
      expect(labDistance(cold, warm), `${String(i)} from the middle`).toBeGreaterThan(0.05);
    }
    expect(Math.min(...strides(labs.slice(0, 121), 15), ...strides(labs.slice(135), 15))).toBeGreaterThan(0.03);
  });
});

describe.each(BACKGROUNDS)('maps to choose, on a %s background', (_, background, dark) => {
  const { named, sequential, diverging } = mapsFor(background);

  it('are made once, those of the theme among them', () => {
    expect(named('theme')).toBe(sequential);
    expect(named('blueOrange')).toBe(diverging);
    for (const name of MAP_NAMES) {
      expect(named(name)).toBe(named(name));
      expect(named(name).length).toBe(3 * MAP_SIZE);
    }
  });

  it.each([
    ['viridis', true],
    ['cividis', true],
    ['grey', dark],
  ] as const)('%s goes one way evenly, for all eyes', (name, rising) => {
    const ls = lightness(labsOf(named(name)));
    expect(rises(rising ? ls : [...ls].reverse())).toBe(true);
    expect(Math.abs((ls[255] ?? 0) - (ls[0] ?? 0))).toBeGreaterThan(0.6);
    for (const eye of [undefined, ...Object.values(EYES)]) {
      expect(Math.min(...strides(labsOf(named(name), eye), 15))).toBeGreaterThan(0.02);
    }
  });

  it('viridis and cividis end where their makers’ do', () => {
    const ends = (map: ColourMap): readonly number[] => [...map.subarray(0, 3), ...map.subarray(765)];
    expect(ends(named('viridis'))).toEqual(
      [0x44, 0x01, 0x54, 0xfd, 0xe7, 0x25].map((v) => expect.closeTo(v, -0.5) as number),
    );
    expect(ends(named('cividis'))).toEqual(
      [0x00, 0x20, 0x4c, 0xff, 0xe9, 0x45].map((v) => expect.closeTo(v, -0.5) as number),
    );
  });

  it('purple and green are equally light, and told apart by all eyes', () => {
    const map = named('purpleGreen');
    const ls = lightness(labsOf(map));
    for (let i = 0; i < 128; i++) expect(Math.abs((ls[127 - i] ?? 0) - (ls[128 + i] ?? 0))).toBeLessThan(0.06);
    for (const eye of Object.values(EYES)) {
      const labs = labsOf(map, eye);
      for (let i = 24; i < 128; i++) {
        const apart = labDistance(labs[127 - i] ?? [0, 0, 0], labs[128 + i] ?? [0, 0, 0]);
        expect(apart, `${String(i)} from the middle`).toBeGreaterThan(0.05);
      }
    }
  });
});

describe('colours of places', () => {
  const map = Uint8ClampedArray.from({ length: 768 }, (_, i) => Math.floor(i / 3));
  it.each([
    [-1, 0],
    [0, 0],
    [0.5, 128],
    [1, 255],
    [7, 255],
  ])('at %d is grey %d', (position, grey) => {
    expect(colourAt(map, position)).toBe(`rgb(${String(grey)} ${String(grey)} ${String(grey)})`);
  });

  it('as pixels are opaque', () => {
    const bytes = Array.from(new Uint8Array(mapPixels(map).buffer));
    expect([bytes.slice(0, 4), bytes.slice(4 * 77, 4 * 78)]).toEqual([
      [0, 0, 0, 255],
      [77, 77, 77, 255],
    ]);
  });
});

describe('OKLab', () => {
  it.each([
    // Ottosson's page on OKLab: XYZ pairs aside, white and the sRGB primaries as computed from his matrices.
    [
      [1, 1, 1],
      [1, 0, 0],
    ],
    [
      [1, 0, 0],
      [0.627955, 0.224863, 0.125846],
    ],
    [
      [0, 1, 0],
      [0.86644, -0.233888, 0.179498],
    ],
    [
      [0, 0, 1],
      [0.452014, -0.032457, -0.311528],
    ],
  ] as const)('%j is %j', (rgb, lab) => {
    const got: Lab = rgbToLab(rgb);
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(lab[i] ?? NaN, 4);
    });
  });

  it('gives up chroma, not lightness or hue, outside the gamut', () => {
    const [L, a, b] = rgbToLab(labToRgb(lch(0.5, 0.4, 145)));
    expect(L).toBeCloseTo(0.5, 2);
    expect((Math.atan2(b, a) * 180) / Math.PI).toBeCloseTo(145, 0);
  });
});

describe('colours of a theme', () => {
  it.each([
    ['#1f1f1f', [31, 31, 31]],
    [' #FFF ', [255, 255, 255]],
    ['#00000080', [0, 0, 0]],
    ['rgb(1, 2, 3)', [1, 2, 3]],
    ['rgba(10, 20, 30, 0.5)', [10, 20, 30]],
    ['rgb(1 2 3 / 50%)', undefined],
    ['papayawhip', undefined],
    ['#12345', undefined],
  ])('%s', (text, rgb) => {
    const parsed = parseColour(text)?.map((value) => Math.round(value * 255));
    if (text.includes('/')) expect(parsed).toEqual([1, 2, 3]);
    else expect(parsed).toEqual(rgb);
  });

  it.each([
    ['rgba(234, 92, 0, 0.33)', 'rgb(234 92 0)'],
    ['#ea5c0055', 'rgb(234 92 0)'],
    ['#d18616', 'rgb(209 134 22)'],
    ['papayawhip', 'papayawhip'],
  ])('%s without what shines through: %s', (text, whole) => {
    expect(opaque(text)).toBe(whole);
  });
});
