/** The normalizers of a tokenizer.json; each keeps the alignment with the text that it was given. */
import type { Aligned } from '../aligned';
import { lowercase, prepend, replaceAll, strip, unicodeForm } from '../rewrite';
import type { Breathe } from '../tracedText';
import { notSupported, quoteJson, refuse, type Part } from './json';
import { patternOf } from './patterns';
import { say } from '../../shared/l10n';

export type Normalizer = (text: Aligned, breathe: Breathe) => Promise<Aligned>;

const MOST_DEPTH = 8;

export function normalizerOf(part: Part, depth = 0): Normalizer {
  if (depth > MOST_DEPTH) throw refuse(say`${part.path} is nested too deep.`);
  const type = part.get('type').string();
  switch (type) {
    case 'Sequence':
      return inTurn(
        part
          .get('normalizers')
          .list()
          .map((one) => normalizerOf(one, depth + 1)),
      );
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text, breathe) => unicodeForm(text, type, breathe);
    case 'Lowercase':
      return lowercase;
    case 'Strip': {
      const left = part.get('strip_left').boolean(true);
      const right = part.get('strip_right').boolean(true);
      return (text) => Promise.resolve(strip(text, left, right));
    }
    case 'StripAccents':
      return (text, breathe) => replaceAll(text, /\p{M}/gu, '', breathe);
    case 'Replace': {
      const pattern = patternOf(part.get('pattern'));
      const content = part.get('content').string();
      return (text, breathe) => replaceAll(text, pattern, content, breathe);
    }
    case 'Prepend': {
      const before = part.get('prepend').string();
      return (text) => Promise.resolve(prepend(text, before));
    }
    case 'BertNormalizer':
      return bertNormalizer(part);
    default:
      throw notSupported(say`the normalizer ${quoteJson(type)}`);
  }
}

const inTurn =
  (steps: readonly Normalizer[]): Normalizer =>
  async (text, breathe) => {
    let now = text;
    for (const step of steps) now = await step(now, breathe);
    return now;
  };

/** Controls but not tab and line ends, which are spaces. */
const NO_TEXT = /[\u0000\uFFFD]|(?![\t\n\r])\p{C}/gu;
const SPACES = /[\t\n\r]|(?! )\p{White_Space}/gu;
/** The blocks that BERT calls Chinese. */
const HAN =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;

function bertNormalizer(part: Part): Normalizer {
  const lower = part.get('lowercase').boolean(true);
  const accents = part.get('strip_accents').boolean(lower);
  const steps: Normalizer[] = [];
  if (part.get('clean_text').boolean(true)) {
    steps.push(
      (text, breathe) => replaceAll(text, NO_TEXT, '', breathe),
      (text, breathe) => replaceAll(text, SPACES, ' ', breathe),
    );
  }
  if (part.get('handle_chinese_chars').boolean(true)) {
    steps.push((text, breathe) => replaceAll(text, HAN, (found) => ` ${found} `, breathe));
  }
  if (accents) {
    steps.push(
      (text, breathe) => unicodeForm(text, 'NFD', breathe),
      (text, breathe) => replaceAll(text, /\p{Mn}/gu, '', breathe),
    );
  }
  if (lower) steps.push(lowercase);
  return inTurn(steps);
}
