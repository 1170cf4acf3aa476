/** ONNX files that lie, that are cut off, or that cost more than they weigh: a named refusal, soon, in little memory. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { materialize, type Model } from '../../../src/models/model';
import { readOnnx } from '../../../src/models/onnx/readOnnx';
import { bytesSource, fileSource, type ModelSource } from '../../../src/models/source';
import { GatescopeError } from '../../../src/shared/errors';
import { graph, message, model, small, type TestNode } from './build';
import { words } from '../../words';

const read = (bytes: Uint8Array): Model => materialize(readOnnx(bytesSource('m.onnx', bytes)));

const SOON_MS = 2000;

function refusal(run: () => unknown): GatescopeError {
  const start = performance.now();
  try {
    run();
  } catch (error) {
    if (!(error instanceof GatescopeError)) throw error;
    expect(error.code).toMatch(/^model-(?:damaged|unsupported)$/u);
    expect(error.message).toMatch(/^.+: /u);
    expect(performance.now() - start).toBeLessThan(SOON_MS);
    return error;
  }
  throw new Error('it was read');
}

const rnn = (x: string, to = 'y'): TestNode => ({
  op: 'RNN',
  from: [x, 'w', 'r'],
  to: [to],
  with: { hidden_size: 2 },
  name: 'layer',
});

/** `count` nodes, each of which reads what the one before gives. */
const chain = (count: number, start: string, of: (from: string, to: string) => TestNode): TestNode[] =>
  Array.from({ length: count }, (_, k) =>
    of(k === 0 ? start : `c${String(k - 1)}`, k === count - 1 ? 'end' : `c${String(k)}`),
  );

function nested(depth: number): Uint8Array {
  let inner = graph({ nodes: [], outputs: [] });
  for (let k = 0; k < depth; k++)
    inner = graph({ nodes: [{ op: 'If', with: { then_branch: { graph: inner } } }], outputs: [] });
  return model(inner);
}

/** Bytes within bytes, none of them a graph. */
function deepBytes(depth: number): Uint8Array {
  let inner: Uint8Array = new Uint8Array(0);
  for (let k = 0; k < depth; k++) {
    const within = inner;
    inner = message((to) => {
      to.writeBytesField(7, within);
    });
  }
  return inner;
}

const ints = (...values: readonly number[]): { shape: number[]; ints: readonly number[] } => ({
  shape: [values.length],
  ints: values,
});

