/** What is said about a trace across a boundary: models, layers, tiles, rows. Plain data, no behaviour. */
import { say, type Message, type Text } from './l10n';
import type { ByteScale } from './bytes';
import type { Curves } from './derived';
import type { InputInfo, Need, TokenizerInfo } from './modelInfo';
import type { CellKind, HeatInfo, HeatName, SignalInfo, SignalName } from './signals';
import type { TokenizerSpec } from './tokens';

export interface LayerInfo {
  /** The field's name, `l0`, `l1` …; prefix of the arrays in an npz. */
  readonly name: string;
  readonly cell: CellKind;
  readonly inputSize: number;
  readonly units: number;
  readonly signals: readonly SignalInfo[];
  /** What follows from them; absent where the layer's functions are such that nothing can be said. */
  readonly derived?: readonly HeatInfo[];
  /** The functions of its gates and its candidate, where they are not the usual and `saturation` is known by them. */
  readonly curves?: Curves;
  /** It reads from the end of the text on: the step before is the next token. */
  readonly reverse?: boolean;
}

export interface ModelInfo {
  readonly id: number;
  readonly name: string;
  /** File the model came from, as a path for people. */
  readonly file: string;
  readonly architecture: string;
  /** Undefined where the file does not say, or its input is numbers. */
  readonly tokenizer: TokenizerSpec['kind'] | undefined;
  /** The same with its vocabulary's size and where it was found. */
  readonly tokenizerInfo?: TokenizerInfo;
  readonly input?: InputInfo;
  /** What must be asked before a text can be traced with it (see `saveSidecar`); absent where nothing is missing. */
  readonly needs?: Need;
  readonly layers: readonly LayerInfo[];
  /** Number of trained values. */
  readonly parameters: number;
  /** Whether it predicts the next token, so that there is a loss. */
  readonly predicts: boolean;
  readonly description: string | undefined;
  readonly warnings: readonly Text[];
}

export type TraceId = number;

/** `stopped`: cancelled part way; what was traced until then stays readable. */
export type TraceState = 'running' | 'done' | 'stopped';

export interface TraceInfo {
  readonly id: TraceId;
  readonly model: ModelInfo;
  /** Tokens in the text. */
  readonly tokens: number;
  /** Length of the decoded text in UTF-16 units. */
  readonly textLength: number;
  /** The finest zoom level that is resident for the whole text: below it, tiles are computed from checkpoints. */
  readonly baseLevel: number;
  /** Notes about the text, e.g. that invalid UTF-8 was found; one sentence each. */
  readonly notes: readonly Text[];
}

/** Where a NaN or an infinity first arose. What comes after it is only its consequence. */
export interface Fault {
  readonly token: number;
  /** `l0`, `l0_reverse`, or `head` for the loss. */
  readonly layer: string;
  readonly signal: SignalName | 'loss';
  readonly unit: number;
  readonly value: 'NaN' | 'Infinity' | '-Infinity';
}

/** For people. */
export const faultText = ({ token, layer, signal, unit, value }: Fault): Message =>
  say`${value} first arose at token ${token}, in ${layer}.${signal}, unit ${unit}. What comes after it is its
    consequence: look at the values just before, and for weights that are too large.`;

export interface TraceProgress {
  readonly id: TraceId;
  /** Tokens traced so far: every tile, row and offset before it can be asked for. */
  readonly done: number;
  readonly state: TraceState;
  /** Tokens whose coarse tiles are exact, where that is fewer than `done`: progress is told until they are all. */
  readonly settled?: number;
  /** Of all the work, 0 to 1, where that is not `done` over the text's tokens: some networks take several passes. */
  readonly share?: number;
  /** Mean loss of the tokens so far, in nats; undefined without a head or before the second token. */
  readonly meanLoss: number | undefined;
  /** The first NaN or infinity, once one was met. */
  readonly fault?: Fault;
  /** Why the trace stopped by itself; undefined in all ordinary cases. */
  readonly failure?: Text;
}

