/** Values as bytes, spaced as a `ByteScale` says. */
import { bend, FREE_KNEE, unbend, type ByteScale } from '../shared/bytes';
import type { Scale } from '../shared/signals';

/** Fixed for bounded signals; for the others what the values reach. @param min, max of all values */
export function byteScale(
  scale: Scale,
  { min, max }: { readonly min: Float32Array; readonly max: Float32Array },
): ByteScale {
  if (scale === 'gate') return { lo: 0, hi: 1 };
  if (scale === 'signed') return { lo: -1, hi: 1 };
  const largest = Math.max(largestOf(min), min === max ? 0 : largestOf(max));
  return scale === 'positive' ? { lo: 0, hi: largest } : { lo: -largest, hi: largest, knee: FREE_KNEE };
}

function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (size > largest && size < Infinity) largest = size;
  }
  return largest;
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
  // Byte k begins at borders[k].
  const borders = Float64Array.from({ length: 257 }, (_, k) => unbend(low + ((k - 0.5) / 255) * span, knee));
  borders[0] = -Infinity;
  // Nothing is behind the last byte, not even infinity.
  borders[256] = NaN;
  const least = new Uint8Array(2 ** 16);
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  // The values of a half lie between the float whose lower half is 0 and that of the next half.
  let byte = 0;
  const visit = (half: number, lower: number): void => {
    word[0] = half * 2 ** 16 + lower;
    const value = float[0] ?? NaN;
    if (Number.isNaN(value)) return;
    while (value >= (borders[byte + 1] ?? NaN)) byte++;
    least[half] = byte;
  };
  // In the order of their values: from -infinity (0xff80) to -0 (0x8000), then from 0 to infinity (0x7f80).
  for (let half = 0xff80; half >= 0x8000; half--) visit(half, half === 0xff80 ? 0 : 0xffff);
  for (let half = 0; half <= 0x7f80; half++) visit(half, 0);
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
