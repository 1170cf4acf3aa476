/** Writes ONNX models of one recurrent node, with seeded random weights, and what to feed them. */
import { PbfWriter } from 'pbf';
import { seededRandom } from '../engine/randomNetwork';

export type Op = 'RNN' | 'GRU' | 'LSTM';

/** One combination; what is absent is left out of the model. */
export interface Case {
  readonly op: Op;
  readonly direction?: 'forward' | 'reverse' | 'bidirectional';
  readonly activations?: readonly string[];
  readonly alpha?: readonly number[];
  readonly beta?: readonly number[];
  readonly clip?: number;
  readonly inputForget?: 0 | 1;
  readonly linearBeforeReset?: 0 | 1;
  readonly layout?: 0 | 1;
  readonly steps: number;
  readonly batch: number;
  readonly inputSize: number;
  readonly units: number;
  readonly bias?: boolean;
  readonly peephole?: boolean;
  readonly initial?: 'none' | 'hidden' | 'cell' | 'both';
  readonly lengths?: readonly number[];
}

export interface Fed {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export interface Built {
  readonly model: Uint8Array;
  readonly feeds: ReadonlyMap<string, Fed>;
}

export const GATE_COUNT: Readonly<Record<Op, number>> = { RNN: 1, GRU: 3, LSTM: 4 };

const FLOAT = 1;
const INT32 = 6;
const ATTRIBUTE_TYPES = { f: 1, i: 2, s: 3, floats: 6, ints: 7, strings: 8 } as const;
const ATTRIBUTE_FIELDS = { f: 2, i: 3, s: 4, floats: 7, ints: 8, strings: 9 } as const;

/** Bytes of a message. */
function message(write: (to: PbfWriter) => void): Uint8Array {
  const writer = new PbfWriter();
  write(writer);
  return writer.finish();
}

type Value =
  | { f: number }
  | { i: number }
  | { s: string }
  | { floats: readonly number[] }
  | { ints: readonly number[] }
  | { strings: readonly string[] };

function attribute(name: string, value: Value): Uint8Array {
  return message((to) => {
    to.writeStringField(1, name);
    const [kind] = Object.keys(value) as (keyof typeof ATTRIBUTE_TYPES)[];
    const field = ATTRIBUTE_FIELDS[kind ?? 'i'];
    if ('f' in value) to.writeFloatField(field, value.f);
    if ('i' in value) to.writeVarintField(field, value.i);
    if ('s' in value) to.writeStringField(field, value.s);
    if ('floats' in value) to.writePackedFloat(field, [...value.floats]);
    if ('ints' in value) to.writePackedVarint(field, [...value.ints]);
    if ('strings' in value) for (const one of value.strings) to.writeStringField(field, one);
    to.writeVarintField(20, ATTRIBUTE_TYPES[kind ?? 'i']);
  });
}

/** @param encoding raw_data, or float_data */
export function tensorBytes(
  name: string,
  shape: readonly number[],
  values: Float32Array,
  encoding: 'raw' | 'list',
): Uint8Array {
  return message((to) => {
    to.writePackedVarint(1, [...shape]);
    to.writeVarintField(2, FLOAT);
    to.writeStringField(8, name);
    if (encoding === 'raw') to.writeBytesField(9, new Uint8Array(values.buffer));
    else to.writePackedFloat(4, [...values]);
  });
}

/** A tensor whose sizes are left open. */
const valueInfo = (name: string, type: number, rank: number): Uint8Array => {
  const dimension = (axis: number): Uint8Array =>
    message((to) => {
      to.writeStringField(2, `${name}_${String(axis)}`);
    });
  const shape = message((to) => {
    for (let axis = 0; axis < rank; axis++) to.writeBytesField(1, dimension(axis));
  });
  const tensor = message((to) => {
    to.writeVarintField(1, type);
    to.writeBytesField(2, shape);
  });
  const wrapped = message((to) => {
    to.writeBytesField(1, tensor);
  });
  return message((to) => {
    to.writeStringField(1, name);
    to.writeBytesField(2, wrapped);
  });
};

export interface NodeParts {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly (readonly [name: string, value: Value])[];
}

export interface ModelParts {
  readonly nodes: readonly NodeParts[];
  readonly tensors: readonly Uint8Array[];
  readonly inputs: readonly (readonly [name: string, type: number, rank: number])[];
  readonly outputs: readonly (readonly [name: string, rank: number])[];
  readonly opset?: number;
}

export function modelBytes({ nodes, tensors, inputs, outputs, opset = 14 }: ModelParts): Uint8Array {
  const graph = message((to) => {
    for (const { op, inputs: from, outputs: into, attributes } of nodes) {
      to.writeBytesField(
        1,
        message((node) => {
          for (const name of from) node.writeStringField(1, name);
          for (const name of into) node.writeStringField(2, name);
          node.writeStringField(4, op);
          for (const [name, value] of attributes) node.writeBytesField(5, attribute(name, value));
        }),
      );
    }
    to.writeStringField(2, 'one node');
    for (const tensor of tensors) to.writeBytesField(5, tensor);
    for (const [name, type, rank] of inputs) to.writeBytesField(11, valueInfo(name, type, rank));
    for (const [name, rank] of outputs) to.writeBytesField(12, valueInfo(name, FLOAT, rank));
  });
  return message((to) => {
    to.writeVarintField(1, 8);
    to.writeBytesField(7, graph);
    to.writeBytesField(
      8,
      message((one) => {
        one.writeVarintField(2, opset);
      }),
    );
  });
}

/** Weights and biases are stored, raw and as lists by turns; X, states and lengths are fed. */
export function buildCase(one: Case, seed: number): Built {
  const { op, direction = 'forward', steps, batch, inputSize, units, initial = 'none', layout = 0 } = one;
  const random = seededRandom(seed);
  const floats = (shape: readonly number[], bound: number): Float32Array =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (random() * 2 - 1) * bound);
  const directions = direction === 'bidirectional' ? 2 : 1;
  const gates = GATE_COUNT[op];
  const bound = 1.5 / Math.sqrt(units);

