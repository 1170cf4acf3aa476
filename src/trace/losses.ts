/**
 * The greatest loss of each window, exact: four bytes a window, by which a jump to what stands out goes straight there.
 * Noted whenever a window is run whole; of a window that was not, as behind an edit, nothing is known.
 */
import { WINDOW_TOKENS } from '../engine/engine';

export class Losses {
  /** NaN where it is not known. */
  private readonly windows: Float32Array;

  /** @param length tokens of the text */
  constructor(private readonly length: number) {
    this.windows = new Float32Array(Math.ceil(length / WINDOW_TOKENS)).fill(NaN);
  }

  /** Of what is a number; -Infinity where nothing is, NaN where it is not known. */
  greatest(window: number): number {
    return this.windows[window] ?? NaN;
  }

  /**
   * Adds losses to a sum, one by one in their order, and notes the greatest. The first token of a text has none.
   *
   * @param records of tokens [from, to) [to - from, width], in each of which the loss is at `offset`
   * @returns the sum
   */
  add(before: number, records: Float32Array, width: number, offset: number, from: number, to: number): number {
    let sum = before;
    let greatest = -Infinity;
    for (let token = Math.max(1, from); token < to; token++) {
      const loss = records[(token - from) * width + offset] ?? 0;
      sum += loss;
      if (loss > greatest) greatest = loss;
    }
    const window = Math.floor(from / WINDOW_TOKENS);
    const whole = from % WINDOW_TOKENS === 0 && to === Math.min(this.length, (window + 1) * WINDOW_TOKENS);
    if (whole) this.windows[window] = greatest;
    return sum;
  }

  /** Takes over what is known of an earlier text. @param same tokens at the start that both texts have */
  inherit(earlier: Losses, same: number): void {
    this.windows.set(earlier.windows.subarray(0, Math.floor(same / WINDOW_TOKENS)));
  }
}
