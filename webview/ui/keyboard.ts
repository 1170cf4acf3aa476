/** Keys on the focused stage, one table for the keys and for their help. Says what was meant; changes nothing. */
import type { JumpBy } from '../../src/shared/trace';
import type { JumpTo } from '../jumps';
import { t } from '../l10n';

/** What a key may open; each is a control of the page. */
export type Opened = 'tracks' | 'rows' | 'colours' | 'table' | 'copy' | 'help';

/** What they give back counts for `step` alone. */
export interface KeyActions {
  readonly move: (tokens: number, units: number) => unknown;
  /** Moves and selects on the way; `page` counts screens. */
  readonly extend: (by: { readonly tokens?: number; readonly page?: number }) => unknown;
  /** Pans by screens. */
  readonly page: (screens: number) => unknown;
  readonly zoom: (factor: number) => unknown;
  readonly fit: () => unknown;
  readonly zoomToSelection: () => unknown;
  /** Goes to the chosen token in the editor. */
  readonly go: () => unknown;
  /** Leaves off what was begun last: a search, a selection, a mark. */
  readonly escape: () => unknown;
  /** To the next track or the one before. @returns false where there is none: the focus then goes on */
  readonly step: (by: 1 | -1) => boolean;
  readonly fold: () => unknown;
  readonly moveTrack: (by: 1 | -1) => unknown;
  readonly grow: (by: 1 | -1) => unknown;
  readonly pin: () => unknown;
  readonly jump: (by: JumpBy, to: JumpTo) => unknown;
  readonly inspect: () => unknown;
  readonly copy: () => unknown;
  readonly savePicture: (format: 'png' | 'svg') => unknown;
  readonly open: (what: Opened) => unknown;
}

export type HelpGroup = 'move' | 'tracks' | 'select' | 'jump' | 'more';

export interface Binding {
  /** `KeyboardEvent.key`, letters in lower case. */
  readonly key: string;
  /** Letters and named keys: exactly so. Signs are where the layout has them. */
  readonly shift?: true;
  readonly alt?: true;
  /** With Ctrl, or Cmd on a Mac. */
  readonly ctrl?: true;
  /** Lines of the help that mean the same are one; keys are joined there. */
  readonly shown: string;
  readonly group: HelpGroup;
  readonly effect: string;
  /** @returns false where the key is not taken after all */
  readonly act: (actions: KeyActions) => unknown;
}

const FAR = 10;
const STEP = 1.3;
const PAGE = 0.8;

