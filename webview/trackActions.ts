/** The verbs of the current track and of rows: which it is, fold, move, height, pin; and the inspector's page. */
import * as choices from './choices';
import { INSPECTOR_TABS, type TrackId } from './choices';
import type { Ground } from './ground';
import { t } from './l10n';
import { boxOf, HEAD, isHeat, maxScroll, MIN_HEIGHT, type Stack, type TrackBox } from './layout/tracks';
import * as verbs from './state';
import type { State } from './state';

const TALLER = 1.25;

/** Tracks as they stand from top to bottom. */
const stacked = (stack: Stack): readonly TrackBox[] => [...stack.lanes, ...stack.heats];

/** The track that keys mean: the current one while it is shown. */
export function currentTrack(state: State, stack: Stack | undefined): TrackBox | undefined {
  return stack && boxOf(stack, state.track);
}

/** Makes a track the current one; a mark goes there with its unit, where that is of the same layer. */
export function setTrack(state: State, { id, track }: Pick<TrackBox, 'id' | 'track'>): State {
  const { mark } = state;
  if (mark === undefined || !isHeat(track)) return { ...state, track: id };
  const unit = track.layer === mark.layer ? mark.unit : undefined;
  return { ...state, track: id, mark: { ...mark, track: id, layer: track.layer, unit } };
}

/** The scroll that has a heading in sight, and as much of its picture as has room. */
export function scrollToTrack(stack: Stack, box: TrackBox, scroll: number): number {
  if (!isHeat(box.track)) return scroll;
  const room = stack.viewport - stack.pinned;
  const bottom = box.bodyTop + Math.min(box.height, room - HEAD);
  const next = box.top < scroll ? box.top : Math.max(scroll, bottom - room);
  return Math.max(0, Math.min(maxScroll(stack), next));
}

/** Moves a track past the next one that is shown: others among the choices may be of other models. */
export function moveShown(all: choices.Choices, shown: readonly TrackId[], id: TrackId, by: 1 | -1): choices.Choices {
  const other = shown[shown.indexOf(id) + by];
  if (!shown.includes(id) || other === undefined) return all;
  const place = (name: TrackId): number => all.tracks.findIndex((track) => choices.trackId(track) === name);
  return choices.moveTrack(all, id, place(other) - place(id));
}

export class TrackActions {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  get #state(): State {
    return this.#ground.state();
  }

  /** To the next track or the one before; the first or last where there is none yet. @returns whether there is one */
  step(by: 1 | -1): boolean {
    const { stack } = this.#ground.stage;
    if (stack === undefined) return false;
    const boxes = stacked(stack);
    const at = boxes.findIndex(({ id }) => id === this.#state.track);
    const box = at < 0 ? boxes.at(by === 1 ? 0 : -1) : boxes[at + by];
    if (box === undefined) {
      // Coming back from outside, the steps begin at the edge again.
      this.#ground.set({ ...this.#state, track: undefined });
      return false;
    }
    const next = setTrack(this.#state, box);
    this.#ground.set(verbs.setScroll(next, scrollToTrack(stack, box, next.scroll)));
    const place = boxes.indexOf(box) + 1;
    this.#ground.speak(
      box.folded
        ? t('{0}, folded, track {1} of {2}', box.id, place, boxes.length)
        : t('{0}, track {1} of {2}', box.id, place, boxes.length),
    );
    return true;
  }

  fold(): void {
    this.#onTrack(({ id }, { folded = false }) => {
      this.#choose(choices.changeTrack(this.#state.choices, id, { folded: !folded }));
      this.#ground.say(folded ? t('{0} opened', id) : t('{0} folded', id));
    });
  }

  move(by: 1 | -1): void {
    this.#onTrack((box) => {
      const own = verbs.shownTracks(this.#state).filter((track) => isHeat(track) === isHeat(box.track));
      const ids = own.map(({ id }) => id);
      // At an end it stays where it is.
      const to = Math.max(0, Math.min(ids.length - 1, ids.indexOf(box.id) + by));
      this.#choose(moveShown(this.#state.choices, ids, box.id, by));
      this.#ground.say(t('{0} is {1} of {2}', box.id, to + 1, ids.length));
    });
  }

  grow(by: 1 | -1): void {
    this.#onTrack((box, { folded, height: before = box.height }) => {
      if (folded === true) return;
      const height = Math.max(MIN_HEIGHT, Math.round(before * TALLER ** by));
      this.#choose(choices.setHeight(this.#state.choices, box.id, height));
    });
  }

  /** Pins the unit that is read, or lets it go. */
  pin(): void {
    const cursor = verbs.cursorOf(this.#state);
    const layer = verbs.traceOf(this.#state)?.info.model.layers[cursor?.layer ?? -1];
    if (cursor?.unit === undefined || layer === undefined) {
      this.#ground.say(t('Mark a unit first: ↑ ↓ or a click.'));
      return;
    }
    const { unit } = cursor;
    const pinned = this.#state.choices.rows.pins[layer.name]?.includes(unit) === true;
    this.#choose(choices.togglePin(this.#state.choices, layer.name, unit));
    this.#ground.say(pinned ? t('Unit {0} is no longer pinned', unit) : t('Unit {0} is pinned to the top', unit));
  }

  /** The inspector's next page. */
  inspect(): void {
    const { inspector } = this.#state.choices;
    const next = INSPECTOR_TABS[(INSPECTOR_TABS.indexOf(inspector) + 1) % INSPECTOR_TABS.length] ?? 'values';
    this.#choose({ ...this.#state.choices, inspector: next });
  }

  /**
   * On the current track; without one on the mark's, else the first.
   *
   * @param act is given where it was drawn last, and its choice as it is now: keys may come quicker than frames
   */
  #onTrack(act: (box: TrackBox, choice: choices.TrackChoice) => void): void {
    const { stack } = this.#ground.stage;
    if (stack === undefined) return;
    const { track, mark } = this.#state;
    const box = boxOf(stack, track) ?? boxOf(stack, mark?.track) ?? stack.heats[0];
    if (box === undefined) return;
    if (box.id !== track) this.#ground.set({ ...this.#state, track: box.id });
    const now = verbs.shownTracks(this.#state).find(({ id }) => id === box.id);
    if (now !== undefined) act(box, now.choice);
  }

  #choose(next: choices.Choices): void {
    this.#ground.set(verbs.choose(this.#state, next));
  }
}
