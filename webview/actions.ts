/** The verbs behind pointer, keys and toolbar: moving, zooming, marking, selecting, going to the editor. */
import { setHeight } from './choices';
import type { Ground } from './ground';
import { fit, panBy, zoomAt } from './layout/axis';
import type { Hit } from './layout/hit';
import { boxOf, maxScroll, MIN_HEIGHT, scrollToPlace } from './layout/tracks';
import { anchorOf, clearSelection, followMark, selectBetween, selectionOf, zoomToSelection } from './selection';
import * as verbs from './state';
import type { Stretch } from './state';
import type { PointerActions } from './ui/pointer';

/** Rest after which a selection by keys is told to the editor, in milliseconds. */
const TELL_AFTER = 120;

export class Actions {
  readonly #ground: Ground;
  #anchor: Stretch | undefined;
  #telling: number | undefined;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  get #state(): verbs.State {
    return this.#ground.state();
  }

  /** The place that a hit means; none beside the text or off the tracks. */
  cursor(hit: Hit): verbs.Cursor | undefined {
    if (hit.token === undefined || hit.zone === 'overview' || hit.zone === 'none') return undefined;
    // Between two tracks the unit stays, or the readout would flicker on the way.
    const { hover } = this.#state;
    const { layer = this.#state.layer, token, place, track } = hit;
    if (hit.zone === 'head' || hit.zone === 'edge') {
      return { token, layer: hover?.layer ?? layer, unit: hover?.unit, track: hover?.track };
    }
    const unit = place === undefined ? undefined : this.#ground.stage.arrangement(this.#state, layer)?.units[place];
    return { token, layer, unit, track };
  }

  readonly zoom = (x: number, factor: number): void => {
    this.#ground.still();
    this.#ground.set(verbs.setAxis(this.#state, zoomAt(this.#state.axis, x, factor)));
  };

  /** Zooms at the marked token if it is in sight, else at the middle. */
  readonly zoomMiddle = (factor: number): void => {
    const { axis, mark } = this.#state;
    const x = mark === undefined ? -1 : (mark.token + 0.5 - axis.start) * axis.scale;
    this.zoom(x >= 0 && x <= axis.width ? x : axis.width / 2, factor);
  };

  readonly fit = (): void => {
    this.#ground.still();
    this.#ground.set(verbs.setAxis(this.#state, fit(this.#state.axis)));
  };

  /** @returns false where nothing is selected */
  zoomToSelection(): boolean {
    if (selectionOf(this.#state) === undefined) return false;
    this.#ground.still();
    this.#ground.set(zoomToSelection(this.#state));
    return true;
  }

  /** By pixels: positive shows later tokens. */
  pan(dx: number): void {
    this.#ground.still();
    this.#ground.set(verbs.setAxis(this.#state, panBy(this.#state.axis, dx)));
  }

  page(screens: number): void {
    this.pan(screens * this.#state.axis.width);
  }

  scrollBy(dy: number): void {
    const { stack } = this.#ground.stage;
    if (stack === undefined || dy === 0) return;
    const scroll = Math.max(0, Math.min(maxScroll(stack), this.#state.scroll + dy));
    this.#ground.set(verbs.setScroll(this.#state, scroll));
  }

  reveal(token: number, focus: boolean, count?: number): void {
    const trace = verbs.traceOf(this.#state)?.info.id;
    if (trace === undefined) return;
    // Undefined would cross to the host as null.
    const asked =
      count === undefined
        ? this.#ground.host().reveal(trace, token, focus)
        : this.#ground.host().reveal(trace, token, focus, count);
    asked.catch(this.#ground.report);
  }

  /** Moves the mark by columns and rows. */
  move(tokens: number, units: number): void {
    this.#ground.still();
    // At a coarse level a step is a column.
    const { count } = this.#ground.stage.span(this.#state, 0);
    const from = verbs.cursorOf(this.#state);
    const own = this.#ground.stage.arrangement(this.#state, from?.layer ?? this.#state.layer);
    const next = verbs.moveMark(this.#state, tokens * count, units, own?.units ?? []);
    this.#ground.set({ ...next, track: next.mark?.track ?? next.track });
    this.showUnit();
  }

  /** Moves the mark and selects on the way. */
  extend({ tokens = 0, page = 0 }: { readonly tokens?: number; readonly page?: number }): void {
    const cursor = verbs.cursorOf(this.#state);
    if (cursor === undefined) {
      this.move(0, 0);
      return;
    }
    const columns = Math.max(1, this.#ground.stage.span(this.#state, 0).count);
    const screen = (this.#state.axis.width / this.#state.axis.scale / columns) * page;
    const anchor = anchorOf(this.#state, this.#ground.stage.span(this.#state, cursor.token));
    this.move(page === 0 ? tokens : Math.round(screen), 0);
    const { mark } = this.#state;
    if (mark === undefined) return;
    this.#ground.set(selectBetween(this.#state, anchor, this.#ground.stage.span(this.#state, mark.token)));
    window.clearTimeout(this.#telling);
    this.#telling = window.setTimeout(() => {
      this.#tellSelection();
    }, TELL_AFTER);
  }

  /** Marks a token that was jumped to, at the unit that was marked, and shows it in the editor. */
  arrive(token: number): void {
    this.#ground.still();
    const from = verbs.cursorOf(this.#state);
    const { layer, track } = this.#state;
    const mark = from === undefined ? { token, layer, unit: undefined, track } : { ...from, token };
    this.#ground.glideTo(followMark(verbs.markPlace(this.#state, mark), mark));
    this.reveal(token, false);
  }

  go(): void {
    const at = verbs.cursorOf(this.#state);
    if (at !== undefined) this.reveal(at.token, true);
  }

  /** Clears the selection, else the mark. */
  clear(): void {
    const cleared = clearSelection(this.#state);
    this.#ground.set(cleared === this.#state ? verbs.setMark(this.#state, undefined) : cleared);
  }

  /** Scrolls the marked unit's row into sight. */
  showUnit(): void {
    const { stack } = this.#ground.stage;
    const { mark, scroll } = this.#state;
    const box = stack && boxOf(stack, mark?.track);
    if (stack === undefined || box === undefined || mark?.unit === undefined) return;
    const place = this.#ground.stage.arrangement(this.#state, mark.layer)?.units.indexOf(mark.unit) ?? -1;
    if (place >= 0) this.#ground.set(verbs.setScroll(this.#state, scrollToPlace(stack, box, place, scroll)));
  }

  readonly pointer: Omit<PointerActions, 'hover'> = {
    hit: (x, y) => this.#ground.stage.hit(this.#state, x, y),
    plot: () => this.#ground.stage.gutter,
    pick: (hit) => {
      const mark = this.cursor(hit);
      if (mark === undefined) return;
      const track = hit.track ?? this.#state.track;
      this.#ground.set({ ...followMark(verbs.setMark(this.#state, mark), mark), track });
      this.reveal(mark.token, false);
    },
    go: (hit) => {
      if (hit.token !== undefined) this.reveal(hit.token, true);
    },
    select: (x, phase) => {
      if (phase === 'end') {
        this.#anchor = undefined;
        this.#tellSelection();
        return;
      }
      const span = this.#spanNear(x);
      if (span === undefined) return;
      this.#ground.still();
      if (phase === 'begin') this.#anchor = span;
      this.#ground.set(selectBetween(this.#state, this.#anchor ?? span, span));
    },
    pan: (dx, dy) => {
      this.pan(dx);
      this.scrollBy(dy);
    },
    zoom: this.zoom,
    scroll: (dy) => {
      this.scrollBy(dy);
    },
    jump: (x) => {
      const { axis } = this.#state;
      const middle = (x / axis.width) * axis.tokens;
      this.pan((middle - axis.start) * axis.scale - axis.width / 2);
    },
    resizeTrack: (track, dy) => {
      const { stack } = this.#ground.stage;
      const box = stack && boxOf(stack, track);
      if (box === undefined) return;
      // Not the height of the last frame: several moves may come between two.
      const now = verbs.shownTracks(this.#state).find(({ id }) => id === track);
      const height = Math.max(MIN_HEIGHT, (now?.choice.height ?? box.height) + dy);
      this.#ground.set(verbs.choose(this.#state, setHeight(this.#state.choices, track, height)));
    },
    resetTrack: (track) => {
      this.#ground.set(verbs.choose(this.#state, setHeight(this.#state.choices, track, undefined)));
    },
  };

  /** The column at a pixel of the plot, or the nearest that can be looked at. */
  #spanNear(x: number): Stretch | undefined {
    const { axis } = this.#state;
    const done = verbs.doneOf(this.#state);
    if (done === 0) return undefined;
    const inside = Math.max(0, Math.min(axis.width - 1, x));
    const token = Math.max(0, Math.min(done - 1, Math.floor(axis.start + inside / axis.scale)));
    return this.#ground.stage.span(this.#state, token);
  }

  #tellSelection(): void {
    const selection = selectionOf(this.#state);
    if (selection !== undefined) this.reveal(selection.token, false, selection.count);
  }
}
