/** The menu of a track's colours: which map, over which range, for whom; and what a value stands for from afar. */
import type { Scale } from '../../src/shared/signals';
import type { Reduction } from '../../src/shared/trace';
import { ownShade, resetShade, setReduction, setShade, shadeOf, trackId } from '../choices';
import type { Choices, ShadeChoice, TrackId } from '../choices';
import { isMapName, MAP_NAMES, MAP_SIZE, type ColourMap, type MapName, type Maps } from '../draw/maps';
import { t } from '../l10n';
import { formatEnd } from '../layout/numbers';
import { isRange, type ValueScale } from '../layout/scale';
import type { Track } from '../layout/tracks';
import { el, setText, show } from './dom';

/** What the menu is about, as it is now. */
export interface ShadeMenuInput {
  readonly track: Track;
  /** All tracks shown, to know which have the same scale. */
  readonly tracks: readonly Track[];
  readonly choices: Choices;
  readonly maps: Maps;
  /** As the track is drawn. */
  readonly scale: ValueScale;
}

export interface ShadeMenuActions {
  /** Of a track by its id; undefined where it is no longer there: the menu closes. */
  readonly input: (track: TrackId) => ShadeMenuInput | undefined;
  readonly change: (verb: (choices: Choices) => Choices) => void;
  /** The menu has closed by itself or by a key: the keyboard goes back to the picture. */
  readonly closed: () => void;
}

export interface ShadeMenu {
  readonly element: HTMLElement;
  /** Opens below a place in client pixels, for a track that is a heatmap; its first control has the keyboard then. */
  readonly open: (track: TrackId, x: number, y: number) => void;
  /** Shows what is chosen now; to be called with every frame. */
  readonly update: () => void;
}

const MAP_TEXTS: Readonly<Record<MapName, string>> = {
  theme: t('Made for the theme'),
  viridis: t('Viridis'),
  cividis: t('Cividis, blue to yellow'),
  grey: t('Grey'),
  blueOrange: t('Blue to orange, two ways'),
  purpleGreen: t('Purple to green, two ways'),
};

const ALL_TEXTS: Readonly<Record<Scale, string>> = {
  gate: t('All gates (0 to 1)'),
  signed: t('All signals from −1 to 1'),
  free: t('All unbounded signals'),
  positive: t('All signals from 0 up'),
};

const OF_TEXTS: readonly (readonly [Reduction, string, string])[] = [
  ['spikes', t('mean, with spikes'), t('The mean; but where one value stands out from its row, that value.')],
  ['mean', t('mean'), t('The mean alone: what is rare fades as more tokens share a pixel.')],
  ['min', t('least'), t('The least of all tokens and units that share a pixel.')],
  ['max', t('greatest'), t('The greatest of all tokens and units that share a pixel.')],
];

type RangeKind = 'auto' | 'clip' | 'fixed';
type Radios<T extends string> = ReadonlyMap<T, HTMLInputElement>;

/** Radio buttons in a fieldset; `rows` are their labels' contents. */
function radios<T extends string>(
  title: string,
  name: string,
  rows: readonly (readonly [T, ...(Node | string)[]])[],
  choose: (value: T) => void,
): { readonly element: HTMLElement; readonly inputs: Radios<T> } {
  const inputs = new Map<T, HTMLInputElement>();
  const lines = rows.map(([value, ...content]) => {
    const input = el('input', { type: 'radio', name: `gatescope-${name}`, value });
    input.addEventListener('change', () => {
      choose(value);
    });
    inputs.set(value, input);
    return el('label', {}, input, ...content);
  });
  return { element: el('fieldset', { class: name }, el('legend', {}, title), ...lines), inputs };
}

function check<T extends string>(inputs: Radios<T>, value: T): void {
  for (const [own, input] of inputs) input.checked = own === value;
}

