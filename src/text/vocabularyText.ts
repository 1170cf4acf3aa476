/** Texts cut into the characters or words of a vocabulary. */
import type { Vocabulary } from '../shared/tokens';
import { tokenIds, type TokenIds } from '../shared/tokens';
import { Aligned } from './aligned';
import { textLabel } from './labels';
import { Growing, Positions } from './positions';
import { lowercase } from './rewrite';
import { BREATH_UNITS, type Breathe, type TracedText } from './tracedText';
import { say, type Text } from '../shared/l10n';

/** A text with its tokens' places, whatever cut it. */
export function positionedText(
  text: string,
  tokens: TokenIds,
  positions: Positions,
  labelOf: (id: number) => string,
  notes: readonly Text[],
): TracedText {
  const said = [...notes];
  if (positions.unknownCount > 0) {
    const [unknown, all] = [positions.unknownCount.toLocaleString('en'), tokens.length.toLocaleString('en')];
    said.push(
      positions.unknownCount === 1
        ? say`${unknown} of ${all} tokens is not in the model's vocabulary.`
        : say`${unknown} of ${all} tokens are not in the model's vocabulary.`,
    );
  }
  return {
    tokens,
    numbers: undefined,
    steps: tokens.length,
    text,
    textLength: text.length,
    notes: said,
    labelAt: (step) => labelOf(tokens[step] ?? -1),
    labelOf,
    glyphOf: (step) => positions.glyphOf(step),
    glyphAt: (offset) => positions.glyphAt(offset),
    glyphs: (from, to) => positions.glyphs(from, to),
    ranges: (from, to) => positions.ranges(from, to),
    unknown: (from, to, most) => positions.unknown(from, to, most),
  };
}

/** Collects tokens: ids in an array that grows, then in the narrowest one that holds the vocabulary. */
export class TokenCollector {
  readonly positions: Positions;
  private readonly ids = Growing.words();

  constructor(text: string) {
    this.positions = new Positions(text);
  }

  add(id: number, start: number, end: number, unknown = false): void {
    this.ids.push(id);
    this.positions.add(start, end, unknown);
  }

  tokens(vocab: number): TokenIds {
    const tokens = tokenIds(vocab, this.ids.length);
    tokens.set(this.ids.whole());
    return tokens;
  }
}

/** Entries by the character that they start with, the longest first. */
class Entries {
  private readonly byFirst = new Map<string, { readonly text: string; readonly id: number }[]>();

  add(text: string, id: number): void {
    const [first = ''] = text;
    const known = this.byFirst.get(first);
    if (known === undefined) this.byFirst.set(first, [{ text, id }]);
    else known.push({ text, id });
  }

  sort(): this {
    for (const entries of this.byFirst.values()) entries.sort((a, b) => b.text.length - a.text.length);
    return this;
  }

  /** The longest entry that stands at a place. */
  find(
    text: string,
    at: number,
    first: string,
    fits: (end: number) => boolean = () => true,
  ): { text: string; id: number } | undefined {
    return this.byFirst.get(first)?.find((entry) => text.startsWith(entry.text, at) && fits(at + entry.text.length));
  }
}

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0);

const labels =
  ({ tokens }: Vocabulary) =>
  (id: number): string =>
    textLabel(tokens[id] ?? '', id);

/** Cuts at each place the longest entry of the vocabulary; a character that starts none is unknown. */
export async function characterText(
  text: string,
  vocabulary: Vocabulary,
  notes: readonly Text[],
  breathe: Breathe,
): Promise<TracedText> {
  const entries = new Entries();
  // Most entries are single characters: a direct look-up.
  const single = new Map<string, number>();
  const longer = new Set<string>();
  for (const [id, entry] of vocabulary.tokens.entries()) {
    const [first] = entry;
    if (first === undefined) continue;
    if (entry.length === first.length) {
      if (!single.has(entry)) single.set(entry, id);
    } else {
      longer.add(first);
      entries.add(entry, id);
    }
  }
  entries.sort();
  const read = vocabulary.lowercase === true ? await lowercase(Aligned.of(text), breathe) : Aligned.of(text);
  const out = new TokenCollector(text);
  const { unknown = 0 } = vocabulary;
  const whole = read.text;
  for (let at = 0, breath = BREATH_UNITS; at < whole.length;) {
    if (at >= breath) {
      await breathe();
      breath = at + BREATH_UNITS;
    }
    const first = characterAt(whole, at);
    const found = longer.has(first) ? entries.find(whole, at, first) : undefined;
    const id = found?.id ?? single.get(first);
    const end = at + (found?.text.length ?? first.length);
    out.add(id ?? unknown, read.startOf(at), read.endOf(end), id === undefined);
    at = end;
  }
  return positionedText(text, out.tokens(vocabulary.tokens.length), out.positions, labels(vocabulary), notes);
}

const WORD = '\\p{L}\\p{N}\\p{M}';
const PIECES = `[${WORD}]+|[^\\p{White_Space}${WORD}]`;
const isPiece = new RegExp(`^(?:${PIECES})$`, 'u');
const inWord = new RegExp(`^[${WORD}]`, 'u');
const space = /^\p{White_Space}/u;
/** Runs that the vocabulary may hold as they are: `don't`, `U.S.`. */
const chunks = /[^\p{White_Space}]{1,101}/uy;

/** Longest run that is looked up as it is; what is longer would be searched again and again. */
const MOST_CHUNK = 100;

/**
 * Cuts words and single other characters, and what the vocabulary has beside them: `don't`, `<eos>`, an end of line. White
 * space that is no entry separates.
 */
export async function wordText(
  text: string,
  vocabulary: Vocabulary,
  notes: readonly Text[],
  breathe: Breathe,
): Promise<TracedText> {
  const ids = new Map<string, number>();
  const odd = new Entries();
  for (const [id, entry] of vocabulary.tokens.entries()) {
    if (entry === '' || ids.has(entry)) continue;
    ids.set(entry, id);
    if (!isPiece.test(entry)) odd.add(entry, id);
  }
  odd.sort();
  const read = vocabulary.lowercase === true ? await lowercase(Aligned.of(text), breathe) : Aligned.of(text);
  const whole = read.text;
  const out = new TokenCollector(text);
  const { unknown = 0 } = vocabulary;
  const pieces = new RegExp(PIECES, 'uy');
  /** An entry that ends inside a word is none. */
  const ends = (end: number): boolean =>
    end >= whole.length || !inWord.test(whole.slice(end, end + 2)) || !inWord.test(whole.charAt(end - 1));
  for (let at = 0, breath = BREATH_UNITS; at < whole.length;) {
    if (at >= breath) {
      await breathe();
      breath = at + BREATH_UNITS;
    }
    const first = characterAt(whole, at);
    const special = odd.find(whole, at, first, ends);
    let end: number;
    let id = special?.id;
    if (special !== undefined) end = at + special.text.length;
    else if (space.test(first)) {
      at += first.length;
      continue;
    } else {
      chunks.lastIndex = at;
      pieces.lastIndex = at;
      const chunk = chunks.exec(whole)?.[0] ?? '';
      const piece = pieces.exec(whole)?.[0] ?? first;
      id = chunk.length <= MOST_CHUNK ? ids.get(chunk) : undefined;
      end = at + (id === undefined ? piece : chunk).length;
      id ??= ids.get(piece);
    }
    out.add(id ?? unknown, read.startOf(at), read.endOf(end), id === undefined);
    at = end;
  }
  return positionedText(text, out.tokens(vocabulary.tokens.length), out.positions, labels(vocabulary), notes);
}
