/** Pieces of a normalised text on their way through the pre-tokenizers, and how a pattern splits them. */

/**
 * A text and where its units stand in the normalised text: one after the other from `base`, behind `lead` units that were
 * put in front and stand nowhere; or wherever `map` says.
 */
export interface Piece {
  readonly text: string;
  readonly base: number;
  readonly lead: number;
  readonly map: UnitMap | undefined;
  /** Whether it stands at the very start of the document. */
  readonly first: boolean;
  /** What its spaces are written as, where that is yet to be done: in a whole text it would take long. */
  readonly spaces?: string | undefined;
}

/** A piece with its spaces as they are written. */
export const settled = (piece: Piece): Piece =>
  piece.spaces === undefined ? piece : { ...piece, text: piece.text.replaceAll(' ', piece.spaces), spaces: undefined };

/** Of each unit, where in the normalised text its character starts and ends. */
export interface UnitMap {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Where the units [from, to) of a piece, at least one, start and end in the normalised text. */
export const startIn = ({ base, lead, map }: Piece, from: number): number =>
  map ? (map.starts[from] ?? base) : base + Math.max(0, from - lead);
export const endIn = ({ base, lead, map }: Piece, to: number): number =>
  map ? (map.ends[to - 1] ?? base) : base + Math.max(0, to - lead);

export function slicePiece(piece: Piece, from: number, to: number): Piece {
  const { text, base, lead, map, first, spaces } = piece;
  if (from === 0 && to === text.length) return piece;
  return {
    text: text.slice(from, to),
    base: base + Math.max(0, from - lead),
    lead: Math.max(0, Math.min(lead, to) - from),
    map: map && { starts: map.starts.subarray(from, to), ends: map.ends.subarray(from, to) },
    first: first && from === 0,
    spaces,
  };
}

/** The same piece with a text in front that stands nowhere. */
export function withLead(piece: Piece, front: string): Piece {
  const { text, base, lead, map, first, spaces } = piece;
  if (map === undefined) return { text: front + text, base, lead: lead + front.length, map, first, spaces };
  const grown = (values: Int32Array): Int32Array => {
    const longer = new Int32Array(values.length + front.length).fill(base);
    longer.set(values, front.length);
    return longer;
  };
  return { text: front + text, base, lead, map: { starts: grown(map.starts), ends: grown(map.ends) }, first, spaces };
}

export const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;

export type Behavior = (typeof BEHAVIORS)[number];

interface Span {
  readonly from: number;
  readonly to: number;
  readonly found: boolean;
}

/** What a pattern finds and what lies between, in order; nothing empty. @param invert what lies between counts as found */
function* spansOf(text: string, pattern: RegExp, invert: boolean): Generator<Span> {
  const search = new RegExp(pattern);
  let at = 0;
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const { length } = match[0];
    if (length === 0) {
      search.lastIndex += (text.codePointAt(search.lastIndex) ?? 0) > 0xffff ? 2 : 1;
      continue;
    }
    if (match.index > at) yield { from: at, to: match.index, found: invert };
    at = match.index + length;
    yield { from: match.index, to: at, found: !invert };
  }
  if (at < text.length) yield { from: at, to: text.length, found: invert };
}

/** Splits as Rust's tokenizers do; nothing is looked at before it is asked for. @param pattern global */
export function* split(piece: Piece, pattern: RegExp, behavior: Behavior, invert = false): Generator<Piece> {
  let held: Span | undefined;
  for (const span of spansOf(piece.text, pattern, invert)) {
    if (behavior === 'Removed') {
      if (!span.found) yield slicePiece(piece, span.from, span.to);
      continue;
    }
    if (behavior === 'Isolated') {
      yield slicePiece(piece, span.from, span.to);
      continue;
    }
    if (held !== undefined && joins(held, span, behavior)) {
      held = { from: held.from, to: span.to, found: span.found };
      continue;
    }
    if (held !== undefined) yield slicePiece(piece, held.from, held.to);
    held = span;
  }
  if (held !== undefined) yield slicePiece(piece, held.from, held.to);
}

function joins(before: Span, span: Span, behavior: Behavior): boolean {
  switch (behavior) {
    case 'Contiguous':
      return before.found === span.found;
    case 'MergedWithPrevious':
      return !before.found && span.found;
    case 'MergedWithNext':
      return before.found && !span.found;
    default:
      return false;
  }
}