/** Of all the work of a trace, 0 to 1. */
export const shareOf = ({ share, done }: TraceProgress, { tokens }: Pick<TraceInfo, 'tokens'>): number =>
  share ?? done / Math.max(1, tokens);

/** Columns of a full tile. At zoom level L one column covers 2^L tokens. */
export const TILE_COLUMNS = 256;

/** Id of an `Arrangement`; 0 is every unit, by index, and always there. */
export type ArrangementId = number;

/**
 * What a value stands for where it covers several tokens or units: their mean, least or greatest; or `spikes`, the mean,
 * but where an extreme stands out from those of its row's other columns, that extreme, so that one token in a million
 * can be seen from afar.
 */
export type Reduction = 'spikes' | 'mean' | 'min' | 'max';

export interface TileRequest {
  readonly trace: TraceId;
  /** Index into `ModelInfo.layers`; ignored for `loss`. */
  readonly layer: number;
  readonly signal: HeatName | 'loss';
  readonly level: number;
  /** Tile number: its first column is `index * TILE_COLUMNS`. */
  readonly index: number;
  /** 0 where absent. */
  readonly rows?: ArrangementId;
  /** Neighbouring units that share a row, pinned ones excepted: each of those has its own. 1 where absent. */
  readonly group?: number;
  /** `mean` where absent. */
  readonly of?: Reduction;
}

/** One byte a value, spaced as `ByteScale` says, whose ends depend neither on `rows` nor `group` nor `of`. */
export interface Tile extends ByteScale {
  /** Columns that are there: fewer than TILE_COLUMNS at the end of the text, or while the trace runs. */
  readonly columns: number;
  readonly rows: number;
  /** Whether asking again would give the same: false while the trace has yet to reach the tile's end. */
  readonly final: boolean;
  /** More of it is being computed though no progress is told of that: ask again soon. */
  readonly pending?: true;
  /** [rows, columns] */
  readonly values: Uint8Array;
}

/** How units are ordered: by number, by mean or variance over the whole text, or so that like ones lie together. */
export type RowOrder = 'index' | 'mean' | 'variance' | 'clusters';

/** Which units are rows, and in which order. */
export interface RowSpec {
  readonly order: RowOrder;
  /** By whose values; the memory's where absent. */
  readonly by?: HeatName;
  /** Units that are shown, as inclusive ranges; all where empty. Pinned ones are shown in any case. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
  /** Units at the top, in this order, each in a row of its own. */
  readonly pins: readonly number[];
}

/** A branch of a dendrogram: rows [from, middle) and [middle, to) are as far apart as `height`, 0 to 1, says. */
export interface Merge {
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  readonly height: number;
}

/** The rows of a layer's heatmaps, before neighbours are merged into groups. */
export interface Arrangement {
  readonly id: ArrangementId;
  /** The unit of each row: `pinned` rows first, then the rest. */
  readonly units: Uint16Array;
  readonly pinned: number;
  /** Where units are clustered, over `units`; the pinned are in none. */
  readonly merges: readonly Merge[];
  /** First rows of the clusters that a cut of the dendrogram gives, in order; empty where units are not clustered. */
  readonly clusters: readonly number[];
}

/** One column of several signals, all units by index. */
export interface ColumnRequest {
  readonly trace: TraceId;
  readonly layer: number;
  readonly signals: readonly (HeatName | 'loss')[];
  readonly level: number;
  /** Counted from the start of the text. */
  readonly column: number;
}

/** Of every unit over the column's tokens; the same array three times at level 0. */
export interface Extent {
  readonly min: Float32Array;
  readonly mean: Float32Array;
  readonly max: Float32Array;
}

export interface ColumnValues {
  readonly first: number;
  readonly count: number;
  /** In the order of `signals`; undefined for one that is still being computed there. */
  readonly values: readonly (Extent | undefined)[];
}

