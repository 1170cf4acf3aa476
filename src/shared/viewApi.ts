/** The boundary between the extension host and a webview that shows a trace. */
import type { CopyRequest, Tile, TileRequest, TraceId, TraceInfo, TraceProgress } from './trace';
import type { WorkerApi } from './workerApi';

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

/** The stretch of tokens in sight, fractional; one for all views of a trace. */
export interface Look {
  readonly from: number;
  readonly to: number;
}

/** A tile that was not asked for: the host knew that it would be. */
export interface FirstTile {
  readonly request: TileRequest;
  readonly tile: Tile;
}

/** What a view begins with. */
export interface Beginning {
  readonly scene: Scene;
  /** What was chosen in this workspace (`remember`); the view knows its form. */
  readonly choices: unknown;
  /** Where another view of the same trace is, or was. */
  readonly look: Look | undefined;
  /** Of the first picture, as far as the host could guess it. */
  readonly tiles: readonly FirstTile[];
}

/** What the host passes on to the worker as it is. */
export const PASSED = [
  'tile',
  'arrange',
  'column',
  'series',
  'row',
  'glyphs',
  'lines',
  'guesses',
  'why',
  'jump',
] as const satisfies readonly (keyof WorkerApi)[];

/** Methods of the host that a view may call. */
export interface ViewHostApi extends Pick<WorkerApi, (typeof PASSED)[number]> {
  /** The view is listening; answers with what to show. */
  ready(): Beginning;
  /** Selects and reveals tokens [token, token + count) in their editor; `focus` moves the keyboard there. */
  reveal(trace: TraceId, token: number, focus: boolean, count?: number): void;
  /** This view looks elsewhere now; the others are told. */
  look(trace: TraceId, look: Look): void;
  /** The picture in sight is made of these tiles, none of which is missing. Told of the first one, and of others once they rest. */
  pictured(trace: TraceId, tiles: readonly TileRequest[]): void;
  /** Keeps what was chosen for this workspace, and tells the other views. */
  remember(choices: unknown): void;
  /** Puts exact values on the clipboard. @returns how many values @throws too-much */
  copy(request: CopyRequest): number;
  /** Asks where to save a picture, and saves it. @returns whether it was saved @throws file-unwritable */
  savePicture(name: string, bytes: Uint8Array): boolean;
  run(command: ViewCommand): void;
}

/** What the buttons of a view ask for. */
export type ViewCommand = 'trace' | 'traceSample' | 'retrace' | 'stop' | 'selectModel' | 'openInEditor' | 'clear';

/** What the commands of VS Code ask of the view that has the keyboard, or was used last. */
export type ViewAction =
  | 'focus'
  | 'copyTsv'
  | 'copyNumpy'
  | 'copyJson'
  | 'savePng'
  | 'saveSvg'
  | 'nextLossSpike'
  | 'previousLossSpike'
  | 'largestLoss'
  | 'largestChange';

/** Methods of a view that the host may call. */
export interface ViewApi {
  /** Said once to a page that comes into sight, without waiting for its `ready`; VS Code keeps it until the page has loaded. */
  begin(beginning: Beginning): void;
  show(scene: Scene): void;
  progress(progress: TraceProgress): void;
  /** The editor's selection is these tokens of the trace shown; its cursor alone, not `selected`, is one character's. */
  follow(trace: TraceId, token: number, count: number, selected?: boolean): void;
  /** Brings a token (and, if given, a unit of a layer) into sight and marks it: a hover's link. */
  focus(trace: TraceId, token: number, layer?: number, unit?: number): void;
  /** Another view of the same trace has moved. */
  look(trace: TraceId, look: Look): void;
  /** Another view has chosen. */
  choose(choices: unknown): void;
  act(action: ViewAction): void;
}
