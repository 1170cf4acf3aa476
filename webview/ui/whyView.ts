/** Why a unit's gates were what they were: each gate's sum taken apart, and what pulled at it, the strongest first. */
import type { SignalName } from '../../src/shared/signals';
import type { Contribution, GateWhy, LayerInfo, Why } from '../../src/shared/trace';
import { shown, t } from '../l10n';
import { formatCount, formatFixed } from '../layout/numbers';
import { el, setAttribute, setText, show } from './dom';
import { symbolOf } from './signals';
import { svg } from './svg';
import * as words from './whyWords';

export interface WhyActions {
  /** A contribution was chosen: to the unit that it came from. */
  readonly go: (layer: number, unit: number) => void;
}

export interface WhyView {
  readonly element: HTMLElement;
  /**
   * @param layer the reasons are of; undefined while nothing is pointed at
   * @param why undefined while it is on its way: the last one stands, dimmed
   */
  readonly update: (layer: LayerInfo | undefined, why: Why | undefined) => void;
}

/** The gate that is asked about first. */
const FIRST: readonly SignalName[] = ['forget', 'update', 'hidden'];

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** The function that a sum goes through, with the sum on it: pixels of its small drawing. */
const CURVE = { width: 92, height: 40, reach: 6 };

function curveOf(gate: GateWhy): SVGSVGElement | undefined {
  const squashing = words.squashingOf(gate);
  if (squashing === 'φ' || !Number.isFinite(gate.sum)) return undefined;
  const f = squashing === 'tanh' ? Math.tanh : (x: number): number => 1 / (1 + Math.exp(-x));
  const [low, high] = squashing === 'tanh' ? [-1, 1] : [0, 1];
  const { width, height, reach } = CURVE;
  const x = (sum: number): number => ((Math.max(-reach, Math.min(reach, sum)) + reach) / (2 * reach)) * (width - 8) + 4;
  const y = (value: number): number => height - 5 - ((value - low) / (high - low)) * (height - 10);
  const points = Array.from({ length: 49 }, (_, i) => -reach + (i / 48) * 2 * reach);
  const path = points.map((sum, i) => `${i === 0 ? 'M' : 'L'}${x(sum).toFixed(1)} ${y(f(sum)).toFixed(1)}`).join('');
  return svg(
    'svg',
    { width, height, viewBox: `0 0 ${String(width)} ${String(height)}`, class: 'curve', 'aria-hidden': 'true' },
    svg('path', {
      d: `M4 ${String(y(low))}H${String(width - 4)}M${String(x(0))} 3V${String(height - 3)}`,
      class: 'axes',
    }),
    svg('path', { d: path, class: 'function' }),
    svg('circle', { cx: x(gate.sum), cy: y(gate.value), r: 4, class: 'here' }),
  );
}

/** The sum as one bar, its parts about zero. */
function sumBar(gate: GateWhy, layer: LayerInfo): HTMLElement {
  const parts = words.partsOf(gate, layer.cell);
  const { zero, sum, bars } = words.sumBars(parts, gate.sum);
  const track = el('div', { class: 'track', 'aria-hidden': 'true' });
  for (const { part, left, width } of bars) {
    const bar = el('i', { class: `piece ${part.kind}` });
    bar.style.left = percent(left);
    bar.style.width = percent(width);
    track.append(bar);
  }
  const middle = el('i', { class: 'zero' });
  middle.style.left = percent(zero);
  const mark = el('i', { class: 'mark' });
  mark.style.left = percent(sum);
  track.append(middle, mark);
  const legend = parts.flatMap(({ kind, symbol, value }) => [
    el('span', { class: 'part' }, el('i', { class: `key ${kind}` }), symbol, ' ', el('b', {}, words.pullText(value))),
  ]);
  const clipped = words.unclipped(gate);
  const total =
    clipped === undefined
      ? `= ${formatFixed(gate.sum, 2)}`
      : t('= {0}, held at {1}', formatFixed(clipped, 2), formatFixed(gate.sum, 2));
  return el(
    'div',
    { class: 'sum' },
    track,
    el('p', { class: 'legend' }, ...legend, el('span', { class: 'total' }, total)),
  );
}

interface Row {
  readonly item: HTMLElement;
  readonly update: (one: Contribution | undefined, largest: number) => void;
}

function createRow(go: WhyActions['go']): Row {
  const label = el('span', { class: 'label' });
  const factors = el('span', { class: 'factors' });
  const product = el('b', { class: 'product' });
  const bar = el('i');
  const track = el('span', { class: 'track', 'aria-hidden': 'true' }, bar);
  // Heard as a line: `l0 unit 17: 1.50 × 0.60 = +0.90`.
  const [colon, equals] = [el('span', { class: 'aside' }, ': '), el('span', { class: 'aside' }, ' = ')];
  const button = el('button', { type: 'button', class: 'row' }, label, colon, track, factors, equals, product);
  const item = el('li', {}, button);
  let from: Contribution['from'];
  button.addEventListener('click', () => {
    if (from !== undefined) go(from.layer, from.unit);
  });
  return {
    item,
    update: (one, largest) => {
      show(item, one !== undefined);
      if (one === undefined) return;
      from = one.from;
      setText(label, shown(one.label));
      setText(factors, words.factorsText(one));
      setText(product, words.pullText(one.product));
      const reach = Math.min(50, (50 * Math.abs(one.product)) / Math.max(1e-9, largest));
      bar.className = `piece ${one.kind}`;
      bar.style.left = `${String(one.product < 0 ? 50 - reach : 50)}%`;
      bar.style.width = `${String(Number.isFinite(reach) ? reach : 0)}%`;
      show(equals, factors.textContent !== '');
      // What comes from no unit is read, but leads nowhere. It stays a button: rows are used again, and keep the focus.
      button.classList.toggle('leads', from !== undefined);
      setAttribute(button, 'aria-disabled', String(from === undefined));
      setAttribute(button, 'tabindex', from === undefined ? '-1' : '0');
      const exact = `${String(one.weight)} × ${String(one.value)} = ${String(one.product)}`;
      setAttribute(button, 'title', from === undefined ? exact : `${exact}\n${t('Go to this unit')}`);
    },
  };
}

