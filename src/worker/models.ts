/** Models that were read, each with its engine; a file that did not change since is not read again. */
import { readFile, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import type { RecurrentNetwork } from '../engine/recurrent';
import { materialize, modelInfo } from '../models/model';
import { readModel } from '../models/readModel';
import { GatescopeError } from '../shared/errors';
import type { ModelInfo } from '../shared/trace';
import type { ModelSource } from '../shared/workerApi';
import type { HeadInfo } from '../trace/questions';
import { tracer, type CreateTrace, type EngineFactory } from '../trace/create';

export interface LoadedModel {
  readonly info: ModelInfo;
  readonly input: RecurrentNetwork['input']['kind'];
  readonly head: HeadInfo | undefined;
  readonly trace: CreateTrace;
}

/** Largest model file that is read. */
export const MAX_MODEL_BYTES = 2 ** 30;

/** Models kept ready: an engine holds its weights, so no more than a person compares. */
const KEPT = 4;

export class Models {
  /** By a key that changes when the file does; least recently used first. */
  private readonly loaded = new Map<string, Promise<LoadedModel>>();
  private nextId = 1;

  constructor(private readonly createEngine: EngineFactory) {}

  /** @throws model-not-found, model-damaged, model-unsupported */
  async load(source: ModelSource): Promise<LoadedModel> {
    const key = await keyOf(source);
    const known = this.loaded.get(key);
    const model = known ?? this.read(source);
    this.loaded.delete(key);
    this.loaded.set(key, model);
    // A failure is not kept: the file may be mended.
    model.catch(() => this.loaded.delete(key));
    const [oldest] = this.loaded.keys();
    if (this.loaded.size > KEPT && oldest !== undefined) this.loaded.delete(oldest);
    return model;
  }

  async byId(id: number): Promise<LoadedModel> {
    for (const pending of this.loaded.values()) {
      const model = await pending;
      if (model.info.id === id) return model;
    }
    throw new GatescopeError('model-not-found', `Model ${String(id)} is not loaded. Select it again.`);
  }

  private async read(source: ModelSource): Promise<LoadedModel> {
    const [file, bytes] =
      source.kind === 'file' ? [source.path, await readFile(source.path)] : [source.name, source.bytes];
    const model = materialize(readModel(file, bytes));
    const { input, head } = model.network;
    return {
      info: modelInfo(model, this.nextId++, file),
      input: input.kind,
      head: head && { output: head.output, classes: model.notes.classes },
      trace: await tracer(model.network, this.createEngine),
    };
  }
}

async function keyOf(source: ModelSource): Promise<string> {
  if (source.kind === 'bytes') return `${source.name} ${createHash('sha256').update(source.bytes).digest('hex')}`;
  const found = await stat(source.path).catch((error: unknown) => {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'is not there' : String(error);
    throw new GatescopeError('model-not-found', `The model ${source.path} ${reason}. Select another model.`, {
      cause: error,
    });
  });
  if (!found.isFile()) {
    throw new GatescopeError('model-not-found', `The model ${source.path} is not a file. Select another model.`);
  }
  if (found.size > MAX_MODEL_BYTES) {
    throw new GatescopeError(
      'model-unsupported',
      `The model ${source.path} has ${String(found.size)} bytes; at most ${String(MAX_MODEL_BYTES)} are read.`,
    );
  }
  return `${source.path} ${String(found.size)} ${String(found.mtimeMs)}`;
}
