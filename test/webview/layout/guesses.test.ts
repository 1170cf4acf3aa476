/** The lane of the likeliest next token: characters near by, chances from afar, and whether they came. */
import { describe, expect, it } from 'vitest';
import type { Guess } from '../../../src/shared/trace';
import { placeGuesses, showsGuesses } from '../../../webview/layout/guesses';

const measure = (text: string): number => 7 * Array.from(text).length;
const guess = (token: number, label: string, actual: string | undefined, probability = 0.5): Guess => ({
  token,
  label,
  probability,
  actual: actual === undefined ? undefined : { label: actual, probability: 0.1 },
});
const axis = (scale: number) => ({ tokens: 5000, width: 800, start: 2, scale });

describe('guesses', () => {
  it.each([
    [8, guess(4, 'a', 'a'), { x: 16, width: 8, label: 'a', faint: false, right: true }],
    [8, guess(4, 'a', 'b'), { x: 16, width: 8, label: 'a', right: false }],
    [8, guess(4, ' ', undefined), { label: '␣', faint: true, right: undefined }],
    // Words have room only in wide columns, characters in those from seven pixels.
    [8, guess(4, '⟨E6⟩', 'a'), { label: '' }],
    [40, guess(4, '⟨E6⟩', 'a'), { label: '⟨E6⟩' }],
    [3, guess(4, 'a', 'b', 0.25), { x: 6, width: 3, label: '', probability: 0.25, right: false }],
  ])('at %d pixels a token, %j', (scale, one, expected) => {
    expect(placeGuesses([one], axis(scale), measure)[0]).toMatchObject(expected);
  });

  it('after a NaN are none', () => {
    expect(
      placeGuesses([guess(4, 'a', 'b', NaN), guess(5, 'a', 'b')], axis(8), measure).map(({ token }) => token),
    ).toEqual([5]);
  });

  it.each([
    [6, true],
    [0.8, true],
    [0.5, false],
  ])('at %d pixels a token are asked for: %s', (scale, shown) => {
    expect(showsGuesses(axis(scale))).toBe(shown);
  });
});
