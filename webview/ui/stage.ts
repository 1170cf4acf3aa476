/** The stage: two canvases in a scroller. Works out a frame from the state (layout), then has it painted. */
import type { HeatName } from '../../src/shared/signals';
import { SYMBOL } from '../../src/shared/signals';
import type { Arrangement } from '../../src/shared/trace';
import type { ArrangementStore } from '../arrangements';
import { isLane, type TrackId } from '../choices';
import { createCanvasPainter, type HeatPainter, type HeatTrack } from '../draw/heat';
import { Overlay, type Heading, type Span } from '../draw/overlay';
import type { Theme } from '../draw/theme';
import type { GlyphStore } from '../glyphs';
import { isLong, visibleTokens } from '../layout/axis';
import { hitTest, type Hit } from '../layout/hit';
import { columnOf, levelFor } from '../layout/level';
import { formatCount } from '../layout/numbers';
import { devicePixel, placeQuads } from '../layout/quads';
import { bandsOf } from '../layout/rows';
import { placeText, placeTicks, showsText } from '../layout/ruler';
import { scaleOf } from '../layout/scale';
import { isHeat, maxScroll, screenTop, stackTracks, type Stack, type Track } from '../layout/tracks';
import { lossBars, lossTop, rootLosses } from '../losses';
import { heatTiles, lossTiles, wantedTiles, type TrackTiles } from '../requests';
import { cursorOf, doneOf, layerOf, settledOf, shownTracks, traceOf, type State } from '../state';
import type { TileStore } from '../tiles';
import { el, show } from './dom';
import type { Shade } from './reading';
import { explain } from './signals';

/** Width of the axes at the left, by the width of the whole. */
const gutterFor = (width: number): number => (width < 420 ? 24 : 32);

const NOWHERE: Hit = { zone: 'none', track: undefined, layer: undefined, token: undefined, place: undefined };

export interface Stores {
  readonly tiles: TileStore;
  readonly glyphs: GlyphStore;
  readonly arrangements: ArrangementStore;
}

export class Stage {
  readonly element: HTMLElement;
  /** What takes pointer and keys. */
  readonly surface: HTMLElement;
  readonly #extent: HTMLElement;
  readonly #heat: HeatPainter;
  readonly #overlay: Overlay;
  readonly #stores: Stores;
  #size = { width: 0, height: 0 };
  #ratio = 1;
  #gutter = 0;
  #stack: Stack | undefined;

