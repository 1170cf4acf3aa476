/** The picture of one matrix: a heatmap for each gate, a histogram that is its legend, and what is under the crosshair. */
import type { MatrixInfo, MatrixStatistics } from '../../src/shared/modelInfo';
import type { SignalName } from '../../src/shared/signals';
import { colourAt, mapPixels } from '../draw/maps';
import { colourise } from '../draw/texture';
import type { Theme } from '../draw/theme';
import {
  barsOf,
  blockOf,
  cellIndex,
  movePlace,
  placeAt,
  rowsOf,
  spanOf,
  type Grid,
  type Place,
} from '../layout/matrix';
import { el, setAttribute, setText, show } from '../ui/dom';
import { button, progressRing } from '../ui/toolkit';
import { t } from '../l10n';
import { cellText, isRecurrent, matrixShape, matrixTitle, radiusHint, radiusText, signed } from './words';
import { speakMatrix, statistics, symbolOf } from './words';

/** Stops of the legend's gradient. */
const STOPS = 24;
const SVG = 'http://www.w3.org/2000/svg';

interface Panel {
  readonly gate: SignalName;
  readonly canvas: HTMLCanvasElement;
  readonly mark: HTMLElement;
}

export class MatrixFigure {
  readonly element: HTMLElement;
  readonly #info: MatrixInfo;
  readonly #blocks = el('div', { class: 'blocks' });
  readonly #line = el('p', { class: 'cellline', 'aria-live': 'polite' });
  readonly #body = el('div', { class: 'picture' });
  #matrix: MatrixStatistics | undefined;
  #theme: Theme;
  #panels: readonly Panel[] = [];
  #place: Place | undefined;
  /** Where the keys are, while the pointer may be elsewhere. */
  #kept: Place | undefined;

  constructor(info: MatrixInfo, theme: Theme) {
    this.#info = info;
    this.#theme = theme;
    this.element = el(
      'figure',
      { class: 'matrix', id: `matrix-${info.name}`, 'data-matrix': info.name },
      el('figcaption', {}, el('h3', {}, matrixTitle(info)), el('code', {}, matrixShape(info))),
      this.#body,
    );
    this.#body.style.setProperty('--gates', String(info.gates.length));
    this.wait();
    new ResizeObserver(() => {
      this.#paint();
    }).observe(this.#blocks);
  }

  wait(): void {
    this.#body.replaceChildren(el('div', { class: 'pending' }, progressRing(t('Reading the matrix'))));
  }

  fail(message: string, again: () => void): void {
    this.#body.replaceChildren(
      el('div', { class: 'pending', role: 'alert' }, el('p', {}, message), button(t('Try again'), 'secondary', again)),
    );
  }

