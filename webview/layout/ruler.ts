/** Places the text and the token numbers along the axis: characters where they fit, else words, else only numbers. */
import type { Glyph, Lines } from '../../src/shared/trace';
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

/** The beginning of a line of the text. */
export interface LineMark {
  readonly number: number;
  readonly x: number;
  readonly label: string;
  readonly width: number;
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

/** The least of 1, 2, 5, 10, 20 … that is not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? 10 * power);
}

/** Token numbers at round steps of 1, 2 or 5 times a power of ten, at least `room` pixels apart. */
export function placeTicks(axis: Axis, room = 64): readonly Tick[] {
  const step = roundStep(room / axis.scale);
  const { from, to } = visibleTokens(axis);
  const ticks: Tick[] = [];
  for (let token = Math.ceil(from / step) * step; token < to; token += step) {
    ticks.push({ token, x: xOf(axis, token), label: grouped(token) });
  }
  return ticks;
}

/** Pixels between a number and its tick, and between one number and the next. */
export const TICK_ROOM = 4;
const LINE_GAP = 14;

/**
 * Line numbers at round steps, on average at least `room` pixels apart and never one in another: short lines give way to
 * those before them.
 *
 * @param write how a number is written
 */
export function placeLines(
  { tokens, numbers }: Lines,
  axis: Axis,
  measure: Measure,
  write: (number: number) => string,
  room = 96,
): readonly LineMark[] {
  const { from, to } = visibleTokens(axis);
  const seen: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? 0;
    if (token >= from && token < to) seen.push(i);
  }
  const [first, last] = [numbers[seen[0] ?? -1] ?? 0, numbers[seen.at(-1) ?? -1] ?? 0];
  const step = roundStep(((last - first) * room) / Math.max(1, axis.width));
  const marks: LineMark[] = [];
  let free = -Infinity;
  for (const i of seen) {
    const number = numbers[i] ?? 0;
    const x = xOf(axis, tokens[i] ?? 0);
    if ((number % step !== 0 && number !== 1) || x < free || x < 0) continue;
    const label = write(number);
    const width = measure(label);
    // Cut off, it would be another number.
    if (x + TICK_ROOM + width > axis.width) continue;
    marks.push({ number, x, label, width });
    free = x + TICK_ROOM + width + LINE_GAP;
  }
  return marks;
}

/** Ticks whose numbers run neither into those of lines nor beyond the right edge. */
export function thinTicks(
  ticks: readonly Tick[],
  marks: readonly LineMark[],
  width: number,
  measure: Measure,
): readonly Tick[] {
  return ticks.filter(({ x, label }) => {
    const end = x + TICK_ROOM + measure(label);
    return end <= width && marks.every((mark) => end + TICK_ROOM <= mark.x || x >= mark.x + mark.width + 2 * TICK_ROOM);
  });
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
