/** What a vocabulary file says: vocab.json in its many shapes, vocab.txt, a tokenizer.json. */
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import { isRecord } from '../shared/json';
import type { TokenizerSpec } from '../shared/tokens';

/** Largest file that is read, in bytes, and most tokens of a vocabulary. */
export const MOST_VOCABULARY_BYTES = 64 * 2 ** 20;
const MOST_TOKENS = 2 ** 21;

/** Keys under which an object keeps a vocabulary. */
const INNER =
  /^(?:vocab(?:ulary)?|stoi|itos|chars|characters|tokens|words|word_index|index_word|(?:char|word|token|tok)s?_?(?:to|2)_?(?:idx|ix|id|index|int)|(?:idx|ix|id|index|int)_?(?:to|2)_?(?:char|word|token|tok)s?|char_indices|indices_char|config)$/iu;

const MOST_DEPTH = 4;

const UNKNOWN = /^[<[(_]*(?:unk|unknown|oov)[>\])_]*$/iu;
/** Tokens that stand for no text. */
const SPECIAL = /^(?:<[^<>\s]+>|\[[A-Z_]+\])$/u;

/** A vocabulary of so many small letters and no capital was made of lower-cased text. */
const LOWER_CASE_LETTERS = 20;

export const badVocabulary = (file: Text, what: Text): GatescopeError =>
  new GatescopeError('bad-vocabulary', say`${file}: ${what}`);

/** @throws bad-vocabulary */
export function textOf(file: string, bytes: Uint8Array): string {
  if (bytes.length > MOST_VOCABULARY_BYTES) {
    throw badVocabulary(file, say`It has ${bytes.length} bytes; at most ${MOST_VOCABULARY_BYTES} are read.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badVocabulary(file, say`It is not UTF-8. Save it as UTF-8.`);
  }
}

/** @throws bad-vocabulary */
export function jsonOf(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(file, bytes));
  } catch (error) {
    if (error instanceof GatescopeError) throw error;
    throw badVocabulary(file, say`It is not JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
}

/**
 * @param merges content of the merges.txt beside it, if any: then it is GPT-2's pair of files
 * @throws bad-vocabulary where it is none
 */
export function readVocabularyFile(file: string, bytes: Uint8Array, merges?: string): TokenizerSpec {
  if (/\.txt$/iu.test(file)) return fromLines(textOf(file, bytes));
  const json = jsonOf(file, bytes);
  if (isRecord(json) && isRecord(json['model'])) return { kind: 'huggingface', json };
  if (merges !== undefined && isRecord(json)) return gpt2(json, merges);
  const tokens = tokensIn(file, json, 0);
  if (tokens !== undefined) return vocabularySpec(tokens);
  throw badVocabulary(
    file,
    say`It holds no vocabulary. A list of tokens, an object of ids by token, or of tokens by id is read.`,
  );
}

/** One token a line; an empty line is an empty token. */
function fromLines(text: string): TokenizerSpec {
  const lines = text.replace(/\r?\n$/u, '').split(/\r?\n/u);
  return lines.some((line) => /^##./u.test(line)) && lines.includes('[UNK]') ? bert(lines) : vocabularySpec(lines);
}

/** BERT's vocab.txt, whose words go on with ##. */
function bert(lines: readonly string[]): TokenizerSpec {
  const lowercase = !lines.some((line) => !SPECIAL.test(line) && /\p{Lu}/u.test(line));
  const special = lines.flatMap((content, id) => (SPECIAL.test(content) ? [{ id, content, special: true }] : []));
  const vocab = Object.fromEntries(lines.map((token, id) => [token, id]));
  return {
    kind: 'huggingface',
    json: {
      added_tokens: special,
      normalizer: { type: 'BertNormalizer', lowercase },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      model: { type: 'WordPiece', vocab, unk_token: '[UNK]' },
    },
  };
}

function gpt2(vocab: Readonly<Record<string, unknown>>, merges: string): TokenizerSpec {
  const lines = merges.split(/\r?\n/u).filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#')));
  return {
    kind: 'huggingface',
    json: {
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
      decoder: { type: 'ByteLevel' },
      model: { type: 'BPE', vocab, merges: lines },
    },
  };
}

/** Tokens by id. */
function tokensIn(file: string, json: unknown, depth: number): string[] | undefined {
  if (typeof json === 'string') {
    // Keras writes its Tokenizer as JSON, and the index within as JSON in a text; json.dump makes a text of the whole.
    if (/^\s*(?:\{\s*"|\[)/u.test(json)) {
      try {
        return tokensIn(file, JSON.parse(json), depth + 1);
      } catch {
        // A text that only begins like JSON.
      }
    }
    return Array.from(json);
  }
  if (Array.isArray(json)) {
    checkCount(file, json.length);
    return json.every((token) => typeof token === 'string') ? json : undefined;
  }
  if (!isRecord(json)) return undefined;
  const entries = Object.entries(json);
  if (entries.length === 0) return undefined;
  const pairs = idsByToken(entries) ?? tokensById(entries);
  if (pairs !== undefined) return byId(file, pairs);
  if (depth >= MOST_DEPTH) return undefined;
  for (const [key, value] of entries) {
    const found = INNER.test(key) ? tokensIn(file, value, depth + 1) : undefined;
    if (found !== undefined && found.length > 1) return found;
  }
  return undefined;
}

const isId = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

type Pair = readonly [id: number, token: string];

/** Digits may be tokens too: it is the other side that tells. */
function idsByToken(entries: readonly (readonly [string, unknown])[]): Pair[] | undefined {
  const pairs = entries.flatMap(([token, id]): Pair[] => (isId(id) ? [[id, token]] : []));
  return pairs.length === entries.length ? pairs : undefined;
}

function tokensById(entries: readonly (readonly [string, unknown])[]): Pair[] | undefined {
  const pairs = entries.flatMap(([id, token]): Pair[] =>
    /^\d{1,9}$/u.test(id) && typeof token === 'string' ? [[Number(id), token]] : [],
  );
  return pairs.length === entries.length ? pairs : undefined;
}

function checkCount(file: string, count: number): void {
  if (count <= MOST_TOKENS) return;
  throw badVocabulary(file, say`It has ids up to ${count - 1}; at most ${MOST_TOKENS} tokens are read.`);
}

function byId(file: string, pairs: readonly Pair[]): string[] {
  const count = pairs.reduce((most, [id]) => Math.max(most, id + 1), 0);
  checkCount(file, count);
  const tokens = new Array<string>(count).fill('');
  for (const [id, token] of pairs) {
    if (tokens[id] !== '') {
      throw badVocabulary(
        file,
        say`The tokens ${JSON.stringify(tokens[id])} and ${JSON.stringify(token)} have the same id ${id}.`,
      );
    }
    tokens[id] = token;
  }
  return tokens;
}

/** Characters where most tokens are one, else words; `<unk>` and its kin are neither. */
export function vocabularySpec(tokens: readonly string[]): TokenizerSpec {
  const plain = tokens.filter((token) => token !== '' && !SPECIAL.test(token) && !UNKNOWN.test(token));
  const single = plain.filter((token) => Array.from(token).length === 1).length;
  const unknown = tokens.findIndex((token) => UNKNOWN.test(token));
  const cased = plain.some((token) => /\p{Lu}/u.test(token));
  const letters = plain.filter((token) => /\p{Ll}/u.test(token)).length;
  return {
    kind: single * 2 > plain.length ? 'characters' : 'words',
    tokens,
    ...(unknown >= 0 && { unknown }),
    ...(!cased && letters >= LOWER_CASE_LETTERS && { lowercase: true }),
  };
}
