/** `run MODEL.onnx`: from files to an npz, what it refuses by name, and .npy in its kinds. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { npzBytes } from '../../src/cli/npy';
import { npyHeader } from '../../src/cli/npz';
import { runCommand } from '../../src/cli/runCommand';
import { readNpy } from '../../src/worker/npy';
import { buildCase, modelBytes, tensorBytes, type Case } from '../conformance/onnxModel';
import { ours } from '../conformance/run';
import { readNpz } from '../npz';

const folder = mkdtempSync(join(tmpdir(), 'gatescope-run-'));
const path = (name: string): string => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const npy = (values: Float32Array | Int32Array, shape: readonly number[]): Uint8Array =>
  Buffer.concat([npyHeader(values, shape), new Uint8Array(values.buffer)]);

interface Result {
  readonly said: string;
  readonly warned: string;
}

async function run(model: string, inputs: readonly string[], out?: string, json = false): Promise<Result> {
  let [said, warned] = ['', ''];
  await runCommand(
    { model, inputs, out, json },
    {
      write: (text) => (said += text),
      warn: (text) => (warned += text),
    },
  );
  return { said, warned };
}

/** Writes a case's files. @returns the model's path and its inputs */
function write(name: string, one: Case, poison?: number): { model: string; inputs: string[] } {
  const { model, feeds } = buildCase(one, 9);
  writeFileSync(path(`${name}.onnx`), model);
  const inputs = [...feeds].map(([input, { shape, values }]) => {
    if (input === 'x' && poison !== undefined) values[4] = poison;
    writeFileSync(path(`${name}.${input}.npy`), npy(values, shape));
    return `${input}=${path(`${name}.${input}.npy`)}`;
  });
  return { model: path(`${name}.onnx`), inputs };
}

const both = { direction: 'bidirectional', steps: 4, batch: 3, inputSize: 2, units: 5, initial: 'both' } as const;

