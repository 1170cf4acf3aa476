/** The view as a whole: one state, its stores and parts; each change is drawn at the next frame, once. */
import { Actions } from './actions';
import * as choices from './choices';
import { GatescopeError } from '../src/shared/errors';
import type { Remote } from '../src/shared/rpc';
import type { HeatName } from '../src/shared/signals';
import type { Scene, ViewApi, ViewCommand, ViewHostApi } from '../src/shared/viewApi';
import { readTheme, type Theme } from './draw/theme';
import { later, type Ground } from './ground';
import { Inspector } from './inspector';
import { Jumps } from './jumps';
import { shownError, t } from './l10n';
import type { Hit } from './layout/hit';
import { isHeat, screenTop } from './layout/tracks';
import { act, keyActions, type Meanings } from './meanings';
import { Readings } from './readings';
import { Saving } from './saving';
import { selectionOf } from './selection';
import * as verbs from './state';
import { Sync } from './sync';
import { Stores } from './stores';
import { tileKey } from './tiles';
import { currentTrack, TrackActions } from './trackActions';
import { createCopyMenu } from './ui/copyMenu';
import { el, setAttribute, show } from './ui/dom';
import { Glide } from './ui/glide';
import { createHint } from './ui/hint';
import { listenToKeys } from './ui/keyboard';
import { createMarker } from './ui/marker';
import { listenToPointer } from './ui/pointer';
import { listenToPresses } from './ui/presses';
import { speak, type Shade } from './ui/reading';
import { createScene } from './ui/scenes';
import { createShadeMenu } from './ui/shadeMenu';
import { Stage } from './ui/stage';
import { createTip } from './ui/tip';
import { createTitlebar } from './ui/titlebar';
import { createToolbar } from './ui/toolbar';
import { describe, hint } from './words';

/** Codes of errors that say only that the question has outlived its trace. */
const SILENT: ReadonlySet<string> = new Set(['trace-gone', 'cancelled']);
/** A legend with its numbers is so wide, at the right of a heading: where the keyboard opens its colours. */
const LEGEND_ROOM = 120;
const SAVE_AFTER = 250;
const SPEAK_AFTER = 350;
/** The picture's name waits until it has been still for so long: a screen reader would read each frame's. */
const NAME_AFTER = 100;

export class App {
  readonly #host: () => Remote<ViewHostApi>;
  readonly #save: (state: unknown) => void;
  readonly #shown: () => void;
  readonly #body = document.body;
  readonly #main: HTMLElement;
  readonly #stores: Stores;
  readonly #stage: Stage;
  readonly #titlebar;
  readonly #toolbar;
  readonly #inspector: Inspector;
  readonly #hint = createHint();
  readonly #marker = createMarker();
  readonly #tip;
  readonly #glide: Glide;
  readonly #shades = createShadeMenu({
    input: (id) => {
      const tracks = verbs.shownTracks(this.#state);
      const track = tracks.find((other) => other.id === id);
      if (track === undefined || !isHeat(track)) return undefined;
      const { scale } = this.#stage.shade(this.#state, track, this.#theme);
      return { track, tracks, choices: this.#state.choices, maps: this.#theme.maps, scale };
    },
    change: (verb) => {
      this.#set(verbs.choose(this.#state, verb(this.#state.choices)));
    },
    closed: () => {
      this.#stage.surface.focus();
    },
  });
  readonly #sync: Sync;
  readonly #readings: Readings;
  readonly #actions: Actions;
  readonly #tracks: TrackActions;
  readonly #saving: Saving;
  readonly #jumps: Jumps;
  readonly #meanings: Meanings;
  #state = verbs.INITIAL;
  #theme: Theme;
  #scene: HTMLElement | undefined;
  #frame = false;
  #keeping: number | undefined;
  #speaking: number | undefined;
  #naming: number | undefined;
  #named: verbs.State['axis'] | undefined;
  #traceId: number | undefined;
  /** Names of the tiles of the picture that the host was told of. */
  #pictured = '';
  #underPointer: () => Hit | undefined = () => undefined;

