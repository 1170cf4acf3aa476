/**
 * Has the first trace of a window find everything ready: starts the worker ahead of it and traces a few words that nobody
 * sees. Else a person waits for a thread to start, a model to be read and kernels to be compiled. Knows no `vscode`.
 */
import type { Remote } from '../shared/rpc';
import type { ModelSource, WorkerApi } from '../shared/workerApi';

/** Long enough that each part of the way is walked: several windows of tokens, and a tile above them. */
const TEXT = 'What is kept, what is written, what is shown. '.repeat(24);
/** Least that a trace may have, in bytes. */
const MEMORY = 32 * 2 ** 20;
/** Milliseconds between looks whether there is something to be seen. */
const LOOK_AGAIN = 20;
const MOST_LOOKS = 50;

export type RehearsalWorker = Pick<Remote<WorkerApi>, 'loadModel' | 'open' | 'tile' | 'glyphs' | 'close'>;

/**
 * @param model of those that are there for certain; not of the person's own, which may be large or ask something
 * @throws what the worker throws; nothing is left of the trace
 */
export async function rehearse(worker: RehearsalWorker, model: ModelSource): Promise<void> {
  const { id: modelId, layers } = await worker.loadModel(model);
  const { id } = await worker.open({
    text: { kind: 'text', name: 'rehearsal', text: TEXT },
    model: modelId,
    memory: MEMORY,
  });
  try {
    const heat = (layers[0]?.signals ?? []).map(({ name }) => ({
      trace: id,
      layer: 0,
      signal: name,
      of: 'spikes' as const,
    }));
    const loss = { trace: id, layer: 0, signal: 'loss' as const };
    for (let n = 0; n < MOST_LOOKS; n++) {
      const tiles = await Promise.all(
        [...heat, loss].flatMap((shape) => [0, 2].map((level) => worker.tile({ ...shape, level, index: 0, group: 4 }))),
      );
      if (tiles.every(({ final }) => final)) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    }
    await worker.glyphs(id, 0, TEXT.length);
  } finally {
    await worker.close(id).catch(() => undefined);
  }
}
