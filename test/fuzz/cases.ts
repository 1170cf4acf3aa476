/** The fuzzer's formats, found by their files; a case made from a seed; and what reading it does. */
import { readdirSync } from 'node:fs';
import { evaluate } from '../../src/engine/evaluate';
import { materialize, modelInfo, type Model } from '../../src/models/model';
import { readModel } from '../../src/models/readModel';
import { bytesSource } from '../../src/models/source';
import { GatescopeError } from '../../src/shared/errors';
import type { FuzzFormat, FuzzSeed } from './format';
import { mutated } from './mutate';
import { below, hash, pick, seededRandom } from './random';

const FOLDER = new URL('./formats/', import.meta.url);

/** Weights above this are read, but not run. */
const MOST_RUN = 200_000;

/** All of them, or the one of that name. @throws Error for a name that there is not */
export async function loadFormats(name?: string): Promise<FuzzFormat[]> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.mts'));
  const modules = await Promise.all(
    files.sort().map((file) => import(new URL(file, FOLDER).href) as Promise<{ format: FuzzFormat }>),
  );
  const formats = modules.map(({ format }) => format);
  const chosen = name === undefined ? formats : formats.filter((format) => format.name === name);
  if (chosen.length > 0) return chosen;
  throw new Error(`There is no format ${String(name)}; there are ${formats.map((format) => format.name).join(', ')}.`);
}

/** A seed that was broken, under its name, which keeps its extension. */
export type Case = FuzzSeed;

const seedsOf = new WeakMap<FuzzFormat, ReturnType<FuzzFormat['seeds']>>();

/** The same bytes for the same format, seed and index, whatever was made before. */
export function caseOf(format: FuzzFormat, seed: number, index: number): Case {
  const seeds = seedsOf.get(format) ?? format.seeds();
  seedsOf.set(format, seeds);
  const random = seededRandom((hash(format.name) ^ Math.imul(seed, 0x9e3779b1)) + Math.imul(index, 0x85ebca6b));
  // Neighbouring seeds of this generator begin alike.
  for (let k = 0; k < 3 + below(random, 3); k++) random();
  const seedFile = pick(random, seeds);
  const own = format.mutate?.bind(format);
  return { ...seedFile, bytes: mutated(seedFile.bytes, pick(random, seeds).bytes, random, own) };
}

/** `read`, or the code of the refusal; anything else is a fault of ours. */
export type Outcome = 'read' | 'model-damaged' | 'model-unsupported';

/** @throws whatever is no refusal with a name */
export function readCase({ name, bytes, siblings }: Case): Outcome {
  try {
    describe(materialize(readModel(bytesSource(name, bytes, siblings))));
    return 'read';
  } catch (error) {
    const code = error instanceof GatescopeError ? error.code : undefined;
    if (code === 'model-damaged' || code === 'model-unsupported') return code;
    throw error;
  }
}

/** What a view asks for, and one step. */
function describe(model: Model): void {
  modelInfo(model, 0, model.name);
  const { network, parameters } = model;
  if (parameters > MOST_RUN) return;
  const { input } = network;
  const source = input.kind === 'tokens' ? { tokens: [input.vocab - 1] } : { x: new Float64Array(input.width) };
  evaluate(network, source, { steps: 1, batch: 1 });
}
