/**
 * A text that was made of another by lower-casing, decomposing, replacing: each of its ranges knows the range of the
 * original that it came from. Only what differs in length is written down.
 */
import { Growing } from './positions';

/** Values of an edit: [start, end) in the new text, [start, end) in the original. */
const EDIT = 4;

export class Aligned {
  /** @param edits sorted, EDIT values each; between them both texts run in step */
  constructor(
    readonly text: string,
    private readonly edits: Uint32Array,
  ) {}

  static readonly of = (text: string): Aligned => new Aligned(text, new Uint32Array(0));

  get editCount(): number {
    return this.edits.length / EDIT;
  }

  edit(index: number): readonly [start: number, end: number, from: number, to: number] {
    const { edits } = this;
    const at = index * EDIT;
    return [edits[at] ?? 0, edits[at + 1] ?? 0, edits[at + 2] ?? 0, edits[at + 3] ?? 0];
  }

  /** The last edit that starts at or before a place; -1 where there is none. */
  editAt(place: number): number {
    let low = -1;
    let high = this.editCount;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.edits[middle * EDIT] ?? 0) <= place) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Where the original of the unit at `place` starts. */
  startOf(place: number): number {
    const index = this.editAt(place);
    if (index < 0) return place;
    const [, end, from, to] = this.edit(index);
    return place < end ? from : to + (place - end);
  }

  /** Where the original of the units before `place` ends, the last of them at least `from`. */
  endOf(place: number): number {
    const last = place - 1;
    const index = this.editAt(last);
    if (index < 0) return place;
    const [, end, , to] = this.edit(index);
    return last < end ? to : to + (place - end);
  }
}

/** Puts a new text together from the parts of another; what is kept stays aligned. */
export class Rewriting {
  private readonly parts: string[] = [];
  private readonly edits = Growing.words();
  /** How far the old text has been taken, and how long the new one is. */
  private taken = 0;
  private made = 0;
  /** Next of the old edits. */
  private next = 0;

  constructor(private readonly old: Aligned) {}

  /** Takes `length` units over, as they are or as a text of the same length. */
  keep(length: number, as?: string): void {
    if (length === 0) return;
    const { old } = this;
    const end = this.taken + length;
    this.parts.push(as ?? old.text.slice(this.taken, end));
    const shift = this.made - this.taken;
    // An old edit that is only partly here keeps the whole of its original.
    while (this.next < old.editCount) {
      const [start, stop, from, to] = old.edit(this.next);
      if (start >= end) break;
      this.push(Math.max(start, this.taken) + shift, Math.min(stop, end) + shift, from, to);
      if (stop > end) break;
      this.next++;
    }
    this.taken = end;
    this.made += length;
  }

  /** Takes `length` units and puts another text in their place. */
  replace(length: number, text: string): void {
    const { old } = this;
    const end = this.taken + length;
    const from = old.startOf(this.taken);
    const to = length === 0 ? from : old.endOf(end);
    while (this.next < old.editCount && old.edit(this.next)[1] <= end && old.edit(this.next)[0] < end) this.next++;
    this.parts.push(text);
    this.push(this.made, this.made + text.length, from, to);
    this.taken = end;
    this.made += text.length;
  }

  finish(): Aligned {
    this.keep(this.old.text.length - this.taken);
    return new Aligned(this.parts.join(''), this.edits.whole());
  }

  get at(): number {
    return this.taken;
  }

  private push(start: number, end: number, from: number, to: number): void {
    for (const value of [start, end, from, to]) this.edits.push(value);
  }
}
