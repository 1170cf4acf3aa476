/** What a layer read at a token, by where each piece came from: the token, a table's columns, or units of the layer below. */
import { say, type Text } from '../shared/l10n';
import { findColumn } from '../engine/layout';
import { hiddenSize } from '../engine/network';
import { namedLayers, type NamedLayer, type RecurrentNetwork } from '../engine/recurrent';
import { MERGES } from '../engine/sequence';
import type { Contribution } from '../shared/trace';
import type { Subject } from './questions';

/** A piece of a layer's input: one of its values, or with `value` undefined the values at `places` of `vector`. */
export type Source = {
  readonly label: Text;
  readonly from: Contribution['from'];
  /** In the layer's input. */
  readonly places: readonly number[];
  /** What the weight there counts by: a half where two directions are averaged. */
  readonly factor: number;
} & ({ readonly value: number } | { readonly value?: undefined; readonly vector: Float32Array });

/**
 * @param layer a direction of a layer
 * @param record of the token
 */
export function inputSources(
  subject: Subject,
  network: RecurrentNetwork,
  token: number,
  layer: number,
  record: Float32Array,
): Source[] {
  let first = 0;
  let below: Below | undefined;
  for (const { directions, merge } of network.layers) {
    const next = first + directions.length;
    if (layer < next) break;
    below = { merge, first, named: namedLayers(network).slice(first, next) };
    first = next;
  }
  return below === undefined ? lowest(subject, network.input, token) : fromBelow(subject, below, record);
}

interface Below {
  readonly merge: RecurrentNetwork['layers'][number]['merge'];
  /** Number of its first direction. */
  readonly first: number;
  readonly named: readonly NamedLayer[];
}

function lowest({ text }: Subject, input: RecurrentNetwork['input'], token: number): Source[] {
  if (input.kind === 'numbers') {
    const row = text.numbers?.subarray(token * input.width, (token + 1) * input.width) ?? new Float32Array(0);
    return Array.from(row, (value, k) => {
      return { label: columnLabel(text.columns?.[k] ?? '', k), from: undefined, places: [k], factor: 1, value };
    });
  }
  const id = text.tokens[token] ?? 0;
  const source = { label: say`token “${text.labelAt(token)}”`, from: undefined, factor: 1 };
  const { table, width } = input;
  if (table === undefined) return [{ ...source, places: [id], value: 1 }];
  const vector = table.subarray(id * width, (id + 1) * width);
  return [{ ...source, places: [...vector.keys()], vector }];
}

/** A column without a name is called by its place already. */
const columnLabel = (name: string, place: number): Text => {
  if (name === '') return say`column ${place + 1}`;
  return /^column \d+$/u.test(name) ? name : say`column ${name}`;
};

/** What the directions below show is merged: side by side or summed, each unit has its share; multiplied, only both have. */
function fromBelow({ trace }: Subject, { merge, first, named }: Below, record: Float32Array): Source[] {
  const shown = named.map(({ name, weights }, k) => {
    const layer = first + k;
    const offset = findColumn(trace.layout, layer, 'hidden')?.offset ?? 0;
    const projected = weights.variant?.projection !== undefined;
    return {
      values: record.subarray(offset, offset + hiddenSize(weights)),
      label: (unit: number) => (projected ? say`${name} projected ${unit}` : say`${name} unit ${unit}`),
      from: (unit: number) => (projected ? undefined : { layer, unit }),
    };
  });
  const [a, b] = shown;
  if (merge === 'multiply' && a && b) {
    return Array.from(a.values, (value, unit) => ({
      label: say`${a.label(unit)} × ${b.label(unit)}`,
      from: undefined,
      places: [unit],
      factor: 1,
      value: MERGES.multiply(value, b.values[unit] ?? NaN),
    }));
  }
  const factor = merge === 'average' && b ? 0.5 : 1;
  const sources: Source[] = [];
  let start = 0;
  for (const { values, label, from } of shown) {
    for (const [unit, value] of values.entries()) {
      sources.push({ label: label(unit), from: from(unit), places: [start + unit], factor, value });
    }
    if (merge === 'concat') start += values.length;
  }
  return sources;
}
