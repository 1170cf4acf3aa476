/** The boundary between the extension host and a webview that shows a trace. */
import type { Glyph, Tile, TileRequest, TokenRow, TraceId, TraceInfo, TraceProgress } from './trace';

/** What a view shows: nothing yet, a trace, or why there is none. */
export type Scene =
  | { readonly kind: 'empty'; readonly modelName: string }
  | { readonly kind: 'failed'; readonly file: string; readonly message: string; readonly remedy: string | undefined }
  | {
      readonly kind: 'trace';
      readonly info: TraceInfo;
      readonly progress: TraceProgress;
      /** File name, for the title and for reading aloud. */
      readonly title: string;
      /** The text was edited, or its file deleted, since it was traced; says which. */
      readonly stale: string | undefined;
    };

/** Methods of the host that a view may call. */
export interface ViewHostApi {
  /** The view is listening; answers with what to show. */
  ready(): Scene;
  tile(request: TileRequest): Tile;
  row(trace: TraceId, token: number): TokenRow;
  glyphs(trace: TraceId, from: number, to: number): readonly Glyph[];
  /** Selects and reveals the character of a token in its editor; `focus` moves the keyboard there. */
  reveal(trace: TraceId, token: number, focus: boolean): void;
  run(command: ViewCommand): void;
}

/** What the buttons of a view ask for. */
export type ViewCommand = 'trace' | 'traceSample' | 'retrace' | 'stop' | 'selectModel' | 'openInEditor' | 'clear';

/** Methods of a view that the host may call. */
export interface ViewApi {
  show(scene: Scene): void;
  progress(progress: TraceProgress): void;
  /** The editor's cursor is on these tokens of the trace shown. */
  follow(trace: TraceId, token: number, count: number): void;
  /** Brings a token (and, if given, a unit of a layer) into sight and marks it: a hover's link. */
  focus(trace: TraceId, token: number, layer?: number, unit?: number): void;
}
