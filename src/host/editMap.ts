/**
 * Positions of a traced text and of the live document, through edits. Between the two texts lie changed regions; a
 * character that touches none is only shifted, any other is withdrawn. A position is therefore exact or absent, never
 * near. Knows no `vscode`: changes are offsets, as `TextDocumentContentChangeEvent` gives them.
 */
import type { TextRange } from '../shared/trace';

/** At `offset`, `length` UTF-16 units were replaced by `inserted` units. */
export interface Change {
  readonly offset: number;
  readonly length: number;
  readonly inserted: number;
}

/** [start, end) of the traced text became [liveStart, liveEnd) of the live one; either may be empty, never both. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly liveStart: number;
  readonly liveEnd: number;
}

/** UTF-16 units. */
const HEAL_LIMIT = 100_000;

export class EditMap {
  /** Sorted; no two touch in the live text, so that unchanged text lies between them. */
  #regions: Region[] = [];

  /** @param length of the traced text, in UTF-16 units */
  constructor(readonly length: number) {}

  /** Whether the live text is the traced one, as far as the edits tell. */
  get unchanged(): boolean {
    return this.#regions.length === 0;
  }

  /** Length of the live text. */
  get liveLength(): number {
    const last = this.#regions.at(-1);
    return last === undefined ? this.length : this.length - last.end + last.liveEnd;
  }

  /** What was changed, in order: ranges of the traced text, and where what stands for them is in the live one. */
  get regions(): readonly Region[] {
    return this.#regions;
  }

  /** Follows one change of the live text; several are applied in the order in which they were made. */
  apply({ offset, length, inserted }: Change): void {
    const before: Region[] = [];
    const after: Region[] = [];
    const removedEnd = offset + length;
    const grown = inserted - length;
    // Where the change begins and ends in the traced text; regions that it touches are taken into it.
    let start = this.#tracedEdge(offset);
    let end = this.#tracedEdge(removedEnd);
    let liveStart = offset;
    let liveEnd = removedEnd;
    for (const region of this.#regions) {
      if (region.liveEnd < offset) before.push(region);
      else if (region.liveStart > removedEnd) {
        after.push({ ...region, liveStart: region.liveStart + grown, liveEnd: region.liveEnd + grown });
      } else {
        start = Math.min(start, region.start);
        end = Math.max(end, region.end);
        liveStart = Math.min(liveStart, region.liveStart);
        liveEnd = Math.max(liveEnd, region.liveEnd);
      }
    }
    liveEnd += grown;
    const empty = start === end && liveStart === liveEnd;
    this.#regions = empty ? [...before, ...after] : [...before, { start, end, liveStart, liveEnd }, ...after];
  }

  /** Starts again: the document was replaced by a text of `liveLength` units in a way that nobody told. */
  replaceAll(liveLength: number): void {
    this.#regions = [{ start: 0, end: this.length, liveStart: 0, liveEnd: liveLength }];
  }

  /**
   * Takes from the changed regions what is again as it was, at their beginnings and ends: all of them after an undo.
   * Large regions are looked at only when their lengths agree, so that typing never reads a long text again and again.
   *
   * @param traced text of a range of the traced text
   * @param live text of a range of the live document
   */
  heal(traced: (range: TextRange) => string, live: (range: TextRange) => string): void {
    this.#regions = this.#regions.flatMap((region) => {
      const { start, end, liveStart, liveEnd } = region;
      const length = end - start;
      const liveLength = liveEnd - liveStart;
      if (length === 0 || liveLength === 0) return [region];
      if (length !== liveLength && Math.max(length, liveLength) > HEAL_LIMIT) return [region];
      const same = sameEnds(traced({ start, end }), live({ start: liveStart, end: liveEnd }));
      if (same.head + same.tail === length && length === liveLength) return [];
      return [
        {
          start: start + same.head,
          end: end - same.tail,
          liveStart: liveStart + same.head,
          liveEnd: liveEnd - same.tail,
        },
      ];
    });
    const first = this.#regions[0];
    const last = this.#regions.at(-1);
    if (first === undefined || last === undefined || this.liveLength !== this.length) return;
    // Two changes may cancel each other, as a letter taken from "aa" and one put to its other end.
    const span = { start: first.start, end: last.end };
    if (traced(span) === live({ start: first.liveStart, end: last.liveEnd })) this.#regions = [];
  }

  /** @returns where a character of the traced text is now, or undefined where it was changed, torn apart or removed */
  toLive({ start, end }: TextRange): TextRange | undefined {
    let shift = 0;
    for (const region of this.#regions) {
      if (region.start >= end) break;
      // Text inserted inside the character, between its two units, tears it apart too.
      if (region.end > start) return undefined;
      shift = region.liveEnd - region.end;
    }
    return { start: start + shift, end: end + shift };
  }

  /** @returns the offset in the traced text of the unit at a live offset, or undefined where that unit is new */
  toTraced(offset: number): number | undefined {
    let shift = 0;
    for (const region of this.#regions) {
      if (region.liveStart > offset) break;
      if (offset < region.liveEnd) return undefined;
      shift = region.end - region.liveEnd;
    }
    return offset + shift;
  }

  /** A live offset between regions, or on the edge of one, as an offset of the traced text. */
  #tracedEdge(offset: number): number {
    let shift = 0;
    for (const region of this.#regions) {
      if (region.liveStart >= offset) break;
      // Inside a region the caller takes the whole region; any value within its range will do.
      if (offset <= region.liveEnd) return region.end;
      shift = region.end - region.liveEnd;
    }
    return offset + shift;
  }
}

/**
 * Lengths of the common beginning and end of two texts, which do not overlap in either. By halving: comparing slices is
 * native, so that a text of megabytes takes milliseconds.
 */
export function sameEnds(a: string, b: string): { readonly head: number; readonly tail: number } {
  const most = Math.min(a.length, b.length);
  const head = longest(most, (n) => a.slice(0, n) === b.slice(0, n));
  const tail = longest(most - head, (n) => a.slice(a.length - n) === b.slice(b.length - n));
  return { head, tail };
}

/** The greatest n up to `most` for which `holds`, where it holds for all smaller ones; it holds for 0. */
function longest(most: number, holds: (n: number) => boolean): number {
  if (most === 0 || holds(most)) return most;
  let low = 0;
  let high = most;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
