/** Finds in a file's notes how text becomes tokens, and what a head's classes are called. */
import type { TokenizerSpec } from '../shared/tokens';
import { quote } from './errors';
import { say, type Text } from '../shared/l10n';
import { namesClasses, namesVocabulary, type Note, type NoteValue } from './notes';

/** `<unk>`, `[PAD]`, `PAD`, `_EOS_`: tokens that no text contains. */
const SPECIAL = /^(?:<[^<>]+>|\[[A-Z_]+\]|_*(?:UNK|PAD|SOS|EOS|BOS|OOV|MASK)_*)$/u;
const UNKNOWN = /^[<[_]*(?:unk|unknown|oov)[>\]_]*$/iu;

/** A vocabulary of so many lower-case letters and no other was made of lower-cased text. */
const LOWER_CASE_LETTERS = 20;

const isIndex = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

const indexOfKey = (key: unknown): number | undefined => {
  if (isIndex(key)) return key;
  return typeof key === 'string' && /^\d{1,9}$/u.test(key) ? Number(key) : undefined;
};

/** Entries, or UTF-16 units of a text. */
function sizeOf(value: NoteValue): number {
  switch (value.kind) {
    case 'set':
      return 0;
    case 'text':
      return value.text.length;
    case 'list':
      return value.items.length;
    case 'dict':
      return value.pairs.length;
  }
}

/** Pairs of id and token, whichever way round the note has them; undefined where it is no vocabulary. */
function pairsOf(value: NoteValue): (readonly [id: number, token: string])[] | undefined {
  switch (value.kind) {
    case 'set':
      return undefined;
    case 'text':
      // Python counts code points.
      return Array.from(value.text, (token, id) => [id, token] as const);
    case 'list': {
      const { items } = value;
      return items.every((item) => typeof item === 'string')
        ? items.map((token, id) => [id, token] as const)
        : undefined;
    }
    case 'dict': {
      const { pairs } = value;
      // Digits may be tokens too: it is the other side that tells.
      if (pairs.every(([key, item]) => typeof key === 'string' && isIndex(item))) {
        return pairs.map(([key, item]) => [item as number, key as string] as const);
      }
      const found = pairs.flatMap(([key, item]) => {
        const id = indexOfKey(key);
        return id !== undefined && typeof item === 'string' ? [[id, item] as const] : [];
      });
      return found.length === pairs.length ? found : undefined;
    }
  }
}

/**
 * @param count of ids
 * @param whole whether every id must have its token; else half of them
 * @returns tokens by id, an empty string where there is none; undefined where the note is no vocabulary of that size
 */
function tokensOf(value: NoteValue, count: number, whole: boolean): string[] | undefined {
  // A character has at most two UTF-16 units; what is longer is not taken apart.
  if (sizeOf(value) > 2 * count) return undefined;
  const pairs = pairsOf(value);
  if (pairs === undefined || pairs.some(([id]) => id >= count)) return undefined;
  const tokens = new Array<string>(count).fill('');
  // An id that stands twice keeps its first token.
  for (const [id, token] of pairs) tokens[id] ||= token;
  const known = tokens.filter((token) => token !== '');
  if (known.length < (whole ? count : count / 2)) return undefined;
  return new Set(known).size === known.length ? tokens : undefined;
}

const nameOf = ({ path }: Note): string => path.at(-1) ?? '';

export interface FoundVocabulary {
  readonly tokens: readonly string[];
  readonly name: string;
}

/**
 * The vocabulary of `count` ids among the notes; what fits best, then what comes first.
 *
 * @param whole whether every id must have its token
 */
export function findVocabulary(notes: readonly Note[], count: number, whole: boolean): FoundVocabulary | undefined {
  const named = notes.filter((note) => namesVocabulary(nameOf(note)));
  for (const strict of whole ? [true] : [true, false]) {
    for (const note of named) {
      const tokens = tokensOf(note.value, count, strict);
      if (tokens) return { tokens, name: nameOf(note) };
    }
  }
  return undefined;
}

/** Names of a head's outputs, where a note has as many. */
export function findClasses(notes: readonly Note[], count: number): readonly string[] | undefined {
  for (const note of notes) {
    const tokens = namesClasses(nameOf(note)) ? tokensOf(note.value, count, true) : undefined;
    if (tokens) return tokens;
  }
  return undefined;
}

/** Why notes that are named as a vocabulary are of no use; one sentence each. */
export function unusedVocabularies(notes: readonly Note[], count: number): Text[] {
  const named = notes.filter((note) => namesVocabulary(nameOf(note)));
  return named.flatMap((note) => {
    if (note.value.kind === 'set') {
      return [say`Its entry ${quote(nameOf(note))} is a set, which does not say which token has which id.`];
    }
    const found = sizeOf(note.value);
    if (found === 0) return [];
    if (pairsOf(note.value) === undefined) {
      return [
        say`Its entry ${quote(nameOf(note))} is no vocabulary of texts: a list of them, or ids by text, is read.`,
      ];
    }
    if (found <= count && (pairsOf(note.value)?.some(([id]) => id >= count) ?? false)) {
      return [say`Its entry ${quote(nameOf(note))} counts its tokens, or numbers them beyond the model's ${count}.`];
    }
    return [say`Its entry ${quote(nameOf(note))} has ${found} tokens, which do not fit the model's ${count}.`];
  });
}

/**
 * Characters where every token is one, else words; tokens such as `<unk>` are neither.
 *
 * @param said what the file itself calls its tokenizer, or undefined
 */
export function vocabularyTokenizer(tokens: readonly string[], said?: 'characters' | 'words'): TokenizerSpec {
  const plain = tokens.filter((token) => token !== '' && !SPECIAL.test(token));
  const kind = said ?? (plain.every((token) => Array.from(token).length === 1) ? 'characters' : 'words');
  const unknown = tokens.findIndex((token) => UNKNOWN.test(token));
  const cased = plain.some((token) => token !== token.toLowerCase());
  const letters = plain.filter((token) => token !== token.toUpperCase()).length;
  const lowercase = !cased && letters >= LOWER_CASE_LETTERS;
  return { kind, tokens, ...(unknown >= 0 && { unknown }), ...(lowercase && { lowercase }) };
}

const KINDS: Readonly<Record<string, 'characters' | 'words' | undefined>> = {
  characters: 'characters',
  chars: 'characters',
  char: 'characters',
  character: 'characters',
  words: 'words',
  word: 'words',
};

/**
 * @param said what the file itself calls its tokenizer: its kind, or the whole tokenizer.json
 * @param vocab tokens of the model's input
 * @param whole whether every id must have its token
 */
export function findTokenizer(
  notes: readonly Note[],
  said: string | undefined,
  vocab: number,
  whole: boolean,
): TokenizerSpec | undefined {
  const json = said === undefined ? undefined : huggingfaceJson(said);
  if (json !== undefined) return { kind: 'huggingface', json };
  const found = findVocabulary(notes, vocab, whole);
  return found && vocabularyTokenizer(found.tokens, said === undefined ? undefined : KINDS[said.toLowerCase()]);
}

/** The content of a tokenizer.json, if the text is one. */
function huggingfaceJson(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && 'model' in json ? json : undefined;
  } catch {
    // A name that begins like JSON.
    return undefined;
  }
}
