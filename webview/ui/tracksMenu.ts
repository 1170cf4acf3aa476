/** The menu of tracks: those shown, in their order, to be moved, folded and taken away; and what can be added. */
import type { LayerInfo } from '../../src/shared/trace';
import {
  DERIVED_ORDER,
  foldTrack,
  isLane,
  moveAmong,
  resetTracks,
  SIGNAL_ORDER,
  toggleTrack,
  trackId,
  type Choices,
  type TrackChoice,
  type TrackId,
  type TrackSignal,
} from '../choices';
import { t } from '../l10n';
import { isHeat, type Track } from '../layout/tracks';
import { shownTracks, traceOf, type State } from '../state';
import { el } from './dom';
import { icon, type IconName } from './icons';
import { explain, nameOf, symbolOf } from './signals';

export interface TracksMenu {
  readonly element: HTMLElement;
  readonly update: (state: State) => void;
}

export type Change = (change: (choices: Choices) => Choices) => void;

const small = (name: IconName, label: string, press: () => void): HTMLButtonElement => {
  // Keys reach it by the arrows of its entry, so that Tab goes from list to list.
  const control = el('button', { type: 'button', class: 'small', title: label, 'aria-label': label, tabindex: '-1' });
  control.append(icon(name));
  control.addEventListener('click', press);
  return control;
};

/** A track's name with its symbol, and the layer it stays with. */
function nameElement(signal: TrackSignal, cell: LayerInfo['cell'], layer: string | undefined): HTMLElement {
  const symbol = symbolOf(signal, cell);
  return el(
    'span',
    { class: 'name' },
    nameOf(signal),
    symbol === '' ? undefined : el('i', {}, symbol),
    layer === undefined ? undefined : el('span', { class: 'layer' }, layer),
  );
}

/** Tracks that are moved among each other: lanes stay above the heatmaps. */
const kinOf = (track: Track, tracks: readonly Track[]): readonly TrackId[] =>
  tracks.filter((other) => isHeat(other) === isHeat(track)).map(({ id }) => id);

class ShownList {
  readonly element = el('ol', { class: 'shown', 'aria-label': t('Tracks shown') });
  readonly #change: Change;
  #focused: TrackId | undefined;
  #dragged: TrackId | undefined;

  constructor(change: Change) {
    this.#change = change;
  }

