/**
 * Colour maps, 256 colours each, made to measure for the theme: the low end (sequential) or the middle (diverging)
 * lies near the background, so that what is far from zero stands out. Both run evenly through OKLab with monotone
 * lightness, which is what survives colour blindness.
 */
import { inGamut, labDistance, labToLinear, labToRgb, lch, rgbToLab, type Lab, type Rgb } from './oklab';

/** 256 sRGB colours of 8 bits, three bytes each. */
export type ColourMap = Uint8ClampedArray;
export const MAP_SIZE = 256;

/** Those to choose among; `theme` and `blueOrange` are what is shown where none is chosen. */
export const MAP_NAMES = ['theme', 'viridis', 'cividis', 'grey', 'blueOrange', 'purpleGreen'] as const;
export type MapName = (typeof MAP_NAMES)[number];

export const isMapName = (name: unknown): name is MapName => (MAP_NAMES as readonly unknown[]).includes(name);

/** Made when first asked for: the first picture waits for those that it needs. */
export interface Maps {
  /** For 0…1. */
  readonly sequential: ColourMap;
  /** For -1…1: blue below, orange above. */
  readonly diverging: ColourMap;
  /** Any of them. */
  readonly named: (name: MapName) => ColourMap;
}

/** [lightness, chroma, hue in degrees] of OKLCH. */
type Stop = readonly [number, number, number];

// Indigo, blue, teal, green, yellow: lightness climbs all the way, hue never goes back.
const SEQUENTIAL_DARK: readonly Stop[] = [
  [0.2, 0.055, 285],
  [0.36, 0.11, 272],
  [0.52, 0.11, 235],
  [0.67, 0.105, 190],
  [0.8, 0.125, 150],
  [0.955, 0.115, 112],
];
const SEQUENTIAL_LIGHT: readonly Stop[] = [
  [0.975, 0.03, 105],
  [0.88, 0.1, 125],
  [0.75, 0.11, 165],
  [0.6, 0.1, 215],
  [0.44, 0.13, 260],
  [0.27, 0.11, 285],
];
// Blue and orange differ on the yellow-blue axis, the one that red-green colour blindness leaves whole.
const COLD_DARK: readonly Stop[] = [
  [0.48, 0.13, 255],
  [0.68, 0.13, 240],
  [0.88, 0.07, 220],
];
const WARM_DARK: readonly Stop[] = [
  [0.48, 0.13, 42],
  [0.68, 0.155, 55],
  [0.88, 0.12, 82],
];
const COLD_LIGHT: readonly Stop[] = [
  [0.78, 0.09, 238],
  [0.58, 0.14, 250],
  [0.34, 0.13, 262],
];
const WARM_LIGHT: readonly Stop[] = [
  [0.78, 0.11, 68],
  [0.58, 0.145, 50],
  [0.34, 0.1, 35],
];

// Purple and green, as in ColorBrewer's PRGn, differ on the yellow-blue axis too.
const PURPLE_DARK: readonly Stop[] = [
  [0.48, 0.18, 316],
  [0.68, 0.17, 314],
  [0.88, 0.07, 312],
];
const GREEN_DARK: readonly Stop[] = [
  [0.48, 0.13, 142],
  [0.68, 0.16, 138],
  [0.88, 0.14, 128],
];
const PURPLE_LIGHT: readonly Stop[] = [
  [0.78, 0.13, 316],
  [0.58, 0.18, 310],
  [0.34, 0.14, 300],
];
const GREEN_LIGHT: readonly Stop[] = [
  [0.78, 0.16, 134],
  [0.58, 0.13, 140],
  [0.34, 0.085, 145],
];
const GREY_DARK: readonly Stop[] = [
  [0.22, 0, 0],
  [0.98, 0, 0],
];
const GREY_LIGHT: readonly Stop[] = [
  [0.97, 0, 0],
  [0.18, 0, 0],
];
// Colours of viridis (Smith and van der Walt 2015) and cividis (Nuñez, Anderton and Renslow 2018) at even steps.
const VIRIDIS = ['440154', '472d7b', '3b528b', '2c728e', '21918c', '28ae80', '5ec962', 'addc30', 'fde725'];
const CIVIDIS = ['00204c', '00346e', '3c4a6b', '5b5f6d', '757575', '928c78', 'b0a572', 'd1bf66', 'ffe945'];

const FINE = 1024;
/** What is in gamut, so that evenness is measured on what is seen. */
const shown = (lab: Lab): Lab => (inGamut(labToLinear(lab)) ? lab : rgbToLab(labToRgb(lab)));

