/**
 * Models of 500 MB, most of it a table of zeros that is nowhere but in a count: each format is described of the little
 * that it reads, byte for byte counted. PyTorch's and safetensors' are in hostilePytorch.test.ts.
 */
import { unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { PbfWriter } from 'pbf';
import { expect, it } from 'vitest';
import { readModel } from '../../src/models/readModel';
import { bytesSource, type ModelSource } from '../../src/models/source';
import { graph, message, tensor } from './onnx/build';

/** Bytes, or so many zeros. */
type Piece = Uint8Array | number;

const sizeOf = (pieces: readonly Piece[]): number =>
  pieces.reduce<number>((sum, piece) => sum + (typeof piece === 'number' ? piece : piece.length), 0);

/** A source of pieces that counts the bytes it gives. */
function counted(name: string, pieces: readonly Piece[]): { source: ModelSource; read: () => number } {
  let read = 0;
  const source: ModelSource = {
    ...bytesSource(name, new Uint8Array(0)),
    size: sizeOf(pieces),
    read: (from, length) => {
      read += length;
      if (length > 1_000_000) throw new Error(`${String(length)} bytes were asked for at once`);
      const bytes = new Uint8Array(length);
      let at = 0;
      for (const piece of pieces) {
        const end = at + sizeOf([piece]);
        const [start, stop] = [Math.max(from, at), Math.min(from + length, end)];
        if (typeof piece !== 'number' && start < stop) bytes.set(piece.subarray(start - at, stop - at), start - from);
        at = end;
      }
      return bytes;
    },
  };
  return { source, read: () => read };
}

const VOCAB = 42_000_000;
const WIDTH = 3;
const TABLE = 4 * VOCAB * WIDTH;

function field(number: number, pieces: readonly Piece[]): Piece[] {
  const writer = new PbfWriter();
  writer.writeVarint(number * 8 + 2);
  writer.writeVarint(sizeOf(pieces));
  return [writer.finish(), ...pieces];
}

function onnx(): Piece[] {
  const table = [tensor('table', { shape: [VOCAB, WIDTH] }), ...field(9, [TABLE])];
  const rest = graph({
    nodes: [
      { op: 'Gather', from: ['table', 'ids'], to: ['x'] },
      { op: 'RNN', from: ['x', 'w', 'r'], to: ['y'], with: { hidden_size: 2 } },
    ],
    tensors: {
      w: { shape: [1, 2, 3], floats: new Float32Array(6) },
      r: { shape: [1, 2, 2], floats: new Float32Array(4) },
    },
    inputs: { ids: [7, [undefined, undefined]] },
    outputs: ['y'],
  });
  const opset = message((to) => {
    to.writeVarintField(2, 17);
  });
  return [...field(7, [...field(5, table), rest]), ...field(8, [opset])];
}

/** Superblock 0: the address of the file's end. */
const END_AT = 40;

/** A file whose table [rows, 3] is moved behind its end and made as long as VOCAB. */
function hdf5(small: Uint8Array, rows: number): Piece[] {
  const bytes = Buffer.from(small);
  const numbers = (...values: readonly number[]): Buffer => Buffer.from(BigUint64Array.from(values, BigInt).buffer);
  let found = 0;
  // Dimensions, and the most that they may become.
  const [dimensions, size] = [numbers(rows, WIDTH), numbers(4 * rows * WIDTH)];
  for (let at = bytes.indexOf(dimensions); at >= 0; at = bytes.indexOf(dimensions, at + 1), found++) {
    numbers(VOCAB, WIDTH).copy(bytes, at);
  }
  for (let at = bytes.indexOf(size); at >= 0; at = bytes.indexOf(size, at + 1)) {
    // Of a layout message of version 3, contiguous: address and size.
    if (bytes[at - 10] !== 3 || bytes[at - 9] !== 1) continue;
    numbers(bytes.length, TABLE).copy(bytes, at - 8);
    found++;
  }
  expect(found).toBe(3);
  numbers(bytes.length + TABLE).copy(bytes, END_AT);
  return [bytes, TABLE];
}

/** A zip archive of stored entries (APPNOTE 6.3.10). */
function zip(entries: Readonly<Record<string, readonly Piece[]>>): Piece[] {
  const pieces: Piece[] = [];
  const directory: Uint8Array[] = [];
  for (const [name, content] of Object.entries(entries)) {
    const header = Buffer.alloc(46 + name.length);
    header.writeUInt32LE(0x02014b50);
    header.writeUInt32LE(sizeOf(content), 20);
    header.writeUInt32LE(sizeOf(content), 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt32LE(sizeOf(pieces), 42);
    header.write(name, 46);
    directory.push(header);
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30);
    pieces.push(local, ...content);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(sizeOf(directory), 12);
  end.writeUInt32LE(sizeOf(pieces), 16);
  return [...pieces, ...directory, end];
}

const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(`test/fixtures/keras/${name}`));

function keras(): Piece[] {
  const { 'config.json': config, 'model.weights.h5': weights } = unzipSync(fixture('lstm.keras'));
  if (!config || !weights) throw new Error('lstm.keras has other entries');
  const text = new TextDecoder().decode(config);
  const larger = text.replaceAll(/"input_dim": 11\b/gu, `"input_dim": ${String(VOCAB)}`);
  expect(larger).not.toBe(text);
  return zip({ 'config.json': [new TextEncoder().encode(larger)], 'model.weights.h5': hdf5(weights, 11) });
}

it.each<[string, () => Piece[], most: number]>([
  // In windows of 64 KiB.
  ['m.onnx', onnx, 250_000],
  ['m.weights.h5', () => hdf5(fixture('keras2-weights.h5'), 6), 40_000],
  // With the 64 KiB at the end in which the directory may lie.
  ['m.keras', keras, 160_000],
])('%s of 500 MB is described of the little that it reads', (name, pieces, most) => {
  const { source, read } = counted(name, pieces());
  expect(source.size).toBeGreaterThan(500_000_000);
  const { network, parameters } = readModel(source);
  expect(network.input).toMatchObject({ kind: 'tokens', vocab: VOCAB, width: WIDTH });
  expect(parameters).toBeGreaterThan(VOCAB * WIDTH);
  expect(read()).toBeLessThan(most);
});
