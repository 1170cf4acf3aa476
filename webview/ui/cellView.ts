/** The cell of one unit at one token, drawn as the field draws it, with the number of every wire and its equations. */
import type { CellKind, SignalName } from '../../src/shared/signals';
import { memoryOf } from '../../src/shared/signals';
import type { LayerInfo, Why } from '../../src/shared/trace';
import { parseColour } from '../draw/theme';
import { rgbToLab } from '../draw/oklab';
import { t } from '../l10n';
import {
  decimalsOf,
  equationsOf,
  flowsOf,
  hasUsualFunctions,
  type Equation,
  type FlowName,
  type Flows,
} from '../layout/cell';
import { WIDE, type CellPlan, type GateBox, type Port, type Wire } from '../layout/cellParts';
import { planCell } from '../layout/cellPlan';
import { formatCount, formatFixed } from '../layout/numbers';
import { showGlyph } from '../layout/ruler';
import { el, setAttribute, setText, show } from './dom';
import { svg } from './svg';

export interface CellInput {
  readonly layer: LayerInfo;
  readonly unit: number;
  readonly token: number;
  /** The character of the token. */
  readonly glyph: string;
  /** Of the unit at the token; empty while they are on their way. */
  readonly values: Readonly<Partial<Record<SignalName, number>>>;
  /** Memory of the step before: the cell state, else the hidden state. */
  readonly before: number;
  /** What its sums were made of, where that is at hand. */
  readonly why?: Why | undefined;
  /** The heatmap's own colour of a value, as CSS. */
  colour(signal: SignalName, value: number): string;
}

export interface CellView {
  readonly element: HTMLElement;
  /** @param idle the kind of cell that is drawn, without numbers, where there is no input */
  readonly update: (input: CellInput | undefined, idle?: CellKind) => void;
}

/** What is changed at each step, while the drawing stays. */
interface Drawing {
  readonly plan: CellPlan;
  readonly cell: CellKind;
  readonly root: SVGSVGElement;
  readonly update: (flows: Flows, input: CellInput) => void;
}

const NAMES: Readonly<Partial<Record<FlowName, string>>> = {
  before: t('the memory before'),
  kept: t('what was kept'),
  written: t('what was written'),
  shown: t('the memory, squashed'),
  rest: t('the share that is replaced'),
  passed: t('what the reset gate lets through'),
  fromInput: t('from the input'),
  fromState: t('from the state before'),
  bias: t('bias'),
  sum: t('sum'),
};

/** In words, for tooltips and for reading aloud. */
const nameOf = (flow: FlowName): string => NAMES[flow] ?? flow;

/** A NaN has neither colour nor strength. */
const isNumber = (value: number | undefined): value is number => value !== undefined && !Number.isNaN(value);

/** How much flows, 0…1: all of it from about 1 on. */
const strengthOf = (value: number | undefined): number => (isNumber(value) ? Math.min(1, Math.abs(value)) : 0);

/** Black or white, whichever is read better on a colour. */
function inkOn(colour: string): string {
  const rgb = parseColour(colour);
  return rgb !== undefined && rgbToLab(rgb)[0] > 0.62 ? '#000' : '#fff';
}

/** Its values are on their way. */
const isEmpty = ({ values }: CellInput): boolean => Object.keys(values).length === 0;

/** Reads tokens rather than another layer's states. */
const isLowest = ({ name }: LayerInfo): boolean => /^l0(?:_|$)/u.test(name);

/** What a flow is coloured as. */
function signalOf(flow: FlowName, cell: CellKind): SignalName | undefined {
  if (flow === 'before') return memoryOf(cell);
  return flow === 'cell' || flow === 'hidden' ? flow : undefined;
}

function wireElement({ path, arrow, belt, over }: Wire): { group: SVGGElement; line: SVGPathElement } {
  const line = svg('path', { d: path, class: 'line' });
  const group = svg('g', { class: belt ? 'wire belt' : 'wire' });
  // Where wires cross without joining, the upper one is set off.
  if (over) group.append(svg('path', { d: path, class: 'halo' }));
  group.append(line);
  if (arrow !== undefined) {
    const { x, y, angle } = arrow;
    const place = `translate(${String(x)} ${String(y)}) rotate(${String(angle)})`;
    group.append(svg('g', { transform: place }, svg('path', { d: 'M0 0L-6.5 -3.6L-6.5 3.6Z', class: 'arrow' })));
  }
  return { group, line };
}

