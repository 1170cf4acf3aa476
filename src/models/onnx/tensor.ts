/**
 * ONNX's TensorProto in each of its encodings (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, message
 * TensorProto): little-endian raw_data, or one of the typed lists.
 */
import { damaged, quote, shapeText, unsupported } from '../errors';
import { FLOAT_DECODERS, halfToNumber } from '../floats';
import { Message, WireError } from './wire';

/** A tensor's values with its shape; integers are exact, and all else as in the file. */
export interface RawTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'float' | 'int';
  readonly values: Float64Array;
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
  /** The typed list. */
  readonly list: (message: Message) => number[];
}

const int32s = (message: Message): number[] => message.ints(F.int32Data);
const doubles = (message: Message): number[] =>
  message.fixed(F.doubleData, 8, (view, offset) => view.getFloat64(offset, true));

const brainFloat = (bits: number): number =>
  FLOAT_DECODERS['BF16']?.(Uint8Array.of(bits & 0xff, (bits >> 8) & 0xff))[0] ?? NaN;

const int = (name: string, size: number, raw: ElementType['raw'], list: ElementType['list'] = int32s): ElementType => ({
  name,
  kind: 'int',
  size,
  raw,
  list,
});

const float = (name: string, size: number, raw: ElementType['raw'], list: ElementType['list']): ElementType => ({
  name,
  kind: 'float',
  size,
  raw,
  list,
});

/** By TensorProto.DataType. */
const TYPES: Readonly<Record<number, ElementType | undefined>> = {
  1: float(
    'FLOAT',
    4,
    (view, at) => view.getFloat32(at, true),
    (message) => message.floats(F.floatData),
  ),
  2: int('UINT8', 1, (view, at) => view.getUint8(at)),
  3: int('INT8', 1, (view, at) => view.getInt8(at)),
  4: int('UINT16', 2, (view, at) => view.getUint16(at, true)),
  5: int('INT16', 2, (view, at) => view.getInt16(at, true)),
  6: int('INT32', 4, (view, at) => view.getInt32(at, true)),
  7: int(
    'INT64',
    8,
    (view, at) => Number(view.getBigInt64(at, true)),
    (message) => message.ints(F.int64Data),
  ),
  10: float(
    'FLOAT16',
    2,
    (view, at) => halfToNumber(view.getUint16(at, true)),
    (message) => int32s(message).map(halfToNumber),
  ),
  11: float('DOUBLE', 8, (view, at) => view.getFloat64(at, true), doubles),
  12: int(
    'UINT32',
    4,
    (view, at) => view.getUint32(at, true),
    (message) => message.ints(F.uint64Data),
  ),
  16: float(
    'BFLOAT16',
    2,
    (view, at) => brainFloat(view.getUint16(at, true)),
    (message) => int32s(message).map(brainFloat),
  ),
};

const TYPE_NAMES: Readonly<Record<number, string | undefined>> = {
  8: 'STRING',
  9: 'BOOL',
  13: 'UINT64',
  14: 'COMPLEX64',
  15: 'COMPLEX128',
};

/** @throws model-damaged, model-unsupported, naming the tensor */
export function readTensor(file: string, message: Message): RawTensor {
  const name = message.string(F.name);
  const what = `Tensor ${quote(name)}`;
  const code = message.int(F.dataType) ?? 0;
  const type = TYPES[code];
  if (type === undefined) {
    const known = TYPE_NAMES[code] ?? `number ${String(code)}`;
    throw unsupported(file, `${what} is of type ${known}.`, 'Floating and integer types are supported.');
  }
  if (message.int(F.dataLocation) === EXTERNAL || message.has(F.externalData)) {
    throw unsupported(
      file,
      `${what} has its data in another file.`,
      'Save the model with its data inside (external data is not supported).',
    );
  }
  if (message.has(F.segment)) throw unsupported(file, `${what} is in segments.`, 'Whole tensors are supported.');
  const shape = message.ints(F.dims);
  if (shape.some((size) => size < 0)) throw damaged(file, `${what} has the shape ${shapeText(shape)}.`);
  const expected = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from(valuesOf(message, type));
  if (values.length !== expected) {
    throw damaged(
      file,
      `${what} has ${String(values.length)} values; its shape ${shapeText(shape)} has ${String(expected)}.`,
    );
  }
  return { name, shape, kind: type.kind, values };
}

function valuesOf(message: Message, { name, size, raw, list }: ElementType): Iterable<number> {
  if (!message.has(F.rawData)) return list(message);
  const bytes = message.bytes(F.rawData).at(-1) ?? new Uint8Array(0);
  if (bytes.length % size !== 0) {
    throw new WireError(`raw_data of ${String(bytes.length)} bytes holds no whole number of values of type ${name}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float64Array(bytes.length / size);
  for (let k = 0; k < values.length; k++) values[k] = raw(view, k * size);
  return values;
}
