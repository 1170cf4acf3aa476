/** Compares our states with those that a user's framework wrote, and where they differ looks for the reason. */
import { evaluate, type SequenceInput } from '../../engine/evaluate';
import type { RecurrentNetwork } from '../../engine/recurrent';
import type { InitialState } from '../../engine/sequence';
import type { Model } from '../../models/model';
import { GatescopeError } from '../../shared/errors';
import { joined, say, type Text } from '../../shared/l10n';
import type { ComparedSignal, Difference, LikelyCause, VerifyResult } from '../../shared/modelInfo';
import type { RawText, Reader } from '../../text/openText';
import type { Breathe, TracedText } from '../../text/tracedText';
import { readNpy, readNpz, type NpyArray } from '../npy';
import { changesOf } from './causes';
import { matchReference, ourSeries, type Pair, type Series } from './reference';

export interface VerifyRequest {
  readonly model: Model;
  /** How the model's texts are read; asked only where the text is one. */
  readonly reader: () => Reader;
  /** A text, or an .npy of ids or numbers. */
  readonly text: RawText;
  readonly reference: { readonly name: string; readonly bytes: Uint8Array };
  readonly tolerance: number | undefined;
  readonly breathe: Breathe;
}

/** Largest absolute error that still agrees. */
const TOLERANCE = 1e-4;

/** Steps behind the first difference that a cause is tried on. */
const TRIED_STEPS = 24;

/** Milliseconds for which causes are tried. */
const MOST_TIME = 30_000;

/** Causes that are told, and those from which pairs are made. */
const TOLD = 3;
const PAIRED = 3;

/** A change explains a difference in part where it leaves less than this share of it. */
const PART = 0.2;

const badRequest = (message: Text): GatescopeError => new GatescopeError('bad-request', message);

/** What the model reads, and where each step stands. */
interface Read {
  readonly input: SequenceInput;
  readonly steps: number;
  readonly text: TracedText | undefined;
}

/** @throws bad-request where the reference cannot be compared */
export async function verify(request: VerifyRequest): Promise<VerifyResult> {
  const { model, reference, tolerance = TOLERANCE, breathe } = request;
  if (!(tolerance >= 0)) throw badRequest(say`The tolerance is ${tolerance}; it must be at least 0.`);
  const arrays = readNpz(reference.name, reference.bytes);
  const read = await readSteps(request);
  const { network } = model;
  await breathe();
  const run = evaluate(network, read.input, { steps: read.steps, batch: 1 });
  const ours = ourSeries(run);
  const { pairs, ignored } = matchReference(reference.name, arrays, ours, read.steps);
  const compared = pairs.map((pair): ComparedSignal => {
    const own = ours.get(pair.name);
    return {
      name: pair.name,
      reference: pair.reference,
      values: pair.theirs.values.length,
      maxError: own ? errorOf(own, pair.theirs, read.steps) : Infinity,
    };
  });
  const maxError = Math.max(...compared.map((one) => one.maxError));
  const result = { tolerance, tokens: read.steps, maxError, compared, ignored };
  const otherToken = firstOtherToken(read, arrays.get('tokens'));
  if (otherToken !== undefined) {
    return { ...result, agrees: false, difference: otherToken, causes: [tokenCause(maxError)] };
  }
  const difference = firstDifference(pairs, ours, read, tolerance);
  if (difference === undefined) return { ...result, agrees: true, difference, causes: [] };
  const causes = await findCauses(network, read, pairs, difference.token, maxError, tolerance, breathe);
  return { ...result, agrees: false, difference, causes };
}

const isNpy = (bytes: Uint8Array): boolean => bytes[0] === 0x93 && bytes[1] === 0x4e && bytes[2] === 0x55;

async function readSteps({ model, reader, text, breathe }: VerifyRequest): Promise<Read> {
  const { input } = model.network;
  if ('bytes' in text && isNpy(text.bytes)) return readArray(text.name, readNpy(text.name, text.bytes), input);
  const traced = await reader().read(text, breathe);
  const given = traced.numbers ? { x: traced.numbers } : { tokens: traced.tokens };
  return { input: given, steps: traced.steps, text: traced };
}

