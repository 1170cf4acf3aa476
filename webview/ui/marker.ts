/** Marks the heading of the current track, the one that keys mean, while the stage has the keyboard. */
import { boxOf, HEAD, isHeat, type Stack } from '../layout/tracks';
import type { TrackId } from '../choices';
import { el, show } from './dom';

export interface Marker {
  readonly element: HTMLElement;
  readonly update: (stack: Stack | undefined, track: TrackId | undefined, scroll: number) => void;
}

export function createMarker(): Marker {
  const element = el('div', { class: 'current-track', 'aria-hidden': 'true' });
  element.style.height = `${String(HEAD)}px`;
  element.hidden = true;
  return {
    element,
    update: (stack, track, scroll) => {
      const box = stack && boxOf(stack, track);
      const top = stack && box && (isHeat(box.track) ? stack.pinned + box.top - scroll : box.top);
      // Of a heading under the pinned part, only the picture is in sight.
      const seen = stack !== undefined && box !== undefined && top !== undefined;
      const covered = seen && isHeat(box.track) && top + HEAD / 2 < stack.pinned;
      show(element, seen && !covered);
      if (!seen || covered) return;
      element.style.top = `${String(top)}px`;
    },
  };
}
