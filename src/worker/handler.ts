/**
 * The worker's work, with no thread in it: joins models, text and traces behind the WorkerApi. The same handler serves
 * the worker thread and the command line.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RecurrentNetwork } from '../engine/recurrent';
import { matrixStatistics } from '../models/matrix';
import { asGatescopeError, cancelled, GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import type { ModelInfo, TraceId, TraceInfo, TraceProgress, TraceState } from '../shared/trace';
import type { Handler, HostApi, TextSource, TraceOptions, WorkerApi } from '../shared/workerApi';
import { MAX_TEXT_BYTES } from '../text/decode';
import { editString, editText } from '../text/edit';
import type { RawText, Reader } from '../text/openText';
import type { Breathe } from '../text/tracedText';
import { copy } from '../trace/copy';
import type { EngineFactory } from '../trace/create';
import { guesses } from '../trace/guesses';
import { Heat } from '../trace/heat';
import { jump } from '../trace/jump';
import { lines } from '../trace/lines';
import { Pacer } from '../trace/pacer';
import { explain, row, rows, stats, type Subject } from '../trace/questions';
import { traceGone, type Trace } from '../trace/trace';
import { why } from '../trace/why';
import { Models, type ModelReader } from './models';
import { saveSidecar } from './sidecar';
import { verify } from './verify/verify';

/** Milliseconds between reports of progress. */
const REPORT_EVERY = 100;

/** Most ranges that one call tells. */
const MOST_RANGES = 10_000;

interface OpenTrace extends Subject {
  readonly info: TraceInfo;
  readonly reader: Reader;
  readonly heat: Heat;
  /** The text, where an edit needs it. */
  readonly raw: string | undefined;
  /** Ends its pause, while there is one. */
  proceed: () => void;
}

/**
 * @param host hears of progress; what it throws is ignored
 * @param readModel turns a model's file into a model; by default every format that is known
 */
