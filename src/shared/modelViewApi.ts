/** The boundary between the extension host and a page that shows one model. */
import type { MatrixStatistics, ModelDescription } from './modelInfo';

/** What the page shows: a model, or why there is none. */
export type ModelScene =
  | {
      readonly kind: 'failed';
      readonly file: string;
      readonly message: string;
      /** In Restricted Mode the remedy is to trust the workspace. */
      readonly untrusted: boolean;
    }
  | {
      readonly kind: 'model';
      readonly model: ModelDescription;
      /** Whether it is the model that traces. */
      readonly inUse: boolean;
      /** Name of the matrix to bring into sight. */
      readonly focus: string | undefined;
    };

/** What the page's buttons ask for. */
export type ModelAction = 'use' | 'tokenizer' | 'verify' | 'snippet' | 'reveal' | 'trust' | 'again';

/** Methods of the host that a model's page may call. */
export interface ModelHostApi {
  /** The page is listening; answers with what to show. */
  ready(): ModelScene;
  matrix(name: string): MatrixStatistics;
  run(action: ModelAction): void;
}

/** Methods of a model's page that the host may call. */
export interface ModelViewApi {
  show(scene: ModelScene): void;
  /** Brings a matrix into sight. */
  focus(matrix: string): void;
}
