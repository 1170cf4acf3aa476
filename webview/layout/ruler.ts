/** Places the text and the token numbers along the axis: characters where they fit, else words, else only numbers. */
import type { Glyph } from '../../src/shared/trace';
import { visibleTokens, xOf, type Axis } from './axis';

export interface Label {
  readonly text: string;
  /** Left edge and width in pixels; a character's label is centred in its columns, a word's starts at them. */
  readonly x: number;
  readonly width: number;
  readonly centred: boolean;
  /** White space, shown by a symbol. */
  readonly faint: boolean;
}

export interface Tick {
  readonly token: number;
  readonly x: number;
  readonly label: string;
}

/** Height of the ruler's type: smaller where columns are narrow. */
export const typeSize = (axis: Axis): number => (axis.scale < 7 ? 10 : 12);

export type Measure = (text: string) => number;

/** Below this scale no words are placed: too many tokens would have to be asked for. */
const WORD_SCALE = 0.35;
const CHARACTER_ROOM = 0.5;
/** Share of characters that may exceed their columns before words are shown instead. */
const CROWDED = 0.05;
const WORD_GAP = 5;
const LONGEST_WORD = 28;

const SYMBOLS: Readonly<Record<string, string>> = { ' ': '␣', '\t': '→', '\n': '↵', '\r': '↵', '\r\n': '↵' };
const CONTROL = /^[\p{Cc}\p{Cf}]$/u;

/** How a character is shown: white space and controls by a symbol. */
export function showGlyph(text: string): { readonly text: string; readonly faint: boolean } {
  const symbol = SYMBOLS[text];
  if (symbol !== undefined) return { text: symbol, faint: true };
  if (text === '\u00a0' || text === '\u3000') return { text: '␣', faint: true };
  if (text === '' || CONTROL.test(text)) return { text: '·', faint: true };
  return { text, faint: false };
}

/** Whether the text is worth asking for at this scale. */
export const showsText = (axis: Axis): boolean => axis.scale >= WORD_SCALE;

const grouped = (value: number): string => value.toLocaleString('en-US');

/** Token numbers at round steps of 1, 2 or 5 times a power of ten, at least `room` pixels apart. */
export function placeTicks(axis: Axis, room = 64): readonly Tick[] {
  const least = room / axis.scale;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  const step = Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? 10 * power);
  const { from, to } = visibleTokens(axis);
  const ticks: Tick[] = [];
  for (let token = Math.ceil(from / step) * step; token < to; token += step) {
    ticks.push({ token, x: xOf(axis, token), label: grouped(token) });
  }
  return ticks;
}

const LETTERS = /[\p{L}\p{N}]/u;
const isSpace = (text: string): boolean => /^\s*$/u.test(text);

interface Word {
  text: string;
  token: number;
  startsLine: boolean;
}

function wordsOf(glyphs: readonly Glyph[]): readonly Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  let startsLine = true;
  let end = 0;
  for (const glyph of glyphs) {
    // Words and a table's rows are whole tokens: the space between them is in none.
    if (glyph.start > end) word = undefined;
    end = glyph.start + glyph.text.length;
    if (isSpace(glyph.text)) {
      word = undefined;
      startsLine ||= /[\r\n]/.test(glyph.text);
    } else if (word === undefined) {
      word = { text: glyph.text, token: glyph.token, startsLine };
      words.push(word);
      startsLine = false;
    } else if (word.text.length < LONGEST_WORD) {
      word.text += glyph.text;
    }
  }
  return words;
}

/** Keeps intervals that leave the earlier ones their room: the first to come has it. */
function placeWords(words: readonly Word[], axis: Axis, measure: Measure): readonly Label[] {
  const placed: Label[] = [];
  const place = (word: Word): void => {
    const x = xOf(axis, word.token);
    const width = measure(word.text);
    const free = placed.every((other) => x >= other.x + other.width + WORD_GAP || x + width + WORD_GAP <= other.x);
    if (free) placed.push({ text: word.text, x, width, centred: false, faint: false });
  };
  // A line's first word tells most when there is no room for all.
  const cost = words.reduce((sum, word) => sum + measure(word.text) + WORD_GAP, 0);
  const crowd = cost / axis.width;
  if (crowd > 2) for (const word of words) if (word.startsLine && LETTERS.test(word.text)) place(word);
  for (const word of words) if (crowd <= 1 || LETTERS.test(word.text)) place(word);
  // Brackets and signs without their words would only puzzle.
  if (crowd <= 2) for (const word of words) place(word);
  return placed.sort((a, b) => a.x - b.x);
}

/**
 * Labels of the glyphs in sight. Characters are placed one by one where each has room in the columns it covers
 * (a 3-byte character covers three); otherwise whole words stand where they begin, as many as have room.
 */
export function placeText(glyphs: readonly Glyph[], axis: Axis, measure: Measure): readonly Label[] {
  const end = axis.width;
  const seen = glyphs.filter((glyph) => xOf(axis, glyph.token + glyph.count) > 0 && xOf(axis, glyph.token) < end);
  if (seen.length === 0 || !showsText(axis)) return [];
  const labels = seen.map((glyph): Label => {
    const shown = showGlyph(glyph.text);
    const x = xOf(axis, glyph.token);
    return { ...shown, x, width: glyph.count * axis.scale, centred: true };
  });
  const squeezed = labels.filter((label) => !label.faint && measure(label.text) > label.width + CHARACTER_ROOM).length;
  return squeezed > labels.length * CROWDED ? placeWords(wordsOf(seen), axis, measure) : labels;
}