function readArray(name: string, { shape, values, kind }: NpyArray, input: RecurrentNetwork['input']): Read {
  if (input.kind === 'tokens') {
    const sizes = shape.filter((size) => size !== 1);
    if (kind !== 'int' || sizes.length > 1) {
      throw badRequest(
        say`${name} has the shape [${shape.join(', ')}] of ${kind}s; the ids of one sequence of tokens are expected.`,
      );
    }
    return { input: { tokens: values }, steps: values.length, text: undefined };
  }
  const width = shape.at(-1) ?? 0;
  if (width !== input.width || values.length % width !== 0) {
    throw badRequest(say`${name} has the shape [${shape.join(', ')}]; [steps, ${input.width}] is expected.`);
  }
  return { input: { x: values }, steps: values.length / width, text: undefined };
}

/** The largest absolute error over the first `steps`; infinite where only one of two values is a number. */
function errorOf(ours: Series, theirs: Series, steps: number): number {
  if (ours.units !== theirs.units) return Infinity;
  let most = 0;
  for (let at = 0; at < steps * theirs.units; at++) {
    const error = errorAt(ours, theirs, at);
    if (error > most) most = error;
  }
  return most;
}

function errorAt(ours: Series, theirs: Series, at: number): number {
  const [a, b] = [ours.values[at] ?? NaN, theirs.values[at] ?? NaN];
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const error = Math.abs(a - b);
  return Number.isNaN(error) ? Infinity : error;
}

function firstDifference(
  pairs: readonly Pair[],
  ours: ReadonlyMap<string, Series>,
  { steps, text }: Read,
  tolerance: number,
): Difference | undefined {
  for (let token = 0; token < steps; token++) {
    for (const { name, theirs } of pairs) {
      const own = ours.get(name);
      if (own === undefined) continue;
      for (let unit = 0; unit < theirs.units; unit++) {
        const at = token * theirs.units + unit;
        if (errorAt(own, theirs, at) <= tolerance) continue;
        const cut = name.lastIndexOf('.');
        return {
          token,
          label: text?.labelAt(token) ?? '',
          range: text && rangeAt(text, token),
          layer: cut < 0 ? 'the last layer' : name.slice(0, cut).replace('.both', ''),
          signal: cut < 0 ? name : name.slice(cut + 1),
          unit,
          ours: own.values[at] ?? NaN,
          theirs: theirs.values[at] ?? NaN,
        };
      }
    }
  }
  return undefined;
}

function rangeAt(text: TracedText, token: number): { start: number; end: number } {
  const [start = 0, end = 0] = text.ranges(token, token + 1);
  return { start, end };
}

/** Where the reference was made of other tokens, nothing else need be compared. */
function firstOtherToken({ input, steps, text }: Read, theirs: NpyArray | undefined): Difference | undefined {
  if (!('tokens' in input) || theirs?.values.length !== steps) return undefined;
  for (let token = 0; token < steps; token++) {
    const [a, b] = [input.tokens[token] ?? -1, theirs.values[token] ?? -1];
    if (a === b) continue;
    const label = text?.labelAt(token) ?? '';
    return {
      token,
      label,
      range: text && rangeAt(text, token),
      layer: 'the input',
      signal: 'tokens',
      unit: 0,
      ours: a,
      theirs: b,
    };
  }
  return undefined;
}

const tokenCause = (maxError: number): LikelyCause => ({
  name: 'tokens',
  text: say`The reference was made of other tokens: its vocabulary is in another order, or its text was cut in another
    way.`,
  fits: false,
  maxError,
});

/** A change that was tried, and what error it leaves. */
interface Tried extends LikelyCause {
  readonly network: RecurrentNetwork;
}