/** The table, in the person's language. */
export function bindings(): readonly Binding[] {
  const all: Binding[] = [];
  const add = (
    group: HelpGroup,
    shown: string,
    effect: string,
    ...keys: readonly (Pick<Binding, 'key' | 'shift' | 'alt' | 'ctrl'> & { act: Binding['act'] })[]
  ): void => {
    all.push(...keys.map((key) => ({ ...key, group, shown, effect })));
  };
  add(
    'move',
    '← →',
    t('Previous, next token or column'),
    { key: 'ArrowLeft', act: (a) => a.move(-1, 0) },
    { key: 'ArrowRight', act: (a) => a.move(1, 0) },
  );
  add(
    'move',
    '↑ ↓',
    t('Unit above, below (Shift: 10)'),
    { key: 'ArrowUp', act: (a) => a.move(0, -1) },
    { key: 'ArrowDown', act: (a) => a.move(0, 1) },
    { key: 'ArrowUp', shift: true, act: (a) => a.move(0, -FAR) },
    { key: 'ArrowDown', shift: true, act: (a) => a.move(0, FAR) },
  );
  add(
    'move',
    'Page Up, Page Down',
    t('Pan by a screen'),
    { key: 'PageUp', act: (a) => a.page(-PAGE) },
    { key: 'PageDown', act: (a) => a.page(PAGE) },
  );
  add(
    'move',
    'Home, End',
    t('First, last token'),
    { key: 'Home', act: (a) => a.move(-Infinity, 0) },
    { key: 'End', act: (a) => a.move(Infinity, 0) },
  );
  add(
    'move',
    '+ −',
    t('Zoom in, out'),
    { key: '+', act: (a) => a.zoom(STEP) },
    { key: '=', act: (a) => a.zoom(STEP) },
    { key: '-', act: (a) => a.zoom(1 / STEP) },
    { key: '_', act: (a) => a.zoom(1 / STEP) },
  );
  add('move', '0', t('Whole text'), { key: '0', act: (a) => a.fit() });
  add('move', 'Enter', t('Go to the token in the editor'), { key: 'Enter', act: (a) => a.go() });

  add(
    'select',
    'Shift+← →',
    t('Select from the mark on'),
    { key: 'ArrowLeft', shift: true, act: (a) => a.extend({ tokens: -1 }) },
    { key: 'ArrowRight', shift: true, act: (a) => a.extend({ tokens: 1 }) },
  );
  add(
    'select',
    'Shift+Page Up, Shift+Page Down',
    t('Select by a screen'),
    { key: 'PageUp', shift: true, act: (a) => a.extend({ page: -PAGE }) },
    { key: 'PageDown', shift: true, act: (a) => a.extend({ page: PAGE }) },
  );
  add(
    'select',
    'Shift+Home, Shift+End',
    t('Select to the text’s start, end'),
    { key: 'Home', shift: true, act: (a) => a.extend({ tokens: -Infinity }) },
    { key: 'End', shift: true, act: (a) => a.extend({ tokens: Infinity }) },
  );
  add('select', 'Z', t('Zoom to the selection'), { key: 'z', act: (a) => a.zoomToSelection() });
  add('select', 'Ctrl+C', t('Copy values of the selection, or of what is in sight'), {
    key: 'c',
    ctrl: true,
    act: (a) => a.copy(),
  });
  add('select', 'Y', t('Choose what to copy or save'), { key: 'y', act: (a) => a.open('copy') });
  add(
    'select',
    'S, Shift+S',
    t('Save the picture as PNG, as SVG'),
    { key: 's', act: (a) => a.savePicture('png') },
    { key: 's', shift: true, act: (a) => a.savePicture('svg') },
  );
  add('select', 'Esc', t('Stop a search; clear selection, then mark'), { key: 'Escape', act: (a) => a.escape() });

  add(
    'jump',
    '[ ]',
    t('Previous, next line'),
    { key: '[', act: (a) => a.jump('line', 'previous') },
    { key: ']', act: (a) => a.jump('line', 'next') },
  );
  add(
    'jump',
    ', .',
    t('Previous, next loss spike'),
    { key: ',', act: (a) => a.jump('loss', 'previous') },
    { key: '.', act: (a) => a.jump('loss', 'next') },
  );
  add(
    'jump',
    '< >',
    t('Previous, next large change of state'),
    { key: '<', act: (a) => a.jump('change', 'previous') },
    { key: '>', act: (a) => a.jump('change', 'next') },
  );
  add('jump', 'L', t('Largest loss'), { key: 'l', act: (a) => a.jump('loss', 'largest') });
  add('jump', 'M', t('Largest change of state'), { key: 'm', act: (a) => a.jump('change', 'largest') });

  add(
    'tracks',
    'Tab, Shift+Tab',
    t('Next, previous track; past the last, the next control'),
    { key: 'Tab', act: (a) => a.step(1) },
    { key: 'Tab', shift: true, act: (a) => a.step(-1) },
  );
  add('tracks', 'F', t('Fold the track, or open it'), { key: 'f', act: (a) => a.fold() });
  add(
    'tracks',
    'Alt+↑ ↓',
    t('Move the track up, down'),
    { key: 'ArrowUp', alt: true, act: (a) => a.moveTrack(-1) },
    { key: 'ArrowDown', alt: true, act: (a) => a.moveTrack(1) },
  );
  add(
    'tracks',
    'H, Shift+H',
    t('Make the track taller, lower'),
    { key: 'h', act: (a) => a.grow(1) },
    { key: 'h', shift: true, act: (a) => a.grow(-1) },
  );
  add('tracks', 'C', t('Colours of the track'), { key: 'c', act: (a) => a.open('colours') });
  add('tracks', 'T', t('Choose tracks'), { key: 't', act: (a) => a.open('tracks') });
  add('tracks', 'R', t('Order and filter rows'), { key: 'r', act: (a) => a.open('rows') });
  add('tracks', 'P', t('Pin the unit to the top, or let it go'), { key: 'p', act: (a) => a.pin() });

  add('more', 'I', t('Next page of the inspector'), { key: 'i', act: (a) => a.inspect() });
  add('more', 'X', t('The picture as a table'), { key: 'x', act: (a) => a.open('table') });
  add('more', '?', t('Mouse and keys'), { key: '?', act: (a) => a.open('help') });
  return all;
}

const isLetter = (key: string): boolean => /^[a-z]$/i.test(key);
const isNamed = (key: string): boolean => key.length > 1;

/** What is pressed, as far as it decides. */
export type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'> & {
  /** A sign that the layout gives with AltGr. */
  readonly graph: boolean;
};

/** The binding of what is pressed; those with Ctrl, Alt or Meta that are not in the table are VS Code's own. */
export function bindingOf(table: readonly Binding[], pressed: Pressed): Binding | undefined {
  const { key, shiftKey, altKey, ctrlKey, metaKey, graph } = pressed;
  const plain = graph && !isLetter(key) && !isNamed(key);
  const ctrl = !plain && (ctrlKey || metaKey);
  const alt = !plain && altKey;
  const name = isLetter(key) ? key.toLowerCase() : key;
  return table.find((binding) => {
    if (binding.key !== name || (binding.ctrl === true) !== ctrl || (binding.alt === true) !== alt) return false;
    return !(isLetter(name) || isNamed(name)) || (binding.shift === true) === shiftKey;
  });
}

/** Listens on the stage; when the page itself gets the keyboard, as by a command, the stage takes it. */
export function listenToKeys(target: HTMLElement, actions: KeyActions): void {
  const table = bindings();
  target.addEventListener('keydown', (event) => {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    const graph = event.getModifierState('AltGraph');
    const binding = bindingOf(table, { key, shiftKey, altKey, ctrlKey, metaKey, graph });
    if (binding === undefined || event.isComposing) return;
    if (binding.act(actions) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
  window.addEventListener('focus', () => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) target.focus({ preventScroll: true });
  });
}
