/** Regular expressions of Rust's tokenizers (Oniguruma's syntax) as JavaScript's. What has no counterpart is refused. */
import { notSupported, Part, quoteJson } from './json';
import { say } from '../../shared/l10n';

const MOST_LENGTH = 4000;

const SPACE = '\\p{White_Space}';
const DIGIT = '\\p{Nd}';
/** What Rust's `\w` takes. */
export const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';

const SYNTAX = new Set('^$\\.*+?()[]{}|/');

/** Characters that a case-insensitive match takes for a letter beside its two cases. */
const CASE_KIN: Readonly<Record<string, string>> = { s: 'ſ', k: 'K' };

export const escapeRegExp = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&');

/** The pattern of a Split or Replace: a text, or a regular expression. */
export function patternOf(part: Part): RegExp {
  const literal = part.get('String');
  if (!literal.absent) return new RegExp(escapeRegExp(literal.string()), 'gu');
  return regExpOf(part.get('Regex').string());
}

export function regExpOf(source: string): RegExp {
  const unknown = notSupported(say`the regular expression ${quoteJson(source)}`);
  if (source.length > MOST_LENGTH || hasNestedQuantifiers(source)) throw unknown;
  const translated = translate(source);
  if (translated === undefined) throw unknown;
  try {
    return new RegExp(translated, 'gu');
  } catch {
    throw unknown;
  }
}

/** @returns undefined for what has no counterpart */
function translate(source: string): string | undefined {
  let out = '';
  let inClass = false;
  // How many groups were open when each (?i: began.
  const folds: number[] = [];
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    const c = source.charAt(at);
    if (c === '\\') {
      const next = source.charAt(++at);
      const escaped = escape(next, inClass);
      if (escaped === undefined) return undefined;
      out += escaped;
      // The name of a property, or a number.
      const braces = /[pPxu]/u.test(next) ? /^\{[^}]*\}/u.exec(source.slice(at + 1, at + 64))?.[0] : undefined;
      if (braces !== undefined) {
        if (next === 'x') return undefined;
        out += braces;
        at += braces.length;
      }
      continue;
    }
    if (inClass) {
      if (c === '[') {
        // A class of a class, as in [[:alpha:]].
        return undefined;
      }
      if (c === ']') inClass = false;
      out += c;
      continue;
    }
    if (c === '[') {
      inClass = true;
      out += c;
      if (source[at + 1] === '^') out += source.charAt(++at);
      if (source[at + 1] === ']') {
        out += '\\]';
        at++;
      }
    } else if (c === '(') {
      depth++;
      if (source.startsWith('(?i:', at)) {
        folds.push(depth);
        out += '(?:';
        at += 3;
      } else if (/^\(\?(?![:=!]|<[=!])/u.test(source.slice(at))) return undefined;
      else out += c;
    } else if (c === ')') {
      if (folds.at(-1) === depth) folds.pop();
      depth--;
      out += c;
    } else if (/[+*?}]/u.test(c) && source[at + 1] === '+') {
      // A possessive quantifier.
      return undefined;
    } else if (folds.length > 0 && /[a-z]/iu.test(c)) {
      const small = c.toLowerCase();
      out += `[${small}${c.toUpperCase()}${CASE_KIN[small] ?? ''}]`;
    } else out += c;
  }
  return out;
}

function escape(letter: string, inClass: boolean): string | undefined {
  const either = (inside: string, negated: boolean): string | undefined => {
    if (inClass) return negated ? undefined : inside;
    return `[${negated ? '^' : ''}${inside}]`;
  };
  switch (letter) {
    case 's':
      return SPACE;
    case 'S':
      return '\\P{White_Space}';
    case 'd':
      return DIGIT;
    case 'D':
      return '\\P{Nd}';
    case 'w':
      return either(WORD, false);
    case 'W':
      return either(WORD, true);
    case 'A':
      return inClass ? undefined : '^';
    case 'z':
      return inClass ? undefined : '$';
    default:
      break;
  }
  if (/[nrtfvpPxu]/u.test(letter) || (letter === 'b' && !inClass)) return `\\${letter}`;
  if (SYNTAX.has(letter) || (inClass && letter === '-')) return `\\${letter}`;
  // An escape that means the character itself.
  return /[^\p{L}\p{N}]/u.test(letter) ? letter : undefined;
}

/**
 * Whether a group with an unbounded quantifier inside has one itself: then a text can be made on which matching takes
 * years.
 */
function hasNestedQuantifiers(source: string): boolean {
  const open: boolean[] = [false];
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const c = source.charAt(at);
    if (c === '\\') at++;
    else if (inClass) inClass = c !== ']';
    else if (c === '[') inClass = true;
    else if (c === '(') open.push(false);
    else if (c === ')') {
      const inner = open.pop() ?? false;
      const unbounded = /^(?:[*+]|\{\d+,\})/u.test(source.slice(at + 1));
      if (inner && unbounded) return true;
      if (inner || unbounded) open[open.length - 1] = true;
    } else if (c === '*' || c === '+' || /^\{\d+,\}/u.test(source.slice(at))) open[open.length - 1] = true;
  }
  return false;
}
