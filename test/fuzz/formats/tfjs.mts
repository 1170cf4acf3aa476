/**
 * Seeds of TensorFlow.js's model.json, and changes to what it says. Its weights are files beside it, which a fuzzer of one
 * file does not have: the manifest names none and holds tensors without values, or names files that are not there.
 */
import { readFileSync } from 'node:fs';
import type { FuzzFormat } from '../format';

const SEEDS = ['tfjs-lstm', 'tfjs-gru', 'tfjs-lstm-uint8'] as const;

const ODD: readonly unknown[] = [null, true, -1, 0, 1e308, 2 ** 53, '', '../x', '__proto__', [], {}, [[[]]]];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Every object and list in a value. */
function holders(value: unknown, found: Record<string, unknown>[] = []): Record<string, unknown>[] {
  if (!isObject(value)) return found;
  found.push(value);
  for (const part of Object.values(value)) holders(part, found);
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
    const holder = all[below(all.length)];
    const keys = Object.keys(holder ?? {});
    const key = keys[below(keys.length)];
    if (holder === undefined || key === undefined) continue;
    const other = all[below(all.length)];
    switch (below(4)) {
      case 0:
        holder[key] = ODD[below(ODD.length)];
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

export const format: FuzzFormat = {
  name: 'tfjs',
  seeds: () =>
    SEEDS.map((name) => {
      const json = JSON.parse(readFileSync(`test/fixtures/keras/${name}/model.json`, 'utf8')) as Record<
        string,
        unknown
      >;
      const manifest = json['weightsManifest'] as { paths: unknown; weights: { shape: unknown }[] }[];
      for (const group of manifest) {
        group.paths = [];
        for (const weight of group.weights) weight.shape = [];
      }
      return { name, bytes: new TextEncoder().encode(JSON.stringify(json)) };
    }),
  mutate,
};
