/** Runs a model over a fixture's input and tells how far it is from what the fixture's framework computed. */
import { readFileSync } from 'node:fs';
import { evaluate, type Evaluation } from '../../../src/engine/evaluate';
import { materialize, type Model } from '../../../src/models/model';
import { readNpz } from '../../npz';

type Rows = ArrayLike<number>;

export interface Fixture {
  /** [steps], or [steps, width] of `x`. */
  readonly steps: number;
  readonly tokens: Rows | undefined;
  readonly x: Float64Array | undefined;
  /** What the last recurrent layer shows: [rows, width]. */
  readonly hidden: Rows;
  /** What the whole model gives: [rows, outputs]; undefined where the model goes on behind what can be run. */
  readonly final: Rows | undefined;
  /** The step that both are of; undefined where they have a row for each. */
  readonly finalAt: number | undefined;
}

export function readFixture(path: string): Fixture {
  const arrays = readNpz(readFileSync(path));
  const tokens = arrays.get('tokens');
  const x = arrays.get('x');
  const [steps = 0] = (tokens ?? x)?.shape ?? [];
  const hidden = arrays.get('hidden')?.data;
  if (hidden === undefined || steps === 0) throw new Error(`${path} has no input or no hidden`);
  return {
    steps,
    tokens: tokens?.data,
    x: x && Float64Array.from(x.data),
    hidden,
    final: arrays.get('final')?.data,
    finalAt: arrays.get('final_at')?.data[0],
  };
}

export function run(model: Model, { steps, tokens, x }: Fixture): Evaluation {
  const input = tokens ? { tokens } : { x: x ?? new Float64Array(0) };
  return evaluate(materialize(model).network, input, { steps, batch: 1 });
}

/** Largest difference; infinite where lengths differ. */
export function worst(found: Rows, expected: Rows): number {
  if (found.length !== expected.length) return Infinity;
  let most = 0;
  for (let k = 0; k < found.length; k++) {
    const difference = Math.abs((found[k] ?? NaN) - (expected[k] ?? NaN));
    if (!(difference <= most)) most = difference;
  }
  return most;
}

function softmax(row: Rows): number[] {
  const exps = Array.from(row, Math.exp);
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((value) => value / sum);
}

/** Rows of the step that the fixture has, or of all. */
function rowsAt(values: Float64Array, fixture: Fixture): Float64Array {
  if (fixture.finalAt === undefined) return values;
  const width = values.length / fixture.steps;
  return values.subarray(fixture.finalAt * width, (fixture.finalAt + 1) * width);
}

export const hiddenError = (found: Evaluation, fixture: Fixture): number =>
  worst(rowsAt(found.output, fixture), fixture.hidden);

/** @param softmaxed whether the framework's numbers are probabilities, where ours are logits */
export function finalError(found: Evaluation, fixture: Fixture, softmaxed: boolean): number {
  const values = rowsAt(found.logits ?? found.output, fixture);
  if (!softmaxed) return worst(values, fixture.final ?? []);
  const rows = fixture.finalAt === undefined ? fixture.steps : 1;
  const width = values.length / rows;
  const shares = Array.from({ length: rows }, (_, row) => softmax(values.subarray(row * width, (row + 1) * width)));
  return worst(shares.flat(), fixture.final ?? []);
}
