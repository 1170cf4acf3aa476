/** Values as bytes, spaced as a `ByteScale` says. */
import { bend, FREE_KNEE, unbend, type ByteScale } from '../shared/bytes';
import type { Scale } from '../shared/signals';

/** Fixed for bounded signals; for the others what the values reach. @param largest the size of the largest finite value */
export function byteScale(scale: Scale, largest: number): ByteScale {
  if (scale === 'gate') return { lo: 0, hi: 1 };
  if (scale === 'signed') return { lo: -1, hi: 1 };
  return scale === 'positive' ? { lo: 0, hi: largest } : { lo: -largest, hi: largest, knee: FREE_KNEE };
}

/** Whether the values of a signal tell its range. */
export const isFree = (scale: Scale): boolean => scale !== 'gate' && scale !== 'signed';

/** The size of the largest finite value, whatever its sign, 0 where there is none; and whether all are finite. */
export function largestOf(values: Float32Array): { readonly finite: number; readonly all: boolean } {
  let finite = 0;
  let all = true;
  for (const value of values) {
    const size = Math.abs(value);
    if (size <= finite || Number.isNaN(size)) {
      all &&= size <= finite;
      continue;
    }
    if (size < Infinity) finite = size;
    else all = false;
  }
  return { finite, all };
}

/** Turns values into bytes: the nearest, infinities at the ends, NaN as 0. */
export type Quantise = (values: Float32Array) => Uint8Array;

export function quantiser(scale: ByteScale): Quantise {
  const { knee, lo, hi } = scale;
  const low = bend(lo, knee);
  const span = bend(hi, knee) - low;
  if (!(span > 0)) return (values) => new Uint8Array(values.length);
  return knee === undefined ? evenly(lo, span) : bent(low, span, knee);
}

/** A clamped array rounds to nearest (ties to even), holds infinities at the ends, and stores NaN as 0. */
function evenly(lo: number, span: number): Quantise {
  const step = 255 / span;
  return (values) => {
    const out = new Uint8ClampedArray(values.length);
    for (let i = 0; i < values.length; i++) out[i] = ((values[i] ?? 0) - lo) * step;
    return new Uint8Array(out.buffer);
  };
}

/**
 * An asinh for every value would take most of a tile's time. The upper half of a float32 tells its byte but for the
 * few halves in which one byte becomes the next: a table has the least byte of each, and borders say when to go on.
 */
function bent(low: number, span: number, knee: number): Quantise {
  // Byte k begins at borders[k]; nothing is behind the last byte, not even infinity.
  const borders = new Float64Array(257).fill(NaN);
  borders[0] = -Infinity;
  for (let k = 1; k < 256; k++) borders[k] = unbend(low + ((k - 0.5) / 255) * span, knee);
  const least = leastBytes(borders);
  return (values) => {
    const out = new Uint8Array(values.length);
    const halves = new Uint16Array(values.buffer, values.byteOffset, values.length * 2);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? NaN;
      let k = least[halves[2 * i + 1] ?? 0] ?? 0;
      while (value >= (borders[k + 1] ?? NaN)) k++;
      out[i] = k;
    }
    return out;
  };
}

/** In the order of their values, halves of floats go from that of -infinity down to that of -0, then from that of 0 up. */
const LEAST_HALF = 0xff80;
const INFINITE_HALF = 0x7f80;
const NEGATIVE_HALVES = LEAST_HALF - 0x8000 + 1;

/** Of each half the byte of the least value that has it; 0 for those of NaNs. Filled byte by byte, not half by half. */
function leastBytes(borders: Float64Array): Uint8Array {
  const least = new Uint8Array(2 ** 16);
  const places = NEGATIVE_HALVES + INFINITE_HALF + 1;
  let from = 0;
  for (let byte = 0; byte < 256; byte++) {
    const to = byte === 255 ? places : firstFrom(borders[byte + 1] ?? NaN);
    // Places of negative halves run against them.
    if (from < NEGATIVE_HALVES) least.fill(byte, LEAST_HALF - Math.min(to, NEGATIVE_HALVES) + 1, LEAST_HALF - from + 1);
    if (to > NEGATIVE_HALVES) least.fill(byte, Math.max(0, from - NEGATIVE_HALVES), to - NEGATIVE_HALVES);
    from = to;
  }
  return least;
}

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The first place, in the order of their values, of a half all of whose values are `border` or more. */
function firstFrom(border: number): number {
  float[0] = border;
  const half = (word[0] ?? 0) >>> 16;
  let place = half >= 0x8000 ? LEAST_HALF - half : NEGATIVE_HALVES + half;
  while (!(leastAt(place) >= border)) place++;
  while (leastAt(place - 1) >= border) place--;
  return place;
}

/** The least value of the half at a place. */
function leastAt(place: number): number {
  const half = place < NEGATIVE_HALVES ? LEAST_HALF - place : place - NEGATIVE_HALVES;
  // The largest size is the least of the negative; of the half of infinity nothing else is a number.
  word[0] = half * 2 ** 16 + (half >= 0x8000 && half < LEAST_HALF ? 0xffff : 0);
  return float[0] ?? NaN;
}
