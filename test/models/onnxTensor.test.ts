/** ONNX tensors in each of their encodings, and what is refused of them by name. */
import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { readTensor, type RawTensor } from '../../src/models/onnx/tensor';
import { Message } from '../../src/models/onnx/wire';

const TYPE = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  FLOAT16: 10,
  DOUBLE: 11,
  BFLOAT16: 16,
} as const;

function read(type: keyof typeof TYPE, shape: readonly number[], data: (to: PbfWriter) => void): RawTensor {
  const writer = new PbfWriter();
  writer.writePackedVarint(1, [...shape]);
  writer.writeVarintField(2, TYPE[type]);
  writer.writeStringField(8, 't');
  data(writer);
  return readTensor('m.onnx', new Message(writer.finish()));
}

const raw =
  (...bytes: number[]) =>
  (to: PbfWriter): void => {
    to.writeBytesField(9, Uint8Array.from(bytes));
  };

describe('a tensor', () => {
  it.each<[string, keyof typeof TYPE, (to: PbfWriter) => void, number[]]>([
    ['raw FLOAT', 'FLOAT', raw(0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0), [1.5, -2]],
    [
      'listed FLOAT',
      'FLOAT',
      (to) => {
        to.writePackedFloat(4, [1.5, -2]);
      },
      [1.5, -2],
    ],
    [
      'FLOAT one by one',
      'FLOAT',
      (to) => {
        to.writeFloatField(4, 1.5);
        to.writeFloatField(4, -2);
      },
      [1.5, -2],
    ],
    ['raw FLOAT16', 'FLOAT16', raw(0, 0x3e, 0, 0xc0), [1.5, -2]],
    [
      'listed FLOAT16',
      'FLOAT16',
      (to) => {
        to.writePackedVarint(5, [0x3e00, 0xc000]);
      },
      [1.5, -2],
    ],
    ['raw BFLOAT16', 'BFLOAT16', raw(0xc0, 0x3f, 0, 0xc0), [1.5, -2]],
    [
      'listed BFLOAT16',
      'BFLOAT16',
      (to) => {
        to.writePackedVarint(5, [0x3fc0, 0xc000]);
      },
      [1.5, -2],
    ],
    [
      'listed DOUBLE',
      'DOUBLE',
      (to) => {
        to.writePackedDouble(10, [1.1, -2]);
      },
      [1.1, -2],
    ],
    ['raw INT64', 'INT64', raw(3, 0, 0, 0, 0, 0, 0, 0, ...new Array<number>(8).fill(255)), [3, -1]],
    [
      'listed INT64',
      'INT64',
      (to) => {
        to.writePackedVarint(7, [3, -1]);
      },
      [3, -1],
    ],
    [
      'listed INT32',
      'INT32',
      (to) => {
        to.writePackedVarint(5, [3, -1]);
      },
      [3, -1],
    ],
    ['raw INT8', 'INT8', raw(3, 255), [3, -1]],
    ['raw UINT8', 'UINT8', raw(3, 255), [3, 255]],
  ])('of %s', (_, type, data, values) => {
    expect(read(type, [2], data)).toMatchObject({ name: 't', shape: [2], values: Float64Array.from(values) });
  });

  it('without dimensions is one value, and with a size of 0 is none', () => {
    expect([...read('FLOAT', [], raw(0, 0, 0xc0, 0x3f)).values]).toEqual([1.5]);
    expect(read('FLOAT', [0, 3], () => undefined).values).toHaveLength(0);
  });

  it.each<[string, keyof typeof TYPE, readonly number[], (to: PbfWriter) => void, RegExp]>([
    ['text', 'STRING', [1], () => undefined, /"t" is of type STRING/],
    [
      'data in another file',
      'FLOAT',
      [1],
      (to) => {
        to.writeVarintField(14, 1);
      },
      /"t" has its data in another file/,
    ],
    [
      'a segment',
      'FLOAT',
      [1],
      (to) => {
        to.writeBytesField(3, Uint8Array.of(8, 0));
      },
      /"t" is in segments/,
    ],
    [
      'too few values',
      'FLOAT',
      [3],
      (to) => {
        to.writePackedFloat(4, [1]);
      },
      /"t" has 1 values; its shape \[3\] has 3/,
    ],
    ['a negative size', 'FLOAT', [-1], () => undefined, /"t" has the shape \[-1\]/],
    ['half a value', 'FLOAT', [1], raw(0, 0, 0), /raw_data of 3 bytes/],
  ])('of %s is refused', (_, type, shape, data, message) => {
    expect(() => read(type, shape, data)).toThrow(message);
  });

  it.each([
    ['a field that is longer than the file', [0x4a, 9, 1]],
    ['a number that does not end', [0x10, ...new Array<number>(11).fill(0xff)]],
    ['a number that is cut off', [0x10, 0xff]],
    ['a group', [0x0b, 0]],
  ])('bytes with %s are refused', (_, bytes) => {
    expect(() => new Message(Uint8Array.from(bytes))).toThrow(/cut off|does not end|no wire type/);
  });
});
