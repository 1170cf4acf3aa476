/**
 * What a file says beside its weights that may be a vocabulary: entries of a checkpoint, JSON in a metadata text. Values
 * are looked at as text, list, dict or set, whatever they were written in, and are not copied.
 */
import { LIMITS } from './limits';
import { say } from '../shared/l10n';

export type NoteValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly unknown[] }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [key: unknown, value: unknown])[] }
  /** Its order is lost, so that it cannot say which token has which id. */
  | { readonly kind: 'set' };

/** A reader's warning, by which is known that its bytes are a guess: what a person writes beside the file goes before. */
export const GUESSED_BYTES = say`It does not name its tokenizer; with 256 tokens it is taken to read bytes.`;

export interface Note {
  /** Names on the way to it, the last one its own: `['config', 'stoi']`. */
  readonly path: readonly string[];
  readonly value: NoteValue;
}

/** `char_to_idx`, `charToIdx` and `char2idx` are one. */
const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]/gu, '')
    .replace(/to(?=id|ix|in|nu|ch|wo|to|st|le)/u, '2');

const UNIT = '(?:chars?|characters?|letters?|words?|tokens?|tok|symbols?|sym|str|s|vocab)';
const NUMBER = '(?:idx|ix|ids?|ind|index|indices|int|nums?|i)';
const VOCABULARY = new RegExp(
  `^(?:\\w*vocab(?:ulary)?|s2i|i2s|stoi|itos|${UNIT}2${NUMBER}|${NUMBER}2${UNIT}|${UNIT}${NUMBER}|${NUMBER}${UNIT}` +
    '|chars|characters|alphabet|charset|letters|tokens|words|wordlist|wordindex|indexword|dictionary|allletters|allcharacters)$',
  'u',
);
const CLASSES =
  /^(?:classes|classnames|labels|labelnames|categories|allcategories|tags|(?:id|idx|ix|i|index)2(?:label|class|tag|category)|(?:label|class|tag|category)2(?:id|idx|ix|i|index))$/u;

const LONGEST_NAME = 64;

export const namesVocabulary = (name: string): boolean =>
  name.length <= LONGEST_NAME && VOCABULARY.test(plainName(name));

export const namesClasses = (name: string): boolean => name.length <= LONGEST_NAME && CLASSES.test(plainName(name));

/** A JSON value, or a text that is one, as a note's value. */
export function jsonNote(value: unknown): NoteValue | undefined {
  if (Array.isArray(value)) return { kind: 'list', items: value };
  if (typeof value === 'object' && value !== null) return { kind: 'dict', pairs: Object.entries(value) };
  return typeof value === 'string' ? { kind: 'text', text: value } : undefined;
}

/** Notes in a metadata of texts: each text as it is, or what it says as JSON, with what lies inside of it. */
export function notesOfMetadata(metadata: Readonly<Record<string, string>>): Note[] {
  const notes: Note[] = [];
  for (const [name, text] of Object.entries(metadata)) collect(notes, [name], parsed(text) ?? text, 3);
  return notes;
}

function collect(notes: Note[], path: readonly string[], json: unknown, depth: number): void {
  const value = jsonNote(json);
  const name = path.at(-1) ?? '';
  if (value === undefined || notes.length >= LIMITS.notes) return;
  if (namesVocabulary(name) || namesClasses(name)) notes.push({ path, value });
  if (value.kind !== 'dict' || depth === 0) return;
  for (const [key, item] of value.pairs) {
    if (typeof item === 'object' && item !== null) collect(notes, [...path, String(key)], item, depth - 1);
  }
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/u.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A text that only begins like JSON.
    return undefined;
  }
}
