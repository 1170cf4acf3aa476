/** Models that were read, each with its engine and how its texts are cut; what did not change is not read again. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { namedLayers } from '../engine/recurrent';
import { describeModel } from '../models/describe';
import { materialize, modelInfo, type Model } from '../models/model';
import { readModel } from '../models/readModel';
import { bytesSource, fileSource, type ModelSource as ModelFile } from '../models/source';
import { GatescopeError } from '../shared/errors';
import { joined, say } from '../shared/l10n';
import type { ModelDescription } from '../shared/modelInfo';
import type { ModelInfo } from '../shared/trace';
import type { KernelsInUse, ModelSource } from '../shared/workerApi';
import { tableReader, tokenReader, type Reader } from '../text/openText';
import { tracer, type CreateTrace, type EngineFactory } from '../trace/create';
import type { HeadInfo } from '../trace/questions';
import { findNotes, warningsOf, sidecarName, withOneHot, type Notes } from './sidecar';

/** What turns a file into a model. */
export type ModelReader = (source: ModelFile) => Model;

export interface LoadedModel {
  readonly info: ModelInfo;
  /** With all of its weights. */
  readonly model: Model;
  readonly head: HeadInfo | undefined;
  /** Makes its engines once. @throws model-damaged, model-unsupported */
  readonly trace: () => Promise<CreateTrace>;
  readonly kernels: () => Promise<KernelsInUse>;
  /** How its texts or tables are read. @throws tokenizer-needed */
  readonly reader: () => Reader;
}

/** Largest model file whose weights are read, unless the caller says another. */
export const MAX_MODEL_BYTES = 2 ** 30;

/** Models kept ready: an engine holds its weights, so no more than a person compares. */
const KEPT = 4;

export class Models {
  /** By a key that changes when the file does; least recently used first. */
  private readonly loaded = new Map<string, Promise<LoadedModel>>();
  private nextId = 1;

  constructor(
    private readonly createEngine: EngineFactory,
    private readonly readFile: ModelReader = readModel,
  ) {}

  /** @throws model-not-found, model-damaged, model-unsupported */
  async load(source: ModelSource, limit = MAX_MODEL_BYTES): Promise<LoadedModel> {
    const key = await keyOf(source, limit);
    let known = this.loaded.get(key);
    // By now there may be a vocabulary beside it.
    if ((await known?.catch(() => undefined))?.info.needs !== undefined) known = undefined;
    const model = known ?? this.use(source, (file) => this.prepare(file, this.read(source, file)));
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
    throw new GatescopeError('model-not-found', say`Model ${id} is not loaded. Select it again.`);
  }

  /** Reads a model for as long as `work` needs it; its weights are read only where `work` asks for them. */
  async look<T>(source: ModelSource, work: (model: Model, file: ModelFile) => T | Promise<T>): Promise<T> {
    // A file of any size: little of it is read.
    await keyOf(source, Infinity);
    return this.use(source, (file) => work(this.read(source, file), file));
  }

  describe(source: ModelSource): Promise<ModelDescription> {
    return this.look(source, (model, file) => {
      const notes = findNotes(model, file, file.name);
      const { sidecar, tokenizerFrom, tokens } = notes;
      const warnings = [...warningsOf(model, notes), ...notes.warnings];
      const from = tokenizerFrom === undefined ? undefined : { from: tokenizerFrom, tokens };
      return describeModel({ ...model, notes: sidecar, warnings }, file, from);
    });
  }

  private async use<T>(source: ModelSource, work: (file: ModelFile) => T | Promise<T>): Promise<T> {
    const file = source.kind === 'file' ? fileSource(source.path) : bytesOf(source);
    try {
      return await work(file);
    } finally {
      file.close();
    }
  }

  private read(source: ModelSource, file: ModelFile): Model {
    const model = withOneHot(this.readFile(file), file, file.name);
    if (source.kind !== 'file' || file.name.toLowerCase() !== 'model.json' || model.name !== 'model') return model;
    // Every model of TensorFlow.js is called so: its folder tells which it is.
    return { ...model, name: basename(dirname(source.path)) || model.name };
  }

