/** The menu of rows: in which order units stand, by which signal, which of them are shown, and which are pinned. */
import type { HeatName } from '../../src/shared/signals';
import { memoryOf } from '../../src/shared/signals';
import type { RowOrder } from '../../src/shared/trace';
import { FIRST_CHOICES, parseFilter, setRows, togglePin } from '../choices';
import { t } from '../l10n';
import { formatCount } from '../layout/numbers';
import { cursorOf, traceOf, type State } from '../state';
import { el, setText, show } from './dom';
import { icon } from './icons';
import { nameOf } from './signals';
import type { Change } from './tracksMenu';

export interface RowsMenu {
  readonly element: HTMLElement;
  readonly update: (state: State) => void;
}

const ORDERS: readonly (readonly [RowOrder, string, string])[] = [
  ['index', t('by number'), t('As the model has them.')],
  ['mean', t('by mean'), t('By their mean over the whole text.')],
  ['variance', t('by variance'), t('By how much they vary over the whole text.')],
  ['clusters', t('by likeness'), t('Units that behave alike lie together; a dendrogram shows how alike they are.')],
];

/** Shown units are asked for after a pause in typing, in milliseconds. */
const TYPED = 250;

export function createRowsMenu(change: Change): RowsMenu {
  const orders = ORDERS.map(([order, label, title]) => {
    const input = el('input', { type: 'radio', name: 'gatescope-order', value: order });
    input.addEventListener('change', () => {
      change((choices) => setRows(choices, { order }));
    });
    return { order, input, element: el('label', { title }, input, label) };
  });
  orders[0]?.input.setAttribute('data-first', '');
  const by = el('select', { 'aria-label': t('By which signal') });
  by.addEventListener('change', () => {
    change((choices) => setRows(choices, { by: by.value as HeatName }));
  });
  const byLine = el('label', { class: 'line' }, t('of'), by);
  const filter = el('input', { type: 'text', spellcheck: 'false', placeholder: t('all, or 0-31, 64') });
  const complaint = el('p', { class: 'complaint', role: 'alert' });
  filter.setAttribute('aria-describedby', 'gatescope-filter');
  complaint.id = 'gatescope-filter';
  let units = 0;
  let typing: number | undefined;
  const check = (): void => {
    const ranges = parseFilter(filter.value);
    const met = ranges?.length === 0 || ranges?.some(([from]) => from < units) === true;
    filter.setAttribute('aria-invalid', String(ranges === undefined));
    setText(
      complaint,
      ranges === undefined
        ? t('Numbers and ranges are expected, as in 0-31, 64. The rows are as they were.')
        : met
          ? ''
          : t('No units match: this layer has units 0 to {0}.', formatCount(units - 1)),
    );
    if (ranges !== undefined) change((choices) => setRows(choices, { filter: filter.value.trim() }));
  };
  filter.addEventListener('input', () => {
    window.clearTimeout(typing);
    typing = window.setTimeout(check, TYPED);
  });
  filter.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    window.clearTimeout(typing);
    check();
  });
  const pins = el('ul', { class: 'pins', 'aria-label': t('Pinned units') });
  const pin = el('button', { type: 'button', class: 'pin' });
  const reset = el('button', { type: 'button', class: 'link' }, t('Reset rows'));
  reset.addEventListener('click', () => {
    change((choices) => setRows(choices, FIRST_CHOICES.rows));
    filter.value = '';
    setText(complaint, '');
  });
  const element = el(
    'div',
    { class: 'rows-menu' },
    el('fieldset', {}, el('legend', {}, t('Order')), ...orders.map((one) => one.element), byLine),
    el('label', { class: 'field' }, el('span', {}, t('Units shown')), filter),
    complaint,
    el('div', { class: 'field' }, el('span', {}, t('Pinned to the top')), pins, pin),
    el('p', { class: 'advice' }, t('A click on a unit’s number, or Alt+click on its row, pins it too.')),
    el('div', { class: 'end' }, reset),
  );
  let marked: { readonly layer: string; readonly unit: number } | undefined;
  pin.addEventListener('click', () => {
    const at = marked;
    if (at !== undefined) change((choices) => togglePin(choices, at.layer, at.unit));
  });
  const pinElement = (layer: string, unit: number): HTMLElement => {
    const label = t('Let unit {0} of {1} go', unit, layer);
    const away = el('button', { type: 'button', class: 'small', title: label, 'aria-label': label });
    away.append(icon('close'));
    away.addEventListener('click', () => {
      change((choices) => togglePin(choices, layer, unit));
      pin.focus();
    });
    return el('li', {}, String(unit), away);
  };

  let shown = '';
  return {
    element,
    update: (state) => {
      const model = traceOf(state)?.info.model;
      const layer = model?.layers[state.layer];
      if (model === undefined || layer === undefined || element.closest('[hidden]') !== null) return;
      const { rows } = state.choices;
      units = layer.units;
      const cursor = state.mark ?? cursorOf(state);
      const owner = cursor && model.layers[cursor.layer]?.name;
      marked = owner === undefined || cursor?.unit === undefined ? undefined : { layer: owner, unit: cursor.unit };
      const key = JSON.stringify([rows, model.id, state.layer, marked]);
      if (key === shown) return;
      shown = key;
      for (const { order, input } of orders) input.checked = order === rows.order;
      show(byLine, rows.order !== 'index');
      const signals = [...layer.signals, ...(layer.derived ?? [])].map(({ name }) => name);
      by.replaceChildren(...signals.map((name) => el('option', { value: name }, nameOf(name))));
      by.value = signals.find((name) => name === rows.by) ?? memoryOf(layer.cell);
      if (document.activeElement !== filter && filter.value !== rows.filter) filter.value = rows.filter;
      const own = Object.entries(rows.pins).flatMap(([name, list]) =>
        name === layer.name ? list.map((unit) => pinElement(name, unit)) : [],
      );
      pins.replaceChildren(...own);
      show(pins, own.length > 0);
      const held = marked !== undefined && (rows.pins[marked.layer] ?? []).includes(marked.unit);
      setText(
        pin,
        marked === undefined
          ? t('Mark a unit to pin it')
          : held
            ? t('Let unit {0} go', marked.unit)
            : t('Pin unit {0}', marked.unit),
      );
      pin.disabled = marked === undefined;
    },
  };
}
