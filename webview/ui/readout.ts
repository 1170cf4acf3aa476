/** The status block at the bottom: the token under the crosshair, its loss, and what each signal is there. */
import type { CellKind, HeatName } from '../../src/shared/signals';
import { t } from '../l10n';
import { el, setAttribute, setText, show } from './dom';
import { EQUATIONS, symbolOf } from './signals';

export interface ReadValue {
  readonly signal: HeatName;
  /** As shown; `undefined` while it is on its way. */
  readonly text: string | undefined;
  /** Least and greatest, where a column covers several tokens. */
  readonly range: string | undefined;
  /** Colours of least, mean and greatest in the heatmap, or one of the value. */
  readonly colours: readonly string[];
  readonly title: string;
}

export interface Reading {
  /** The character or word; undefined while it is on its way, empty where `context` has it. */
  readonly glyph: string | undefined;
  readonly token: string;
  /** The text around, with what is read in its middle; takes the place of `detail`. */
  readonly context: { readonly before: string; readonly at: string; readonly after: string } | undefined;
  readonly detail: string;
  /** Undefined while it is on its way. */
  readonly loss: string | undefined;
  readonly lossDetail: string;
  readonly unit: string;
  readonly values: readonly ReadValue[];
}

export interface Readout {
  readonly element: HTMLElement;
  readonly update: (reading: Reading | undefined, signals: readonly HeatName[], cell: CellKind) => void;
}

interface Cell {
  readonly element: HTMLElement;
  readonly value: HTMLElement;
  readonly range: HTMLElement;
  readonly swatch: HTMLElement;
}

function createCell(signal: HeatName, kind: CellKind): Cell {
  const name = el(
    'span',
    { class: 'name' },
    el('span', { class: 'word' }, signal),
    el('i', {}, symbolOf(signal, kind)),
  );
  const value = el('span', { class: 'value' });
  const range = el('span', { class: 'range' });
  const swatch = el('span', { class: 'swatch' });
  return { element: el('div', { class: 'cell' }, name, value, swatch, range), value, range, swatch };
}

export function createReadout(): Readout {
  const glyph = el('span', { class: 'glyph' });
  const token = el('span', { class: 'token' });
  const [before, at, after] = [el('span', { class: 'before' }), el('b'), el('span', { class: 'after' })];
  const context = el('span', { class: 'context' }, before, at, after);
  const detail = el('span', { class: 'detail' });
  const loss = el('b');
  const lossDetail = el('span', { class: 'detail' });
  const lossBlock = el('div', { class: 'loss' }, loss, lossDetail);
  const unit = el('span', { class: 'unit' });
  const head = el('div', { class: 'head' }, token, unit);
  const place = el('div', { class: 'place' }, glyph, el('div', { class: 'lines' }, head, context, detail), lossBlock);
  const cells = el('div', { class: 'cells' });
  const equations = el('span', { class: 'equations' });
  const advice = el('span', {}, t('Point at a cell to read its values. Click to find it in the editor.'));
  const hint = el('div', { class: 'hint' }, equations, advice);
  const values = el('div', { class: 'values' }, cells);
  const element = el('footer', { class: 'readout', 'aria-label': t('Values') }, place, values, hint);
  let shown = '';
  let shownKind: CellKind | undefined;
  let bySignal = new Map<HeatName, Cell>();
  return {
    element,
    update: (reading, signals, kind) => {
      if (kind !== shownKind) equations.replaceChildren(...EQUATIONS[kind].map((equation) => el('span', {}, equation)));
      // The same name has another symbol in another kind of cell.
      if (signals.join() !== shown || kind !== shownKind) {
        shown = signals.join();
        bySignal = new Map(signals.map((signal) => [signal, createCell(signal, kind)]));
        cells.replaceChildren(...Array.from(bySignal.values(), (cell) => cell.element));
        cells.style.setProperty('--count', String(signals.length));
        glyph.classList.remove('word');
      }
      shownKind = kind;
      element.classList.toggle('idle', reading === undefined);
      if (reading === undefined) return;
      if (reading.glyph !== undefined) {
        setText(glyph, reading.glyph);
        show(glyph, reading.glyph !== '');
        // Words get a wider box, and keep it: it must not change under a pointer that moves over long and short ones.
        if (Array.from(reading.glyph).length > 3) glyph.classList.add('word');
      }
      setText(token, reading.token);
      show(context, reading.context !== undefined);
      setText(before, reading.context?.before ?? '');
      setText(at, reading.context?.at ?? '');
      setText(after, reading.context?.after ?? '');
      show(detail, reading.context === undefined);
      setText(detail, reading.detail);
      lossBlock.classList.toggle('pending', reading.loss === undefined);
      if (reading.loss !== undefined) {
        setText(loss, reading.loss);
        setText(lossDetail, reading.lossDetail);
      }
      setText(unit, reading.unit);
      for (const { signal, text, range, colours, title } of reading.values) {
        const cell = bySignal.get(signal);
        if (cell === undefined) continue;
        // A value on its way leaves the last one standing, dimmed, so that nothing flickers.
        if (text !== undefined) setText(cell.value, text);
        cell.element.classList.toggle('pending', text === undefined);
        setText(cell.range, range ?? '');
        cell.element.classList.toggle('ranged', range !== undefined);
        setAttribute(cell.element, 'title', title);
        const background =
          colours.length > 1 ? `linear-gradient(90deg, ${colours.join(', ')})` : (colours[0] ?? 'transparent');
        if (cell.swatch.style.background !== background) cell.swatch.style.background = background;
      }
    },
  };
}
