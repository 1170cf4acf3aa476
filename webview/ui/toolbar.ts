/** The row of controls: layer, tracks and rows on the left; zoom, table, editor, clear and help on the right. */
import type { ViewCommand } from '../../src/shared/viewApi';
import type { Choices } from '../choices';
import { t } from '../l10n';
import { traceOf, type State } from '../state';
import type { CopyMenu } from './copyMenu';
import { el, setAttribute } from './dom';
import { helpTable } from './help';
import type { Opened } from './keyboard';
import { popover, type Popover } from './popover';
import { createRowsMenu } from './rowsMenu';
import { dropdown, iconButton, menuButton, type Control } from './toolkit';
import { createTracksMenu } from './tracksMenu';

export interface ToolbarActions {
  readonly chooseLayer: (layer: number) => void;
  readonly choose: (change: (choices: Choices) => Choices) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  /** Shows the table in place of the picture, or the picture again. @returns whether the table is shown */
  readonly toggleTable: () => boolean;
  readonly run: (command: ViewCommand) => void;
  /** The menus' state of the moment: they are filled when they open. */
  readonly state: () => State;
}

export interface Toolbar {
  readonly element: HTMLElement;
  /** Opens what a key opens; false for what has no control here. */
  readonly open: (what: Opened) => boolean;
  readonly update: (state: State) => void;
}

const STEP = 1.6;

interface MenuContent {
  readonly element: HTMLElement;
  readonly update: (state: State) => void;
}

interface Menu extends Popover {
  /** Does nothing before it was opened once. */
  readonly update: (state: State) => void;
}

/** A button with a panel that is made and filled as it opens, and kept so while it is open. */
function menu(button: Control, label: string, make: () => MenuContent, state: () => State): Menu {
  const panel = popover(button, label);
  let content: MenuContent | undefined;
  return {
    panel: panel.panel,
    update: (now) => content?.update(now),
    toggle: () => {
      if (content === undefined) {
        content = make();
        panel.panel.append(content.element);
      }
      // Filled before it takes the focus.
      panel.panel.hidden = !panel.panel.hidden;
      content.update(state());
      panel.panel.hidden = !panel.panel.hidden;
      panel.toggle();
    },
  };
}

/** @param copying what copies and saves */
export function createToolbar(actions: ToolbarActions, sidebar: boolean, copying: CopyMenu): Toolbar {
  const layers = dropdown(t('Layer'), actions.chooseLayer);
  const tracks = menuButton('tracks', t('Tracks'), () => {
    tracksPanel.toggle();
  });
  const tracksPanel = menu(tracks, t('Tracks'), () => createTracksMenu(actions.choose), actions.state);
  const rows = menuButton('rows', t('Rows'), () => {
    rowsPanel.toggle();
  });
  const rowsPanel = menu(rows, t('Rows'), () => createRowsMenu(actions.choose), actions.state);
  const help = iconButton('help', t('Mouse and keys (?)'), () => {
    keys.toggle();
  });
  const keys = menu(
    help,
    t('Mouse and keys'),
    () => ({ element: helpTable(), update: () => undefined }),
    actions.state,
  );
  const runs = (command: ViewCommand) => () => {
    actions.run(command);
  };
  const zoomOut = iconButton('minus', t('Zoom out (−)'), () => {
    actions.zoom(1 / STEP);
  });
  const zoomIn = iconButton('plus', t('Zoom in (+)'), () => {
    actions.zoom(STEP);
  });
  for (const control of [zoomOut, zoomIn]) control.classList.add('zoom');
  const table = iconButton('table', t('Table'), () => {
    setAttribute(table, 'aria-pressed', String(actions.toggleTable()));
  });
  table.setAttribute('aria-pressed', 'false');
  const right = el(
    'span',
    { class: 'group' },
    zoomOut,
    zoomIn,
    iconButton('fit', t('Whole text (0)'), actions.fit),
    table,
    sidebar ? iconButton('open', t('Open heatmap in editor'), runs('openInEditor')) : undefined,
    copying.button,
    iconButton('clear', t('Clear trace'), runs('clear')),
    help,
  );
  const left = el('span', { class: 'group' }, layers.element, tracks, rows);
  const element = el('div', { class: 'toolbar', role: 'toolbar', 'aria-label': t('Heatmap') }, left, right);
  element.append(tracksPanel.panel, rowsPanel.panel, keys.panel, copying.panel);
  return {
    element,
    open: (what) => {
      if (what === 'copy') copying.open();
      else if (what === 'help') help.click();
      else if (what === 'tracks') tracks.click();
      else if (what === 'rows') rows.click();
      else if (what === 'table') table.click();
      else return false;
      return true;
    },
    update: (state) => {
      const model = traceOf(state)?.info.model;
      if (model === undefined) return;
      const several = new Set(model.layers.map(({ cell }) => cell)).size > 1;
      // The kind of cell says something where there are several, and where there is but one layer.
      const kind = several || model.layers.length === 1;
      layers.set(
        model.layers.map(({ name, cell }) => (kind ? `${name} · ${cell.toUpperCase()}` : name)),
        state.layer,
      );
      layers.element.classList.toggle('single', model.layers.length === 1);
      const { order, filter, pins } = state.choices.rows;
      const changed =
        order !== 'index' || filter !== '' || (pins[model.layers[state.layer]?.name ?? ''] ?? []).length > 0;
      // What is not all units in their order should not be taken for it.
      rows.classList.toggle('changed', changed);
      tracksPanel.update(state);
      rowsPanel.update(state);
    },
  };
}
