/**
 * The greatest loss of each window, exact: four bytes a window, by which a jump to what stands out goes straight there.
 * Noted whenever a window is run whole; of a window that was not, as behind an edit, nothing is known.
 */
import { WINDOW_TOKENS } from '../engine/engine';
import type { Cursor } from './checkpoints';

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
   * Adds losses to a cursor's sum, one by one in their order, and notes the greatest of a window that it has run whole.
   * The first token of a text has none.
   *
   * @param cursor before the records
   * @param records of tokens [cursor.at, to) of one window [to - cursor.at, width], in each of which the loss is at `offset`
   */
  add(cursor: Omit<Cursor, 'state'>, records: Float32Array, width: number, offset: number, to: number): void {
    const from = cursor.at;
    const window = Math.floor(from / WINDOW_TOKENS);
    let greatest = from % WINDOW_TOKENS === 0 ? -Infinity : (cursor.greatest ?? NaN);
    for (let token = Math.max(1, from); token < to; token++) {
      const loss = records[(token - from) * width + offset] ?? 0;
      cursor.loss += loss;
      if (loss > greatest) greatest = loss;
    }
    cursor.greatest = greatest;
    const whole = to === Math.min(this.length, (window + 1) * WINDOW_TOKENS) && to > from;
    if (whole && !Number.isNaN(greatest)) this.windows[window] = greatest;
  }

  /** Takes over what is known of an earlier text. @param same tokens at the start that both texts have */
  inherit(earlier: Losses, same: number): void {
    this.windows.set(earlier.windows.subarray(0, Math.floor(same / WINDOW_TOKENS)));
  }
}
