/** The help behind `?`: every gesture and key in one small table. */
import { el } from './dom';

export const GESTURES: readonly (readonly [keys: string, effect: string])[] = [
  ['Wheel, pinch', 'Zoom at the pointer'],
  ['Shift+wheel, sideways', 'Pan through the text'],
  ['Alt+wheel', 'Scroll the tracks'],
  ['Drag', 'Pan; up and down scrolls the tracks'],
  ['Drag a track’s lower edge', 'Change its height (double-click: reset)'],
  ['Click', 'Mark a token and show it in the editor'],
  ['Double-click, Enter', 'Go to it in the editor'],
  ['← →', 'Previous, next token (Shift: 10)'],
  ['↑ ↓', 'Previous, next unit (Shift: 10)'],
  ['Page Up, Page Down', 'Pan by a screen'],
  ['Home, End', 'First, last token'],
  ['+ −', 'Zoom in, out'],
  ['0', 'Whole text'],
  ['Esc', 'Clear the mark'],
];

export function helpTable(): HTMLElement {
  const rows = GESTURES.map(([keys, effect]) => el('tr', {}, el('th', { scope: 'row' }, keys), el('td', {}, effect)));
  return el('table', { class: 'help' }, el('tbody', {}, ...rows));
}
