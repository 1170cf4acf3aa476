/** `trace FILE`: traces a text without VS Code, by the same handler as the extension's worker. */
import { resolve } from 'node:path';
import { textIn } from '../shared/l10n';
import type { ModelInfo, SignalStats, TraceInfo, TraceProgress } from '../shared/trace';
import { faultText, shareOf, TILE_COLUMNS, type Fault } from '../shared/trace';
import type { Handler, WorkerApi } from '../shared/workerApi';
import { createHandler } from '../worker/handler';
import type { EngineFactory } from '../trace/create';
import type { ModelReader } from '../worker/models';
import { NpzWriter } from './npz';
import { strip } from './strip';

export interface TraceCommand {
  readonly file: string;
  readonly model: string;
  readonly out: string | undefined;
  readonly json: boolean;
}

export interface Terminal {
  readonly write: (text: string) => void;
  /** What is not part of the result: progress. */
  readonly status: (text: string) => void;
  readonly columns: number;
  readonly colour: boolean;
}

/** As much as an extension's trace keeps by default. */
const MEMORY = 64 * 2 ** 20;

/** Tokens that are exported at a time. */
const EXPORT_TOKENS = 4096;

const STRIP_ROWS = 16;

/** What was found, as `--json` prints it. Losses are in nats, means leave out the first token. */
interface Result {
  readonly file: string;
  readonly model: Pick<ModelInfo, 'name' | 'file' | 'architecture' | 'parameters'> & {
    readonly layers: readonly { readonly name: string; readonly cell: string; readonly units: number }[];
  };
  readonly tokens: number;
  readonly textLength: number;
  readonly meanLoss: number | null;
  readonly bitsPerToken: number | null;
  readonly signals: Readonly<Record<string, Omit<SignalStats, 'name'>>>;
  /** Where a NaN or an infinity first arose. */
  readonly firstNonFinite: Fault | null;
  readonly notes: readonly string[];
  readonly out: string | null;
}

/** @param signal ends the trace; the output file is then not written */
export async function traceCommand(
  command: TraceCommand,
  createEngine: EngineFactory,
  terminal: Terminal,
  signal: AbortSignal,
  readModel?: ModelReader,
): Promise<void> {
  let onProgress: (progress: TraceProgress) => void = () => undefined;
  const worker = createHandler(
    createEngine,
    {
      progress: (progress) => {
        onProgress(progress);
      },
    },
    readModel,
  );
  const model = await worker.loadModel({ kind: 'file', path: resolve(command.model) });
  const text = { kind: 'file', path: resolve(command.file) } as const;
  const info = await worker.open({ text, model: model.id, memory: MEMORY });
  const last = await new Promise<TraceProgress>((done, failed) => {
    signal.addEventListener('abort', () => void worker.stop(info.id));
    onProgress = (progress) => {
      terminal.status(`tracing ${(100 * shareOf(progress, info)).toFixed(0)} %`);
      if (progress.failure !== undefined) failed(new Error(textIn(progress.failure)));
      if (progress.state !== 'running') done(progress);
    };
  });
  terminal.status('');
  signal.throwIfAborted();
  if (command.out !== undefined) await exportNpz(worker, info, command.out, terminal, signal);
  const result = await summarise(worker, command, info, last);
  if (command.json) terminal.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else terminal.write(await readable(worker, info, result, terminal));
}

async function exportNpz(
  worker: Handler<WorkerApi>,
  info: TraceInfo,
  out: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const npz = await NpzWriter.create(resolve(out));
  try {
    for (let from = 0; from < info.tokens; from += EXPORT_TOKENS) {
      signal.throwIfAborted();
      const { arrays } = await worker.rows(info.id, from, Math.min(info.tokens, from + EXPORT_TOKENS));
      for (const [name, { width, data }] of Object.entries(arrays)) {
        await npz.append(name, data, width === undefined ? [info.tokens] : [info.tokens, width]);
      }
      terminal.status(`writing ${((100 * from) / info.tokens).toFixed(0)} %`);
    }
    await npz.finish();
  } catch (error) {
    await npz.abandon();
    throw error;
  }
  terminal.status('');
}

async function summarise(
  worker: Handler<WorkerApi>,
  { file, out }: TraceCommand,
  { id, model, tokens, textLength, notes }: TraceInfo,
  { meanLoss, fault }: TraceProgress,
): Promise<Result> {
  const round = (value: number): number => Number(value.toPrecision(3));
  const stats = await worker.stats(id);
  return {
    file,
    model: {
      name: model.name,
      file: model.file,
      architecture: model.architecture,
      parameters: model.parameters,
      layers: model.layers.map(({ name, cell, units }) => ({ name, cell, units })),
    },
    tokens,
    textLength,
    meanLoss: meanLoss ?? null,
    bitsPerToken: meanLoss === undefined ? null : meanLoss / Math.LN2,
    signals: Object.fromEntries(
      stats.map(({ name, min, mean, max }) => [name, { min: round(min), mean: round(mean), max: round(max) }]),
    ),
    firstNonFinite: fault ?? null,
    notes: [...(fault ? [faultText(fault)] : []), ...notes, ...model.warnings].map((text) => textIn(text)),
    out: out ?? null,
  };
}

async function readable(
  worker: Handler<WorkerApi>,
  info: TraceInfo,
  result: Result,
  { columns, colour }: Terminal,
): Promise<string> {
  const { model } = info;
  const layers = model.layers.map(({ name, cell, units }) => `${name} ${cell.toUpperCase()} ${String(units)}`);
  const lines = [
    `${result.file}: ${count(result.tokens, 'token')}, ${count(result.textLength, 'UTF-16 unit')}`,
    `model ${model.name} (${layers.join(', ')}; ${model.parameters.toLocaleString('en')} parameters)`,
  ];
  if (result.bitsPerToken !== null) lines.push(`loss ${result.bitsPerToken.toFixed(3)} bits a token`);
  const names = Math.max(...Object.keys(result.signals).map(({ length }) => length)) + 1;
  lines.push('', `${''.padEnd(names)}     min    mean     max`);
  for (const [name, { min, mean, max }] of Object.entries(result.signals)) {
    lines.push(`${name.padEnd(names)}${[min, mean, max].map((v) => v.toFixed(2).padStart(8)).join('')}`);
  }
  for (const [layer, { name, signals }] of model.layers.entries()) {
    const signal = signals.some(({ name }) => name === 'cell') ? 'cell' : 'hidden';
    // The level at which the whole text fits into one tile.
    const level = Math.max(0, Math.ceil(Math.log2(info.tokens / TILE_COLUMNS)));
    const tile = await worker.tile({ trace: info.id, layer, signal, level, index: 0 });
    lines.push('', `${signal} state of ${name}, the units that change most, ±${tile.hi.toFixed(1)}`);
    lines.push(...strip(tile, { columns: columns - 9, rows: STRIP_ROWS, colour }));
  }
  for (const note of result.notes) lines.push('', `note: ${note}`);
  if (result.out !== null) lines.push('', `wrote ${result.out}`);
  return `${lines.join('\n')}\n`;
}

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
