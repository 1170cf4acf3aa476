/** What a heatmap is made of, for one trace: tiles, arrangements of rows, columns, courses; and what they keep. */
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import { memoryOf, type HeatName } from '../shared/signals';
import type {
  Arrangement,
  ArrangementId,
  ColumnRequest,
  ColumnValues,
  LayerInfo,
  RowSpec,
  Series,
  SeriesRequest,
  Tile,
  TileRequest,
} from '../shared/trace';
import { arrange, chosen } from './arrange';
import { column, series } from './columns';
import { DerivedLayer } from './derived';
import { byIndex } from './rows';
import { derivedSource, isRecorded, noSignal, recorded, type Source } from './source';
import type { Trace } from './trace';
import { viewTile } from './viewTile';

/** Arrangements that are kept; those not used longest are forgotten. */
const MOST_ARRANGEMENTS = 64;

/** Milliseconds that an order by a derived signal waits for it; then it goes by as much as is there. */
const PATIENCE = 2000;
const LOOK_AGAIN = 10;

interface Kept extends Arrangement {
  readonly layer: number;
  /** Units among which it chose: it holds for signals with as many. */
  readonly size: number;
  /** The question, and how far the trace was when it was answered. */
  readonly key: string;
}

export class Heat {
  private readonly derived = new Map<number, DerivedLayer>();
  private readonly arrangements = new Map<ArrangementId, Kept>();
  private readonly arranging = new Map<string, Promise<Arrangement>>();
  private nextId: ArrangementId = 1;

  /** @param layers of the trace's model */
  constructor(
    private readonly trace: Trace,
    private readonly layers: readonly LayerInfo[],
  ) {}

  /** @throws bad-request for what there is not, each with what there is */
  async tile({ layer, signal, level, index, rows = 0, group = 1, of = 'mean' }: TileRequest): Promise<Tile> {
    if (!(Number.isInteger(group) && group >= 1)) {
      throw new GatescopeError('bad-request', say`A row of ${group} units cannot be: it has 1 or more.`);
    }
    const source = this.source(layer, signal);
    return viewTile(source, level, index, { arrangement: this.rows(rows, layer, signal, source), group, of });
  }

  /** The same answer as long as the trace is where it was. @throws bad-request for units that the layer has not */
  async arrange(layer: number, spec: RowSpec): Promise<Arrangement> {
    const info = this.layer(layer);
    const by = spec.by ?? memoryOf(info.cell);
    const source = await this.awaited(layer, by, spec.order === 'index');
    // Refused before it is found among what is known.
    chosen(spec, source.units);
    const { order, ranges, pins } = spec;
    const { done, reached, settled, running } = source;
    const at = order === 'index' ? [source.units] : [by, done, reached, settled, running];
    const key = JSON.stringify([layer, order, ranges, pins, at]);
    for (const kept of this.arrangements.values()) if (kept.key === key) return this.used(kept);
    const known = this.arranging.get(key);
    if (known) return known;
    const made = arrange(source, spec)
      .then((found) => this.used({ ...found, id: this.nextId++, layer, size: source.units, key }))
      .finally(() => this.arranging.delete(key));
    this.arranging.set(key, made);
    return made;
  }

  /** @throws bad-request for a signal or column that there is not */
  column({ layer, signals, level, column: at }: ColumnRequest): Promise<ColumnValues> {
    const sources = signals.map((signal) => this.source(layer, signal));
    const losses = signals.map((signal) => signal === 'loss');
    return column(this.trace, sources, losses, level, at);
  }

  /** @throws bad-request for a signal, unit or column that there is not; too-much */
  series({ layer, unit, signals, level, first, columns }: SeriesRequest): Promise<Series> {
    const sources = signals.map((signal) => this.source(layer, signal));
    return series(this.trace, sources, unit, level, first, columns);
  }

  /** Where a signal's values are. @throws bad-request for one that there is not */
  source(layer: number, signal: HeatName | 'loss'): Source {
    if (signal === 'loss' || isRecorded(this.trace, layer, signal)) return recorded(this.trace, layer, signal);
    const info = this.layers[layer];
    if (info?.derived?.some(({ name }) => name === signal) !== true) throw noSignal(layer, signal);
    let derived = this.derived.get(layer);
    if (derived === undefined) {
      const layers = this.layers.filter((one) => (one.derived ?? []).length > 0).length;
      derived = new DerivedLayer(this.trace, layer, info, this.trace.derivedBytes / layers);
      this.derived.set(layer, derived);
    }
    return derivedSource(this.trace, layer, signal, derived);
  }

  /** Ends what is computed without being waited for. */
  close(): void {
    for (const derived of this.derived.values()) derived.close();
    this.derived.clear();
    this.arrangements.clear();
  }

  private layer(layer: number): LayerInfo {
    const info = this.layers[layer];
    if (info) return info;
    const last = String(this.layers.length - 1);
    throw new GatescopeError('bad-request', say`There is no layer ${layer}: there are 0 to ${last}.`);
  }

  /** A derived signal comes by and by. */
  private async awaited(layer: number, by: HeatName, asItIs: boolean): Promise<Source> {
    const source = this.source(layer, by);
    const derived = this.derived.get(layer);
    if (asItIs || derived?.find(by) === undefined) return source;
    const until = performance.now() + PATIENCE;
    derived.start();
    const { done } = this.trace;
    // A running trace's last windows come with its next ones.
    const enough = this.trace.state === 'running' ? done / 2 : done;
    while (derived.reached < enough && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    }
    return this.source(layer, by);
  }

  private used(kept: Kept): Arrangement {
    this.arrangements.delete(kept.id);
    this.arrangements.set(kept.id, kept);
    const [oldest] = this.arrangements.keys();
    if (this.arrangements.size > MOST_ARRANGEMENTS && oldest !== undefined) this.arrangements.delete(oldest);
    const { id, units, pinned, merges, clusters } = kept;
    return { id, units, pinned, merges, clusters };
  }

  /** Signals with other values than one a unit (the loss, the hidden state of a projection) are by index. */
  private rows(
    id: ArrangementId,
    layer: number,
    signal: HeatName | 'loss',
    { units }: Source,
  ): Pick<Arrangement, 'units' | 'pinned'> {
    const all = { units: byIndex(units), pinned: 0 };
    if (id === 0 || signal === 'loss') return all;
    const kept = this.arrangements.get(id);
    if (kept === undefined) {
      throw new GatescopeError(
        'bad-request',
        say`Arrangement ${id} is not known any more: ${MOST_ARRANGEMENTS} are kept. Arrange the rows again.`,
      );
    }
    if (kept.layer !== layer) {
      throw new GatescopeError(
        'bad-request',
        say`Arrangement ${id} is of layer ${kept.layer}, not ${layer}. Arrange that layer's rows.`,
      );
    }
    this.used(kept);
    return kept.size === units ? kept : all;
  }
}