/** One unit over columns [first, first + columns) of a level. */
export interface SeriesRequest {
  readonly trace: TraceId;
  readonly layer: number;
  readonly unit: number;
  readonly signals: readonly HeatName[];
  readonly level: number;
  readonly first: number;
  readonly columns: number;
}

export interface Series {
  readonly first: number;
  /** Fewer than were asked for at the end of what is traced. */
  readonly columns: number;
  /** In the order of `signals`, each array [columns]; NaN where one is still being computed. */
  readonly values: readonly Extent[];
}

/**
 * Where lines of the text begin: all of them, or those with round numbers (multiples of 1, 2 or 5 times a power of ten,
 * and number 1 where there is room for it). A line that has no token of its own stands where the next token does; of
 * several lines at one token only the one on which the token begins is listed.
 */
export interface Lines {
  /** First token of each line, ascending. */
  readonly tokens: Int32Array;
  /** Its number as editors count, from 1. */
  readonly numbers: Int32Array;
  /** Lines in the text. */
  readonly total: number;
}

/** What the model expected after a token, and how likely it held what came. */
export interface Guess {
  /** Its place in the text: `label` is what was expected to follow it. */
  readonly token: number;
  readonly label: string;
  readonly probability: number;
  /** What came after it; undefined at the end of the text. */
  readonly actual: { readonly label: string; readonly probability: number } | undefined;
}

/**
 * What a sum of a cell was made of: weight · value. A token that is embedded is one contribution, over the whole width of
 * its embedding, with weight 1. Where two directions below are multiplied, a pair of units is one.
 */
export interface Contribution {
  readonly kind: 'input' | 'recurrent' | 'peephole';
  /** For people: `token “e”`, `l0 unit 17`, `column price`, `l0 cell 3 before`. */
  readonly label: Text;
  /**
   * The unit it comes from, of this layer's previous step or of the layer below; undefined for tokens and numbers, for
   * what a projection gives and for pairs of units.
   */
  readonly from: { readonly layer: number; readonly unit: number } | undefined;
  readonly weight: number;
  readonly value: number;
  readonly product: number;
}

/**
 * Why a gate or candidate was what it was: value = function(bias + input + recurrent + peephole). For a forget gate that
 * is coupled to the input gate (1 − i) these are the input gate's, negated; or zeros with no contributions where that is
 * not the same function, since then it is made of nothing but the input gate.
 */
export interface GateWhy {
  readonly signal: SignalName;
  readonly value: number;
  /** What the function was applied to: that sum, held within ±clip where the layer has one. */
  readonly sum: number;
  /**
   * Sums of all contributions of a kind. For a GRU's candidate `recurrent` is what the reset gate let through: r · (U h′ +
   * d) with the recurrent bias d where it resets after the product (a contribution too), U (r · h′) where before it.
   */
  readonly bias: number;
  readonly input: number;
  readonly recurrent: number;
  readonly peephole: number;
  /** The largest of them by size, at most 12. */
  readonly top: readonly Contribution[];
}

/** One unit at one token. */
export interface Why {
  readonly token: number;
  readonly layer: number;
  readonly unit: number;
  readonly gates: readonly GateWhy[];
}

/**
 * By what a token is one to go to, among those that are traced:
 * `line`: it is the first of a line.
 * `loss`: its loss stands out. It is more than three standard deviations above the mean of the losses so far, and
 *   no loss within eight tokens on either side is greater, nor an earlier one there equal.
 * `change`: the same of the root mean square, over the units of a layer, of its memory's change (`memoryOf`) since the
 *   step before.
 * Mean and deviation of more than 8,192 tokens are those of 32 windows of 256, spread evenly.
 */
export type JumpBy = 'line' | 'loss' | 'change';

export interface JumpRequest {
  readonly trace: TraceId;
  /** A token, which is not itself gone to but as the `largest`; -1 to begin at the start. */
  readonly from: number;
  /** The `largest` loss or change of all that is traced (of equal ones the first); else the nearest in a direction. */
  readonly to: 'next' | 'previous' | 'largest';
  readonly by: JumpBy;
  /** Whose memory's change; ignored for others. */
  readonly layer: number;
}

