/** What is read at the crosshair: for the readout, the legends, the tooltip, and aloud. */
import type { SignalName } from '../src/shared/signals';
import type { GlyphStore } from './glyphs';
import { isHeat, type Track } from './layout/tracks';
import type { RowStore } from './rows';
import * as verbs from './state';
import type { State } from './state';
import { exactValue, readingOf, type Shade } from './ui/reading';
import type { Reading } from './ui/readout';
import type { Stage } from './ui/stage';

export class Readings {
  readonly #stage: Stage;
  readonly #rows: RowStore;
  readonly #glyphs: GlyphStore;
  readonly #shade: (track: Track) => Shade;

  constructor(stage: Stage, rows: RowStore, glyphs: GlyphStore, shade: (track: Track) => Shade) {
    this.#stage = stage;
    this.#rows = rows;
    this.#glyphs = glyphs;
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
      shade: (signal) => this.#shadeOf(state, cursor.layer, signal),
      row: span.count === 1 ? this.#rows.get(span.token) : undefined,
      glyphs:
        span.count === 1 ? this.#glyphs.range(Math.max(0, span.token - 16), Math.min(done, span.token + 32), done) : [],
      column: () => undefined,
    });
  }

  /** Stored signals of a layer that are shown. */
  signals(state: State, layer: number): readonly SignalName[] {
    const own = verbs.traceOf(state)?.info.model.layers[layer]?.signals ?? [];
    const shown = verbs.shownTracks(state).filter((track) => isHeat(track) && track.layer === layer);
    return shown.flatMap(({ signal }) => own.flatMap(({ name }) => (name === signal ? [name] : [])));
  }

  /** The value under the crosshair, for the pointers on the legends. */
  valueAt(state: State, { layer, signal }: Track): number | undefined {
    const cursor = verbs.cursorOf(state);
    const info = verbs.traceOf(state)?.info.model.layers[layer];
    if (cursor === undefined || info === undefined) return undefined;
    const row = this.#stage.span(state, cursor.token).count === 1 ? this.#rows.get(cursor.token) : undefined;
    const stored = info.signals.find(({ name }) => name === signal)?.name;
    if (row === undefined || stored === undefined) return undefined;
    return exactValue(row, info, layer, stored, cursor.layer === layer ? cursor.unit : undefined);
  }

  #shadeOf(state: State, layer: number, signal: SignalName): Shade {
    const track = verbs.shownTracks(state).find((other) => other.layer === layer && other.signal === signal);
    if (track === undefined) throw new Error(`There is no track of ${signal}.`);
    return this.#shade(track);
  }
}
