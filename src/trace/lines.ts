/**
 * Where the lines of a text begin among its tokens. Lines are counted as VS Code counts them: \n, \r and \r\n end one, and
 * behind the last of them there is one more. The table is made once for a text, when it is first asked for; an edited
 * text is another text.
 */
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { Lines } from '../shared/trace';
import { Growing } from '../text/positions';
import type { Breathe, TracedText } from '../text/tracedText';

const LF = 0x0a;
const CR = 0x0d;

/** Bytes or UTF-16 units that are looked at between breaths, and tokens whose places are found at once. */
const BREATH = 2 ** 18;
const TOKENS_AT_ONCE = 2 ** 12;

/** A smaller step leaves lines 1 and `step` so near to each other that one of their numbers would be in the way. */
const LEAST_STEP_BESIDE_ONE = 5;

/** Four bytes a line. */
export interface LineTable {
  /** Lines in the text. */
  readonly total: number;
  /**
   * The token in which line `number`, from 1, begins: the first that has some of the text behind the line's beginning.
   * For a line that has no token of its own that is one of a later line, or the number of tokens behind the last.
   */
  token(number: number): number;
  /** Whether a line begins inside that token, which began on an earlier line. */
  inside(number: number): boolean;
  /** How many lines begin in tokens before this one: those are 1 to that number. */
  before(token: number): number;
}

const tables = new WeakMap<TracedText, Promise<LineTable>>();

/** @throws what `breathe` throws; asked again, it starts anew then */
export function lineTable(text: TracedText, breathe: Breathe): Promise<LineTable> {
  let table = tables.get(text);
  if (table === undefined) {
    table = build(text, breathe);
    tables.set(text, table);
    table.catch(() => tables.delete(text));
  }
  return table;
}

/**
 * Beginnings of lines in tokens [from, to): all of them, or those whose numbers are multiples of a step of 1, 2 or 5 times a
 * power of ten such that they are at most `most`, and then number 1 too where it is not one too many. Of several lines
 * in a token that one is told which the token begins on.
 *
 * @throws bad-request for what is no range; what `breathe` throws
 */
export async function lines(
  text: TracedText,
  from: number,
  to: number,
  most: number,
  breathe: Breathe,
): Promise<Lines> {
  if (![from, to, most].every(Number.isInteger)) {
    throw new GatescopeError(
      'bad-request',
      say`Lines of tokens ${from} to ${to}, at most ${most}: whole numbers are expected.`,
    );
  }
  const table = await lineTable(text, breathe);
  const first = table.before(Math.max(0, from)) + 1;
  const last = table.before(Math.min(to, text.steps));
  const step = stepFor(first, last, most);
  const tokens: number[] = [];
  const numbers: number[] = [];
  const add = (number: number): void => {
    const token = table.token(number);
    if (tokens.at(-1) === token) {
      if (table.inside(number)) return;
      tokens.pop();
      numbers.pop();
    }
    tokens.push(token);
    numbers.push(number);
  };
  if (Number.isFinite(step)) {
    if (first === 1 && last >= 1 && step >= LEAST_STEP_BESIDE_ONE && multiples(first, last, step) < most) add(1);
    for (let number = Math.ceil(first / step) * step; number <= last; number += step) add(number);
  }
  return { tokens: Int32Array.from(tokens), numbers: Int32Array.from(numbers), total: table.total };
}

const multiples = (first: number, last: number, step: number): number =>
  Math.max(0, Math.floor(last / step) - Math.floor((first - 1) / step));

/** The least of 1, 2, 5, 10, 20 … that has at most `most` multiples in [first, last]; Infinity where none may be. */
function stepFor(first: number, last: number, most: number): number {
  if (most < 1) return Infinity;
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) if (multiples(first, last, digit * power) <= most) return digit * power;
  }
}

async function build(text: TracedText, breathe: Breathe): Promise<LineTable> {
  const found = new Growing(new Int32Array(64), (length) => new Int32Array(length));
  // The first line begins with the first token, even one that stands for no text.
  found.push(0);
  if (text.text === undefined) await fromBytes(text.tokens, found, breathe);
  else await fromText(text.text, text, found, breathe);
  const words = found.whole().slice();
  const token = (number: number): number => {
    const word = words[number - 1] ?? text.steps;
    return word < 0 ? ~word : word;
  };
  return {
    total: words.length,
    token,
    inside: (number) => (words[number - 1] ?? 0) < 0,
    before(wanted) {
      let low = 0;
      let high = words.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (token(middle + 1) < wanted) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

/** Of each line but the first its token, or where it begins inside of that, the token's complement. */
type Words = Growing<Int32Array<ArrayBuffer>>;

/** No byte of a longer UTF-8 sequence, valid or not, is one of the two. */
async function fromBytes(bytes: ArrayLike<number>, found: Words, breathe: Breathe): Promise<void> {
  for (let at = 0, breath = BREATH; at < bytes.length; at++) {
    if (at >= breath) {
      await breathe();
      breath += BREATH;
    }
    const byte = bytes[at];
    if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) found.push(at + 1);
  }
}

/** Walks over units and tokens side by side. */
async function fromText(
  whole: string,
  { steps, ranges }: Pick<TracedText, 'steps' | 'ranges'>,
  found: Words,
  breathe: Breathe,
): Promise<void> {
  const places = new Places(steps, ranges);
  for (let at = 0, breath = BREATH; at < whole.length; at++) {
    if (at >= breath) {
      await breathe();
      breath += BREATH;
    }
    const unit = whole.charCodeAt(at);
    if (!(unit === LF || (unit === CR && whole.charCodeAt(at + 1) !== LF))) continue;
    for (;;) {
      const word = places.find(at + 1);
      if (word !== undefined) {
        found.push(word);
        break;
      }
      await breathe();
      places.more();
    }
  }
}

/** Finds tokens by offsets that do not go back. */
class Places {
  private from = 0;
  private token = 0;
  private pairs: Int32Array;

  constructor(
    private readonly steps: number,
    private readonly ranges: TracedText['ranges'],
  ) {
    this.pairs = ranges(0, Math.min(steps, TOKENS_AT_ONCE));
  }

  /** The first token that ends behind an offset, as in `Words`; undefined where `more` must be called first. */
  find(offset: number): number | undefined {
    for (; this.token < this.steps; this.token++) {
      const at = 2 * (this.token - this.from);
      if (at === this.pairs.length) return undefined;
      if ((this.pairs[at + 1] ?? 0) > offset) return (this.pairs[at] ?? 0) < offset ? ~this.token : this.token;
    }
    return this.steps;
  }

  more(): void {
    this.from = this.token;
    this.pairs = this.ranges(this.from, Math.min(this.steps, this.from + TOKENS_AT_ONCE));
  }
}
