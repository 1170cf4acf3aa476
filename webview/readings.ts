/** What is read at the crosshair: for the readout, the legends, the tooltip, and aloud. */
import type { HeatName } from '../src/shared/signals';
import type { ColumnRequest, ColumnValues } from '../src/shared/trace';
import type { ColumnStore } from './columns';
import type { GlyphStore } from './glyphs';
import { tokensPerColumn } from './layout/level';
import { BITS_PER_NAT } from './layout/numbers';
import { isHeat, type Track } from './layout/tracks';
import type { RowStore } from './rows';
import * as verbs from './state';
import type { State } from './state';
import { exactValue, readingOf, summary, type Shade } from './ui/reading';
import type { Reading } from './ui/readout';
import type { Stage } from './ui/stage';

/** What of the stage decides which tokens are read as one. */
type Columns = Pick<Stage, 'level' | 'span'>;

export class Readings {
  readonly #stage: Columns;
  readonly #rows: RowStore;
  readonly #glyphs: GlyphStore;
  readonly #columns: ColumnStore;
  readonly #shade: (layer: number, signal: HeatName) => Shade;

  constructor(
    stage: Columns,
    rows: RowStore,
    glyphs: GlyphStore,
    columns: ColumnStore,
    shade: (layer: number, signal: HeatName) => Shade,
  ) {
    this.#stage = stage;
    this.#rows = rows;
    this.#glyphs = glyphs;
    this.#columns = columns;
    this.#shade = shade;
  }

  /** Undefined where nothing is pointed at or marked, or it is not traced yet. */
  at(state: State): Reading | undefined {
    const cursor = verbs.cursorOf(state);
    const layer = verbs.traceOf(state)?.info.model.layers[cursor?.layer ?? state.layer];
    const done = verbs.doneOf(state);
    if (cursor === undefined || layer === undefined || cursor.token >= done) return undefined;
    const span = this.#stage.span(state, cursor.token);
    if (span.count === 1) this.#rows.want(span.token);
    return readingOf({
      layer,
      layerIndex: cursor.layer,
      unit: cursor.unit,
      first: span.token,
      count: span.count,
      signals: this.signals(state, cursor.layer),
      shade: (signal) => this.#shade(cursor.layer, signal),
      row: span.count === 1 ? this.#rows.get(span.token) : undefined,
      glyphs:
        span.count === 1 ? this.#glyphs.range(Math.max(0, span.token - 16), Math.min(done, span.token + 32), done) : [],
      column: span.count === 1 ? undefined : this.#column(state, cursor.layer, span.token),
      table: verbs.traceOf(state)?.info.model.input?.kind === 'numbers',
    });
  }

  /** Signals of a layer that are shown, each once. */
  signals(state: State, layer: number): readonly HeatName[] {
    const shown = verbs.shownTracks(state).filter(isHeat);
    return [...new Set(shown.flatMap((track) => (track.layer === layer ? [track.signal] : [])))];
  }

  /** The column that begins at a token, asked for where it is not here. */
  #column(state: State, layer: number, first: number): ColumnValues | undefined {
    const scene = verbs.traceOf(state);
    if (scene === undefined) return undefined;
    const level = this.#stage.level(state);
    const { predicts } = scene.info.model;
    const request: ColumnRequest = {
      trace: scene.info.id,
      layer,
      signals: [...this.signals(state, layer), ...(predicts ? (['loss'] as const) : [])],
      level,
      column: Math.floor(first / tokensPerColumn(level)),
    };
    this.#columns.want(request);
    return this.#columns.get(request);
  }

  /** The value under the crosshair, for the pointers on the legends and for the table; a loss in bits. */
  valueAt(state: State, { layer, signal }: Track): number | undefined {
    const cursor = verbs.cursorOf(state);
    const info = verbs.traceOf(state)?.info.model.layers[layer];
    if (cursor === undefined || info === undefined) return undefined;
    if (signal === 'next') return undefined;
    if (signal === 'loss') return this.#lossAt(state, cursor);
    const unit = cursor.layer === layer ? cursor.unit : undefined;
    const span = this.#stage.span(state, cursor.token);
    if (span.count === 1) {
      const row = this.#rows.get(cursor.token);
      return row === undefined ? undefined : exactValue(row, info, layer, signal, unit);
    }
    // Only the column of the cursor's layer is asked for.
    if (cursor.layer !== layer) return undefined;
    const found = this.#column(state, layer, span.token)?.values[this.signals(state, layer).indexOf(signal)];
    return found === undefined ? undefined : summary(found, unit).mean;
  }

  #lossAt(state: State, { layer, token }: verbs.Cursor): number | undefined {
    const span = this.#stage.span(state, token);
    if (span.count === 1) {
      const loss = this.#rows.get(token)?.loss;
      return loss === undefined ? undefined : loss * BITS_PER_NAT;
    }
    // It stands behind the signals where the model predicts.
    const found = this.#column(state, layer, span.token)?.values[this.signals(state, layer).length];
    return found === undefined ? undefined : summary(found, 0).mean * BITS_PER_NAT;
  }
}
