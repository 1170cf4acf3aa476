/**
 * ONNX models as PyTorch's exporters and tf2onnx write them, and what else the operators allow
 * (test/fixtures/onnx/make.py): read, run over their whole input, and compared with onnxruntime's output.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { evaluate, type Evaluation } from '../../../src/engine/evaluate';
import { materialize, type Model } from '../../../src/models/model';
import { readOnnx } from '../../../src/models/onnx/readOnnx';
import { fileSource } from '../../../src/models/source';
import { worst } from '../../conformance/worst';
import { readNpz, type NpyArray } from '../../npz';
import { inWords, words } from '../../words';

const FOLDER = 'test/fixtures/onnx';
const TOLERANCE = 1e-5;

interface Case {
  readonly name: string;
  /** The axis of the steps in the input. */
  readonly time: 0 | 1;
  /** Whether the output is of the last step. */
  readonly last: boolean;
  readonly after: 'softmax' | 'logsoftmax' | null;
  /** Whether the floats of the input are one-hot tokens. */
  readonly tokens?: boolean;
  /** Whether the model cannot be run to its end. */
  readonly partial?: boolean;
  /** Whether its layers are written out step by step. */
  readonly unrolled?: boolean;
}

// What make.py wrote.
const cases = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')) as readonly Case[];

function open(path: string): Model {
  const source = fileSource(path);
  try {
    return materialize(readOnnx(source));
  } finally {
    source.close();
  }
}