describe('a hostile ONNX file is refused by name', () => {
  it.each<[string, () => Uint8Array, RegExp]>([
    ['branches nested 5000 deep', () => nested(5000), /nested more than 16 deep/u],
    ['bytes nested 20000 deep', () => deepBytes(20_000), /no version|no node|cut off|wire type/u],
    [
      'a node that reads itself',
      () => model(small({ nodes: [{ op: 'Add', from: ['x', 'a'], to: ['a'] }, rnn('a')] })),
      /reads "a", which nothing before it gives/u,
    ],
    [
      'nodes in a ring',
      () =>
        model(
          small({ nodes: [{ op: 'Relu', from: ['b'], to: ['a'] }, { op: 'Relu', from: ['a'], to: ['b'] }, rnn('b')] }),
        ),
      /reads "b", which nothing/u,
    ],
    [
      'a value that two nodes of a function give',
      () =>
        model(small({ nodes: [{ op: 'F', domain: 'own', from: ['x'], to: ['a'] }, rnn('a')] }), [
          { name: 'F', from: ['x'], to: ['y'], nodes: [1, 2].map(() => ({ op: 'Identity', from: ['x'], to: ['y'] })) },
        ]),
      /Identity "y" gives "y", which a node before it gives already/u,
    ],
    [
      'a function that calls itself',
      () =>
        model(small({ nodes: [{ op: 'F', domain: 'own', from: ['x'], to: ['a'] }, rnn('a')] }), [
          { name: 'F', from: ['x'], to: ['y'], nodes: [{ op: 'F', domain: 'own', from: ['x'], to: ['y'] }] },
        ]),
      /nested more than 16 deep/u,
    ],
    [
      'functions that call each other twice each',
      () =>
        model(
          small({ nodes: [{ op: 'F0', domain: 'own', from: ['x'], to: ['a'] }, rnn('a')] }),
          Array.from({ length: 15 }, (_, k) => ({
            name: `F${String(k)}`,
            from: ['x'],
            to: ['y'],
            nodes: ['a', 'b', 'c', 'y'].map((to) =>
              k === 14
                ? { op: 'Identity', from: ['x'], to: [to] }
                : { op: `F${String(k + 1)}`, domain: 'own', from: ['x'], to: [to] },
            ),
          })),
        ),
      /more than 100000 nodes/u,
    ],
    [
      'a shape that its data do not have',
      () => model(small({ tensors: { w: { shape: [1, 2 ** 30, 2 ** 30], floats: new Float32Array(6) } } })),
      /"w" has (?:6 values|the shape)/u,
    ],
    [
      'a shape beyond all numbers',
      () =>
        model(small({ tensors: { w: { shape: new Array<number>(200).fill(2 ** 31), floats: new Float32Array(6) } } })),
      /"w" has the shape/u,
    ],
    [
      'no values of a vast shape, split',
      () =>
        model(
          small({
            tensors: { w: { shape: [0, 2 ** 50], floats: new Float32Array(0) } },
            nodes: [
              { op: 'Split', from: ['w'], to: ['a', 'b'], with: { axis: 1 } },
              { op: 'RNN', from: ['x', 'a', 'r'], to: ['y'] },
            ],
          }),
        ),
      /W of RNN "y"/u,
    ],
    [
      'a constant of 8 TB as a weight',
      () =>
        model(
          small({
            tensors: { s: ints(1, 2 ** 20, 2 ** 20) },
            nodes: [
              { op: 'ConstantOfShape', from: ['s'], to: ['a'] },
              { op: 'RNN', from: ['x', 'a', 'r'], to: ['y'], with: { hidden_size: 2 } },
            ],
          }),
        ),
      /its W is not constant/u,
    ],
    [
      'a weight expanded to 8 TB',
      () =>
        model(
          small({
            tensors: { s: ints(2 ** 20, 2 ** 20, 2, 3) },
            nodes: [
              { op: 'Expand', from: ['w', 's'], to: ['a'] },
              { op: 'RNN', from: ['x', 'a', 'r'], to: ['y'] },
            ],
          }),
        ),
      /its W is not constant/u,
    ],
    [
      'a weight doubled 60 times',
      () =>
        model(
          small({
            nodes: [
              ...chain(60, 'w', (from, to) => ({ op: 'Concat', from: [from, from], to: [to], with: { axis: 0 } })),
              { op: 'RNN', from: ['x', 'end', 'r'], to: ['y'] },
            ],
          }),
        ),
      /its W is not constant/u,
    ],
    [
      'a weight added to itself 60 times',
      () =>
        model(
          small({
            nodes: [
              ...chain(60, 'w', (from, to) => ({ op: 'Add', from: [from, from], to: [to] })),
              { op: 'RNN', from: ['x', 'end', 'r'], to: ['y'] },
            ],
          }),
        ),
      /its W is not constant/u,
    ],
    [
      'a weight turned 15000 times',
      () =>
        model(
          small({
            nodes: [
              ...chain(15_000, 'w', (from, to) => ({
                op: 'Transpose',
                from: [from],
                to: [to],
                with: { perm: [0, 2, 1] },
              })),
              { op: 'RNN', from: ['x', 'end', 'r'], to: ['y'] },
            ],
          }),
        ),
      /its W is not constant/u,
    ],
    [
      'columns that double 40 times',
      () =>
        model(
          small({
            nodes: [
              ...chain(40, 'x', (from, to) => ({ op: 'Concat', from: [from, from], to: [to], with: { axis: 2 } })),
              rnn('end'),
            ],
          }),
        ),
      /"layer" cannot be run/u,
    ],
    [
      'an input of a vast width',
      () => model(small({ inputs: { x: [1, [undefined, undefined, 2 ** 50]] } })),
      /cannot be run/u,
    ],
    [
      '60000 nodes',
      () => model(small({ nodes: chain(60_000, 'x', (from, to) => ({ op: 'Identity', from: [from], to: [to] })) })),
      /more than 50000 nodes/u,
    ],
    [
      'a loop',
      () => model(small({ nodes: [{ op: 'Loop', from: ['x'], to: ['y'], name: 'steps' }] })),
      /Loop "steps" cannot be run/u,
    ],
    [
      'a layer of another domain',
      () =>
        model(
          small({ nodes: [{ op: 'DynamicQuantizeLSTM', domain: 'com.microsoft', from: ['x'], to: ['y'], name: 'q' }] }),
        ),
      /com\.microsoft\.DynamicQuantizeLSTM "q" cannot be run/u,
    ],
    [
      'a convolution in front',
      () => model(small({ nodes: [{ op: 'Conv', from: ['x', 'w'], to: ['a'], name: 'c1' }, rnn('a')] })),
      /its input goes through Conv "c1"/u,
    ],
    [
      'a function of the values in front',
      () => model(small({ nodes: [{ op: 'Relu', from: ['x'], to: ['a'], name: 'act' }, rnn('a')] })),
      /its input goes through Relu "act", whose function/u,
    ],
    [
      'no graph',
      () =>
        message((to) => {
          to.writeVarintField(1, 8);
        }),
      /holds no ONNX graph/u,
    ],
    ['nothing', () => new Uint8Array(0), /holds no ONNX graph/u],
  ])('%s', (_, make, expected) => {
    const bytes = make();
    expect(refusal(() => read(bytes)).message).toMatch(expected);
  });

  it('of layers that share one weight until they outgrow the file', () => {
    const units = 512;
    const nodes = chain(60, 'x', (_, to) => ({
      op: 'Squeeze',
      from: [`${to}y`],
      to: [to],
      with: { axes: [1] },
    })).flatMap((squeeze, k) => [
      {
        op: 'LSTM',
        from: [k === 0 ? 'x' : `c${String(k - 1)}`, 'w', 'w'],
        to: [squeeze.from?.[0] ?? ''],
        with: { hidden_size: units },
      },
      squeeze,
    ]);
    const w = { shape: [1, 4 * units, units], floats: new Float32Array(4 * units * units) };
    const bytes = model(
      small({ tensors: { w }, inputs: { x: [1, [undefined, undefined, units]] }, nodes, outputs: ['end'] }),
    );
    expect(refusal(() => read(bytes)).message).toMatch(/more than it holds/u);
  });
});

