/** `run MODEL`: a model of any format over arrays of tokens or numbers, or an ONNX graph of one node over raw tensors. */
import { resolve } from 'node:path';
import { materialize } from '../models/model';
import { isRecurrent, readFile, type OnnxGraph } from '../models/onnx/graph';
import { bytesSource, fileSource } from '../models/source';
import { Models, type ModelReader } from '../worker/models';
import { bytesOf, report, type RunCommand, type RunTerminal } from './runFiles';
import { runModel } from './runModel';
import { runNode } from './runNode';

export type { RunCommand, RunTerminal } from './runFiles';

/** @param readModel as in the worker; by default every format that is known */
export async function runCommand(command: RunCommand, terminal: RunTerminal, readModel?: ModelReader): Promise<void> {
  const { model: file, inputs } = command;
  const graph = await singleNode(file);
  if (graph !== undefined) {
    await report(command, await runNode(file, graph, inputs), terminal);
    return;
  }
  const model = await new Models(noEngine, readModel).look({ kind: 'file', path: resolve(file) }, materialize);
  await report(command, await runModel(file, model, inputs), terminal);
}

/** Whole sequences are evaluated in float64: no engine is made. */
const noEngine = (): never => {
  throw new Error('run makes no engine');
};

/** The graph of an ONNX file that is one recurrent node: it has names of its own for what goes in and out. */
async function singleNode(file: string): Promise<OnnxGraph | undefined> {
  if (!/\.onnx$/iu.test(file)) return undefined;
  const bytes = await bytesOf(file);
  // Its weights may lie in a file beside it, as PyTorch's newer exporter writes them.
  const beside = fileSource(resolve(file));
  beside.close();
  const { graph } = readFile({ ...bytesSource(file, bytes), sibling: (name) => beside.sibling(name) });
  const [node] = graph.nodes;
  return graph.nodes.length === 1 && node !== undefined && isRecurrent(node.op) ? graph : undefined;
}
