/** The arrays of a reference: which of our signals each is, and its values by steps. */
import type { Evaluation } from '../../engine/evaluate';
import { GatescopeError } from '../../shared/errors';
import { say, type Text } from '../../shared/l10n';
import type { SignalName } from '../../shared/signals';
import type { NpyArray } from '../npy';

/** Values [steps, units] of our run or of the reference. */
export interface Series {
  readonly units: number;
  readonly values: ArrayLike<number>;
}

/** One of our signals and the reference's array that is to be the same. */
export interface Pair {
  /** `l0.hidden`, `output`, `logits`; `l0.hidden` of both directions side by side is `l0.both.hidden`. */
  readonly name: string;
  readonly reference: string;
  readonly theirs: Series;
  /** In which order differences are told. */
  readonly rank: number;
}

export interface Matched {
  readonly pairs: readonly Pair[];
  readonly ignored: readonly string[];
}

const badRequest = (message: Text): GatescopeError => new GatescopeError('bad-request', message);

/** Our signals of a run of one sequence, by name, in the order in which differences are told. */
export function ourSeries(run: Evaluation): Map<string, Series> {
  const found = new Map<string, Series>();
  const { steps } = run;
  for (const [layer] of [...new Set(run.directions.map((direction) => direction.layer))].entries()) {
    const directions = run.directions.filter((direction) => direction.layer === layer);
    for (const { name, signals } of directions) {
      for (const signal of signals) found.set(`${name}.${signal.name}`, { units: signal.units, values: signal.values });
    }
    if (directions.length < 2) continue;
    for (const signal of ['hidden', 'cell'] as const) {
      const sides = directions.flatMap(({ signals }) => signals.filter(({ name }) => name === signal));
      if (sides.length === directions.length) found.set(`l${String(layer)}.both.${signal}`, sideBySide(sides, steps));
    }
  }
  found.set('output', { units: steps === 0 ? 0 : run.output.length / steps, values: run.output });
  if (run.logits) found.set('logits', { units: steps === 0 ? 0 : run.logits.length / steps, values: run.logits });
  return found;
}

function sideBySide(sides: readonly Series[], steps: number): Series {
  const units = sides.reduce((sum, side) => sum + side.units, 0);
  const values = new Float64Array(steps * units);
  let column = 0;
  for (const side of sides) {
    for (let step = 0; step < steps; step++) {
      for (let unit = 0; unit < side.units; unit++) {
        values[step * units + column + unit] = side.values[step * side.units + unit] ?? NaN;
      }
    }
    column += side.units;
  }
  return { units, values };
}

/** Words of an array's name that say a signal. `output` alone is the last layer's, with a layer a gate's. */
const SIGNAL_WORDS: ReadonlyMap<string, SignalName | 'output' | 'logits'> = new Map([
  ...(['hidden', 'h', 'hs', 'hiddens', 'state', 'states'] as const).map((word) => [word, 'hidden'] as const),
  ...(['cell', 'c', 'cs', 'cells'] as const).map((word) => [word, 'cell'] as const),
  ...(['output', 'outputs', 'out', 'y'] as const).map((word) => [word, 'output'] as const),
  ...(['logits', 'logit', 'scores', 'head'] as const).map((word) => [word, 'logits'] as const),
  ['input', 'input'],
  ['i', 'input'],
  ['forget', 'forget'],
  ['f', 'forget'],
  ['candidate', 'candidate'],
  ['g', 'candidate'],
  ['n', 'candidate'],
  ['o', 'output'],
  ['reset', 'reset'],
  ['r', 'reset'],
  ['update', 'update'],
  ['z', 'update'],
]);

interface Said {
  readonly layer: number | undefined;
  readonly reverse: boolean;
  readonly signal: SignalName | 'output' | 'logits';
}

