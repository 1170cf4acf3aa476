/** The boundary between the extension host (or the command line) and the worker that traces. */
import type { MatrixStatistics, ModelDescription, SavedSidecar, TokenizerAnswer, VerifyResult } from './modelInfo';
import type {
  Arrangement,
  ColumnRequest,
  ColumnValues,
  CopyRequest,
  Explanation,
  Glyph,
  Guess,
  JumpRequest,
  Lines,
  ModelInfo,
  RowSpec,
  Series,
  SeriesRequest,
  SignalStats,
  TextRange,
  Tile,
  TileRequest,
  TokenRow,
  TraceId,
  TraceInfo,
  TraceProgress,
  Why,
} from './trace';

/** Where the text comes from: a document's text, a file's bytes, or a path that the worker reads itself. */
export type TextSource =
  | { readonly kind: 'text'; readonly text: string; readonly name: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

export type ModelSource =
  | { readonly kind: 'file'; readonly path: string }
  /** `siblings` are other files of its folder by name, for vocabularies and external data. */
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      readonly name: string;
      readonly siblings?: Readonly<Record<string, Uint8Array>>;
    };

/** An .npz with a framework's own hidden and cell states. */
export type ReferenceSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

export interface VerifyOptions {
  readonly model: ModelSource;
  /** A text, a CSV for a model over numbers, or an .npy of token ids or numbers. */
  readonly text: TextSource;
  readonly reference: ReferenceSource;
  /** Largest absolute error; 1e-4 where absent. */
  readonly tolerance?: number;
  /** As in TraceOptions. */
  readonly ticket?: number;
}

export interface TraceOptions {
  readonly text: TextSource;
  /** From `loadModel`. */
  readonly model: number;
  /** Most memory that this trace may keep, in bytes: checkpoints, summaries, recent windows. */
  readonly memory: number;
  /** A number of the caller's by which `cancel` ends the opening before it is answered. */
  readonly ticket?: number;
  /**
   * Milliseconds for which the trace rests once something of it can be seen, or until `proceed`: what shows it first
   * needs the processor itself. 0 where absent.
   */
  readonly pause?: number;
}

/** What stands now in place of the UTF-16 range [start, end) of a traced text. */
export interface TextChange extends TextRange {
  readonly text: string;
}

/** Rows [from, to) of every signal, for export: arrays by name (`l0.forget`, `loss`, `tokens`, `ranges`). */
export interface Rows {
  readonly from: number;
  readonly to: number;
  readonly arrays: Readonly<Record<string, RowArray>>;
}

/** `width` values a token; undefined means a vector [tokens]. */
export interface RowArray {
  readonly width: number | undefined;
  readonly data: Float32Array | Int32Array;
}

/** What computes a trace. */
export interface KernelsInUse {
  /** Bits of a vector; undefined where layers of rarer kinds run in float64. */
  readonly vectors: 256 | 128 | undefined;
  /** 2 where a layer is large enough to be shared, which is done while it is quicker. */
  readonly threads: 1 | 2;
}

