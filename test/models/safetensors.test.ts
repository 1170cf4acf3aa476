/** The safetensors reader: every type it reads, and every way in which a file can break the format. */
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/models/safetensors';
import { bytesSource } from '../../src/models/source';
import type { TensorFile } from '../../src/models/tensors';
import { GatescopeError } from '../../src/shared/errors';
import { safetensorsBytes, safetensorsFile } from './safetensorsFile';

const parseSafetensors = (name: string, bytes: Uint8Array): TensorFile => readSafetensors(bytesSource(name, bytes));

function refusal(bytes: Uint8Array): { code: string; message: string } {
  try {
    parseSafetensors('dir/m.safetensors', bytes);
  } catch (error) {
    if (error instanceof GatescopeError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'accepted', message: '' };
}

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);
const entry = (dtype: string, shape: unknown, ...offsets: unknown[]): string =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });
const data = new Uint8Array(8);

describe('readSafetensors', () => {
  it.each<[string, Uint8Array, number[]]>([
    ['F32', bytesOf(0, 0, 0x80, 0x3f, 0, 0, 0x80, 0xbf), [1, -1]],
    ['F64', bytesOf(0, 0, 0, 0, 0, 0, 0xf8, 0x3f), [1.5]],
    ['F64', bytesOf(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0x7f), [Infinity]],
    ['BF16', bytesOf(0x80, 0x3f, 0x20, 0xc0, 0x80, 0x7f, 0xc0, 0x7f), [1, -2.5, Infinity, NaN]],
    ['F16', bytesOf(0, 0x3c, 0, 0xc1, 0, 0x7c, 0, 0xfc), [1, -2.5, Infinity, -Infinity]],
    ['F16', bytesOf(0, 0x7e, 1, 0, 0xff, 3, 0, 4), [NaN, 2 ** -24, 1023 * 2 ** -24, 2 ** -14]],
    ['F16', bytesOf(0xff, 0x7b, 0, 0x80, 0x55, 0x35, 0, 0), [65504, -0, 0.333251953125, 0]],
  ])('decodes %s', (dtype, bytes, values) => {
    const header = `{"t":${entry(dtype, [values.length], 0, bytes.length)}}`;
    const { tensors } = parseSafetensors('m', safetensorsBytes(header, bytes));
    expect([...(tensors.get('t')?.read() ?? [])]).toEqual(values);
  });

  it('reads tensors in any order, empty ones, metadata, padding, names from any tongue', () => {
    const header =
      `{"b":${entry('F32', [1], 4, 8)},"__metadata__":{"name":"我"},"层":${entry('F32', [], 0, 4)},` +
      `"none":${entry('F32', [3, 0], 8, 8)},"__proto__":${entry('F32', [0], 0, 0)}}   `;
    const { tensors, metadata } = parseSafetensors('m', safetensorsBytes(header, bytesOf(0, 0, 0, 64, 0, 0, 64, 64)));
    expect(metadata).toEqual({ name: '我' });
    expect([...tensors].map(([name, tensor]) => [name, tensor.shape, [...tensor.read()]])).toEqual([
      ['b', [1], [3]],
      ['层', [], [2]],
      ['none', [3, 0], []],
      ['__proto__', [0], []],
    ]);
  });

  it('passes over types that hold no weights until they are asked for', () => {
    const { tensors } = parseSafetensors('m', safetensorsBytes(`{"steps":${entry('I64', [], 0, 8)}}`, data));
    expect(() => tensors.get('steps')?.read()).toThrow(/"steps" has the type I64/);
  });

  it('does not need aligned bytes', () => {
    const file = safetensorsFile({ t: { shape: [2], values: Float32Array.of(1, 2) } });
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const { tensors } = parseSafetensors('m', shifted.subarray(1));
    expect([...(tensors.get('t')?.read() ?? [])]).toEqual([1, 2]);
  });

  const one = `"t":${entry('F32', [2], 0, 8)}`;
  it.each<[string, string, RegExp]>([
    ['no JSON', '{"t":', /header is not JSON/],
    ['an array', '[1]', /does not start with "\{"/],
    ['a space before the brace', ` {${one}}`, /does not start with "\{"/],
    ['text behind the JSON', `{${one}} x`, /header is not JSON/],
    ['a tensor named twice', `{${one},${one}}`, /the key "t" twice/],
    ['one name spelt in two ways', `{${one},"\\u0074":${entry('F32', [0], 8, 8)}}`, /the key "t" twice/],
    ['metadata twice', `{"__metadata__":{},"__metadata__":{},${one}}`, /the key "__metadata__" twice/],
    [
      'a key of an entry twice',
      '{"t":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
      /the key "dtype" twice/,
    ],
    ['a key of metadata twice', `{"__metadata__":{"a":"1","a":"2"},${one}}`, /the key "a" twice/],
    ['metadata that is a text', `{"__metadata__":"x",${one}}`, /__metadata__ is "x"/],
    ['metadata that is an array', `{"__metadata__":[],${one}}`, /__metadata__ is \[\]/],
    ['a number in metadata', `{"__metadata__":{"a":1},${one}}`, /__metadata__ has 1 under "a"/],
    ['an entry that is no object', '{"t":7}', /"t" is described by 7/],
    ['an entry that is null', '{"t":null}', /"t" is described by null/],
    ['no type', '{"t":{"shape":[2],"data_offsets":[0,8]}}', /"t" has the type nothing/],
    ['no shape', '{"t":{"dtype":"F32","data_offsets":[0,8]}}', /"t" has the shape nothing/],
    ['no offsets', '{"t":{"dtype":"F32","shape":[2]}}', /"t" has the offsets nothing/],
    ['a shape that is a number', `{"t":${entry('F32', 2, 0, 8)}}`, /"t" has the shape 2/],
    ['a negative size', `{"t":${entry('F32', [-2], 0, 8)}}`, /"t" has the shape \[-2\]/],
    ['two negative sizes', `{"t":${entry('F32', [-2, -1], 0, 8)}}`, /"t" has the shape \[-2,-1\]/],
    ['a fraction', `{"t":${entry('F32', [0.5, 4], 0, 8)}}`, /"t" has the shape \[0.5,4\]/],
    [
      'a size beyond all',
      '{"t":{"dtype":"F32","shape":[1e300],"data_offsets":[0,8]}}',
      /"t" has the shape \[1e\+300\]/,
    ],
    ['sizes that multiply beyond all', `{"t":${entry('F32', [2 ** 40, 2 ** 40], 0, 8)}}`, /needs 4.8\d*e\+24 bytes/],
    ['one offset', `{"t":${entry('F32', [2], 0)}}`, /"t" has the offsets \[0\]/],
    ['three offsets', `{"t":${entry('F32', [2], 0, 8, 8)}}`, /"t" has the offsets \[0,8,8\]/],
    ['a negative offset', `{"t":${entry('F32', [2], -8, 0)}}`, /"t" has the offsets \[-8,0\]/],
    ['an end before the start', `{"t":${entry('F32', [2], 8, 0)}}`, /needs 8 bytes, but its offsets \[8, 0\] span -8/],
    ['an end behind the data', `{"t":${entry('F32', [4], 0, 16)}}`, /"t" ends at byte 16 of 8/],
    [
      'a shape larger than its bytes',
      `{"t":${entry('F32', [3], 0, 8)}}`,
      /needs 12 bytes, but its offsets \[0, 8\] span 8/,
    ],
    ['a shape smaller than its bytes', `{"t":${entry('F32', [1], 0, 8)}}`, /needs 4 bytes/],
    ['a scalar of two values', `{"t":${entry('F32', [], 0, 8)}}`, /needs 4 bytes/],
    ['an overlap', `{${one},"u":${entry('F32', [1], 4, 8)}}`, /"u" starts at byte 4, inside another that ends at 8/],
    [
      'the same bytes twice',
      `{${one},"u":${entry('F32', [2], 0, 8)}}`,
      /starts at byte 0, inside another that ends at 8/,
    ],
    ['a gap at the start', `{"t":${entry('F32', [1], 4, 8)}}`, /bytes from 0 to 4, before "t"/],
    [
      'a gap between',
      `{"t":${entry('BF16', [1], 0, 2)},"u":${entry('F32', [1], 4, 8)}}`,
      /bytes from 2 to 4, before "u"/,
    ],
    ['data without a tensor', `{"t":${entry('F32', [1], 0, 4)}}`, /the last 4 of 8 bytes/],
    ['no tensors but data', '{}', /the last 8 of 8 bytes/],
  ])('refuses %s', (_, header, message) => {
    const found = refusal(safetensorsBytes(header, data));
    expect(found.code).toBe('model-damaged');
    expect(found.message).toMatch(message);
    expect(found.message).toMatch(/^dir\/m\.safetensors: .*export it again\.$/);
  });

  it('refuses an unknown type as unsupported', () => {
    const found = refusal(safetensorsBytes(`{"t":${entry('F7', [2], 0, 8)}}`, data));
    expect(found).toMatchObject({ code: 'model-unsupported', message: expect.stringContaining('"F7"') as unknown });
  });

  it('refuses a header that is not UTF-8, and one with a byte order mark', () => {
    const file = safetensorsBytes(`{${one}}`, data);
    file[10] = 0xff;
    expect(refusal(file).message).toMatch(/header is not JSON/);
    expect(refusal(safetensorsBytes(`\ufeff{${one}}`, data)).message).toMatch(/does not start with/);
  });

  it.each<[string, bigint, RegExp]>([
    ['of nothing', 0n, /does not start with/],
    ['one byte too long', 47n, /46 follow|not JSON/],
    ['beyond the file', 1_000_000n, /1000000 bytes, but \d+ follow/],
    ['beyond all memory', 2n ** 63n, /9223372036854775808 bytes, but \d+ follow/],
    ['of all ones', 2n ** 64n - 1n, /18446744073709551615 bytes, but \d+ follow/],
  ])('refuses a header length %s, taking no memory', (_, length, message) => {
    const found = refusal(safetensorsBytes(`{${one}}`, data, length));
    expect(found.code).toBe('model-damaged');
    expect(found.message).toMatch(message);
  });

  it('refuses a header longer than any model needs before it is parsed', () => {
    const bytes = new Uint8Array(8 + 2 ** 24 + 1).fill(0x5b);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(2 ** 24 + 1), true);
    expect(refusal(bytes).message).toMatch(/header has 16777217 bytes; the most is 16777216/);
  });

  it('takes a deeply nested header for what it is', () => {
    const depth = 200_000;
    const found = refusal(safetensorsBytes(`{"t":${'['.repeat(depth)}${']'.repeat(depth)}}`, data));
    expect(found).toMatchObject({ code: 'model-damaged', message: expect.stringContaining('a deep nest') as unknown });
  });

  it('refuses a file cut at any byte', () => {
    const file = safetensorsFile({
      a: { shape: [1], values: Float32Array.of(1) },
      b: { shape: [2], values: Float32Array.of(2, 3) },
    });
    expect(refusal(file).code).toBe('accepted');
    const codes = Array.from(file.keys(), (length) => refusal(file.subarray(0, length)).code);
    expect(codes).toEqual(codes.map(() => 'model-damaged'));
  });

  it('never throws anything else, whatever single byte is changed', () => {
    const file = safetensorsFile({
      a: { shape: [1], values: Float32Array.of(1) },
      b: { shape: [2], values: Float32Array.of(2, 3) },
    });
    const codes = new Set<string>();
    for (const at of file.keys()) {
      for (const value of [0, 1, 0x22, 0x2c, 0x30, 0x39, 0x5b, 0x7b, 0x7d, 0xff]) {
        const changed = file.slice();
        changed[at] = value;
        codes.add(refusal(changed).code);
      }
    }
    expect([...codes].sort()).toEqual(['accepted', 'model-damaged', 'model-unsupported']);
  });
});