describe('what is constant in front of a layer', () => {
  it.each<[string, TestNode[]]>([
    [
      'a state of zeros of an open size',
      [
        { op: 'Shape', from: ['x'], to: ['s'] },
        { op: 'ConstantOfShape', from: ['s'], to: ['h'] },
        { ...rnn('x'), from: ['x', 'w', 'r', '', '', 'h'] },
      ],
    ],
    ['dead nodes that no output needs', [{ op: 'Mystery', from: ['x'], to: ['m'] }, rnn('x')]],
  ])('%s is no hindrance', (_, nodes) => {
    expect(read(model(small({ nodes }))).network.layers).toHaveLength(1);
  });

  it('is told of by name where a state is not zero, and weights where they are no numbers', () => {
    const nodes = [{ ...rnn('x'), from: ['x', 'w', 'r', '', '', 'learned'] }];
    const floats = Float32Array.of(0, 1);
    const w = { shape: [1, 2, 3], floats: Float32Array.of(1, NaN, 3, 4, Infinity, 6) };
    const { warnings } = read(model(small({ nodes, tensors: { w, learned: { shape: [1, 1, 2], floats } } })));
    expect(words(warnings)).toContainEqual(
      expect.stringMatching(/hidden state of RNN "layer" \("learned"\) is not zero/u),
    );
    expect(words(warnings)).toContainEqual('Tensor "w" has 2 of 6 values NaN or infinite.');
  });
});

describe('an ONNX file that is cut off', () => {
  it.each(['series', 'tf-lstm', 'functions'])('%s, at every byte', (name) => {
    const bytes = Uint8Array.from(readFileSync(`test/fixtures/onnx/${name}.onnx`));
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      try {
        read(bytes.subarray(0, length));
      } catch (error) {
        expect(error, String(length)).toMatchObject({
          name: 'GatescopeError',
          code: expect.stringMatching(/^model-/u) as string,
        });
        refused++;
      }
    }
    // What is behind the graph may be missing, but for the operator set's version.
    expect(refused).toBeGreaterThan(bytes.length * 0.9);
  });
});

