/**
 * Reads zip archives in parts (APPNOTE 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT): the central
 * directory first, an entry's bytes when asked. Stored entries are views of the file; deflated ones are inflated whole,
 * never beyond the size that they promise. Checks are those of yauzl, and against bombs the sum of all promises.
 */
import { inflateRawSync } from 'node:zlib';
import { damaged, quote, unsupported } from './errors';
import { say, type Text } from '../shared/l10n';
import { LIMITS, unpackedLimit } from './limits';
import type { ModelSource } from './source';

export interface ZipEntry {
  readonly name: string;
  /** Once unpacked. */
  readonly size: number;
}

export interface Zip {
  /** Files by their name, in the archive's order; folders are left out. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** @throws model-damaged, model-unsupported, naming the entry */
  open(entry: ZipEntry): ModelSource;
}

interface Found extends ZipEntry {
  readonly method: number;
  readonly packed: number;
  /** Where its local header lies. */
  readonly offset: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT = 0xffff;

/** In a field of 32 bits: look in the zip64 field. */
const SEE_64 = 0xffffffff;
const ZIP64_FIELD = 1;

const STORED = 0;
const DEFLATED = 8;

/** Bits of an entry's general purpose flag. */
const ENCRYPTED = 1;
const STRONG = 0x40;

/** File type in the upper half of a Unix entry's external attributes. */
const TYPE_MASK = 0o170000;
const LINK = 0o120000;

export const looksLikeZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));

/** A reader of little-endian numbers over a part of the file. */
interface Part {
  readonly bytes: Uint8Array;
  u16(at: number): number;
  u32(at: number): number;
  /** Exact below 2^53; larger sizes are no file's. */
  u64(at: number): number;
}

function part(bytes: Uint8Array): Part {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    bytes,
    u16: (at) => view.getUint16(at, true),
    u32: (at) => view.getUint32(at, true),
    u64: (at) => Number(view.getBigUint64(at, true)),
  };
}

/**
 * @throws model-damaged where the archive breaks the format or promises too much, model-unsupported for encryption,
 * several disks, methods other than stored and deflated
 */
export function openZip(source: ModelSource): Zip {
  const { name: file } = source;
  const { count, start, length, limit } = findDirectory(source);
  if (count > LIMITS.zipEntries) {
    throw damaged(file, say`The archive has ${count} entries; the most is ${LIMITS.zipEntries}.`);
  }
  if (length > LIMITS.zipDirectory) {
    throw damaged(file, say`The archive's directory has ${length} bytes; the most is ${LIMITS.zipDirectory}.`);
  }
  if (start + length > limit) {
    throw damaged(
      file,
      say`The archive's directory ends at byte ${start + length}, behind ${limit}, where it must have ended.`,
    );
  }
  const directory = part(source.read(start, length));
  const entries = new Map<string, Found>();
  const promises = { packed: 0, unpacked: 0 };
  let at = 0;
  for (let k = 0; k < count; k++) {
    const { entry, next } = readEntry(file, directory, at);
    at = next;
    if (entry === undefined) continue;
    if (entries.has(entry.name)) throw damaged(file, say`The archive has the entry ${quote(entry.name)} twice.`);
    entries.set(entry.name, entry);
    promises.packed += entry.packed;
    promises.unpacked += entry.method === DEFLATED ? entry.size : 0;
  }
  // Entries that share their bytes make a bomb of a small file.
  if (promises.packed > source.size) {
    throw damaged(file, say`The archive's entries have ${promises.packed} bytes together, the file ${source.size}.`);
  }
  if (promises.unpacked > unpackedLimit(source.size)) {
    throw damaged(
      file,
      say`The archive would unpack to ${promises.unpacked} bytes; the most for a file of its size is
        ${unpackedLimit(source.size)}.`,
    );
  }
  return {
    entries,
    open: (entry) => {
      const found = entries.get(entry.name);
      if (found === undefined) throw damaged(file, say`The archive has no entry ${quote(entry.name)}.`);
      return openEntry(source, found);
    },
  };
}

