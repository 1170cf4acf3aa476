/**
 * Where to go next in a text: the beginning of a line, or a token that stands out by its loss or by how much a layer's
 * memory changed there. Blocks whose summary says that nothing in them can be found are skipped; what is left is looked at
 * exactly, window by window.
 */
import { WINDOW_TOKENS } from '../engine/engine';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { JumpRequest } from '../shared/trace';
import type { Breathe } from '../text/tracedText';
import { changeOf } from './change';
import { lineTable } from './lines';
import { lossOf } from './loss';
import { usualIn, type Measure, type Usual } from './measure';
import type { Subject } from './questions';
import type { Trace } from './trace';

/** Standard deviations above the mean by which a token stands out, and tokens on each side of which it is the greatest. */
const DEVIATIONS = 3;
const NEIGHBOURS = 8;

/** Windows that are looked at in a row while the greatest is looked for: those between two checkpoints come together. */
const RUN = 16;

/** Windows whose values are kept while one search goes on. */
const KEPT = 4;

/** What of a trace does not change any more, by what was asked. */
const known = new WeakMap<Trace, Map<string, Promise<unknown>>>();

/**
 * @returns undefined where there is none further on, of what is traced
 * @throws bad-request for the longest line, for a loss or layer that the model has not; what `breathe` throws
 */
export async function jump(
  { trace, text, cells }: Subject,
  { from, to, by, layer }: Omit<JumpRequest, 'trace'>,
  reverse: boolean,
  breathe: Breathe,
): Promise<number | undefined> {
  if (by === 'line') {
    if (to === 'largest') {
      throw new GatescopeError('bad-request', say`There is no largest line to go to. Go to the next or previous line.`);
    }
    const table = await lineTable(text, breathe);
    const before = table.before(to === 'next' ? from + 1 : from);
    const token = to === 'next' ? table.token(before + 1) : before > 0 ? table.token(before) : undefined;
    return token !== undefined && token < trace.done ? token : undefined;
  }
  const measure = by === 'loss' ? lossOf(trace) : changeOf(trace, layer, cells[layer], reverse);
  const search = new Search(trace, measure, breathe);
  const key = by === 'loss' ? by : `${by} ${String(layer)}`;
  if (to === 'largest') return once(trace, `largest ${key}`, () => search.largest());
  const usual = await once(trace, `usual ${key}`, () => usualIn(trace, measure, breathe));
  return search.standing(from, to, usual);
}

/** Remembers an answer of a trace that is finished. */
function once<T>(trace: Trace, key: string, ask: () => Promise<T>): Promise<T> {
  if (trace.state === 'running' || trace.settled < trace.done) return ask();
  const answers = known.get(trace) ?? new Map<string, Promise<unknown>>();
  known.set(trace, answers);
  const answer = (answers.get(key) as Promise<T> | undefined) ?? ask();
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  return answer;
}

class Search {
  /** Tokens and windows of what was traced when the search began. */
  private readonly done: number;
  private readonly windows: number;
  /** Of the last windows that were looked at. */
  private readonly kept = new Map<number, Float64Array>();

  constructor(
    trace: Trace,
    private readonly measure: Measure,
    private readonly breathe: Breathe,
  ) {
    this.done = trace.done;
    this.windows = Math.ceil(this.done / WINDOW_TOKENS);
  }

  /** The nearest token that stands out. */
  async standing(from: number, to: 'next' | 'previous', usual: Usual): Promise<number | undefined> {
    const least = usual.mean + DEVIATIONS * usual.deviation;
    const step = to === 'next' ? 1 : -1;
    let token = to === 'next' ? Math.max(0, from + 1) : Math.min(this.done, from) - 1;
    while (token >= 0 && token < this.done) {
      const window = Math.floor(token / WINDOW_TOKENS);
      const end = step > 0 ? (window + 1) * WINDOW_TOKENS : window * WINDOW_TOKENS - 1;
      if (!(this.measure.bound(window) <= least)) {
        const values = await this.values(window);
        for (; token !== end && token < this.done; token += step) {
          const value = values[token - window * WINDOW_TOKENS] ?? NaN;
          if (value > least && (await this.isPeak(token, value))) return token;
        }
      }
      token = end;
      await this.breathe();
    }
    return undefined;
  }

  /** The token with the greatest value; the first of them where several are. */
  async largest(): Promise<number | undefined> {
    const bounds = new Float64Array(this.windows);
    for (let window = 0; window < this.windows; window++) {
      const bound = this.measure.bound(window);
      bounds[window] = Number.isNaN(bound) ? Infinity : bound;
      await this.breathe();
    }
    const runs = Array.from({ length: Math.ceil(this.windows / RUN) }, (_, run) => {
      const part = bounds.subarray(run * RUN, (run + 1) * RUN);
      const bound = part.reduce((a, b) => Math.max(a, b), -Infinity);
      return { first: run * RUN, count: part.length, bound, likeliest: run * RUN + part.indexOf(bound) };
    }).toSorted((a, b) => b.bound - a.bound || a.first - b.first);
    let best: { readonly token: number; readonly value: number } | undefined;
    const look = async (window: number): Promise<void> => {
      if (best !== undefined && (bounds[window] ?? 0) < best.value) return;
      for (const [k, value] of (await this.values(window)).entries()) {
        const token = window * WINDOW_TOKENS + k;
        const first = best === undefined || value > best.value || (value === best.value && token < best.token);
        if (!Number.isNaN(value) && first) best = { token, value };
      }
      await this.breathe();
    };
    for (const { first, count, bound, likeliest } of runs) {
      if (best !== undefined && bound < best.value) break;
      await look(likeliest);
      for (let window = first; window < first + count; window++) if (window !== likeliest) await look(window);
    }
    return best?.token;
  }

  /** Whether no token near by has more; of equal ones the first. */
  private async isPeak(token: number, value: number): Promise<boolean> {
    const last = Math.min(this.done - 1, token + NEIGHBOURS);
    for (let near = Math.max(0, token - NEIGHBOURS); near <= last; near++) {
      const window = Math.floor(near / WINDOW_TOKENS);
      const other = (await this.values(window))[near - window * WINDOW_TOKENS] ?? NaN;
      if (near < token ? other >= value : other > value) return false;
    }
    return true;
  }

  private async values(window: number): Promise<Float64Array> {
    const values =
      this.kept.get(window) ?? (await this.measure.values(window)).subarray(0, this.done - window * WINDOW_TOKENS);
    this.kept.delete(window);
    this.kept.set(window, values);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
    return values;
  }
}
