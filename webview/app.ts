/** The view as a whole: one state, its stores and parts; each change is drawn at the next frame, once. */
import { ArrangementStore } from './arrangements';
import * as choices from './choices';
import { GatescopeError } from '../src/shared/errors';
import type { HeatName, SignalName } from '../src/shared/signals';
import type { Remote } from '../src/shared/rpc';
import type { ViewApi, ViewCommand, ViewHostApi } from '../src/shared/viewApi';
import { readTheme, type Theme } from './draw/theme';
import { GlyphStore } from './glyphs';
import { panBy, zoomAt, fit } from './layout/axis';
import type { Hit } from './layout/hit';
import { boxOf, isHeat, maxScroll, MIN_HEIGHT, scrollToPlace, type Track } from './layout/tracks';
import { RowStore } from './rows';
import * as verbs from './state';
import { TileStore } from './tiles';
import { el, setAttribute, setText, show } from './ui/dom';
import { Glide } from './ui/glide';
import { listenToKeys } from './ui/keyboard';
import { listenToPointer } from './ui/pointer';
import { exactValue, readingOf, speak, type Shade } from './ui/reading';
import type { Reading } from './ui/readout';
import { createReadout } from './ui/readout';
import { createScene } from './ui/scenes';
import { Stage } from './ui/stage';
import { createTitlebar } from './ui/titlebar';
import { createToolbar } from './ui/toolbar';

/** Codes of errors that say only that the question has outlived its trace. */
const SILENT: ReadonlySet<string> = new Set(['trace-gone', 'cancelled']);
const SAVE_AFTER = 250;
const SPEAK_AFTER = 350;

export class App {
  readonly #host: () => Remote<ViewHostApi>;
  readonly #save: (state: unknown) => void;
  readonly #body = document.body;
  readonly #main: HTMLElement;
  readonly #live = el('div', { class: 'aside', 'aria-live': 'polite' });
  readonly #tiles: TileStore;
  readonly #rows: RowStore;
  readonly #glyphs: GlyphStore;
  readonly #arrangements: ArrangementStore;
  readonly #stage: Stage;
  readonly #titlebar;
  readonly #toolbar;
  readonly #readout = createReadout();
  readonly #glide: Glide;
  #state = verbs.INITIAL;
  #theme: Theme;
  #scene: HTMLElement | undefined;
  #frame = false;
  #saving: number | undefined;
  #speaking: number | undefined;
  #traceId: number | undefined;
  #underPointer: () => Hit | undefined = () => undefined;

