/**
 * A Hugging Face tokenizer.json: added tokens, normalizer, pre-tokenizer, model, as the tokenizers library applies them
 * (https://huggingface.co/docs/tokenizers/pipeline), with the range of every token in the original text. The
 * post-processor is left out: what it adds is not in the text.
 */
import { isRecord } from '../../shared/json';
import { Aligned } from '../aligned';
import { byteLabel, textLabel } from '../labels';
import { positionedText, TokenCollector } from '../vocabularyText';
import { BREATH_UNITS, type Breathe, type TracedText } from '../tracedText';
import { bpeOf } from './bpe';
import { byteTokenLabel } from './byteLevel';
import type { Encoded, PieceModel } from './encoding';
import { notSupported, Part, quoteJson, refuse } from './json';
import { normalizerOf, type Normalizer } from './normalizers';
import { escapeRegExp, WORD } from './patterns';
import { endIn, settled, slicePiece, startIn, type Piece } from './pieces';
import { preTokenizerOf, type PreTokenizer } from './preTokenizers';
import { unigramOf } from './unigram';
import { wordLevelOf, wordPieceOf } from './words';
import { say, type Text } from '../../shared/l10n';

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly singleWord: boolean;
  readonly left: boolean;
  readonly right: boolean;
}

/** Added tokens that are looked for together, longest first. */
interface AddedTokens {
  readonly pattern: RegExp;
  readonly byContent: ReadonlyMap<string, AddedToken>;
}

export interface HuggingFaceTokenizer {
  readonly normalizer: Normalizer | undefined;
  readonly preTokenizer: PreTokenizer | undefined;
  readonly model: PieceModel;
  /** Looked for in the text as it is, and in the normalised text. */
  readonly raw: AddedTokens | undefined;
  readonly normalised: AddedTokens | undefined;
  /** Of each id; empty where there is none. */
  readonly tokens: readonly string[];
  readonly bytes: boolean;
}

/** Ids may have gaps, but not so many that a list of them cannot be held. */
const MOST_TOKENS = 2 ** 21;

/** @param json the parsed file @throws bad-vocabulary, naming what is not supported or not right */
export function readTokenizer(json: unknown): HuggingFaceTokenizer {
  if (!isRecord(json)) throw refuse(say`It is not an object.`);
  const root = new Part(json, 'it');
  const model = modelOf(root.get('model'));
  const added = root.get('added_tokens').absent ? [] : root.get('added_tokens').list();
  const normalizer = root.get('normalizer');
  const preTokenizer = root.get('pre_tokenizer');
  const tokens: string[] = [];
  const set = (token: string, id: number): void => {
    if (id >= MOST_TOKENS)
      throw refuse(say`Its token ${quoteJson(token)} has the id ${id}; ids up to ${MOST_TOKENS} are supported.`);
    while (tokens.length <= id) tokens.push('');
    tokens[id] = token;
  };
  for (const [token, id] of model.vocabulary) set(token, id);
  const raw: AddedToken[] = [];
  const normalised: AddedToken[] = [];
  for (const part of added) {
    const token: AddedToken = {
      id: part.get('id').id(),
      content: part.get('content').string(),
      singleWord: part.get('single_word').boolean(false),
      left: part.get('lstrip').boolean(false),
      right: part.get('rstrip').boolean(false),
    };
    if (token.content === '') continue;
    set(token.content, token.id);
    (part.get('normalized').boolean(!part.get('special').boolean(false)) ? normalised : raw).push(token);
  }
  return {
    normalizer: normalizer.absent ? undefined : normalizerOf(normalizer),
    preTokenizer: preTokenizer.absent ? undefined : preTokenizerOf(preTokenizer),
    model,
    raw: addedTokens(raw),
    normalised: addedTokens(normalised),
    tokens,
    bytes: JSON.stringify([preTokenizer.value, root.get('decoder').value]).includes('"ByteLevel"'),
  };
}

/** Of a model that does not say its type, as old files do. */
function typeOf(part: Part): string {
  const type = part.get('type');
  if (!type.absent) return type.string();
  if (!part.get('merges').absent) return 'BPE';
  if (Array.isArray(part.get('vocab').value)) return 'Unigram';
  return part.get('continuing_subword_prefix').absent ? 'WordLevel' : 'WordPiece';
}

/** Models that look tokens up by their text. */
const MODELS: Readonly<
  Record<string, ((part: Part, vocabulary: ReadonlyMap<string, number>) => PieceModel) | undefined>
> = { BPE: bpeOf, WordPiece: wordPieceOf, WordLevel: wordLevelOf };

function modelOf(part: Part): PieceModel {
  const type = typeOf(part);
  if (type === 'Unigram') return unigramOf(part);
  const read = Object.hasOwn(MODELS, type) ? MODELS[type] : undefined;
  if (read === undefined) throw notSupported(say`a model of type ${quoteJson(type)}`);
  return read(
    part,
    new Map(
      part
        .get('vocab')
        .entries()
        .map(([token, id]) => [token, id.id()]),
    ),
  );
}