describe('run', () => {
  it('finds weights that lie in a file beside the model', async () => {
    const fixtures = 'test/fixtures/onnx';
    const given = readNpz(readFileSync(`${fixtures}/external.npz`));
    const [input, output] = [given.get('input'), given.get('output')];
    const [steps = 0, batch = 0] = input?.shape ?? [];
    // Here sequences come first.
    const tokens = Int32Array.from({ length: steps * batch }, (_, k) =>
      Number(input?.data[(k % steps) * batch + Math.floor(k / steps)]),
    );
    writeFileSync(path('external.tokens.npy'), npy(tokens, [batch, steps]));
    await run(`${fixtures}/external.onnx`, [`tokens=${path('external.tokens.npy')}`], path('external.npz'));
    const logits = readNpz(readFileSync(path('external.npz'))).get('logits');
    expect(logits?.shape).toEqual(output?.shape);
    for (const [k, value] of (logits?.data ?? []).entries()) expect(value).toBeCloseTo(Number(output?.data[k]), 5);
  });

  it.each([
    ['LSTM', ['y', 'yh', 'yc'], ['input', 'forget', 'candidate', 'output', 'cell', 'hidden']],
    ['GRU', ['y', 'yh'], ['reset', 'update', 'candidate', 'hidden']],
    ['RNN', ['y', 'yh'], ['hidden']],
  ] as const)('writes the outputs and every signal of %s, both directions', async (op, outputs, signals) => {
    const one: Case = { op, ...both, lengths: [4, 1, 2] };
    const { model, inputs } = write(op, one);
    const { said, warned } = await run(model, inputs, path(`${op}.npz`));
    expect(warned).toBe('');
    expect(said).toContain(`${op}, 4 steps of 3 sequences`);
    const arrays = readNpz(readFileSync(path(`${op}.npz`)));
    const names = ['l0', 'l0_reverse'].flatMap((layer) => signals.map((signal) => `${layer}.${signal}`));
    expect([...arrays.keys()].sort()).toEqual([...outputs, ...names].sort());
    for (const name of names) expect(arrays.get(name)?.shape, name).toEqual([4, 3, 5]);
    const expected = ours(buildCase(one, 9));
    for (const name of outputs) {
      expect(arrays.get(name)?.shape).toEqual(expected.outputs.get(name)?.shape);
      expect(arrays.get(name)?.data).toEqual(expected.outputs.get(name)?.values);
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('takes all inputs from one npz, and layout=1', async () => {
    const one: Case = { op: 'LSTM', ...both, layout: 1 };
    const { model } = write('batchwise', one);
    const feeds = [...buildCase(one, 9).feeds].map(
      ([name, { shape, values }]) => [`${name}.npy`, npy(values, shape)] as const,
    );
    writeFileSync(path('all.npz'), zipSync(Object.fromEntries(feeds)));
    await run(model, [path('all.npz')], path('batchwise.npz'));
    const arrays = readNpz(readFileSync(path('batchwise.npz')));
    expect(arrays.get('y')?.shape).toEqual([3, 4, 2, 5]);
    expect(arrays.get('l0.forget')?.shape).toEqual([4, 3, 5]);
  });

  // Value 4 of x [4, 3, 2] is that of step 0, sequence 2.
  it.each([
    ['forward', 'l0', NaN, 'NaN'],
    ['reverse', 'l0_reverse', NaN, 'NaN'],
    ['forward', 'l0', Infinity, 'Infinity'],
  ] as const)('says where a non-finite value arose: %s %s %d', async (direction, layer, poison, value) => {
    const one: Case = { op: 'RNN', ...both, direction, activations: ['Relu'], units: 2 };
    const { model, inputs } = write('poisoned', one, poison);
    const { said, warned } = await run(model, inputs, undefined, true);
    const found = (JSON.parse(said) as { firstNonFinite: Record<string, unknown> }).firstNonFinite;
    expect(found).toMatchObject({ step: 0, batch: 2, layer, signal: 'hidden', value });
    expect(warned).toMatch(/Tensor x has 1 of 24 values/);
    expect(warned).toContain(`${value} first arose at step 0 in ${layer}.hidden, unit`);
  });

  const { model, inputs } = write('good', { op: 'GRU', ...both });
  const some = inputs.slice(0, 1);
  it.each([
    ['an input left out', some, /Input h0 has no value.*--input h0=/],
    ['an input that is not there', [...inputs, 'z=z.npy'], /z\.npy: There is no such file/],
    ['a name that is not there', [...inputs, `w2=${inputs[0]?.slice(2) ?? ''}`], /no input w2; its inputs are x, h0/],
    ['an input given twice', [...inputs, ...some], /Input x is given twice/],
    ['a path alone', ['x.npy'], /neither NAME=FILE\.npy nor FILE\.npz/],
    [
      'a state in place of the input',
      [`x=${path('good.h0.npy')}`, ...inputs.slice(1)],
      /W of GRU .*\[2, 15, 5\] is expected/,
    ],
  ])('refuses %s', async (_, given, message) => {
    await expect(run(model, given, path('refused.npz'))).rejects.toThrow(message);
    expect(readdirSync(folder)).not.toContain('refused.npz');
  });
});

describe('what a model may not be', () => {
  const values = Float32Array.of(0.5);
  const node = { op: 'RNN', inputs: ['x', 'w', 'r'], outputs: ['y'], attributes: [] } as const;
  const tensors = [tensorBytes('w', [1, 1, 1], values, 'raw'), tensorBytes('r', [1, 1, 1], values, 'list')];
  const good = { nodes: [node], tensors, inputs: [['x', 1, 3]], outputs: [['y', 4]] } as const;
  writeFileSync(path('one.npy'), npy(Float32Array.of(1, 2), [2, 1, 1]));
  const attempt = (bytes: Uint8Array): Promise<Result> => {
    writeFileSync(path('odd.onnx'), bytes);
    return run(path('odd.onnx'), [`x=${path('one.npy')}`]);
  };
  const withAttribute = (name: string, value: { i: number } | { f: number } | { s: string }): Uint8Array =>
    modelBytes({ ...good, nodes: [{ ...node, attributes: [[name, value]] }] });

  it('the good one runs', async () => {
    expect((await attempt(modelBytes(good))).said).toContain('[2, 1, 1, 1]');
  });

  it('two nodes in a row run', async () => {
    const squeeze = { op: 'Squeeze', inputs: ['y'], outputs: ['y1'], attributes: [['axes', { ints: [1] }]] } as const;
    const second = { ...node, inputs: ['y1', 'w', 'r'], outputs: ['z'] };
    const bytes = modelBytes({ ...good, opset: 11, nodes: [node, squeeze, second], outputs: [['z', 4]] });
    const { said } = await attempt(bytes);
    expect(said).toMatch(/l0\.hidden +\[1, 2, 1\]/);
    expect(said).toMatch(/l1\.hidden +\[1, 2, 1\]/);
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      'a node that stands twice',
      modelBytes({ ...good, nodes: [node, node] }),
      /odd\.onnx: RNN "y" gives "y", which a node before it gives already/,
    ],
    [
      'another operator',
      modelBytes({ ...good, nodes: [{ ...node, op: 'MatMul' }] }),
      /odd\.onnx: Its graph has no recurrent layer, but "MatMul"/,
    ],
    ['no node', modelBytes({ ...good, nodes: [] }), /odd\.onnx: Its graph has no node/],
    ['an old operator set', modelBytes({ ...good, opset: 3 }), /operator set 3/],
    ['an unknown attribute', withAttribute('zoneout', { f: 0.1 }), /"zoneout" of RNN is not known/],
    ['an attribute of another operator', withAttribute('input_forget', { i: 1 }), /"input_forget" of RNN is not known/],
    ['an attribute of another type', withAttribute('clip', { i: 1 }), /"clip" of RNN is not of type FLOAT/],
    ['an unknown direction', withAttribute('direction', { s: 'sideways' }), /"direction" of RNN is "sideways"/],
    ['an unknown layout', withAttribute('layout', { i: 2 }), /"layout" of RNN is 2/],
    ['a negative clip', withAttribute('clip', { f: -1 }), /"clip" of RNN is -1/],
    ['another hidden size', withAttribute('hidden_size', { i: 2 }), /W of RNN .*\[1, 2, 1\] is expected/],
    ['weights left out', modelBytes({ ...good, tensors: tensors.slice(1) }), /Input "w", the W of RNN, has no value/],
    ['an output of nobody', modelBytes({ ...good, outputs: [['z', 4]] }), /output z is no output of its node/],
    ['a cut file', modelBytes(good).subarray(0, 60), /no whole ONNX file/],
    ['something else', new TextEncoder().encode('PK, this is no model'), /no whole ONNX file|no ONNX graph/],
    ['nothing', new Uint8Array(0), /no ONNX graph/],
  ])('%s is refused', async (_, bytes, message) => {
    await expect(attempt(bytes)).rejects.toThrow(message);
  });
});

describe('npy', () => {
  /** A file with any header and any bytes. */
  const file = (descr: string, shape: string, data: Buffer, fortran = 'False'): Uint8Array => {
    const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
    return Buffer.concat([
      Buffer.from([0x93]),
      Buffer.from('NUMPY\x01\x00'),
      Buffer.from([header.length, 0]),
      Buffer.from(header),
      data,
    ]);
  };
  const bytesOf = (set: (view: DataView) => void, size: number): Buffer => {
    const data = Buffer.alloc(size);
    set(new DataView(data.buffer, data.byteOffset, size));
    return data;
  };

  it.each([
    [
      '<f4',
      bytesOf((view) => {
        view.setFloat32(0, 1.5, true);
      }, 4),
      1.5,
      'float',
    ],
    [
      '>f4',
      bytesOf((view) => {
        view.setFloat32(0, 1.5);
      }, 4),
      1.5,
      'float',
    ],
    [
      '<f8',
      bytesOf((view) => {
        view.setFloat64(0, -2.1, true);
      }, 8),
      -2.1,
      'float',
    ],
    [
      '>f8',
      bytesOf((view) => {
        view.setFloat64(0, -2.1);
      }, 8),
      -2.1,
      'float',
    ],
    [
      '<i4',
      bytesOf((view) => {
        view.setInt32(0, -7, true);
      }, 4),
      -7,
      'int',
    ],
    [
      '>i8',
      bytesOf((view) => {
        view.setBigInt64(0, 9n);
      }, 8),
      9,
      'int',
    ],
  ] as const)('%s is read', (descr, data, value, kind) => {
    expect(readNpy('a.npy', file(descr, '(1,)', data))).toEqual({ shape: [1], kind, values: Float64Array.of(value) });
  });

  it('Fortran order becomes row after row', () => {
    const data = Buffer.from(Int32Array.of(1, 4, 2, 5, 3, 6).buffer);
    expect([...readNpy('a.npy', file('<i4', '(2, 3)', data, 'True')).values]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ['another type', file('<c8', '(1,)', Buffer.alloc(8)), /dtype is '<c8'/],
    ['too few bytes', file('<f4', '(3,)', Buffer.alloc(8)), /has 12 bytes; the file has 8/],
    ['no .npy', Buffer.from('hello, world, this is text'), /no \.npy/],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => readNpy('a.npy', bytes)).toThrow(message);
  });

  it('arrays may have names that are no file names', () => {
    const bytes = npzBytes(new Map([['/lstm/../Y:0', { shape: [2], values: Float32Array.of(1, 2) }]]));
    expect(readNpz(bytes).get('/lstm/../Y:0')).toEqual({ shape: [2], data: Float32Array.of(1, 2) });
  });
});