  /** @param model its layers, whose names tell what kind of cell a track is of */
  fill(tracks: readonly Track[], layers: readonly LayerInfo[]): void {
    const active = document.activeElement;
    const inside = active !== null && this.element.contains(active);
    const entries = tracks.map((track) => this.#entry(track, tracks, layers));
    this.element.replaceChildren(...entries);
    const at = Math.max(
      0,
      tracks.findIndex(({ id }) => id === this.#focused),
    );
    entries.forEach((entry, i) => {
      entry.tabIndex = i === at ? 0 : -1;
    });
    entries[at]?.setAttribute('data-first', '');
    if (inside) entries[at]?.focus();
  }

  #entry(track: Track, tracks: readonly Track[], layers: readonly LayerInfo[]): HTMLElement {
    const { id, choice, signal, layer } = track;
    const kin = kinOf(track, tracks);
    const at = kin.indexOf(id);
    const cell = layers[layer]?.cell ?? 'lstm';
    const folded = choice.folded === true;
    const move = (by: number) => (): void => {
      this.#focused = id;
      this.#change((choices) => moveAmong(choices, id, by, kin));
    };
    const fold = (): void => {
      this.#focused = id;
      this.#change((choices) => foldTrack(choices, id));
    };
    const remove = (): void => {
      const next = tracks[tracks.indexOf(track) + 1] ?? tracks[tracks.indexOf(track) - 1];
      this.#focused = next?.id;
      this.#change((choices) => toggleTrack(choices, choice));
    };
    const [up, down] = [small('up', t('Move up (Alt+↑)'), move(-1)), small('down', t('Move down (Alt+↓)'), move(1))];
    up.disabled = at === 0;
    down.disabled = at === kin.length - 1;
    const away = small('close', t('Remove (Delete)'), remove);
    // The last heatmap stays: an empty picture would say nothing.
    away.disabled = isHeat(track) && kin.length === 1;
    const entry = el(
      'li',
      { draggable: 'true', title: explain(signal, cell), 'data-track': id },
      el('span', { class: 'grip' }, icon('grip')),
      small(folded ? 'right' : 'down', folded ? t('Unfold (Space)') : t('Fold (Space)'), fold),
      nameElement(signal, cell, choice.layer),
      up,
      down,
      away,
    );
    entry.classList.toggle('folded', folded);
    entry.classList.toggle('below', isHeat(track) && at === 0);
    this.#listen(entry, id, kin, { up: move(-1), down: move(1), fold, remove: away.disabled ? undefined : remove });
    return entry;
  }

  #listen(
    entry: HTMLElement,
    id: TrackId,
    kin: readonly TrackId[],
    act: {
      readonly up: () => void;
      readonly down: () => void;
      readonly fold: () => void;
      readonly remove: (() => void) | undefined;
    },
  ): void {
    const step = (from: Element, by: 'nextElementSibling' | 'previousElementSibling'): void => {
      const next = from[by];
      if (next instanceof HTMLElement) next.focus();
    };
    const beside = (by: number): void => {
      const stops = [entry, ...entry.querySelectorAll<HTMLElement>('button:enabled')];
      stops[stops.findIndex((stop) => stop === document.activeElement) + by]?.focus();
    };
    entry.addEventListener('focusin', () => {
      this.#focused = id;
    });
    entry.addEventListener('keydown', (event) => {
      const onEntry = event.target === entry;
      const keys: Readonly<Record<string, (() => void) | undefined>> = {
        ArrowUp: event.altKey
          ? act.up
          : () => {
              step(entry, 'previousElementSibling');
            },
        ArrowDown: event.altKey
          ? act.down
          : () => {
              step(entry, 'nextElementSibling');
            },
        ArrowRight: () => {
          beside(1);
        },
        ArrowLeft: () => {
          beside(-1);
        },
        Delete: act.remove,
        Backspace: act.remove,
        ...(onEntry && { ' ': act.fold, Enter: act.fold }),
      };
      const run = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      if (run === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      run();
    });
    entry.addEventListener('dragstart', (event) => {
      this.#dragged = id;
      event.dataTransfer?.setData('text/plain', id);
      entry.classList.add('dragged');
    });
    entry.addEventListener('dragend', () => {
      this.#dragged = undefined;
      for (const other of this.element.children) other.classList.remove('dragged', 'over');
    });
    const takes = (): boolean => this.#dragged !== undefined && this.#dragged !== id && kin.includes(this.#dragged);
    entry.addEventListener('dragover', (event) => {
      if (!takes()) return;
      event.preventDefault();
      entry.classList.add('over');
    });
    entry.addEventListener('dragleave', () => {
      entry.classList.remove('over');
    });
    entry.addEventListener('drop', (event) => {
      const dragged = this.#dragged;
      if (!takes() || dragged === undefined) return;
      event.preventDefault();
      this.#focused = dragged;
      this.#change((choices) => moveAmong(choices, dragged, kin.indexOf(id) - kin.indexOf(dragged), kin));
    });
  }
}

/** Signals that a layer has, in the order in which they are offered. */
function offered(layer: LayerInfo): readonly TrackSignal[] {
  const has = new Set<string>([...layer.signals, ...(layer.derived ?? [])].map(({ name }) => name));
  return [...SIGNAL_ORDER, ...DERIVED_ORDER].filter((name) => has.has(name));
}

export function createTracksMenu(change: Change): TracksMenu {
  const list = new ShownList(change);
  const more = el('div', { class: 'more' });
  const reset = el('button', { type: 'button', class: 'link' }, t('Reset tracks'));
  reset.addEventListener('click', () => {
    change(resetTracks);
  });
  const keys = el('p', { class: 'advice' }, t('Drag, or Alt+↑↓ to move; Space folds; Delete removes.'));
  const element = el('div', { class: 'tracks-menu' }, list.element, keys, more, el('div', { class: 'end' }, reset));

  const add = (choice: Pick<TrackChoice, 'signal' | 'layer'>, cell: LayerInfo['cell'], told: boolean): HTMLElement => {
    const text = explain(choice.signal, cell);
    const button = el('button', { type: 'button', class: 'add', title: text, 'data-add': trackId(choice) });
    button.append(icon('plus'), nameElement(choice.signal, cell, undefined));
    if (told) button.append(el('span', { class: 'told' }, text));
    button.addEventListener('click', () => {
      change((choices) => toggleTrack(choices, choice));
    });
    return button;
  };
  const group = (
    title: string,
    open: boolean,
    kind: string,
    choices: readonly HTMLElement[],
  ): HTMLElement | undefined => {
    if (choices.length === 0) return undefined;
    const details = el(
      'details',
      { class: kind },
      el('summary', {}, title),
      el('div', { class: 'choices' }, ...choices),
    );
    details.open = open;
    return details;
  };

  let shown = '';
  return {
    element,
    update: (state) => {
      const model = traceOf(state)?.info.model;
      const layer = model?.layers[state.layer];
      if (model === undefined || layer === undefined || element.closest('[hidden]') !== null) return;
      const tracks = shownTracks(state);
      const key = JSON.stringify([state.choices.tracks, model.id, state.layer, tracks.map(({ id }) => id)]);
      if (key === shown) return;
      shown = key;
      list.fill(tracks, model.layers);
      const has = new Set(tracks.map(({ id }) => id));
      const free = (choice: Pick<TrackChoice, 'signal' | 'layer'>): boolean => !has.has(trackId(choice));
      const lanes = (model.predicts ? (['next', 'loss'] as const) : []).map((signal) => ({ signal }));
      const own = [...lanes, ...offered(layer).map((signal) => ({ signal }))].filter(free);
      const isDerived = ({ signal }: { readonly signal: TrackSignal }): boolean =>
        !isLane(signal) && DERIVED_ORDER.some((name) => name === signal);
      const opened = new Map(
        [...more.querySelectorAll('details')].map((one) => [one.querySelector('summary')?.textContent, one.open]),
      );
      const section = (title: string, otherwise: boolean, kind: string, items: readonly HTMLElement[]) =>
        group(title, opened.get(title) ?? otherwise, kind, items);
      const sections = [
        section(
          t('Add'),
          true,
          'plain',
          own.filter((choice) => !isDerived(choice)).map((choice) => add(choice, layer.cell, false)),
        ),
        section(
          t('Add what follows from them'),
          true,
          'derived',
          own.filter(isDerived).map((choice) => add(choice, layer.cell, true)),
        ),
        // Only where there is more than one does a track that stays with its layer differ from one that follows.
        ...(model.layers.length < 2 ? [] : model.layers).map((other) =>
          section(
            t(
              'Add of {0}, to stay with it',
              other.reverse === true ? t('{0} (reads backwards)', other.name) : other.name,
            ),
            false,
            'plain',
            offered(other)
              .map((signal) => ({ signal, layer: other.name }))
              .filter(free)
              .map((choice) => add(choice, other.cell, false)),
          ),
        ),
      ];
      more.replaceChildren(...sections.filter((one) => one !== undefined));
    },
  };
}
