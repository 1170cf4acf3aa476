/** Descriptions of made-up models and statistics of their matrices, of every kind that the page can meet. */
import type { LayerDescription, MatrixInfo, MatrixStatistics, ModelDescription } from '../../../src/shared/modelInfo';
import type { CellKind, SignalName } from '../../../src/shared/signals';

export type ExampleName = 'lstm' | 'gru' | 'rnn' | 'bidirectional' | 'numbers' | 'unknown';

const GATES: Readonly<Record<CellKind, readonly SignalName[]>> = {
  lstm: ['input', 'forget', 'candidate', 'output'],
  gru: ['reset', 'update', 'candidate'],
  rnn: ['hidden'],
};
const ORDERS: Readonly<Record<CellKind, string | undefined>> = { lstm: 'i, o, f, g', gru: 'z, r, g', rnn: undefined };

function layer(name: string, cell: CellKind, inputSize: number, units: number): LayerDescription {
  const gates = GATES[cell];
  const rows = gates.length * units;
  return {
    name,
    cell,
    reverse: name.endsWith('_reverse'),
    inputSize,
    units,
    hidden: units,
    activations: cell === 'rnn' ? ['tanh'] : ['sigmoid', 'tanh'],
    gruForm: cell === 'gru' ? 'resetAfter' : undefined,
    gateOrder: ORDERS[cell],
    biases: 'two',
    variants: [],
    parameters: rows * (inputSize + units + 2),
    matrices: [
      { name: `${name}.weight_ih`, shape: [rows, inputSize], gates },
      { name: `${name}.weight_hh`, shape: [rows, units], gates },
    ],
  };
}

export function exampleModel(name: ExampleName): ModelDescription {
  const cell: CellKind = name === 'gru' || name === 'rnn' ? name : 'lstm';
  const base: ModelDescription = {
    name: 'tiny-shakespeare',
    file: '/home/ada/models/tiny-shakespeare.onnx',
    format: 'ONNX',
    bytes: 4_812_344,
    architecture: { lstm: 'LSTM', gru: 'GRU', rnn: 'SimpleRNN' }[cell],
    input: { kind: 'tokens', vocab: 65, width: 64, embedding: true },
    layers: [layer('l0', cell, 64, 256), layer('l1', cell, 256, 256)],
    merge: undefined,
    head: {
      output: 'next-token',
      layers: [{ inputSize: 256, outputSize: 65, bias: true, activation: undefined }],
      classes: undefined,
    },
    parameters: 876_225,
    tokenizer: { kind: 'characters', from: 'tiny-shakespeare.gatescope.json', tokens: 65 },
    numbers: undefined,
    needs: undefined,
    notRun: [],
    warnings: [],
    description: 'A character model of two layers that was trained on the plays of Shakespeare.',
    metadata: { producer: 'pytorch 2.13', opset: '18' },
  };
  switch (name) {
    case 'bidirectional':
      return {
        ...base,
        layers: [layer('l0', 'lstm', 64, 128), layer('l0_reverse', 'lstm', 64, 128)],
        merge: 'concat',
        notRun: ['MultiHeadAttention "attention"'],
        head: undefined,
        metadata: {},
      };
    case 'numbers':
      return {
        ...base,
        name: 'weather',
        input: { kind: 'numbers', width: 3 },
        tokenizer: undefined,
        numbers: { columns: ['temperature', 'pressure', 'wind'], shift: [10, 1000, 3], scale: [8, 12, 2] },
        layers: [layer('l0', 'lstm', 3, 20)],
        head: {
          output: 'values',
          layers: [
            { inputSize: 20, outputSize: 16, bias: true, activation: 'relu' },
            { inputSize: 16, outputSize: 1, bias: true, activation: undefined },
          ],
          classes: undefined,
        },
      };
    case 'unknown':
      return {
        ...base,
        tokenizer: undefined,
        needs: 'tokenizer',
        warnings: ['Tensor "lstm.weight_hh_l0" has 2 of 262144 values NaN or infinite.'],
      };
    default:
      return base;
  }
}

/** A number of -1…1 that looks like chance, and is the same every time. */
const noise = (n: number): number => {
  const x = Math.sin(n * 12.9898 + 78.233) * 43758.5453;
  return 2 * (x - Math.floor(x)) - 1;
};

export function exampleMatrix(model: ExampleName, name: string): MatrixStatistics {
  const all = exampleModel(model).layers.flatMap(({ matrices }) => matrices);
  const info: MatrixInfo = all.find((matrix) => matrix.name === name) ?? { name, shape: [4, 1], gates: ['hidden'] };
  const rows = Math.min(128, info.shape[0]);
  const columns = Math.min(128, info.shape[1]);
  const value = (row: number, column: number): number =>
    0.32 * noise(row * 131 + column) * (1 + Math.cos(row / 9)) + (row % 32 === column % 32 ? 0.5 : 0);
  const values = Float32Array.from({ length: rows * columns }, (_, i) => value(Math.floor(i / columns), i % columns));
  const counts = Array.from({ length: 64 }, (_, i) => Math.round(9000 * Math.exp(-(((i - 30) / 9) ** 2))));
  const recurrent = name.endsWith('weight_hh');
  return {
    ...info,
    min: -0.91,
    max: 1.142,
    mean: 0.0123,
    deviation: 0.2231,
    nonFinite: model === 'unknown' && recurrent ? 2 : 0,
    histogram: { lo: -0.91, hi: 1.142, counts },
    blocks: info.gates.map((gate, i) => ({
      gate,
      min: -0.9,
      max: 1.1,
      mean: 0.01 * i,
      spectralRadius: recurrent ? 0.71 + 0.43 * i : undefined,
    })),
    heatmap: { rows, columns, limit: 0.8, values },
  };
}
