/** Colours as every reader of SVG knows them: `color-mix()` and `color()` are for browsers only. */

const channel = (share: string): string => String(Math.round(Math.max(0, Math.min(1, Number(share))) * 255));

/**
 * A canvas's own writing of a colour as `#rrggbb` or `rgba(r, g, b, a)`.
 *
 * @param text what `fillStyle` gives back: a hex colour, `rgba(…)` or `color(srgb r g b / a)`
 */
export function plainColour(text: string): string {
  const found = /^color\(srgb ([-\d.e]+) ([-\d.e]+) ([-\d.e]+)(?: \/ ([\d.e-]+))?\)$/.exec(text.trim());
  if (found === null) return text;
  const [, r = '0', g = '0', b = '0', alpha = '1'] = found;
  return `rgba(${channel(r)}, ${channel(g)}, ${channel(b)}, ${String(Number(Number(alpha).toFixed(4)))})`;
}
