/** What is behind the layers that can be run: named, and everything up to there is a model all the same. */
import { describe, expect, it } from 'vitest';
import { materialize, type Model } from '../../../src/models/model';
import { readOnnx } from '../../../src/models/onnx/readOnnx';
import { bytesSource } from '../../../src/models/source';
import { graph, model, small, type TestGraph, type TestNode } from './build';
import { words } from '../../words';

const square = { shape: [1, 2, 2], floats: Float32Array.of(1, 2, 3, 4) };
const dense = { shape: [2, 4], floats: new Float32Array(8).fill(1) };

/** The first layer gives `h`, [steps, batch, 2]; what follows gives `y`. */
const behind = (nodes: readonly TestNode[], more: Partial<TestGraph> = {}): Model => {
  const first: TestNode[] = [
    { op: 'RNN', from: ['x', 'w', 'r'], to: ['f', 'state'], with: { hidden_size: 2 }, name: 'first' },
    { op: 'Squeeze', from: ['f', 'one'], to: ['h'] },
  ];
  const tensors = { one: { shape: [1], ints: [1] }, w2: square, d: dense, ...more.tensors };
  const bytes = model(small({ ...more, nodes: [...first, ...nodes], tensors, outputs: more.outputs ?? ['y'] }));
  return materialize(readOnnx(bytesSource('m.onnx', bytes)));
};

const second = (from: string, more: readonly string[] = []): TestNode => ({
  op: 'RNN',
  from: [from, 'w2', 'r', ...more],
  to: ['y'],
  with: { hidden_size: 2 },
  name: 'second',
});

const head = (from: string, to = 'y', name = 'head'): TestNode => ({ op: 'MatMul', from: [from, 'd'], to: [to], name });

describe('behind the last layer that can be run', () => {
  it.each<[string, readonly TestNode[], readonly string[]]>([
    [
      'a normalisation between layers',
      [{ op: 'LayerNormalization', from: ['h', 'g'], to: ['n'], name: 'norm' }, second('n')],
      ['LayerNormalization "norm"', 'RNN "second"'],
    ],
    [
      'a sum with what went around a layer',
      [
        { op: 'Slice', from: ['x', 'zero', 'two', 'axis'], to: ['cut'] },
        { op: 'Add', from: ['h', 'cut'], to: ['s'], name: 'around' },
        second('s'),
      ],
      ['Add "around"', 'RNN "second"'],
    ],
    [
      'a function between layers',
      [
        head('h', 'm'),
        { op: 'Tanh', from: ['m'], to: ['t'], name: 'squash' },
        { op: 'Slice', from: ['t', 'zero', 'two', 'axis'], to: ['c'] },
        second('c'),
      ],
      ['RNN "second"'],
    ],
    ["a layer that begins from another's state", [second('h', ['', '', 'state'])], ['RNN "second"']],
    [
      'a mean over the steps',
      [{ op: 'ReduceMean', from: ['h'], to: ['m'], name: 'pool' }, head('m')],
      ['ReduceMean "pool"'],
    ],
    ['a loop', [{ op: 'Loop', from: ['h'], to: ['y'], name: 'steps' }], ['Loop "steps"']],
    [
      'an operator of another domain',
      [{ op: 'Attention', domain: 'com.microsoft', from: ['h'], to: ['y'], name: 'a' }],
      ['com.microsoft.Attention "a"'],
    ],
  ])('%s is named', (_, nodes, expected) => {
    const tensors = {
      g: { shape: [2], floats: Float32Array.of(1, 1) },
      zero: { shape: [1], ints: [0] },
      two: { shape: [1], ints: [2] },
      axis: { shape: [1], ints: [2] },
    };
    const { notRun, network } = behind(nodes, { tensors });
    expect(words(notRun)).toEqual(expected);
    expect(network.layers).toHaveLength(1);
  });

  it('nothing is named where a choice of the best ends it', () => {
    const { notRun, network } = behind([head('h', 'l'), { op: 'ArgMax', from: ['l'], to: ['y'] }]);
    expect(words(notRun)).toEqual([]);
    expect(network.head).toMatchObject({ layers: [{ inputSize: 2, outputSize: 4 }] });
  });

  it('a second head is named, and the first is run', () => {
    const { notRun, network } = behind([head('h', 'y', 'policy'), head('h', 'v', 'value')], { outputs: ['y', 'v'] });
    expect(words(notRun)).toEqual(['MatMul "value"']);
    expect(network.head?.layers).toHaveLength(1);
  });

  it('a linear layer between two is put into the weights of the second', () => {
    const wide = { shape: [1, 2, 4], floats: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    const { notRun, network } = behind([head('h', 'm'), { ...second('m'), from: ['m', 'wide', 'r'] }], {
      tensors: { wide },
    });
    expect(words(notRun)).toEqual([]);
    expect(network.layers).toHaveLength(2);
    expect([...(network.layers[1]?.directions[0]?.weights.weightIh ?? [])]).toEqual([10, 10, 26, 26]);
  });

  it('a branch that is chosen while it runs is taken for its layer, and told of', () => {
    const yes = graph({ nodes: [second('h')], outputs: ['y'] });
    const no = graph({ nodes: [{ op: 'Identity', from: ['h'], to: ['y'] }], outputs: ['y'] });
    const choice: TestNode = {
      op: 'If',
      from: ['c'],
      to: ['y'],
      with: { then_branch: { graph: yes }, else_branch: { graph: no } },
      name: 'choice',
    };
    const nodes: TestNode[] = [
      { op: 'Shape', from: ['x'], to: ['s'] },
      { op: 'Gather', from: ['s', 'nought'], to: ['t'] },
      { op: 'Greater', from: ['t', 'nought'], to: ['c'] },
      choice,
    ];
    const { network, warnings } = behind(nodes, { tensors: { nought: { shape: [], ints: [0] } } });
    expect(network.layers).toHaveLength(2);
    expect(words(warnings)).toContainEqual(
      expect.stringMatching(/If "choice" chooses while it runs; its then branch/u),
    );
  });
});
