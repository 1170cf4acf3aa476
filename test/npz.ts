/** Reads NumPy's .npz and .npy, as far as fixtures and our own export use them: little-endian float32 and int32. */
import { unzipSync } from 'fflate';

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export function readNpy(bytes: Uint8Array): NpyArray {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!text.startsWith('\x93NUMPY')) throw new Error('not a .npy');
  const long = bytes[6] !== 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = long ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  const header = text.slice(10, start);
  const type = /'descr': '([^']+)'/.exec(header)?.[1];
  if (header.includes("'fortran_order': True")) throw new Error('Fortran order');
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').filter((part) => part.trim() !== '');
  // A copy, because the values need not be aligned in the zip.
  const values = bytes.slice(start).buffer;
  if (type === '<f4') return { shape: shape.map(Number), data: new Float32Array(values) };
  if (type === '<i4') return { shape: shape.map(Number), data: new Int32Array(values) };
  throw new Error(`dtype ${String(type)}`);
}

export function readNpz(bytes: Uint8Array): Map<string, NpyArray> {
  return new Map(Object.entries(unzipSync(bytes)).map(([name, npy]) => [name.replace(/\.npy$/, ''), readNpy(npy)]));
}
