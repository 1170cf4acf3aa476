/** Which unit stands in which row: asked of the host where it is more than by number; the last answer stands meanwhile. */
import type { Arrangement, LayerInfo, RowSpec, TraceId } from '../src/shared/trace';
import { parseFilter, type RowsChoice } from './choices';

/** Every unit by number. */
export const byIndex = (units: number): Arrangement => ({
  id: 0,
  units: Uint16Array.from({ length: units }, (_, unit) => unit),
  pinned: 0,
  merges: [],
  clusters: [],
});

/** No unit is shown: there is nothing to ask for. */
const NO_ROWS: Arrangement = { id: 0, units: new Uint16Array(), pinned: 0, merges: [], clusters: [] };

/**
 * What the choices mean for a layer; undefined where they are every unit by number, `none` where they leave no unit of
 * this layer.
 */
export function specOf({ order, by, filter, pins }: RowsChoice, layer: LayerInfo): RowSpec | 'none' | undefined {
  const last = layer.units - 1;
  const asked = parseFilter(filter) ?? [];
  const own = (pins[layer.name] ?? []).filter((unit) => unit <= last);
  const met = asked.filter(([from]) => from <= last).map(([from, to]) => [from, Math.min(to, last)] as const);
  if (asked.length > 0 && met.length === 0 && own.length === 0) return 'none';
  // No ranges would mean all units, where those that are asked for are not in this layer.
  const ranges = asked.length > 0 && met.length === 0 ? own.map((unit) => [unit, unit] as const) : met;
  if (order === 'index' && ranges.length === 0 && own.length === 0) return undefined;
  const has = [...layer.signals, ...(layer.derived ?? [])].some(({ name }) => name === by);
  return { order, ...(by !== undefined && has && { by }), ranges, pins: own };
}

interface Held {
  /** What was asked; undefined for an answer about a text before an edit. */
  readonly key: string | undefined;
  readonly arrangement: Arrangement;
}

export class ArrangementStore {
  readonly #fetch: (trace: TraceId, layer: number, spec: RowSpec) => Promise<Arrangement>;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  /** By layer: the newest answer. */
  readonly #held = new Map<number, Held>();
  readonly #plain = new Map<number, Arrangement>();
  readonly #asked = new Map<number, string>();
  #generation = 0;

  constructor(
    fetch: (trace: TraceId, layer: number, spec: RowSpec) => Promise<Arrangement>,
    changed: () => void,
    failed: (error: unknown) => void,
  ) {
    this.#fetch = fetch;
    this.#changed = changed;
    this.#failed = failed;
  }

  clear(): void {
    this.#held.clear();
    this.#asked.clear();
    this.#generation++;
  }

  /** The same text, edited: the rows stay in their order until the new trace has answered. */
  succeed(): void {
    const before = [...this.#held];
    this.clear();
    for (const [layer, { arrangement }] of before) this.#held.set(layer, { key: undefined, arrangement });
  }

  /** Whether a layer's rows are still those of an earlier trace: its tiles cannot be asked for yet. */
  outdated(index: number): boolean {
    const held = this.#held.get(index);
    return held !== undefined && held.key === undefined;
  }

  /** @param running while a trace runs, means and variances are those so far; they are asked for again at its end */
  get(trace: TraceId, index: number, layer: LayerInfo, choice: RowsChoice, running: boolean): Arrangement {
    const spec = specOf(choice, layer);
    if (spec === undefined || spec === 'none') {
      this.#held.delete(index);
      this.#asked.delete(index);
      return spec === 'none' ? NO_ROWS : this.#byIndex(layer.units);
    }
    const key = JSON.stringify([trace, spec, running && spec.order !== 'index']);
    const held = this.#held.get(index);
    if (held?.key !== key && this.#asked.get(index) !== key) this.#ask(trace, index, spec, key);
    return held?.arrangement ?? this.#byIndex(layer.units);
  }

  #byIndex(units: number): Arrangement {
    const known = this.#plain.get(units) ?? byIndex(units);
    this.#plain.set(units, known);
    return known;
  }

  #ask(trace: TraceId, index: number, spec: RowSpec, key: string): void {
    const generation = this.#generation;
    this.#asked.set(index, key);
    this.#fetch(trace, index, spec).then(
      (arrangement) => {
        if (generation !== this.#generation || this.#asked.get(index) !== key) return;
        this.#held.set(index, { key, arrangement });
        this.#changed();
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        // Left among those asked for: the same question would fail again at every frame.
        if (this.outdated(index)) this.#held.delete(index);
        this.#failed(error);
      },
    );
  }
}