  /** @param resized hears of the plot's width */
  constructor(stores: Stores, scrolled: (top: number) => void, resized: (width: number) => void) {
    this.#stores = stores;
    const heat = el('canvas', { class: 'heat', 'aria-hidden': 'true' });
    const over = el('canvas', { class: 'over', 'aria-hidden': 'true' });
    this.surface = el('div', { class: 'surface', tabindex: '0', role: 'application' }, heat, over);
    this.#extent = el('div', { class: 'extent' }, this.surface);
    this.element = el('div', { class: 'stage' }, this.#extent);
    this.#heat = createCanvasPainter(heat);
    this.#overlay = new Overlay(over);
    this.element.addEventListener('scroll', () => {
      scrolled(this.element.scrollTop);
    });
    new ResizeObserver(() => {
      this.#size = { width: this.#extent.clientWidth, height: this.element.clientHeight };
      this.#ratio = window.devicePixelRatio;
      this.#gutter = gutterFor(this.#size.width);
      this.surface.style.height = `${String(this.#size.height)}px`;
      // Whole device pixels, or the browser would blur the columns.
      const whole = (length: number): string => `${String(Math.round(length * this.#ratio) / this.#ratio)}px`;
      heat.style.left = whole(this.#gutter);
      heat.style.width = whole(this.#plot);
      over.style.width = whole(this.#size.width);
      for (const canvas of [heat, over]) canvas.style.height = whole(this.#size.height);
      // Hidden, it has no size worth remembering.
      if (this.#size.width > 0) resized(this.#plot);
    }).observe(this.element);
  }

  /** As of the last frame. */
  get stack(): Stack | undefined {
    return this.#stack;
  }

  /** Width of what is left of the plot. */
  get gutter(): number {
    return this.#gutter;
  }

  get #plot(): number {
    return Math.max(0, this.#size.width - this.#gutter);
  }

  clear(): void {
    this.#heat.clear();
  }

  /** The rows of a layer's tracks. */
  arrangement(state: State, layer: number): Arrangement | undefined {
    const scene = traceOf(state);
    const info = scene?.info.model.layers[layer];
    if (scene === undefined || info === undefined) return undefined;
    const running = scene.progress.state === 'running';
    return this.#stores.arrangements.get(scene.info.id, layer, info, state.choices.rows, running);
  }

  /** What a track shows, for its tooltip. */
  explain(state: State, id: TrackId): string {
    const track = shownTracks(state).find((other) => other.id === id);
    const cell = traceOf(state)?.info.model.layers[track?.layer ?? state.layer]?.cell;
    return track === undefined || cell === undefined ? '' : explain(track.signal, cell);
  }

  /** The picture in words. */
  describe(state: State): string {
    const layer = layerOf(state);
    const scene = traceOf(state);
    if (layer === undefined || scene === undefined) return '';
    const { from, to } = visibleTokens(state.axis);
    const tracks = shownTracks(state)
      .map(({ id }) => id)
      .join(', ');
    const range = `tokens ${formatCount(from)} to ${formatCount(Math.max(from, to - 1))} of ${formatCount(scene.info.tokens)}`;
    return `Heatmaps of ${scene.title}: ${tracks}; ${formatCount(layer.units)} units of layer ${layer.name}; ${range}. Arrow keys move the crosshair.`;
  }

  hit(state: State, x: number, y: number): Hit {
    if (this.#stack === undefined) return NOWHERE;
    const hit = hitTest(this.#stack, state.axis, x, y, state.scroll);
    // What is not traced yet has no values to read.
    return hit.token !== undefined && hit.token >= doneOf(state) ? { ...hit, token: undefined, place: undefined } : hit;
  }

  level(state: State): number {
    return levelFor(state.axis.scale, this.#ratio);
  }

  /** The tokens that share the column of a token. */
  span(state: State, token: number): Span {
    const { first, count } = columnOf(token, this.level(state), Math.max(1, doneOf(state)));
    return { token: first, count };
  }

  shade(track: Track, theme: Theme): Shade {
    return {
      map: track.scale === 'gate' ? theme.maps.sequential : theme.maps.diverging,
      scale: scaleOf(track.scale, this.#stores.tiles.peak(track.layer, track.signal as HeatName)),
    };
  }

  /** Layout, then paint. Returns the scroll as it could be had. */
  render(state: State, theme: Theme, value: (track: Track) => number | undefined): number {
    const scene = traceOf(state);
    show(this.element, scene !== undefined);
    if (scene === undefined || layerOf(state) === undefined || this.#size.width === 0) return state.scroll;
    const { axis } = state;
    const done = doneOf(state);
    const tracks = shownTracks(state);
    const stack = stackTracks({
      viewport: this.#size.height,
      ratio: this.#ratio,
      gutter: this.#gutter,
      overview: isLong(axis),
      tracks,
      rows: (layer) => {
        const arrangement = this.arrangement(state, layer);
        return { units: arrangement?.units.length ?? 0, pinned: arrangement?.pinned ?? 0 };
      },
    });
    this.#stack = stack;
    const { outdated } = this.#stores.tiles;
    this.surface.classList.toggle('outdated', outdated);
    const extent = `${String(stack.pinned + stack.content)}px`;
    if (this.#extent.style.minHeight !== extent) this.#extent.style.minHeight = extent;
    const scroll = Math.min(state.scroll, maxScroll(stack));
    if (Math.abs(this.element.scrollTop - scroll) > 1) this.element.scrollTop = scroll;

    this.#ask(state);
    const headings = stack.heats.map((box): Heading => {
      const { track } = box;
      const symbol = Object.entries(SYMBOL).find(([name]) => name === track.signal)?.[1] ?? '';
      return { box, title: track.id, symbol, ...this.shade(track, theme), value: value(track) };
    });
    this.#paintHeat(state, stack, scroll, headings);
    const { from, to } = visibleTokens(axis);
    const glyphs = showsText(axis) ? this.#stores.glyphs.range(from, to, done) : [];
    const cursor = cursorOf(state);
    this.#overlay.paint({
      theme,
      width: this.#plot,
      ratio: this.#ratio,
      axis,
      stack,
      scroll,
      done: outdated ? axis.tokens : done,
      labels: placeText(glyphs, axis, (text) => this.#overlay.measure(text, theme, axis)),
      ticks: placeTicks(axis),
      overview: stack.overview.height > 0 ? rootLosses(state, this.#stores.tiles) : [],
      bars: lossBars(state, this.level(state), this.#ratio, this.#stores.tiles),
      lossTop: lossTop(this.#stores.tiles),
      headings,
      followed: state.followed,
      mark: state.mark === undefined ? undefined : this.span(state, state.mark.token),
      cross:
        cursor === undefined
          ? undefined
          : { ...this.span(state, cursor.token), ...cursor, place: this.#placeOf(state, cursor.layer, cursor.unit) },
    });
    return scroll;
  }

  #placeOf(state: State, layer: number, unit: number | undefined): number | undefined {
    const place = unit === undefined ? -1 : (this.arrangement(state, layer)?.units.indexOf(unit) ?? -1);
    return place < 0 ? undefined : place;
  }

  #tilesOf(state: State, track: Track, level: number): TrackTiles | undefined {
    const box = this.#stack?.heats.find(({ id }) => id === track.id);
    const arrangement = this.arrangement(state, track.layer);
    if (box === undefined || arrangement === undefined) return undefined;
    return heatTiles(state, track, box.grid, arrangement, level);
  }

  #paintHeat(state: State, stack: Stack, scroll: number, headings: readonly Heading[]): void {
    const ratio = this.#ratio;
    const { axis } = state;
    const level = this.level(state);
    const tracks = headings.flatMap(({ box, map, scale }): HeatTrack[] => {
      const tiles = this.#tilesOf(state, box.track, level);
      if (tiles === undefined || box.folded) return [];
      const origin = screenTop(stack, box, scroll);
      const bands = bandsOf(box.grid).map(({ from, rows, top, height }) => {
        const y = Math.round((origin + top) * ratio);
        return { from, rows, top: y, height: Math.round((origin + top + height) * ratio) - y };
      });
      return [{ bands, map, scale, quads: placeQuads(axis, level, ratio, tiles, this.#stores.tiles) }];
    });
    // What stands in after an edit reaches as far as it did.
    const drawn = this.#stores.tiles.outdated ? axis.tokens : doneOf(state);
    const end = devicePixel(axis, Math.min(axis.tokens, drawn), ratio);
    const width = Math.round(this.#plot * ratio);
    this.#heat.paint({
      width,
      height: Math.round(stack.viewport * ratio),
      clipTop: Math.round(stack.pinned * ratio),
      clipRight: Math.min(width, end),
      tracks,
    });
  }

  /** Only tracks in sight are asked for. */
  #ask(state: State): void {
    const scene = traceOf(state);
    const stack = this.#stack;
    if (scene === undefined || stack === undefined) return;
    const seen = shownTracks(state).filter((track) => {
      const box = stack.heats.find(({ id }) => id === track.id);
      if (!isHeat(track) || box === undefined || box.folded) return false;
      const top = screenTop(stack, box, state.scroll);
      return top + box.height > stack.pinned && top < stack.viewport;
    });
    const tiles = (level: number): readonly TrackTiles[] => [
      ...(scene.info.model.predicts ? lossTiles(state, level) : []),
      ...seen.flatMap((track) => (isLane(track.signal) ? [] : (this.#tilesOf(state, track, level) ?? []))),
    ];
    const wanted = wantedTiles(state, this.level(state), tiles);
    this.#stores.tiles.want(wanted, doneOf(state), settledOf(state), scene.progress.state === 'running');
  }
}