/** A smooth curve through the stops (Catmull–Rom in OKLab), as `FINE + 1` points. */
function curve(stops: readonly Lab[]): readonly Lab[] {
  const at = (i: number): Lab => stops[Math.max(0, Math.min(stops.length - 1, i))] ?? [0, 0, 0];
  return Array.from({ length: FINE + 1 }, (_, n) => {
    const position = (n / FINE) * (stops.length - 1);
    const i = Math.min(stops.length - 2, Math.floor(position));
    const t = position - i;
    const mix = (k: 0 | 1 | 2): number => {
      const [p, q, r, s] = [at(i - 1)[k], at(i)[k], at(i + 1)[k], at(i + 2)[k]];
      return q + (t / 2) * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
    };
    return shown([mix(0), mix(1), mix(2)]);
  });
}

/** `count` colours along a curve, equally far apart. */
function even(stops: readonly Lab[], count: number): readonly Rgb[] {
  const points = curve(stops);
  const lengths = [0];
  for (let i = 1; i < points.length; i++) {
    lengths.push((lengths[i - 1] ?? 0) + labDistance(points[i - 1] ?? [0, 0, 0], points[i] ?? [0, 0, 0]));
  }
  const total = lengths[lengths.length - 1] ?? 0;
  let i = 1;
  return Array.from({ length: count }, (_, n) => {
    const wanted = (n / (count - 1)) * total;
    while (i < FINE && (lengths[i] ?? 0) < wanted) i++;
    const [before, after] = [lengths[i - 1] ?? 0, lengths[i] ?? 0];
    const t = after > before ? (wanted - before) / (after - before) : 0;
    const [p, q] = [points[i - 1] ?? [0, 0, 0], points[i] ?? [0, 0, 0]];
    return labToRgb([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), p[2] + t * (q[2] - p[2])]);
  });
}

const encode = (colours: readonly Rgb[]): ColourMap => Uint8ClampedArray.from(colours.flat(), (value) => value * 255);

const labs = (stops: readonly Stop[]): readonly Lab[] => stops.map((stop) => lch(...stop));

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

const hex = (text: string): Lab => {
  const at = (i: number): number => parseInt(text.slice(i, i + 2), 16) / 255;
  return rgbToLab([at(0), at(2), at(4)]);
};

/** The maps for a background: dark middles on dark ones, light on light ones. */
export function mapsFor(background: Rgb): Maps {
  const [lightness, a, b] = rgbToLab(background);
  const dark = lightness < 0.6;
  // The middle is the background itself, as far as the arms keep enough room to differ from it.
  const tint = clamp(0.03 / (Math.hypot(a, b) + 1e-6), 0, 1);
  const neutral: Lab = [dark ? clamp(lightness, 0.12, 0.3) : clamp(lightness, 0.93, 1), a * tint, b * tint];
  const arm = (stops: readonly Stop[]): readonly Rgb[] => even([neutral, ...labs(stops)], MAP_SIZE / 2);
  // Both arms begin with the neutral colour: of 256 places two are zero.
  const arms = (cold: readonly Stop[], warm: readonly Stop[]): ColourMap =>
    encode([...[...arm(cold)].reverse(), ...arm(warm)]);
  const make: Readonly<Record<MapName, () => ColourMap>> = {
    theme: () => encode(even(labs(dark ? SEQUENTIAL_DARK : SEQUENTIAL_LIGHT), MAP_SIZE)),
    blueOrange: () => (dark ? arms(COLD_DARK, WARM_DARK) : arms(COLD_LIGHT, WARM_LIGHT)),
    purpleGreen: () => (dark ? arms(PURPLE_DARK, GREEN_DARK) : arms(PURPLE_LIGHT, GREEN_LIGHT)),
    viridis: () => encode(even(VIRIDIS.map(hex), MAP_SIZE)),
    cividis: () => encode(even(CIVIDIS.map(hex), MAP_SIZE)),
    // The low end keeps clear of the background, that zeros be told from nothing.
    grey: () => encode(even(labs(dark ? GREY_DARK : GREY_LIGHT), MAP_SIZE)),
  };
  const made = new Map<MapName, ColourMap>();
  const named = (name: MapName): ColourMap => {
    const map = made.get(name) ?? make[name]();
    made.set(name, map);
    return map;
  };
  return {
    get sequential() {
      return named('theme');
    },
    get diverging() {
      return named('blueOrange');
    },
    named,
  };
}

/** The colour at a position 0…1 of a map, as CSS. */
export function colourAt(map: ColourMap, position: number): string {
  const i = 3 * Math.round(clamp(position, 0, 1) * (MAP_SIZE - 1));
  return `rgb(${String(map[i])} ${String(map[i + 1])} ${String(map[i + 2])})`;
}

/** The map as 256 opaque pixels. */
export function mapPixels(map: ColourMap): Uint32Array {
  const colours = new Uint32Array(MAP_SIZE);
  const bytes = new Uint8Array(colours.buffer);
  for (let i = 0; i < MAP_SIZE; i++) bytes.set([map[3 * i] ?? 0, map[3 * i + 1] ?? 0, map[3 * i + 2] ?? 0, 255], 4 * i);
  return colours;
}
