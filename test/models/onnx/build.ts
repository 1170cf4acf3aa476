/** Writes ONNX files of any graph, for cases that no exporter would make. */
import { PbfWriter } from 'pbf';

export function message(write: (to: PbfWriter) => void): Uint8Array {
  const writer = new PbfWriter();
  write(writer);
  return writer.finish();
}

export type AttributeValue =
  number | string | readonly number[] | { readonly graph: Uint8Array } | { readonly tensor: Uint8Array };

export interface TestNode {
  readonly op: string;
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly with?: Readonly<Record<string, AttributeValue>>;
  readonly domain?: string;
  readonly name?: string;
}

function attribute(name: string, value: AttributeValue): Uint8Array {
  return message((to) => {
    to.writeStringField(1, name);
    if (typeof value === 'number') {
      to.writeVarintField(3, value);
      to.writeVarintField(20, 2);
    } else if (typeof value === 'string') {
      to.writeStringField(4, value);
      to.writeVarintField(20, 3);
    } else if ('graph' in value) {
      to.writeBytesField(6, value.graph);
      to.writeVarintField(20, 5);
    } else if ('tensor' in value) {
      to.writeBytesField(5, value.tensor);
      to.writeVarintField(20, 4);
    } else {
      to.writePackedVarint(8, [...value]);
      to.writeVarintField(20, 7);
    }
  });
}

export const node = ({ op, from = [], to = [], with: attributes = {}, domain = '', name = '' }: TestNode): Uint8Array =>
  message((out) => {
    for (const one of from) out.writeStringField(1, one);
    for (const one of to) out.writeStringField(2, one);
    out.writeStringField(3, name);
    out.writeStringField(4, op);
    for (const [key, value] of Object.entries(attributes)) out.writeBytesField(5, attribute(key, value));
    out.writeStringField(7, domain);
  });

export interface TestTensor {
  readonly shape: readonly number[];
  readonly floats?: Float32Array;
  readonly ints?: readonly number[];
  /** Entries of external_data. */
  readonly external?: Readonly<Record<string, string>>;
}

export const tensor = (name: string, { shape, floats, ints, external }: TestTensor): Uint8Array =>
  message((to) => {
    to.writePackedVarint(1, [...shape]);
    to.writeVarintField(2, ints ? 7 : 1);
    to.writeStringField(8, name);
    if (floats) to.writeBytesField(9, new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
    if (ints) to.writePackedVarint(7, [...ints]);
    for (const [key, value] of Object.entries(external ?? {})) {
      to.writeBytesField(
        13,
        message((entry) => {
          entry.writeStringField(1, key);
          entry.writeStringField(2, value);
        }),
      );
    }
    if (external) to.writeVarintField(14, 1);
  });

/** @param sizes undefined for an open one @param element TensorProto.DataType */
const input = (name: string, element: number, sizes: readonly (number | undefined)[]): Uint8Array => {
  const shape = message((to) => {
    for (const size of sizes) {
      to.writeBytesField(
        1,
        message((dimension) => {
          if (size === undefined) dimension.writeStringField(2, 'open');
          else dimension.writeVarintField(1, size);
        }),
      );
    }
  });
  const type = message((to) => {
    to.writeVarintField(1, element);
    to.writeBytesField(2, shape);
  });
  return message((to) => {
    to.writeStringField(1, name);
    to.writeBytesField(
      2,
      message((wrapped) => {
        wrapped.writeBytesField(1, type);
      }),
    );
  });
};

export interface TestGraph {
  readonly nodes: readonly TestNode[];
  readonly tensors?: Readonly<Record<string, TestTensor>>;
  readonly inputs?: Readonly<Record<string, readonly [element: number, sizes: readonly (number | undefined)[]]>>;
  readonly outputs: readonly string[];
}

export const graph = ({ nodes, tensors = {}, inputs = {}, outputs }: TestGraph): Uint8Array =>
  message((to) => {
    for (const one of nodes) to.writeBytesField(1, node(one));
    for (const [name, one] of Object.entries(tensors)) to.writeBytesField(5, tensor(name, one));
    for (const [name, [element, sizes]] of Object.entries(inputs)) to.writeBytesField(11, input(name, element, sizes));
    for (const name of outputs) to.writeBytesField(12, input(name, 1, []));
  });

export interface TestFunction {
  readonly name: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly nodes: readonly TestNode[];
}

export const model = (of: TestGraph | Uint8Array, functions: readonly TestFunction[] = []): Uint8Array =>
  message((to) => {
    to.writeVarintField(1, 8);
    to.writeBytesField(7, of instanceof Uint8Array ? of : graph(of));
    to.writeBytesField(
      8,
      message((opset) => {
        opset.writeVarintField(2, 17);
      }),
    );
    for (const one of functions) {
      to.writeBytesField(
        25,
        message((out) => {
          out.writeStringField(1, one.name);
          for (const name of one.from) out.writeStringField(4, name);
          for (const name of one.to) out.writeStringField(5, name);
          for (const inner of one.nodes) out.writeBytesField(7, node(inner));
          out.writeStringField(10, 'own');
        }),
      );
    }
  });

const FLOAT = 1;

/** A SimpleRNN of 2 units over 3 numbers, whose parts a case may replace. */
export const small = (more: Partial<TestGraph> = {}): TestGraph => ({
  nodes: more.nodes ?? [{ op: 'RNN', from: ['x', 'w', 'r'], to: ['y'], with: { hidden_size: 2 } }],
  tensors: {
    w: { shape: [1, 2, 3], floats: Float32Array.of(1, 2, 3, 4, 5, 6) },
    r: { shape: [1, 2, 2], floats: Float32Array.of(1, 0, 0, 1) },
    ...more.tensors,
  },
  inputs: more.inputs ?? { x: [FLOAT, [undefined, undefined, 3]] },
  outputs: more.outputs ?? ['y'],
});