/**
 * A piece of a trace to be copied: exact values of tokens [from, to), at most 1,000,000. Each is written so that it reads
 * back as the same float32; the first loss is NaN (null in JSON).
 *
 * `tsv`: columns `token` (its place in the text), `text`, then `l0.forget[3]` … and `loss`.
 * `numpy`: Python source that makes a dict `trace` of arrays [tokens, units] by name, with `token`, `text` and `units`.
 * `json`: an object of `from`, `to`, `token`, `text`, and of `arrays` by name with `shape`, `units` and `values`.
 */
export interface CopyRequest {
  readonly trace: TraceId;
  readonly from: number;
  readonly to: number;
  readonly tracks: readonly { readonly layer: number; readonly signal: HeatName | 'loss' }[];
  /** All where absent. Of each track those that it has are copied. */
  readonly units?: readonly number[];
  readonly format: 'tsv' | 'numpy' | 'json';
}

/** A UTF-16 range [start, end) of the decoded text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A piece of the text and the tokens [token, token + count) that encode it: a character of several byte tokens, a word
 * that is one token, a row of a table. Tokens that share a character are in one glyph.
 */
export interface Glyph {
  readonly text: string;
  readonly token: number;
  readonly count: number;
  readonly start: number;
  /** One of its tokens stands for what the vocabulary does not have. */
  readonly unknown?: true;
}

/** Exact values at one token: for each layer, for each of its signals in order, a Float32Array [units]. */
export interface TokenRow {
  readonly token: number;
  readonly label: string;
  readonly glyph: Glyph;
  /** Loss of this token given those before it, in nats; undefined for the first, or without a head. */
  readonly loss: number | undefined;
  readonly layers: readonly (readonly Float32Array[])[];
  /** Of each layer the memory (`memoryOf`) of the step before, [units]; zeros at the first step. */
  readonly before: readonly Float32Array[];
}

export interface Prediction {
  readonly token: number;
  /** The token as people read it: a character, `␣`, `↵`, or a byte such as `⟨E6⟩`. */
  readonly label: string;
  readonly probability: number;
}

/** One output of a head that does not predict the next token: the probability of a class, or a value. */
export interface HeadOutput {
  readonly label: string;
  readonly kind: 'probability' | 'value';
  readonly value: number;
}

/** A unit whose state changed most at a token. `before` is zero at the first token. */
export interface Mover {
  readonly layer: number;
  readonly unit: number;
  /** Signal values at this token, by name. */
  readonly values: Readonly<Partial<Record<SignalName, number>>>;
  /** Cell state (hidden state where there is no cell) before and after this token. */
  readonly before: number;
  readonly after: number;
}

export interface SignalMean {
  readonly signal: SignalName;
  readonly mean: number;
}

/** What a hover says about the character at an offset. Its values are those of the character's last token. */
export interface Explanation {
  readonly glyph: Glyph;
  readonly labels: readonly string[];
  /** Loss of the whole character, in nats: the sum over its tokens; undefined where it contains the first token. */
  readonly loss: number | undefined;
  /** The likeliest next tokens after this character, best first; empty without a head. */
  readonly next: readonly Prediction[];
  /** The token that came in fact, with its probability; undefined at the end of the text. */
  readonly actual: Prediction | undefined;
  /** What a head with classes (likeliest first) or values says after this character; absent for other heads. */
  readonly outputs?: readonly HeadOutput[];
  readonly means: readonly (readonly SignalMean[])[];
  readonly movers: readonly Mover[];
  /** State of the first mover at the tokens around, and which of them is this one. */
  readonly around: { readonly first: number; readonly at: number; readonly values: Float32Array } | undefined;
}

/** A signal over all units and all tokens traced so far, to three digits. */
export interface SignalStats {
  /** `l0.forget`, or `loss`. */
  readonly name: string;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}
