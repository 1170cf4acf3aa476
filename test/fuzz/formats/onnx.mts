/** ONNX: fields of the protobuf tree are changed, dropped, doubled and swapped, and all lengths around them follow. */
import { readdirSync, readFileSync } from 'node:fs';
import { PbfReader, PbfWriter } from 'pbf';
import type { FuzzFormat } from '../format';

const FOLDER = 'test/fixtures/onnx/';
/** Weights in another file are not there when bytes are read; layers written out step by step are refused. */
const NOT_READ = /^(?:external|new-rnn)\.onnx$/u;
const LARGEST = 12_000;

type Kind =
  | 'model'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'value'
  | 'function'
  | 'type'
  | 'tensorType'
  | 'shape'
  | 'dimension'
  | 'opset';

/** Which fields of a message are messages themselves; all others are left as they are. */
const CHILDREN: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: { 7: 'graph', 8: 'opset', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 11: 'value', 12: 'value' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph' },
  tensor: {},
  value: { 2: 'type' },
  type: { 1: 'tensorType' },
  tensorType: { 2: 'shape' },
  shape: { 1: 'dimension' },
  dimension: {},
  function: { 7: 'node', 11: 'attribute' },
  opset: {},
};

interface Field {
  number: number;
  /** A number, bytes of that wire type, or an inner message. */
  value: { wire: 'varint'; value: number } | { wire: 'fixed' | 'bytes'; bytes: Uint8Array; type: number } | Tree;
}

interface Tree {
  wire: 'tree';
  kind: Kind;
  fields: Field[];
}

function parse(bytes: Uint8Array, kind: Kind): Tree {
  const reader = new PbfReader(bytes);
  const fields: Field[] = [];
  while (reader.pos < bytes.length) {
    const tag = reader.readVarint();
    const number = tag >> 3;
    const child = CHILDREN[kind][number];
    const type = tag & 7;
    if (type === 0) fields.push({ number, value: { wire: 'varint', value: reader.readVarint(true) } });
    else if (type === 2) {
      const inner = reader.readBytes();
      fields.push({ number, value: child ? parse(inner, child) : { wire: 'bytes', bytes: inner, type } });
    } else {
      const size = type === 5 ? 4 : 8;
      fields.push({ number, value: { wire: 'fixed', bytes: bytes.slice(reader.pos, reader.pos + size), type } });
      reader.pos += size;
    }
  }
  return { wire: 'tree', kind, fields };
}

function write(tree: Tree): Uint8Array {
  const parts = tree.fields.map(({ number, value }): Uint8Array => {
    const writer = new PbfWriter();
    if (value.wire === 'varint') writer.writeVarintField(number, value.value);
    else if (value.wire === 'tree') writer.writeBytesField(number, write(value));
    else if (value.type === 2) writer.writeBytesField(number, value.bytes);
    else writer.writeVarint((number << 3) | value.type);
    const head = writer.finish();
    return value.wire === 'fixed' ? Uint8Array.from([...head, ...value.bytes]) : head;
  });
  return Uint8Array.from(Buffer.concat(parts));
}

/** Of its own, so that a message may come to lie within itself. */
const copied = (value: Field['value']): Field['value'] =>
  value.wire === 'tree' ? parse(write(value), value.kind) : { ...value };

const below = (random: () => number, count: number): number => Math.floor(random() * count);

function pick<T>(random: () => number, list: readonly T[]): T | undefined {
  return list[below(random, list.length)];
}

function all(tree: Tree, depth = 0): Tree[] {
  const inner = tree.fields.flatMap(({ value }) => (value.wire === 'tree' && depth < 8 ? all(value, depth + 1) : []));
  return [tree, ...inner];
}

const NUMBERS = [0, 1, -1, 2, 3, 4, 5, 7, 20, 255, 65_535, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, 2 ** 53 - 1, -(2 ** 53)];
const NAMES = [
  '',
  'Identity',
  'Concat',
  'Expand',
  'ConstantOfShape',
  'Tile',
  'Reshape',
  'Transpose',
  'Loop',
  'Scan',
  'If',
  'Gather',
  'MatMul',
  'Slice',
  'Add',
  'LSTM',
  'GRU',
  'RNN',
  'Softmax',
  'Split',
  'Range',
  'Where',
  'x',
  '../x',
  'axes',
];

/** One change somewhere in the tree. */
function change(root: Tree, random: () => number): void {
  const trees = all(root);
  const tree = pick(random, trees);
  const place = tree && below(random, tree.fields.length);
  const field = place === undefined ? undefined : tree?.fields[place];
  if (!tree || place === undefined || !field) return;
  const { value } = field;
  const dice = random();
  if (dice < 0.1) tree.fields.splice(place, 1);
  else if (dice < 0.2)
    tree.fields.splice(below(random, tree.fields.length + 1), 0, { ...field, value: copied(field.value) });
  else if (dice < 0.25) field.number = below(random, 26);
  else if (dice < 0.4) {
    // A message of the same kind from elsewhere: a node reads and gives what another one does.
    const other = pick(
      random,
      trees.filter(({ kind }) => kind === tree.kind),
    );
    const from =
      other &&
      pick(
        random,
        other.fields.filter(({ number }) => number === field.number),
      );
    if (from) field.value = copied(from.value);
  } else if (value.wire === 'varint')
    value.value = random() < 0.5 ? (pick(random, NUMBERS) ?? 0) : value.value + below(random, 5) - 2;
  else if (value.wire === 'tree') {
    // Nested in itself, a few times.
    if (value.kind === 'graph' || random() < 0.2)
      value.fields.push({ number: field.number, value: { wire: 'bytes', type: 2, bytes: write(value) } });
    else change(value, random);
  } else if (value.bytes.length < 24 && random() < 0.5) {
    value.bytes =
      value.wire === 'bytes'
        ? new TextEncoder().encode(pick(random, NAMES))
        : value.bytes.map(() => below(random, 256));
  } else {
    const writer = new PbfWriter();
    const count = 1 + below(random, 4);
    writer.writePackedVarint(
      1,
      Array.from({ length: count }, () => pick(random, NUMBERS) ?? 0),
    );
    const packed = writer.finish().slice(2);
    value.bytes =
      random() < 0.5 && value.wire === 'bytes'
        ? packed
        : value.bytes.map((byte) => (random() < 0.1 ? below(random, 256) : byte));
  }
}

export const format: FuzzFormat = {
  name: 'onnx',
  seeds: () =>
    readdirSync(FOLDER)
      .filter((name) => name.endsWith('.onnx') && !NOT_READ.test(name))
      .map((name) => ({ name: FOLDER + name, bytes: Uint8Array.from(readFileSync(FOLDER + name)) }))
      .filter(({ bytes }) => bytes.length <= LARGEST),
  mutate: (bytes, random) => {
    const tree = parse(bytes, 'model');
    for (let count = 1 + below(random, 3); count > 0; count--) change(tree, random);
    return write(tree);
  },
};
