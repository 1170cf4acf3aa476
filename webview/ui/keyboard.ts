/** Keys on the focused stage: moves by token and unit, pans, zooms, reveals. Says what was meant; changes nothing. */

export interface KeyActions {
  readonly move: (tokens: number, units: number) => void;
  /** Pans by screens. */
  readonly page: (screens: number) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  /** Goes to the chosen token in the editor. */
  readonly go: () => void;
  readonly clear: () => void;
}

const FAR = 10;
const STEP = 1.3;
const PAGE = 0.8;

export function listenToKeys(target: HTMLElement, actions: KeyActions): void {
  const keys: Readonly<Record<string, (step: number) => void>> = {
    ArrowLeft: (step) => {
      actions.move(-step, 0);
    },
    ArrowRight: (step) => {
      actions.move(step, 0);
    },
    ArrowUp: (step) => {
      actions.move(0, -step);
    },
    ArrowDown: (step) => {
      actions.move(0, step);
    },
    PageUp: () => {
      actions.page(-PAGE);
    },
    PageDown: () => {
      actions.page(PAGE);
    },
    Home: () => {
      actions.move(-Infinity, 0);
    },
    End: () => {
      actions.move(Infinity, 0);
    },
    '+': () => {
      actions.zoom(STEP);
    },
    '=': () => {
      actions.zoom(STEP);
    },
    '-': () => {
      actions.zoom(1 / STEP);
    },
    _: () => {
      actions.zoom(1 / STEP);
    },
    '0': actions.fit,
    Enter: actions.go,
    Escape: actions.clear,
  };
  target.addEventListener('keydown', (event) => {
    // Keys with Ctrl, Alt or Meta are the editor's own.
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act(event.shiftKey ? FAR : 1);
  });
}
