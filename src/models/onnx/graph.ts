/**
 * An ONNX file as far as it is needed: nodes with their attributes, stored tensors, inner graphs, functions, and the
 * names of what goes in and out (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
import { GatescopeError } from '../../shared/errors';
import { say } from '../../shared/l10n';
import { damaged, quote, quoteSome, unsupported } from '../errors';
import { LIMITS } from '../limits';
import { bytesSource, type ModelSource } from '../source';
import { readTensor, type StoredTensor } from './tensor';
import { Message, WireError } from './wire';

const MODEL = { producer: 2, graph: 7, opsets: 8, metadata: 14, functions: 25 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const ENTRY = { key: 1, value: 2 } as const;
const GRAPH = { nodes: 1, name: 2, initializers: 5, inputs: 11, outputs: 12, sparse: 15 } as const;
const NODE = { inputs: 1, outputs: 2, name: 3, op: 4, attributes: 5, domain: 7 } as const;
const ATTRIBUTE = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  type: 20,
  reference: 21,
} as const;
const FUNCTION = { name: 1, inputs: 4, outputs: 5, nodes: 7, domain: 10, defaults: 11 } as const;
const VALUE = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR_TYPE = { element: 1, shape: 2 } as const;
const SHAPE = { dimensions: 1 } as const;
const DIMENSION = { value: 1 } as const;
const SPARSE = { values: 1 } as const;

/** The recurrent operators are as they are now since version 7; before, their outputs and attributes differ. */
const OLDEST_OPSET = 7;

/** Beyond them a file is no recurrent model that anyone trained, and would cost more than it shows. */
const MOST_TENSORS = 100_000;
const MOST_ATTRIBUTES = 500;
const DEEPEST = 16;

export interface AttributeValues {
  readonly FLOAT: number;
  readonly INT: number;
  readonly STRING: string;
  readonly TENSOR: StoredTensor;
  readonly GRAPH: GraphBody;
  readonly FLOATS: readonly number[];
  readonly INTS: readonly number[];
  readonly STRINGS: readonly string[];
  /** Of a function's node: the attribute of the call that stands here. */
  readonly REFERENCE: string;
}

export type Attribute =
  | { [T in keyof AttributeValues]: { readonly type: T; readonly value: AttributeValues[T] } }[keyof AttributeValues]
  | { readonly type: 'OTHER' };

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Names; an empty one is an input or output left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** What is said of a graph's input. */
export interface ValueType {
  /** TensorProto.DataType; 0 where it is not said. */
  readonly element: number;
  /** Undefined for a size that is left open; the whole undefined where there is no shape. */
  readonly shape: readonly (number | undefined)[] | undefined;
}

export interface GraphBody {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, StoredTensor>;
  /** Stored tensors that cannot be read, each with the reason. */
  readonly unreadable: ReadonlyMap<string, GatescopeError>;
  readonly inputs: readonly string[];
  readonly types: ReadonlyMap<string, ValueType>;
  readonly outputs: readonly string[];
}

/** For people: `LSTM "encoder"`, or by its first output where it has no name. */
export function labelOf({ op, domain, name, outputs }: OnnxNode): string {
  const kind = domain === '' ? op : `${domain}.${op}`;
  return `${kind.slice(0, 80)} ${quote(name === '' ? (outputs[0] ?? '') : name)}`;
}

export interface OnnxGraph extends GraphBody {
  /** For people: the path or name of the file. */
  readonly file: string;
}

export interface OnnxFunction {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  /** Of attributes that a call leaves out. */
  readonly defaults: ReadonlyMap<string, Attribute>;
}

export interface OnnxFile {
  /** Of the file and of those that it keeps data in. */
  readonly bytes: number;
  readonly graph: OnnxGraph;
  readonly opset: number;
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** By domain and name, as functionKey says. */
  readonly functions: ReadonlyMap<string, OnnxFunction>;
}

export const functionKey = (domain: string, name: string): string => `${domain}:${name}`;

/** The graph of a file that is in memory. @throws model-damaged, model-unsupported */
export const readGraph = (file: string, bytes: Uint8Array): OnnxGraph => readFile(bytesSource(file, bytes)).graph;

/** @throws model-damaged, model-unsupported */
export function readFile(source: ModelSource): OnnxFile {
  const file = source.name;
  const others = new Map<string, number>();
  const counted: ModelSource = {
    name: file,
    size: source.size,
    read: (from, length) => source.read(from, length),
    sibling: (name) => {
      const other = source.sibling(name);
      if (other) others.set(name, other.size);
      return other;
    },
    close: () => undefined,
  };
  try {
    const parts = new FileReader(counted).file(Message.of(source));
    return { ...parts, bytes: [...others.values()].reduce((a, b) => a + b, source.size) };
  } catch (error) {
    if (error instanceof GatescopeError || !(error instanceof WireError)) throw error;
    throw damaged(file, say`It is no whole ONNX file. ${error.text}`);
  }
}

