/** The stage: two canvases in a scroller. Works out a frame from the state (layout), then has it painted. */
import { byteValue } from '../../src/shared/bytes';
import type { SignalName } from '../../src/shared/signals';
import type { TileRequest } from '../../src/shared/trace';
import { createCanvasPainter, type HeatPainter, type HeatTrack } from '../draw/heat';
import { Overlay, type Heading, type LossBar, type Span } from '../draw/overlay';
import type { Theme } from '../draw/theme';
import type { GlyphStore } from '../glyphs';
import { isLong, visibleTokens, xOf } from '../layout/axis';
import { hitTest, type Hit } from '../layout/hit';
import { columnOf, levelFor, rootLevel, tilesToAsk, tokensPerColumn, tokensPerTile } from '../layout/level';
import { BITS_PER_NAT, formatCount, roundUp } from '../layout/numbers';
import { devicePixel, placeQuads } from '../layout/quads';
import { placeText, placeTicks, showsText } from '../layout/ruler';
import { scaleOf } from '../layout/scale';
import { maxScroll, screenTop, stackTracks, type Stack, type TrackId } from '../layout/tracks';
import { cursorOf, doneOf, settledOf, layerOf, shownSignals, traceOf, type State } from '../state';
import type { TileStore } from '../tiles';
import { el, show } from './dom';
import type { Shade, TileColumn } from './reading';
import { SYMBOL } from '../../src/shared/signals';
import { explain } from './signals';

/** Bits: beyond, a token came as a shock however large, and would only flatten all others. */
const LOSS_TOP = 10;

export interface Stores {
  readonly tiles: TileStore;
  readonly glyphs: GlyphStore;
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
  #stack: Stack | undefined;