  private prepare(file: ModelFile, described: Model): LoadedModel {
    const notes = findNotes(described, file, file.name);
    const model = materialize(described);
    const { head } = model.network;
    let trace: Promise<CreateTrace> | undefined;
    let reader: Reader | undefined;
    return {
      info: infoOf(model, this.nextId++, file.name, notes),
      model,
      head: head && { output: head.output, classes: notes.sidecar.classes },
      trace: () => (trace ??= tracer(model.network, this.createEngine)),
      kernels: async () => {
        const layers = namedLayers(model.network).map(({ weights }) => weights);
        return (await this.createEngine.about?.(layers)) ?? { vectors: undefined, threads: 1 };
      },
      reader: () => (reader ??= readerOf(model, file.name, notes)),
    };
  }
}

const bytesOf = ({ name, bytes, siblings = {} }: ModelSource & { kind: 'bytes' }): ModelFile =>
  bytesSource(name, bytes, new Map(Object.entries(siblings)));

function infoOf(model: Model, id: number, file: string, notes: Notes): ModelInfo {
  const { input } = model.network;
  const info = modelInfo({ ...model, notes: notes.sidecar }, id, file);
  const kind = notes.sidecar.tokenizer?.kind;
  const found = notes.tokenizerFrom !== undefined && kind !== undefined;
  return {
    ...info,
    warnings: [...warningsOf(info, notes), ...notes.warnings],
    input:
      input.kind === 'numbers'
        ? { kind: 'numbers', width: input.width }
        : { kind: 'tokens', vocab: input.vocab, width: input.width, embedding: input.table !== undefined },
    ...(found &&
      input.kind === 'tokens' && { tokenizerInfo: { kind, from: notes.tokenizerFrom, tokens: notes.tokens } }),
    ...(!found && input.kind === 'tokens' && { needs: 'tokenizer' }),
  };
}

function readerOf(model: Model, file: string, { sidecar, warnings }: Notes): Reader {
  const { input } = model.network;
  if (input.kind === 'numbers') {
    return tableReader({ width: input.width, numbers: sidecar.numbers, sidecar: sidecarName(file) });
  }
  if (sidecar.tokenizer) return tokenReader(sidecar.tokenizer);
  const example = '{"tokenizer": {"kind": "characters", "tokens": […]}}';
  throw new GatescopeError(
    'tokenizer-needed',
    joined(
      [
        say`${file}: Neither the file nor one beside it says how text becomes its ${input.vocab} tokens.`,
        ...warnings,
        say`Put its tokenizer.json or vocab.json beside it, or write ${sidecarName(file)}: ${example}`,
      ],
      ' ',
    ),
  );
}

async function keyOf(source: ModelSource, limit: number): Promise<string> {
  if (source.kind === 'bytes') {
    const hash = createHash('sha256').update(source.bytes);
    for (const [name, bytes] of Object.entries(source.siblings ?? {})) hash.update(name).update(bytes);
    return `${source.name} ${hash.digest('hex')}`;
  }
  const found = await stat(source.path).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const text = missing
      ? say`The model ${source.path} is not there. Select another model.`
      : say`The model ${source.path} ${String(error)}. Select another model.`;
    throw new GatescopeError('model-not-found', text, { cause: error });
  });
  if (!found.isFile()) {
    throw new GatescopeError('model-not-found', say`The model ${source.path} is not a file. Select another model.`);
  }
  if (found.size > limit) {
    throw new GatescopeError(
      'model-unsupported',
      say`The model ${source.path} has ${found.size} bytes; at most ${limit} are read.`,
    );
  }
  const sidecar = await stat(join(dirname(source.path), sidecarName(source.path))).catch(() => undefined);
  return `${source.path} ${String(found.size)} ${String(found.mtimeMs)} ${String(sidecar?.mtimeMs)}`;
}
