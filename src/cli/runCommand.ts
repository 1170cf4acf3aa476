/** `run MODEL.onnx`: the recurrent node of an ONNX file on raw tensors, with every signal of every step. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { firstNonFinite, nonFiniteText, type NonFinite } from '../engine/nonFinite';
import { runSequence } from '../engine/sequence';
import { onlyRecurrentNode, readGraph, type OnnxGraph } from '../models/onnx/graph';
import { nodeOutputs, readRecurrentNode, type NodeOutput } from '../models/onnx/recurrentNode';
import type { RawTensor } from '../models/onnx/tensor';
import { GatescopeError } from '../shared/errors';
import { readNpy, readNpz } from '../worker/npy';
import { npzBytes } from './npy';

export interface RunCommand {
  readonly model: string;
  /** `X=x.npy`, or an .npz whose arrays bear the names of the graph's inputs. */
  readonly inputs: readonly string[];
  readonly out: string | undefined;
  readonly json: boolean;
}

export interface RunTerminal {
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** What `--json` prints. */
interface RunResult {
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

const badRequest = (message: string): GatescopeError => new GatescopeError('bad-request', message);

export async function runCommand(command: RunCommand, terminal: RunTerminal): Promise<void> {
  const { model, out, json } = command;
  const graph = readGraph(model, await bytesOf(model));
  const node = onlyRecurrentNode(graph);
  const fed = await readInputs(command.inputs);
  const tensors = gatherTensors(graph, fed);
  const { layer, sequences, batchFirst } = readRecurrentNode(model, node, tensors);
  const run = runSequence([{ directions: layer, merge: 'concat' }], sequences);
  const all = nodeOutputs(model, node, run, batchFirst);

  const { steps, batch } = run;
  const outputs = new Map(graph.outputs.map((name) => [name, graphOutput(name, all)]));
  const signals = new Map(
    run.directions.flatMap(({ name, signals }) =>
      signals.map((signal): [string, NodeOutput] => [
        `${name}.${signal.name}`,
        { shape: [steps, batch, signal.units], values: Float32Array.from(signal.values) },
      ]),
    ),
  );
  const both = [...outputs.keys()].find((name) => signals.has(name));
  if (both !== undefined) throw badRequest(`The graph's output ${both} has the name of a signal. Name it otherwise.`);
  const fault = firstNonFinite(run);
  const warnings = [...nonFiniteTensors(tensors), ...(fault ? [nonFiniteText(fault)] : [])];
  for (const warning of warnings) terminal.warn(`gatescope: warning: ${warning}\n`);
  if (out !== undefined) await writeWhole(resolve(out), npzBytes(new Map([...outputs, ...signals])));

  const shapes = (arrays: ReadonlyMap<string, NodeOutput>): RunResult['outputs'] =>
    Object.fromEntries([...arrays].map(([name, { shape }]) => [name, shape]));
  const result: RunResult = {
    model,
    op: node.op,
    steps,
    batch,
    outputs: shapes(outputs),
    signals: shapes(signals),
    firstNonFinite: fault ?? null,
    warnings,
    out: out ?? null,
  };
  terminal.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : readable(result));
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw missing
      ? new GatescopeError('file-not-found', `${file}: There is no such file.`, { cause })
      : new GatescopeError('file-unreadable', `${file}: It cannot be read.`, { cause });
  }
}

/** What is fed, by the graph's name. */
async function readInputs(inputs: readonly string[]): Promise<Map<string, RawTensor>> {
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

/** What is stored and what is fed; an input that is both is fed. */
function gatherTensors(graph: OnnxGraph, fed: ReadonlyMap<string, RawTensor>): Map<string, RawTensor> {
  const stranger = [...fed.keys()].find((name) => !graph.inputs.includes(name));
  if (stranger !== undefined) {
    throw badRequest(`${graph.file}: There is no input ${stranger}; its inputs are ${graph.inputs.join(', ')}.`);
  }
  const missing = graph.inputs.find((name) => !fed.has(name) && !graph.initializers.has(name));
  if (missing !== undefined) {
    throw badRequest(`${graph.file}: Input ${missing} has no value. Give one with --input ${missing}=FILE.npy.`);
  }
  const stored = [...graph.initializers].map(([name, tensor]): [string, RawTensor] => [
    name,
    tensor.kind === 'float' ? { ...tensor, values: tensor.values.map(Math.fround) } : tensor,
  ]);
  return new Map([...stored, ...fed]);
}

function graphOutput(name: string, outputs: ReadonlyMap<string, NodeOutput>): NodeOutput {
  const output = outputs.get(name);
  if (output) return output;
  throw badRequest(
    `The graph's output ${name} is no output of its node, which gives ${[...outputs.keys()].join(', ')}.`,
  );
}

const nonFiniteTensors = (tensors: ReadonlyMap<string, RawTensor>): string[] =>
  [...tensors.values()].flatMap(({ name, values }) => {
    const count = values.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
    return count === 0
      ? []
      : [`Tensor ${name} has ${String(count)} of ${String(values.length)} values NaN or infinite.`];
  });

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
