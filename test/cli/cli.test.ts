/** The command line's parts: the npz that NumPy reads, the strip, and the command as a whole. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npyHeader, NpzWriter } from '../../src/cli/npz';
import { strip, tellingUnits } from '../../src/cli/strip';
import { traceCommand, type Terminal } from '../../src/cli/traceCommand';
import { createScalarEngine } from '../../src/engine/scalar';
import type { Tile } from '../../src/shared/trace';
import { tinyModel } from '../models/tinyModel';
import { readNpz } from '../npz';

const folder = mkdtempSync(join(tmpdir(), 'gatescope-cli-'));
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  writeFileSync(path('tiny.safetensors'), tinyModel());
  writeFileSync(path('text.txt'), 'a我\r\n😀 b');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('npz', () => {
  test('a header is what the format document says', () => {
    const header = npyHeader(new Float32Array(0), [3, 4]);
    expect(header.length % 64).toBe(0);
    expect(Buffer.from(header.subarray(0, 8)).toString('latin1')).toBe('\x93NUMPY\x01\x00');
    expect(header[8]).toBe(header.length - 10);
    const text = Buffer.from(header.subarray(10)).toString('latin1');
    expect(text).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 4\), \} *\n$/);
  });
  test('arrays that grow by rows come back whole', async () => {
    const writer = await NpzWriter.create(path('grow.npz'));
    await writer.append('x', Float32Array.of(1, 2), [2, 2]);
    await writer.append('n', Int32Array.of(7), [1]);
    await writer.append('x', Float32Array.of(3, NaN), [2, 2]);
    await writer.finish();
    const arrays = readNpz(readFileSync(path('grow.npz')));
    expect(arrays.get('x')).toMatchObject({ shape: [2, 2], data: Float32Array.of(1, 2, 3, NaN) });
    expect(arrays.get('n')).toMatchObject({ shape: [1], data: Int32Array.of(7) });
  });
  test('an array that is not whole is an error, and abandoning leaves nothing', async () => {
    const writer = await NpzWriter.create(path('short.npz'));
    await writer.append('x', Float32Array.of(1), [2]);
    await expect(writer.finish()).rejects.toThrow('x has 1 values');
    await writer.abandon();
    expect(readdirSync(folder).filter((name) => name.includes('short'))).toEqual([]);
  });
});

describe('strip', () => {
  const row = (...bytes: number[]): number[] => bytes;
  const mean = Uint8Array.from([...row(128, 128, 128), ...row(0, 128, 255), ...row(120, 130, 120)]);
  const tile: Tile = { columns: 3, rows: 3, final: true, lo: -2, hi: 2, values: mean };
  test('the units that change most, in order of their number', () => {
    expect(tellingUnits(tile, 2)).toEqual([1, 2]);
  });
  test('without colour: signs', () => {
    expect(strip(tile, { columns: 80, rows: 1, colour: false })).toEqual(['      1 =·#']);
  });
  test('in colour: below zero blue, above red, two units a line', () => {
    const [line] = strip(tile, { columns: 80, rows: 2, colour: true });
    expect(line).toContain('\x1b[38;2;33;102;172m');
    expect(line).toContain('\x1b[38;2;178;24;43m');
    expect(line?.startsWith('    1,2 ')).toBe(true);
  });
});

describe('trace FILE', () => {
  const run = async (options: {
    out?: string;
    json?: boolean;
    file?: string;
    model?: string;
    signal?: AbortSignal;
  }) => {
    let written = '';
    const terminal: Terminal = {
      write: (text) => (written += text),
      status: () => undefined,
      columns: 60,
      colour: false,
    };
    const { file = path('text.txt'), model = path('tiny.safetensors'), out, json = false } = options;
    const signal = options.signal ?? new AbortController().signal;
    await traceCommand({ file, model, out, json }, createScalarEngine, terminal, signal);
    return written;
  };
  test('the npz holds every signal, loss, tokens and UTF-16 ranges', async () => {
    await run({ out: path('out.npz') });
    const arrays = readNpz(readFileSync(path('out.npz')));
    expect(arrays.get('l0.forget')?.shape).toEqual([12, 6]);
    expect(arrays.get('loss')?.shape).toEqual([12]);
    expect(arrays.get('loss')?.data[0]).toBeNaN();
    expect([...(arrays.get('tokens')?.data ?? [])]).toEqual([...Buffer.from('a我\r\n😀 b')]);
    const ranges = [
      [0, 1],
      [1, 2],
      [1, 2],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 6],
      [4, 6],
      [4, 6],
      [4, 6],
      [6, 7],
      [7, 8],
    ];
    expect([...(arrays.get('ranges')?.data ?? [])]).toEqual(ranges.flat());
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
  test('--json', async () => {
    const result = JSON.parse(await run({ json: true })) as Record<string, unknown>;
    expect(result).toMatchObject({
      tokens: 12,
      textLength: 8,
      model: { name: 'tiny', architecture: 'LSTM' },
      out: null,
    });
    expect(Object.keys(result['signals'] as object)).toContain('l0.cell');
  });
  test('a model that overflows: where that began, in words and as JSON', async () => {
    const tiny = Buffer.from(tinyModel());
    // The last of the head's biases is the last value of the file.
    tiny.writeFloatLE(Infinity, tiny.length - 4);
    writeFileSync(path('overflows.safetensors'), tiny);
    const model = path('overflows.safetensors');
    const json = await run({ model, json: true });
    expect((JSON.parse(json) as { firstNonFinite: unknown }).firstNonFinite).toMatchObject({ layer: 'head', unit: 0 });
    expect(await run({ model })).toContain('first arose at token');
  });
  test('without options: a summary with a strip', async () => {
    const text = await run({});
    expect(text).toContain('12 tokens');
    expect(text).toMatch(/loss \d\.\d{3} bits a token/);
    expect(text).toMatch(/^ {6}\d [=\-·+#]{12}$/m);
  });
  test('cancelled: nothing is written', async () => {
    const signal = AbortSignal.abort(new Error('Stopped'));
    await expect(run({ out: path('never.npz'), signal })).rejects.toThrow('Stopped');
    expect(existsSync(path('never.npz'))).toBe(false);
  });
  test.each([
    ['a missing text', { file: path('none.txt') }, /none\.txt is not there/],
    ['a missing model', { model: path('none.safetensors') }, /none\.safetensors is not there/],
    ['a missing output folder', { out: path('no/folder/x.npz') }, /no\/folder/],
  ])('%s is named', async (_, options, message) => {
    await expect(run(options)).rejects.toThrow(message);
  });
});
