/** Tokens: their ids, and how a text is cut into them. Plain data, so that a model file can say it and a message carry it. */

/** Ids of tokens, in the narrowest array that holds the vocabulary. */
export type TokenIds = Uint8Array | Uint16Array | Int32Array;

/** @param vocab number of tokens: ids are below it */
export function tokenIds(vocab: number, length: number): TokenIds {
  if (vocab <= 2 ** 8) return new Uint8Array(length);
  return vocab <= 2 ** 16 ? new Uint16Array(length) : new Int32Array(length);
}

/** How a text is cut into tokens. `tokens` lists them by id; an id that means nothing has an empty string. */
export type TokenizerSpec =
  | { readonly kind: 'bytes' }
  | ({ readonly kind: 'characters' } & Vocabulary)
  /** Runs of letters, digits and marks, and single other characters that are not white space. */
  | ({ readonly kind: 'words' } & Vocabulary)
  /** The content of a Hugging Face tokenizer.json. */
  | { readonly kind: 'huggingface'; readonly json: unknown };

export interface Vocabulary {
  readonly tokens: readonly string[];
  /** Id of what is not in the vocabulary; such tokens are marked in the editor. Without one, id 0 stands for them. */
  readonly unknown?: number;
  readonly lowercase?: boolean;
}

/** How the rows of a CSV or TSV become the inputs of a model over numbers. */
export interface NumbersSpec {
  /** Names, or positions from 0, of the columns in the order of the model's inputs; all numeric ones where absent. */
  readonly columns?: readonly (string | number)[];
  /** (value - shift) / scale, column by column. */
  readonly shift?: readonly number[];
  readonly scale?: readonly number[];
}

/** What a NAME.gatescope.json beside a model says. */
export interface Sidecar {
  readonly tokenizer?: TokenizerSpec;
  readonly numbers?: NumbersSpec;
  /** Names of the head's outputs, in order. */
  readonly classes?: readonly string[];
}
