/** ONNX files of one recurrent node, written by hand: the few fields of onnx.proto3 that a runtime needs. */
import type { LayerWeights } from '../../src/engine/network';
import { GATES } from '../../src/engine/network';

const VARINT = 0;
const BYTES = 2;
const FLOAT = 1;
const IR_VERSION = 8;
const OPSET = 14;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

const number = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)]);

function bytes(field: number, value: Uint8Array): Uint8Array {
  const head = [...varint(field * 8 + BYTES), ...varint(value.length)];
  const all = new Uint8Array(head.length + value.length);
  all.set(head);
  all.set(value, head.length);
  return all;
}

const text = (field: number, value: string): Uint8Array => bytes(field, new TextEncoder().encode(value));
const message = (field: number, parts: readonly Uint8Array[]): Uint8Array => bytes(field, Buffer.concat(parts));

/** TensorProto */
const tensor = (name: string, dims: readonly number[], values: Float32Array): Uint8Array[] => [
  ...dims.map((size) => number(1, size)),
  number(2, FLOAT),
  text(8, name),
  bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
];

/** ValueInfoProto of a float tensor */
function value(name: string, dims: readonly number[]): Uint8Array[] {
  const shape = message(
    2,
    dims.map((size) => message(1, [number(1, size)])),
  );
  return [text(1, name), message(2, [message(1, [number(1, FLOAT), shape])])];
}

/** ONNX's place of each of our blocks of rows: LSTM i, f, g, o -> i, o, f, c; GRU r, z, n -> z, r, h. */
const BLOCKS = { lstm: [0, 3, 1, 2], gru: [1, 0, 2], rnn: [0] } as const;
const OPS = { lstm: 'LSTM', gru: 'GRU', rnn: 'RNN' } as const;

function reorder({ cell, units }: LayerWeights, rows: Float32Array): Float32Array {
  const block = rows.length / GATES[cell];
  const to = new Float32Array(rows.length);
  for (const [k, from] of BLOCKS[cell].entries()) to.set(rows.subarray(from * block, (from + 1) * block), k * block);
  if (block % units !== 0) throw new RangeError(`blocks of ${String(block)} for ${String(units)} units`);
  return to;
}

/** @returns a model with input X [steps, 1, inputSize] and outputs Y, Y_h */
export function recurrentModel(layer: LayerWeights, steps: number): Uint8Array {
  const { cell, units, inputSize, weightIh, weightHh, biasIh, biasHh } = layer;
  const rows = GATES[cell] * units;
  const bias = new Float32Array(2 * rows);
  if (biasIh) bias.set(reorder(layer, biasIh));
  if (biasHh) bias.set(reorder(layer, biasHh), rows);
  const attributes = [message(5, [text(1, 'hidden_size'), number(3, units), number(20, 2)])];
  if (cell === 'gru' && layer.gruForm !== 'resetBefore') {
    attributes.push(message(5, [text(1, 'linear_before_reset'), number(3, 1), number(20, 2)]));
  }
  const node = [
    ...['X', 'W', 'R', 'B'].map((name) => text(1, name)),
    ...['Y', 'Y_h'].map((name) => text(2, name)),
    text(4, OPS[cell]),
    ...attributes,
  ];
  const graph = [
    message(1, node),
    text(2, 'bench'),
    message(5, tensor('W', [1, rows, inputSize], reorder(layer, weightIh))),
    message(5, tensor('R', [1, rows, units], reorder(layer, weightHh))),
    message(5, tensor('B', [1, 2 * rows], bias)),
    message(11, value('X', [steps, 1, inputSize])),
    message(12, value('Y', [steps, 1, 1, units])),
    message(12, value('Y_h', [1, 1, units])),
  ];
  return Buffer.concat([number(1, IR_VERSION), message(7, graph), message(8, [text(1, ''), number(2, OPSET)])]);
}
