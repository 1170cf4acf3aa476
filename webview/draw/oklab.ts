/** Colours between sRGB and OKLab (Ottosson 2020), in which equal distances look about equally large. */

/** OKLab: lightness 0…1, and two opponent axes. */
export type Lab = readonly [lightness: number, a: number, b: number];
/** sRGB, 0…1 each, gamma encoded. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const toLinear = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
export const toGamma = (value: number): number =>
  value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;

/** From OKLCH: `hue` in degrees. */
export function lch(lightness: number, chroma: number, hue: number): Lab {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

export function labToLinear([L, a, b]: Lab): Rgb {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

export function linearToLab([r, g, b]: Rgb): Lab {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export const rgbToLab = ([r, g, b]: Rgb): Lab => linearToLab([toLinear(r), toLinear(g), toLinear(b)]);

export const inGamut = (rgb: Rgb): boolean => rgb.every((value) => value >= -1e-4 && value <= 1 + 1e-4);

/** sRGB of a colour; one outside the gamut keeps lightness and hue and gives up chroma. */
export function labToRgb(lab: Lab): Rgb {
  let low = 0;
  let high = 1;
  const scaled = (k: number): Lab => [lab[0], lab[1] * k, lab[2] * k];
  if (!inGamut(labToLinear(lab))) {
    for (let i = 0; i < 20; i++) {
      const middle = (low + high) / 2;
      if (inGamut(labToLinear(scaled(middle)))) low = middle;
      else high = middle;
    }
  } else low = 1;
  const [r, g, b] = labToLinear(scaled(low));
  const encode = (value: number): number => toGamma(Math.max(0, Math.min(1, value)));
  return [encode(r), encode(g), encode(b)];
}

export const labDistance = (p: Lab, q: Lab): number => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
