/** The stage: two canvases in a scroller. Works out a frame from the state (layout), then has it painted. */
import type { HeatName } from '../../src/shared/signals';
import type { Arrangement, TileRequest } from '../../src/shared/trace';
import { isLane, shadeOf, type TrackId } from '../choices';
import { HeatCanvas, type HeatTrack } from '../draw/heat';
import { isMapName } from '../draw/maps';
import { Miniature } from '../draw/miniature';
import { Overlay, type Heading, type OverlayFrame, type Span } from '../draw/overlay';
import type { OverviewFrame, Side } from '../draw/overlay/frame';
import type { Theme } from '../draw/theme';
import { t } from '../l10n';
import { isLong, visibleTokens, type Axis } from '../layout/axis';
import { placeClusters, placeDendrogram } from '../layout/dendrogram';
import { lostColumns } from '../layout/faults';
import { placeGuesses, showsGuesses } from '../layout/guesses';
import { hitTest, type Hit } from '../layout/hit';
import { columnOf, levelFor, rootLevel, tokensPerColumn } from '../layout/level';
import { formatCount } from '../layout/numbers';
import { devicePixel, placeTiles, shareThere, type PendingSpan, type TileSource } from '../layout/quads';
import { bandsOf, type RowGrid } from '../layout/rows';
import { placeLines, placeText, placeTicks, showsText, thinTicks } from '../layout/ruler';
import { scaleOf } from '../layout/scale';
import {
  isHeat,
  mainBox,
  maxScroll,
  screenTop,
  stackTracks,
  type Stack,
  type Track,
  type TrackBox,
} from '../layout/tracks';
import { placeUnits } from '../layout/unitAxis';
import { lossBars, lossTop, rootLosses } from '../losses';
import { heatTiles, lossTiles, movementOf, wantedTiles, type Movement, type TrackTiles } from '../requests';
import { cursorOf, doneOf, layerOf, settledOf, shownTracks, traceOf, type State } from '../state';
import type { Stores } from '../stores';
import { tileKey, type HeldTile } from '../tiles';
import { describe, tableRow } from '../words';
import { el, show } from './dom';
import type { Shade } from './reading';
import { nameOf, symbolOf } from './signals';
import { createTable, type TableRow } from './table';

/** Width of the axes at the left, and of a dendrogram's strip beside them where the stage is wide enough. */
const GUTTER = 36;
const TREE = 30;
const TREE_FROM = 480;
/** The table follows this long after the last frame, in milliseconds: it is read, not watched. */
const TABLE_AFTER = 500;
/** WebGL paints from the first picture on, or so many milliseconds after it. */
const QUICKEN_WITHIN = 500;

const treeWidth = (state: State, width: number): number =>
  state.choices.rows.order === 'clusters' && width >= TREE_FROM ? TREE : 0;

const NOWHERE: Hit = { zone: 'none', track: undefined, layer: undefined, token: undefined, place: undefined };

type StageStores = Pick<Stores, 'tiles' | 'glyphs' | 'lines' | 'guesses' | 'arrangements'>;

export class Stage {
  readonly element: HTMLElement;
  /** What takes pointer and keys. */
  readonly surface: HTMLElement;
  readonly #extent: HTMLElement;
  readonly #over: HTMLElement;
  readonly #heat: HeatCanvas;
  readonly #overlay: Overlay;
  readonly #stores: StageStores;
  readonly #resized: (width: number) => void;
  readonly #scroller: HTMLElement;
  readonly #table = createTable();
  readonly #miniature = new Miniature();
  readonly #sides = new WeakMap<Arrangement, Map<string, Side>>();
  #size = { width: 0, height: 0 };
  #ratio = 1;
  #gutter = GUTTER;
  #stack: Stack | undefined;
  #tabled: number | undefined;
  readonly #again: () => void;
  #movement: Movement = 0;
  #before: Axis | undefined;
  readonly #source: TileSource;
  #painted = false;
  #drawn: OverlayFrame | undefined;
  /** Tiles of what is in sight, at the level that is drawn. */
  #sight: readonly TileRequest[] = [];

