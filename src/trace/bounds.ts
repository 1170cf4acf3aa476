/**
 * The least or greatest of bfloat16 words, found as whole numbers and without branches: what is least is no more
 * predictable than the values are, and a third of the time that `Math.min` of decoded values takes is enough.
 */
import { DECODED } from './bfloat';

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

/** Of every unit, over some rows of words. NaN wins: it must stay visible. */
export class Bounds {
  private readonly words: Int16Array;
  private readonly found: Int32Array;
  private readonly greatest: boolean;

  constructor(words: Uint16Array, units: number, which: 'min' | 'max') {
    this.words = new Int16Array(words.buffer, words.byteOffset, words.length);
    this.found = new Int32Array(units);
    this.greatest = which === 'max';
  }

  /** Writes that of rows [from, to), at least one, whose units begin at `offset`. */
  gather(from: number, to: number, width: number, offset: number, out: Float32Array, at: number): void {
    const { words, found, greatest } = this;
    found.fill(greatest ? -BEYOND - 1 : BEYOND);
    // Two at a time: what was found is read and written half as often. The same one twice counts once.
    for (let row = from; row < to; row += 2) {
      const [one, other] = [row * width + offset, Math.min(row + 1, to - 1) * width + offset];
      if (greatest) addGreatest(words, one, other, found);
      else addLeast(words, one, other, found);
    }
    const turn = greatest ? NANS : -NANS;
    for (let u = 0; u < found.length; u++) out[at + u] = DECODED[wordOf((found[u] ?? 0) + turn)] ?? NaN;
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
