/** The exact value beside a pointer at rest: in a narrow panel the readout is far from it. */
import { el, setText, show } from './dom';

export interface Tip {
  readonly element: HTMLElement;
  /** The pointer is at a place of the surface, or gone; `read` is asked once it rests, and again as values come. */
  readonly point: (at: { readonly x: number; readonly y: number } | undefined) => void;
  /** To be called at each frame: what is shown keeps true. */
  readonly update: () => void;
  /** @returns whether it was shown */
  readonly dismiss: () => boolean;
}

const REST_MS = 450;
/** From the pointer: far enough not to cover the cell. */
const AWAY = 14;

/** @param read the words for where the pointer is; undefined where there are none */
export function createTip(read: () => string | undefined): Tip {
  const element = el('div', { class: 'tip', 'aria-hidden': 'true' });
  element.hidden = true;
  let timer: number | undefined;
  let place = { x: 0, y: 0 };
  const hide = (): boolean => {
    window.clearTimeout(timer);
    const was = !element.hidden;
    show(element, false);
    return was;
  };
  const update = (): void => {
    if (element.hidden) return;
    const words = read();
    if (words === undefined) hide();
    else setText(element, words);
  };
  return {
    element,
    update,
    dismiss: hide,
    point: (at) => {
      if (at?.x === place.x && at.y === place.y) return;
      hide();
      if (at === undefined) return;
      place = at;
      timer = window.setTimeout(() => {
        if (read() === undefined) return;
        show(element, true);
        update();
        const room = element.parentElement;
        const [width, height] = [room?.clientWidth ?? 0, room?.clientHeight ?? 0];
        const right = place.x + AWAY + element.offsetWidth <= width;
        const left = right ? place.x + AWAY : Math.max(0, place.x - AWAY - element.offsetWidth);
        const above = place.y - AWAY - element.offsetHeight >= 0;
        const top = above ? place.y - AWAY - element.offsetHeight : Math.min(height, place.y + AWAY);
        element.style.left = `${String(left)}px`;
        element.style.top = `${String(top)}px`;
      }, REST_MS);
    },
  };
}