  /** @param shown something is shown for the first time: a picture, or why there is none */
  constructor(
    root: HTMLElement,
    host: () => Remote<ViewHostApi>,
    saved: unknown,
    save: (state: unknown) => void,
    shown: () => void,
  ) {
    this.#host = host;
    this.#shown = shown;
    this.#save = save;
    this.#state = verbs.restore(verbs.INITIAL, saved);
    this.#theme = readTheme(this.#body);
    const changed = this.#schedule;
    const failed = this.#report;
    const now = (): number => performance.now();
    this.#sync = new Sync(this.#state, {
      look: (trace, look) => {
        host().look(trace, look).catch(failed);
      },
      remember: (chosen) => {
        host().remember(chosen).catch(failed);
      },
      later,
      now,
    });
    this.#stores = new Stores({
      host,
      trace: () => this.#traceId,
      tokens: () => this.#state.axis.tokens,
      changed,
      failed,
    });
    this.#stage = new Stage(
      this.#stores,
      (top) => {
        this.#set(verbs.setScroll(this.#state, top));
      },
      (width) => {
        // Painted at once: a canvas that changes size is blank until then.
        const resized = verbs.resize(this.#state, width);
        const held = this.#sync.take();
        this.#state = held === undefined ? resized : verbs.lookAt(resized, held);
        this.#sync.settle(this.#state);
        this.#render();
      },
      changed,
    );
    this.#glide = new Glide((axis) => {
      this.#set(verbs.setAxis(this.#state, axis));
    });
    const ground: Ground = {
      state: () => this.#state,
      set: (next) => {
        this.#set(next);
      },
      glideTo: (next) => {
        this.#glideTo(next);
      },
      still: () => {
        this.#glide.stop();
      },
      stage: this.#stage,
      host,
      say: this.#say,
      speak: this.#hint.speak,
      wait: this.#hint.wait,
      report: failed,
    };
    const shade = (layer: number, signal: HeatName): Shade => this.#shadeOf(layer, signal);
    this.#readings = new Readings(this.#stage, this.#stores.rows, this.#stores.glyphs, this.#stores.columns, shade);
    this.#inspector = new Inspector({
      host,
      stage: this.#stage,
      rows: this.#stores.rows,
      readings: this.#readings,
      shade,
      changed,
      failed,
      choose: (inspector) => {
        this.#set(verbs.choose(this.#state, { ...this.#state.choices, inspector }));
      },
      hover: (token) => {
        const from = verbs.cursorOf(this.#state);
        const cursor = { layer: from?.layer ?? this.#state.layer, unit: from?.unit, track: from?.track };
        this.#set(verbs.setHover(this.#state, token === undefined ? undefined : { token, ...cursor }));
      },
      pick: (token, layer, unit) => {
        const at = token ?? verbs.cursorOf(this.#state)?.token;
        if (at === undefined) return;
        this.#glideTo(verbs.focusPlace(this.#state, at, layer, unit));
        this.#actions.showUnit();
      },
      unpin: (layer, unit) => {
        const name = verbs.traceOf(this.#state)?.info.model.layers[layer]?.name;
        if (name !== undefined)
          this.#set(verbs.choose(this.#state, choices.togglePin(this.#state.choices, name, unit)));
      },
    });
    this.#actions = new Actions(ground);
    this.#tracks = new TrackActions(ground);
    this.#saving = new Saving(ground);
    this.#jumps = new Jumps({
      ask: (request) => host().jump(request),
      arrive: (token) => {
        this.#actions.arrive(token);
        this.#speakSoon();
      },
      say: this.#say,
      wait: this.#hint.wait,
      failed,
      later,
    });
    this.#titlebar = createTitlebar(this.#run, () => {
      this.#set(verbs.setError(this.#state, undefined));
    });
    const copying = createCopyMenu({
      copy: (format, units) => {
        this.#saving.copy(format, units);
      },
      save: (format) => {
        this.#saving.save(format);
      },
      scope: () => this.#saving.scope(),
      done: () => {
        this.#stage.surface.focus({ preventScroll: true });
      },
    });
    this.#toolbar = createToolbar(
      {
        chooseLayer: (layer) => {
          this.#set(verbs.chooseLayer(this.#state, layer));
        },
        choose: (change) => {
          this.#set(verbs.choose(this.#state, change(this.#state.choices)));
        },
        toggleTable: () => this.#stage.toggleTable(),
        state: () => this.#state,
        zoom: this.#actions.zoomMiddle,
        fit: this.#actions.fit,
        run: this.#run,
      },
      this.#body.dataset['gatescopeView'] !== 'editor',
      copying,
    );
    this.#tip = createTip(() => this.#tipText());
    this.#meanings = {
      ground,
      actions: this.#actions,
      tracks: this.#tracks,
      saving: this.#saving,
      jumps: this.#jumps,
      dismiss: () => this.#tip.dismiss(),
      open: (what) => (what === 'colours' ? this.#openColours() : this.#toolbar.open(what)),
      read: () => {
        this.#speakSoon();
      },
    };
    this.#stage.surface.append(this.#marker.element, this.#tip.element, this.#hint.element);
    this.#main = el(
      'main',
      { class: 'trace' },
      this.#titlebar.element,
      this.#toolbar.element,
      this.#titlebar.strips,
      this.#stage.element,
      this.#inspector.element,
      this.#shades.element,
      this.#hint.live,
    );
    this.#main.hidden = true;
    root.replaceChildren(this.#main);
    this.#listen();
    this.#schedule();
  }

  /** Opens the colours of a track below a place in client pixels, as where its legend was clicked. */
  readonly openShade = (track: choices.TrackId, x: number, y: number): void => {
    this.#shades.open(track, x, y);
  };

  /** Whether the host has said what to show. */
  get begun(): boolean {
    return this.#state.scene !== undefined;
  }

  /** What the host may call. */
  readonly api: ViewApi = {
    begin: ({ scene, choices: remembered, look, tiles }) => {
      performance.mark('gatescope:beginning');
      this.api.choose(remembered);
      this.#show(scene);
      for (const { request, tile } of tiles)
        if (request.trace === this.#traceId) this.#stores.tiles.take(request, tile);
      if (look && scene.kind === 'trace') this.api.look(scene.info.id, look);
      this.#measure();
    },
    show: (scene) => {
      this.#show(scene);
      this.#measure();
    },
    progress: (progress) => {
      this.#set(verbs.applyProgress(this.#state, progress));
    },
    follow: (trace, token, count, selected) => {
      if (trace !== this.#traceId) return;
      this.#sync.following();
      this.#glideTo(verbs.followEditor(this.#state, token, count, selected === true));
    },
    focus: (trace, token, layer, unit) => {
      if (trace !== this.#traceId) return;
      this.#sync.following();
      this.#glideTo(verbs.focusPlace(this.#state, token, layer, unit));
      this.#actions.showUnit();
    },
    look: (trace, look) => {
      if (trace !== this.#traceId) return;
      this.#glide.stop();
      if (this.#state.axis.width === 0) {
        this.#sync.hold(look);
        return;
      }
      const next = verbs.lookAt(this.#state, look);
      this.#sync.settle(next);
      this.#set(next);
    },
    choose: (chosen) => {
      const next = choices.readChoices(chosen);
      this.#sync.chosen(next);
      this.#set(verbs.choose(this.#state, next));
    },
    act: (action) => {
      if (this.#traceId !== undefined) act(this.#meanings, action);
    },
  };

  #show(scene: Scene): void {
    const next = verbs.showScene(this.#state, scene);
    const id = scene.kind === 'trace' ? scene.info.id : undefined;
    if (id !== this.#traceId) {
      const edited = verbs.succeeds(this.#state, scene);
      this.#traceId = id;
      this.#glide.stop();
      this.#jumps.cancel();
      this.#sync.hold(undefined);
      this.#inspector.clear();
      this.#stores.turn(edited);
      if (!edited) this.#stage.clear();
    }
    if (scene !== this.#state.scene && scene.kind !== 'trace') {
      this.#scene?.remove();
      this.#scene = undefined;
    }
    this.#set(next);
  }

  /** Lays out a first trace at once, and not at the next frames: so its tiles are asked for sooner. */
  #measure(): void {
    if (this.#traceId === undefined || this.#state.axis.width > 0) return;
    this.#render();
    this.#stage.measure();
  }

  readonly #run = (command: ViewCommand): void => {
    this.#host().run(command).catch(this.#report);
  };

  readonly #report = (error: unknown): void => {
    if (error instanceof GatescopeError && SILENT.has(error.code)) return;
    this.#set(verbs.setError(this.#state, shownError(error)));
  };

  #set(state: verbs.State): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#sync.changed(state);
    this.#schedule();
    this.#keeping ??= window.setTimeout(() => {
      this.#keeping = undefined;
      const saved = verbs.save(this.#state);
      if (saved !== undefined) this.#save(saved);
      this.#tellPicture();
    }, SAVE_AFTER);
  }

  /** The host has these tiles ready for the next page, and lets the trace go on. */
  #tellPicture(): void {
    const { made } = this.#stage;
    if (this.#traceId === undefined || made === undefined || made.length === 0) return;
    const pictured = `${String(this.#traceId)} ${made.map(tileKey).join(' ')}`;
    if (pictured === this.#pictured) return;
    this.#pictured = pictured;
    this.#host().pictured(this.#traceId, made).catch(this.#report);
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

  #listen(): void {
    const { surface, element } = this.#stage;
    // The table takes the picture's place, and with it the picture's keys: those that opened it take it away again.
    element.addEventListener('keydown', (event) => {
      const { key, ctrlKey, altKey, metaKey, target } = event;
      if (surface.contains(target as Node) || ctrlKey || altKey || metaKey) return;
      if (key !== 'Escape' && key.toLowerCase() !== 'x') return;
      event.preventDefault();
      this.#toolbar.open('table');
    });
    this.#underPointer = listenToPointer(surface, {
      ...this.#actions.pointer,
      hover: (hit, at) => {
        this.#set(verbs.setHover(this.#state, hit === undefined ? undefined : this.#actions.cursor(hit)));
        setAttribute(
          surface,
          'title',
          hit === undefined ? '' : hint(this.#state, hit, this.#stage.rowsOf(this.#state)),
        );
        this.#tip.point(hit?.zone === 'body' ? at : undefined);
      },
    });
    listenToPresses(surface, {
      hit: (x, y) => this.#stage.hit(this.#state, x, y),
      plot: () => this.#stage.gutter,
      axis: () => this.#state.axis,
      setAxis: (axis) => {
        this.#glide.stop();
        this.#set(verbs.setAxis(this.#state, axis));
      },
      fold: (track) => {
        this.#set(verbs.choose(this.#state, choices.foldTrack(this.#state.choices, track)));
      },
      pin: ({ layer, place }) => {
        if (layer === undefined || place === undefined) return;
        const unit = this.#stage.arrangement(this.#state, layer)?.units[place];
        this.#set(verbs.pinUnit(this.#state, { layer, unit }));
      },
      openShade: this.openShade,
    });
    listenToKeys(surface, keyActions(this.#meanings));
    const themed = new MutationObserver(() => {
      this.#theme = readTheme(this.#body);
      this.#schedule();
    });
    const options = { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] };
    themed.observe(this.#body, options);
    themed.observe(document.documentElement, options);
  }

  /** As the track of a signal is coloured, or would be. */
  #shadeOf(layer: number, signal: HeatName): Shade {
    const track = verbs.shownTracks(this.#state).find((other) => other.layer === layer && other.signal === signal);
    const info = verbs.traceOf(this.#state)?.info.model.layers[layer];
    const scale = [...(info?.signals ?? []), ...(info?.derived ?? [])].find(({ name }) => name === signal)?.scale;
    const plain = { id: signal, choice: { signal }, signal, layer, scale: scale ?? 'free' };
    return this.#stage.shade(this.#state, track ?? plain, this.#theme);
  }

  /** Of the current track, at its legend. @returns whether it is a heatmap in sight */
  #openColours(): boolean {
    const { stack, surface } = this.#stage;
    const box = (stack && currentTrack(this.#state, stack)) ?? stack?.heats[0];
    if (stack === undefined || box === undefined || !isHeat(box.track)) return false;
    const { right, top } = surface.getBoundingClientRect();
    const under = Math.max(stack.pinned, screenTop(stack, box, this.#state.scroll));
    this.openShade(box.id, right - LEGEND_ROOM, top + Math.min(under, stack.viewport));
    return true;
  }

  /** Signal, unit, token and value under the pointer. */
  #tipText(): string | undefined {
    const { hover } = this.#state;
    const reading = this.#readings.at(this.#state);
    const signal = verbs.shownTracks(this.#state).find(({ id }) => id === hover?.track)?.signal;
    const value = reading?.values.find((read) => read.signal === signal)?.text;
    if (hover?.unit === undefined || reading === undefined || value === undefined) return undefined;
    const glyph = reading.glyph === undefined ? '' : ` ${reading.glyph}`;
    return `${hover.track ?? ''} ${value}\n${t('unit {0}', hover.unit)} · ${reading.token}${glyph}`;
  }

  /** Says what was done; the place that was to be read aloud would speak over it. */
  readonly #say = (text: string): void => {
    window.clearTimeout(this.#speaking);
    this.#hint.say(text);
  };

  #speakSoon(): void {
    window.clearTimeout(this.#speaking);
    this.#speaking = window.setTimeout(() => {
      const reading = this.#readings.at(this.#state);
      const selection = selectionOf(this.#state);
      const selected = selection === undefined ? [] : [t('{0} tokens selected', selection.count)];
      if (reading !== undefined) this.#hint.speak([speak(reading), ...selected].join(' '));
    }, SPEAK_AFTER);
  }

  /** Names the picture by what it shows; while it moves it keeps the name it had. */
  #name(state: verbs.State): void {
    const { surface } = this.#stage;
    const moved = this.#named !== undefined && this.#named !== state.axis;
    this.#named = state.axis;
    if (!moved && this.#stage.painted) {
      if (this.#naming === undefined) setAttribute(surface, 'aria-label', describe(state, this.#stage.rowsOf(state)));
      return;
    }
    window.clearTimeout(this.#naming);
    this.#naming = window.setTimeout(() => {
      this.#naming = undefined;
      setAttribute(surface, 'aria-label', describe(this.#state, this.#stage.rowsOf(this.#state)));
    }, NAME_AFTER);
  }

  #render(): void {
    if (this.#state.hover !== undefined) {
      const hit = this.#underPointer();
      if (hit !== undefined) this.#state = verbs.setHover(this.#state, this.#actions.cursor(hit));
    }
    const state = this.#state;
    const scene = verbs.traceOf(state);
    show(this.#main, scene !== undefined);
    if (scene === undefined) {
      if (this.#scene === undefined) {
        this.#scene = createScene(state.scene, this.#run);
        if (this.#scene !== undefined) {
          this.#main.before(this.#scene);
          this.#shown();
        }
      }
      return;
    }
    this.#scene?.remove();
    this.#scene = undefined;
    this.#titlebar.update(scene, state.error);
    this.#toolbar.update(state);
    this.#shades.update();
    this.#tip.update();
    this.#name(state);
    const scroll = this.#stage.render(state, this.#theme, (track) => this.#readings.valueAt(state, track));
    if (scroll !== state.scroll) this.#state = verbs.setScroll(this.#state, scroll);
    this.#inspector.update(state, this.#theme);
    this.#marker.update(this.#stage.stack, state.track, scroll);
    if (this.#stage.painted) {
      this.#shown();
      if (this.#pictured === '') this.#tellPicture();
    }
  }
}
