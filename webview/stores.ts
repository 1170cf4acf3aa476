/** What a view knows of the trace that it shows: one store for each kind of answer of the host. No DOM. */
import type { Remote } from '../src/shared/rpc';
import type { TraceId } from '../src/shared/trace';
import type { ViewHostApi } from '../src/shared/viewApi';
import { ArrangementStore } from './arrangements';
import { ColumnStore } from './columns';
import { GlyphStore } from './glyphs';
import { later } from './ground';
import { GuessStore } from './guesses';
import { LineStore } from './lines';
import { RowStore } from './rows';
import { TileStore } from './tiles';

export interface StorePorts {
  readonly host: () => Remote<ViewHostApi>;
  /** The trace that is shown; undefined while there is none, and nothing is asked. */
  readonly trace: () => TraceId | undefined;
  /** Tokens in its text. */
  readonly tokens: () => number;
  /** Something has come. */
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
}

export class Stores {
  readonly tiles: TileStore;
  readonly glyphs: GlyphStore;
  readonly lines: LineStore;
  readonly guesses: GuessStore;
  readonly arrangements: ArrangementStore;
  readonly rows: RowStore;
  readonly columns: ColumnStore;

  constructor({ host, trace, tokens, changed, failed }: StorePorts) {
    const now = (): number => performance.now();
    const id = (): TraceId => trace() ?? -1;
    this.tiles = new TileStore({ fetch: (request) => host().tile(request), changed, failed, now, later });
    this.lines = new LineStore({
      fetch: (from, to, most) => host().lines(id(), from, to, most),
      changed,
      failed,
      later,
    });
    this.guesses = new GuessStore({ fetch: (from, to) => host().guesses(id(), from, to), changed, failed, later });
    this.rows = new RowStore((token) => host().row(id(), token), changed, failed);
    this.glyphs = new GlyphStore((from, to) => host().glyphs(id(), from, to), changed, failed);
    this.arrangements = new ArrangementStore((of, layer, spec) => host().arrange(of, layer, spec), changed, failed);
    this.columns = new ColumnStore({ fetch: (request) => host().column(request), changed, failed, later, tokens });
  }

  /** Another trace is shown. @param edited of the same text, edited: what is at hand stands in for what will come */
  turn(edited: boolean): void {
    this.rows.clear();
    this.columns.clear();
    for (const store of [this.arrangements, this.lines, this.guesses, this.tiles, this.glyphs]) {
      if (edited) store.succeed();
      else store.clear();
    }
  }
}
