/** The tokens of a text after some of it was changed: only what was typed is encoded, the rest is copied. */
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { TokenIds } from '../shared/tokens';
import type { TextChange } from '../shared/workerApi';
import { byteText } from './byteText';
import type { Breathe, TracedText } from './tracedText';

/**
 * @param text whose tokens are bytes
 * @param changes of ranges of `text` that do not overlap, in order
 * @throws empty-text; bad-request where a range lies outside the text, or half a surrogate pair stays alone
 */
export function editText(text: TracedText, changes: readonly TextChange[], breathe: Breathe): Promise<TracedText> {
  const parts: TokenIds[] = [];
  let copied = 0;
  let offset = 0;
  for (const { start, end, text: typed } of changes) {
    if (!(start >= offset && end >= start && end <= text.textLength)) throw badRange(start, end, text.textLength);
    const [from, to] = [placeOf(text, start), placeOf(text, end)];
    parts.push(text.tokens.subarray(copied, from.token), encode(from.before + typed + to.after, start));
    copied = to.next;
    offset = end;
  }
  parts.push(text.tokens.subarray(copied));
  const tokens = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    tokens.set(part, at);
    at += part.length;
  }
  if (tokens.length === 0) {
    throw new GatescopeError('empty-text', say`The text is empty now: there is nothing to trace. Write some text.`);
  }
  return byteText(tokens, text.notes, breathe);
}

/** The same of a whole text. @throws bad-request */
export function editString(text: string, changes: readonly TextChange[]): string {
  let edited = '';
  let copied = 0;
  for (const { start, end, text: typed } of changes) {
    if (!(start >= copied && end >= start && end <= text.length)) throw badRange(start, end, text.length);
    edited += text.slice(copied, start) + typed;
    copied = end;
  }
  return edited + text.slice(copied);
}

/** The token at a UTF-16 offset. Within a pair of surrogates: its first token, what follows it, and its halves. */
function placeOf(text: TracedText, offset: number): { token: number; next: number; before: string; after: string } {
  const end = text.tokens.length;
  if (offset === text.textLength) return { token: end, next: end, before: '', after: '' };
  const { start, token, count, text: pair } = text.glyphAt(offset);
  if (start === offset) return { token, next: token, before: '', after: '' };
  return { token, next: token + count, before: pair.slice(0, offset - start), after: pair.slice(offset - start) };
}

function encode(typed: string, offset: number): Uint8Array {
  // Half of a pair may have met its other half in the text around: only the whole text tells.
  if (/\p{Surrogate}/u.test(typed)) throw halfCharacter(offset);
  return new TextEncoder().encode(typed);
}

const badRange = (start: number, end: number, length: number): GatescopeError =>
  new GatescopeError(
    'bad-request',
    say`The range ${start} to ${end} is not one of a text of ${length} UTF-16 units, in order.`,
  );

const halfCharacter = (offset: number): GatescopeError =>
  new GatescopeError(
    'bad-request',
    say`A change at offset ${offset} leaves half a surrogate pair alone. Trace the whole text again.`,
  );
