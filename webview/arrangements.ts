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

/** What the choices mean for a layer; undefined where they are every unit by number. */
export function specOf({ order, by, filter, pins }: RowsChoice, layer: LayerInfo): RowSpec | undefined {
  const last = layer.units - 1;
  const ranges = (parseFilter(filter) ?? [])
    .filter(([from]) => from <= last)
    .map(([from, to]) => [from, Math.min(to, last)] as const);
  const own = (pins[layer.name] ?? []).filter((unit) => unit <= last);
  if (order === 'index' && ranges.length === 0 && own.length === 0) return undefined;
  const has = [...layer.signals, ...(layer.derived ?? [])].some(({ name }) => name === by);
  return { order, ...(by !== undefined && has && { by }), ranges, pins: own };
}

interface Held {
  readonly key: string;
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

  /** @param running while a trace runs, means and variances are those so far; they are asked for again at its end */
  get(trace: TraceId, index: number, layer: LayerInfo, choice: RowsChoice, running: boolean): Arrangement {
    const spec = specOf(choice, layer);
    if (spec === undefined) return this.#byIndex(layer.units);
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
        // Left among those asked for: the same question would fail again at every frame.
        if (generation === this.#generation) this.#failed(error);
      },
    );
  }
}
