/** `run` of an ONNX graph that is one recurrent node: raw tensors under the graph's own names. */
import { textIn } from '../shared/l10n';
import { firstNonFinite, nonFiniteText } from '../engine/nonFinite';
import { runSequence } from '../engine/sequence';
import { onlyRecurrentNode, type OnnxGraph } from '../models/onnx/graph';
import { nodeOutputs, readRecurrentNode, type NodeOutput } from '../models/onnx/recurrentNode';
import type { RawTensor } from '../models/onnx/tensor';
import { badRequest, readInputs, type RunArrays } from './runFiles';

/** @param inputs `NAME=FILE.npy` … @throws bad-request for inputs that do not fit the graph */
export async function runNode(model: string, graph: OnnxGraph, inputs: readonly string[]): Promise<RunArrays> {
  const node = onlyRecurrentNode(graph);
  const tensors = gatherTensors(graph, await readInputs(inputs));
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
  const warnings = [...nonFiniteTensors(tensors), ...(fault ? [textIn(nonFiniteText(fault))] : [])];
  return { what: node.op, steps, batch, outputs, signals, firstNonFinite: fault, warnings };
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