  constructor(stores: Stores, scrolled: (top: number) => void, resized: (width: number) => void) {
    this.#stores = stores;
    const heat = el('canvas', { 'aria-hidden': 'true' });
    const over = el('canvas', { 'aria-hidden': 'true' });
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
      this.surface.style.height = `${String(this.#size.height)}px`;
      for (const canvas of [heat, over]) {
        // Whole device pixels, or the browser would blur the columns.
        canvas.style.width = `${String(Math.round(this.#size.width * this.#ratio) / this.#ratio)}px`;
        canvas.style.height = `${String(Math.round(this.#size.height * this.#ratio) / this.#ratio)}px`;
      }
      // Hidden, it has no size worth remembering.
      if (this.#size.width > 0) resized(this.#size.width);
    }).observe(this.element);
  }

  /** As of the last frame. */
  get stack(): Stack | undefined {
    return this.#stack;
  }

  clear(): void {
    this.#heat.clear();
  }

  /** What a track shows, for its tooltip. */
  explain(state: State, track: TrackId): string {
    if (track === 'loss') return 'How surprised the model was by each token, in bits: −log₂ of its probability.';
    return explain(track, layerOf(state)?.cell ?? 'lstm');
  }

  /** The picture in words. */
  describe(state: State): string {
    const layer = layerOf(state);
    const scene = traceOf(state);
    if (layer === undefined || scene === undefined) return '';
    const { from, to } = visibleTokens(state.axis);
    const tracks = shownSignals(state).join(', ');
    const range = `tokens ${formatCount(from)} to ${formatCount(Math.max(from, to - 1))} of ${formatCount(scene.info.tokens)}`;
    return `Heatmaps of ${scene.title}: ${tracks}; ${formatCount(layer.units)} units of layer ${layer.name}; ${range}. Arrow keys move the crosshair.`;
  }

  hit(state: State, x: number, y: number): Hit {
    if (this.#stack === undefined) return { zone: 'none', track: undefined, token: undefined, unit: undefined };
    const hit = hitTest(this.#stack, state.axis, x, y, state.scroll);
    // What is not traced yet has no values to read.
    return hit.token !== undefined && hit.token >= doneOf(state) ? { ...hit, token: undefined, unit: undefined } : hit;
  }

  level(state: State): number {
    return levelFor(state.axis.scale, this.#ratio);
  }

  /** The tokens that share the column of a token. */
  span(state: State, token: number): Span {
    const { first, count } = columnOf(token, this.level(state), Math.max(1, doneOf(state)));
    return { token: first, count };
  }

  shade(state: State, signal: SignalName, theme: Theme): Shade {
    const scale = layerOf(state)?.signals.find(({ name }) => name === signal)?.scale ?? 'free';
    return {
      map: scale === 'gate' ? theme.maps.sequential : theme.maps.diverging,
      scale: scaleOf(scale, this.#stores.tiles.peak(state.layer, signal)),
    };
  }

  /** The column of the drawn level that holds a token. */
  tileColumn(state: State, signal: SignalName | 'loss', token: number): TileColumn | undefined {
    const scene = traceOf(state);
    if (scene === undefined) return undefined;
    const level = this.level(state);
    const index = Math.floor(token / tokensPerTile(level));
    const layer = signal === 'loss' ? 0 : state.layer;
    const held = this.#stores.tiles.get({ trace: scene.info.id, layer, signal, level, index });
    if (held === undefined) return undefined;
    return { tile: held.tile, column: Math.floor((token - index * tokensPerTile(level)) / tokensPerColumn(level)) };
  }

  /** Layout, then paint. Returns the scroll as it could be had. */
  render(state: State, theme: Theme, value: (signal: SignalName) => number | undefined): number {
    const scene = traceOf(state);
    const layer = layerOf(state);
    show(this.element, scene !== undefined);
    if (scene === undefined || layer === undefined || this.#size.width === 0) return state.scroll;
    const signals = shownSignals(state);
    const { axis } = state;
    const done = doneOf(state);
    const stack = stackTracks({
      viewport: this.#size.height,
      overview: isLong(axis),
      loss: scene.info.model.predicts,
      signals,
      units: layer.units,
      heights: state.heights,
    });
    this.#stack = stack;
    const { outdated } = this.#stores.tiles;
    this.surface.classList.toggle('outdated', outdated);
    const extent = `${String(stack.pinned + stack.content)}px`;
    if (this.#extent.style.minHeight !== extent) this.#extent.style.minHeight = extent;
    const scroll = Math.min(state.scroll, maxScroll(stack));
    if (Math.abs(this.element.scrollTop - scroll) > 1) this.element.scrollTop = scroll;

    this.#ask(state, signals);
    const headings = signals.flatMap((signal): Heading[] => {
      const box = stack.heats.find(({ id }) => id === signal);
      if (box === undefined) return [];
      const shade = this.shade(state, signal, theme);
      return [{ box, signal, symbol: SYMBOL[signal], ...shade, value: value(signal) }];
    });
    this.#paintHeat(state, stack, scroll, headings);
    const { from, to } = visibleTokens(axis);
    const glyphs = showsText(axis) ? this.#stores.glyphs.range(from, to, done) : [];
    const bars = this.#losses(state, this.level(state));
    const top = this.#lossTop();
    const cursor = cursorOf(state);
    const cross =
      cursor === undefined ? undefined : { ...this.span(state, cursor.token), unit: cursor.unit, track: cursor.track };
    this.#overlay.paint({
      theme,
      width: this.#size.width,
      ratio: this.#ratio,
      axis,
      stack,
      scroll,
      done: outdated ? axis.tokens : done,
      labels: placeText(glyphs, axis, (text) => this.#overlay.measure(text, theme, axis)),
      ticks: placeTicks(axis),
      overview: stack.overview.height > 0 ? this.#rootLosses(state) : [],
      bars,
      lossTop: top,
      headings,
      followed: state.followed,
      mark: state.mark === undefined ? undefined : this.span(state, state.mark.token),
      cross,
    });
    return scroll;
  }

  #paintHeat(state: State, stack: Stack, scroll: number, headings: readonly Heading[]): void {
    const scene = traceOf(state);
    if (scene === undefined) return;
    const ratio = this.#ratio;
    const { axis } = state;
    const level = this.level(state);
    const tracks = headings.map((heading): HeatTrack => {
      const top = Math.round(screenTop(stack, heading.box, scroll) * ratio);
      const height = Math.round(heading.box.height * ratio);
      const signal = heading.signal;
      const track = { trace: scene.info.id, layer: state.layer, signal };
      const quads = placeQuads(axis, level, ratio, track, this.#stores.tiles);
      return { top, height, units: heading.box.units, map: heading.map, scale: heading.scale, quads };
    });
    // What stands in after an edit reaches as far as it did.
    const drawn = this.#stores.tiles.outdated ? axis.tokens : doneOf(state);
    const end = devicePixel(axis, Math.min(axis.tokens, drawn), ratio);
    const width = Math.round(this.#size.width * ratio);
    this.#heat.paint({
      width,
      height: Math.round(stack.viewport * ratio),
      clipTop: Math.round(stack.pinned * ratio),
      clipRight: Math.min(width, end),
      tracks,
    });
  }

  /** Roots first, that nothing be blank; then what is in sight, track by track; then the neighbours. */
  #ask(state: State, signals: readonly SignalName[]): void {
    const scene = traceOf(state);
    if (scene === undefined) return;
    const tracks: Pick<TileRequest, 'trace' | 'layer' | 'signal'>[] = signals.map((signal) => ({
      trace: scene.info.id,
      layer: state.layer,
      signal,
    }));
    if (scene.info.model.predicts) tracks.unshift({ trace: scene.info.id, layer: 0, signal: 'loss' });
    const root = rootLevel(state.axis.tokens);
    const level = this.level(state);
    const roots = tracks.map((track) => ({ ...track, level: root, index: 0 }));
    const finer = tilesToAsk(state.axis, level).flatMap((index) => tracks.map((track) => ({ ...track, level, index })));
    const running = scene.progress.state === 'running';
    this.#stores.tiles.want(level === root ? finer : [...roots, ...finer], doneOf(state), settledOf(state), running);
  }

  #lossTop(): number {
    return Math.min(LOSS_TOP, roundUp(this.#stores.tiles.peak(0, 'loss') * BITS_PER_NAT));
  }

  #losses(state: State, level: number): readonly LossBar[] {
    const scene = traceOf(state);
    if (scene?.info.model.predicts !== true) return [];
    const track = { trace: scene.info.id, layer: 0, signal: 'loss' as const };
    const quads = placeQuads(state.axis, level, this.#ratio, track, this.#stores.tiles);
    const finest = quads.some(({ request }) => request.level === level);
    const used = finest ? quads.filter(({ request }) => request.level === level) : quads;
    return used
      .flatMap(({ request, held, from, columns }) => barsOf(request, held.tile, from, columns))
      .filter((bar) => xOf(state.axis, bar.to) > 0 && xOf(state.axis, bar.from) < state.axis.width);
  }

  #rootLosses(state: State): readonly LossBar[] {
    const scene = traceOf(state);
    if (scene?.info.model.predicts !== true) return [];
    const request = {
      trace: scene.info.id,
      layer: 0,
      signal: 'loss',
      level: rootLevel(state.axis.tokens),
      index: 0,
    } as const;
    const held = this.#stores.tiles.get(request) ?? this.#stores.tiles.earlier(request);
    return held === undefined ? [] : barsOf(request, held.tile, 0, held.tile.columns);
  }
}

function barsOf(request: TileRequest, tile: TileColumn['tile'], from: number, columns: number): LossBar[] {
  const per = tokensPerColumn(request.level);
  const origin = request.index * tokensPerTile(request.level);
  const bits = (q: number | undefined): number => byteValue(tile, q ?? 0) * BITS_PER_NAT;
  const bars: LossBar[] = [];
  for (let c = Math.floor(from); c < Math.min(tile.columns, from + columns); c++) {
    const token = origin + c * per;
    // The first token has no loss: nothing comes before it.
    if (token === 0 && per === 1) continue;
    bars.push({ from: token, to: token + per, mean: bits(tile.values[c]), max: bits(tile.values[c]) });
  }
  return bars;
}
