/** The inspector below the heatmaps: one of its pages shows what is at the crosshair; only that page asks for anything. */
import type { HeatName } from '../src/shared/signals';
import type { Remote } from '../src/shared/rpc';
import type { ViewHostApi } from '../src/shared/viewApi';
import type { InspectorTab } from './choices';
import type { Theme } from './draw/theme';
import { colourAt } from './draw/maps';
import { cellValues, pinnedUnits, unitAt } from './inspected';
import { positionOf } from './layout/scale';
import type { Readings } from './readings';
import type { RowStore } from './rows';
import { SeriesStore } from './series';
import * as verbs from './state';
import type { State } from './state';
import { createCellView, type CellView } from './ui/cellView';
import { createLinePlots, type LinePlots, type UnitLines } from './ui/linePlot';
import type { Shade } from './ui/reading';
import { createReadout } from './ui/readout';
import type { Stage } from './ui/stage';
import { createTabs } from './ui/tabs';
import { createWhyView, type WhyView } from './ui/whyView';
import { WhyStore } from './whys';

export interface InspectorOptions {
  readonly host: () => Remote<ViewHostApi>;
  readonly stage: Stage;
  readonly rows: RowStore;
  readonly readings: Readings;
  readonly shade: (layer: number, signal: HeatName) => Shade;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
  readonly choose: (tab: InspectorTab) => void;
  readonly hover: (token: number | undefined, layer: number, unit: number) => void;
  readonly pick: (token: number | undefined, layer: number, unit: number) => void;
  readonly unpin: (layer: number, unit: number) => void;
}

export class Inspector {
  readonly element: HTMLElement;
  readonly #options: InspectorOptions;
  readonly #readout = createReadout();
  #madeCell: CellView | undefined;
  #madeWhy: WhyView | undefined;
  #madeLines: LinePlots | undefined;
  readonly #tabs;
  readonly #whys: WhyStore;
  readonly #series: SeriesStore;

  constructor(options: InspectorOptions) {
    this.#options = options;
    const { host, changed, failed } = options;
    this.#whys = new WhyStore(
      ({ trace, token, layer, unit }) => host().why(trace, token, layer, unit),
      changed,
      failed,
    );
    this.#series = new SeriesStore((request) => host().series(request), changed, failed);
    // Pages are made when they are first looked at.
    this.#tabs = createTabs(options.choose);
    this.#tabs.pages.values.append(this.#readout.element);
    this.element = this.#tabs.element;
  }

  get #cell(): CellView {
    if (this.#madeCell === undefined) {
      this.#madeCell = createCellView();
      this.#tabs.pages.cell.append(this.#madeCell.element);
    }
    return this.#madeCell;
  }

  get #why(): WhyView {
    if (this.#madeWhy === undefined) {
      this.#madeWhy = createWhyView({
        go: (layer, unit) => {
          this.#options.pick(undefined, layer, unit);
        },
      });
      this.#tabs.pages.why.append(this.#madeWhy.element);
    }
    return this.#madeWhy;
  }

  get #lines(): LinePlots {
    if (this.#madeLines === undefined) {
      const { hover, pick, unpin } = this.#options;
      this.#madeLines = createLinePlots({
        hover: (token) => {
          hover(token, 0, 0);
        },
        pick,
        unpin,
      });
      this.#tabs.pages.lines.append(this.#madeLines.element);
    }
    return this.#madeLines;
  }

  /** As for another trace. */
  clear(): void {
    this.#whys.clear();
    this.#series.clear();
  }

  update(state: State, theme: Theme): void {
    const tab = state.choices.inspector;
    this.#tabs.show(tab);
    if (tab === 'values') this.#updateValues(state);
    else if (tab === 'lines') this.#updateLines(state, theme);
    else this.#updateUnit(state, tab);
  }

  #updateValues(state: State): void {
    const { readings } = this.#options;
    const read = verbs.cursorOf(state)?.layer ?? state.layer;
    const cell = verbs.traceOf(state)?.info.model.layers[read]?.cell ?? 'lstm';
    this.#readout.update(readings.at(state), readings.signals(state, read), cell);
  }

  /** The cell and its reasons are those of one token, however many share its column. */
  #updateUnit(state: State, tab: 'cell' | 'why'): void {
    const found = unitAt(state);
    if (found === undefined) {
      const shown = verbs.traceOf(state)?.info.model.layers[verbs.cursorOf(state)?.layer ?? state.layer];
      if (tab === 'cell') this.#cell.update(undefined, shown?.cell);
      else this.#why.update(undefined, undefined);
      return;
    }
    const { at, layer } = found;
    this.#whys.want(at);
    if (tab === 'why') {
      this.#why.update(layer, this.#whys.get(at));
      return;
    }
    this.#options.rows.want(at.token);
    this.#cell.update({
      ...cellValues(at, layer, this.#options.rows.get(at.token)),
      why: this.#whys.get(at),
      colour: (signal, value) => {
        const { map, scale } = this.#options.shade(at.layer, signal);
        return colourAt(map, positionOf(scale, value));
      },
    });
  }

  #updateLines(state: State, theme: Theme): void {
    if (verbs.traceOf(state) === undefined) return;
    const { stage } = this.#options;
    const { axis } = state;
    const pinned = pinnedUnits(state, stage.level(state));
    const units = pinned.map(({ request, ...unit }): UnitLines => ({ ...unit, held: this.#series.get(request) }));
    this.#series.want(
      pinned.map(({ request }) => request),
      verbs.doneOf(state),
    );
    // In the pixels of the heatmaps above.
    const left = stage.surface.getBoundingClientRect().left - this.#lines.element.getBoundingClientRect().left;
    this.#lines.update({
      from: axis.start,
      to: axis.start + axis.width / axis.scale,
      left: left + stage.gutter,
      width: axis.width,
      units,
      theme,
      cursor: verbs.cursorOf(state)?.token,
    });
  }
}
