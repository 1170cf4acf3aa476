/** A model's outputs by our own engine and by onnxruntime. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { runSequence, type SequenceRun } from '../../src/engine/sequence';
import { onlyRecurrentNode, readGraph } from '../../src/models/onnx/graph';
import { nodeOutputs, readRecurrentNode, type NodeOutput } from '../../src/models/onnx/recurrentNode';
import type { RawTensor } from '../../src/models/onnx/tensor';
import type { Built } from './onnxModel';

export interface Ours {
  readonly run: SequenceRun;
  readonly outputs: ReadonlyMap<string, NodeOutput>;
}

export function ours({ model, feeds }: Built): Ours {
  const graph = readGraph('case.onnx', model);
  const node = onlyRecurrentNode(graph);
  const fed = [...feeds].map(([name, { shape, values }]): [string, RawTensor] => [
    name,
    { name, shape, kind: values instanceof Float32Array ? 'float' : 'int', values: Float64Array.from(values) },
  ]);
  const tensors = new Map([...graph.initializers, ...fed]);
  const { layer, sequences, batchFirst } = readRecurrentNode('case.onnx', node, tensors);
  const run = runSequence([{ directions: layer, merge: 'concat' }], sequences);
  return { run, outputs: nodeOutputs('case.onnx', node, run, batchFirst) };
}

/** @throws what onnxruntime refuses */
export async function theirs({ model, feeds }: Built): Promise<Map<string, NodeOutput>> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const fed = [...feeds].map(([name, { shape, values }]): [string, Tensor] => [
    name,
    values instanceof Float32Array ? new Tensor('float32', values, shape) : new Tensor('int32', values, shape),
  ]);
  const results = await session.run(Object.fromEntries(fed));
  const outputs = Object.entries(results).map(([name, { dims, data }]): [string, NodeOutput] => {
    if (!(data instanceof Float32Array)) throw new Error(`${name} is of another type`);
    return [name, { shape: dims, values: data.slice() }];
  });
  await session.release();
  return new Map(outputs);
}
