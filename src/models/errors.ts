/** Why a model file is refused: broken, or whole but of a kind that is not supported. */
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';

const QUOTED_LENGTH = 80;

/** A name or value from a file, safe to show: quoted, escaped, cut. */
export function quote(value: unknown): string {
  const text = textOf(value);
  return text.length <= QUOTED_LENGTH ? text : `${text.slice(0, QUOTED_LENGTH - 1)}…`;
}

function textOf(value: unknown): string {
  // undefined has no JSON, though the types say otherwise.
  if (value === undefined) return 'nothing';
  try {
    return JSON.stringify(value);
  } catch {
    // JSON.parse reads nests that are too deep for JSON.stringify's stack.
    return 'a deep nest';
  }
}

/** A short list of names from a file. */
export function quoteSome(names: readonly string[], most = 6): string {
  const shown = names.slice(0, most).map(quote).join(', ');
  return names.length > most ? `${shown} and ${String(names.length - most)} more` : shown;
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** @param what a sentence that names the value and the limit */
export const damaged = (file: string, what: Text): GatescopeError =>
  new GatescopeError('model-damaged', say`${file}: ${what} Download the file again, or export it again.`);

/** @param what a sentence that names what is not supported @param remedy what would be */
export const unsupported = (file: string, what: Text, remedy: Text): GatescopeError =>
  new GatescopeError('model-unsupported', say`${file}: ${what} ${remedy}`);
