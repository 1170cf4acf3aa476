/** Pinned units as line plots, one below the other: the memory with the gates over it, aligned with the heatmaps. */
import uPlot from 'uplot';
import { memoryOf, type CellKind, type SignalName } from '../../src/shared/signals';
import type { LayerInfo } from '../../src/shared/trace';
import type { Theme } from '../draw/theme';
import { t } from '../l10n';
import * as lines from '../layout/lines';
import { tokensPerColumn } from '../layout/level';
import { formatCount, formatEnd, formatFixed } from '../layout/numbers';
import type { HeldSeries } from '../series';
import { el, setAttribute, setText, show } from './dom';
import { icon } from './icons';
import { symbolOf } from './signals';
import { svg } from './svg';

/** A pinned unit. */
export interface UnitLines {
  readonly layer: LayerInfo;
  readonly layerIndex: number;
  readonly unit: number;
  /** Asked for with `lineSignals(layer)`; undefined while it is on its way. */
  readonly held: HeldSeries | undefined;
}

export interface LinesInput {
  /** Tokens in sight, fractional: the left and the right edge of the plot. */
  readonly from: number;
  readonly to: number;
  /** Pixels before the plot, and its width: those of the heatmaps. */
  readonly left: number;
  readonly width: number;
  readonly units: readonly UnitLines[];
  readonly theme: Theme;
  /** The token under the crosshair. */
  readonly cursor: number | undefined;
}

export interface LinesActions {
  readonly hover: (token: number | undefined) => void;
  /** A click on a token. */
  readonly pick: (token: number, layer: number, unit: number) => void;
  readonly unpin: (layer: number, unit: number) => void;
}

export interface LinePlots {
  readonly element: HTMLElement;
  readonly update: (input: LinesInput) => void;
  /** Moves the crosshair, and nothing else. */
  readonly setCursor: (token: number | undefined) => void;
}

/** A plot's height, the fewer the taller. */
const heightFor = (units: number): number => (units <= 1 ? 150 : units === 2 ? 116 : 88);

interface Toggle {
  readonly button: HTMLButtonElement;
  readonly value: HTMLElement;
}

/** A stroke of a line, as in the plot. */
function sample({ width, dash }: lines.LineStyle, colour: string): SVGSVGElement {
  const stroke = { stroke: colour, 'stroke-width': width, 'stroke-dasharray': dash.join(' ') };
  return svg(
    'svg',
    { width: 18, height: 8, viewBox: '0 0 18 8', 'aria-hidden': 'true' },
    svg('path', { d: 'M0 4H18', ...stroke }),
  );
}

