/** PyTorch files as a stranger could send them: nothing in them runs, and each is read or refused by name, soon. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { materialize } from '../../src/models/model';
import { readModel, readModelBytes } from '../../src/models/readModel';
import { bytesSource } from '../../src/models/source';
import { GatescopeError } from '../../src/shared/errors';
import { safetensorsBytes, safetensorsFile } from './safetensorsFile';
import { words } from '../words';

const FOLDER = 'test/fixtures/pytorch/hostile';
/** What the calls in the files would leave behind. */
const TRACE = 'gatescope-was-here';

function outcome(name: string, bytes: Uint8Array): { code: string; message: string } {
  try {
    const { warnings } = readModelBytes(name, bytes);
    return { code: 'read', message: words(warnings).join('\n') };
  } catch (error) {
    if (error instanceof GatescopeError) return { code: error.code, message: error.message };
    throw error;
  }
}

const FILES: readonly (readonly [file: string, code: string, message: RegExp])[] = [
  ['os-system.pt', 'read', /no head/],
  ['os-system-legacy.pt', 'read', /no head/],
  ['getattr.pt', 'model-unsupported', /holds no tensors/],
  ['build.pt', 'model-unsupported', /holds no tensors/],
  ['nested-reduce.pt', 'model-unsupported', /holds no tensors/],
  ['prototype.pt', 'model-unsupported', /holds no tensors/],
  ['laughs.pt', 'model-unsupported', /holds no tensors/],
  ['itself.pt', 'model-unsupported', /holds no tensors/],
  ['modules.pt', 'model-damaged', /over 4000000 values/],
  ['attributes.pt', 'model-unsupported', /holds no tensors/],
  ['deep.pt', 'model-unsupported', /holds no tensors/],
  ['marks.pt', 'model-damaged', /over 10000 open marks/],
  ['many.pt', 'model-damaged', /over 250000 objects/],
  ['long-text.pt', 'model-damaged', /names 2147483647 bytes at byte 2; the most is 67108864/],
  ['long-bytes.pt', 'model-damaged', /names \d+ bytes at byte 2/],
  ['long-integer.pt', 'model-damaged', /integer of 2147483647 bytes; the most is 256/],
  ['extension.pt', 'model-unsupported', /extension codes/],
  ['protocol.pt', 'model-unsupported', /protocol 9/],
  ['cut-off.pt', 'model-damaged', /pickle is cut off/],
  ['no-storage.pt', 'model-damaged', /no storage "0"/],
  ['plain-pickle.pt', 'model-unsupported', /torch\.save has not written/],
  ['expanded.pt', 'model-damaged', /would take 19201920000 bytes; the most for a file of \d+ is/],
  ['quantised.pt', 'model-unsupported', /"rnn.weight_hh_l0" is of the type quantised qint8/],
  ['sparse.pt', 'model-unsupported', /"rnn.weight_hh_l0" is a sparse tensor/],
  ['nan.pt', 'read', /"rnn.weight_hh_l0" has 1 of 27 values NaN[^]*"rnn.bias_ih_l0" has 1 of 9 values NaN or infinite/],
];