interface Directory {
  readonly count: number;
  readonly start: number;
  readonly length: number;
  /** Where what follows the directory begins. */
  readonly limit: number;
}

function findDirectory(source: ModelSource): Directory {
  const { name: file, size } = source;
  const length = Math.min(size, END_BYTES + MAX_COMMENT);
  const tail = part(source.read(size - length, length));
  for (let at = length - END_BYTES; at >= 0; at--) {
    if (tail.u32(at) !== END) continue;
    const comment = length - at - END_BYTES;
    const said = tail.u16(at + 20);
    if (said !== comment) {
      throw damaged(file, say`The archive's comment has ${comment} bytes; ${said} are named.`);
    }
    const disk = tail.u16(at + 4);
    const end = size - length + at;
    const plain = { count: tail.u16(at + 10), start: tail.u32(at + 16), length: tail.u32(at + 12), limit: end };
    const locator = end >= LOCATOR_BYTES ? part(source.read(end - LOCATOR_BYTES, LOCATOR_BYTES)) : undefined;
    if (locator?.u32(0) === END64_LOCATOR) return readEnd64(source, locator.u64(8), end - LOCATOR_BYTES);
    if (disk !== 0) {
      throw unsupported(file, say`The archive is the disk ${disk} of several.`, say`Whole archives are supported.`);
    }
    return plain;
  }
  throw damaged(file, say`The archive has no end of its directory, so that it is cut off or no zip file.`);
}

function readEnd64(source: ModelSource, at: number, limit: number): Directory {
  const { name: file } = source;
  if (at + END64_BYTES > limit) throw damaged(file, say`The archive's zip64 end lies at byte ${at}, too late.`);
  const end = part(source.read(at, END64_BYTES));
  if (end.u32(0) !== END64) throw damaged(file, say`There is no zip64 end at byte ${at} of the archive.`);
  return { count: end.u64(32), start: end.u64(48), length: end.u64(40), limit: at };
}

/** @returns the entry, undefined for a folder, and where the next one starts */
function readEntry(file: string, directory: Part, at: number): { entry: Found | undefined; next: number } {
  const { bytes } = directory;
  const cutOff = (): Error => damaged(file, say`The archive's directory is cut off at byte ${at} of its own.`);
  if (at + CENTRAL_BYTES > bytes.length) throw cutOff();
  if (directory.u32(at) !== CENTRAL) {
    throw damaged(file, say`There is no entry at byte ${at} of the archive's directory.`);
  }
  const flags = directory.u16(at + 8);
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => directory.u16(at + place));
  const extraStart = at + CENTRAL_BYTES + (nameLength ?? 0);
  const extraEnd = extraStart + (extraLength ?? 0);
  const next = extraEnd + (commentLength ?? 0);
  if (next > bytes.length) throw cutOff();
  const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_BYTES, extraStart));
  checkName(file, name);
  const what = say`The archive's entry ${quote(name)}`;
  const { size, packed, offset } = sizesOf(file, what, directory, at, extraStart, extraEnd);
  // Made on Unix, by the upper byte of the version.
  const type = directory.u16(at + 4) >> 8 === 3 ? (directory.u32(at + 38) >>> 16) & TYPE_MASK : 0;
  if (type === LINK) throw damaged(file, say`${what} is a link.`);
  if (name.endsWith('/')) return { entry: undefined, next };
  if (flags & (ENCRYPTED | STRONG)) {
    throw unsupported(file, say`${what} is encrypted.`, say`Archives without encryption are supported.`);
  }
  const method = directory.u16(at + 10);
  if (method !== STORED && method !== DEFLATED) {
    throw unsupported(file, say`${what} is packed by method ${method}.`, say`Stored and deflated are supported.`);
  }
  if (method === STORED && packed !== size) {
    throw damaged(file, say`${what} is stored in ${packed} bytes, but named to have ${size}.`);
  }
  return { entry: { name, size, method, packed, offset }, next };
}