  /**
   * @param resized hears of the plot's width
   * @param again another frame is wanted: what was not drawn for its cost can be drawn now
   */
  constructor(
    stores: StageStores,
    scrolled: (top: number) => void,
    resized: (width: number) => void,
    again: () => void = () => undefined,
  ) {
    this.#stores = stores;
    this.#resized = resized;
    const { tiles } = stores;
    this.#source = {
      get: (request) => tiles.get(request),
      earlier: (request) => tiles.earlier(request),
      alike: (request) => tiles.alike(request),
      coarser: (request, tokens) => tiles.coarser(request, tokens),
      ready: (held) => this.#heat.ready(held),
    };
    const heat = el('canvas', { class: 'heat', 'aria-hidden': 'true' });
    const over = el('canvas', { class: 'over', 'aria-hidden': 'true' });
    this.surface = el('div', { class: 'surface', tabindex: '0', role: 'application' }, heat, over);
    this.#extent = el('div', { class: 'extent' }, this.surface);
    this.#scroller = el('div', { class: 'stage' }, this.#extent);
    this.#table.element.classList.add('unseen');
    this.element = el('div', { class: 'picture' }, this.#scroller, this.#table.element);
    this.#over = over;
    this.#heat = new HeatCanvas(heat, again, true);
    this.#overlay = new Overlay(over);
    this.#scroller.addEventListener('scroll', () => {
      scrolled(this.#scroller.scrollTop);
    });
    this.#again = again;
    new ResizeObserver(() => {
      // Behind the table it keeps its size, and what the table says its tiles.
      if (!this.#scroller.hidden) this.measure();
    }).observe(this.#scroller);
  }

  /** Takes its size as it is laid out now; where that is another, whoever is told of it paints at once. */
  measure(): void {
    const size = { width: this.#extent.clientWidth, height: this.#scroller.clientHeight };
    const ratio = window.devicePixelRatio;
    if (size.width === this.#size.width && size.height === this.#size.height && ratio === this.#ratio) return;
    this.#size = size;
    this.#ratio = ratio;
    this.#fitCanvases();
    // Hidden, it has no size worth remembering.
    if (size.width > 0) this.#resized(this.#plot);
  }

  /** Whether values were painted yet. */
  get painted(): boolean {
    return this.#painted;
  }

  /** The tiles that the picture in sight is made of, once all of them are here. */
  get made(): readonly TileRequest[] | undefined {
    const { tiles } = this.#stores;
    return this.#sight.every((request) => tiles.get(request) !== undefined) ? this.#sight : undefined;
  }

  /** The table in place of the picture, or the picture again. @returns whether the table is shown */
  toggleTable(): boolean {
    const shown = this.#table.element.classList.toggle('unseen');
    show(this.#scroller, shown);
    // Out of sight it is read, but never in the way of Tab.
    if (shown) this.#table.element.removeAttribute('tabindex');
    else this.#table.element.tabIndex = 0;
    (shown ? this.surface : this.#table.element).focus();
    this.#again();
    return !shown;
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

  #fitCanvases(): void {
    const { canvas: heat } = this.#heat;
    const over = this.#over;
    this.surface.style.height = `${String(this.#size.height)}px`;
    // Whole device pixels, or the browser would blur the columns.
    const whole = (length: number): string => `${String(Math.round(length * this.#ratio) / this.#ratio)}px`;
    heat.style.left = whole(this.#gutter);
    heat.style.width = whole(this.#plot);
    over.style.width = whole(this.#size.width);
    for (const canvas of [heat, over]) canvas.style.height = whole(this.#size.height);
  }

  /** The gutter that the rows need. @returns whether it has changed, and with it the plot */
  #fitGutter(state: State): boolean {
    const gutter = GUTTER + treeWidth(state, this.#size.width);
    if (gutter === this.#gutter) return false;
    this.#gutter = gutter;
    this.#fitCanvases();
    this.#resized(this.#plot);
    return true;
  }

  /** The rows of a layer's tracks. */
  arrangement(state: State, layer: number): Arrangement | undefined {
    const scene = traceOf(state);
    const info = scene?.info.model.layers[layer];
    if (scene === undefined || info === undefined) return undefined;
    const running = scene.progress.state === 'running';
    return this.#stores.arrangements.get(scene.info.id, layer, info, state.choices.rows, running);
  }

  readonly rowsOf =
    (state: State) =>
    (layer: number): Arrangement | undefined =>
      this.arrangement(state, layer);

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

  shade(state: State, track: Track, theme: Theme): Shade {
    const { map, range } = shadeOf(state.choices, track);
    const signal = track.signal as HeatName;
    const usual = track.scale === 'gate' || track.scale === 'positive' ? 'theme' : 'blueOrange';
    const { tiles } = this.#stores;
    const seen = { peak: tiles.peak(track.layer, signal), bulk: tiles.bulk(track.layer, signal) };
    return { map: theme.maps.named(isMapName(map) ? map : usual), scale: scaleOf(track.scale, seen, range) };
  }

  /** What lies over the heatmaps, as it was painted last. */
  get drawn(): OverlayFrame | undefined {
    return this.#drawn;
  }

  /** The heatmaps as they were painted last, without what lies over them. */
  heatPixels(): ImageData {
    return this.#heat.readPixels();
  }

  /** Layout, then paint. Returns the scroll as it could be had. */
  render(state: State, theme: Theme, value: (track: Track) => number | undefined): number {
    const scene = traceOf(state);
    show(this.element, scene !== undefined);
    if (scene === undefined || layerOf(state) === undefined) return state.scroll;
    this.#tableSoon(state, value);
    if (this.#size.width === 0 || this.#fitGutter(state)) return state.scroll;
    const { axis } = state;
    const done = doneOf(state);
    const tracks = shownTracks(state);
    const stack = stackTracks({
      viewport: this.#size.height,
      ratio: this.#ratio,
      gutter: this.#gutter,
      overview: isLong(axis),
      loss: scene.info.model.predicts,
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
    if (Math.abs(this.#scroller.scrollTop - scroll) > 1) this.#scroller.scrollTop = scroll;

    this.#ask(state);
    const headings = stack.heats.map((box): Heading => this.#heading(state, theme, box, value));
    const { pending, notes } = this.#paintHeat(state, stack, scroll, headings);
    const { from, to } = visibleTokens(axis);
    const glyphs = showsText(axis) ? this.#stores.glyphs.range(from, to, done) : [];
    const small = (text: string): number => this.#overlay.measureSmall(text, theme);
    const measure = (text: string): number => this.#overlay.measure(text, theme, axis);
    const lines = this.#stores.lines.range(from, to, axis.tokens);
    const write = (number: number): string => t('line {0}', formatCount(number));
    // A text of one line has no line numbers to find one's way by.
    const marks = lines.total > 1 ? placeLines(lines, axis, small, write, glyphs.length > 0 ? 128 : 96) : [];
    const guessed = tracks.some(({ signal, choice }) => signal === 'next' && choice.folded !== true);
    const cursor = cursorOf(state);
    const overlay: OverlayFrame = {
      theme,
      width: this.#plot,
      ratio: this.#ratio,
      axis,
      stack,
      scroll,
      done: outdated ? axis.tokens : done,
      labels: placeText(glyphs, axis, measure),
      ticks: thinTicks(placeTicks(axis), glyphs.length > 0 ? marks : [], this.#plot, small),
      lines: marks,
      overview:
        stack.overview.height > 0
          ? this.#overview(
              state,
              headings.find(({ box }) => box === mainBox(stack)),
              lines.total,
            )
          : undefined,
      bars: lossBars(state, this.level(state), this.#ratio, this.#stores.tiles),
      lossTop: lossTop(this.#stores.tiles),
      guesses:
        guessed && showsGuesses(axis)
          ? placeGuesses(this.#stores.guesses.range(from, to, done), axis, measure)
          : undefined,
      headings,
      pending,
      notes,
      lost: lostColumns(scene.progress.fault, scene.info.model.layers, axis.tokens),
      side: (box) => this.#side(state, box),
      empty: t('no units match “{0}”', state.choices.rows.filter),
      followed: state.followed,
      mark: state.mark === undefined ? undefined : this.span(state, state.mark.token),
      cross:
        cursor === undefined
          ? undefined
          : { ...this.span(state, cursor.token), ...cursor, place: this.#placeOf(state, cursor.layer, cursor.unit) },
    };
    this.#overlay.paint(overlay);
    this.#drawn = overlay;
    return scroll;
  }

  #heading(state: State, theme: Theme, box: TrackBox, value: (track: Track) => number | undefined): Heading {
    const { track } = box;
    const layer = traceOf(state)?.info.model.layers[track.layer];
    return {
      box,
      title: nameOf(track.signal),
      symbol: symbolOf(track.signal, layer?.cell ?? 'lstm'),
      layer: track.choice.layer ?? '',
      ...this.shade(state, track, theme),
      value: value(track),
    };
  }

  #overview(state: State, main: Heading | undefined, lines: number): OverviewFrame {
    const { tokens } = state.axis;
    const level = rootLevel(tokens);
    const request = this.#overviewTile(state, main?.box);
    const held = request && this.#wholeAtHand(request);
    const picture = main && held && this.#miniature.of(held, main.map, main.scale);
    const unit = traceOf(state)?.info.model.input?.kind === 'numbers' ? t('rows') : t('tokens');
    const end =
      lines > 1
        ? t('{0} lines · {1} {2}', formatCount(lines), formatCount(tokens), unit)
        : `${formatCount(tokens)} ${unit}`;
    return {
      losses: rootLosses(state, this.#stores.tiles),
      lost:
        main &&
        lostColumns(traceOf(state)?.progress.fault, traceOf(state)?.info.model.layers ?? [], tokens)[
          main.box.track.layer
        ],
      band: picture && { picture, tokens: held.tile.columns * tokensPerColumn(level) },
      labels: [t('whole text'), end],
    };
  }

  /** The whole text of a track, as the overview shows it. */
  #overviewTile(state: State, box: TrackBox | undefined): TileRequest | undefined {
    const level = rootLevel(state.axis.tokens);
    const tiles = box && this.#tilesOf(state, box.track, level);
    return tiles && { ...tiles, level, index: 0 };
  }

  /** In a strip of a few pixels it is all one how rows are merged: a track of another height keeps its overview. */
  #wholeAtHand(request: TileRequest): HeldTile | undefined {
    const { tiles } = this.#stores;
    return tiles.get(request) ?? tiles.earlier(request) ?? tiles.alike(request)?.held;
  }

  /** What stands beside a heatmap's rows; the same for all of a layer that are equally tall. */
  #side(state: State, box: TrackBox): Side | undefined {
    const arrangement = this.arrangement(state, box.track.layer);
    if (arrangement?.units.length !== box.grid.pinned + box.grid.rest) return undefined;
    const width = treeWidth(state, this.#size.width);
    const key = JSON.stringify([box.grid, width]);
    const known = this.#sides.get(arrangement) ?? new Map<string, Side>();
    this.#sides.set(arrangement, known);
    const side = known.get(key) ?? sideOf(arrangement, box.grid, width);
    if (known.size > 32) known.clear();
    known.set(key, side);
    return side;
  }

  #tableSoon(state: State, value: (track: Track) => number | undefined): void {
    window.clearTimeout(this.#tabled);
    this.#tabled = window.setTimeout(() => {
      // Its values are those under the crosshair, which follows the pointer before the mark.
      const cursor = cursorOf(state);
      this.#table.update({
        caption: t('{0} Values are of the cells as drawn, to about a hundredth.', describe(state, this.rowsOf(state))),
        mark: cursor === undefined ? '' : t('token {0}', formatCount(cursor.token)),
        rows: shownTracks(state).flatMap((track): TableRow[] => {
          const tiles = this.#tableTiles(state, track);
          if (tiles === undefined) return [];
          return [tableRow(state, track, this.level(state), tiles, this.#stores.tiles, cursor && value(track))];
        }),
      });
    }, TABLE_AFTER);
  }

  /** What the table's numbers are of; undefined for what it leaves out. */
  #tableTiles(state: State, track: Track): TrackTiles | undefined {
    if (track.signal === 'next' || track.choice.folded === true) return undefined;
    const level = this.level(state);
    return track.signal === 'loss' ? lossTiles(state, level)[0] : this.#tilesOf(state, track, level);
  }

  #placeOf(state: State, layer: number, unit: number | undefined): number | undefined {
    const place = unit === undefined ? -1 : (this.arrangement(state, layer)?.units.indexOf(unit) ?? -1);
    return place < 0 ? undefined : place;
  }

  #tilesOf(state: State, track: Track, level: number): TrackTiles | undefined {
    const box = this.#stack?.heats.find(({ id }) => id === track.id);
    const arrangement = this.arrangement(state, track.layer);
    if (box === undefined || arrangement === undefined || arrangement.units.length === 0) return undefined;
    return heatTiles(state, track, box.grid, arrangement, level);
  }

  /** @returns what is still to come of each track, and what is said of it where that takes a while */
  #paintHeat(
    state: State,
    stack: Stack,
    scroll: number,
    headings: readonly Heading[],
  ): Pick<OverlayFrame, 'pending' | 'notes'> {
    const ratio = this.#ratio;
    const { axis } = state;
    const level = this.level(state);
    // What stands in after an edit reaches as far as it did.
    const drawn = this.#stores.tiles.outdated ? axis.tokens : doneOf(state);
    const pending = new Map<TrackId, readonly PendingSpan[]>();
    const notes = new Map<TrackId, string>();
    const width = Math.round(this.#plot * ratio);
    const end = devicePixel(axis, Math.min(axis.tokens, drawn), ratio);
    const tracks = headings.flatMap(({ box, map, scale }): HeatTrack[] => {
      const tiles = this.#tilesOf(state, box.track, level);
      const origin = screenTop(stack, box, scroll);
      if (tiles === undefined || box.folded) return [];
      if (origin >= stack.viewport || origin + box.height <= stack.pinned) return [];
      const bands = bandsOf(box.grid).map(({ from, rows, top, height }) => {
        const y = Math.round((origin + top) * ratio);
        return { from, rows, top: y, height: Math.round((origin + top + height) * ratio) - y };
      });
      const { quads, spans, computing } = placeTiles(axis, level, ratio, tiles, this.#source, doneOf(state));
      if (spans.length > 0) pending.set(box.id, spans);
      const share = shareThere(spans, Math.min(width, end));
      if (computing && share < 1) notes.set(box.id, t('computing, {0}%', Math.floor(100 * share)));
      return [{ bands, map, scale, quads }];
    });
    this.#heat.paint({
      width,
      height: Math.round(stack.viewport * ratio),
      axis,
      ratio,
      clipTop: Math.round(stack.pinned * ratio),
      clipRight: Math.min(width, end),
      tracks,
    });
    if (!this.#painted && tracks.some(({ quads }) => quads.length > 0)) {
      this.#painted = true;
      // For the bench, and for whoever looks at a profile.
      performance.mark('gatescope:first-pixels');
      requestIdleCallback(
        () => {
          this.#heat.quicken();
        },
        { timeout: QUICKEN_WITHIN },
      );
    }
    return { pending, notes };
  }

  /** Only tracks in sight are asked for; the table has all of them in sight. */
  #ask(state: State): void {
    const scene = traceOf(state);
    const stack = this.#stack;
    if (scene === undefined || stack === undefined) return;
    const tracks = shownTracks(state);
    // Rows of an earlier trace have no tiles in this one; its answer is a moment away.
    if (tracks.some((track) => isHeat(track) && this.#stores.arrangements.outdated(track.layer))) return;
    const seen = tracks.filter((track) => {
      const box = stack.heats.find(({ id }) => id === track.id);
      if (!isHeat(track) || box === undefined || box.folded) return false;
      if (this.#scroller.hidden) return true;
      const top = screenTop(stack, box, state.scroll);
      return top + box.height > stack.pinned && top < stack.viewport;
    });
    const tiles = (level: number): readonly TrackTiles[] => [
      ...seen.flatMap((track) => (isLane(track.signal) ? [] : (this.#tilesOf(state, track, level) ?? []))),
      ...(scene.info.model.predicts ? lossTiles(state, level) : []),
    ];
    this.#movement = movementOf(this.#before, state.axis, this.#movement);
    this.#before = state.axis;
    const level = this.level(state);
    const { now, ahead } = wantedTiles(state, level, tiles, this.#source, this.#movement);
    this.#sight = now.filter((request) => request.level === level);
    const whole = this.#overviewTile(state, stack.overview.height > 0 ? mainBox(stack) : undefined);
    const asked = now.map(tileKey);
    const held = whole && (this.#stores.tiles.get(whole) ?? this.#stores.tiles.alike(whole)?.held);
    // Of a trace that runs it is not all, and would stay so while one looks at its beginning.
    const lacking = whole && held?.tile.final !== true && !asked.includes(tileKey(whole)) ? [whole] : [];
    this.#stores.tiles.want(
      [...now, ...lacking],
      doneOf(state),
      settledOf(state),
      scene.progress.state === 'running',
      ahead,
    );
  }
}

function sideOf(arrangement: Arrangement, grid: RowGrid, width: number): Side {
  const clusters = placeClusters(arrangement, grid);
  return {
    units: placeUnits(arrangement, grid),
    clusters,
    tree: width,
    dendrogram: width > 0 && arrangement.merges.length > 0 ? placeDendrogram(arrangement, grid, width) : [],
  };
}
