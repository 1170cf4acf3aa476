/** What the lines of pinned units are drawn from: the stretch in sight is asked for, and the last one stands until then. */
import type { Series, SeriesRequest } from '../src/shared/trace';
import { visibleTokens, type Axis } from './layout/axis';
import { tokensPerColumn } from './layout/level';

export interface HeldSeries {
  readonly request: SeriesRequest;
  readonly series: Series;
}

interface Entry extends HeldSeries {
  /** Tokens that were traced when it was asked for. */
  readonly done: number;
}

/** Columns beyond those in sight come with them, so that a small move asks for nothing. */
const SMALLEST_STEP = 16;

/** The columns of a level to ask for: those in sight, begun and ended at multiples of about a quarter of them. */
export function stretchOf(axis: Axis, level: number): { readonly first: number; readonly columns: number } {
  const per = tokensPerColumn(level);
  const { from, to } = visibleTokens(axis);
  const step = Math.max(SMALLEST_STEP, 2 ** Math.ceil(Math.log2(Math.max(1, (to - from) / per / 4))));
  const first = Math.floor(from / per / step) * step;
  const end = Math.min(Math.ceil(axis.tokens / per), Math.ceil(to / per / step) * step);
  return { first, columns: Math.max(0, end - first) };
}

const unitKey = ({ trace, layer, unit }: SeriesRequest): string => `${String(trace)}/${String(layer)}/${String(unit)}`;

const same = (a: SeriesRequest, b: SeriesRequest): boolean =>
  a.level === b.level && a.first === b.first && a.columns === b.columns && a.signals.join() === b.signals.join();

export class SeriesStore {
  readonly #fetch: (request: SeriesRequest) => Promise<Series>;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  /** The last of each unit. */
  readonly #entries = new Map<string, Entry>();
  #wanted: readonly SeriesRequest[] = [];
  #done = 0;
  #asking = false;
  /** The last that failed: asked for again at every frame it would fail at every frame. */
  #failure: SeriesRequest | undefined;
  #generation = 0;

  constructor(
    fetch: (request: SeriesRequest) => Promise<Series>,
    changed: () => void,
    failed: (error: unknown) => void,
  ) {
    this.#fetch = fetch;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Forgets everything; replies still under way are dropped. */
  clear(): void {
    this.#entries.clear();
    this.#wanted = [];
    this.#asking = false;
    this.#failure = undefined;
    this.#generation++;
  }

  /** Of the same unit the stretch that was asked for, or until it is here the last one, which says what it is. */
  get(request: SeriesRequest): HeldSeries | undefined {
    return this.#entries.get(unitKey(request));
  }

  /**
   * The stretches wanted now, one of each unit, the most urgent first: asked for one at a time. What was wanted before
   * and is not asked yet gives way.
   *
   * @param done tokens that are traced: a stretch that ended there is asked for again once there are more
   */
  want(requests: readonly SeriesRequest[], done: number): void {
    this.#wanted = requests.filter(({ columns }) => columns > 0);
    this.#done = done;
    const wanted = new Set(this.#wanted.map(unitKey));
    for (const key of this.#entries.keys()) if (!wanted.has(key)) this.#entries.delete(key);
    this.#pump();
  }

  #needs(request: SeriesRequest): boolean {
    if (this.#failure !== undefined && unitKey(this.#failure) === unitKey(request) && same(this.#failure, request)) {
      return false;
    }
    const entry = this.#entries.get(unitKey(request));
    if (entry === undefined || !same(entry.request, request)) return true;
    const whole = entry.series.columns >= request.columns && entry.done >= this.#reach(request);
    return !whole && this.#done > entry.done;
  }

  /** Tokens that must be traced for a stretch to be whole, as far as is known. */
  #reach({ level, first, columns }: SeriesRequest): number {
    return Math.min(this.#done, (first + columns) * tokensPerColumn(level));
  }

  #pump(): void {
    const request = this.#asking ? undefined : this.#wanted.find((wanted) => this.#needs(wanted));
    if (request === undefined) return;
    const generation = this.#generation;
    const done = this.#done;
    this.#asking = true;
    this.#fetch(request).then(
      (series) => {
        if (generation !== this.#generation) return;
        this.#asking = false;
        this.#failure = undefined;
        this.#entries.set(unitKey(request), { request, series, done });
        this.#changed();
        this.#pump();
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        this.#asking = false;
        this.#failure = request;
        this.#failed(error);
        this.#pump();
      },
    );
  }
}