  constructor(root: HTMLElement, host: () => Remote<ViewHostApi>, saved: unknown, save: (state: unknown) => void) {
    this.#host = host;
    this.#save = save;
    this.#state = verbs.restore(verbs.INITIAL, saved);
    this.#theme = readTheme(this.#body);
    const changed = this.#schedule;
    const failed = this.#report;
    this.#tiles = new TileStore({
      fetch: (request) => host().tile(request),
      changed,
      failed,
      now: () => performance.now(),
      later: (run, ms) => {
        window.setTimeout(run, ms);
      },
    });
    this.#rows = new RowStore((token) => host().row(this.#traceId ?? -1, token), changed, failed);
    this.#glyphs = new GlyphStore((from, to) => host().glyphs(this.#traceId ?? -1, from, to), changed, failed);
    this.#arrangements = new ArrangementStore(
      (trace, layer, spec) => host().arrange(trace, layer, spec),
      changed,
      failed,
    );
    this.#stage = new Stage(
      { tiles: this.#tiles, glyphs: this.#glyphs, arrangements: this.#arrangements },
      (top) => {
        this.#set(verbs.setScroll(this.#state, top));
      },
      (width) => {
        // Painted at once: a canvas that changes size is blank until then.
        this.#state = verbs.resize(this.#state, width);
        this.#render();
      },
    );
    this.#glide = new Glide((axis) => {
      this.#set(verbs.setAxis(this.#state, axis));
    });
    this.#titlebar = createTitlebar(this.#run, () => {
      this.#set(verbs.setError(this.#state, undefined));
    });
    this.#toolbar = createToolbar(
      {
        chooseLayer: (layer) => {
          this.#set(verbs.chooseLayer(this.#state, layer));
        },
        toggleSignal: (signal) => {
          this.#choose(choices.toggleTrack(this.#state.choices, { signal }));
        },
        zoom: this.#zoomMiddle,
        fit: this.#fit,
        run: this.#run,
      },
      this.#body.dataset['gatescopeView'] !== 'editor',
    );
    this.#main = el(
      'main',
      { class: 'trace' },
      this.#titlebar.element,
      this.#toolbar.element,
      this.#titlebar.strips,
      this.#stage.element,
      this.#readout.element,
      this.#live,
    );
    this.#main.hidden = true;
    root.replaceChildren(this.#main);
    this.#listen();
    this.#schedule();
  }

  /** What the host may call. */
  readonly api: ViewApi = {
    show: (scene) => {
      const next = verbs.showScene(this.#state, scene);
      const id = scene.kind === 'trace' ? scene.info.id : undefined;
      if (id !== this.#traceId) {
        const edited = verbs.succeeds(this.#state, scene);
        this.#traceId = id;
        this.#glide.stop();
        this.#rows.clear();
        this.#arrangements.clear();
        if (edited) {
          this.#tiles.succeed();
          this.#glyphs.succeed();
        } else {
          this.#tiles.clear();
          this.#glyphs.clear();
          this.#stage.clear();
        }
      }
      if (scene !== this.#state.scene && scene.kind !== 'trace') {
        this.#scene?.remove();
        this.#scene = undefined;
      }
      this.#set(next);
    },
    progress: (progress) => {
      this.#set(verbs.applyProgress(this.#state, progress));
    },
    follow: (trace, token, count) => {
      if (trace !== this.#traceId) return;
      const next = verbs.followEditor(this.#state, token, count);
      this.#glideTo(next);
    },
    focus: (trace, token, layer, unit) => {
      if (trace !== this.#traceId) return;
      this.#glideTo(verbs.focusPlace(this.#state, token, layer, unit));
      this.#showUnit();
    },
    look: () => undefined,
    choose: () => undefined,
    act: () => undefined,
  };

  readonly #run = (command: ViewCommand): void => {
    this.#host().run(command).catch(this.#report);
  };

  readonly #report = (error: unknown): void => {
    if (error instanceof GatescopeError && SILENT.has(error.code)) return;
    this.#set(verbs.setError(this.#state, error instanceof Error ? error.message : String(error)));
  };

  #set(state: verbs.State): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#schedule();
    this.#saving ??= window.setTimeout(() => {
      this.#saving = undefined;
      const saved = verbs.save(this.#state);
      if (saved !== undefined) this.#save(saved);
    }, SAVE_AFTER);
  }

  #choose(next: choices.Choices): void {
    this.#set(verbs.choose(this.#state, next));
  }

  /** Takes all of a state at once but its axis, to which it glides. */
  #glideTo(next: verbs.State): void {
    const from = this.#state.axis;
    this.#set({ ...next, axis: from });
    this.#glide.to(from, next.axis);
  }

  readonly #schedule = (): void => {
    if (this.#frame) return;
    this.#frame = true;
    requestAnimationFrame(() => {
      this.#frame = false;
      this.#render();
    });
  };

  readonly #zoom = (x: number, factor: number): void => {
    this.#glide.stop();
    this.#set(verbs.setAxis(this.#state, zoomAt(this.#state.axis, x, factor)));
  };

  /** Zooms at the marked token if it is in sight, else at the middle. */
  readonly #zoomMiddle = (factor: number): void => {
    const { axis, mark } = this.#state;
    const x = mark === undefined ? -1 : (mark.token + 0.5 - axis.start) * axis.scale;
    this.#zoom(x >= 0 && x <= axis.width ? x : axis.width / 2, factor);
  };

  readonly #fit = (): void => {
    this.#glide.stop();
    this.#set(verbs.setAxis(this.#state, fit(this.#state.axis)));
  };

  #pan(dx: number): void {
    this.#glide.stop();
    this.#set(verbs.setAxis(this.#state, panBy(this.#state.axis, dx)));
  }

  #scrollBy(dy: number): void {
    const stack = this.#stage.stack;
    if (stack === undefined || dy === 0) return;
    const scroll = Math.max(0, Math.min(maxScroll(stack), this.#state.scroll + dy));
    this.#set(verbs.setScroll(this.#state, scroll));
  }

  #reveal(token: number, focus: boolean): void {
    if (this.#traceId === undefined) return;
    this.#host().reveal(this.#traceId, token, focus).catch(this.#report);
  }

  /** The place that a hit means; none beside the text or off the tracks. */
  #cursor(hit: Hit): verbs.Cursor | undefined {
    if (hit.token === undefined || hit.zone === 'overview' || hit.zone === 'none') return undefined;
    // Between two tracks the unit stays, or the readout would flicker on the way.
    const { hover } = this.#state;
    const { layer = this.#state.layer, token, place, track } = hit;
    if (hit.zone === 'head' || hit.zone === 'edge') {
      return { token, layer: hover?.layer ?? layer, unit: hover?.unit, track: hover?.track };
    }
    const unit = place === undefined ? undefined : this.#stage.arrangement(this.#state, layer)?.units[place];
    return { token, layer, unit, track };
  }

  #listen(): void {
    this.#underPointer = listenToPointer(this.#stage.surface, {
      hit: (x, y) => this.#stage.hit(this.#state, x, y),
      plot: () => this.#stage.gutter,
      hover: (hit) => {
        this.#set(verbs.setHover(this.#state, hit === undefined ? undefined : this.#cursor(hit)));
        setAttribute(this.#stage.surface, 'title', hit === undefined ? '' : this.#hint(hit));
      },
      pick: (hit) => {
        const mark = this.#cursor(hit);
        if (mark === undefined) return;
        this.#set(verbs.setMark(this.#state, mark));
        this.#reveal(mark.token, false);
      },
      go: (hit) => {
        if (hit.token !== undefined) this.#reveal(hit.token, true);
      },
      pan: (dx, dy) => {
        this.#pan(dx);
        this.#scrollBy(dy);
      },
      zoom: this.#zoom,
      scroll: (dy) => {
        this.#scrollBy(dy);
      },
      jump: (x) => {
        const { axis } = this.#state;
        const middle = (x / axis.width) * axis.tokens;
        this.#pan((middle - axis.start) * axis.scale - axis.width / 2);
      },
      resizeTrack: (track, dy) => {
        const stack = this.#stage.stack;
        const box = stack && boxOf(stack, track);
        if (box !== undefined) {
          // Not the height of the last frame: several moves may come between two.
          const now = verbs.shownTracks(this.#state).find(({ id }) => id === track);
          const height = Math.max(MIN_HEIGHT, (now?.choice.height ?? box.height) + dy);
          this.#choose(choices.setHeight(this.#state.choices, track, height));
        }
      },
      resetTrack: (track) => {
        this.#choose(choices.setHeight(this.#state.choices, track, undefined));
      },
    });
    listenToKeys(this.#stage.surface, {
      move: (tokens, units) => {
        this.#glide.stop();
        // At a coarse level a step is a column.
        const { count } = this.#stage.span(this.#state, 0);
        const from = verbs.cursorOf(this.#state);
        const own = this.#stage.arrangement(this.#state, from?.layer ?? this.#state.layer);
        this.#set(verbs.moveMark(this.#state, tokens * count, units, own?.units ?? []));
        this.#showUnit();
        this.#speakSoon();
      },
      page: (screens) => {
        this.#pan(screens * this.#state.axis.width);
      },
      zoom: this.#zoomMiddle,
      fit: this.#fit,
      go: () => {
        const at = verbs.cursorOf(this.#state);
        if (at !== undefined) this.#reveal(at.token, true);
      },
      clear: () => {
        this.#set(verbs.setMark(this.#state, undefined));
      },
    });
    const themed = new MutationObserver(() => {
      this.#theme = readTheme(this.#body);
      this.#stage.clear();
      this.#schedule();
    });
    const options = { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] };
    themed.observe(this.#body, options);
    themed.observe(document.documentElement, options);
  }

  /** Scrolls the marked unit's row into sight. */
  #showUnit(): void {
    const stack = this.#stage.stack;
    const { mark, scroll } = this.#state;
    const box = stack && boxOf(stack, mark?.track);
    if (stack === undefined || box === undefined || mark?.unit === undefined) return;
    const place = this.#stage.arrangement(this.#state, mark.layer)?.units.indexOf(mark.unit) ?? -1;
    if (place >= 0) this.#set(verbs.setScroll(this.#state, scrollToPlace(stack, box, place, scroll)));
  }

  #hint(hit: Hit): string {
    return hit.zone === 'head' && hit.track !== undefined ? this.#stage.explain(this.#state, hit.track) : '';
  }

  #reading(): Reading | undefined {
    const cursor = verbs.cursorOf(this.#state);
    const layer = verbs.traceOf(this.#state)?.info.model.layers[cursor?.layer ?? this.#state.layer];
    if (cursor === undefined || layer === undefined || cursor.token >= verbs.doneOf(this.#state)) return undefined;
    const done = verbs.doneOf(this.#state);
    const span = this.#stage.span(this.#state, cursor.token);
    if (span.count === 1) this.#rows.want(span.token);
    return readingOf({
      layer,
      layerIndex: cursor.layer,
      unit: cursor.unit,
      first: span.token,
      count: span.count,
      signals: this.#signals(cursor.layer),
      shade: (signal) => this.#shadeOf(cursor.layer, signal),
      row: span.count === 1 ? this.#rows.get(span.token) : undefined,
      glyphs:
        span.count === 1 ? this.#glyphs.range(Math.max(0, span.token - 16), Math.min(done, span.token + 32), done) : [],
      column: undefined,
    });
  }

  /** Stored signals of a layer that are shown. */
  #signals(layer: number): readonly SignalName[] {
    const own = verbs.traceOf(this.#state)?.info.model.layers[layer]?.signals ?? [];
    const shown = verbs.shownTracks(this.#state).filter((track) => isHeat(track) && track.layer === layer);
    return shown.flatMap(({ signal }) => own.flatMap(({ name }) => (name === signal ? [name] : [])));
  }

  #shadeOf(layer: number, signal: HeatName): Shade {
    const track = verbs.shownTracks(this.#state).find((other) => other.layer === layer && other.signal === signal);
    if (track === undefined) throw new Error(`There is no track of ${signal}.`);
    return this.#stage.shade(track, this.#theme);
  }

  /** The value under the crosshair, for the pointers on the legends. */
  #valueAt({ layer, signal }: Track): number | undefined {
    const cursor = verbs.cursorOf(this.#state);
    const info = verbs.traceOf(this.#state)?.info.model.layers[layer];
    if (cursor === undefined || info === undefined) return undefined;
    const row = this.#stage.span(this.#state, cursor.token).count === 1 ? this.#rows.get(cursor.token) : undefined;
    const stored = info.signals.find(({ name }) => name === signal)?.name;
    if (row === undefined || stored === undefined) return undefined;
    return exactValue(row, info, layer, stored, cursor.layer === layer ? cursor.unit : undefined);
  }

  #speakSoon(): void {
    window.clearTimeout(this.#speaking);
    this.#speaking = window.setTimeout(() => {
      const reading = this.#reading();
      if (reading !== undefined) setText(this.#live, speak(reading));
    }, SPEAK_AFTER);
  }

  #render(): void {
    if (this.#state.hover !== undefined) {
      const hit = this.#underPointer();
      if (hit !== undefined) this.#state = verbs.setHover(this.#state, this.#cursor(hit));
    }
    const state = this.#state;
    const scene = verbs.traceOf(state);
    show(this.#main, scene !== undefined);
    if (scene === undefined) {
      if (this.#scene === undefined) {
        this.#scene = createScene(state.scene, this.#run);
        if (this.#scene !== undefined) this.#main.before(this.#scene);
      }
      return;
    }
    this.#scene?.remove();
    this.#scene = undefined;
    this.#titlebar.update(scene, state.error);
    this.#toolbar.update(state);
    const read = verbs.cursorOf(state)?.layer ?? state.layer;
    this.#readout.update(this.#reading(), this.#signals(read), verbs.layerOf(state)?.cell ?? 'lstm');
    setAttribute(this.#stage.surface, 'aria-label', this.#stage.describe(state));
    const scroll = this.#stage.render(state, this.#theme, (track) => this.#valueAt(track));
    if (scroll !== state.scroll) this.#state = verbs.setScroll(this.#state, scroll);
  }
}
