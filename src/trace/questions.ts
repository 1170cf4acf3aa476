/** Questions asked of a trace: the exact values at a token, rows for export, and what a hover explains. */
import { WINDOW_TOKENS } from '../engine/engine';
import type { Head } from '../engine/recurrent';
import { findColumn, type Column } from '../engine/layout';
import { memoryOf, SIGNALS, type CellKind } from '../shared/signals';
import type { Explanation, HeadOutput, Mover, Prediction, SignalMean, SignalStats, TokenRow } from '../shared/trace';
import type { RowArray, Rows } from '../shared/workerApi';
import type { TracedText } from '../text/tracedText';
import { decode } from './bfloat';
import { memoryBefore } from './memory';
import { Pacer } from './pacer';
import type { Trace } from './trace';

/** Units that a hover names, likeliest tokens that it lists, and tokens on each side of its picture. */
const MOVERS = 5;
const LIKELIEST = 5;
const AROUND = 32;

/** What a model's outputs mean, and what they are called. */
export interface HeadInfo {
  readonly output: Head['output'];
  readonly classes: readonly string[] | undefined;
}

/** What the questions are asked of: a trace, its text, and the kind of each layer. */
export interface Subject {
  readonly trace: Trace;
  readonly text: TracedText;
  readonly cells: readonly CellKind[];
  /** Which of them read backwards; none where absent. */
  readonly reverse?: readonly boolean[];
  readonly head: HeadInfo | undefined;
}

/** One record, [layout.width]. */
export function record(trace: Trace, token: number): Promise<Float32Array> {
  const at = (token % WINDOW_TOKENS) * trace.layout.width;
  return trace.read(Math.floor(token / WINDOW_TOKENS), ({ records }) => records.slice(at, at + trace.layout.width));
}

const slice = (row: Float32Array, { offset, units }: Column): Float32Array => row.slice(offset, offset + units);

/** Loss of a token in nats. The first has none: nothing was before it. */
function lossIn(trace: Trace, token: number, row: Float32Array): number | undefined {
  const column = findColumn(trace.layout, -1, 'loss');
  return column === undefined || token === 0 ? undefined : row[column.offset];
}

/** The memory of each layer at the step before a token, in that layer's time. */
async function memories({ trace, cells, reverse }: Subject, token: number): Promise<Float32Array[]> {
  const found: Float32Array[] = [];
  for (const [layer, cell] of cells.entries()) {
    found.push(await memoryBefore(trace, layer, { cell, reverse: reverse?.[layer] ?? false }, token));
  }
  return found;
}

export async function row(subject: Subject, token: number): Promise<TokenRow> {
  const { trace, text, cells } = subject;
  const values = await record(trace, token);
  return {
    token,
    label: text.labelAt(token),
    glyph: text.glyphOf(token),
    loss: lossIn(trace, token, values),
    layers: cells.map((cell, layer) =>
      SIGNALS[cell].map(({ name }) => {
        const column = findColumn(trace.layout, layer, name);
        return column === undefined ? new Float32Array(0) : slice(values, column);
      }),
    ),
    before: await memories(subject, token),
  };
}

/** Each signal over everything traced so far, from the resident summary. */
export function stats({ trace }: Subject): SignalStats[] {
  const { base, layout } = trace;
  const blockTokens = 2 ** base.level;
  return layout.columns.map(({ name, offset, units }) => {
    let [min, max, sum] = [Infinity, -Infinity, 0];
    const blocks = Math.min(base.shown, Math.ceil(trace.done / blockTokens));
    for (let block = 0; block < blocks; block++) {
      const weight = Math.min(blockTokens, trace.done - block * blockTokens);
      const row = block * base.width + offset;
      for (let at = row; at < row + units; at++) {
        min = Math.min(min, decode(base.min[at] ?? 0));
        max = Math.max(max, decode(base.max[at] ?? 0));
        sum += weight * decode(base.mean[at] ?? 0);
      }
    }
    return { name, min, mean: sum / (units * trace.done), max };
  });
}

/** Every signal of tokens [from, to), with `tokens` and `ranges`: the arrays of an npz. The first loss is NaN. */
export async function rows({ trace, text }: Subject, from: number, to: number): Promise<Rows> {
  const count = to - from;
  const arrays: Record<string, RowArray> = {};
  const { columns, width } = trace.layout;
  const targets = columns.map((column) => ({ column, data: new Float32Array(count * column.units) }));
  const pacer = new Pacer();
  for (let at = from; at < to;) {
    const index = Math.floor(at / WINDOW_TOKENS);
    const first = at;
    at = await trace.read(index, ({ records, tokens }) => {
      const end = Math.min(to, index * WINDOW_TOKENS + tokens);
      for (let token = first; token < end; token++) {
        const record = (token - index * WINDOW_TOKENS) * width;
        for (const { column, data } of targets) {
          const start = record + column.offset;
          data.set(records.subarray(start, start + column.units), (token - from) * column.units);
        }
      }
      return end;
    });
    await pacer.breathe();
  }
  for (const { column, data } of targets) {
    arrays[column.name] = { width: column.signal === 'loss' ? undefined : column.units, data };
    if (column.signal === 'loss' && from === 0) data[0] = NaN;
  }
  arrays['tokens'] = { width: undefined, data: Int32Array.from(text.tokens.subarray(from, to)) };
  arrays['ranges'] = { width: 2, data: text.ranges(from, to) };
  return { from, to, arrays };
}

