/** The characters of a training text, as a character model's code usually counts them. Pure. */
import { say, type Message } from '../shared/l10n';

/** How Python's usual lines read a text and list its characters. */
export interface Alphabet {
  /** Each character once, in the order of the ids. */
  readonly characters: string;
  readonly count: number;
}

/** By code point, as Python sorts. */
const sorted = (text: string): string[] =>
  [...new Set(text)].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));

/**
 * The alphabets that a text may have: with its line ends made one, as Python's `open` does, and as it is; in lower case.
 *
 * @returns the likeliest first, no two alike
 */
export function alphabetsOf(text: string): readonly Alphabet[] {
  const read = text.replaceAll(/\r\n?/gu, '\n');
  const candidates = [read, text, read.toLowerCase()];
  const seen = new Set<string>();
  return candidates.flatMap((from) => {
    const all = sorted(from);
    const characters = all.join('');
    if (seen.has(characters)) return [];
    seen.add(characters);
    return [{ characters, count: all.length }];
  });
}

/** The alphabet of exactly as many characters as the model has tokens. */
export const fitting = (text: string, vocab: number): Alphabet | undefined =>
  alphabetsOf(text).find(({ count }) => count === vocab);

/** Why none of a text's alphabets fits. */
export function misfit(name: string, text: string, vocab: number): Message {
  const [first] = alphabetsOf(text);
  const found = first?.count ?? 0;
  const reason =
    found < vocab
      ? say`Choose the text that the model was trained on, or its vocabulary file: special tokens such as padding come
        with that.`
      : say`The model was trained on another text, or its text was cleaned first. Choose that text, or the vocabulary
        file.`;
  return say`${name} has ${found} different characters; the model has ${vocab} tokens. ${reason}`;
}