class LinePlot {
  readonly element: HTMLElement;
  readonly #actions: LinesActions;
  readonly #toggled: (signal: SignalName, cell: CellKind) => void;
  readonly #title = el('span', { class: 'unit-name' });
  readonly #legend = el('span', { class: 'line-keys', role: 'group' });
  readonly #place = el('div', { class: 'line-place', 'aria-hidden': 'true' });
  readonly #ends = [
    el('span', { class: 'end top' }),
    el('span', { class: 'end zero' }, '0'),
    el('span', { class: 'end bottom' }),
  ];
  #toggles = new Map<SignalName, Toggle>();
  #plot: uPlot | undefined;
  /** What the plot was made for; anything else needs another. */
  #made = '';
  #input: LinesInput | undefined;
  #unit: UnitLines;
  #held: HeldSeries | undefined;
  #end = 1;
  /** Whether gates are shown, which have a part of the height then. */
  #gates = true;
  #hovering = false;

  constructor(unit: UnitLines, actions: LinesActions, toggled: (signal: SignalName, cell: CellKind) => void) {
    this.#unit = unit;
    this.#actions = actions;
    this.#toggled = toggled;
    const name = t('{0}, unit {1}', unit.layer.name, formatCount(unit.unit));
    setText(this.#title, name);
    setAttribute(this.#legend, 'aria-label', t('Lines of {0}', name));
    const unpin = el('button', {
      type: 'button',
      class: 'unpin',
      'aria-label': t('Unpin {0}', name),
      title: t('Unpin {0}', name),
    });
    unpin.append(icon('close'));
    unpin.addEventListener('click', () => {
      this.#actions.unpin(this.#unit.layerIndex, this.#unit.unit);
    });
    const gates = el('span', { class: 'end gates' }, '1');
    const floor = el('span', { class: 'end gates floor' }, '0');
    this.element = el(
      'figure',
      { class: 'line-plot' },
      el('figcaption', {}, this.#title, this.#legend, unpin),
      el('div', { class: 'line-body' }, this.#place, ...this.#ends, gates, floor),
    );
  }

  destroy(): void {
    this.#plot?.destroy();
    this.element.remove();
  }

  update(input: LinesInput, unit: UnitLines, off: ReadonlySet<SignalName>): void {
    const before = this.#input;
    this.#input = input;
    this.#unit = unit;
    const height = heightFor(input.units.length);
    const signals = lines.lineSignals(unit.layer);
    const banded = (unit.held?.request.level ?? 0) > 0;
    const key = [signals.join(), banded, input.theme.dark, input.theme.foreground, input.theme.background].join();
    const fresh = key !== this.#made;
    if (fresh) this.#make(key, signals, banded, height);
    const plot = this.#plot;
    if (plot === undefined) return;
    const { style } = this.#place.parentElement ?? this.#place;
    style.paddingLeft = `${String(input.left)}px`;
    style.width = `${String(input.left + input.width)}px`;
    style.setProperty('--gutter', `${String(input.left)}px`);
    if (fresh || plot.width !== input.width || plot.height !== height) plot.setSize({ width: input.width, height });
    const data = fresh || unit.held !== this.#held;
    this.#held = unit.held;
    const gates = signals.some((signal) => !off.has(signal) && lines.lineScale(signal, unit.layer) === 'gate');
    const parted = gates !== this.#gates;
    this.#gates = gates;
    this.element.classList.toggle('parted', gates);
    const moved = before?.from !== input.from || before.to !== input.to;
    plot.batch(() => {
      if (data) this.#fill(plot, signals);
      if (data || parted) {
        plot.setScale('memory', lines.memoryRange(this.#end, gates));
        plot.setScale('signed', lines.memoryRange(1, gates));
      }
      if (data || moved) plot.setScale('x', { min: input.from, max: input.to });
      for (const [i, signal] of signals.entries()) {
        const shown = !off.has(signal);
        const per = banded ? 3 : 1;
        for (let k = 0; k < per; k++) {
          const index = 1 + i * per + k;
          if (plot.series[index]?.show !== shown) plot.setSeries(index, { show: shown }, false);
        }
      }
    });
    for (const [signal, { button }] of this.#toggles) setAttribute(button, 'aria-pressed', String(!off.has(signal)));
    this.element.classList.toggle('pending', unit.held === undefined);
    setAttribute(this.element, 'aria-label', this.#describe(signals));
    this.setCursor(input.cursor);
  }

  setCursor(token: number | undefined): void {
    const [plot, input] = [this.#plot, this.#input];
    if (plot === undefined || input === undefined) return;
    const level = this.#held?.request.level ?? 0;
    const per = tokensPerColumn(level);
    const middle = token === undefined ? undefined : (Math.floor(token / per) + 0.5) * per;
    const left = middle === undefined ? -10 : plot.valToPos(middle, 'x');
    // Where the pointer is, the plot has moved its crosshair itself.
    if (!this.#hovering) plot.setCursor({ left: left > input.width ? -10 : left, top: left < 0 ? -10 : 1 }, false);
    const index = token === undefined ? undefined : lines.columnAt(this.#held, token);
    const signals = this.#held?.request.signals ?? [];
    for (const [signal, { value }] of this.#toggles) {
      const at = signals.findIndex((name) => name === signal);
      const mean = index === undefined ? undefined : this.#held?.series.values[at]?.mean[index];
      setText(value, mean === undefined ? '' : formatFixed(mean, 2));
    }
  }

  #make(key: string, signals: readonly SignalName[], banded: boolean, height: number): void {
    const input = this.#input;
    if (input === undefined) return;
    this.#plot?.destroy();
    this.#made = key;
    const { layer } = this.#unit;
    const { theme } = input;
    const series: uPlot.Series[] = [{}];
    const bands: uPlot.Band[] = [];
    for (const signal of signals) {
      const style = lines.lineStyle(signal, layer.cell, theme.dark);
      const stroke = style.colour ?? theme.foreground;
      const common = { scale: lines.lineScale(signal, layer), points: { show: false }, spanGaps: false, pxAlign: 0 };
      series.push({ ...common, stroke, width: style.width, dash: [...style.dash] });
      if (!banded) continue;
      const at = series.length;
      series.push({ ...common, stroke: 'transparent', width: 1 }, { ...common, stroke: 'transparent', width: 1 });
      bands.push({ series: [at + 1, at], fill: fade(stroke, signal === memoryOf(layer.cell) ? 0.3 : 0.14) });
    }
    this.#plot = new uPlot(
      {
        width: input.width,
        height,
        padding: [3, 0, 3, 0],
        legend: { show: false },
        axes: [{ show: false }],
        scales: {
          x: { time: false, auto: false },
          gate: { range: () => pair(lines.gateRange()) },
          signed: { range: () => pair(lines.memoryRange(1, this.#gates)) },
          memory: { range: () => pair(lines.memoryRange(this.#end, this.#gates)) },
        },
        series,
        bands,
        cursor: {
          y: false,
          points: { show: false },
          // Clicks are ours, and what is in sight is the heatmaps' to say.
          drag: { x: false, y: false, setScale: false, click: () => undefined },
          bind: { mousedown: () => null, mouseup: () => null, dblclick: () => null },
          move: (plot, left, top) => {
            const token = this.#tokenAt(plot, left);
            const level = this.#held?.request.level ?? 0;
            const per = tokensPerColumn(level);
            return token === undefined ? [left, top] : [plot.valToPos((Math.floor(token / per) + 0.5) * per, 'x'), top];
          },
        },
        hooks: {
          drawClear: [
            (plot) => {
              this.#paintGround(plot);
            },
          ],
        },
      },
      [[], ...series.slice(1).map(() => [])] as uPlot.AlignedData,
      this.#place,
    );
    this.#listen(this.#plot);
    this.#makeLegend(signals);
  }

  #listen(plot: uPlot): void {
    const token = (event: MouseEvent): number | undefined =>
      this.#tokenAt(plot, event.clientX - plot.over.getBoundingClientRect().left);
    plot.over.addEventListener('pointermove', (event) => {
      this.#hovering = true;
      this.#actions.hover(token(event));
    });
    plot.over.addEventListener('pointerleave', () => {
      this.#hovering = false;
      this.#actions.hover(undefined);
    });
    plot.over.addEventListener('click', (event) => {
      const at = token(event);
      if (at !== undefined) this.#actions.pick(at, this.#unit.layerIndex, this.#unit.unit);
    });
  }

  /** The token whose column covers a pixel; undefined beside the text. */
  #tokenAt(plot: uPlot, left: number): number | undefined {
    const token = Math.floor(plot.posToVal(left, 'x'));
    return Number.isFinite(token) && token >= 0 && left >= 0 && left <= plot.width ? token : undefined;
  }

  #fill(plot: uPlot, signals: readonly SignalName[]): void {
    const data = lines.lineData(this.#held);
    const { layer } = this.#unit;
    const memories = signals.flatMap((signal, i) => (lines.lineScale(signal, layer) === 'memory' ? [i] : []));
    const bounded = layer.signals.some(({ name, scale }) => name === memoryOf(layer.cell) && scale === 'signed');
    this.#end = bounded ? 1 : lines.memoryEnd(data, memories);
    const [top, , bottom] = this.#ends;
    if (top) setText(top, formatEnd(this.#end));
    if (bottom) setText(bottom, formatEnd(-this.#end));
    const columns = signals.flatMap((_, i) => {
      const line = data.lines[i] ?? { mean: [], min: [], max: [] };
      return data.banded ? [line.mean, line.min, line.max] : [line.mean];
    });
    // Until anything has come, the plot is an empty frame.
    plot.setData([data.tokens, ...columns], false);
  }

  /** The line of zero, where what has a sign begins. */
  #paintGround({ ctx, bbox }: uPlot): void {
    const theme = this.#input?.theme;
    if (theme === undefined) return;
    ctx.save();
    ctx.fillStyle = fade(theme.foreground, theme.highContrast ? 0.6 : 0.22);
    const thin = Math.max(1, Math.round(window.devicePixelRatio));
    const part = this.#gates ? lines.MEMORY_PART : 1;
    ctx.fillRect(bbox.left, Math.round(bbox.top + (bbox.height * part) / 2), bbox.width, thin);
    if (this.#gates) {
      ctx.fillStyle = fade(theme.foreground, theme.highContrast ? 0.4 : 0.12);
      ctx.fillRect(bbox.left, Math.round(bbox.top + bbox.height * (1 - lines.GATE_PART)), bbox.width, thin);
    }
    ctx.restore();
  }

  #makeLegend(signals: readonly SignalName[]): void {
    const { layer } = this.#unit;
    const theme = this.#input?.theme;
    if (theme === undefined) return;
    this.#toggles = new Map(
      signals.map((signal) => {
        const style = lines.lineStyle(signal, layer.cell, theme.dark);
        const value = el('b');
        const button = el('button', { type: 'button', class: 'line-key', title: signal, 'aria-pressed': 'true' });
        button.append(
          sample(style, style.colour ?? theme.foreground),
          el('i', {}, symbolOf(signal, layer.cell)),
          el('span', { class: 'key-name' }, signal),
          value,
        );
        button.addEventListener('click', () => {
          this.#toggled(signal, layer.cell);
        });
        return [signal, { button, value }];
      }),
    );
    this.#legend.replaceChildren(...[...this.#toggles.values()].map(({ button }) => button));
  }

  /** The lines in words: between which values each moves in what is in sight. */
  #describe(signals: readonly SignalName[]): string {
    const held = this.#held;
    const input = this.#input;
    const name = t('{0}, unit {1}', this.#unit.layer.name, formatCount(this.#unit.unit));
    if (held === undefined || input === undefined) return t('Lines of {0}: on their way', name);
    const first = Math.max(0, lines.columnAt(held, Math.max(input.from, 0)) ?? 0);
    const last = lines.columnAt(held, input.to) ?? held.series.columns - 1;
    const ranges = signals.flatMap((signal, i) => {
      const extent = held.series.values[i];
      if (extent === undefined || last < first) return [];
      const least = extent.min.subarray(first, last + 1).reduce((a, b) => Math.min(a, b), Infinity);
      const most = extent.max.subarray(first, last + 1).reduce((a, b) => Math.max(a, b), -Infinity);
      return [t('{0} from {1} to {2}', signal, formatFixed(least, 2), formatFixed(most, 2))];
    });
    const from = formatCount(Math.max(0, Math.floor(input.from)));
    const to = formatCount(Math.max(0, Math.ceil(input.to) - 1));
    return `${t('Lines of {0}, tokens {1} to {2}', name, from, to)}: ${ranges.join(', ')}.`;
  }
}

const pair = ({ min, max }: lines.Range): [number, number] => [min, max];

/** A colour that lets others through. */
function fade(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${String(Math.round(100 * share))}%, transparent)`;
}

const keyOf = ({ layerIndex, unit, layer }: UnitLines): string => `${layer.name}/${String(layerIndex)}/${String(unit)}`;

export function createLinePlots(actions: LinesActions): LinePlots {
  const stack = el('div', { class: 'line-stack' });
  const advice = el(
    'p',
    { class: 'advice' },
    t('Pin a unit to see its memory and its gates as lines: mark a cell and press P, or Alt+click its row.'),
  );
  const element = el('section', { class: 'line-plots', 'aria-label': t('Lines') }, stack, advice);
  const off: Readonly<Record<CellKind, Set<SignalName>>> = {
    lstm: new Set(lines.FIRST_OFF.lstm),
    gru: new Set(lines.FIRST_OFF.gru),
    rnn: new Set(lines.FIRST_OFF.rnn),
  };
  let plots = new Map<string, LinePlot>();
  let last: LinesInput | undefined;

  const toggle = (signal: SignalName, cell: CellKind): void => {
    if (!off[cell].delete(signal)) off[cell].add(signal);
    if (last !== undefined) update(last);
  };

  const update = (input: LinesInput): void => {
    last = input;
    show(advice, input.units.length === 0);
    const next = new Map(
      input.units.map((unit) => [keyOf(unit), plots.get(keyOf(unit)) ?? new LinePlot(unit, actions, toggle)]),
    );
    for (const [key, plot] of plots) if (!next.has(key)) plot.destroy();
    plots = next;
    for (const [i, [, plot]] of [...plots].entries()) {
      if (stack.children[i] !== plot.element) stack.insertBefore(plot.element, stack.children[i] ?? null);
    }
    if (input.width <= 0 || input.to <= input.from) return;
    for (const unit of input.units) plots.get(keyOf(unit))?.update(input, unit, off[unit.layer.cell]);
  };

  return {
    element,
    update,
    setCursor: (token) => {
      for (const plot of plots.values()) plot.setCursor(token);
    },
  };
}