const isOfficial = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

const NO_ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map();

class FileReader {
  private readonly name: string;
  private nodes = 0;
  private tensors = 0;

  constructor(private readonly source: ModelSource) {
    this.name = source.name;
  }

  file(model: Message): Omit<OnnxFile, 'bytes'> {
    const graph = model.messages(MODEL.graph).at(-1);
    if (graph === undefined) throw damaged(this.name, say`It holds no ONNX graph.`);
    const functions = [...model.eachMessage(MODEL.functions)].map((message): [string, OnnxFunction] => [
      functionKey(message.string(FUNCTION.domain), message.string(FUNCTION.name)),
      {
        inputs: message.strings(FUNCTION.inputs),
        outputs: message.strings(FUNCTION.outputs),
        nodes: this.nodesOf(message, FUNCTION.nodes, 1),
        defaults: this.attributesOf(message, FUNCTION.defaults, 1),
      },
    ]);
    return {
      opset: this.opset(model),
      producer: model.string(MODEL.producer),
      metadata: Object.fromEntries(
        model.messages(MODEL.metadata).map((entry) => [entry.string(ENTRY.key), entry.string(ENTRY.value)]),
      ),
      functions: new Map(functions),
      graph: { file: this.name, ...this.graph(graph, 0) },
    };
  }

  private opset(model: Message): number {
    const opset = model.messages(MODEL.opsets).find((one) => isOfficial(one.string(OPSET.domain)));
    const version = opset?.int(OPSET.version);
    if (version === undefined) throw damaged(this.name, say`It names no version of the ONNX operator set.`);
    if (version < OLDEST_OPSET) {
      const what = say`It is of ONNX operator set ${version}.`;
      throw unsupported(this.name, what, say`Sets from ${OLDEST_OPSET} on are supported.`);
    }
    return version;
  }

  private graph(graph: Message, depth: number): GraphBody {
    const initializers = new Map<string, StoredTensor>();
    const unreadable = new Map<string, GatescopeError>();
    this.count(graph.count(GRAPH.initializers) + graph.count(GRAPH.sparse));
    for (const message of graph.eachMessage(GRAPH.initializers)) {
      const tensor = this.tensor(message);
      if (tensor instanceof GatescopeError) unreadable.set(message.string(8), tensor);
      else initializers.set(tensor.name, tensor);
    }
    for (const message of graph.eachMessage(GRAPH.sparse)) {
      const name = message.messages(SPARSE.values).at(-1)?.string(8) ?? '';
      const what = say`Tensor ${quote(name)} is sparse.`;
      unreadable.set(name, unsupported(this.name, what, say`Dense tensors are supported.`));
    }
    const inputs = graph.messages(GRAPH.inputs);
    return {
      nodes: this.nodesOf(graph, GRAPH.nodes, depth),
      initializers,
      unreadable,
      inputs: inputs.map((value) => value.string(VALUE.name)),
      types: new Map(inputs.map((value) => [value.string(VALUE.name), typeOf(value)])),
      outputs: graph.messages(GRAPH.outputs).map((value) => value.string(VALUE.name)),
    };
  }

  /** A tensor of a kind that is not supported need not be needed: the error waits for whoever asks for it. */
  private tensor(message: Message): StoredTensor | GatescopeError {
    try {
      return readTensor(this.name, message, this.source);
    } catch (error) {
      if (error instanceof GatescopeError && error.code === 'model-unsupported') return error;
      throw error;
    }
  }

  private count(tensors: number): void {
    this.tensors += tensors;
    if (this.tensors > MOST_TENSORS) {
      throw unsupported(this.name, say`It has more than ${MOST_TENSORS} tensors.`, say`Export a smaller model.`);
    }
  }