function addedTokens(tokens: readonly AddedToken[]): AddedTokens | undefined {
  if (tokens.length === 0) return undefined;
  const contents = tokens.map(({ content }) => content).sort((a, b) => b.length - a.length);
  return {
    pattern: new RegExp(contents.map(escapeRegExp).join('|'), 'gu'),
    byContent: new Map(tokens.map((token) => [token.content, token])),
  };
}

const word = new RegExp(`[${WORD}]`, 'u');
const before = /\p{White_Space}+$/u;
const after = /\p{White_Space}*/uy;

/** Added tokens and the stretches between them. */
function* stretches(
  text: string,
  added: AddedTokens | undefined,
): Generator<{ readonly from: number; readonly to: number; readonly id: number | undefined }> {
  let at = 0;
  if (added !== undefined) {
    const search = new RegExp(added.pattern);
    for (let match = search.exec(text); match !== null; match = search.exec(text)) {
      const token = added.byContent.get(match[0]);
      let from = match.index;
      let to = from + match[0].length;
      if (token === undefined || from < at) continue;
      if (
        token.singleWord &&
        (word.test(text.slice(Math.max(0, from - 2), from).slice(-1)) || word.test(text.slice(to, to + 2)[0] ?? ''))
      )
        continue;
      if (token.left) from -= before.exec(text.slice(Math.max(at, from - 100), from))?.[0].length ?? 0;
      if (token.right) {
        after.lastIndex = to;
        to += after.exec(text)?.[0].length ?? 0;
      }
      if (from > at) yield { from: at, to: from, id: undefined };
      yield { from, to, id: token.id };
      at = to;
      search.lastIndex = to;
    }
  }
  if (at < text.length) yield { from: at, to: text.length, id: undefined };
}

/** A piece that is longer is encoded in chunks, where that makes no difference. */
const CHUNK = 2048;

function* chunksOf(piece: Piece, { cuts, vocabulary }: PieceModel): Generator<Piece> {
  if (piece.text === '') return;
  if (cuts === undefined || piece.text.length <= CHUNK) {
    yield settled(piece);
    return;
  }
  let from = 0;
  for (const to of cuts.chunks(piece.text, piece.spaces, vocabulary, CHUNK)) {
    yield settled(slicePiece(piece, from, to));
    from = to;
  }
}

/** Pieces that come again and again are encoded once. */
const CACHED = 20_000;
const CACHED_LENGTH = 32;

/** The tokens of a text. */
export async function huggingFaceText(
  text: string,
  tokenizer: HuggingFaceTokenizer,
  notes: readonly Text[],
  breathe: Breathe,
): Promise<TracedText> {
  const { normalizer, preTokenizer, model, raw, normalised } = tokenizer;
  const out = new TokenCollector(text);
  const cache = new Map<string, Encoded>();
  let since = 0;
  async function encode(piece: string): Promise<Encoded> {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const work = model.encode(piece);
    let step = work.next();
    while (step.done !== true) {
      await breathe();
      step = work.next();
    }
    if (piece.length <= CACHED_LENGTH) {
      if (cache.size >= CACHED) cache.clear();
      cache.set(piece, step.value);
    }
    return step.value;
  }
  for (const outer of stretches(text, raw)) {
    if (outer.id !== undefined) {
      out.add(outer.id, outer.from, outer.to);
      continue;
    }
    const stretch = text.slice(outer.from, outer.to);
    const aligned = (await normalizer?.(Aligned.of(stretch), breathe)) ?? Aligned.of(stretch);
    const start = (place: number): number => outer.from + aligned.startOf(place);
    const end = (place: number): number => outer.from + aligned.endOf(place);
    for (const inner of stretches(aligned.text, normalised)) {
      if (inner.id !== undefined) {
        out.add(inner.id, start(inner.from), end(inner.to));
        continue;
      }
      const first = inner.from === 0 && start(0) === 0;
      const part = aligned.text.slice(inner.from, inner.to);
      const whole: Piece = { text: part, base: inner.from, lead: 0, map: undefined, first };
      for (const piece of preTokenizer?.(whole) ?? [whole]) {
        for (const part of chunksOf(piece, model)) {
          const { ids, starts, ends, unknown } = await encode(part.text);
          for (const [index, id] of ids.entries()) {
            const from = startIn(part, starts[index] ?? 0);
            const to = endIn(part, ends[index] ?? 0);
            const place = start(from);
            // What was put in front has no place of its own.
            out.add(id, place, to > from ? end(to) : place, unknown[index]);
            if (index % BREATH_UNITS === BREATH_UNITS - 1) await breathe();
          }
          since += part.text.length;
          if (since >= BREATH_UNITS) {
            await breathe();
            since = 0;
          }
        }
      }
    }
  }
  return positionedText(
    text,
    out.tokens(tokenizer.tokens.length),
    out.positions,
    (id) => labelOf(tokenizer, id),
    notes,
  );
}

function labelOf({ tokens, bytes }: HuggingFaceTokenizer, id: number): string {
  const token = tokens[id] ?? '';
  const byte = /^<0x([0-9A-F]{2})>$/u.exec(token)?.[1];
  if (byte !== undefined) return byteLabel(Number.parseInt(byte, 16));
  return bytes ? byteTokenLabel(token, id) : textLabel(token.replaceAll('▁', ' '), id);
}
