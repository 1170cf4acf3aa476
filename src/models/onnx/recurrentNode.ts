/**
 * One ONNX RNN, GRU or LSTM node as a layer of ours with the sequences it is given, and our run as the node's outputs
 * (https://onnx.ai/onnx/operators/onnx__RNN.html, onnx__GRU.html, onnx__LSTM.html).
 *
 * ONNX puts the gates' rows in another order than PyTorch: LSTM i, o, f, c; GRU z, r, h; and the peephole i, o, f.
 */
import { GATES, type CellVariant, type LayerWeights } from '../../engine/network';
import type { DirectionRun, InitialState, SequenceLayer, SequenceRun, Sequences } from '../../engine/sequence';
import type { Squashing } from '../../engine/squashing';
import { at, type Values } from '../../engine/vector';
import type { CellKind } from '../../shared/signals';
import { damaged, quote, shapeText, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import { readAttributes, type RecurrentAttributes } from './attributes';
import type { OnnxNode, RecurrentOp } from './graph';
import type { RawTensor } from './tensor';

export interface RecurrentNode {
  readonly layer: SequenceLayer;
  readonly sequences: Sequences;
  readonly batchFirst: boolean;
}

/** An output of the node, rounded to float32. */
export interface NodeOutput {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Names of the node's inputs in their order; the last ones only an LSTM has. */
const INPUTS = ['X', 'W', 'R', 'B', 'sequence_lens', 'initial_h', 'initial_c', 'P'] as const;
type InputName = (typeof INPUTS)[number];

const INPUT_COUNT: Readonly<Record<RecurrentOp, number>> = { RNN: 6, GRU: 6, LSTM: 8 };
const OUTPUTS = ['Y', 'Y_h', 'Y_c'] as const;

/** Where each of our blocks of rows lies among ONNX's. */
export const ROW_BLOCKS: Readonly<Record<CellKind, readonly number[]>> = {
  rnn: [0],
  gru: [1, 0, 2],
  lstm: [0, 2, 3, 1],
};
export const PEEPHOLE_BLOCKS = [0, 2, 1];

/**
 * @param tensors what is fed or stored, by name
 * @throws model-damaged, model-unsupported, naming the input or attribute
 */
export function readRecurrentNode(
  file: string,
  node: OnnxNode & { readonly op: RecurrentOp },
  tensors: ReadonlyMap<string, RawTensor>,
): RecurrentNode {
  const attributes = readAttributes(file, node);
  const { op, inputs } = node;
  const extra = inputs.slice(INPUT_COUNT[op]).find((name) => name !== '');
  if (extra !== undefined) throw damaged(file, say`${op} has the input ${quote(extra)}, which is one too many.`);

  function find(input: InputName): RawTensor | undefined {
    const name = inputs[INPUTS.indexOf(input)] ?? '';
    if (name === '') return undefined;
    const tensor = tensors.get(name);
    if (tensor) return tensor;
    throw unsupported(file, say`Input ${quote(name)}, the ${input} of ${op}, has no value.`, 'Feed it.');
  }
  function need(input: InputName): RawTensor {
    const tensor = find(input);
    if (tensor === undefined) throw damaged(file, say`${op} has no input ${input}.`);
    return tensor;
  }
  /** The tensor's values once it has been seen to be of that shape. */
  function checked(input: InputName, tensor: RawTensor, shape: readonly number[], kind: 'float' | 'int'): Float64Array {
    const what = say`${input} of ${op} (${quote(tensor.name)})`;
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw damaged(file, say`${what} has the shape ${shapeText(tensor.shape)}; ${shapeText(shape)} is expected.`);
    }
    if (tensor.kind !== kind) throw damaged(file, say`${what} holds ${tensor.kind}s; ${kind}s are expected.`);
    return tensor.values;
  }
  function optional(
    input: InputName,
    shape: readonly number[],
    kind: 'float' | 'int' = 'float',
  ): Float64Array | undefined {
    const tensor = find(input);
    return tensor && checked(input, tensor, shape, kind);
  }

  const { cell, reverses, batchFirst } = attributes;
  const directions = reverses.length;
  const x = need('X');
  const r = need('R');
  const w = need('W');
  const [first = 0, second = 0, inputSize = 0] = x.shape;
  const [steps, batch] = batchFirst ? [second, first] : [first, second];
  const units = attributes.hiddenSize ?? r.shape[2] ?? 0;
  const rows = GATES[cell] * units;
  const values = {
    x: checked('X', x, [first, second, inputSize], 'float'),
    w: checked('W', w, [directions, rows, inputSize], 'float'),
    r: checked('R', r, [directions, rows, units], 'float'),
    b: optional('B', [directions, 2 * rows]),
    p: cell === 'lstm' ? optional('P', [directions, 3 * units]) : undefined,
  };
  const state = batchFirst ? [batch, directions, units] : [directions, batch, units];
  const hidden = optional('initial_h', state);
  const cells = cell === 'lstm' ? optional('initial_c', state) : undefined;
  const lengths = optional('sequence_lens', [batch], 'int');

  const layer = reverses.map((reverse, d) => {
    const part = (all: Float64Array, from: number, blocks: readonly number[], size: number): Float32Array =>
      gather(all.subarray(from, from + blocks.length * size), blocks, size);
    const blocks = ROW_BLOCKS[cell];
    const weights: LayerWeights = {
      cell,
      activation: 'tanh',
      gruForm: attributes.gruForm,
      inputSize,
      units,
      weightIh: part(values.w, d * rows * inputSize, blocks, units * inputSize),
      weightHh: part(values.r, d * rows * units, blocks, units * units),
      biasIh: values.b && part(values.b, d * 2 * rows, blocks, units),
      biasHh: values.b && part(values.b, (d * 2 + 1) * rows, blocks, units),
      variant: variantOf(
        attributes,
        attributes.squashings[d] ?? [],
        values.p && part(values.p, d * 3 * units, PEEPHOLE_BLOCKS, units),
      ),
    };
    return { reverse, weights };
  });
  /** [batch, units] of one direction */
  const stateOf = (all: Float64Array, d: number): Float64Array =>
    Float64Array.from({ length: batch * units }, (_, k) => {
      const b = Math.floor(k / units);
      const row = batchFirst ? b * directions + d : d * batch + b;
      return at(all, row * units + (k % units));
    });
  const initial = reverses.map((_, d): InitialState => ({
    ...(hidden && { hidden: stateOf(hidden, d) }),
    ...(cells && { cell: stateOf(cells, d) }),
  }));
  const sequences: Sequences = {
    x: batchFirst ? swapAxes(values.x, batch, steps, inputSize) : values.x,
    steps,
    batch,
    initial,
    ...(lengths && { lengths: [...lengths] }),
  };
  return { layer, sequences, batchFirst };
}

function variantOf(
  { clip, coupled }: RecurrentAttributes,
  squashings: readonly Squashing[],
  peephole: Float32Array | undefined,
): CellVariant {
  return {
    squashings,
    coupled,
    ...(clip !== undefined && { clip }),
    ...(peephole && { peephole }),
  };
}

/** The node's outputs of a run, in their order: Y, Y_h and, of an LSTM, Y_c. @throws model-damaged for one too many */
export function nodeOutputs(
  file: string,
  { op, outputs }: OnnxNode,
  { directions, steps, batch, lengths }: SequenceRun,
  batchFirst: boolean,
): Map<string, NodeOutput> {
  const size = sizeOf(directions);
  const sequence = (): NodeOutput => {
    const hidden = directions.map(({ signals }) => signals.find(({ name }) => name === 'hidden')?.values ?? NONE);
    const shape = batchFirst ? [batch, steps, directions.length, size] : [steps, directions.length, batch, size];
    const values = new Float32Array(steps * batch * directions.length * size);
    for (const [d, from] of hidden.entries()) {
      for (let row = 0; row < steps * batch; row++) {
        const [t, b] = [Math.floor(row / batch), row % batch];
        const to = batchFirst ? (b * steps + t) * directions.length + d : (t * directions.length + d) * batch + b;
        values.set(from.subarray(row * size, (row + 1) * size), to * size);
      }
    }
    return { shape, values };
  };
  const last = (of: (run: DirectionRun) => Float64Array | undefined): NodeOutput => {
    const values = new Float32Array(directions.length * batch * size);
    for (const [d, run] of directions.entries()) {
      const from = of(run) ?? NONE;
      for (let b = 0; b < batch; b++) {
        // The specification is silent on a sequence without a step; onnxruntime gives zeros, not the initial state.
        if (lengths[b] === 0 && steps > 0) continue;
        const to = batchFirst ? b * directions.length + d : d * batch + b;
        values.set(from.subarray(b * size, (b + 1) * size), to * size);
      }
    }
    return { shape: batchFirst ? [batch, directions.length, size] : [directions.length, batch, size], values };
  };
  const known = op === 'LSTM' ? OUTPUTS : OUTPUTS.slice(0, 2);
  const extra = outputs.slice(known.length).find((name) => name !== '');
  if (extra !== undefined) throw damaged(file, say`${op} has the output ${quote(extra)}, which is one too many.`);
  return new Map(
    known.flatMap((kind, k) => {
      const name = outputs[k] ?? '';
      if (name === '') return [];
      if (kind === 'Y') return [[name, sequence()] as const];
      return [[name, last(kind === 'Y_h' ? ({ lastHidden }) => lastHidden : ({ lastCell }) => lastCell)] as const];
    }),
  );
}

const NONE = new Float64Array(0);

/** Values a step of the hidden state; the runs know it even where there is no step or no sequence. */
const sizeOf = ([run]: readonly DirectionRun[]): number =>
  run?.signals.find(({ name }) => name === 'hidden')?.units ?? 0;

/** Blocks of `size` values in another order, as float32. */
function gather(values: Values, blocks: readonly number[], size: number): Float32Array {
  const out = new Float32Array(blocks.length * size);
  for (const [k, block] of blocks.entries()) out.set(values.subarray(block * size, (block + 1) * size), k * size);
  return out;
}

/** [a, b, width] -> [b, a, width] */
function swapAxes(values: Float64Array, a: number, b: number, width: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      out.set(values.subarray((i * b + j) * width, (i * b + j + 1) * width), (j * a + i) * width);
    }
  }
  return out;
}
