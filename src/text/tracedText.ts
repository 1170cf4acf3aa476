/** What a network reads of a text or table, step by step, and where each step stands in the document. */
import type { Text } from '../shared/l10n';
import type { Glyph, TextRange } from '../shared/trace';
import type { TokenIds } from '../shared/tokens';

export interface TracedText {
  /** Ids of tokens, one a step; empty for a table. */
  readonly tokens: TokenIds;
  /** The rows of a table [steps, width]; undefined for a text. */
  readonly numbers: Float32Array | undefined;
  readonly steps: number;
  /** The decoded document; undefined where the tokens are its bytes, which say as much. */
  readonly text: string | undefined;
  /** Names of a table's columns [width], in the order in which the model reads them; absent for a text. */
  readonly columns?: readonly string[];
  /** UTF-16 units of the decoded document. */
  readonly textLength: number;
  /** What is worth telling about the text; one sentence each. */
  readonly notes: readonly Text[];
  /** A token as people read it: `a`, `␣the`, `⟨E6⟩`; for a row of a table, its text. */
  readonly labelAt: (step: number) => string;
  /** The same of any token of the vocabulary, by id. */
  readonly labelOf: (id: number) => string;
  /** The piece of the text that contains a step. @throws RangeError outside the text */
  readonly glyphOf: (step: number) => Glyph;
  /** The piece at a UTF-16 offset; between pieces the one before, at the end of the text the last. */
  readonly glyphAt: (offset: number) => Glyph;
  /** The pieces that have a step in [from, to), in order. */
  readonly glyphs: (from: number, to: number) => Glyph[];
  /** [start, end) of each of the steps [from, to), pairs one after the other. */
  readonly ranges: (from: number, to: number) => Int32Array;
  /** Ranges of unknown tokens that touch the UTF-16 offsets [from, to), in order, at most `most`. */
  readonly unknown: (from: number, to: number, most: number) => TextRange[];
}

/** Lets other work have its turn, now and then; rejects where the work is not wanted any more. */
export type Breathe = () => Promise<void>;

/** Units of text between breaths: far less than a millisecond's work for the slowest tokenizer. */
export const BREATH_UNITS = 1024;

export const noBreath: Breathe = () => Promise.resolve();
