/** What the lane of the likeliest next token shows at a scale: its characters, only how sure it was, or neither. */
import type { Guess } from '../../src/shared/trace';
import { visibleTokens, xOf, type Axis } from './axis';
import { showGlyph, type Measure } from './ruler';

export interface GuessMark {
  readonly token: number;
  readonly x: number;
  readonly width: number;
  /** As people read it; empty where it has no room. */
  readonly label: string;
  readonly faint: boolean;
  readonly probability: number;
  /** Whether it came; undefined at the end of the text. */
  readonly right: boolean | undefined;
}

/** More tokens than this in sight are not asked for: each costs the worker a pass through the head. */
const MOST = 1024;
/** Narrower columns have no room for a character. */
const LABEL_SCALE = 5;

/** Whether guesses are worth asking for. */
export function showsGuesses(axis: Axis): boolean {
  const { from, to } = visibleTokens(axis);
  return to - from <= MOST;
}

export function placeGuesses(guesses: readonly Guess[], axis: Axis, measure: Measure): readonly GuessMark[] {
  // After a NaN nothing is expected.
  const known = guesses.filter(({ probability }) => !Number.isNaN(probability));
  return known.map(({ token, label, probability, actual }) => {
    const shown = showGlyph(label);
    const fits = axis.scale >= LABEL_SCALE && measure(shown.text) <= axis.scale + 1;
    return {
      token,
      x: xOf(axis, token),
      width: axis.scale,
      label: fits ? shown.text : '',
      faint: shown.faint,
      probability,
      right: actual === undefined ? undefined : actual.label === label,
    };
  });
}
