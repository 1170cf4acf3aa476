/** Datatypes and dataspaces of HDF5, as far as weights and notes need them: numbers and texts. */
import { damaged } from '../errors';
import { say } from '../../shared/l10n';
import { halfToNumber } from '../floats';
import type { Fields } from './fields';

export type Datatype =
  | { readonly kind: 'float' | 'signed' | 'unsigned'; readonly size: number; readonly littleEndian: boolean }
  /** Upper half of a float32. */
  | { readonly kind: 'bfloat'; readonly size: number; readonly littleEndian: boolean }
  | { readonly kind: 'text'; readonly size: number }
  /** In a global heap; `size` is that of the reference to it. */
  | { readonly kind: 'variableText'; readonly size: number }
  /** Bytes of no meaning: Keras stores bfloat16 so. */
  | { readonly kind: 'opaque'; readonly size: number }
  | { readonly kind: 'other'; readonly size: number; readonly what: string };

const CLASSES = [
  'fixed-point',
  'floating-point',
  'time',
  'string',
  'bit field',
  'opaque',
  'compound',
  'reference',
  'enumeration',
  'variable-length',
  'array',
  'complex',
] as const;

export function readDatatype(fields: Fields): Datatype {
  const head = fields.u8();
  const bits = fields.u8();
  const bits2 = fields.u8();
  fields.skip(1);
  const size = fields.u32();
  const name = CLASSES[head & 0x0f] ?? 'unknown';
  const other: Datatype = { kind: 'other', size, what: name };
  switch (name) {
    case 'fixed-point':
      return [1, 2, 4, 8].includes(size)
        ? { kind: bits & 8 ? 'signed' : 'unsigned', size, littleEndian: (bits & 1) === 0 }
        : other;
    case 'floating-point': {
      fields.skip(4);
      const exponentAt = fields.u8();
      const exponentBits = fields.u8();
      const littleEndian = (bits & 1) === 0;
      if (bits & 0x40) return other;
      if (size === 2 && exponentAt === 7 && exponentBits === 8) return { kind: 'bfloat', size, littleEndian };
      const usual = { 2: 5, 4: 8, 8: 11 }[size];
      return exponentBits === usual ? { kind: 'float', size, littleEndian } : other;
    }
    case 'string':
      return { kind: 'text', size };
    case 'opaque':
      return { kind: 'opaque', size };
    case 'variable-length':
      return (bits & 0x0f) === 1 && bits2 < 2 ? { kind: 'variableText', size } : other;
    default:
      return other;
  }
}

const MAX_RANK = 32;

/** @returns the shape: [] for one value; [0] where there is none */
export function readDataspace(fields: Fields): readonly number[] {
  const version = fields.version(1, 2);
  const rank = fields.u8();
  fields.skip(1);
  if (rank > MAX_RANK) throw damaged(fields.file, say`${fields.what} has ${rank} axes.`);
  const type = version === 2 ? fields.u8() : undefined;
  if (version === 1) fields.skip(5);
  if (type === 2) return [0];
  return Array.from({ length: rank }, () => fields.length());
}

/** Product of a shape. Beyond 2^53 it is inexact, but then it is no file's size either. */
export const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Reads one number at an offset; undefined for types that are no numbers. */
function numberReader(type: Datatype): ((view: DataView, at: number) => number) | undefined {
  if (!('littleEndian' in type)) return undefined;
  const { kind, size, littleEndian } = type;
  switch (`${kind}${String(size)}`) {
    case 'float2':
      return (view, at) => halfToNumber(view.getUint16(at, littleEndian));
    case 'float4':
      return (view, at) => view.getFloat32(at, littleEndian);
    case 'float8':
      return (view, at) => view.getFloat64(at, littleEndian);
    case 'signed1':
      return (view, at) => view.getInt8(at);
    case 'signed2':
      return (view, at) => view.getInt16(at, littleEndian);
    case 'signed4':
      return (view, at) => view.getInt32(at, littleEndian);
    case 'signed8':
      return (view, at) => Number(view.getBigInt64(at, littleEndian));
    case 'unsigned1':
      return (view, at) => view.getUint8(at);
    case 'unsigned2':
      return (view, at) => view.getUint16(at, littleEndian);
    case 'unsigned4':
      return (view, at) => view.getUint32(at, littleEndian);
    case 'unsigned8':
      return (view, at) => Number(view.getBigUint64(at, littleEndian));
    case 'bfloat2': {
      const float = new DataView(new ArrayBuffer(4));
      return (view, at) => {
        float.setUint16(0, view.getUint16(at, littleEndian));
        return float.getFloat32(0);
      };
    }
    default:
      return undefined;
  }
}

/** @returns a decoder of values of the type to float32, a fresh array; undefined for types that are no numbers */
export function decoderOf(type: Datatype): ((bytes: Uint8Array) => Float32Array) | undefined {
  const read = numberReader(type);
  if (read === undefined) return undefined;
  const { size } = type;
  if (type.kind === 'float' && size === 4 && type.littleEndian) {
    // A copy, for the values need not be aligned; slice() of a Buffer would be none.
    return (bytes) => new Float32Array(new Uint8Array(bytes).buffer);
  }
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Float32Array(Math.floor(bytes.length / size));
    for (let k = 0; k < values.length; k++) values[k] = read(view, k * size);
    return values;
  };
}
