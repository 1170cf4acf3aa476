/** What was expected after each token, against what a hover says of the same. */
import { expect, test } from 'vitest';
import { createScalarEngine } from '../../src/engine/scalar';
import { bytesOfText } from '../../src/text/decode';
import { noBreath } from '../../src/text/tracedText';
import { createTrace } from '../../src/trace/create';
import { guesses } from '../../src/trace/guesses';
import { explain, type HeadInfo, type Subject } from '../../src/trace/questions';
import { traceGone } from '../../src/trace/trace';
import { someNetwork } from '../worker/someModel';

const network = someNetwork({ cell: 'gru', vocab: 256 });
const text = await bytesOfText('sample', 'One, two, three. '.repeat(40), noBreath);
const NEXT: HeadInfo = { output: 'next-token', classes: undefined };

async function subject(head: HeadInfo | undefined, windows = Infinity): Promise<Subject> {
  const trace = await createTrace(network, { kind: 'tokens', tokens: text.tokens }, 2 ** 22, createScalarEngine);
  for (let k = 0; k < windows && trace.advance(); k++);
  return { trace, text, cells: ['gru'], head };
}

test('the likeliest token and the one that came, with their probabilities, as a hover has them', async () => {
  const asked = await subject(NEXT);
  const told = await guesses(asked, 250, text.steps, noBreath);
  expect(told.map(({ token }) => token)).toEqual(Array.from({ length: text.steps - 250 }, (_, k) => 250 + k));
  for (const guess of told) {
    const { next, actual } = await explain(asked, guess.token);
    expect(guess).toEqual({
      token: guess.token,
      label: next[0]?.label,
      probability: next[0]?.probability,
      actual: actual && { label: actual.label, probability: actual.probability },
    });
  }
  expect(told.at(-1)?.actual).toBeUndefined();
  expect(new Set(told.map(({ label }) => label)).size).toBeGreaterThan(1);
});

test.each<[string, number, number, number, readonly number[]]>([
  ['all that are traced', Infinity, 678, 700, [678, 679]],
  ['of a trace that is on its way', 1, 254, 300, [254, 255]],
  ['before the start', Infinity, -3, 2, [0, 1]],
  ['none', Infinity, 5, 5, []],
])('%s', async (_, windows, from, to, expected) => {
  const told = await guesses(await subject(NEXT, windows), from, to, noBreath);
  expect(told.map(({ token }) => token)).toEqual(expected);
});

test.each<[string, HeadInfo | undefined]>([
  ['classes', { output: 'classes', classes: undefined }],
  ['values', { output: 'values', classes: undefined }],
  ['nothing', undefined],
])('nothing is told by a head for %s', async (_, head) => {
  expect(await guesses(await subject(head), 0, 10, noBreath)).toEqual([]);
});

test('too many are refused, with how many may be asked for', async () => {
  await expect(guesses(await subject(NEXT), 0, 1025, noBreath)).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('at most 1024') as string,
  });
});

test('it ends where the trace is closed meanwhile', async () => {
  let breaths = 0;
  const breathe = (): Promise<void> => (++breaths === 5 ? Promise.reject(traceGone()) : Promise.resolve());
  await expect(guesses(await subject(NEXT), 0, 100, breathe)).rejects.toMatchObject({ code: 'trace-gone' });
  expect(breaths).toBe(5);
});