async function findCauses(
  network: RecurrentNetwork,
  read: Read,
  pairs: readonly Pair[],
  token: number,
  before: number,
  tolerance: number,
  breathe: Breathe,
): Promise<LikelyCause[]> {
  const reads = network.layers.every(({ directions }) => directions.every(({ reverse }) => !reverse));
  // What reads backwards needs the whole; a direction that is tried may too, if the text is not long.
  const steps = reads && read.steps > 2048 ? Math.min(read.steps, token + TRIED_STEPS) : read.steps;
  const deadline = performance.now() + MOST_TIME;
  const attempt = async (candidate: RecurrentNetwork): Promise<number> => {
    await breathe();
    try {
      const series = ourSeries(evaluate(candidate, read.input, { steps, batch: 1 }));
      return Math.max(
        ...pairs.map(({ name, theirs }) => {
          const own = series.get(name);
          return own ? errorOf(own, theirs, steps) : Infinity;
        }),
      );
    } catch (error) {
      // A change that does not fit the layers explains nothing.
      if (error instanceof GatescopeError) return Infinity;
      throw error;
    }
  };
  const tried: Tried[] = [];
  for (const change of changesOf(network)) {
    if (performance.now() > deadline) break;
    const maxError = await attempt(change.network);
    tried.push({ ...change, maxError, fits: maxError <= tolerance });
    // What is behind the first fits are changes of single layers: less likely.
    if (tried.some(({ fits }) => fits) && change.ofOne === true) break;
  }
  const started = initialState(network, read, pairs, tolerance);
  if (started !== undefined) tried.push({ ...started, network });
  if (!tried.some(({ fits }) => fits)) {
    const best = tried.toSorted((a, b) => a.maxError - b.maxError).slice(0, PAIRED);
    for (const first of best) {
      for (const second of changesOf(first.network)) {
        if (performance.now() > deadline || second.ofOne === true) break;
        const maxError = await attempt(second.network);
        if (maxError > tolerance) continue;
        const name = first.name === second.name ? first.name : `${first.name} and ${second.name}`;
        tried.push({
          name,
          text: joined([first.text, second.text], ' '),
          network: second.network,
          maxError,
          fits: true,
        });
        break;
      }
    }
  }
  const told = tried
    .filter(({ fits, maxError }) => fits || maxError < before * PART)
    .sort((a, b) => Number(b.fits) - Number(a.fits) || a.maxError - b.maxError)
    .slice(0, TOLD)
    .map(({ name, text, fits, maxError }): LikelyCause => ({ name, text, fits, maxError }));
  const fitting = told.filter(({ fits }) => fits);
  if (fitting.length > 0) return fitting;
  return [...told, ...hints(network, token, before)];
}

/** From the reference's own state after the first step on, do all others follow? Then the first state was another. */
function initialState(
  network: RecurrentNetwork,
  { input, steps }: Read,
  pairs: readonly Pair[],
  tolerance: number,
): LikelyCause | undefined {
  if (steps < 2) return undefined;
  const initial: InitialState[] = [];
  for (const [layer, { directions }] of network.layers.entries()) {
    if (directions.length !== 1 || directions[0]?.reverse !== false) return undefined;
    const state = (signal: string): Float64Array | undefined => {
      const name = `l${String(layer)}.${signal}`;
      const only = layer === network.layers.length - 1 && signal === 'hidden' ? 'output' : name;
      const found = pairs.find((pair) => pair.name === name) ?? pairs.find((pair) => pair.name === only);
      return found && Float64Array.from({ length: found.theirs.units }, (_, unit) => found.theirs.values[unit] ?? NaN);
    };
    const hidden = state('hidden');
    const cell = state('cell');
    if (hidden === undefined || (directions[0].weights.cell === 'lstm' && cell === undefined)) return undefined;
    initial.push({ hidden, ...(cell && { cell }) });
  }
  const rest: SequenceInput =
    'x' in input
      ? { x: input.x.subarray(input.x.length / steps) }
      : { tokens: Array.from({ length: steps - 1 }, (_, k) => input.tokens[k + 1] ?? -1) };
  const series = ourSeries(evaluate(network, rest, { steps: steps - 1, batch: 1, initial }));
  const maxError = Math.max(
    ...pairs.map(({ name, theirs }) => {
      const own = series.get(name);
      const later: Series = { units: theirs.units, values: Float64Array.from(theirs.values).subarray(theirs.units) };
      return own ? errorOf(own, later, steps - 1) : Infinity;
    }),
  );
  if (maxError > tolerance) return undefined;
  const text = say`The reference starts from another state than zero: from its state after the first step on, all
    others follow.`;
  return { name: 'initial state', text, fits: true, maxError };
}

/** What cannot be tried, but may be. */
function hints({ layers }: RecurrentNetwork, token: number, maxError: number): LikelyCause[] {
  const bare = layers.every(({ directions }) =>
    directions.every(({ weights }) => weights.biasIh === undefined && weights.biasHh === undefined),
  );
  if (!bare || token > 0) return [];
  const text = say`The model file has no bias. If the reference has one, it was left out when the model was saved.`;
  return [{ name: 'bias', text, fits: false, maxError }];
}
