/**
 * ONNX's TensorProto in each of its encodings (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, message
 * TensorProto): little-endian raw_data, one of the typed lists, or bytes of another file in the model's own folder.
 * The shape is checked against the length of the data at once; the values are read when they are asked for.
 */
import { damaged, quote, shapeText, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import { halfToNumber } from '../floats';
import type { ModelSource } from '../source';
import { Message, WireError } from './wire';

/** A tensor's values with its shape; integers are exact, and all else as in the file. */
export interface RawTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'float' | 'int';
  readonly values: Float64Array;
}

/** A tensor of a file: `values` and `read` read it each time. */
export interface StoredTensor extends RawTensor {
  /** Floats as float32, integers as float64. */
  readonly read: () => Float32Array | Float64Array;
}

const F = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

const EXTERNAL = 1;

interface ElementType {
  readonly name: string;
  readonly kind: 'float' | 'int';
  /** Bytes of a value in raw_data. */
  readonly size: number;
  readonly raw: (view: DataView, offset: number) => number;
  /** The typed list, and what makes a value of one of its integers; floats are in it as they are in raw_data. */
  readonly list: number;
  readonly ofInt: ((value: number) => number) | undefined;
}

const BITS = new DataView(new ArrayBuffer(4));

/** brain float: the upper half of a float32 */
function brainFloat(bits: number): number {
  BITS.setUint32(0, (bits & 0xffff) * 0x10000);
  return BITS.getFloat32(0);
}

const same = (value: number): number => value;

const int = (name: string, size: number, raw: ElementType['raw'], list: number = F.int32Data): ElementType => ({
  name,
  kind: 'int',
  size,
  raw,
  list,
  ofInt: same,
});

const float = (
  name: string,
  size: number,
  raw: ElementType['raw'],
  list: number,
  ofInt?: ElementType['ofInt'],
): ElementType => ({ name, kind: 'float', size, raw, list, ofInt });

/** By TensorProto.DataType. */
const TYPES: Readonly<Record<number, ElementType | undefined>> = {
  1: float('FLOAT', 4, (view, at) => view.getFloat32(at, true), F.floatData),
  2: int('UINT8', 1, (view, at) => view.getUint8(at)),
  3: int('INT8', 1, (view, at) => view.getInt8(at)),
  4: int('UINT16', 2, (view, at) => view.getUint16(at, true)),
  5: int('INT16', 2, (view, at) => view.getInt16(at, true)),
  6: int('INT32', 4, (view, at) => view.getInt32(at, true)),
  7: int('INT64', 8, (view, at) => Number(view.getBigInt64(at, true)), F.int64Data),
  9: int('BOOL', 1, (view, at) => (view.getUint8(at) === 0 ? 0 : 1)),
  10: float('FLOAT16', 2, (view, at) => halfToNumber(view.getUint16(at, true)), F.int32Data, halfToNumber),
  11: float('DOUBLE', 8, (view, at) => view.getFloat64(at, true), F.doubleData),
  12: int('UINT32', 4, (view, at) => view.getUint32(at, true), F.uint64Data),
  13: int('UINT64', 8, (view, at) => Number(view.getBigUint64(at, true)), F.uint64Data),
  16: float('BFLOAT16', 2, (view, at) => brainFloat(view.getUint16(at, true)), F.int32Data, brainFloat),
};

const TYPE_NAMES: Readonly<Record<number, string | undefined>> = {
  8: 'STRING',
  14: 'COMPLEX64',
  15: 'COMPLEX128',
  17: 'FLOAT8E4M3FN',
  21: 'UINT4',
  22: 'INT4',
};

/** `float` or `int` of an element type; undefined where it is neither or not known. */
export const kindOfType = (code: number): 'float' | 'int' | undefined => TYPES[code]?.kind;

/**
 * @param source where the other files of its folder are found; without one, data in another file is refused
 * @throws model-damaged, model-unsupported, naming the tensor
 */
