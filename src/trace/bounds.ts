/**
 * The least and greatest of bfloat16 words, found as whole numbers and without branches: what is least is no more
 * predictable than the values are, and a third of the time that `Math.min` of decoded values takes is enough.
 */
import { DECODED } from './bfloat';
import type { Summary } from './summary';

/**
 * A word's bits below its sign turned where it is set are in the order of the values, as two's complement of 16 bits.
 * NaNs lie beyond both infinities, 127 on either side: turned round by as many they are all least, or all greatest.
 */
const NANS = 127;
/** Beyond every key. */
const BEYOND = 2 ** 15;

const wordOf = (key: number): number => {
  const turned = (key << 16) >> 16;
  return (turned ^ ((turned >> 15) & 0x7fff)) & 0xffff;
};

/** Of every unit, over the blocks that were added. NaN wins: it must stay visible. */
export class Bounds {
  private readonly min: Int16Array;
  private readonly max: Int16Array;
  private readonly least: Int32Array;
  private readonly greatest: Int32Array;

  constructor({ min, max }: Pick<Summary, 'min' | 'max'>, units: number) {
    this.min = new Int16Array(min.buffer, min.byteOffset, min.length);
    this.max = new Int16Array(max.buffer, max.byteOffset, max.length);
    this.least = new Int32Array(units).fill(BEYOND);
    this.greatest = new Int32Array(units).fill(-BEYOND - 1);
  }

  /** @param row, other where the units of two blocks begin; the same one twice counts once */
  add(row: number, other: number): void {
    addLeast(this.min, row, other, this.least);
    addGreatest(this.max, row, other, this.greatest);
  }

  /** Writes what was found, and begins anew. */
  take(min: Float32Array, max: Float32Array, out: number): void {
    const { least, greatest } = this;
    for (let u = 0; u < least.length; u++) {
      min[out + u] = DECODED[wordOf((least[u] ?? 0) - NANS)] ?? NaN;
      max[out + u] = DECODED[wordOf((greatest[u] ?? 0) + NANS)] ?? NaN;
    }
    least.fill(BEYOND);
    greatest.fill(-BEYOND - 1);
  }
}

// Of two numbers a and b of 17 bits, d = b - a is negative where b is less: d & (d >> 31) is d then, and else 0.

function addLeast(words: Int16Array, row: number, other: number, least: Int32Array): void {
  for (let u = 0; u < least.length; u++) {
    const [v, w] = [words[row + u] ?? 0, words[other + u] ?? 0];
    const a = (((v ^ ((v >> 15) & 0x7fff)) + NANS) << 16) >> 16;
    const b = (((w ^ ((w >> 15) & 0x7fff)) + NANS) << 16) >> 16;
    const d = b - a;
    const known = least[u] ?? 0;
    const e = a + (d & (d >> 31)) - known;
    least[u] = known + (e & (e >> 31));
  }
}

function addGreatest(words: Int16Array, row: number, other: number, greatest: Int32Array): void {
  for (let u = 0; u < greatest.length; u++) {
    const [v, w] = [words[row + u] ?? 0, words[other + u] ?? 0];
    const a = (((v ^ ((v >> 15) & 0x7fff)) - NANS) << 16) >> 16;
    const b = (((w ^ ((w >> 15) & 0x7fff)) - NANS) << 16) >> 16;
    const d = a - b;
    const known = greatest[u] ?? 0;
    const e = known - (a - (d & (d >> 31)));
    greatest[u] = known - (e & (e >> 31));
  }
}
