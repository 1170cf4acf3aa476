/** What `activate` hands out: enough for tests, and for other extensions, to see what is shown. */
import type { WorkerApi } from '../shared/workerApi';
import type { Remote } from '../shared/rpc';
import type { Scene } from '../shared/viewApi';

export interface GatescopeApi {
  /** What the heatmaps show now. */
  readonly scene: Scene;
  /** The questions that a trace answers. */
  readonly worker: Pick<Remote<WorkerApi>, 'row' | 'tokensAt' | 'rangeOf' | 'explain' | 'tile' | 'glyphs' | 'about'>;
}
