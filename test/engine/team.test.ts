/** Which of two ways a layer is run, by how long each took. */
import { describe, expect, it } from 'vitest';
import { Choice } from '../../src/engine/team';

/** Runs windows whose costs are told, and counts those that were run together. */
function together(choice: Choice, windows: number, cost: (together: boolean) => number): number {
  let count = 0;
  for (let k = 0; k < windows; k++) {
    const way = choice.next();
    if (way) count++;
    choice.took(way, cost(way));
  }
  return count;
}

describe('Choice', () => {
  it.each([
    ['together where that is quicker', 1, 2, 0.9, 1],
    ['alone where that is quicker', 2, 1, 0, 0.1],
  ])('%s, after trying both', (_, ofTogether, ofAlone, least, most) => {
    const share = together(new Choice(false), 1000, (way) => (way ? ofTogether : ofAlone)) / 1000;
    expect(share).toBeGreaterThan(least);
    expect(share).toBeLessThan(most);
  });

  it('is not misled by one slow window in five', () => {
    const choice = new Choice(false);
    let k = 0;
    const share = together(choice, 1000, (way) => (way ? (k++ % 5 === 0 ? 500 : 1) : 2)) / 1000;
    expect(share).toBeGreaterThan(0.9);
  });

  it('follows a machine that becomes busy, and idle again', () => {
    const choice = new Choice(false);
    together(choice, 100, (way) => (way ? 1 : 2));
    together(choice, 20, (way) => (way ? 100 : 2));
    expect(together(choice, 200, (way) => (way ? 100 : 2))).toBeLessThan(20);
    together(choice, 32 * 4, (way) => (way ? 1 : 2));
    expect(together(choice, 200, (way) => (way ? 1 : 2))).toBeGreaterThan(180);
  });

  it('always, where it is told to', () => {
    expect(together(new Choice(true), 50, () => 1)).toBe(50);
  });
});
