/**
 * What a model's texts are cut by, and how its tables are read: from its own notes, else from the files beside it, in a
 * fixed order; and the file that keeps a user's answer.
 */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RecurrentNetwork } from '../engine/recurrent';
import type { Model } from '../models/model';
import { GUESSED_BYTES } from '../models/notes';
import type { ModelSource as ModelFile } from '../models/source';
import { asGatescopeError, GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import { isRecord } from '../shared/json';
import type { SavedSidecar, TokenizerAnswer } from '../shared/modelInfo';
import type { NumbersSpec, Sidecar, TokenizerSpec } from '../shared/tokens';
import { tokenReader } from '../text/openText';
import { badVocabulary, jsonOf, MOST_VOCABULARY_BYTES, readVocabularyFile, textOf } from './vocabularyFile';

/** `models/char.weights.h5` -> `char.weights` */
const stemOf = (file: string): string => (file.split(/[/\\]/u).at(-1) ?? file).replace(/\.[^.]+$/u, '');

export const sidecarName = (file: string): string => `${stemOf(file)}.gatescope.json`;

/** Files that may hold a vocabulary, the model's own before those of the folder. */
function vocabularyNames(file: string): string[] {
  const stem = stemOf(file);
  const own = ['_', '-', '.'].flatMap((dash) => [`${stem}${dash}vocab.json`, `${stem}${dash}vocab.txt`]);
  const shared = ['vocab.json', 'vocab.txt', 'char_indices.json', 'chars.json', 'vocabulary.json', 'char2idx.json'];
  const rarer = [
    'stoi.json',
    'word_index.json',
    'char_to_idx.json',
    'char2int.json',
    'word2idx.json',
    'word_to_idx.json',
  ];
  const turned = [
    'itos.json',
    'idx2char.json',
    'int2char.json',
    'idx_to_char.json',
    'indices_char.json',
    'idx2word.json',
  ];
  return [`${stem}.tokenizer.json`, 'tokenizer.json', ...own, ...shared, ...rarer, ...turned];
}

/** A model's notes with what the files beside it say. */
export interface Notes {
  readonly sidecar: Sidecar;
  /** Who says how texts are cut. */
  readonly tokenizerFrom: string | undefined;
  /** Number of its tokens. */
  readonly tokens: number;
  /** One sentence each. */
  readonly warnings: readonly Text[];
}

interface Candidate {
  readonly spec: TokenizerSpec;
  readonly from: string;
}

/** Where a tokenizer comes from that the model's own notes name. */
const MODEL_FILE = 'the model file';
/** Where one comes from that nothing names. */
const GUESS = 'the number of tokens';

/** What a model's reader warned of, without a guess that was not needed. */
export const warningsOf = (model: Pick<Model, 'warnings'>, { tokenizerFrom }: Pick<Notes, 'tokenizerFrom'>): Text[] =>
  model.warnings.filter((warning) => warning !== GUESSED_BYTES || tokenizerFrom === GUESS);

/**
 * First the model's own notes, then NAME.gatescope.json, then tokenizer.json and vocabulary files. What does not fit the
 * model is passed over with a warning.
 *
 * @param file the path for people
 */
export function findNotes(model: Model, source: ModelFile, file: string): Notes {
  const warnings: Text[] = [];
  const own = model.notes;
  const said = readBeside(source, sidecarName(file), warnings, (bytes, name) => readSidecar(name, jsonOf(name, bytes)));
  const sidecar: Sidecar = { ...said, ...own };
  const { input } = model.network;
  if (input.kind === 'numbers') return { sidecar, tokenizerFrom: undefined, tokens: 0, warnings };
  const found = firstFitting(
    candidates(own, model.warnings.includes(GUESSED_BYTES), said, source, file, warnings),
    input.vocab,
    warnings,
  );
  if (found === undefined) {
    const { numbers, classes } = sidecar;
    const rest: Sidecar = { ...(numbers && { numbers }), ...(classes && { classes }) };
    return { sidecar: rest, tokenizerFrom: undefined, tokens: 0, warnings };
  }
  return { sidecar: { ...sidecar, tokenizer: found.spec }, tokenizerFrom: found.from, tokens: found.tokens, warnings };
}

/**
 * A model over numbers as one over one-hot tokens, where a file beside it says so: its NAME.gatescope.json by a tokenizer,
 * another file by a vocabulary of exactly as many tokens. Most models over one-hot characters hold weights alone.
 *
 * @param file the path for people
 */
export function withOneHot(model: Model, source: ModelFile, file: string): Model {
  const { input, head } = model.network;
  if (input.kind !== 'numbers') return model;
  const own = readBeside(source, sidecarName(file), [], (bytes, name) => readSidecar(name, jsonOf(name, bytes)));
  if (own?.numbers !== undefined) return model;
  const { width } = input;
  for (const { spec, from } of candidates({}, false, own, source, file, [])) {
    const vocab = vocabularySize(spec);
    if (vocab === undefined || (own?.tokenizer ? vocab > width : vocab !== width)) continue;
    const nextToken = head?.layers.at(-1)?.outputSize === width;
    const network: RecurrentNetwork = {
      ...model.network,
      input: { kind: 'tokens', vocab: width, width, table: undefined },
      head: head && (nextToken ? { ...head, output: 'next-token' } : head),
    };
    const told = say`Its ${width} inputs are taken for tokens, one-hot, as ${from} says.`;
    return { ...model, network, warnings: [...model.warnings, told] };
  }
  return model;
}

function vocabularySize(spec: TokenizerSpec): number | undefined {
  try {
    return tokenReader(spec).vocab;
  } catch (error) {
    if (error instanceof GatescopeError) return undefined;
    throw error;
  }
}

/** Read only as far as they are asked for. */
function* candidates(
  own: Sidecar,
  guessed: boolean,
  said: Sidecar | undefined,
  source: ModelFile,
  file: string,
  warnings: Text[],
): Generator<Candidate> {
  if (own.tokenizer && !guessed) yield { spec: own.tokenizer, from: MODEL_FILE };
  if (said?.tokenizer) yield { spec: said.tokenizer, from: sidecarName(file) };
  if (own.tokenizer && guessed) yield { spec: own.tokenizer, from: GUESS };
  for (const name of vocabularyNames(file)) {
    const spec = readBeside(source, name, warnings, (bytes) => {
      const merges =
        name === 'vocab.json' ? readBeside(source, 'merges.txt', warnings, (b) => textOf('merges.txt', b)) : undefined;
      return readVocabularyFile(name, bytes, merges);
    });
    if (spec) yield { spec, from: name };
  }
}

function firstFitting(
  found: Iterable<Candidate>,
  vocab: number,
  warnings: Text[],
): (Candidate & { tokens: number }) | undefined {
  for (const candidate of found) {
    try {
      const tokens = tokenReader(candidate.spec).vocab;
      if (tokens <= vocab) {
        if (tokens < vocab) {
          warnings.push(
            say`${sentence(candidate.from)} has ${tokens} tokens for a model of ${vocab}: the last ${vocab - tokens}
              never come.`,
          );
        }
        return { ...candidate, tokens };
      }
      warnings.push(
        say`${sentence(candidate.from)} has a vocabulary of ${tokens} tokens, but the model has ${vocab}: it is not
          used.`,
      );
    } catch (error) {
      if (!(error instanceof GatescopeError)) throw error;
      warnings.push(error.text);
    }
  }
  return undefined;
}

/** Where a vocabulary was found, at the beginning of a sentence. */
const sentence = (from: string): Text =>
  from === MODEL_FILE ? say`The model file` : from === GUESS ? say`The number of tokens` : from;

function readBeside<T>(
  source: ModelFile,
  name: string,
  warnings: Text[],
  read: (bytes: Uint8Array, name: string) => T,
): T | undefined {
  let beside: ModelFile | undefined;
  try {
    beside = source.sibling(name);
    if (beside === undefined) return undefined;
    if (beside.size > MOST_VOCABULARY_BYTES) {
      throw badVocabulary(name, say`It has ${beside.size} bytes; at most ${MOST_VOCABULARY_BYTES} are read.`);
    }
    return read(beside.read(0, beside.size), name);
  } catch (error) {
    // The model can be used without it.
    warnings.push(asGatescopeError(error).text);
    return undefined;
  } finally {
    beside?.close();
  }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'number' && Number.isFinite(one));

/** The content of a NAME.gatescope.json. @throws bad-vocabulary, naming what is wrong */
export function readSidecar(name: string, json: unknown): Sidecar {
  if (!isRecord(json)) throw badVocabulary(name, say`It is not an object such as {"tokenizer": {"kind": "bytes"}}.`);
  const { tokenizer, numbers, classes } = json;
  if (classes !== undefined && !isTexts(classes))
    throw badVocabulary(name, say`Its "classes" must be a list of texts.`);
  return {
    ...(tokenizer !== undefined && { tokenizer: readSpec(name, tokenizer) }),
    ...(numbers !== undefined && { numbers: readNumbers(name, numbers) }),
    ...(classes !== undefined && { classes }),
  };
}

function readSpec(name: string, json: unknown): TokenizerSpec {
  if (!isRecord(json)) throw badVocabulary(name, say`Its "tokenizer" must be an object such as {"kind": "bytes"}.`);
  const { kind, tokens, unknown, lowercase } = json;
  if (kind === 'bytes') return { kind };
  if (kind === 'huggingface') return { kind, json: json['json'] };
  if (kind !== 'characters' && kind !== 'words') {
    throw badVocabulary(
      name,
      say`Its tokenizer's kind is ${shown(kind)}; bytes, characters, words and huggingface are known.`,
    );
  }
  const list = typeof tokens === 'string' ? Array.from(tokens) : tokens;
  if (!isTexts(list))
    throw badVocabulary(name, say`Its tokenizer's "tokens" must be a list of texts, in the order of the ids.`);
  if (
    unknown !== undefined &&
    !(typeof unknown === 'number' && Number.isInteger(unknown) && unknown >= 0 && unknown < list.length)
  ) {
    throw badVocabulary(
      name,
      say`Its tokenizer's "unknown" is ${shown(unknown)}; it must be an id below ${list.length}.`,
    );
  }
  if (lowercase !== undefined && typeof lowercase !== 'boolean') {
    throw badVocabulary(name, say`Its tokenizer's "lowercase" is ${shown(lowercase)}; it must be true or false.`);
  }
  return {
    kind,
    tokens: list,
    ...(unknown !== undefined && { unknown }),
    ...(lowercase !== undefined && { lowercase }),
  };
}

function readNumbers(name: string, json: unknown): NumbersSpec {
  if (!isRecord(json)) throw badVocabulary(name, say`Its "numbers" must be an object such as {"columns": ["price"]}.`);
  const { columns, shift, scale } = json;
  const isColumn = (one: unknown): boolean =>
    typeof one === 'string' || (typeof one === 'number' && Number.isInteger(one) && one >= 0);
  if (columns !== undefined && !(Array.isArray(columns) && columns.every(isColumn))) {
    throw badVocabulary(name, say`The "columns" of its "numbers" must be a list of names, or of positions from 0.`);
  }
  for (const [what, values] of Object.entries({ shift, scale })) {
    if (values !== undefined && !isNumbers(values))
      throw badVocabulary(name, say`The "${what}" of its "numbers" must be a list of numbers.`);
  }
  return {
    ...(columns !== undefined && { columns: columns as readonly (string | number)[] }),
    ...(isNumbers(shift) && { shift }),
    ...(isNumbers(scale) && { scale }),
  };
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

/**
 * The answer as a sidecar, beside the model where that is a file. What the sidecar says of other things stays.
 *
 * @param read the content of a file that the answer names
 * @throws bad-vocabulary where the answer does not fit the model
 */
export async function saveSidecar(
  model: Model,
  source: ModelFile,
  path: string | undefined,
  answer: TokenizerAnswer,
  read: (path: string) => Promise<Uint8Array>,
): Promise<SavedSidecar> {
  const name = sidecarName(source.name);
  const spec = await specOf(answer, read);
  const { input } = model.network;
  const { vocab } = tokenReader(spec);
  if (input.kind !== 'tokens')
    throw badVocabulary(name, say`The model reads numbers, not tokens: it needs no tokenizer.`);
  if (vocab > input.vocab) {
    throw badVocabulary(
      name,
      say`The vocabulary has ${vocab} tokens, but the model has ${input.vocab}. Choose the one it was trained with.`,
    );
  }
  const before = readBeside(source, name, [], (bytes) => jsonOf(name, bytes));
  const text = `${JSON.stringify({ ...(isRecord(before) && before), tokenizer: spec })}\n`;
  if (path === undefined) return { name, text, written: false };
  await writeFile(join(dirname(path), basename(name)), text);
  return { name, text, written: true };
}

async function specOf(answer: TokenizerAnswer, read: (path: string) => Promise<Uint8Array>): Promise<TokenizerSpec> {
  switch (answer.kind) {
    case 'bytes':
      return { kind: 'bytes' };
    case 'characters': {
      const tokens = Array.from(answer.characters);
      const twice = tokens.find((token, index) => tokens.indexOf(token) < index);
      if (twice !== undefined)
        throw badVocabulary(
          say`The characters`,
          say`${JSON.stringify(twice)} stands there twice. Give each once, in the order of the ids.`,
        );
      const { unknown } = answer;
      return { kind: 'characters', tokens, ...(unknown !== undefined && { unknown }) };
    }
    case 'file':
      return readVocabularyFile(basename(answer.path), await read(answer.path));
    case 'fileBytes':
      return readVocabularyFile(answer.name, answer.bytes);
  }
}