let count = 0;

export function createWhyView(actions: WhyActions): WhyView {
  const id = `why-${String(count++)}`;
  const tabs = el('div', { class: 'tabs', role: 'tablist', 'aria-label': t('Gates') });
  const heading = el('h3');
  const told = el('p', { class: 'answer' });
  const made = el('div', { class: 'made' });
  const list = el('ol', { class: 'pulls', 'aria-label': t('What pulled most') });
  const rest = el('p', { class: 'rest' });
  const panel = el(
    'div',
    { class: 'panel', role: 'tabpanel', id: `${id}-panel`, tabindex: '-1' },
    heading,
    told,
    made,
    list,
    rest,
  );
  const body = el('div', { class: 'body' }, tabs, panel);
  const advice = el('p', { class: 'advice' });
  const element = el('section', { class: 'why-view', 'aria-label': t('Why') }, body, advice);
  const rows: Row[] = [];
  let buttons = new Map<SignalName, HTMLButtonElement>();
  let chosen: SignalName | undefined;
  let last: { readonly layer: LayerInfo; readonly why: Why } | undefined;

  const choose = (signal: SignalName): void => {
    chosen = signal;
    paint();
    buttons.get(signal)?.focus();
  };
  tabs.addEventListener('keydown', (event) => {
    const names = [...buttons.keys()];
    const at = names.findIndex((name) => name === chosen);
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: (at - 1 + names.length) % names.length,
      ArrowRight: (at + 1) % names.length,
      Home: 0,
      End: names.length - 1,
    };
    const next = Object.hasOwn(moves, event.key) ? names[moves[event.key] ?? 0] : undefined;
    if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    choose(next);
  });

  const makeTabs = (layer: LayerInfo, gates: readonly GateWhy[]): void => {
    buttons = new Map(
      gates.map(({ signal }) => {
        const attributes = { type: 'button', role: 'tab', id: `${id}-${signal}`, 'aria-controls': `${id}-panel` };
        const name = el('span', { class: 'name' }, el('i', {}, symbolOf(signal, layer.cell)), ` ${signal}`);
        const button = el('button', attributes, name, el('b'));
        button.addEventListener('click', () => {
          choose(signal);
        });
        return [signal, button];
      }),
    );
    tabs.replaceChildren(...buttons.values());
    // A SimpleRNN has no gates to choose from.
    show(tabs, buttons.size > 1);
  };

  const paint = (): void => {
    if (last === undefined) return;
    const { layer, why } = last;
    const names = why.gates.map(({ signal }) => signal);
    if (names.join() !== [...buttons.keys()].join()) makeTabs(layer, why.gates);
    if (chosen === undefined || !names.includes(chosen))
      chosen = FIRST.find((name) => names.includes(name)) ?? names[0];
    for (const { signal, value } of why.gates) {
      const button = buttons.get(signal);
      if (button === undefined) continue;
      const selected = signal === chosen;
      setAttribute(button, 'aria-selected', String(selected));
      setAttribute(button, 'tabindex', selected ? '0' : '-1');
      const number = button.querySelector('b');
      if (number !== null) setText(number, formatFixed(value, 2));
    }
    const gate = why.gates.find(({ signal }) => signal === chosen);
    if (gate === undefined) return;
    setAttribute(panel, 'aria-labelledby', `${id}-${gate.signal}`);
    setText(heading, words.question(gate));
    setText(told, words.answer(gate));
    const curve = curveOf(gate);
    made.replaceChildren(
      ...(words.isCoupled(gate) ? [] : [sumBar(gate, layer)]),
      ...(words.isCoupled(gate)
        ? []
        : [el('div', { class: 'through' }, ...(curve ? [curve] : []), el('span', {}, words.functionText(gate)))]),
    );
    while (rows.length < gate.top.length) {
      const row = createRow(actions.go);
      rows.push(row);
      list.append(row.item);
    }
    const largest = Math.max(0, ...gate.top.map(({ product }) => Math.abs(product)).filter(Number.isFinite));
    for (const [i, row] of rows.entries()) row.update(gate.top[i], largest);
    const others = words.restOf(gate);
    show(rest, gate.top.length > 0 && Math.abs(others) >= 0.005);
    setText(rest, t('All others together: {0}', words.pullText(others)));
  };

  return {
    element,
    update: (layer, why) => {
      if (layer !== undefined && why !== undefined) last = { layer, why };
      const shown = layer !== undefined && last?.layer.cell === layer.cell;
      element.classList.toggle('pending', shown && why === undefined);
      show(body, shown);
      show(advice, !shown);
      if (layer === undefined)
        setText(advice, t('Point at a unit’s row, or press an arrow key, to learn why its gates are as they are.'));
      else if (!shown) setText(advice, t('Looking for the reasons…'));
      if (shown && last !== undefined) {
        setAttribute(
          element,
          'aria-label',
          t('Why, unit {0} at token {1}', formatCount(last.why.unit), formatCount(last.why.token)),
        );
        paint();
      }
    },
  };
}
