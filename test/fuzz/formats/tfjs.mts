/** Seeds of TensorFlow.js's model.json with its weights beside it, and changes to what it says. */
import { readdirSync, readFileSync } from 'node:fs';
import type { FuzzFormat, FuzzSeed } from '../format';

const SEEDS = ['tfjs-lstm', 'tfjs-gru', 'tfjs-lstm-uint8'] as const;

const ODD: readonly unknown[] = [null, true, -1, 0, 1e308, 2 ** 53, '', '../x', '__proto__', [], {}, [[[]]]];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Deeper nests go to the reader as they are: copies of them would be too deep for JSON.stringify. */
const DEEPEST = 200;

/** Every object and list in a value; undefined where they are nested too deep. */
function holders(value: unknown): Record<string, unknown>[] | undefined {
  const found: Record<string, unknown>[] = [];
  let level = [value].filter(isObject);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return undefined;
    found.push(...level);
    level = level.flatMap((one) => Object.values(one).filter(isObject));
  }
  return found;
}

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (most: number): number => Math.floor(random() * most);
  const cut = random() < 0.1;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return bytes.slice(0, below(bytes.length));
  }
  for (let k = 1 + below(3); k > 0; k--) {
    const all = holders(json);
    if (all === undefined) return bytes;
    const holder = all[below(all.length)];
    const keys = Object.keys(holder ?? {});
    const key = keys[below(keys.length)];
    if (holder === undefined || key === undefined) continue;
    const other = all[below(all.length)];
    switch (below(4)) {
      case 0:
        // A copy, which later changes may go into.
        holder[key] = structuredClone(ODD[below(ODD.length)]);
        break;
      case 1:
        Reflect.deleteProperty(holder, key);
        break;
      case 2:
        if (typeof holder[key] === 'number') holder[key] += below(5) - 2;
        break;
      default:
        // A copy, so that nothing holds itself.
        holder[key] = JSON.parse(JSON.stringify(other)) as unknown;
    }
  }
  const text = new TextEncoder().encode(JSON.stringify(json));
  return cut ? text.slice(0, below(text.length)) : text;
}

/** The files of weights, and the model under its own name. */
function seedOf(folder: string): FuzzSeed {
  const path = `test/fixtures/keras/${folder}`;
  const files = readdirSync(path).map((name) => [name, new Uint8Array(readFileSync(`${path}/${name}`))] as const);
  const siblings = new Map(files);
  return { name: 'model.json', bytes: siblings.get('model.json') ?? new Uint8Array(0), siblings };
}

export const format: FuzzFormat = { name: 'tfjs', seeds: () => SEEDS.map(seedOf), mutate };