function gateElement({ x, y, width, height, signal, squashing }: GateBox) {
  const title = svg('title');
  const box = svg('rect', { x, y, width, height, rx: 4 });
  const text = svg('text', { x: x + width / 2, y: y + height / 2 + 4.5, class: squashing === 'σ' ? 'sigma' : '' });
  return { group: svg('g', { class: 'gate' }, title, box, text), title, box, text, signal, squashing };
}

function portElement({ x, y, width, height, symbol, flow }: Port) {
  const title = svg('title');
  const middle = x + width / 2;
  const box = svg('rect', { x, y, width, height, rx: 6 });
  const name = svg('text', { x: middle, y: y + 14, class: 'symbol' }, symbol);
  const value = svg('text', { x: middle, y: y + height - 8, class: 'number' });
  const group = svg('g', { class: 'port' }, title, box, name, value);
  return { group, title, box, value, flow };
}

function draw(cell: CellKind, width: number): Drawing {
  const plan = planCell(cell, width);
  const wide = plan.width >= WIDE;
  const root = svg('svg', {
    viewBox: `0 0 ${String(plan.width)} ${String(plan.height)}`,
    width: plan.width,
    height: plan.height,
    'aria-hidden': 'true',
  });
  const { body, belt } = plan;
  root.append(svg('rect', { ...body, rx: 12, class: 'body' }));
  if (belt !== undefined) {
    const { from, to, y } = belt;
    root.append(svg('rect', { x: from, y: y - 8, width: to - from, height: 16, class: 'conveyor' }));
  }
  const wires = plan.wires.map((wire) => ({ ...wireElement(wire), flow: wire.flow }));
  const gates = plan.gates.map(gateElement);
  const operations = plan.operations.map(({ text, x, y, rx, ry }) =>
    svg(
      'g',
      { class: 'operation' },
      svg('ellipse', { cx: x, cy: y, rx, ry }),
      svg(
        'text',
        { x, y: y + (text === 'tanh' || text === '1−' ? 3.5 : 5), class: text.length === 1 ? 'sign' : '' },
        text,
      ),
    ),
  );
  const ports = plan.ports.map(portElement);
  const labels = plan.labels.map(({ flow, symbol, x, y, anchor, stacked }) => {
    const title = svg('title');
    const number = svg('tspan', { class: 'number', ...(stacked ? { x, y } : { dx: 5 }) });
    const name = svg('tspan', { class: 'symbol' }, symbol);
    const long = svg(
      'tspan',
      { class: 'long', dx: 5 },
      wide && stacked && NAMES[flow] === undefined ? nameOf(flow) : '',
    );
    const text = svg('text', { x, y: stacked ? y - 13 : y, class: `label ${anchor}` }, name, long, number);
    return { group: svg('g', {}, title, text), title, number, flow };
  });
  root.append(...wires.map(({ group }) => group));
  root.append(...plan.dots.map(({ x, y }) => svg('circle', { cx: x, cy: y, r: 2.5, class: 'dot' })));
  root.append(...operations, ...[...gates, ...ports, ...labels].map(({ group }) => group));

  const update = (flows: Flows, input: CellInput): void => {
    const decimals = decimalsOf(flows);
    const exact = (flow: FlowName): string => {
      const value = flows.values[flow];
      return value === undefined ? t('{0}: not known', nameOf(flow)) : `${nameOf(flow)}: ${String(value)}`;
    };
    for (const { group, line, flow } of wires) {
      if (flow === 'all' || flow === 'x') continue;
      const value = flows.values[flow];
      const strength = strengthOf(value);
      group.classList.toggle('unknown', !isNumber(value));
      group.style.setProperty('--strength', strength.toFixed(3));
      line.style.strokeWidth = String(1.2 + strength * (group.classList.contains('belt') ? 6 : 2.4));
    }
    for (const { title, box, text, signal, squashing } of gates) {
      const value = input.values[signal];
      // The box is a cell of the heatmap.
      const fill = isNumber(value) ? input.colour(signal, value) : '';
      box.style.fill = fill;
      text.style.fill = fill === '' ? '' : inkOn(fill);
      const usual = hasUsualFunctions(input.layer);
      setText(text, usual ? squashing : 'φ');
      setText(title, exact(signal));
    }
    for (const { box, title, value, flow, group } of ports) {
      if (flow === 'all' || flow === 'x') {
        const token = flow === 'x' && isLowest(input.layer) && input.glyph !== '';
        const count = flow === 'x' ? input.layer.inputSize : input.layer.units;
        const many = t('{0} values', formatCount(count));
        setText(value, token ? showGlyph(input.glyph).text : wide ? many : `[${String(count)}]`);
        value.classList.toggle('glyph', token);
        value.classList.toggle('many', !token);
        setText(title, token ? t('the input: token {0}', formatCount(input.token)) : many);
        continue;
      }
      const found = flows.values[flow];
      const signal = signalOf(flow, cell);
      const fill = isNumber(found) && signal !== undefined ? input.colour(signal, found) : '';
      box.style.fill = fill;
      group.style.setProperty('--ink', fill === '' ? '' : inkOn(fill));
      setText(value, found !== undefined ? formatFixed(found, decimals) : isEmpty(input) ? '…' : '?');
      setText(title, exact(flow));
    }
    for (const { number, title, flow } of labels) {
      const value = flows.values[flow];
      setText(number, value === undefined ? '' : formatFixed(value, decimals));
      setText(title, exact(flow));
    }
  };
  return { plan, cell, root, update };
}

