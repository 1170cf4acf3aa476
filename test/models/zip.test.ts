/** Zip archives: those that yauzl's authors broke by hand, and those that would be bombs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { deflateSync, zipSync, type Zippable } from 'fflate';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/models/source';
import { openZip } from '../../src/models/zip';
import { readModelBytes } from '../../src/models/readModel';
import { GatescopeError } from '../../src/shared/errors';

const CASES = '/work/shared/cases/zips/test';

/** Reads all of every entry. */
function readAll(bytes: Uint8Array): Map<string, Uint8Array> {
  const zip = openZip(bytesSource('m.zip', bytes));
  return new Map([...zip.entries].map(([name, entry]) => [name, zip.open(entry).read(0, entry.size)]));
}

function refusal(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof GatescopeError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'read', message: '' };
}

const TEXT = Buffer.from('the text of an entry, which is long enough to be deflated, deflated, deflated');

describe('an archive', () => {
  it.each([0, 6] as const)('of level %d is read', (level) => {
    const entries = readAll(zipSync({ a: [TEXT, { level }], 'b/c': [new Uint8Array(0), { level }] }));
    expect([...entries.keys()]).toEqual(['a', 'b/c']);
    expect(Buffer.from(entries.get('a') ?? []).toString()).toBe(TEXT.toString());
  });

  it('with a comment and leading bytes that no entry needs is read', () => {
    const bytes = zipSync({ a: [TEXT, { level: 0 }] });
    const end = Buffer.from('PK\x05\x06', 'latin1');
    const commented = Buffer.concat([bytes, Buffer.from('hello')]);
    commented[Buffer.from(commented).lastIndexOf(end) + 20] = 5;
    expect(readAll(commented).size).toBe(1);
  });

  // Field of 32 or 16 bits in the first entry of the directory, or in the end record.
  const patched = (files: Zippable, where: 'central' | 'end', at: number, size: 2 | 4, value: number): Uint8Array => {
    const bytes = Buffer.from(zipSync(files));
    const start = bytes.indexOf(Buffer.from(where === 'central' ? 'PK\x01\x02' : 'PK\x05\x06', 'latin1'));
    if (size === 2) bytes.writeUInt16LE(value, start + at);
    else bytes.writeUInt32LE(value, start + at);
    return bytes;
  };
  const one: Zippable = { a: [TEXT, { level: 6 }] };
  const stored: Zippable = { a: [TEXT, { level: 0 }] };

  it.each<[string, () => Uint8Array, string, RegExp]>([
    ['a path that climbs', () => zipSync({ '../a': TEXT }), 'model-damaged', /"\.\.\/a", which is no path inside/],
    ['a path that climbs later', () => zipSync({ 'a/../../b': TEXT }), 'model-damaged', /no path inside/],
    ['an absolute path', () => zipSync({ '/etc/passwd': TEXT }), 'model-damaged', /no path inside/],
    ['a drive', () => zipSync({ 'C:/a': TEXT }), 'model-damaged', /no path inside/],
    ['a backslash', () => zipSync({ 'a\\b': TEXT }), 'model-damaged', /no path inside/],
    ['a link', () => zipSync({ a: [TEXT, { os: 3, attrs: 0o120777 << 16 }] }), 'model-damaged', /"a" is a link/],
    ['a bomb', () => zipSync({ a: new Uint8Array(20_000_000) }), 'model-damaged', /would unpack to 20000000 bytes/],
    [
      'a size that is too small',
      () => patched(one, 'central', 24, 4, 5),
      'model-damaged',
      /cannot be unpacked to its 5/,
    ],
    ['a size that is too large', () => patched(one, 'central', 24, 4, 500), 'model-damaged', /77 bytes unpacked; 500/],
    ['a size of all ones', () => patched(one, 'central', 24, 4, 0xffffffff), 'model-damaged', /no size in its zip64/],
    [
      'another size for a stored entry',
      () => patched(stored, 'central', 24, 4, 5),
      'model-damaged',
      /stored in 77 bytes/,
    ],
    [
      'more bytes than the file',
      () => patched(one, 'central', 20, 4, 1e6),
      'model-damaged',
      /entries have 1000000 bytes/,
    ],
    ['a place behind the end', () => patched(one, 'central', 42, 4, 1e6), 'model-damaged', /behind the end/],
    ['a place without header', () => patched(one, 'central', 42, 4, 3), 'model-damaged', /no header at byte 3/],
    ['encryption', () => patched(one, 'central', 8, 2, 1), 'model-unsupported', /encrypted/],
    ['another method', () => patched(one, 'central', 10, 2, 12), 'model-unsupported', /method 12/],
    ['too many entries', () => patched(one, 'end', 10, 2, 2), 'model-damaged', /directory is cut off/],
    ['a directory elsewhere', () => patched(one, 'end', 16, 4, 1e6), 'model-damaged', /directory ends at byte/],
    ['a second disk', () => patched(one, 'end', 4, 2, 1), 'model-unsupported', /disk 1 of several/],
    ['a comment that is not there', () => patched(one, 'end', 20, 2, 9), 'model-damaged', /comment has 0 bytes; 9/],
  ])('with %s is refused', (_, make, code, message) => {
    const found = refusal(() => readAll(make()));
    expect(found.code).toBe(code);
    expect(found.message).toMatch(message);
  });

  it('whose entry unpacks beyond its size takes no more memory than it names', () => {
    const bomb = deflateSync(new Uint8Array(50_000_000));
    const bytes = patched({ a: [bomb, { level: 0 }] }, 'central', 10, 2, 8);
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(() => readAll(bytes)).message).toMatch(/cannot be unpacked/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });
});

describe.runIf(existsSync(CASES))('the broken archives of yauzl', () => {
  const files = existsSync(CASES)
    ? readdirSync(CASES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.zip'))
    : [];

  it('are there', () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it.each(files)('%s', (file) => {
    const bytes = readFileSync(`${CASES}/${file}`);
    const code = /disk|encryption|compression method/u.test(file) ? 'model-unsupported' : 'model-damaged';
    expect(refusal(() => readAll(bytes)).code).toBe(code);
    expect(refusal(() => readModelBytes('model.pt', bytes)).code).toMatch(/^model-(?:damaged|unsupported)$/);
  });
});

if (!existsSync(CASES)) it.skip(`${CASES} is not there: the broken archives of yauzl`);
