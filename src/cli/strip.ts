/** A strip of the cell state for a terminal: tokens from left to right, a few telling units from top to bottom. */
import { bend, byteValue } from '../shared/bytes';
import type { Tile } from '../shared/trace';

export interface StripOptions {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

type Rgb = readonly [red: number, green: number, blue: number];

const BELOW: Rgb = [33, 102, 172];
const ZERO: Rgb = [247, 247, 247];
const ABOVE: Rgb = [178, 24, 43];

/** Signs for a terminal without colour: below zero, near zero, above zero. */
const SIGNS = ['=', '-', '·', '+', '#'];

/** @param x -1…1 */
function colourOf(x: number): Rgb {
  const end = x < 0 ? BELOW : ABOVE;
  const part = Math.min(1, Math.abs(x));
  const mix = (i: 0 | 1 | 2): number => Math.round(ZERO[i] + (end[i] - ZERO[i]) * part);
  return [mix(0), mix(1), mix(2)];
}

/** Units whose value changes most over the tile, in order of their number. */
export function tellingUnits(tile: Tile, count: number): number[] {
  const variance = Array.from({ length: tile.rows }, (_, unit) => {
    const row = tile.values.subarray(unit * tile.columns, (unit + 1) * tile.columns);
    const mean = row.reduce((sum, v) => sum + v, 0) / row.length;
    return { unit, spread: row.reduce((sum, v) => sum + (v - mean) ** 2, 0) };
  });
  return variance
    .toSorted((a, b) => b.spread - a.spread)
    .slice(0, count)
    .map(({ unit }) => unit)
    .toSorted((a, b) => a - b);
}

/** Lines of text, each with the number of its units in front. In colour a line holds two units, as half blocks. */
export function strip(tile: Tile, { columns, rows, colour }: StripOptions): string[] {
  const units = tellingUnits(tile, rows);
  const width = Math.min(columns, tile.columns);
  // Spaced as the bytes are, so that one far-reaching unit leaves the others their colours.
  const end = bend(Math.max(Math.abs(tile.lo), Math.abs(tile.hi)), tile.knee) || 1;
  const at = (unit: number, column: number): number =>
    bend(
      byteValue(tile, tile.values[unit * tile.columns + Math.floor((column * tile.columns) / width)] ?? 0),
      tile.knee,
    ) / end;
  const across = Array.from({ length: width }, (_, column) => column);
  const label = (text: string): string => `${text.padStart(7)} `;
  if (!colour) {
    return units.map((unit) => {
      const signs = across.map((column) => SIGNS[Math.round((at(unit, column) + 1) * 2)] ?? ' ');
      return label(String(unit)) + signs.join('');
    });
  }
  const lines: string[] = [];
  for (let i = 0; i < units.length; i += 2) {
    const upper = units[i] ?? 0;
    const lower = units[i + 1] ?? upper;
    const cells = across.map((column) => {
      const [above, below] = [colourOf(at(upper, column)), colourOf(at(lower, column))];
      return `\x1b[38;2;${above.join(';')}m\x1b[48;2;${below.join(';')}m▀`;
    });
    lines.push(
      `${label(upper === lower ? String(upper) : `${String(upper)},${String(lower)}`)}${cells.join('')}\x1b[0m`,
    );
  }
  return lines;
}
