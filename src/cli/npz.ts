/**
 * Writes NumPy's .npz (a zip of .npy arrays) of any size: each array grows in a file of its own beside the target, and
 * the target appears only when it is whole.
 *
 * Formats: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

type NpyData = Float32Array | Int32Array;

interface Growing {
  readonly file: FileHandle;
  readonly path: string;
  readonly shape: readonly number[];
  readonly values: number;
  written: number;
}

/** The header of a little-endian, C-ordered .npy file, padded to a multiple of 64 bytes. */
export function npyHeader(data: NpyData, shape: readonly number[]): Uint8Array {
  const type = data instanceof Float32Array ? '<f4' : '<i4';
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefix = 10;
  const padded = text.padEnd(Math.ceil((prefix + text.length + 1) / 64) * 64 - prefix - 1) + '\n';
  const header = new Uint8Array(prefix + padded.length);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 0xff, padded.length >> 8]);
  header.set(new TextEncoder().encode(padded), prefix);
  return header;
}

export class NpzWriter {
  private readonly arrays = new Map<string, Growing>();

  private constructor(
    private readonly target: string,
    private readonly folder: string,
  ) {}

  /** @param target the .npz to be; its folder must exist */
  static async create(target: string): Promise<NpzWriter> {
    return new NpzWriter(target, await mkdtemp(join(dirname(target), `.${basename(target)}-`)));
  }

  /** Adds rows to an array; `shape` is that of the whole array, told with its first rows. */
  async append(name: string, data: NpyData, shape: readonly number[]): Promise<void> {
    let array = this.arrays.get(name);
    if (array === undefined) {
      const path = join(this.folder, `${name}.npy`);
      array = { file: await open(path, 'w'), path, shape, values: shape.reduce((a, b) => a * b, 1), written: 0 };
      this.arrays.set(name, array);
      await array.file.writeFile(npyHeader(data, shape));
    }
    await array.file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    array.written += data.length;
  }

  /** Puts the arrays together and the target in its place. @throws when an array has not the values its shape says */
  async finish(): Promise<void> {
    const zip = new ZipFile();
    for (const [name, { file, path, values, written, shape }] of this.arrays) {
      await file.close();
      if (written !== values)
        throw new Error(`${name} has ${String(written)} values, not those of [${shape.join(', ')}]`);
      zip.addFile(path, `${name}.npy`, { compress: false });
    }
    zip.end();
    const whole = join(this.folder, 'whole');
    await pipeline(zip.outputStream, createWriteStream(whole));
    await rename(whole, this.target);
    await rm(this.folder, { recursive: true });
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await Promise.allSettled([...this.arrays.values()].map(({ file }) => file.close()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
