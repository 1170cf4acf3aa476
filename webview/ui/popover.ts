/** A small panel under a button: opens by it, closes by Escape, by a click elsewhere or by the button again. */
import { el } from './dom';

export interface Popover {
  readonly panel: HTMLElement;
  readonly toggle: () => void;
}

export function popover(anchor: HTMLElement, label: string): Popover {
  const panel = el('div', { class: 'popover', role: 'dialog', 'aria-label': label });
  panel.hidden = true;
  /** What had the keyboard: the anchor, or what opened it by a key. */
  let before: HTMLElement = anchor;
  anchor.setAttribute('aria-haspopup', 'dialog');
  anchor.setAttribute('aria-expanded', 'false');
  const outside = (event: Event): void => {
    const path = event.composedPath();
    if (!path.includes(panel) && !path.includes(anchor)) set(false);
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    set(false);
    before.focus();
  };
  const place = (): void => {
    const { left, bottom } = anchor.getBoundingClientRect();
    panel.style.top = `${String(bottom + 4)}px`;
    panel.style.maxHeight = `${String(document.documentElement.clientHeight - bottom - 12)}px`;
    const room = document.documentElement.clientWidth - panel.offsetWidth - 8;
    panel.style.left = `${String(Math.max(8, Math.min(left, room)))}px`;
  };
  const set = (open: boolean): void => {
    const { activeElement } = document;
    if (open) before = activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : anchor;
    panel.hidden = !open;
    anchor.setAttribute('aria-expanded', String(open));
    const act = open ? 'addEventListener' : 'removeEventListener';
    document[act]('pointerdown', outside, true);
    document[act]('keydown', escape as EventListener, true);
    if (open) {
      place();
      panel.querySelector<HTMLElement>('[data-first], vscode-checkbox, .menu-item, button, input, [tabindex]')?.focus();
    }
  };
  return {
    panel,
    toggle: () => {
      set(panel.hidden !== false);
    },
  };
}
