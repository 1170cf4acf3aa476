/**
 * Generated ONNX nodes with random weights: what we compute of their bytes against onnxruntime, to 1e-5. Where
 * onnxruntime refuses, crashes or departs from the specification, the case stands apart below, with the reason.
 */
import { describe, expect, it } from 'vitest';
import { activationCases, defaultCases, drawnCases, OPS, sizeCases, SIZES, USUAL } from './cases';
import { buildCase, type Case } from './onnxModel';
import { ours, theirs } from './run';
import { worst } from './worst';

const TOLERANCE = 1e-5;
/** Functions without a bound can let a state grow: then the tolerance is relative to the largest value. */
const scaleOf = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);

const DRAWN = 360;
const cases = [...activationCases(), ...defaultCases(), ...sizeCases(), ...drawnCases(DRAWN, 2026)];

async function compare(one: Case, seed: number): Promise<void> {
  const built = buildCase(one, seed);
  const expected = await theirs(built);
  const { outputs } = ours(built);
  const what = JSON.stringify(one);
  expect(expected.size, what).toBe(one.op === 'LSTM' ? 3 : 2);
  expect([...outputs.keys()], what).toEqual([...expected.keys()]);
  for (const [name, { shape, values }] of expected) {
    const found = outputs.get(name);
    expect(found?.shape, `${name} of ${what}`).toEqual(shape);
    expect(worst(found?.values ?? [], values) / scaleOf(values), `${name} of ${what}`).toBeLessThanOrEqual(TOLERANCE);
  }
}

it('generates at least 300 different combinations, of every operator and attribute', () => {
  expect(new Set(cases.map((one) => JSON.stringify(one))).size).toBeGreaterThanOrEqual(300);
  const keys = new Set(cases.flatMap((one) => Object.keys(one)));
  for (const key of ['direction', 'activations', 'alpha', 'beta', 'clip', 'inputForget', 'linearBeforeReset', 'bias']) {
    expect(keys).toContain(key);
  }
  for (const key of ['peephole', 'initial', 'lengths']) expect(keys).toContain(key);
});

describe('onnxruntime agrees', () => {
  // Twenty cases a test: a test of its own for each would take longer than what it does.
  const batches = Array.from({ length: Math.ceil(cases.length / 20) }, (_, k) => k * 20);
  it.each(batches)('from case %i on', async (from) => {
    const batch = cases.slice(from, from + 20);
    for (const [k, one] of batch.entries()) await compare(one, from + k + 1);
  });

  it('on a sequence of no step among others: zeros, and a last state of zeros', async () => {
    for (const op of OPS)
      await compare({ op, steps: 3, batch: 2, inputSize: 2, units: 3, initial: 'both', lengths: [2, 0] }, 5);
  });
});

const base = { steps: 3, batch: 2, inputSize: 4, units: 3, bias: true } as const;

describe('onnxruntime refuses, we do not', () => {
  // The specification has layout=1 since version 14: X, Y and the states with the batch first.
  it.each(OPS)('layout=1 of %s: the same numbers as layout=0, in another order', async (op) => {
    const shared = { op, ...base, direction: 'bidirectional', initial: 'both', lengths: [3, 1] } as const;
    const built = buildCase({ ...shared, layout: 1 }, 21);
    await expect(theirs(built)).rejects.toThrow(/layout/);
    const plain = buildCase(shared, 21);
    const swap = (name: string): void => {
      const [fed, other] = [built.feeds.get(name), plain.feeds.get(name)];
      if (fed && other) other.values.set(swapFirstAxes(fed.shape, fed.values));
    };
    for (const name of ['x', 'h0', 'c0']) swap(name);
    const expected = await theirs(plain);
    for (const [name, { shape, values }] of ours(built).outputs) {
      // Y is [batch, steps, directions, units] here and [steps, directions, batch, units] there.
      const [a = 0, b = 0, c = 0] = shape;
      const rows = name === 'y' ? swapFirstAxes([a, b * c, base.units], values) : swapFirstAxes(shape, values);
      expect(shape).toEqual(name === 'y' ? [base.batch, base.steps, 2, base.units] : [base.batch, 2, base.units]);
      expect(worst(rows, expected.get(name)?.values ?? []), name).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  it.each(['GRU', 'LSTM'] as const)('clip=0 of %s: every sum is 0', async (op) => {
    const built = buildCase({ op, ...base, clip: 0 }, 3);
    await expect(theirs(built)).rejects.toThrow(/clip/);
    const { run } = ours(built);
    const candidate = run.directions[0]?.signals.find(({ name }) => name === 'candidate')?.values;
    expect(worst(candidate ?? [], new Float64Array(base.steps * base.batch * base.units))).toBe(0);
  });
});

describe('onnxruntime departs from the specification, which we follow', () => {
  // "Default values are the same as of corresponding ONNX operators": 1.0 for ThresholdedRelu. onnxruntime takes 0.
  it.each(OPS)('ThresholdedRelu of %s without alpha is that with 1', async (op) => {
    const activations = USUAL[op].with(-1, 'ThresholdedRelu');
    const built = buildCase({ op, ...base, activations }, 31);
    const expected = await theirs(buildCase({ op, ...base, activations, alpha: [1] }, 31));
    for (const [name, { values }] of ours(built).outputs) {
      expect(worst(values, expected.get(name)?.values ?? []), name).toBeLessThanOrEqual(TOLERANCE);
    }
    const departed = (await theirs(built)).get('y')?.values ?? [];
    expect(worst(departed, expected.get('y')?.values ?? [])).toBeGreaterThan(0.1);
  });

  // onnxruntime takes 0 for them, so that every value is 0. No operator of that name has defaults, so we refuse.
  it.each(OPS.flatMap((op) => ['Affine', 'ScaledTanh'].map((name) => [op, name] as const)))(
    '%s with %s but without alpha is refused',
    (op, name) => {
      const built = buildCase({ op, ...base, activations: USUAL[op].map(() => name) }, 4);
      expect(() => ours(built)).toThrow(/"activation_alpha".*must be given for/);
    },
  );

  // onnxruntime ignores alphas that no function takes; whoever wrote them may have counted another way.
  it('alphas that no function takes are refused', () => {
    const built = buildCase({ op: 'GRU', ...base, activations: ['Sigmoid', 'LeakyRelu'], alpha: [0.5, 0.1] }, 4);
    expect(() => ours(built)).toThrow(/"activation_alpha" of GRU.*at most 1/);
  });
});

// onnxruntime's GRU ends the process on a sequence without steps; so none of its cells is asked.
describe('no steps', () => {
  it.each(OPS.flatMap((op) => SIZES.map((units) => [op, units] as const)))(
    '%s of %i keeps its initial state',
    (op, units) => {
      const built = buildCase({ op, ...base, units, steps: 0, initial: 'both', direction: 'bidirectional' }, 6);
      const { outputs } = ours(built);
      expect(outputs.get('y')).toEqual({ shape: [0, 2, base.batch, units], values: new Float32Array(0) });
      expect(outputs.get('yh')?.values).toEqual(built.feeds.get('h0')?.values);
      expect(outputs.get('yc')?.values).toEqual(op === 'LSTM' ? built.feeds.get('c0')?.values : undefined);
    },
  );
});

/** [a, b, width] -> [b, a, width] */
function swapFirstAxes(shape: readonly number[], values: Float32Array | Int32Array): Float32Array {
  const [a = 0, b = 0, width = 0] = shape;
  const out = new Float32Array(values.length);
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < width; k++) out[(j * a + i) * width + k] = values[(i * b + j) * width + k] ?? NaN;
    }
  }
  return out;
}