export interface WorkerApi {
  /**
   * Reads a model, or finds it already read and unchanged.
   *
   * @param limit most bytes of its file; 1 GiB where absent
   * @throws model-not-found, model-damaged, model-unsupported
   */
  loadModel(source: ModelSource, limit?: number): ModelInfo;
  /**
   * Opens a trace and starts it; returns as soon as the text is tokenised. Progress is told by `HostApi.progress`.
   * @throws empty-text, binary-file, file-not-found, file-unreadable, text-too-large, bad-table, tokenizer-needed,
   *   cancelled
   */
  open(options: TraceOptions): TraceInfo;
  /**
   * Opens a trace of the text as it is after changes of ranges that do not overlap, in order. It keeps what it can of
   * the earlier one, which stays as it is until it is closed: only what the changes may have altered is traced again.
   * @throws trace-gone, empty-text; bad-request where only the whole text tells what it is now
   */
  edit(trace: TraceId, changes: readonly TextChange[]): TraceInfo;
  /** Ends an `open` or `verify` that is not answered yet; it is then rejected with `cancelled`. Unknown tickets are ignored. */
  cancel(ticket: number): void;
  /** Ends the pause of a trace (`TraceOptions.pause`). Unknown ids are ignored. */
  proceed(trace: TraceId): void;
  /** Stops a running trace; what was traced stays readable. */
  stop(trace: TraceId): void;
  /** Forgets a trace and frees its memory. Unknown ids are ignored. */
  close(trace: TraceId): void;
  /** What computes a trace, for a person who wonders. @throws trace-gone, model-not-found */
  about(trace: TraceId): KernelsInUse;
  tile(request: TileRequest): Tile;
  /**
   * Puts a layer's units in order by what is traced now; tiles are then asked for by its id. The same question again
   * is answered anew while the trace runs. @throws bad-request for units that the layer has not
   */
  arrange(trace: TraceId, layer: number, spec: RowSpec): Arrangement;
  column(request: ColumnRequest): ColumnValues;
  series(request: SeriesRequest): Series;
  stats(trace: TraceId): readonly SignalStats[];
  row(trace: TraceId, token: number): TokenRow;
  rows(trace: TraceId, from: number, to: number): Rows;
  glyphs(trace: TraceId, from: number, to: number): readonly Glyph[];
  /** Beginnings of lines among tokens [from, to): at most `most`, at round numbers where they are too many. */
  lines(trace: TraceId, from: number, to: number, most: number): Lines;
  /**
   * What was expected after each of the tokens [from, to) that are traced, at most 1,024; empty without a head for the
   * next token.
   */
  guesses(trace: TraceId, from: number, to: number): readonly Guess[];
  /** What the gates of a unit were made of at a token. */
  why(trace: TraceId, token: number, layer: number, unit: number): Why;
  /**
   * A token to go to; undefined where there is none further on. The largest change of a long text takes about as long
   * as tracing it; others are answered meanwhile, and it ends when the trace is closed.
   *
   * @throws bad-request for the largest line, for a loss of a model that predicts none, for a layer that is not there;
   *   trace-gone
   */
  jump(request: JumpRequest): number | undefined;
  /**
   * Exact values as text.
   *
   * @throws too-much with the limit, and what to choose instead; bad-request for tokens that are not traced, and for
   *   tracks and units that are not there
   */
  copy(request: CopyRequest): string;
  /** The tokens that encode the character at a UTF-16 offset: first token and count. */
  tokensAt(trace: TraceId, offset: number): { readonly token: number; readonly count: number };
  rangeOf(trace: TraceId, token: number): TextRange;
  explain(trace: TraceId, offset: number): Explanation;
  /** Ranges of tokens that are not in the vocabulary, among the UTF-16 offsets [from, to); at most 10,000, in order. */
  unknown(trace: TraceId, from: number, to: number): readonly TextRange[];
  /** Describes a model without reading its weights. @throws as loadModel */
  inspect(source: ModelSource): ModelDescription;
  /** Statistics of one matrix, by the name that `inspect` gives it. @throws bad-request for a name that is not there */
  matrix(source: ModelSource, name: string): MatrixStatistics;
  /**
   * Keeps the answer to `needs: 'tokenizer'` in NAME.gatescope.json beside the model; load it again afterwards.
   * @throws bad-vocabulary for one that cannot be read or has fewer or more tokens than the model
   */
  saveSidecar(source: ModelSource, answer: TokenizerAnswer): SavedSidecar;
  /** Compares our states with those of the user's framework, and where they differ looks for the reason. */
  verify(options: VerifyOptions): VerifyResult;
}

/** The API as its callers see it and as the handler may implement it: every method may be asynchronous. */
export type Handler<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => R | Promise<R> : never;
};

/** What the worker tells without being asked. */
export interface HostApi {
  progress(progress: TraceProgress): void;
}