/** A map from left to right. */
function paintSwatch(swatch: HTMLElement, map: ColourMap): void {
  const stops = Array.from({ length: 17 }, (_, i) => {
    const at = 3 * Math.round((i / 16) * (MAP_SIZE - 1));
    return `rgb(${String(map[at])} ${String(map[at + 1])} ${String(map[at + 2])})`;
  });
  const image = `linear-gradient(to right, ${stops.join(', ')})`;
  if (swatch.dataset['image'] === image) return;
  swatch.dataset['image'] = image;
  swatch.style.backgroundImage = image;
}

/** A number as people write it, true minus and decimal comma included; NaN where it is none. */
export function readNumber(text: string): number {
  const plain = text.trim().replace('\u2212', '-').replace(',', '.');
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

const usualMap = (scale: Scale): MapName => (scale === 'gate' || scale === 'positive' ? 'theme' : 'blueOrange');

export function createShadeMenu(actions: ShadeMenuActions): ShadeMenu {
  let id: TrackId | undefined;
  let all = true;
  const input = (): ShadeMenuInput | undefined => (id === undefined ? undefined : actions.input(id));
  const sameScale = ({ track, tracks }: ShadeMenuInput): TrackId[] =>
    tracks.filter(({ scale }) => scale === track.scale).map(({ choice }) => trackId(choice));
  const alter = (verb: (shade: ShadeChoice) => ShadeChoice): void => {
    const now = input();
    if (now === undefined) return;
    const shade = verb(shadeOf(now.choices, now.track));
    actions.change((choices) => setShade(choices, now.track, shade, all, sameScale(now)));
  };
  const setRange = (range: NonNullable<ShadeChoice['range']>): void => {
    alter((shade) => ({ ...shade, range }));
  };

  const swatches = new Map(MAP_NAMES.map((name) => [name, el('span', { class: 'swatch' })]));
  const maps = radios<MapName>(
    t('Colours'),
    'map',
    MAP_NAMES.map((name) => [name, swatches.get(name) ?? '', MAP_TEXTS[name]]),
    (map) => {
      alter((shade) => ({ ...shade, map }));
    },
  );
  const number = (label: string): HTMLInputElement =>
    el('input', { type: 'text', inputmode: 'decimal', 'aria-label': label, 'aria-describedby': 'gatescope-range' });
  const [from, to] = [number(t('From')), number(t('To'))];
  const complaint = el('p', { class: 'complaint', role: 'alert', id: 'gatescope-range' });
  const ends = el('div', { class: 'ends' }, from, el('span', {}, t('to')), to);
  const fix = (): void => {
    const range = { from: readNumber(from.value), to: readNumber(to.value) };
    const good = isRange(range);
    const numbers = Number.isFinite(range.from) && Number.isFinite(range.to);
    from.setAttribute('aria-invalid', String(Number.isNaN(range.from) || (numbers && !good)));
    to.setAttribute('aria-invalid', String(Number.isNaN(range.to) || (numbers && !good)));
    const first = numbers
      ? t('The first number must be the smaller one.')
      : t('Two numbers are expected, as in −0.5 and 2.');
    setText(complaint, good ? '' : `${first} ${t('The range is as it was.')}`);
    if (good) setRange(range);
  };
  for (const field of [from, to]) field.addEventListener('input', fix);
  const ranges = radios<RangeKind>(
    t('Range'),
    'range',
    [
      ['auto', t('all values')],
      ['clip', t('without the largest hundredth')],
      ['fixed', t('fixed:')],
    ],
    (kind) => {
      if (kind !== 'fixed') setRange(kind);
      else {
        // The keyboard stays on the button: arrows pass over it. Tab leads to the fields.
        const now = input();
        if (now !== undefined) setRange({ from: now.scale.from, to: now.scale.to });
      }
    },
  );
  ranges.element.append(ends, complaint);
  const scope = el('span', {});
  const whose = radios<'all' | 'one'>(
    t('For'),
    'whose',
    [
      ['all', scope],
      ['one', t('this track alone')],
    ],
    (value) => {
      all = value === 'all';
      // What is seen is what is chosen: for all tracks, then, what this one has.
      alter((shade) => shade);
    },
  );
  const told = el('p', { class: 'told' });
  const of = el('select', {}, ...OF_TEXTS.map(([value, text]) => el('option', { value }, text)));
  of.addEventListener('change', () => {
    actions.change((choices) => setReduction(choices, of.value as Reduction));
  });
  const zoomed = el('label', { class: 'field' }, el('span', {}, t('Zoomed out, every pixel shows the')), of);
  const reset = el('button', { type: 'button', class: 'link' }, t('Reset colours'));
  reset.addEventListener('click', () => {
    const now = input();
    if (now === undefined) return;
    setText(complaint, '');
    actions.change((choices) => setReduction(resetShade(choices, now.track, all, sameScale(now)), 'spikes'));
  });
  const title = el('h2', {});
  const element = el(
    'div',
    { class: 'popover shade-menu', role: 'dialog', 'aria-label': t('Colours of a track') },
    title,
    maps.element,
    ranges.element,
    whose.element,
    zoomed,
    told,
    el('div', { class: 'end' }, reset),
  );
  element.hidden = true;

  const close = (): void => {
    if (element.hidden) return;
    const had = element.contains(document.activeElement);
    element.hidden = true;
    id = undefined;
    document.removeEventListener('pointerdown', outside, true);
    if (had) actions.closed();
  };
  const outside = (event: Event): void => {
    if (!event.composedPath().includes(element)) close();
  };
  element.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Escape') close();
  });
  element.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !element.contains(relatedTarget)) close();
  });

  let shown = '';
  const update = (): void => {
    if (element.hidden) return;
    const now = input();
    if (now === undefined) {
      close();
      return;
    }
    const { track, choices } = now;
    for (const [name, swatch] of swatches) paintSwatch(swatch, now.maps.named(name));
    const shade = shadeOf(choices, track);
    const key = JSON.stringify([track.id, shade, all, choices.of, now.scale]);
    if (key === shown) return;
    shown = key;
    setText(title, t('Colours of {0}', track.id));
    element.setAttribute('aria-label', t('Colours of {0}', track.id));
    check(maps.inputs, isMapName(shade.map) ? shade.map : usualMap(track.scale));
    const fixed = typeof shade.range === 'object';
    check(ranges.inputs, typeof shade.range === 'object' ? 'fixed' : (shade.range ?? 'auto'));
    check(whose.inputs, all ? 'all' : 'one');
    setText(scope, ALL_TEXTS[track.scale]);
    show(ends, fixed);
    if (!fixed) setText(complaint, '');
    // While they are typed in, the fields have what was typed.
    for (const [field, value] of [
      [from, now.scale.from],
      [to, now.scale.to],
    ] as const) {
      if (document.activeElement !== field && complaint.textContent === '') field.value = formatEnd(value);
    }
    of.value = choices.of;
    setText(told, OF_TEXTS.find(([value]) => value === choices.of)?.[2] ?? '');
  };

  return {
    element,
    update,
    open: (track, x, y) => {
      id = track;
      const now = input();
      if (now === undefined) return;
      all = !ownShade(now.track.choice);
      shown = '';
      setText(complaint, '');
      element.hidden = false;
      update();
      const { clientWidth, clientHeight } = document.documentElement;
      element.style.maxHeight = `${String(clientHeight - 16)}px`;
      const { offsetWidth, offsetHeight } = element;
      element.style.left = `${String(Math.max(8, Math.min(x, clientWidth - offsetWidth - 8)))}px`;
      element.style.top = `${String(Math.max(8, Math.min(y + 4, clientHeight - offsetHeight - 8)))}px`;
      document.addEventListener('pointerdown', outside, true);
      element.querySelector<HTMLInputElement>('input:checked')?.focus();
    },
  };
}
