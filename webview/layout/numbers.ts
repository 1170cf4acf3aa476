/** Numbers for people: fixed width, true minus signs, and round ends for scales. */

export const BITS_PER_NAT = 1 / Math.LN2;

const minus = (text: string): string => text.replace('-', '\u2212');

/** A signal's value: four decimals, fewer for large ones, so that the width hardly changes. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : minus(value < 0 ? '-∞' : '∞');
  const size = Math.abs(value);
  if (size >= 1e6) return minus(value.toExponential(2));
  const digits = size < 10 ? 4 : size < 100 ? 3 : size < 1000 ? 2 : 1;
  return minus(value.toFixed(digits));
}

/** A value known to one byte only: two decimals. */
export const formatRough = (value: number): string =>
  minus(Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2)).replace(/^\u2212(0\.00)$/, '$1');

/** An end of a range, as short as can be: `.18`, `−.95`, `5.6`, `12`. */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  if (size >= 9.95) return minus(value.toFixed(0));
  if (size >= 0.995) return minus(value.toFixed(1));
  return minus(value.toFixed(2))
    .replace('0.', '.')
    .replace(/^\u2212?\.00$/, '0');
}

/** An end of a scale, without idle zeros. */
export const formatEnd = (value: number): string => minus(String(Number(value.toPrecision(3))));

/** A whole number with commas. By hand: the browser's own way takes milliseconds to start, in which a picture waits. */
export const formatCount = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/gu, ',');

export const formatBits = (nats: number): string => (nats * BITS_PER_NAT).toFixed(2);

/** A probability with two digits that count; tiny ones as such. */
export function formatProbability(p: number): string {
  if (p >= 0.995) return p === 1 ? '1' : '> 0.99';
  return p < 0.0001 ? '< 0.0001' : String(Number(p.toPrecision(2)));
}

const STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The smallest round number not below `value`; 1 for nothing. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((n) => n * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** With so many decimals, fewer for large values; nothing is ever shown as minus zero. */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e6) return formatValue(value);
  const size = Math.abs(value);
  const text = value.toFixed(size < 100 ? decimals : size < 1000 ? Math.min(1, decimals) : 0);
  return Number(text) === 0 ? text.replace('-', '') : minus(text);
}

/** The decimals that show the largest of some values with two digits that count: two of them, or up to five. */
export function decimalsFor(values: readonly (number | undefined)[]): number {
  const sizes = values.map((value) => Math.abs(value ?? 0)).filter((size) => Number.isFinite(size));
  const largest = Math.max(0, ...sizes);
  if (largest === 0 || largest >= 0.1) return 2;
  return Math.min(5, 1 - Math.floor(Math.log10(largest)));
}

/** As a factor after a dot: what is negative stands in brackets. */
export const inBrackets = (text: string): string => (text.startsWith('\u2212') ? `(${text})` : text);

/** With its sign, as something that is added: `+0.31`, `−2.10`. */
export function formatSigned(value: number, decimals: number): string {
  const text = formatFixed(value, decimals);
  return text.startsWith('\u2212') || Number(text) === 0 || text === 'NaN' ? text : `+${text}`;
}