export function createHandler(createEngine: EngineFactory, host: HostApi, readModel?: ModelReader): Handler<WorkerApi> {
  const models = new Models(createEngine, readModel);
  const traces = new Map<TraceId, OpenTrace>();
  /** Calls that can be ended by the caller's ticket before they are answered. */
  const openings = new Map<number, { cancelled: boolean }>();
  let nextId: TraceId = 1;

  function find(id: TraceId): OpenTrace {
    const found = traces.get(id);
    if (found === undefined) throw traceGone();
    return found;
  }

  /** The weights of a trace's model. @throws model-not-found where it was given up for others since */
  async function networkOf({ info }: OpenTrace): Promise<RecurrentNetwork> {
    const { id, name, file } = info.model;
    return models.byId(id).then(
      ({ model }) => model.network,
      (cause: unknown) => {
        throw new GatescopeError(
          'model-not-found',
          say`The weights of ${name} are not in memory any more: other models were used since. Trace the text with
            ${file} again to see what its gates were made of.`,
          { cause },
        );
      },
    );
  }

  /** Lets others have their turn while a question is answered; ends it where its trace was closed meanwhile. */
  function asking(id: TraceId): Breathe {
    const pacer = new Pacer();
    return async () => {
      await pacer.breathe();
      find(id);
    };
  }

  /** @param pause milliseconds between what can be seen first and the rest */
  async function firstPass(opened: OpenTrace, pause: number): Promise<void> {
    const { info, trace } = opened;
    const pacer = new Pacer();
    let rests = pause > 0;
    let reported = -Infinity;
    let told: TraceState = 'running';
    while (trace.advance()) {
      // The first window is told at once: the first screen is drawn before a long file is finished. So is the last.
      if (performance.now() - reported > REPORT_EVERY || trace.state !== told) {
        host.progress(progress(info.id, trace));
        reported = performance.now();
        told = trace.state;
      }
      if (rests && trace.done > 0) {
        rests = false;
        await rest(opened, pause);
      }
      await pacer.breathe(trace.state !== 'running');
    }
    if (traces.has(info.id)) host.progress(progress(info.id, trace));
  }

  function start(
    {
      model,
      ...parts
    }: Omit<OpenTrace, 'info' | 'cells' | 'reverse' | 'heat' | 'proceed'> & { readonly model: ModelInfo },
    pause = 0,
  ): TraceInfo {
    const { text, trace } = parts;
    const info: TraceInfo = {
      id: nextId++,
      model,
      tokens: text.steps,
      textLength: text.textLength,
      baseLevel: trace.base.level,
      notes: text.notes,
    };
    const { layers } = model;
    const cells = layers.map(({ cell }) => cell);
    const reverse = layers.map((layer) => layer.reverse ?? false);
    const heat = new Heat(trace, layers);
    const opened: OpenTrace = { ...parts, info, cells, reverse, heat, proceed: () => undefined };
    traces.set(info.id, opened);
    // Starts after the answer is on its way, so that progress is never told of an unknown trace.
    setImmediate(() => {
      firstPass(opened, pause).catch((error: unknown) => {
        trace.stop();
        host.progress({ ...progress(info.id, trace), failure: asGatescopeError(error).text });
      });
    });
    return info;
  }

  /** Runs work that gives way, and that `cancel` ends at its next breath. */
  async function cancellable<T>(
    ticket: number | undefined,
    what: Text,
    work: (breathe: Breathe) => Promise<T>,
  ): Promise<T> {
    const opening = { cancelled: false };
    const check = (): void => {
      if (opening.cancelled) throw cancelled(what);
    };
    if (ticket !== undefined) openings.set(ticket, opening);
    const pacer = new Pacer();
    try {
      const result = await work(async () => {
        await pacer.breathe();
        check();
      });
      check();
      return result;
    } finally {
      if (ticket !== undefined && openings.get(ticket) === opening) openings.delete(ticket);
    }
  }

  return {
    async loadModel(source, limit) {
      return (await models.load(source, limit)).info;
    },

    async open({ text: source, model: modelId, memory, ticket, pause }: TraceOptions) {
      const name = nameOf(source);
      const opened = await cancellable(ticket, say`Opening ${name}`, async (breathe) => {
        const { info: model, head, trace: prepare, reader } = await models.byId(modelId);
        const texts = reader();
        const create = await prepare();
        const raw = await readText(source);
        const text = await texts.read(raw, breathe);
        const { tokens, numbers } = text;
        const trace = create(numbers ? { kind: 'numbers', values: numbers } : { kind: 'tokens', tokens }, memory);
        return { model, head, trace, text, reader: texts, raw: keptText(model, raw) };
      });
      return start(opened, pause);
    },

    async edit(id, changes) {
      const { info, text: before, trace, head, reader, raw } = find(id);
      if (raw === undefined && info.model.tokenizer !== 'bytes') throw onlyWhole();
      const now = raw === undefined ? undefined : editString(raw, changes);
      const name = 'The edited text';
      const text = await cancellable(undefined, name, (breathe) =>
        now === undefined ? editText(before, changes, breathe) : reader.read({ name, text: now }, breathe),
      );
      const { model } = info;
      return start({ model, head, text, reader, raw: now, trace: trace.edited(text.tokens, text.numbers) });
    },

    async about(id) {
      const { info } = find(id);
      return (await models.byId(info.model.id)).kernels();
    },

    cancel(ticket) {
      const opening = openings.get(ticket);
      if (opening !== undefined) opening.cancelled = true;
    },

    proceed(id) {
      traces.get(id)?.proceed();
    },

    stop(id) {
      const { trace, proceed } = find(id);
      trace.stop();
      proceed();
    },

    close(id) {
      const opened = traces.get(id);
      opened?.heat.close();
      opened?.trace.close();
      opened?.proceed();
      traces.delete(id);
    },

    tile: (request) => find(request.trace).heat.tile(request),
    arrange: (id, layer, spec) => find(id).heat.arrange(layer, spec),
    column: (request) => find(request.trace).heat.column(request),
    series: (request) => find(request.trace).heat.series(request),
    lines: (id, from, to, most) => lines(find(id).text, from, to, most, asking(id)),
    guesses: (id, from, to) => guesses(find(id), from, to, asking(id)),
    async why(id, token, layer, unit) {
      const subject = find(id);
      checkTokens(subject, token, token + 1);
      return why(subject, await networkOf(subject), token, layer, unit);
    },
    jump(request) {
      const subject = find(request.trace);
      const reverse = subject.info.model.layers[request.layer]?.reverse === true;
      return jump(subject, request, reverse, asking(request.trace));
    },
    copy(request) {
      const subject = find(request.trace);
      checkTokens(subject, request.from, request.to);
      return copy(subject, subject.info.model.layers, request, asking(request.trace));
    },

    stats: (id) => stats(find(id)),

    row(id, token) {
      const subject = find(id);
      checkTokens(subject, token, token + 1);
      return row(subject, token);
    },

    rows(id, from, to) {
      const subject = find(id);
      checkTokens(subject, from, to);
      return rows(subject, from, to);
    },

    glyphs: (id, from, to) => find(id).text.glyphs(Math.max(0, from), to),

    tokensAt(id, offset) {
      const { token, count } = find(id).text.glyphAt(offset);
      return { token, count };
    },

    rangeOf(id, token) {
      const subject = find(id);
      if (!(token >= 0 && token < subject.info.tokens)) throw outside(subject, token);
      const [start = 0, end = 0] = subject.text.ranges(token, token + 1);
      return { start, end };
    },

    explain(id, offset) {
      const subject = find(id);
      const { token, count } = subject.text.glyphAt(offset);
      checkTokens(subject, token, token + count);
      return explain(subject, offset);
    },

    unknown: (id, from, to) => find(id).text.unknown(Math.max(0, from), to, MOST_RANGES),

    inspect: (source) => models.describe(source),

    matrix: (source, name) => models.look(source, ({ network }) => matrixStatistics(network, name)),

    saveSidecar: (source, answer) =>
      models.look(source, (model, file) =>
        saveSidecar(model, file, source.kind === 'file' ? source.path : undefined, answer, readWhole),
      ),

    verify({ model: source, text, reference, tolerance, ticket }) {
      return cancellable(ticket, say`Comparing ${nameOf(text)}`, async (breathe) => {
        const { model, reader } = await models.load(source);
        const bytes = reference.kind === 'bytes' ? reference.bytes : await readWhole(reference.path);
        const name = reference.kind === 'bytes' ? reference.name : reference.path;
        const raw = await readText(text);
        return verify({ model, reader, text: raw, reference: { name, bytes }, tolerance, breathe });
      });
    },
  };
}

