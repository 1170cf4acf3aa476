/** Brief words over the picture, read aloud too: what was done, what there is none of, what is being looked for. */
import { el, setText, show } from './dom';

/** Long enough to read a line of it. */
const SHOWN_MS = 2600;

export interface Hint {
  readonly element: HTMLElement;
  /** What is read aloud; the same words twice are said twice. */
  readonly live: HTMLElement;
  readonly say: (text: string) => void;
  /** Stays until it is taken away by undefined, or something is said. */
  readonly wait: (text: string | undefined) => void;
  /** Read aloud, not shown: the picture says it already. */
  readonly speak: (text: string) => void;
}

export function createHint(): Hint {
  const element = el('div', { class: 'hint-bubble', 'aria-hidden': 'true' });
  const live = el('div', { class: 'aside', 'aria-live': 'polite' });
  element.hidden = true;
  let timer: number | undefined;
  let waiting = false;
  const speak = (text: string): void => {
    // A live region that does not change is not read again.
    setText(live, live.textContent === text ? `${text}\u00a0` : text);
  };
  const display = (text: string | undefined): void => {
    window.clearTimeout(timer);
    show(element, text !== undefined);
    if (text !== undefined) setText(element, text);
  };
  return {
    element,
    live,
    speak,
    say: (text) => {
      waiting = false;
      display(text);
      speak(text);
      timer = window.setTimeout(() => {
        display(undefined);
      }, SHOWN_MS);
    },
    wait: (text) => {
      if (text === undefined) {
        if (waiting) display(undefined);
        waiting = false;
        return;
      }
      waiting = true;
      display(text);
      speak(text);
    },
  };
}
