/** Puts NumPy's .npz together in memory (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
import { zipSync } from 'fflate';
import { npyHeader } from './npz';

/** An .npz whose arrays may have any name, since no file is made of them. The same arrays give the same bytes. */
export function npzBytes(arrays: ReadonlyMap<string, { shape: readonly number[]; values: Float32Array }>): Uint8Array {
  const files = [...arrays].map(([name, { shape, values }]) => {
    const header = npyHeader(values, shape);
    const npy = new Uint8Array(header.length + values.byteLength);
    npy.set(header);
    npy.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length);
    return [`${name}.npy`, npy] as const;
  });
  return zipSync(Object.fromEntries(files), { level: 0, mtime: '1980-01-01T12:00:00' });
}
