/** A piece of a trace as text to be pasted elsewhere: exact values of some tracks, tokens and units. */
import { WINDOW_TOKENS } from '../engine/engine';
import { findColumn, type Column } from '../engine/layout';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import { derive, usualCurves } from '../shared/derived';
import { memoryOf, SIGNALS, type DerivedName, type HeatName } from '../shared/signals';
import type { CopyRequest, LayerInfo } from '../shared/trace';
import type { Breathe, TracedText } from '../text/tracedText';
import { Edges } from './change';
import { FORMATS, type CopiedTrack } from './copyFormats';
import type { Subject } from './questions';
import type { Window } from './trace';

/** Most values, and most UTF-16 units of the text that they become: what a clipboard, a notebook or a sheet still takes. */
export const MOST_VALUES = 1_000_000;
export const MOST_TEXT = 32 * 2 ** 20;

/** UTF-16 units of the result between breaths. */
const BREATH_TEXT = 2 ** 16;

/** A track with the values of a window's tokens to come. */
interface Track extends CopiedTrack {
  /** Adds those of tokens [first, end) of a window, from `at` on. */
  readonly add: (window: Window, first: number, end: number, at: number, outside: Float32Array | undefined) => void;
  /** Where it needs the memory of the step before. */
  readonly edges: Edges | undefined;
  readonly reverse: boolean;
}

/**
 * @param layers of the model, each a direction
 * @throws too-much; bad-request for tracks or units that are not there; what `breathe` throws
 */
export async function copy(
  subject: Subject,
  layers: readonly LayerInfo[],
  { from, to, tracks: wanted, units, format }: Omit<CopyRequest, 'trace'>,
  breathe: Breathe,
): Promise<string> {
  const count = to - from;
  const shapes = shapesOf(subject, layers, wanted, units);
  const width = shapes.reduce((sum, { picked }) => sum + picked.length, 0);
  if (count * width > MOST_VALUES) throw tooMuch(count, width);
  const tracks = shapes.map((shape) => trackOf(subject, shape, count));
  for (let at = from; at < to;) {
    const index = Math.floor(at / WINDOW_TOKENS);
    const start = index * WINDOW_TOKENS;
    const end = Math.min(to, start + WINDOW_TOKENS);
    const outside = new Map<Track, Float32Array | undefined>();
    for (const track of tracks) outside.set(track, await track.edges?.before(index, track.reverse));
    const first = at;
    await subject.trace.read(index, (window) => {
      for (const track of tracks) {
        track.edges?.keep(index, window);
        track.add(window, first - start, end - start, first - from, outside.get(track));
      }
    });
    at = end;
    await breathe();
  }
  // Nothing was before the first token, so that it has no loss.
  if (from === 0) for (const { units: of, values } of tracks) if (of === undefined) values[0] = NaN;
  const texts = await textsOf(subject.text, from, to, breathe);
  let copied = '';
  let breath = BREATH_TEXT;
  for (const part of FORMATS[format]({ from, texts, tracks })) {
    copied += part;
    if (copied.length > MOST_TEXT) throw tooMuchText(count);
    if (copied.length < breath) continue;
    await breathe();
    breath = copied.length + BREATH_TEXT;
  }
  return copied;
}

interface Shape {
  readonly name: string;
  readonly layer: number;
  readonly info: LayerInfo | undefined;
  readonly signal: HeatName | 'loss';
  /** Its units, or those of them that were asked for. */
  readonly picked: readonly number[];
}