/** What is heard instead of the drawing. */
function spoken(plan: CellPlan, flows: Flows, input: CellInput): readonly (readonly [string, string])[] {
  const decimals = decimalsOf(flows);
  const order = [...new Set([...plan.ports, ...plan.labels].map(({ flow }) => flow))];
  return order.flatMap((flow): [string, string][] => {
    if (flow === 'x')
      return [[t('input'), isLowest(input.layer) ? input.glyph : t('{0} values', input.layer.inputSize)]];
    if (flow === 'all') return [[t('state before'), t('{0} values', input.layer.units)]];
    const value = flows.values[flow];
    return value === undefined ? [] : [[nameOf(flow), formatFixed(value, decimals)]];
  });
}

const equationElement = (equation: Equation): HTMLElement =>
  el('p', {}, ...equation.flatMap((part, i) => [i === 0 ? '' : ' ', el('span', {}, part)]));

export function createCellView(): CellView {
  const caption = el('figcaption');
  const place = el('div', { class: 'drawing' });
  const equations = el('div', { class: 'filled' });
  const note = el('p', { class: 'note' });
  const list = el('dl', { class: 'aside' });
  const advice = el(
    'p',
    { class: 'advice' },
    t('Point at a unit’s row, or press an arrow key, to look into its cell.'),
  );
  const figure = el('figure', {}, caption, place, equations, note, list);
  const element = el('section', { class: 'cell-view', 'aria-label': t('Cell') }, figure, advice);
  let drawing: Drawing | undefined;
  let last: CellInput | undefined;
  let kind: CellKind = 'lstm';
  let width = 0;

  const paint = (): void => {
    if (width === 0) return;
    if (drawing?.cell !== kind || drawing.plan.width !== planCell(kind, width).width) {
      drawing = draw(kind, width);
      place.replaceChildren(drawing.root);
    }
    if (last === undefined) return;
    const flows = flowsOf(last);
    drawing.update(flows, last);
    const { layer, unit, token, glyph } = last;
    const shown = glyph === '' ? '' : ` “${showGlyph(glyph).text}”`;
    setText(caption, t('{0}, unit {1} · token {2}{3}', layer.name, formatCount(unit), formatCount(token), shown));
    setAttribute(figure, 'aria-label', caption.textContent);
    const lines = equationsOf(flows, layer.cell);
    equations.replaceChildren(...lines.map(equationElement));
    const whole = (flows.memoryKnown && flows.hiddenKnown) || isEmpty(last);
    show(note, !whole);
    if (!whole)
      setText(
        note,
        t('This layer is not of the usual kind: what its own functions or equations make of this is not said.'),
      );
    list.replaceChildren(
      ...spoken(drawing.plan, flows, last).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
    );
  };

  new ResizeObserver(([entry]) => {
    const now = Math.floor(entry?.contentRect.width ?? 0);
    if (now === width || now === 0) return;
    width = now;
    paint();
  }).observe(element);

  return {
    element,
    update: (input, idle = kind) => {
      const pending = input !== undefined && isEmpty(input);
      element.classList.toggle('idle', input === undefined);
      element.classList.toggle('pending', pending);
      show(advice, input === undefined);
      if (input === undefined) {
        if (idle === kind) return;
        // Numbers of another kind's cell would stay in its drawing.
        kind = idle;
        last = undefined;
        figure.removeAttribute('aria-label');
        for (const part of [caption, equations, list]) part.replaceChildren();
        paint();
        return;
      }
      // On their way, values leave the last ones standing, if they are of the same kind of cell.
      if (pending && last?.layer.cell === input.layer.cell) return;
      kind = input.layer.cell;
      last = input;
      paint();
    },
  };
}
