/**
 * Reads NumPy's .npy and .npz.
 *
 * Formats: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { unzipSync } from 'fflate';
import { halfToNumber } from '../models/floats';
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';

export interface NpyArray {
  readonly shape: readonly number[];
  readonly kind: 'float' | 'int';
  /** Row after row; integers beyond 2^53 are rounded. */
  readonly values: Float64Array;
}

const MAGIC = '\x93NUMPY';
const MOST_BYTES = 2 ** 30;

type Read = (view: DataView, offset: number, little: boolean) => number;

interface NpyType {
  readonly kind: 'float' | 'int';
  readonly size: number;
  readonly read: Read;
}

/** By the letters of a descr behind its byte order. */
const TYPES: ReadonlyMap<string, NpyType> = new Map<string, NpyType>([
  ['f2', { kind: 'float', size: 2, read: (view, at, little) => halfToNumber(view.getUint16(at, little)) }],
  ['f4', { kind: 'float', size: 4, read: (view, at, little) => view.getFloat32(at, little) }],
  ['f8', { kind: 'float', size: 8, read: (view, at, little) => view.getFloat64(at, little) }],
  ['b1', { kind: 'int', size: 1, read: (view, at) => view.getUint8(at) }],
  ['i1', { kind: 'int', size: 1, read: (view, at) => view.getInt8(at) }],
  ['u1', { kind: 'int', size: 1, read: (view, at) => view.getUint8(at) }],
  ['i2', { kind: 'int', size: 2, read: (view, at, little) => view.getInt16(at, little) }],
  ['u2', { kind: 'int', size: 2, read: (view, at, little) => view.getUint16(at, little) }],
  ['u4', { kind: 'int', size: 4, read: (view, at, little) => view.getUint32(at, little) }],
  ['u8', { kind: 'int', size: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) }],
  ['i4', { kind: 'int', size: 4, read: (view, at, little) => view.getInt32(at, little) }],
  ['i8', { kind: 'int', size: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) }],
]);

const refuse = (file: string, what: Text): GatescopeError =>
  new GatescopeError('bad-request', say`${file}: ${what} Save it again with numpy.save.`);

/** @param file for messages @throws bad-request */
export function readNpy(file: string, bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const latin = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  const [version = 0] = bytes.subarray(6, 7);
  if (latin(0, 6) !== MAGIC || bytes.length < 12) throw refuse(file, say`It is no .npy file.`);
  if (version < 1 || version > 3) throw refuse(file, say`Its .npy version is ${version}; 1 to 3 are known.`);
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) throw refuse(file, say`Its header is cut off.`);
  const header = latin(start, end);
  const descr = /'descr':\s*'([^']*)'/u.exec(header)?.[1] ?? '';
  const shapeText = /'shape':\s*\(([^)]*)\)/u.exec(header)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/u.exec(header)?.[1];
  if (shapeText === undefined || fortran === undefined) throw refuse(file, say`Its header cannot be read.`);
  const shape = shapeText
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const type = TYPES.get(descr.slice(1));
  const order = descr.charAt(0);
  if (type === undefined || !'<>|'.includes(order)) {
    throw refuse(file, say`Its dtype is '${descr}'; floats of 16 to 64 bits and integers of 8 to 64 are supported.`);
  }
  const count = shape.reduce((a, b) => a * b, 1);
  if (!Number.isInteger(count) || bytes.length - end !== count * type.size) {
    const has = say`Its shape (${shapeText}) of '${descr}' has ${count * type.size} bytes`;
    throw refuse(file, say`${has}; the file has ${bytes.length - end}.`);
  }
  const values = new Float64Array(count);
  for (let k = 0; k < count; k++) values[k] = type.read(view, end + k * type.size, order === '<');
  return { shape, kind: type.kind, values: fortran === 'True' ? fromColumns(values, shape) : values };
}

/** From the order in which the first axis runs fastest to that in which the last one does. */
function fromColumns(values: Float64Array, shape: readonly number[]): Float64Array {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  return values.map((_, index) => {
    let [rest, place] = [index, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] ?? 1;
      place += (rest % size) * (strides[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    return values[place] ?? NaN;
  });
}

/** Every array of an .npz by its name. @throws bad-request */
export function readNpz(file: string, bytes: Uint8Array): Map<string, NpyArray> {
  let total = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter({ originalSize }) {
        total += originalSize;
        // Said by the file itself; what it unpacks is no more than that.
        if (total > MOST_BYTES)
          throw new GatescopeError('bad-request', say`It unpacks to more than ${MOST_BYTES / 2 ** 20} MiB.`);
        return true;
      },
    });
  } catch (error) {
    throw refuse(file, say`It is no whole .npz file (${error instanceof Error ? error.message : String(error)}).`);
  }
  return new Map(
    Object.entries(entries).map(([name, npy]) => [name.replace(/\.npy$/u, ''), readNpy(`${file}:${name}`, npy)]),
  );
}