function checkName(file: string, name: string): void {
  const climbs = name.split('/').includes('..');
  if (climbs || name === '' || /^[/\\]|^[a-z]:|[\\\0\ufffd]/iu.test(name)) {
    throw damaged(file, say`The archive names an entry ${quote(name)}, which is no path inside of it.`);
  }
}

/** Sizes of 32 bits, or where those are all ones of 64 bits from the zip64 field. */
function sizesOf(
  file: string,
  what: Text,
  directory: Part,
  at: number,
  extraStart: number,
  extraEnd: number,
): Pick<Found, 'size' | 'packed' | 'offset'> {
  const sizes = { size: directory.u32(at + 24), packed: directory.u32(at + 20), offset: directory.u32(at + 42) };
  let wide: { at: number; end: number } | undefined;
  // A field is a tag and a length of two bytes each; PyTorch pads with one, and others leave a few bytes behind.
  for (let field = extraStart; field + 4 <= extraEnd;) {
    const end = field + 4 + directory.u16(field + 2);
    if (end > extraEnd) throw damaged(file, say`${what} has an extra field that is longer than all of them.`);
    if (directory.u16(field) === ZIP64_FIELD) wide = { at: field + 4, end };
    field = end;
  }
  const take = (value: number, which: string): number => {
    if (value !== SEE_64) return value;
    if (wide === undefined || wide.at + 8 > wide.end)
      throw damaged(file, say`${what} has no ${which} in its zip64 field.`);
    const found = directory.u64(wide.at);
    wide.at += 8;
    return found;
  };
  return {
    size: take(sizes.size, 'size'),
    packed: take(sizes.packed, 'packed size'),
    offset: take(sizes.offset, 'place'),
  };
}

function openEntry(source: ModelSource, { name, method, packed, size, offset }: Found): ModelSource {
  const { name: file } = source;
  const what = say`The archive's entry ${quote(name)}`;
  if (offset + LOCAL_BYTES > source.size) throw damaged(file, say`${what} lies behind the end, at byte ${offset}.`);
  const header = part(source.read(offset, LOCAL_BYTES));
  if (header.u32(0) !== LOCAL) throw damaged(file, say`${what} has no header at byte ${offset}.`);
  // Its lengths may differ from those in the directory: PyTorch pads here, so that weights are aligned.
  const start = offset + LOCAL_BYTES + header.u16(26) + header.u16(28);
  if (start + packed > source.size) {
    throw damaged(file, say`${what} lies from byte ${start} to ${start + packed}; the file ends at ${source.size}.`);
  }
  if (method === STORED) return slice(source, start, size);
  return bytesOf(source, inflate(file, what, source.read(start, packed), size));
}

function inflate(file: string, what: Text, packed: Uint8Array, size: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    // Zero is no limit that zlib takes.
    bytes = inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(file, say`${what} cannot be unpacked to its ${size} bytes (${reason}).`);
  }
  if (bytes.length === size) return bytes;
  throw damaged(file, say`${what} has ${bytes.length} bytes unpacked; ${size} are named.`);
}

/** A part of a file as a file of its own, which keeps the whole's name for messages. */
function slice(source: ModelSource, start: number, size: number): ModelSource {
  return {
    name: source.name,
    size,
    read: (from, length) => {
      checkPart(source.name, size, from, length);
      return source.read(start + from, length);
    },
    sibling: () => undefined,
    close: () => undefined,
  };
}

function bytesOf(source: ModelSource, bytes: Uint8Array): ModelSource {
  return {
    name: source.name,
    size: bytes.length,
    read: (from, length) => {
      checkPart(source.name, bytes.length, from, length);
      return bytes.subarray(from, from + length);
    },
    sibling: () => undefined,
    close: () => undefined,
  };
}

function checkPart(file: string, size: number, from: number, length: number): void {
  if (from >= 0 && length >= 0 && from + length <= size) return;
  throw damaged(file, say`Bytes ${from} to ${from + length} of an entry were asked for; it ends at ${size}.`);
}