describe('a hostile file', () => {
  it('is listed', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.pt'));
    expect(FILES.map(([file]) => file).sort()).toEqual(files.sort());
  });

  it.each(FILES)('%s is %s', (file, code, message) => {
    const bytes = readFileSync(join(FOLDER, file));
    const start = performance.now();
    const found = outcome(file, bytes);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(found.code).toBe(code);
    expect(found.message).toMatch(message);
    expect(existsSync(TRACE)).toBe(false);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a safetensors file of many tensors', () => {
  const named = (count: number, name: (k: number) => string, shape: readonly number[]): Uint8Array =>
    safetensorsFile(
      Object.fromEntries(
        Array.from({ length: count }, (_, k) => [name(k), { shape, values: new Float32Array(shape[0] ?? 0) }]),
      ),
    );
  const long = (k: number): string => `${'_'.repeat(480)}${String(k)}`;
  it.each<[string, Uint8Array, string, RegExp]>([
    ['too many', named(10_001, String, [1, 1]), 'model-damaged', /10001 tensors; the most is 10000/],
    ['as many as there may be', named(10_000, (k) => `${long(k)}.weight`, [1, 1]), 'model-unsupported', /no recurrent/],
    [
      'a name that is too long',
      named(1, (k) => long(k).repeat(2), [1]),
      'model-damaged',
      /name of 9\d\d characters; the most/,
    ],
    [
      'too many stacks',
      named(5000, (k) => `${long(k)}.weight_ih_l0`, [1, 1]),
      'model-unsupported',
      /5000 recurrent stacks/,
    ],
    [
      'a stack among embeddings',
      named(9998, (k) => (k < 2 ? `weight_${k === 0 ? 'i' : 'h'}h_l0` : `${long(k)}.weight`), [1, 1]),
      'model-unsupported',
      /could each be the embedding/,
    ],
    [
      'as many stacks as there may be',
      named(
        9998,
        (k) => (k < 128 ? `${long(k >> 1)}.weight_${k % 2 === 0 ? 'i' : 'h'}h_l0` : `${long(k)}.weight`),
        [1, 1],
      ),
      'model-unsupported',
      /could each be the embedding/,
    ],
  ])('%s is read or refused soon', (_, bytes, code, message) => {
    const start = performance.now();
    const found = outcome('m.safetensors', bytes);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(found.code).toBe(code);
    expect(found.message).toMatch(message);
  });
});

describe('a file that is cut off anywhere', () => {
  const KINDS = [
    'files/gru-nobias.bin',
    'files/strided.pt',
    'files/gru-protocol5-legacy.pt',
    'files/lstm-bfloat16-legacy.pt',
    'files/lstm-float16.safetensors',
  ];
  it.each(KINDS)('%s is damaged', (file) => {
    const bytes = readFileSync(join('test/fixtures/pytorch', file));
    expect(outcome(file, bytes).code).toBe('read');
    const start = performance.now();
    const codes = new Set(Array.from(bytes.keys(), (length) => outcome(file, bytes.subarray(0, length)).code));
    // A pickle's first bytes are of no format that is known.
    expect([...codes].filter((code) => code !== 'model-unsupported')).toEqual(['model-damaged']);
    expect((performance.now() - start) / bytes.length).toBeLessThan(20);
  });
});

it('describes a file of 512 MB, of which it reads the header alone', () => {
  const vocab = 2 ** 20;
  const header = {
    'embedding.weight': { dtype: 'F32', shape: [vocab, 128], data_offsets: [0, vocab * 512] },
    'rnn.weight_ih_l0': { dtype: 'F32', shape: [128, 128], data_offsets: [vocab * 512, vocab * 512 + 65_536] },
    'rnn.weight_hh_l0': {
      dtype: 'F32',
      shape: [128, 128],
      data_offsets: [vocab * 512 + 65_536, vocab * 512 + 131_072],
    },
  };
  const start = safetensorsBytes(JSON.stringify(header), new Uint8Array(0));
  const reads: number[] = [];
  const source = {
    ...bytesSource('large.safetensors', start),
    size: start.length + vocab * 512 + 131_072,
    read: (from: number, length: number): Uint8Array => {
      reads.push(length);
      return start.slice(from, from + length);
    },
  };
  expect(readModel(source)).toMatchObject({ parameters: vocab * 128 + 2 * 128 * 128 });
  expect(Math.max(...reads)).toBeLessThan(1000);
});

it('describes a file without its weights, and reads them when they are asked for', () => {
  const bytes = readFileSync('test/fixtures/pytorch/charrnn/charrnn.pt');
  let read = 0;
  const source = bytesSource('charrnn.pt', bytes);
  const counted = {
    ...source,
    read: (from: number, length: number): Uint8Array => {
      read += length;
      return source.read(from, length);
    },
  };
  const model = readModel(counted);
  expect(model.parameters).toBeGreaterThan(100_000);
  // The end with its directory, and the pickle.
  const described = read;
  expect(described).toBeLessThan(90_000);
  materialize(model);
  expect(read - described).toBeGreaterThan(2 * model.parameters);
});