  show(matrix: MatrixStatistics): void {
    this.#matrix = matrix;
    this.#panels = matrix.gates.map((gate) => ({
      gate,
      canvas: el('canvas', { 'aria-hidden': 'true' }),
      mark: el('div', { class: 'mark', 'aria-hidden': 'true' }),
    }));
    this.#blocks.replaceChildren(...this.#panels.map((panel, index) => this.#block(panel, index)));
    setAttribute(this.#blocks, 'role', 'application');
    setAttribute(this.#blocks, 'tabindex', '0');
    setAttribute(this.#blocks, 'aria-label', speakMatrix(matrix));
    this.#listen();
    const numbers = el('dl', { class: 'numbers' });
    for (const { term, text, hint } of statistics(matrix)) {
      const row = el('div', hint === undefined ? {} : { title: hint }, el('dt', {}, term), el('dd', {}, text));
      numbers.append(row);
    }
    this.#body.replaceChildren(this.#blocks, this.#line, this.#histogram(matrix), numbers);
    this.#say();
    this.#paint();
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    const old = this.#body.querySelector('.histogram');
    if (this.#matrix !== undefined) old?.replaceWith(this.#histogram(this.#matrix));
    this.#paint();
  }

  #block({ gate, canvas, mark }: Panel, index: number): HTMLElement {
    const symbol = symbolOf(gate);
    const name = el('span', { class: 'gate' }, gate);
    if (symbol !== undefined) name.append(' ', el('i', {}, symbol));
    const radius = this.#matrix?.blocks[index]?.spectralRadius;
    const says =
      radius === undefined ? undefined : el('span', { class: 'radius', title: radiusHint(radius) }, radiusText(radius));
    mark.hidden = true;
    return el(
      'div',
      { class: 'block' },
      el('div', { class: 'head' }, name, says),
      el('div', { class: 'frame' }, canvas, mark),
    );
  }

  /** Bars over the colours that the heatmaps give to the same values. */
  #histogram({ histogram, heatmap: { limit } }: MatrixStatistics): HTMLElement {
    const { lo, hi } = histogram;
    const svg = document.createElementNS(SVG, 'svg');
    for (const [key, value] of Object.entries({
      viewBox: '0 0 100 100',
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    })) {
      svg.setAttribute(key, value);
    }
    for (const { left, width, height } of barsOf(histogram)) {
      const bar = document.createElementNS(SVG, 'rect');
      bar.setAttribute('x', String(100 * left));
      bar.setAttribute('width', String(100 * width * 0.86));
      bar.setAttribute('y', String(100 * (1 - height)));
      bar.setAttribute('height', String(100 * height));
      svg.append(bar);
    }
    const stops = Array.from({ length: STOPS + 1 }, (_, i) => {
      const value = lo + (i / STOPS) * (hi - lo);
      return colourAt(this.#theme.maps.diverging, positionOf(value, limit));
    });
    const strip = el('div', { class: 'strip-map', 'aria-hidden': 'true' });
    strip.style.background = `linear-gradient(to right, ${stops.join(', ')})`;
    const axis = el('div', { class: 'axis' }, el('span', {}, signed(lo)), el('span', {}, signed(hi)));
    if (lo < 0 && hi > 0) {
      const zero = el('span', { class: 'zero' }, '0');
      zero.style.left = `${String((100 * -lo) / (hi - lo))}%`;
      axis.append(zero);
    }
    return el(
      'div',
      { class: 'histogram', role: 'img', 'aria-label': t('Histogram from {0} to {1}', signed(lo), signed(hi)) },
      svg,
      strip,
      axis,
    );
  }

  get #grid(): Grid | undefined {
    const matrix = this.#matrix;
    return matrix && { gates: matrix.gates.length, rows: matrix.heatmap.rows, columns: matrix.heatmap.columns };
  }

  #listening = false;

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#blocks.addEventListener('pointermove', (event) => {
      const grid = this.#grid;
      const gate = this.#panels.findIndex(({ canvas }) => canvas === event.target);
      const box = this.#panels[gate]?.canvas.getBoundingClientRect();
      if (grid === undefined || box === undefined) this.#set(this.#kept);
      else {
        const { left, top, width, height } = box;
        this.#set(placeAt(grid, gate, (event.clientX - left) / width, (event.clientY - top) / height));
      }
    });
    this.#blocks.addEventListener('pointerleave', () => {
      this.#set(this.#kept);
    });
    this.#blocks.addEventListener('keydown', (event) => {
      this.#key(event);
    });
    this.#blocks.addEventListener('blur', () => {
      this.#kept = undefined;
      this.#set(undefined);
    });
  }

  #key(event: KeyboardEvent): void {
    const grid = this.#grid;
    if (grid === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const far = event.shiftKey ? 10 : 1;
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-far, 0],
      ArrowRight: [far, 0],
      ArrowUp: [0, -far],
      ArrowDown: [0, far],
      Home: [-grid.columns * grid.gates, 0],
      End: [grid.columns * grid.gates, 0],
    };
    if (event.key === 'Escape' && this.#kept !== undefined) {
      this.#kept = undefined;
      this.#set(undefined);
      return;
    }
    const [right, down] = moves[event.key] ?? [];
    if (right === undefined || down === undefined) return;
    event.preventDefault();
    const from = this.#place ?? this.#kept;
    this.#kept = from === undefined ? { gate: 0, row: 0, column: 0 } : movePlace(grid, from, right, down);
    this.#set(this.#kept);
  }

  #set(place: Place | undefined): void {
    this.#place = place;
    this.#say();
    this.#marks();
  }

  #say(): void {
    const matrix = this.#matrix;
    const grid = this.#grid;
    const place = this.#place;
    const gate = place && this.#panels[place.gate]?.gate;
    if (matrix === undefined || grid === undefined || place === undefined || gate === undefined) {
      const [rows, columns] = this.#info.shape;
      const units = rows / this.#info.gates.length;
      setText(
        this.#line,
        isRecurrent(this.#info)
          ? t('Rows are the {0} units of a gate, columns the {1} units they read.', units, columns)
          : t('Rows are the {0} units of a gate, columns the {1} inputs they read.', units, columns),
      );
      return;
    }
    const { from } = blockOf(grid.rows, grid.gates, place.gate);
    const [rows, columns] = matrix.shape;
    const units = rows / grid.gates;
    const first = place.gate * units;
    const own = spanOf(Math.floor(from) + place.row, grid.rows, rows);
    const within = { first: Math.max(0, own.first - first), last: Math.min(units - 1, own.last - first) };
    const value = matrix.heatmap.values[cellIndex(grid, place)] ?? NaN;
    setText(this.#line, cellText(matrix, gate, within, spanOf(place.column, grid.columns, columns), value));
  }

  #marks(): void {
    const grid = this.#grid;
    for (const [index, { mark }] of this.#panels.entries()) {
      const here = grid !== undefined && this.#place?.gate === index;
      show(mark, here);
      if (!here || this.#place === undefined) continue;
      const { from, to } = blockOf(grid.rows, grid.gates, index);
      const rows = to - from;
      const top = Math.max(0, Math.floor(from) + this.#place.row - from);
      const bottom = Math.min(rows, Math.floor(from) + this.#place.row + 1 - from);
      const { style } = mark;
      style.left = `${String((100 * this.#place.column) / grid.columns)}%`;
      style.width = `${String(100 / grid.columns)}%`;
      style.top = `${String((100 * top) / rows)}%`;
      style.height = `${String((100 * (bottom - top)) / rows)}%`;
    }
  }

  #paint(): void {
    const matrix = this.#matrix;
    const grid = this.#grid;
    if (matrix === undefined || grid === undefined) return;
    const { heatmap } = matrix;
    const colours = mapPixels(this.#theme.maps.diverging);
    for (const [index, { canvas }] of this.#panels.entries()) {
      const ratio = window.devicePixelRatio;
      const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
      const context = canvas.getContext('2d');
      if (width === 0 || height === 0 || context === null) continue;
      const { from, to } = blockOf(grid.rows, grid.gates, index);
      const first = Math.floor(from);
      const rows = rowsOf(grid, index);
      const cells = heatmap.values.subarray(first * grid.columns, (first + rows) * grid.columns);
      const places = Uint8Array.from(cells, (value) => Math.round(255 * positionOf(value, heatmap.limit)));
      const texture = new OffscreenCanvas(grid.columns, rows);
      texture.getContext('2d')?.putImageData(new ImageData(colourise(places, colours), grid.columns, rows), 0, 0);
      canvas.width = width;
      canvas.height = height;
      // Cells that are smaller than a pixel are averaged, larger ones stay sharp.
      context.imageSmoothingEnabled = width < grid.columns || height < to - from;
      context.drawImage(texture, 0, from - first, grid.columns, to - from, 0, 0, width, height);
    }
  }
}

/** Where a value lies on the diverging map, 0…1; what is not finite lies in the middle. */
const positionOf = (value: number, limit: number): number =>
  limit > 0 && Number.isFinite(value) ? Math.max(0, Math.min(1, 0.5 + value / (2 * limit))) : 0.5;
