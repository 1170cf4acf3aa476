/**
 * Where a model's bytes come from: a file of any size that is read in parts, or bytes in memory. Reads are synchronous,
 * for they happen on the worker's thread and readers jump about in a file.
 */
import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { damaged, quote } from './errors';
import { say } from '../shared/l10n';

export interface ModelSource {
  /** The path or name, for messages. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Bytes [from, from + length), a fresh array or a view. @throws model-damaged where the file ends before */
  read(from: number, length: number): Uint8Array;
  /**
   * A regular file in the model's own folder: no path, no link. Undefined where there is none, or the model came without
   * a folder. The caller closes it.
   */
  sibling(name: string): ModelSource | undefined;
  close(): void;
}

function checkRange(name: string, size: number, from: number, length: number): void {
  if (from >= 0 && length >= 0 && from + length <= size) return;
  const end = String(from + length);
  throw damaged(name, say`Bytes ${from} to ${end} were asked for, but it ends at ${size}.`);
}

/** @param siblings other files of the same folder, by name */
export function bytesSource(
  name: string,
  bytes: Uint8Array,
  siblings: ReadonlyMap<string, Uint8Array> = new Map(),
): ModelSource {
  return {
    name,
    size: bytes.length,
    read: (from, length) => {
      checkRange(name, bytes.length, from, length);
      return bytes.subarray(from, from + length);
    },
    sibling: (other) => {
      const found = siblings.get(other);
      return found && bytesSource(other, found, siblings);
    },
    close: () => undefined,
  };
}

/** @throws the file system's own errors where the file cannot be opened */
export function fileSource(path: string): ModelSource {
  const handle = openSync(path, 'r');
  const { size } = fstatSync(handle);
  return {
    name: path,
    size,
    read: (from, length) => {
      checkRange(path, size, from, length);
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = readSync(handle, bytes, done, length - done, from + done);
        if (count === 0) throw damaged(path, say`It ended at ${from + done} while it was read.`);
        done += count;
      }
      return bytes;
    },
    sibling: (other) => {
      if (other === '' || other === '.' || other === '..' || basename(other) !== other || /[/\\\0]/u.test(other)) {
        throw damaged(path, say`It names the file ${quote(other)}, which is not in its own folder.`);
      }
      const beside = join(dirname(path), other);
      const found = lstatSync(beside, { throwIfNoEntry: false });
      if (found === undefined) return undefined;
      if (!found.isFile()) throw damaged(path, say`It names ${quote(other)}, which is a link or no file.`);
      return fileSource(beside);
    },
    close: () => {
      closeSync(handle);
    },
  };
}
