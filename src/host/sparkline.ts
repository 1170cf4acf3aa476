/** A small picture of a state along its neighbourhood, as the address of an SVG image. Pure. */

const WIDTH = 320;
const HEIGHT = 32;
const MARGIN = 4;
// An image knows nothing of the theme: middle tones, readable on dark and light grounds alike.
const LINE = '#4a90d9';
const MARK = '#e07b39';
const ZERO = '#808080';

/** @param at index of the value to mark */
export function sparkline(values: Float32Array, at: number): string {
  const finite = values.map((value) => (Number.isFinite(value) ? value : 0));
  const low = Math.min(0, ...finite);
  const high = Math.max(0, ...finite);
  const span = high - low || 1;
  const x = (index: number): string =>
    (MARGIN + (index / Math.max(1, values.length - 1)) * (WIDTH - 2 * MARGIN)).toFixed(1);
  const y = (value: number): string => (MARGIN + ((high - value) / span) * (HEIGHT - 2 * MARGIN)).toFixed(1);
  // A recurrent state holds its value from one token to the next: steps, not slopes.
  const path = Array.from(finite, (value, n) => (n === 0 ? `M${x(n)} ${y(value)}` : `H${x(n)}V${y(value)}`)).join('');
  const marked = finite[at];
  const mark =
    marked === undefined
      ? ''
      : `<path d="M${x(at)} 0V${String(HEIGHT)}" stroke="${MARK}" stroke-opacity=".45"/>` +
        `<circle cx="${x(at)}" cy="${y(marked)}" r="3" fill="${MARK}"/>`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(HEIGHT)}" fill="none">` +
    `<path d="M0 ${y(0)}H${String(WIDTH)}" stroke="${ZERO}" stroke-opacity=".6" stroke-dasharray="2 3"/>` +
    `<path d="${path}" stroke="${LINE}" stroke-width="1.5"/>${mark}</svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