/** Waits for `proceed`, or so many milliseconds. */
const rest = (opened: OpenTrace, most: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, most);
    opened.proceed = () => {
      clearTimeout(timer);
      resolve();
    };
  });

const progress = (id: TraceId, { done, state, settled, share, length, meanLoss, fault }: Trace): TraceProgress => ({
  id,
  done,
  state,
  ...(settled < done && { settled }),
  ...(state === 'running' && share !== done / length && { share }),
  meanLoss,
  ...(fault && { fault }),
});

function checkTokens(subject: OpenTrace, from: number, to: number): void {
  if (from >= 0 && from < to && to <= subject.trace.done) return;
  throw outside(subject, from < 0 || from >= subject.trace.done ? from : to - 1);
}

const outside = ({ info, trace }: OpenTrace, token: number): GatescopeError =>
  new GatescopeError('bad-request', say`Token ${token} is not traced: ${trace.done} of ${info.tokens} tokens are.`);

/** What an edit needs of a text that is not cut into bytes: all of it. */
const keptText = ({ tokenizer }: ModelInfo, raw: RawText): string | undefined =>
  tokenizer === 'bytes' || !('text' in raw) ? undefined : raw.text;

const onlyWhole = (): GatescopeError =>
  new GatescopeError('bad-request', say`This text cannot be edited where it is. Trace the whole text again.`);

const nameOf = (source: TextSource): string => (source.kind === 'file' ? basename(source.path) : source.name);

async function readText(source: TextSource): Promise<RawText> {
  if (source.kind !== 'file') return source;
  return { name: basename(source.path), bytes: await readWhole(source.path) };
}

/** @throws file-not-found, file-unreadable, text-too-large */
async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_TEXT_BYTES) {
      throw new GatescopeError(
        'text-too-large',
        say`${path} holds ${size} bytes; at most ${MAX_TEXT_BYTES} can be traced. Trace a part of it.`,
      );
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof GatescopeError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing) {
      throw new GatescopeError('file-not-found', say`${path} is not there: it may have been moved or deleted.`, {
        cause: error,
      });
    }
    throw new GatescopeError('file-unreadable', say`${path} cannot be read: ${String(error)}`, { cause: error });
  }
}
