/** PyTorch's storages: where their bytes lie, what type their values have, and tensors as strided views of them. */
import { damaged, quote, shapeText, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { FLOAT_DECODERS } from '../floats';
import { LIMITS } from '../limits';
import { countOf, type Tensor } from '../tensors';
import { itemsOf, PyGlobal, PyPersistent, PyRecord, PyTuple, type PyValue } from './values';

/** Bytes of a storage, once it is known where they lie. */
export interface StorageBytes {
  readonly size: number;
  read(from: number, length: number): Uint8Array;
}

/** A file of PyTorch's, whichever way it keeps its storages. */
export interface Container {
  readonly file: string;
  readonly size: number;
  readonly root: PyValue;
  readonly bigEndian: boolean;
  /** @throws model-damaged where there is none of that key */
  storage(key: string, itemSize: number): StorageBytes;
}

interface ValueType {
  /** As safetensors calls it. */
  readonly name: string;
  readonly size: number;
}

const type = (name: string, size: number): ValueType => ({ name, size });

/** By the class of a typed storage, `torch.FloatStorage`. */
const STORAGES: Readonly<Record<string, ValueType | undefined>> = {
  DoubleStorage: type('F64', 8),
  FloatStorage: type('F32', 4),
  HalfStorage: type('F16', 2),
  BFloat16Storage: type('BF16', 2),
  LongStorage: type('I64', 8),
  IntStorage: type('I32', 4),
  ShortStorage: type('I16', 2),
  CharStorage: type('I8', 1),
  ByteStorage: type('U8', 1),
  BoolStorage: type('BOOL', 1),
  ComplexDoubleStorage: type('complex128', 16),
  ComplexFloatStorage: type('C64', 8),
  QInt8Storage: type('quantised qint8', 1),
  QUInt8Storage: type('quantised quint8', 1),
  QInt32Storage: type('quantised qint32', 4),
  QUInt4x2Storage: type('quantised quint4x2', 1),
  QUInt2x4Storage: type('quantised quint2x4', 1),
  UntypedStorage: type('U8', 1),
};

/** By dtype, for tensors of untyped storages (`_rebuild_tensor_v3`). */
const DTYPES: Readonly<Record<string, ValueType | undefined>> = {
  float64: type('F64', 8),
  float32: type('F32', 4),
  float16: type('F16', 2),
  bfloat16: type('BF16', 2),
  float8_e4m3fn: type('F8_E4M3', 1),
  float8_e5m2: type('F8_E5M2', 1),
  uint16: type('U16', 2),
  uint32: type('U32', 4),
  uint64: type('U64', 8),
};

interface StorageRef {
  readonly key: string;
  readonly type: ValueType;
  /** Values in it. */
  readonly count: number;
  /** In a legacy file a storage may be a part of another: where it begins in that, in values. */
  readonly start: number;
}

/** @returns undefined for what is no storage */
function storageOf(file: string, value: PyValue | undefined): StorageRef | undefined {
  if (!(value instanceof PyPersistent)) return undefined;
  const [tag, kind, key, , count, view] = itemsOf(value.id) ?? [];
  if (tag !== 'storage') return undefined;
  if (!(kind instanceof PyGlobal) || typeof key !== 'string' || !isCount(count)) {
    throw damaged(file, say`A storage is not described as PyTorch does it.`);
  }
  const found = STORAGES[kind.name];
  if (found === undefined) {
    throw unsupported(
      file,
      say`It has a storage of the unknown type ${quote(kind.path)}.`,
      say`Save its weights as float32.`,
    );
  }
  const [, start, viewCount] = itemsOf(view) ?? [];
  if (isCount(start) && isCount(viewCount)) {
    if (start + viewCount > count) {
      throw damaged(file, say`A part of storage ${quote(key)} ends at ${start + viewCount} of ${count}.`);
    }
    return { key, type: found, count: viewCount, start };
  }
  return { key, type: found, count, start: 0 };
}

/** Every storage that lies in the file, by key, with the size of its values: what a legacy file is walked with. */
export function storageItemSize(
  file: string,
  value: PyPersistent,
): readonly [key: string, itemSize: number] | undefined {
  const storage = storageOf(file, value);
  return storage && [storage.key, storage.type.size];
}

const isCount = (value: PyValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function countsOf(value: PyValue | undefined): readonly number[] | undefined {
  // torch.Size is a tuple, and may be pickled as a call of its class.
  const items = value instanceof PyRecord && value.path === 'torch.Size' ? itemsOf(value.args[0]) : itemsOf(value);
  if (items === undefined) return value instanceof PyTuple ? [] : undefined;
  return items.every(isCount) ? items : undefined;
}

/** How many arguments it takes from a wrapper to the tensor inside: a parameter, a tensor with attributes. */
const WRAPPERS = new Set([
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch._utils._rebuild_device_tensor_from_cpu_tensor',
  'torch.nn.parameter.Parameter',
  'torch.nn.parameter.Buffer',
]);

const VIEWS = new Set([
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_qtensor',
]);

/** Tensors that are no view of a storage. */
const OTHERS: Readonly<Record<string, Text | undefined>> = {
  'torch._utils._rebuild_sparse_tensor': say`a sparse tensor`,
  'torch._utils._rebuild_sparse_csr_tensor': say`a sparse tensor`,
  'torch._utils._rebuild_nested_tensor': say`a nested tensor`,
  'torch._utils._rebuild_meta_tensor_no_storage': say`a tensor without values`,
  'torch._utils._rebuild_wrapper_subclass': say`a tensor of a class of its own`,
  'torch._utils._rebuild_device_tensor_from_numpy': say`a tensor kept as a NumPy array`,
};

/** The call that makes the tensor itself, inside of parameters and the like; undefined for what is no tensor. */
function tensorCall(value: PyValue, depth = 0): PyRecord | undefined {
  if (!(value instanceof PyRecord) || depth > LIMITS.dimensions) return undefined;
  const { path, args } = value;
  if (VIEWS.has(path) || OTHERS[path] !== undefined) return value;
  const [first, , third] = args;
  if (path === 'torch._tensor._rebuild_from_type_v2' && first !== undefined) {
    // (function, class, arguments, state) of a tensor with attributes
    return tensorCall(new PyRecord(first, itemsOf(third) ?? []), depth + 1);
  }
  return WRAPPERS.has(path) && first !== undefined ? tensorCall(first, depth + 1) : undefined;
}

export const isTensor = (value: PyValue): boolean => tensorCall(value) !== undefined;

/**
 * @returns undefined for what is no tensor
 * @throws model-damaged where the tensor does not fit its storage, model-unsupported for sparse ones and the like
 */
export function tensorOf(container: Container, name: string, value: PyValue): Tensor | undefined {
  const call = tensorCall(value);
  if (call === undefined) return undefined;
  const { file } = container;
  const what = `Tensor ${quote(name)}`;
  const other = OTHERS[call.path];
  if (other !== undefined) return unreadable(file, name, say`${what} is ${other}.`);
  const [from, offset, size, stride, ...rest] = call.args;
  const storage = storageOf(file, from);
  const shape = countsOf(size);
  const strides = countsOf(stride);
  if (storage === undefined || !isCount(offset) || shape === undefined || strides === undefined) {
    throw damaged(file, say`${what} is not described as PyTorch does it.`);
  }
  if (shape.length !== strides.length || shape.length > LIMITS.dimensions) {
    throw damaged(file, say`${what} has the shape ${shapeText(shape)} and the strides ${shapeText(strides)}.`);
  }
  const dtype = call.path.endsWith('_v3') ? rest[2] : undefined;
  const view = { ...storage, shape, strides, offset, name };
  if (dtype === undefined) return viewOf(container, view);
  const known = dtype instanceof PyGlobal ? DTYPES[dtype.name] : undefined;
  if (known === undefined) return unreadable(file, name, say`${what} has the unknown type ${quote(pathOf(dtype))}.`);
  // An untyped storage counts bytes.
  const perValue = known.size / storage.type.size;
  return viewOf(container, {
    ...view,
    type: known,
    count: Math.floor(storage.count / perValue),
    start: storage.start / perValue,
  });
}

const pathOf = (value: PyValue): string => (value instanceof PyGlobal ? value.path : '');

/** Named, but of no use. */
const unreadable = (file: string, name: string, what: Text): Tensor => ({
  name,
  shape: [],
  floating: false,
  read: () => {
    throw unsupported(file, what, say`Save its weights as plain float32 tensors.`);
  },
});

interface View extends StorageRef {
  readonly name: string;
  readonly shape: readonly number[];
  /** In values, as is the offset. */
  readonly strides: readonly number[];
  readonly offset: number;
}

function viewOf(container: Container, view: View): Tensor {
  const { file } = container;
  const { name, shape, strides, offset, key, count, type: values } = view;
  const total = countOf(view);
  const last = offset + shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), 0);
  if (total > 0 && !(last < count)) {
    throw damaged(
      file,
      say`Tensor ${quote(name)} reaches to value ${last} of its storage ${quote(key)}, which has ${count}.`,
    );
  }
  const decode = FLOAT_DECODERS[values.name];
  if (decode === undefined) {
    return { ...unreadable(file, name, say`Tensor ${quote(name)} is of the type ${values.name}.`), shape };
  }
  // Bytes that are not there are found before anything is made of them.
  const bytes = container.storage(key, values.size);
  const end = (view.start + count) * values.size;
  if (end > bytes.size) {
    throw damaged(file, say`Storage ${quote(key)} ends at byte ${bytes.size}; ${end} are named.`);
  }
  return {
    name,
    shape,
    read: () => {
      if (total === 0) return new Float32Array(0);
      const first = (view.start + offset) * values.size;
      const span = (last - offset + 1) * values.size;
      const raw = container.storage(key, values.size).read(first, span);
      const decoded = decode(container.bigEndian ? swapped(raw, values.size) : raw);
      return isContiguous(shape, strides) ? decoded : gathered(decoded, shape, strides, total);
    },
  };
}

/** Row after row without gaps; the stride of an axis of size 1 says nothing. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 0;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** @param values from the tensor's first to its last in the storage */
function gathered(
  values: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
  total: number,
): Float32Array {
  const out = new Float32Array(total);
  const place = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let k = 0; k < total; k++) {
    out[k] = values[from] ?? NaN;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [at = 0, size = 0, stride = 0] = [place[axis], shape[axis], strides[axis]];
      if (at + 1 < size) {
        place[axis] = at + 1;
        from += stride;
        break;
      }
      place[axis] = 0;
      from -= at * stride;
    }
  }
  return out;
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = bytes.slice();
  for (let at = 0; at < out.length; at += size) out.subarray(at, at + size).reverse();
  return out;
}
