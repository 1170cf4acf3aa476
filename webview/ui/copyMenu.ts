/** What can be taken along: values in three forms, of all rows or the marked unit, and the picture in two. */
import type { CopyFormat, CopyUnits } from '../copying';
import type { PictureFormat } from '../export/picture';
import { t } from '../l10n';
import { el, setText } from './dom';
import { popover } from './popover';
import { checkbox, iconButton, type Control } from './toolkit';

export interface CopyMenuActions {
  readonly copy: (format: CopyFormat, units: CopyUnits) => void;
  readonly save: (format: PictureFormat) => void;
  /** What would be copied, in words. */
  readonly scope: () => string;
  /** The stage takes the keyboard again. */
  readonly done: () => void;
}

export interface CopyMenu {
  readonly button: Control;
  readonly panel: HTMLElement;
  readonly open: () => void;
}

export function createCopyMenu(actions: CopyMenuActions): CopyMenu {
  const button = iconButton('copy', t('Copy or save (Y)'), () => {
    open();
  });
  const { panel, toggle } = popover(button, t('Copy or save'));
  panel.classList.add('copy-menu');
  const scope = el('p', { class: 'scope' });
  let marked = false;
  const only = checkbox(t('Only the marked unit'), () => {
    marked = !marked;
    only.set(marked);
  });
  const item = (label: string, act: () => void): HTMLElement => {
    const made = el('button', { class: 'menu-item', type: 'button' }, label);
    made.addEventListener('click', () => {
      toggle();
      actions.done();
      act();
    });
    return made;
  };
  const copies = (label: string, format: CopyFormat): HTMLElement =>
    item(label, () => {
      actions.copy(format, marked ? 'marked' : 'shown');
    });
  const saves = (label: string, format: PictureFormat): HTMLElement =>
    item(label, () => {
      actions.save(format);
    });
  panel.append(
    scope,
    copies(t('Copy as TSV'), 'tsv'),
    copies(t('Copy as NumPy'), 'numpy'),
    copies(t('Copy as JSON'), 'json'),
    only.element,
    el('hr'),
    saves(t('Save picture as PNG…'), 'png'),
    saves(t('Save picture as SVG…'), 'svg'),
  );
  // Arrows go from one to the next, as in any menu.
  panel.addEventListener('keydown', (event) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    const items = Array.from(panel.querySelectorAll<HTMLElement>('.menu-item, vscode-checkbox'));
    const at = items.findIndex((other) => other === document.activeElement);
    items[(at + by + items.length) % items.length]?.focus();
    event.preventDefault();
  });
  const open = (): void => {
    setText(scope, actions.scope());
    toggle();
  };
  return { button, panel, open };
}