/** Of each track those of the units that it has; a track that has none is left out. */
function shapesOf(
  { trace }: Subject,
  layers: readonly LayerInfo[],
  wanted: CopyRequest['tracks'],
  units: CopyRequest['units'],
): Shape[] {
  const shapes = new Map<string, Shape>();
  for (const { layer, signal } of wanted) {
    const info = signal === 'loss' ? undefined : layers[layer];
    const name = signal === 'loss' ? signal : `${info?.name ?? `layer ${String(layer)}`}.${signal}`;
    const has = !isDerived(signal) || info?.derived?.some((one) => one.name === signal) === true;
    const source = isDerived(signal) ? memoryOf(info?.cell ?? 'rnn') : signal;
    const column = has ? findColumn(trace.layout, layer, source) : undefined;
    if (column === undefined) throw new GatescopeError('bad-request', say`The model has no ${name} to copy.`);
    const all = Array.from({ length: column.units }, (_, unit) => unit);
    const picked = signal === 'loss' || units === undefined ? all : units.filter((unit) => all[unit] === unit);
    if (picked.length > 0) shapes.set(name, { name, layer, info, signal, picked });
  }
  if (shapes.size > 0) return [...shapes.values()];
  throw new GatescopeError(
    'bad-request',
    wanted.length === 0
      ? say`There is no track to copy. Choose at least one.`
      : say`None of the tracks has unit ${(units ?? []).map(String).join(', ')}. Choose units that they have, counted
        from 0.`,
  );
}

const isDerived = (signal: HeatName | 'loss'): signal is DerivedName =>
  signal === 'change' || signal === 'written' || signal === 'kept' || signal === 'saturation';

function trackOf({ trace }: Subject, { name, layer, info, signal, picked }: Shape, count: number): Track {
  const { layout } = trace;
  const values = new Float32Array(count * picked.length);
  const reverse = info?.reverse === true;
  const common = { name, values, units: signal === 'loss' ? undefined : picked, reverse };
  if (!isDerived(signal)) {
    const column = findColumn(layout, layer, signal);
    return {
      ...common,
      edges: undefined,
      add({ records }, first, end, at) {
        for (let t = first; t < end; t++) {
          values.set(
            picks(records, t * layout.width + (column?.offset ?? 0), picked),
            (at + t - first) * picked.length,
          );
        }
      },
    };
  }
  const cell = info?.cell ?? 'rnn';
  const columns = SIGNALS[cell].flatMap(({ name: own }) => findColumn(layout, layer, own) ?? []);
  const memory = findColumn(layout, layer, memoryOf(cell));
  return {
    ...common,
    edges: memory && new Edges(trace, memory),
    add({ records, tokens }, first, end, at, outside) {
      const row = (t: number, column: Column | undefined): Float32Array =>
        picks(records, t * layout.width + (column?.offset ?? 0), picked);
      for (let t = first; t < end; t++) {
        const earlier = reverse ? t + 1 : t - 1;
        // NaN where it is not traced yet.
        const before = earlier >= 0 && earlier < tokens ? row(earlier, memory) : picks(outside ?? NONE, 0, picked);
        const signals = Object.fromEntries(columns.map((column) => [column.signal, row(t, column)]));
        values.set(
          derive(signal, cell, signals, before, info?.curves ?? usualCurves(cell)),
          (at + t - first) * picked.length,
        );
      }
    },
  };
}

const NONE = new Float32Array(0);

/** Values of some units; NaN for one that is not there. */
const picks = (from: Float32Array, start: number, units: readonly number[]): Float32Array =>
  Float32Array.from(units, (unit) => from[start + unit] ?? NaN);

/** Of each token its own text; of one that shares a character with others, its label. */
async function textsOf(text: TracedText, from: number, to: number, breathe: Breathe): Promise<string[]> {
  const texts: string[] = [];
  for (let at = from; at < to; at += WINDOW_TOKENS) {
    const end = Math.min(to, at + WINDOW_TOKENS);
    for (const glyph of text.glyphs(at, end)) {
      for (let token = Math.max(at, glyph.token); token < Math.min(end, glyph.token + glyph.count); token++) {
        texts[token - from] = glyph.count === 1 ? glyph.text : text.labelAt(token);
      }
    }
    await breathe();
  }
  return texts;
}

const tooMuch = (tokens: number, width: number): GatescopeError =>
  new GatescopeError(
    'too-much',
    say`${tokens * width} values were to be copied, ${width} of each of ${tokens} tokens; at most ${MOST_VALUES} are.
      Choose fewer tokens, tracks or units, or export the trace as an .npz file.`,
  );

const tooMuchText = (tokens: number): GatescopeError =>
  new GatescopeError(
    'too-much',
    say`What was to be copied of ${tokens} tokens is longer than ${MOST_TEXT} characters, the most that is. Choose
      fewer tokens, tracks or units, or export the trace as an .npz file.`,
  );