describe('data in another file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatescope-onnx-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'm.onnx');
  writeFileSync(join(folder, 'w.bin'), new Uint8Array(Float32Array.of(9, 1, 2, 3, 4, 5, 6).buffer));
  symlinkSync(join(folder, 'w.bin'), join(folder, 'link.bin'));
  symlinkSync('/etc', join(folder, 'etc'));
  const open = (external: Readonly<Record<string, string>>): Model => {
    writeFileSync(file, model(small({ tensors: { w: { shape: [1, 2, 3], external } } })));
    const source = fileSource(file);
    try {
      return materialize(readOnnx(source));
    } finally {
      source.close();
    }
  };

  it('is read from where it says', () => {
    const weights = open({ location: 'w.bin', offset: '4', length: '24' }).network.layers[0]?.directions[0]?.weights;
    expect([...(weights?.weightIh ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['above the folder', { location: '../w.bin' }, /not in its own folder/u],
    ['at an absolute path', { location: join(folder, 'w.bin') }, /not in its own folder/u],
    ['in a folder beside', { location: 'etc/passwd' }, /not in its own folder/u],
    ['behind a link', { location: 'link.bin' }, /link or no file/u],
    ['in a folder', { location: 'etc' }, /link or no file/u],
    ['with a zero in its name', { location: 'w.bin\0' }, /not in its own folder/u],
    ['nowhere', {}, /not in its own folder/u],
    ['in no file', { location: 'gone.bin' }, /which is not beside the model/u],
    ['beyond the end', { location: 'w.bin', offset: '8' }, /ends at 28/u],
    ['of another length', { location: 'w.bin', length: '12' }, /12 bytes in another file; its shape has 24/u],
    ['at a place that is no number', { location: 'w.bin', offset: '-4' }, /at the offset "-4"/u],
  ])('%s is refused', (_, external, expected) => {
    expect(refusal(() => open(external)).message).toMatch(expected);
  });
});

describe('a large ONNX file', () => {
  it('is described without its weights being read', () => {
    const units = 4000;
    const values = 4 * units * units;
    const shape = [1, 4 * units, units];
    // The graph in front, then two tensors of 256 MB each, whose bytes are made as they are asked for.
    const nodes = [{ op: 'LSTM', from: ['x', 'w', 'r'], to: ['y'], with: { hidden_size: units } }];
    const inputs = { x: [1, [undefined, undefined, units]] as const };
    const head = graph({ nodes, inputs, outputs: ['y'] });
    const tensorHead = (name: string): Uint8Array =>
      message((to) => {
        to.writePackedVarint(1, shape);
        to.writeVarintField(2, 1);
        to.writeStringField(8, name);
        to.writeVarint((9 << 3) | 2);
        to.writeVarint(values * 4);
      });
    const field = (number: number, length: number): Uint8Array =>
      message((to) => {
        to.writeVarint((number << 3) | 2);
        to.writeVarint(length);
      });
    const tensors = ['w', 'r'].map((name) => {
      const inner = tensorHead(name);
      return Uint8Array.from([...field(5, inner.length + values * 4), ...inner]);
    });
    const body = head.length + tensors.reduce((sum, { length }) => sum + length + values * 4, 0);
    const opset = Uint8Array.of(0x42, 2, 0x10, 17);
    const pieces = [opset, field(7, body), head, ...tensors.flatMap((tensor) => [tensor, values * 4])];
    const size = pieces.reduce<number>((sum, piece) => sum + (typeof piece === 'number' ? piece : piece.length), 0);
    let taken = 0;
    const source: ModelSource = {
      name: 'large.onnx',
      size,
      read: (from, length) => {
        taken += length;
        const out = new Uint8Array(length);
        let at = 0;
        for (const piece of pieces) {
          if (typeof piece !== 'number') {
            for (const [k, byte] of piece.entries())
              if (at + k >= from && at + k < from + length) out[at + k - from] = byte;
          }
          at += typeof piece === 'number' ? piece : piece.length;
        }
        return out;
      },
      sibling: () => undefined,
      close: () => undefined,
    };
    const { network, parameters } = readOnnx(source);
    expect(size).toBeGreaterThan(500_000_000);
    expect(parameters).toBe(2 * values);
    expect(network.layers[0]?.directions[0]?.weights.units).toBe(units);
    expect(taken).toBeLessThan(1_000_000);
  });
});
