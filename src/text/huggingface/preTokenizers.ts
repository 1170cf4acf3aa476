/** The pre-tokenizers of a tokenizer.json: each turns a piece into pieces, one by one as they are asked for. */
import { byteCharacters } from './byteLevel';
import { notSupported, quoteJson, refuse, type Part } from './json';
import { escapeRegExp, patternOf, WORD } from './patterns';
import { BEHAVIORS, settled, split, withLead, type Piece } from './pieces';
import { say } from '../../shared/l10n';

export type PreTokenizer = (piece: Piece) => Iterable<Piece>;

const MOST_DEPTH = 8;

/** GPT-2's pattern. */
const GPT2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const SPACE = /\p{White_Space}/gu;
const PUNCTUATION = /[!-/:-@[-`{-~]|\p{P}/gu;
const NUMERIC = /\p{N}/gu;

export function preTokenizerOf(part: Part, depth = 0): PreTokenizer {
  if (depth > MOST_DEPTH) throw refuse(say`${part.path} is nested too deep.`);
  const type = part.get('type').string();
  switch (type) {
    case 'Sequence':
      return inTurn(
        part
          .get('pretokenizers')
          .list()
          .map((one) => preTokenizerOf(one, depth + 1)),
      );
    case 'ByteLevel':
      return byteLevel(part);
    case 'Whitespace': {
      const pattern = new RegExp(`[${WORD}]+|[^${WORD}\\p{White_Space}]+`, 'gu');
      return (piece) => split(piece, pattern, 'Removed', true);
    }
    case 'WhitespaceSplit':
      return (piece) => split(piece, SPACE, 'Removed');
    case 'BertPreTokenizer':
      return inTurn([(piece) => split(piece, SPACE, 'Removed'), (piece) => split(piece, PUNCTUATION, 'Isolated')]);
    case 'Punctuation': {
      const behavior = part.get('behavior').one(BEHAVIORS, 'Isolated');
      return (piece) => split(piece, PUNCTUATION, behavior);
    }
    case 'Digits': {
      const behavior = part.get('individual_digits').boolean(false) ? 'Isolated' : 'Contiguous';
      return (piece) => split(piece, NUMERIC, behavior);
    }
    case 'CharDelimiterSplit': {
      const pattern = new RegExp(escapeRegExp(part.get('delimiter').string()), 'gu');
      return (piece) => split(piece, pattern, 'Removed');
    }
    case 'Split': {
      const pattern = patternOf(part.get('pattern'));
      const behavior = part.get('behavior').one(BEHAVIORS, 'Isolated');
      const invert = part.get('invert').boolean(false);
      return (piece) => split(piece, pattern, behavior, invert);
    }
    case 'Metaspace':
      return metaspace(part);
    default:
      throw notSupported(say`the pre-tokenizer ${quoteJson(type)}`);
  }
}

const inTurn = (steps: readonly PreTokenizer[]): PreTokenizer =>
  function* run(piece: Piece, from = 0): Generator<Piece> {
    const step = steps[from];
    if (step === undefined) yield piece;
    else for (const part of step(settled(piece))) yield* run(part, from + 1);
  };

function byteLevel(part: Part): PreTokenizer {
  const prefix = part.get('add_prefix_space').boolean(true);
  const cut = part.get('use_regex').boolean(true);
  return function* (piece) {
    const whole = prefix && !piece.text.startsWith(' ') ? withLead(piece, ' ') : piece;
    for (const one of cut ? split(whole, GPT2, 'Isolated') : [whole]) yield byteCharacters(one);
  };
}

function metaspace(part: Part): PreTokenizer {
  const sign = part.get('replacement').string('▁');
  if (sign.length !== 1) throw refuse(say`${part.path}.replacement must be one character.`);
  const usual = part.get('add_prefix_space').boolean(true) ? 'always' : 'never';
  const scheme = part.get('prepend_scheme').one(['always', 'first', 'never'], usual);
  const cut = part.get('split').boolean(true);
  const pattern = new RegExp(`[ ${escapeRegExp(sign)}]`, 'gu');
  return function* (piece) {
    const wanted = scheme === 'always' || (scheme === 'first' && piece.first);
    const has = piece.text.startsWith(sign) || piece.text.startsWith(' ');
    const whole = { ...(wanted && !has ? withLead(piece, sign) : piece), spaces: sign };
    if (cut) yield* split(whole, pattern, 'MergedWithNext');
    else yield whole;
  };
}
