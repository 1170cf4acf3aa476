/**
 * An ONNX file's graph as far as it is needed: nodes with their attributes, stored tensors, and the names of what goes
 * in and out (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
import { GatescopeError } from '../../shared/errors';
import { damaged, quote, quoteSome, unsupported } from '../errors';
import { readTensor, type RawTensor } from './tensor';
import { Message, WireError } from './wire';

const MODEL = { graph: 7, opsets: 8, functions: 25 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const GRAPH = { nodes: 1, initializers: 5, inputs: 11, outputs: 12, sparse: 15 } as const;
const NODE = { inputs: 1, outputs: 2, name: 3, op: 4, attributes: 5, domain: 7 } as const;
const ATTRIBUTE = { name: 1, f: 2, i: 3, s: 4, floats: 7, ints: 8, strings: 9, type: 20, reference: 21 } as const;

/** The recurrent operators are as they are now since version 7; before, their outputs and attributes differ. */
const OLDEST_OPSET = 7;

export interface AttributeValues {
  readonly FLOAT: number;
  readonly INT: number;
  readonly STRING: string;
  readonly FLOATS: readonly number[];
  readonly INTS: readonly number[];
  readonly STRINGS: readonly string[];
}

export type Attribute =
  | { [T in keyof AttributeValues]: { readonly type: T; readonly value: AttributeValues[T] } }[keyof AttributeValues]
  | { readonly type: 'OTHER' };

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** Names; an empty one is an input or output left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface OnnxGraph {
  /** For people: the path or name of the file. */
  readonly file: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, RawTensor>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** @throws model-damaged, model-unsupported */
export function readGraph(file: string, bytes: Uint8Array): OnnxGraph {
  try {
    return graphOf(file, new Message(bytes));
  } catch (error) {
    if (error instanceof GatescopeError || !(error instanceof WireError)) throw error;
    throw damaged(file, `It is no whole ONNX file. ${error.message}`);
  }
}

function graphOf(file: string, model: Message): OnnxGraph {
  const graph = model.messages(MODEL.graph).at(-1);
  if (graph === undefined) throw damaged(file, 'It holds no ONNX graph.');
  checkOpset(file, model);
  if (graph.has(GRAPH.sparse)) throw unsupported(file, 'It holds sparse tensors.', 'Dense tensors are supported.');
  const tensors = graph.messages(GRAPH.initializers).map((message) => readTensor(file, message));
  return {
    file,
    nodes: graph.messages(GRAPH.nodes).map((node) => nodeOf(file, node)),
    initializers: new Map(tensors.map((tensor) => [tensor.name, tensor])),
    inputs: graph.messages(GRAPH.inputs).map((value) => value.string(1)),
    outputs: graph.messages(GRAPH.outputs).map((value) => value.string(1)),
  };
}

const isOfficial = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

function checkOpset(file: string, model: Message): void {
  const opset = model.messages(MODEL.opsets).find((one) => isOfficial(one.string(OPSET.domain)));
  const version = opset?.int(OPSET.version);
  if (version === undefined) throw damaged(file, 'It names no version of the ONNX operator set.');
  if (version < OLDEST_OPSET) {
    const what = `It is of ONNX operator set ${String(version)}.`;
    throw unsupported(file, what, `Sets from ${String(OLDEST_OPSET)} on are supported.`);
  }
}

function nodeOf(file: string, message: Message): OnnxNode {
  const op = message.string(NODE.op);
  const domain = message.string(NODE.domain);
  if (!isOfficial(domain)) {
    const what = `Its node ${quote(op)} is of the domain ${quote(domain)}.`;
    throw unsupported(file, what, "ONNX's own operators are supported.");
  }
  const attributes = new Map<string, Attribute>();
  for (const attribute of message.messages(NODE.attributes)) {
    attributes.set(attribute.string(ATTRIBUTE.name), attributeOf(attribute));
  }
  return {
    name: message.string(NODE.name),
    op,
    inputs: message.strings(NODE.inputs),
    outputs: message.strings(NODE.outputs),
    attributes,
  };
}

function attributeOf(message: Message): Attribute {
  if (message.has(ATTRIBUTE.reference)) return { type: 'OTHER' };
  switch (message.int(ATTRIBUTE.type)) {
    case 1:
      return { type: 'FLOAT', value: message.floats(ATTRIBUTE.f).at(-1) ?? 0 };
    case 2:
      return { type: 'INT', value: message.int(ATTRIBUTE.i) ?? 0 };
    case 3:
      return { type: 'STRING', value: message.string(ATTRIBUTE.s) };
    case 6:
      return { type: 'FLOATS', value: message.floats(ATTRIBUTE.floats) };
    case 7:
      return { type: 'INTS', value: message.ints(ATTRIBUTE.ints) };
    case 8:
      return { type: 'STRINGS', value: message.strings(ATTRIBUTE.strings) };
    default:
      return { type: 'OTHER' };
  }
}

const RECURRENT = ['RNN', 'GRU', 'LSTM'] as const;

export type RecurrentOp = (typeof RECURRENT)[number];

export const isRecurrent = (op: string): op is RecurrentOp => RECURRENT.some((one) => one === op);

/** The graph's only node. @throws model-unsupported when there are others, or it is not recurrent */
export function onlyRecurrentNode({ file, nodes }: OnnxGraph): OnnxNode & { readonly op: RecurrentOp } {
  const [node, ...others] = nodes;
  const remedy = 'A graph that is one RNN, GRU or LSTM node is supported.';
  if (node === undefined) throw unsupported(file, 'Its graph has no node.', remedy);
  const { op } = node;
  if (others.length > 0 || !isRecurrent(op)) {
    const ops = [...new Set(nodes.map((one) => one.op))];
    const count = nodes.length === 1 ? 'one node' : `${String(nodes.length)} nodes`;
    throw unsupported(file, `Its graph has ${count}, of ${quoteSome(ops)}.`, remedy);
  }
  return { ...node, op };
}