function array(arrays: ReadonlyMap<string, NpyArray>, name: string): NpyArray {
  const found = arrays.get(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** [a, b, width] -> [b, a, width] */
function swapped(values: ArrayLike<number>, a: number, b: number): Float64Array {
  const width = values.length / (a * b);
  return Float64Array.from({ length: values.length }, (_, k) => {
    const [row, column] = [Math.floor(k / width), k % width];
    const [j, i] = [Math.floor(row / a), row % a];
    return values[(i * b + j) * width + column] ?? NaN;
  });
}

/** The model over the case's whole input, [steps, batch, ..]. */
function run(model: Model, { time, tokens }: Case, { shape, data }: NpyArray): Evaluation {
  const [a = 0, b = 0, width = 1] = shape;
  const [steps, batch] = time === 0 ? [a, b] : [b, a];
  const ids =
    tokens === true ? Float32Array.from({ length: a * b }, (_, k) => data.indexOf(1, k * width) - k * width) : data;
  const values = time === 0 ? Float64Array.from(ids) : swapped(ids, a, b);
  const input = model.network.input.kind === 'tokens' ? { tokens: values } : { x: values };
  return evaluate(model.network, input, { steps, batch });
}

function through(rows: Float64Array, width: number, after: Case['after']): Float64Array {
  if (after === null) return rows;
  const out = new Float64Array(rows.length);
  for (let row = 0; row < rows.length; row += width) {
    const part = rows.subarray(row, row + width);
    const most = Math.max(...part);
    const sum = part.reduce((total, value) => total + Math.exp(value - most), 0);
    part.forEach((value, k) => {
      const log = value - most - Math.log(sum);
      out[row + k] = after === 'softmax' ? Math.exp(log) : log;
    });
  }
  return out;
}

describe('an ONNX model agrees with onnxruntime', () => {
  it.each(cases.filter(({ partial, unrolled }) => !partial && !unrolled).map((one) => [one.name, one] as const))(
    '%s',
    (name, one) => {
      const model = open(join(FOLDER, `${name}.onnx`));
      expect(words(model.notRun)).toEqual([]);
      const arrays = readNpz(readFileSync(join(FOLDER, `${name}.npz`)));
      const expected = array(arrays, 'output').data;
      const { steps, batch, ...run_ } = run(model, one, array(arrays, 'input'));
      const all = run_.logits ?? run_.output;
      const width = all.length / (steps * batch);
      const rows = through(all, width, one.after);
      const found = one.last
        ? rows.subarray((steps - 1) * batch * width)
        : one.time === 0
          ? rows
          : swapped(rows, steps, batch);
      expect(worst(found, expected)).toBeLessThanOrEqual(TOLERANCE);
    },
  );
});

const BYTES_MODEL = '../shared/cases/models/byte-bidi-lstm';
const present = existsSync(BYTES_MODEL);
if (!present) console.warn(`${BYTES_MODEL} is absent: the model by others is skipped.`);

describe.skipIf(!present)('a byte-level bidirectional LSTM by others', () => {
  it('reads bytes, tells two classes a byte apart, and agrees with its own numbers', () => {
    const model = open(join(BYTES_MODEL, 'model.onnx'));
    expect(model).toMatchObject({
      architecture: 'Bidirectional LSTM',
      notes: { tokenizer: { kind: 'bytes' } },
      notRun: [],
      warnings: [],
    });
    expect(model.network.input).toMatchObject({ kind: 'tokens', vocab: 256, width: 32 });
    expect(
      model.network.layers.map(({ directions }) =>
        directions.map(({ reverse, weights: { units } }) => [reverse, units]),
      ),
    ).toEqual([
      [
        [false, 128],
        [true, 128],
      ],
      [
        [false, 64],
        [true, 64],
      ],
    ]);
    expect(model.network.head?.output).toBe('classes');
    const arrays = unzipSync(readFileSync(join(BYTES_MODEL, 'io.npz')));
    const ids = Uint8Array.from(npyBytes(arrays, 'input.npy'));
    const expected = new Float32Array(npyBytes(arrays, 'Add_26.npy').slice().buffer);
    const [batch, steps] = [2, 58];
    const { logits } = evaluate(model.network, { tokens: swapped(ids, batch, steps) }, { steps, batch });
    expect(worst(swapped(logits ?? [], steps, batch), expected)).toBeLessThanOrEqual(TOLERANCE);
  });
});

/** What is behind the header of a .npy of format 1. */
function npyBytes(files: Readonly<Record<string, Uint8Array>>, name: string): Uint8Array {
  const bytes = files[name];
  if (bytes === undefined) throw new Error(`no ${name}`);
  return bytes.subarray(10 + (bytes[8] ?? 0) + 256 * (bytes[9] ?? 0));
}

describe('what an ONNX model says of itself', () => {
  it.each<[string, object]>([
    ['tf-lstm', { notes: { tokenizer: { kind: 'characters', tokens: Array.from('abcdefghijk') } }, warnings: [] }],
    ['old-lstm', { architecture: 'LSTM', notes: {}, parameters: 44 + 4 * 5 * (4 + 5 + 2) + 66, warnings: [] }],
    [
      'hot-floats',
      {
        notes: { tokenizer: { kind: 'characters' } },
        network: { input: { kind: 'tokens', vocab: 11, table: undefined } },
      },
    ],
    ['old-lstm-numbers', { architecture: 'LSTM', network: { input: { kind: 'numbers', width: 4 }, head: undefined } }],
    [
      'old-lstm-hidden',
      {
        warnings: [expect.stringMatching(/reads one step of a sequence .*its last state/u)],
        network: { head: { output: 'next-token' } },
      },
    ],
    ['bytes-as-numbers', { architecture: 'SimpleRNN', notes: {}, network: { input: { kind: 'numbers', width: 1 } } }],
    ['series', { network: { input: { kind: 'numbers', width: 1 }, head: { output: 'values' } } }],
    ['tf-both-average', { network: { layers: [{ merge: 'concat' }, { merge: 'average' }] } }],
    [
      'attention',
      {
        notRun: ['MatMul "scores"', 'LSTM "decoder"'],
        warnings: [expect.stringMatching(/initial hidden state of LSTM "encoder"/u), expect.anything()],
      },
    ],
  ])('%s', (name, expected) => {
    expect(inWords(open(join(FOLDER, `${name}.onnx`)))).toMatchObject(expected);
  });

  it('is told that its layers are written out step by step', () => {
    expect(() => open(join(FOLDER, 'new-rnn.onnx'))).toThrow(/no recurrent layer.*dynamo=False/u);
  });
});