/** What a name says: `l0.hidden`, `hidden_l0`, `lstm_1/h`, `l1_reverse.cell`, `logits`; undefined for a stranger. */
export function readName(name: string): Said | undefined {
  const words = name
    .replaceAll(/([a-z])([A-Z])/gu, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .flatMap((word) => word.match(/[a-z]+|\d+/gu) ?? []);
  // `h_n`, `final_state`: a last state says nothing of the steps.
  if (/(?:^| )(?:last|final|[hc] n|[hc]n)(?: |$)/u.test(words.join(' '))) return undefined;
  let layer: number | undefined;
  let reverse = false;
  let signal: Said['signal'] | undefined;
  for (const word of words) {
    if (/^\d+$/u.test(word)) layer ??= Number(word);
    else if (/^(?:reverse|reversed|backward|backwards|bwd|bw|rev)$/u.test(word)) reverse = true;
    else {
      const found = SIGNAL_WORDS.get(word);
      // `hidden_states` and `output_h` say one thing twice; the exacter word is the one that is no `state`.
      if (found !== undefined && (signal === undefined || (signal === 'hidden' && words.includes('state'))))
        signal = found;
    }
  }
  return signal && { layer, reverse, signal };
}

/** Drops axes of one: [1, steps, units] and [steps, 1, units]; [steps] is [steps, 1]. */
function seriesOf(name: string, { shape, values }: NpyArray, steps: number): Series | undefined {
  const sizes =
    shape.length === 3 && shape[0] === 1
      ? shape.slice(1)
      : shape.length === 3 && shape[1] === 1
        ? [shape[0] ?? 0, shape[2] ?? 0]
        : shape;
  if (shape.length === 3 && sizes.length === 3) {
    const batch = say`${name} has the shape [${shape.join(', ')}]`;
    throw badRequest(
      say`${batch}: more than one sequence. Save one: [steps, units], [1, steps, units] or [steps, 1, units].`,
    );
  }
  const [time = 0, units = 1] = sizes;
  if (sizes.length < 1 || sizes.length > 2) return undefined;
  if (time !== steps) {
    // A last state [1, units] says nothing of the steps.
    if (time === 1) return undefined;
    throw badRequest(
      say`${name} has ${time} steps, but the text has ${steps} for this model. Give the text that the reference was
        made of, and the tokenizer it was made with.`,
    );
  }
  return { units, values };
}

/**
 * Pairs what can be compared.
 *
 * @param arrays of the reference by name
 * @throws bad-request where nothing can be compared, or sizes differ
 */
export function matchReference(
  file: string,
  arrays: ReadonlyMap<string, NpyArray>,
  ours: ReadonlyMap<string, Series>,
  steps: number,
): Matched {
  const pairs: Pair[] = [];
  const ignored: string[] = [];
  const names = [...ours.keys()];
  for (const [name, array] of arrays) {
    if (name === 'tokens' || name === 'ranges' || name === 'loss') continue;
    const theirs = ours.has(name) || readName(name) !== undefined ? seriesOf(name, array, steps) : undefined;
    const ourName = theirs && nameFor(name, theirs, ours);
    if (theirs === undefined || ourName === undefined) {
      ignored.push(name);
      continue;
    }
    const expected = ours.get(ourName)?.units ?? 0;
    if (theirs.units !== expected) {
      throw badRequest(
        say`${file}: ${name} has ${theirs.units} units, but the model's ${ourName} has ${expected}. Is it the same
          model?`,
      );
    }
    pairs.push({ name: ourName, reference: name, theirs, rank: names.indexOf(ourName) });
  }
  if (pairs.length === 0) {
    const has = arrays.size === 0 ? say`It is empty` : say`It has ${[...arrays.keys()].slice(0, 12).join(', ')}`;
    throw badRequest(
      say`${file}: Nothing in it can be compared. ${has}; names such as
        ${names
          .filter((one) => !one.includes('.both.'))
          .slice(0, 4)
          .join(', ')} are understood.`,
    );
  }
  return { pairs: pairs.sort((a, b) => a.rank - b.rank), ignored };
}

function nameFor(name: string, theirs: Series, ours: ReadonlyMap<string, Series>): string | undefined {
  if (ours.has(name)) return name;
  const said = readName(name);
  if (said === undefined) return undefined;
  const { reverse, signal } = said;
  if (signal === 'logits') return ours.has('logits') ? 'logits' : undefined;
  if (signal === 'output' && said.layer === undefined) return 'output';
  const layers = [...ours.keys()].flatMap((key) => /^l(\d+)(?:_reverse)?\.hidden$/u.exec(key)?.[1] ?? []).map(Number);
  const last = Math.max(...layers);
  // Without a number it is the last layer's, which is what frameworks return.
  const prefix = `l${String(said.layer ?? last)}`;
  const candidates = [
    `${prefix}${reverse ? '_reverse' : ''}.${signal}`,
    `${prefix}.both.${signal}`,
    `${prefix}_reverse.${signal}`,
  ];
  const there = candidates.filter((one) => ours.has(one));
  return there.find((one) => ours.get(one)?.units === theirs.units) ?? there[0];
}
