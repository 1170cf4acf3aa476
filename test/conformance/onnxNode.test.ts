/**
 * The official ONNX node cases for RNN, GRU and LSTM, read in place: what we compute of `input_*.pb` must be
 * `output_*.pb`. Their weights are constant, so that they cannot see a wrong gate order; onnxruntime.test.ts can.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSequence } from '../../src/engine/sequence';
import { onlyRecurrentNode, readGraph } from '../../src/models/onnx/graph';
import { nodeOutputs, readRecurrentNode } from '../../src/models/onnx/recurrentNode';
import { readTensor, type RawTensor } from '../../src/models/onnx/tensor';
import { Message } from '../../src/models/onnx/wire';
import { worst } from './worst';

const FOLDER = '../shared/cases/onnx-node';
const CASES = 18;
const TOLERANCE = 1e-5;

const present = existsSync(FOLDER);
if (!present) console.warn(`${FOLDER} is absent: the official ONNX cases are skipped.`);

const names = present ? readdirSync(FOLDER).filter((name) => name.startsWith('test_')) : [];

/** The data set's tensors of one kind, in their order; files of no bytes are inputs left out. */
function tensors(folder: string, kind: 'input' | 'output', labels: readonly string[]): Map<string, RawTensor> {
  const found = labels.flatMap((label, k): [string, RawTensor][] => {
    const file = join(folder, 'test_data_set_0', `${kind}_${String(k)}.pb`);
    return [[label, readTensor(file, new Message(readFileSync(file)))]];
  });
  return new Map(found);
}

describe.skipIf(!present)('official ONNX node cases', () => {
  it('are all there', () => {
    expect(names).toHaveLength(CASES);
  });

  it.each(names)('%s', (name) => {
    const folder = join(FOLDER, name);
    const file = join(folder, 'model.onnx');
    const graph = readGraph(file, readFileSync(file));
    const node = onlyRecurrentNode(graph);
    const { layer, sequences, batchFirst } = readRecurrentNode(file, node, tensors(folder, 'input', graph.inputs));
    const outputs = nodeOutputs(
      file,
      node,
      runSequence([{ directions: layer, merge: 'concat' }], sequences),
      batchFirst,
    );
    const expected = tensors(folder, 'output', graph.outputs);
    expect(expected.size).toBeGreaterThan(0);
    for (const [label, { shape, values }] of expected) {
      expect(outputs.get(label)?.shape, label).toEqual(shape);
      expect(worst(outputs.get(label)?.values ?? [], values), label).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});
