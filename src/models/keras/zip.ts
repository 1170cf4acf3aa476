/** The entries of a zip file, found by its directory and read in parts (APPNOTE.TXT of PKWARE, 4.3). */
import { inflateRawSync } from 'node:zlib';
import { damaged, quote, unsupported } from '../errors';
import type { ModelSource } from '../source';

export interface ZipEntry {
  readonly name: string;
  /** Bytes in the file, and when unpacked as the directory says. */
  readonly packed: number;
  readonly size: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  /** Of its local header. */
  readonly at: number;
}

const END_BYTES = 22;
const MAX_COMMENT = 65_535;
const MAX_DIRECTORY_BYTES = 16 * 1024 * 1024;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const DEFLATED = 8;
const WIDE = 0xffffffff;
const MAX_GAIN = 4;
const MAX_EXTRA_BYTES = 32 * 1024 * 1024;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const looksLikeZip = (source: ModelSource): boolean =>
  source.size >= END_BYTES && viewOf(source.read(0, 4)).getUint32(0, true) === LOCAL;

/** @throws model-damaged; model-unsupported for archives over 4 GiB */
export function readZip(source: ModelSource): ReadonlyMap<string, ZipEntry> {
  const { name: file } = source;
  const tail = Math.min(source.size, END_BYTES + MAX_COMMENT);
  const bytes = source.read(source.size - tail, tail);
  const view = viewOf(bytes);
  let end = bytes.length - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw damaged(file, 'It is a zip archive without an end.');
  const count = view.getUint16(end + 10, true);
  const length = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || length === WIDE || start === WIDE) {
    throw unsupported(file, 'It is a zip archive of the long form.', 'Archives below 4 GiB are supported.');
  }
  if (length > MAX_DIRECTORY_BYTES) throw damaged(file, `Its directory has ${String(length)} bytes.`);
  return readDirectory(source, source.read(start, length), count);
}

function readDirectory(
  { name: file, size: fileBytes }: ModelSource,
  bytes: Uint8Array,
  count: number,
): ReadonlyMap<string, ZipEntry> {
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY) {
      throw damaged(file, `Its directory ends after ${String(k)} of ${String(count)} entries.`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const end = at + ENTRY_BYTES + nameLength;
    if (end > bytes.length) throw damaged(file, 'Its directory ends inside of a name.');
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, end));
    const entry: ZipEntry = {
      name,
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      at: view.getUint32(at + 42, true),
    };
    if (entries.has(name)) throw damaged(file, `It has ${quote(name)} twice.`);
    if (entry.at + entry.packed > fileBytes) throw damaged(file, `${quote(name)} reaches over the file's end.`);
    entries.set(name, entry);
    at = end + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/**
 * An entry's bytes as a source of their own: read in parts where it is stored, unpacked into memory where it is deflated.
 *
 * @throws model-damaged; model-unsupported for another method or an encrypted entry
 */
export function openEntry(source: ModelSource, entry: ZipEntry): ModelSource {
  const { name: file } = source;
  const what = quote(entry.name);
  if (entry.encrypted) throw unsupported(file, `${what} is encrypted.`, 'Save the model without a password.');
  const header = viewOf(source.read(entry.at, LOCAL_BYTES));
  if (header.getUint32(0, true) !== LOCAL) throw damaged(file, `${what} is not where its directory says.`);
  const start = entry.at + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + entry.packed > source.size) throw damaged(file, `${what} reaches over the file's end.`);
  if (entry.method === 0) {
    if (entry.packed !== entry.size) throw damaged(file, `${what} is stored, but its sizes differ.`);
    return part(source, start, entry.size);
  }
  if (entry.method !== DEFLATED) {
    throw unsupported(
      file,
      `${what} is packed by the method ${String(entry.method)}.`,
      'Stored and deflated entries are supported.',
    );
  }
  const most = Math.min(entry.size, MAX_GAIN * source.size + MAX_EXTRA_BYTES);
  if (entry.size > most) {
    throw damaged(file, `${what} says that it unpacks to ${String(entry.size)} bytes, too many for the file.`);
  }
  return inMemory(source, unpack(file, what, source.read(start, entry.packed), most));
}

function unpack(file: string, what: string, packed: Uint8Array, size: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(file, `${what} cannot be unpacked to ${String(size)} bytes (${reason}).`);
  }
  if (bytes.length === size) return bytes;
  throw damaged(file, `${what} unpacks to ${String(bytes.length)} bytes; ${String(size)} are expected.`);
}

const part = (source: ModelSource, start: number, size: number): ModelSource => ({
  name: source.name,
  size,
  read: (from, length) => {
    if (from < 0 || length < 0 || from + length > size) {
      throw damaged(
        source.name,
        `Bytes ${String(from)} to ${String(from + length)} were asked for of ${String(size)}.`,
      );
    }
    return source.read(start + from, length);
  },
  sibling: () => undefined,
  close: () => undefined,
});

const inMemory = (source: ModelSource, bytes: Uint8Array): ModelSource => ({
  ...part(source, 0, bytes.length),
  read: (from, length) => {
    if (from >= 0 && length >= 0 && from + length <= bytes.length) return bytes.subarray(from, from + length);
    throw damaged(
      source.name,
      `Bytes ${String(from)} to ${String(from + length)} were asked for of ${String(bytes.length)}.`,
    );
  },
});
