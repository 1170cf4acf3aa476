/** A scanner for arithmetic: turns "1 + (2 * x)" into tokens, and says where each one was. */

type Kind = 'number' | 'name' | 'operator' | 'open' | 'close';

interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly at: number;
}

const PATTERNS: readonly (readonly [Kind, RegExp])[] = [
  ['number', /\d+(?:\.\d+)?/y],
  ['name', /[A-Za-z_]\w*/y],
  ['operator', /[-+*\/^]/y],
  ['open', /\(/y],
  ['close', /\)/y],
];

export function scan(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    if (source[at] === ' ') {
      at += 1;
      continue;
    }
    const found = match(source, at);
    if (found === undefined) {
      throw new Error(`Unexpected "${source[at]}" at ${at}`);
    }
    tokens.push(found);
    at += found.text.length;
  }
  return tokens;
}

function match(source: string, at: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) {
      return { kind, text, at };
    }
  }
  return undefined;
}

/** Depth of the deepest bracket: depth("((a))") is 2. */
export function depth(source: string): number {
  let open = 0;
  let most = 0;
  for (const { kind } of scan(source)) {
    if (kind === 'open') {
      open += 1;
      most = Math.max(most, open);
    } else if (kind === 'close') {
      open -= 1;
    }
  }
  return most;
}
