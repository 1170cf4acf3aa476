/**
 * The worker's work, with no thread in it: joins models, text and traces behind the WorkerApi. The same handler serves
 * the worker thread and the command line.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { asGatescopeError, GatescopeError } from '../shared/errors';
import type { ModelInfo, TraceId, TraceInfo, TraceProgress, TraceState } from '../shared/trace';
import type { Handler, HostApi, TextSource, TraceOptions, WorkerApi } from '../shared/workerApi';
import { rangeOf, type ByteText } from '../text/byteText';
import { fromBytes, fromText, MAX_TEXT_BYTES } from '../text/decode';
import { editText } from '../text/edit';
import { Pacer } from '../trace/pacer';
import { explain, row, rows, stats, type HeadInfo, type Subject } from '../trace/questions';
import { tile } from '../trace/tile';
import { traceGone, type Trace } from '../trace/trace';
import type { EngineFactory } from '../trace/create';
import { Models } from './models';

/** Milliseconds between reports of progress. */
const REPORT_EVERY = 100;

interface OpenTrace extends Subject {
  readonly info: TraceInfo;
}

/** @param host hears of progress; what it throws is ignored */
export function createHandler(createEngine: EngineFactory, host: HostApi): Handler<WorkerApi> {
  const models = new Models(createEngine);
  const traces = new Map<TraceId, OpenTrace>();
  let nextId: TraceId = 1;

  function find(id: TraceId): OpenTrace {
    const found = traces.get(id);
    if (found === undefined) throw traceGone();
    return found;
  }

  async function firstPass({ info, trace }: OpenTrace): Promise<void> {
    const pacer = new Pacer();
    let reported = -Infinity;
    let told: TraceState = 'running';
    while (trace.advance()) {
      // The first window is told at once: the first screen is drawn before a long file is finished. So is the last.
      if (performance.now() - reported > REPORT_EVERY || trace.state !== told) {
        host.progress(progress(info.id, trace));
        reported = performance.now();
        told = trace.state;
      }
      await pacer.breathe(trace.state !== 'running');
    }
    if (traces.has(info.id)) host.progress(progress(info.id, trace));
  }

  function start(model: ModelInfo, head: HeadInfo | undefined, text: ByteText, trace: Trace): TraceInfo {
    const info: TraceInfo = {
      id: nextId++,
      model,
      tokens: text.tokens.length,
      textLength: text.textLength,
      baseLevel: trace.base.level,
      notes: text.notes,
    };
    const opened: OpenTrace = { info, trace, text, head, cells: model.layers.map(({ cell }) => cell) };
    traces.set(info.id, opened);
    // Starts after the answer is on its way, so that progress is never told of an unknown trace.
    setImmediate(() => {
      firstPass(opened).catch((error: unknown) => {
        trace.stop();
        host.progress({ ...progress(info.id, trace), failure: asGatescopeError(error).message });
      });
    });
    return info;
  }

  return {
    async loadModel(source) {
      return (await models.load(source)).info;
    },

    async open({ text: source, model: modelId, memory }: TraceOptions) {
      const { info: model, input, head, trace } = await models.byId(modelId);
      if (input === 'numbers') throw readsNumbers(model.file);
      const text = await readText(source);
      return start(model, head, text, trace({ kind: 'tokens', tokens: text.tokens }, memory));
    },

    edit(id, changes) {
      const { info, text: before, trace, head } = find(id);
      const text = editText(before, changes);
      return start(info.model, head, text, trace.edited(text.tokens));
    },

    stop(id) {
      find(id).trace.stop();
    },

    close(id) {
      traces.get(id)?.trace.close();
      traces.delete(id);
    },

    tile: ({ trace, layer, signal, level, index }) => tile(find(trace).trace, layer, signal, level, index),

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
      return rangeOf(subject.text.glyphOf(token));
    },

    explain(id, offset) {
      const subject = find(id);
      const { token, count } = subject.text.glyphAt(offset);
      checkTokens(subject, token, token + count);
      return explain(subject, offset);
    },
  };
}

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
  new GatescopeError(
    'bad-request',
    `Token ${String(token)} is not traced: ${String(trace.done)} of ${String(info.tokens)} tokens are.`,
  );

const readsNumbers = (file: string): GatescopeError =>
  new GatescopeError(
    'model-unsupported',
    `${file} reads rows of numbers, which are not taken from a text yet. Choose a model over tokens.`,
  );

async function readText(source: TextSource): Promise<ByteText> {
  if (source.kind === 'text') return fromText(source.name, source.text);
  if (source.kind === 'bytes') return fromBytes(source.name, source.bytes);
  const { path } = source;
  try {
    const { size } = await stat(path);
    if (size > MAX_TEXT_BYTES) {
      const limit = `at most ${String(MAX_TEXT_BYTES)} can be traced`;
      throw new GatescopeError('text-too-large', `${path} holds ${String(size)} bytes; ${limit}. Trace a part of it.`);
    }
    return fromBytes(basename(path), await readFile(path));
  } catch (error) {
    if (error instanceof GatescopeError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing) {
      throw new GatescopeError('file-not-found', `${path} is not there: it may have been moved or deleted.`, {
        cause: error,
      });
    }
    throw new GatescopeError('file-unreadable', `${path} cannot be read: ${String(error)}`, { cause: error });
  }
}
