/** The help behind `?`: every gesture and key, from the table that the keys themselves are in. */
import { t } from '../l10n';
import { el } from './dom';
import { bindings, type HelpGroup } from './keyboard';

type Line = readonly [keys: string, effect: string];

const gestures = (): readonly Line[] => [
  [t('Wheel, pinch'), t('Zoom at the pointer')],
  [t('Shift+wheel, sideways'), t('Pan through the text')],
  [t('Alt+wheel'), t('Scroll the tracks')],
  [t('Drag'), t('Pan; up and down scrolls the tracks')],
  [t('Drag on the text, Shift+drag'), t('Select, here and in the editor')],
  [t('Drag a track’s lower edge'), t('Change its height (double-click: reset)')],
  [t('Click'), t('Mark a token and show it in the editor')],
  [t('Double-click'), t('Go to it in the editor')],
];

const titles = (): Readonly<Record<HelpGroup, string>> => ({
  move: t('Move'),
  select: t('Select and take along'),
  jump: t('Jump'),
  tracks: t('Tracks and rows'),
  more: t('More'),
});

/** Lines of a group, each pair of keys once. */
export function helpLines(group: HelpGroup): readonly Line[] {
  const own = bindings().filter((binding) => binding.group === group);
  return [...new Map(own.map(({ shown, effect }) => [shown, effect])).entries()];
}

function section(title: string, lines: readonly Line[]): HTMLElement {
  const rows = lines.map(([keys, effect]) => el('tr', {}, el('th', { scope: 'row' }, keys), el('td', {}, effect)));
  return el('table', { class: 'help' }, el('caption', {}, title), el('tbody', {}, ...rows));
}

export function helpTable(): HTMLElement {
  const keys = titles();
  const groups: readonly HelpGroup[] = ['move', 'select', 'jump', 'tracks', 'more'];
  return el(
    'div',
    { class: 'help-columns', tabindex: '0' },
    section(t('Mouse'), gestures()),
    ...groups.map((group) => section(keys[group], helpLines(group))),
  );
}
