/** What `run` reads and writes, whatever it runs: arrays in, an .npz out, and what it says. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { NonFinite } from '../engine/nonFinite';
import type { RawTensor } from '../models/onnx/tensor';
import { GatescopeError } from '../shared/errors';
import { readNpy, readNpz } from '../worker/npy';
import { npzBytes } from './npy';

export interface RunCommand {
  readonly model: string;
  /** `X=x.npy`, or an .npz whose arrays bear the names of the inputs. */
  readonly inputs: readonly string[];
  readonly out: string | undefined;
  readonly json: boolean;
}

export interface RunTerminal {
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** An array to be written. */
export interface OutArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a run gave, by name. */
export interface RunArrays {
  /** `LSTM`, for people. */
  readonly what: string;
  readonly steps: number;
  readonly batch: number;
  readonly outputs: ReadonlyMap<string, OutArray>;
  readonly signals: ReadonlyMap<string, OutArray>;
  readonly firstNonFinite: NonFinite | undefined;
  readonly warnings: readonly string[];
}

/** What `--json` prints. */
export interface RunResult {
  readonly model: string;
  readonly op: string;
  readonly steps: number;
  readonly batch: number;
  /** Shapes by name. */
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly signals: Readonly<Record<string, readonly number[]>>;
  readonly firstNonFinite: NonFinite | null;
  readonly warnings: readonly string[];
  readonly out: string | null;
}

export const badRequest = (message: string): GatescopeError => new GatescopeError('bad-request', message);

/** Writes the arrays, and says what there is. */
export async function report(command: RunCommand, arrays: RunArrays, terminal: RunTerminal): Promise<void> {
  const { model, out, json } = command;
  const { what, steps, batch, outputs, signals, firstNonFinite, warnings } = arrays;
  for (const warning of warnings) terminal.warn(`gatescope: warning: ${warning}\n`);
  if (out !== undefined) await writeWhole(resolve(out), npzBytes(new Map([...outputs, ...signals])));
  const shapes = (some: ReadonlyMap<string, OutArray>): RunResult['outputs'] =>
    Object.fromEntries([...some].map(([name, { shape }]) => [name, shape]));
  const result: RunResult = {
    model,
    op: what,
    steps,
    batch,
    outputs: shapes(outputs),
    signals: shapes(signals),
    firstNonFinite: firstNonFinite ?? null,
    warnings,
    out: out ?? null,
  };
  terminal.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : readable(result));
}

export async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw missing
      ? new GatescopeError('file-not-found', `${file}: There is no such file.`, { cause })
      : new GatescopeError('file-unreadable', `${file}: It cannot be read.`, { cause });
  }
}

/** What is fed, by its name. */
export async function readInputs(inputs: readonly string[]): Promise<Map<string, RawTensor>> {
  const fed = new Map<string, RawTensor>();
  const add = (name: string, tensor: Omit<RawTensor, 'name'>): void => {
    if (fed.has(name)) throw badRequest(`Input ${name} is given twice.`);
    // The node computes with float32 inputs, as does whoever runs the model elsewhere.
    const values = tensor.kind === 'float' ? tensor.values.map(Math.fround) : tensor.values;
    fed.set(name, { ...tensor, name, values });
  };
  for (const input of inputs) {
    const at = input.indexOf('=');
    if (at > 0) {
      const file = input.slice(at + 1);
      add(input.slice(0, at), readNpy(file, await bytesOf(file)));
    } else if (input.endsWith('.npz')) {
      for (const [name, array] of readNpz(input, await bytesOf(input))) add(name, array);
    } else {
      throw badRequest(`--input ${input} is neither NAME=FILE.npy nor FILE.npz.`);
    }
  }
  return fed;
}

/** The file appears only when it is whole. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const part = `${file}.${String(process.pid)}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

function readable({ model, op, steps, batch, outputs, signals, out }: RunResult): string {
  const shape = ([name, sizes]: [string, readonly number[]]): string => `  ${name.padEnd(24)} [${sizes.join(', ')}]`;
  return [
    `${model}: ${op}, ${String(steps)} steps of ${String(batch)} sequences`,
    'outputs',
    ...Object.entries(outputs).map(shape),
    'signals',
    ...Object.entries(signals).map(shape),
    out === null ? 'Nothing was written; --out OUT.npz keeps the values.' : `written to ${out}`,
    '',
  ].join('\n');
}