  private nodesOf(message: Message, field: number, depth: number): OnnxNode[] {
    this.nodes += message.count(field);
    if (this.nodes > LIMITS.nodes) {
      const what = say`Its graph has more than ${LIMITS.nodes} nodes.`;
      throw unsupported(this.name, what, say`Export the layers as RNN, GRU or LSTM nodes, not step by step.`);
    }
    const nodes: OnnxNode[] = [];
    const given = new Set<string>();
    for (const node of message.eachMessage(field)) {
      const domain = node.string(NODE.domain);
      const read: OnnxNode = {
        name: node.string(NODE.name),
        op: node.string(NODE.op),
        domain: isOfficial(domain) ? '' : domain,
        inputs: node.strings(NODE.inputs),
        outputs: node.strings(NODE.outputs),
        attributes: this.attributesOf(node, NODE.attributes, depth),
      };
      // Each value is given once (https://github.com/onnx/onnx/blob/main/docs/IR.md#names-within-a-graph).
      for (const output of read.outputs) {
        if (output === '') continue;
        if (given.has(output)) {
          throw damaged(this.name, say`${labelOf(read)} gives ${quote(output)}, which a node before it gives already.`);
        }
        given.add(output);
      }
      nodes.push(read);
    }
    return nodes;
  }

  private attributesOf(message: Message, field: number, depth: number): ReadonlyMap<string, Attribute> {
    const count = message.count(field);
    if (count === 0) return NO_ATTRIBUTES;
    if (count > MOST_ATTRIBUTES) throw damaged(this.name, say`A node has ${count} attributes.`);
    const attributes = new Map<string, Attribute>();
    for (const attribute of message.eachMessage(field)) {
      attributes.set(attribute.string(ATTRIBUTE.name), this.attributeOf(attribute, depth));
    }
    return attributes;
  }

  private attributeOf(message: Message, depth: number): Attribute {
    if (message.has(ATTRIBUTE.reference)) return { type: 'REFERENCE', value: message.string(ATTRIBUTE.reference) };
    switch (message.int(ATTRIBUTE.type)) {
      case 1:
        return { type: 'FLOAT', value: message.floats(ATTRIBUTE.f).at(-1) ?? 0 };
      case 2:
        return { type: 'INT', value: message.int(ATTRIBUTE.i) ?? 0 };
      case 3:
        return { type: 'STRING', value: message.string(ATTRIBUTE.s) };
      case 4: {
        const tensor = message.messages(ATTRIBUTE.t).at(-1);
        const value = tensor && this.tensor(tensor);
        return value === undefined || value instanceof GatescopeError ? { type: 'OTHER' } : { type: 'TENSOR', value };
      }
      case 5: {
        if (depth >= DEEPEST) {
          const what = say`Its graphs are nested more than ${DEEPEST} deep.`;
          throw unsupported(this.name, what, say`Export it without control flow.`);
        }
        const graph = message.messages(ATTRIBUTE.g).at(-1);
        return graph ? { type: 'GRAPH', value: this.graph(graph, depth + 1) } : { type: 'OTHER' };
      }
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
}

function typeOf(value: Message): ValueType {
  const tensor = value.messages(VALUE.type).at(-1)?.messages(TYPE.tensor).at(-1);
  const dimensions = tensor?.messages(TENSOR_TYPE.shape).at(-1)?.messages(SHAPE.dimensions);
  const shape = dimensions?.map((dimension) => {
    const size = dimension.int(DIMENSION.value);
    // Some exporters write 0 or -1 for a size that is open.
    return size === undefined || size <= 0 ? undefined : size;
  });
  return { element: tensor?.int(TENSOR_TYPE.element) ?? 0, shape };
}

const RECURRENT = ['RNN', 'GRU', 'LSTM'] as const;

export type RecurrentOp = (typeof RECURRENT)[number];

export const isRecurrent = (op: string): op is RecurrentOp => RECURRENT.some((one) => one === op);

/** The graph's only node. @throws model-unsupported when there are others, or it is not recurrent */
export function onlyRecurrentNode({ file, nodes, unreadable }: OnnxGraph): OnnxNode & { readonly op: RecurrentOp } {
  const [refusal] = unreadable.values();
  if (refusal) throw refusal;
  const foreign = nodes.find(({ domain }) => domain !== '');
  if (foreign) {
    const what = say`Its node ${quote(foreign.op)} is of the domain ${quote(foreign.domain)}.`;
    throw unsupported(file, what, say`ONNX's own operators are supported.`);
  }
  const [node, ...others] = nodes;
  const remedy = say`A graph that is one RNN, GRU or LSTM node is supported.`;
  if (node === undefined) throw unsupported(file, say`Its graph has no node.`, remedy);
  const { op } = node;
  if (others.length > 0 || !isRecurrent(op)) {
    const ops = [...new Set(nodes.map((one) => one.op))];
    const count = nodes.length === 1 ? 'one node' : `${String(nodes.length)} nodes`;
    throw unsupported(file, say`Its graph has ${count}, of ${quoteSome(ops)}.`, remedy);
  }
  return { ...node, op };
}
