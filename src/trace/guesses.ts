/** What was expected after each of some tokens: the likeliest next one, and how likely the one was that came. */
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { Guess } from '../shared/trace';
import type { Breathe } from '../text/tracedText';
import type { Subject } from './questions';

export const MOST_GUESSES = 1024;

/**
 * @param from, to tokens; those that are not traced are left out
 * @returns one a token, in order; empty where the head does not predict the next token
 * @throws bad-request for more than MOST_GUESSES; what `breathe` throws
 */
export async function guesses(
  { trace, text, head }: Subject,
  from: number,
  to: number,
  breathe: Breathe,
): Promise<Guess[]> {
  if (!(Number.isInteger(from) && Number.isInteger(to) && to - from <= MOST_GUESSES)) {
    throw new GatescopeError(
      'bad-request',
      say`Guesses after tokens ${from} to ${to} were asked for; at most ${MOST_GUESSES} are told at once. Ask for
        fewer.`,
    );
  }
  const told: Guess[] = [];
  if (head?.output !== 'next-token') return told;
  const end = Math.min(to, trace.done);
  for (let token = Math.max(0, from); token < end; token++) {
    const probabilities = await trace.outputs(token);
    const best = indexOfGreatest(probabilities);
    const came = text.tokens[token + 1];
    told.push({
      token,
      label: text.labelOf(best),
      probability: probabilities[best] ?? NaN,
      actual: came === undefined ? undefined : { label: text.labelOf(came), probability: probabilities[came] ?? NaN },
    });
    await breathe();
  }
  return told;
}

/** The first of them where several are; 0 where none is a number. */
function indexOfGreatest(values: Float32Array): number {
  let best = 0;
  let greatest = -Infinity;
  for (const [k, value] of values.entries()) {
    if (!(value > greatest)) continue;
    best = k;
    greatest = value;
  }
  return best;
}