export function readTensor(file: string, message: Message, source?: ModelSource): StoredTensor {
  const name = message.string(F.name);
  const what = `Tensor ${quote(name)}`;
  const code = message.int(F.dataType) ?? 0;
  const type = TYPES[code];
  if (type === undefined) {
    const known = TYPE_NAMES[code] ?? `number ${String(code)}`;
    throw unsupported(file, say`${what} is of type ${known}.`, say`Floating and integer types are supported.`);
  }
  if (message.has(F.segment)) throw unsupported(file, say`${what} is in segments.`, say`Whole tensors are supported.`);
  const shape = message.ints(F.dims);
  const expected = shape.reduce((a, b) => a * b, 1);
  if (shape.some((size) => size < 0) || !Number.isSafeInteger(expected)) {
    throw damaged(file, say`${what} has the shape ${shapeText(shape.slice(0, 8))}.`);
  }
  const data = dataOf(file, what, message, type, expected, source);
  if (data.count !== expected) {
    throw damaged(
      file,
      say`${what} has ${data.count} values; its shape ${shapeText(shape.slice(0, 8))} has ${expected}.`,
    );
  }
  return {
    name,
    shape,
    kind: type.kind,
    get values() {
      return data.fill(new Float64Array(expected));
    },
    read: () => data.fill(type.kind === 'float' ? new Float32Array(expected) : new Float64Array(expected)),
  };
}

interface Data {
  readonly count: number;
  fill<T extends Float32Array | Float64Array>(out: T): T;
}

function dataOf(
  file: string,
  what: string,
  message: Message,
  type: ElementType,
  expected: number,
  source: ModelSource | undefined,
): Data {
  const { size, list, ofInt } = type;
  const ofBytes = (length: number, read: () => Uint8Array): Data => ({
    count: length / size,
    fill: (out) => decode(read(), type, out),
  });
  if (message.int(F.dataLocation) === EXTERNAL || message.has(F.externalData)) {
    if (source === undefined) {
      throw unsupported(
        file,
        say`${what} has its data in another file.`,
        say`Save the model with its data inside (external data is not supported here).`,
      );
    }
    return ofBytes(expected * size, externalData(file, what, message, expected * size, source));
  }
  if (message.has(F.rawData)) {
    const { length } = message.range(F.rawData) ?? { length: 0 };
    if (length % size !== 0) {
      throw new WireError(say`raw_data of ${length} bytes holds no whole number of values of type ${type.name}.`);
    }
    return ofBytes(length, () => message.bytes(F.rawData).at(-1) ?? new Uint8Array(0));
  }
  if (ofInt === undefined) return ofBytes(message.byteLength(list, size), () => message.joined(list, size));
  let count = 0;
  message.eachInt(list, () => count++);
  return {
    count,
    fill: (out) => {
      let to = 0;
      message.eachInt(list, (value) => (out[to++] = ofInt(value)));
      return out;
    },
  };
}

/** Whether a view of this machine's own floats reads the file's. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function decode<T extends Float32Array | Float64Array>(bytes: Uint8Array, { name, size, raw }: ElementType, out: T): T {
  if (name === 'FLOAT' && LITTLE_ENDIAN && out instanceof Float32Array) {
    new Uint8Array(out.buffer).set(bytes);
    return out;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let k = 0; k < out.length; k++) out[k] = raw(view, k * size);
  return out;
}

const ENTRY = { key: 1, value: 2 } as const;

/**
 * Bytes of another file (https://github.com/onnx/onnx/blob/main/docs/ExternalData.md). It is opened for each read, so
 * that nobody need close it.
 */
function externalData(
  file: string,
  what: string,
  message: Message,
  expected: number,
  source: ModelSource,
): () => Uint8Array {
  const entries = new Map(
    message.messages(F.externalData).map((entry) => [entry.string(ENTRY.key), entry.string(ENTRY.value)]),
  );
  const location = entries.get('location') ?? '';
  const number = (key: string, otherwise: number): number => {
    const text = entries.get(key);
    if (text === undefined) return otherwise;
    if (/^\d{1,15}$/u.test(text)) return Number(text);
    throw damaged(file, say`${what} has its data in another file at the ${key} ${quote(text)}.`);
  };
  const from = number('offset', 0);
  const length = number('length', expected);
  if (length !== expected) {
    throw damaged(file, say`${what} has ${length} bytes in another file; its shape has ${expected}.`);
  }
  const opened = <T>(use: (other: ModelSource) => T): T => {
    const other = source.sibling(location);
    if (other === undefined) {
      throw damaged(file, say`${what} has its data in the file ${quote(location)}, which is not beside the model.`);
    }
    try {
      return use(other);
    } finally {
      other.close();
    }
  };
  opened(({ size }) => {
    if (from + length > size) {
      const end = String(from + length);
      throw damaged(file, say`${what} lies up to byte ${end} of ${quote(location)}, which ends at ${size}.`);
    }
  });
  return () => opened((other) => other.read(from, length));
}
