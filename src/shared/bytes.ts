/** The spacing of a tile's bytes: even, or by asinh where values gather around zero but may reach far. */

/**
 * The knee of unbounded signals. A cell state matters most around ±1 (the cell shows tanh(c), which hardly changes
 * beyond ±3), but a unit that counts may reach hundreds; evenly spaced, one such unit would leave its neighbours a byte
 * or two. With this knee a value of 1 lies nearly half the way from zero to an end at 12, a quarter of it to one at 1000.
 */
export const FREE_KNEE = 0.25;

/** With a knee, a value v lies at knee * asinh(v / knee): evenly up to about the knee, by powers beyond it. */
export const bend = (value: number, knee: number | undefined): number =>
  knee === undefined ? value : knee * Math.asinh(value / knee);

export const unbend = (value: number, knee: number | undefined): number =>
  knee === undefined ? value : knee * Math.sinh(value / knee);

/** The range that a tile's bytes span, and how they are spaced in it. */
export interface ByteScale {
  readonly lo: number;
  readonly hi: number;
  /** Undefined: evenly spaced. */
  readonly knee?: number | undefined;
}

/** The value that a byte stands for. On a range around zero no byte is zero, so the two beside it are read as zero. */
export function byteValue({ lo, hi, knee }: ByteScale, q: number): number {
  const [low, high] = [bend(lo, knee), bend(hi, knee)];
  const step = (high - low) / 255;
  const value = low + q * step;
  return low < 0 && Math.abs(value) <= 0.5001 * step ? 0 : unbend(value, knee);
}
