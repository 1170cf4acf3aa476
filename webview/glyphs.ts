/** The text along the axis: characters fetched in blocks of tokens as they come into sight, the last blocks kept. */
import type { Glyph } from '../src/shared/trace';

/** Tokens: about as many as a screen shows the characters of; more would be sent in vain where one jumps. */
export const GLYPH_BLOCK = 256;
const KEPT = 256;

interface Block {
  readonly glyphs: readonly Glyph[];
  /** Tokens of the block that could be asked for. */
  readonly to: number;
  /** From this token on they are those before an edit. */
  readonly earlier?: number;
}

export class GlyphStore {
  readonly #fetch: (from: number, to: number) => Promise<readonly Glyph[]>;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #blocks = new Map<number, Block>();
  readonly #asked = new Set<number>();
  #generation = 0;

  constructor(
    fetch: (from: number, to: number) => Promise<readonly Glyph[]>,
    changed: () => void,
    failed: (error: unknown) => void,
  ) {
    this.#fetch = fetch;
    this.#changed = changed;
    this.#failed = failed;
  }

  clear(): void {
    this.#blocks.clear();
    this.#asked.clear();
    this.#generation++;
  }

  /** The same text, edited: what is at hand stands in until it was asked for again. */
  succeed(): void {
    const before = [...this.#blocks];
    this.clear();
    for (const [index, { glyphs }] of before) {
      this.#blocks.set(index, { glyphs, to: index * GLYPH_BLOCK, earlier: index * GLYPH_BLOCK });
    }
  }

  /** Glyphs at hand of tokens [from, to), in order; what is missing below `tokens` is asked for. */
  range(from: number, to: number, tokens: number): readonly Glyph[] {
    const found: Glyph[] = [];
    for (let index = Math.floor(from / GLYPH_BLOCK); index * GLYPH_BLOCK < to; index++) {
      const end = Math.min(tokens, (index + 1) * GLYPH_BLOCK);
      const block = this.#blocks.get(index);
      if (block === undefined || block.to < end) this.#ask(index, end);
      if (block === undefined) continue;
      this.#blocks.delete(index);
      this.#blocks.set(index, block);
      // A character that lies across two blocks is in both.
      const last = found[found.length - 1];
      for (const glyph of block.glyphs) {
        // An edited text may be shorter than what stands in.
        if (glyph.token >= (block.earlier ?? Infinity) && glyph.token >= to) continue;
        if (last === undefined || glyph.token > last.token) found.push(glyph);
      }
    }
    return found;
  }

  #ask(index: number, end: number): void {
    if (this.#asked.has(index) || end <= index * GLYPH_BLOCK) return;
    const generation = this.#generation;
    this.#asked.add(index);
    this.#fetch(index * GLYPH_BLOCK, end).then(
      (glyphs) => {
        if (generation !== this.#generation) return;
        this.#asked.delete(index);
        const before = this.#blocks.get(index);
        const rest = before?.earlier === undefined ? [] : before.glyphs.filter(({ token }) => token >= end);
        const grown = rest.length > 0 && end < (index + 1) * GLYPH_BLOCK;
        this.#blocks.set(index, grown ? { glyphs: [...glyphs, ...rest], to: end, earlier: end } : { glyphs, to: end });
        const oldest = this.#blocks.keys().next();
        if (this.#blocks.size > KEPT && oldest.done !== true) this.#blocks.delete(oldest.value);
        this.#changed();
      },
      (error: unknown) => {
        // Left among those asked for: the same question would fail again at every frame.
        if (generation === this.#generation) this.#failed(error);
      },
    );
  }
}
