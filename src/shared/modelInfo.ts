/**
 * What is told of a model without running it, of its matrices, and what a comparison with a reference found. Plain data
 * for the Models view, the custom editor and the command line alike.
 */
import type { Text } from './l10n';
import type { CellKind, SignalName } from './signals';
import type { NumbersSpec, TokenizerSpec } from './tokens';

/** What a model reads at each step. */
export type InputInfo =
  | { readonly kind: 'tokens'; readonly vocab: number; readonly width: number; readonly embedding: boolean }
  | { readonly kind: 'numbers'; readonly width: number };

/** How a model's texts are cut, and who says so. */
export interface TokenizerInfo {
  readonly kind: TokenizerSpec['kind'];
  /** `the model file`, or the sidecar's name: `vocab.json`. */
  readonly from: string;
  /** Tokens in its vocabulary. */
  readonly tokens: number;
}

/** What must be asked before a text can be traced. */
export type Need = 'tokenizer';

/** A matrix of a layer, to be asked for by its name. */
export interface MatrixInfo {
  /** `l0.weight_ih`, `l0_reverse.weight_hh` */
  readonly name: string;
  readonly shape: readonly [rows: number, columns: number];
  /** Blocks of rows, one after the other; a SimpleRNN has one, `hidden`. */
  readonly gates: readonly SignalName[];
}

/** One direction of one layer. */
export interface LayerDescription {
  /** `l0`, `l0_reverse` */
  readonly name: string;
  readonly cell: CellKind;
  readonly reverse: boolean;
  readonly inputSize: number;
  readonly units: number;
  /** Values of the hidden state: `units`, or what they are projected to. */
  readonly hidden: number;
  /** Names of the functions: gates, candidate, what the cell shows; as many as the cell has. */
  readonly activations: readonly string[];
  readonly gruForm: 'resetAfter' | 'resetBefore' | undefined;
  /** Order in which the file keeps the gates, as the field's letters: `i, o, f, g`; undefined for a SimpleRNN. */
  readonly gateOrder: string | undefined;
  readonly biases: 'none' | 'one' | 'two';
  /** What sets the cell apart: `peepholes`, `coupled gates`, `clip 3`, `projection`. */
  readonly variants: readonly Text[];
  /** Number of trained values. */
  readonly parameters: number;
  readonly matrices: readonly MatrixInfo[];
}

export interface HeadDescription {
  readonly output: 'next-token' | 'classes' | 'values';
  readonly layers: readonly {
    readonly inputSize: number;
    readonly outputSize: number;
    readonly bias: boolean;
    readonly activation: string | undefined;
  }[];
  /** Names of the outputs where the file or a sidecar says them. */
  readonly classes: readonly string[] | undefined;
}

export interface ModelDescription {
  readonly name: string;
  /** The path for people. */
  readonly file: string;
  /** `safetensors`, `PyTorch`, `ONNX`, `Keras`, `TensorFlow.js`. */
  readonly format: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly architecture: string;
  readonly input: InputInfo;
  readonly layers: readonly LayerDescription[];
  /** How the directions of a layer become one, where a layer has two: `concat`, `sum`, `average`, `multiply`. */
  readonly merge: string | undefined;
  readonly head: HeadDescription | undefined;
  readonly parameters: number;
  readonly tokenizer: TokenizerInfo | undefined;
  readonly numbers: NumbersSpec | undefined;
  readonly needs: Need | undefined;
  /** What was found behind the part that can be run. */
  readonly notRun: readonly Text[];
  readonly warnings: readonly Text[];
  readonly description: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Statistics of a matrix; NaN and infinities are counted and left out of all the rest. */
export interface MatrixStatistics extends MatrixInfo {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Standard deviation. */
  readonly deviation: number;
  readonly nonFinite: number;
  /** Counts in equal bins from `lo` to `hi`. */
  readonly histogram: { readonly lo: number; readonly hi: number; readonly counts: readonly number[] };
  readonly blocks: readonly {
    readonly gate: SignalName;
    readonly min: number;
    readonly max: number;
    readonly mean: number;
    /** Largest absolute eigenvalue; undefined where the block is not square or has values that are not finite. */
    readonly spectralRadius: number | undefined;
  }[];
  /** The matrix in at most 128 rows a gate and 128 columns, means of rectangles [rows, columns]; draw it within ±limit. */
  readonly heatmap: {
    readonly rows: number;
    readonly columns: number;
    readonly limit: number;
    readonly values: Float32Array;
  };
}

/** The answer to `needs: 'tokenizer'`. */
export type TokenizerAnswer =
  | { readonly kind: 'bytes' }
  /** Every character once, in the order of the ids from 0; `unknown` stands for the others. */
  | { readonly kind: 'characters'; readonly characters: string; readonly unknown?: number }
  /** A vocabulary or tokenizer.json that the user chose; it is read and its content kept in the sidecar. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'fileBytes'; readonly name: string; readonly bytes: Uint8Array };

export interface SavedSidecar {
  /** `NAME.gatescope.json` */
  readonly name: string;
  readonly text: string;
  /** Whether it lies beside the model now. False where the model came as bytes: the caller writes it. */
  readonly written: boolean;
}

/** One of our signals that the reference has. */
export interface ComparedSignal {
  /** `l0.hidden`, `output`, `logits` */
  readonly name: string;
  /** Name of the reference's array. */
  readonly reference: string;
  readonly values: number;
  readonly maxError: number;
}

/** The first value that differs: the earliest token, in it the lowest layer, then in order of signals and units. */
export interface Difference {
  readonly token: number;
  readonly label: string;
  /** Where the token is in the text; undefined where ids were given instead. */
  readonly range: { readonly start: number; readonly end: number } | undefined;
  readonly layer: string;
  readonly signal: string;
  readonly unit: number;
  readonly ours: number;
  readonly theirs: number;
}

/** A change to the model with which it agrees (`fits`), or differs much less. */
export interface LikelyCause {
  /** `gate order`, `bias`, `GRU form`, `direction`, `activation`, `layer order`, `transposed weights`, `initial state` … */
  readonly name: string;
  /** A sentence that says what the reference does. */
  readonly text: Text;
  readonly fits: boolean;
  readonly maxError: number;
}

export interface VerifyResult {
  readonly agrees: boolean;
  readonly tolerance: number;
  readonly tokens: number;
  readonly maxError: number;
  readonly compared: readonly ComparedSignal[];
  /** Arrays of the reference that were not compared. */
  readonly ignored: readonly string[];
  readonly difference: Difference | undefined;
  /** Best first; empty where the model agrees, or nothing that was tried explains it. */
  readonly causes: readonly LikelyCause[];
}