/** What there is to say about the character at a UTF-16 offset. */
export async function explain(subject: Subject, offset: number): Promise<Explanation> {
  const { trace, text, cells } = subject;
  const glyph = text.glyphAt(offset);
  const last = glyph.token + glyph.count - 1;
  const values = await record(trace, last);
  const movers = findMovers(subject, values, await memories(subject, last));
  return {
    glyph,
    labels: Array.from({ length: glyph.count }, (_, k) => text.labelAt(glyph.token + k)),
    loss: await glyphLoss(trace, glyph.token, last),
    ...(await predictions(subject, last)),
    means: cells.map((cell, layer) => gateMeans(trace, cell, layer, values)),
    movers,
    around: movers[0] === undefined ? undefined : await around(subject, movers[0], last),
  };
}

async function glyphLoss(trace: Trace, first: number, last: number): Promise<number | undefined> {
  let sum = 0;
  for (let token = first; token <= last; token++) {
    const loss = lossIn(trace, token, await record(trace, token));
    if (loss === undefined) return undefined;
    sum += loss;
  }
  return sum;
}

async function predictions(
  { trace, text, head }: Subject,
  token: number,
): Promise<Pick<Explanation, 'next' | 'actual' | 'outputs'>> {
  if (head === undefined) return { next: [], actual: undefined };
  const probabilities = await trace.outputs(token);
  if (head.output !== 'next-token') {
    return { next: [], actual: undefined, outputs: headOutputs(head, probabilities) };
  }
  const came = text.tokens[token + 1];
  const prediction = (id: number): Prediction => ({
    token: id,
    label: text.labelOf(id),
    probability: probabilities[id] ?? 0,
  });
  return {
    next: likeliest(probabilities, LIKELIEST).map(prediction),
    actual: came === undefined || probabilities.length === 0 ? undefined : prediction(came),
  };
}

/** The ids of the `count` greatest values, best first. */
function likeliest(probabilities: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (const [id, probability] of probabilities.entries()) {
    if (best.length === count && !(probability > (probabilities[best.at(-1) ?? 0] ?? 0))) continue;
    const place = best.findIndex((other) => probability > (probabilities[other] ?? 0));
    best.splice(place < 0 ? best.length : place, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}

/** Classes by their probability, values in their order. */
function headOutputs({ output, classes }: HeadInfo, values: Float32Array): HeadOutput[] {
  const kind = output === 'classes' ? 'probability' : 'value';
  const all = Array.from(
    values,
    (value, index) => ({ label: classes?.[index] ?? String(index), kind, value }) as const,
  );
  return output === 'classes' ? all.toSorted((a, b) => b.value - a.value) : all;
}

const mean = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function gateMeans(trace: Trace, cell: CellKind, layer: number, values: Float32Array): SignalMean[] {
  return SIGNALS[cell].flatMap(({ name, scale }) => {
    const column = scale === 'gate' ? findColumn(trace.layout, layer, name) : undefined;
    return column === undefined ? [] : [{ signal: name, mean: mean(slice(values, column)) }];
  });
}

/** @param before of each layer its memory, [units] */
function findMovers({ trace, cells }: Subject, values: Float32Array, before: readonly Float32Array[]): Mover[] {
  const movers: Mover[] = [];
  for (const [layer, cell] of cells.entries()) {
    const column = findColumn(trace.layout, layer, memoryOf(cell));
    if (column === undefined) continue;
    for (let unit = 0; unit < column.units; unit++) {
      const at = column.offset + unit;
      movers.push({ layer, unit, before: before[layer]?.[unit] ?? 0, after: values[at] ?? 0, values: {} });
    }
  }
  const moved = (m: Mover): number => Math.abs(m.after - m.before);
  return movers
    .toSorted((a, b) => moved(b) - moved(a))
    .slice(0, MOVERS)
    .map((mover) => ({ ...mover, values: unitValues(trace, mover, values) }));
}

function unitValues(trace: Trace, { layer, unit }: Mover, values: Float32Array): Mover['values'] {
  const own = trace.layout.columns.filter((c) => c.layer === layer);
  return Object.fromEntries(own.map((c) => [c.signal, values[c.offset + unit] ?? 0]));
}

async function around(
  { trace, cells }: Subject,
  { layer, unit }: Mover,
  token: number,
): Promise<Explanation['around']> {
  const column = findColumn(trace.layout, layer, memoryOf(cells[layer] ?? 'rnn'));
  if (column === undefined) return undefined;
  const first = Math.max(0, token - AROUND);
  const end = Math.min(trace.done, token + AROUND + 1);
  const values = new Float32Array(end - first);
  for (let t = first; t < end; t++) {
    values[t - first] = (await record(trace, t))[column.offset + unit] ?? 0;
  }
  return { first, at: token - first, values };
}