  const tensors: Uint8Array[] = [];
  const store = (name: string, shape: readonly number[], size: number): string => {
    tensors.push(tensorBytes(name, shape, floats(shape, size), tensors.length % 2 === 0 ? 'raw' : 'list'));
    return name;
  };
  const feeds = new Map<string, Fed>();
  const feed = (name: string, shape: readonly number[], values: Fed['values']): string => {
    feeds.set(name, { shape, values });
    return name;
  };
  const inFront = (a: number, b: number): number[] => (layout === 1 ? [b, a] : [a, b]);
  const xShape = [...inFront(steps, batch), inputSize];
  const state = [...inFront(directions, batch), units];
  const lstm = op === 'LSTM';
  const inputs = [
    feed('x', xShape, floats(xShape, 1.5)),
    store('w', [directions, gates * units, inputSize], 1),
    store('r', [directions, gates * units, units], bound),
    one.bias === true ? store('b', [directions, 2 * gates * units], 0.5) : '',
    one.lengths ? feed('lens', [batch], Int32Array.from(one.lengths)) : '',
    initial === 'hidden' || initial === 'both' ? feed('h0', state, floats(state, 1)) : '',
  ];
  if (lstm) {
    inputs.push(initial === 'cell' || initial === 'both' ? feed('c0', state, floats(state, 1)) : '');
    inputs.push(one.peephole === true ? store('p', [directions, 3 * units], 0.7) : '');
  }
  const attributes: (readonly [string, Value] | undefined)[] = [
    ['hidden_size', { i: units }],
    one.direction && ['direction', { s: one.direction }],
    one.activations && ['activations', { strings: one.activations }],
    one.alpha && ['activation_alpha', { floats: one.alpha }],
    one.beta && ['activation_beta', { floats: one.beta }],
    one.clip === undefined ? undefined : ['clip', { f: one.clip }],
    one.inputForget === undefined ? undefined : ['input_forget', { i: one.inputForget }],
    one.linearBeforeReset === undefined ? undefined : ['linear_before_reset', { i: one.linearBeforeReset }],
    one.layout === undefined ? undefined : ['layout', { i: one.layout }],
  ];
  const outputs = ['y', 'yh', ...(lstm ? ['yc'] : [])];
  const model = modelBytes({
    nodes: [{ op, inputs, outputs, attributes: attributes.filter((entry) => entry !== undefined) }],
    tensors,
    inputs: [...feeds].map(([name, { shape, values }]) => [
      name,
      values instanceof Float32Array ? FLOAT : INT32,
      shape.length,
    ]),
    outputs: outputs.map((name) => [name, name === 'y' ? 4 : 3]),
  });
  return { model, feeds };
}
