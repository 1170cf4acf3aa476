/** Literals of a pickle: integers of any size, and the quoted strings of protocol 0. */
import { damaged, quote } from '../errors';
import { say } from '../../shared/l10n';
import { LIMITS } from '../limits';

/** A number where it is exact as one. */
const narrowed = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** @param bytes two's complement, the least significant first; none is zero */
export function integerOf(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  const digits = Buffer.from(bytes).reverse().toString('hex');
  return narrowed(BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits}`)));
}

/** @returns undefined for what is no integer of a size that is read */
export function textInteger(text: string): number | bigint | undefined {
  // As many decimal digits as the most bytes hold, and some.
  if (text.length > 2.5 * LIMITS.pickleInteger || !/^[+-]?\d+$/u.test(text)) return undefined;
  return narrowed(BigInt(text.replace(/^\+/u, '')));
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** The text of a Python string literal: `'it\\'s'`. @throws model-damaged where it is none */
export function unescaped(file: string, literal: string): string {
  const text = literal.trim();
  const mark = text[0];
  if (text.length < 2 || (mark !== "'" && mark !== '"') || !text.endsWith(mark)) {
    throw damaged(file, say`The pickle has the text ${quote(literal)} without its quotes.`);
  }
  return text
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/gisu, (_, hex?: string, octal?: string, other?: string) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      return ESCAPES[other ?? ''] ?? other ?? '';
    });
}
