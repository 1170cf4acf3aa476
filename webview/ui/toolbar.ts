/** The row of controls: layer and signals on the left; zoom, editor, clear and help on the right. */
import type { SignalName } from '../../src/shared/signals';
import type { ViewCommand } from '../../src/shared/viewApi';
import { SIGNAL_ORDER } from '../choices';
import { shownTracks, traceOf, type State } from '../state';
import type { CopyMenu } from './copyMenu';
import { el, show } from './dom';
import { helpTable } from './help';
import type { Opened } from './keyboard';
import { popover } from './popover';
import { SYMBOL } from '../../src/shared/signals';
import { explain } from './signals';
import { checkbox, dropdown, iconButton, menuButton, type CheckboxControl } from './toolkit';

export interface ToolbarActions {
  readonly chooseLayer: (layer: number) => void;
  readonly toggleSignal: (signal: SignalName) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly run: (command: ViewCommand) => void;
}

export interface Toolbar {
  readonly element: HTMLElement;
  /** Opens what a key opens; false for what has no control here. */
  readonly open: (what: Opened) => boolean;
  readonly update: (state: State) => void;
}

const STEP = 1.6;

/** @param copying what copies and saves */
export function createToolbar(actions: ToolbarActions, sidebar: boolean, copying: CopyMenu): Toolbar {
  const layers = dropdown('Layer', actions.chooseLayer);
  const signals = menuButton('Signals', () => {
    menu.toggle();
  });
  signals.classList.add('menu-button');
  const menu = popover(signals, 'Signals shown');
  const boxes = new Map<SignalName, CheckboxControl>(
    SIGNAL_ORDER.map((name) => [
      name,
      checkbox(`${name} ${SYMBOL[name]}`, () => {
        actions.toggleSignal(name);
      }),
    ]),
  );
  menu.panel.append(...Array.from(boxes.values(), (box) => box.element));
  const help = iconButton('help', 'Mouse and keys (?)', () => {
    keys.toggle();
  });
  const keys = popover(help, 'Mouse and keys');
  keys.panel.append(helpTable());
  const runs = (command: ViewCommand) => () => {
    actions.run(command);
  };
  const zoomOut = iconButton('minus', 'Zoom out (−)', () => {
    actions.zoom(1 / STEP);
  });
  const zoomIn = iconButton('plus', 'Zoom in (+)', () => {
    actions.zoom(STEP);
  });
  for (const control of [zoomOut, zoomIn]) control.classList.add('zoom');
  const right = el(
    'span',
    { class: 'group' },
    zoomOut,
    zoomIn,
    iconButton('fit', 'Whole text (0)', actions.fit),
    sidebar ? iconButton('open', 'Open heatmap in editor', runs('openInEditor')) : undefined,
    copying.button,
    iconButton('clear', 'Clear trace', runs('clear')),
    help,
  );
  const left = el('span', { class: 'group' }, layers.element, signals);
  const element = el('div', { class: 'toolbar', role: 'toolbar', 'aria-label': 'Heatmap' }, left, right);
  element.append(menu.panel, keys.panel, copying.panel);
  return {
    element,
    open: (what) => {
      if (what === 'copy') copying.open();
      else if (what === 'help') help.click();
      else if (what === 'tracks') signals.click();
      else return false;
      return true;
    },
    update: (state) => {
      const model = traceOf(state)?.info.model;
      if (model === undefined) return;
      const names = model.layers.map(({ name, cell }) => `${name} · ${cell.toUpperCase()}`);
      layers.set(names, state.layer);
      const layer = model.layers[state.layer];
      const shown = new Set(shownTracks(state).map(({ id }) => id));
      for (const [name, box] of boxes) {
        show(box.element, layer?.signals.some((signal) => signal.name === name) === true);
        box.element.title = explain(name, layer?.cell ?? 'lstm');
        box.set(shown.has(name));
      }
      show(signals, (layer?.signals.length ?? 0) > 1);
    },
  };
}
