/** The float64 cells over raw sequences, and a GRU's trace of a text, against PyTorch's own numbers. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GATES, type LayerWeights } from '../../src/engine/network';
import { createScalarEngine } from '../../src/engine/scalar';
import { runSequence, type DirectionRun, type InitialState, type SequenceLayer } from '../../src/engine/sequence';
import { readModelBytes } from '../../src/models/readModel';
import type { CellKind } from '../../src/shared/signals';
import { worst } from '../conformance/worst';
import { readNpz, type NpyArray } from '../npz';
import { stacked } from './stacked';
import { networkOf } from '../models/networkOf';

const FOLDER = 'test/fixtures/pytorch/cells';
const TOLERANCE = 1e-5;

const arrays = readNpz(readFileSync(`${FOLDER}/sequences.npz`));
const modules = [...new Set([...arrays.keys()].map((key) => key.split('/')[0] ?? ''))];

/** PyTorch's parameters of one direction of one layer. */
function weightsOf(module: string, suffix: string): LayerWeights | undefined {
  const find = (part: string): NpyArray | undefined => arrays.get(`${module}/${part}_${suffix}`);
  const floats = (part: string): Float32Array | undefined => {
    const data = find(part)?.data;
    return data instanceof Float32Array ? data : undefined;
  };
  const [weightIh, weightHh, projection] = [floats('weight_ih'), floats('weight_hh'), floats('weight_hr')];
  if (!weightIh || !weightHh) return undefined;
  const cell = module.split('-')[0] as CellKind;
  const [rows = 0, inputSize = 0] = find('weight_ih')?.shape ?? [];
  return {
    cell,
    activation: module.includes('relu') ? 'relu' : 'tanh',
    inputSize,
    units: rows / GATES[cell],
    weightIh,
    weightHh,
    biasIh: floats('bias_ih'),
    biasHh: floats('bias_hh'),
    ...(projection && { variant: { projection } }),
  };
}

function layersOf(module: string): SequenceLayer[] {
  const layers: SequenceLayer[] = [];
  for (let k = 0; ; k++) {
    const layer = [false, true].flatMap((reverse) => {
      const weights = weightsOf(module, `l${String(k)}${reverse ? '_reverse' : ''}`);
      return weights ? [{ reverse, weights }] : [];
    });
    if (layer.length === 0) return layers;
    layers.push(layer);
  }
}

/** Rows of PyTorch's [layers * directions, batch, size]. */
function rowsOf(array: NpyArray | undefined): (Float32Array | undefined)[] {
  if (!(array?.data instanceof Float32Array)) return [];
  const { data } = array;
  const [count = 0, batch = 0, size = 0] = array.shape;
  return Array.from({ length: count }, (_, k) => data.subarray(k * batch * size, (k + 1) * batch * size));
}

const joined = (runs: readonly DirectionRun[], of: (run: DirectionRun) => Float64Array | undefined): number[] =>
  runs.flatMap((run) => [...(of(run) ?? [])]);

describe('raw sequences as torch.nn computes them', () => {
  it('are those of eight modules', () => {
    expect(modules).toHaveLength(8);
  });

  it.each(modules)('%s', (module) => {
    const get = (name: string): NpyArray => arrays.get(`${module}/${name}`) ?? { shape: [], data: new Float32Array(0) };
    const x = get('x');
    const [steps = 0, batch = 0] = x.shape;
    const cells = rowsOf(get('c0'));
    const initial = rowsOf(get('h0')).map((hidden, k): InitialState => ({
      ...(hidden && { hidden }),
      ...(cells[k] && { cell: cells[k] }),
    }));
    const lengths = [...get('lengths').data];
    const layers = layersOf(module);
    const run = runSequence(layers.map(stacked), { x: Float64Array.from(x.data), steps, batch, lengths, initial });
    expect(run.output.length).toBeGreaterThan(0);
    expect(worst(run.output, get('output').data)).toBeLessThanOrEqual(TOLERANCE);
    expect(
      worst(
        joined(run.directions, (one) => one.lastHidden),
        get('hn').data,
      ),
    ).toBeLessThanOrEqual(TOLERANCE);
    expect(
      worst(
        joined(run.directions, (one) => one.lastCell),
        get('cn').data,
      ),
    ).toBeLessThanOrEqual(TOLERANCE);
  });

  it.each([
    ['a list of lengths of another batch', { lengths: [1] }, /list of lengths has 1 value; 3 are expected/],
    ['a length beyond the steps', { lengths: [7, 1, 1] }, /length is 7; .* from 0 to 6/],
    ['a length that is not whole', { lengths: [1.5, 1, 1] }, /length is 1.5/],
    ['an input of another width', { x: new Float64Array(5) }, /input of l0 has 5 values; 54 are expected/],
    ['too few initial states', { initial: [] }, /initial states has 0 values; 1 are expected/],
    ['an initial state of another width', { initial: [{ hidden: new Float64Array(2) }] }, /hidden state of l0 has 2/],
    ['a cell state for a cell without one', { initial: [{ cell: new Float64Array(15) }] }, /cell state of l0 has 15/],
  ])('%s is refused', (_, change, message) => {
    const sequences = { x: new Float64Array(54), steps: 6, batch: 3, ...change };
    expect(() => runSequence(layersOf('gru-nobias').map(stacked), sequences)).toThrow(message);
  });
});

it('a GRU of two layers traces a text as torch.nn.GRU does', () => {
  const file = `${FOLDER}/gru-2x7.safetensors`;
  const expected = readNpz(readFileSync(`${FOLDER}/gru-2x7.npz`));
  const engine = createScalarEngine(networkOf(readModelBytes(file, readFileSync(file))));
  const tokens = Uint8Array.from(expected.get('tokens')?.data ?? []);
  const records = engine.runExact(tokens, new Float64Array(engine.stateSize));
  const { columns, width } = engine.layout;
  expect(columns.map(({ name }) => name).sort()).toEqual([...expected.keys()].filter((key) => key !== 'tokens').sort());
  for (const { name, offset, units } of columns) {
    // A loss has no value before the first token.
    const first = name === 'loss' ? 1 : 0;
    const values = Array.from({ length: (tokens.length - first) * units }, (_, k) => {
      const row = first + Math.floor(k / units);
      return records[row * width + offset + (k % units)] ?? NaN;
    });
    expect(worst(values, expected.get(name)?.data.subarray(first * units) ?? []), name).toBeLessThanOrEqual(TOLERANCE);
  }
});
