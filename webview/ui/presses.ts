/**
 * What is pressed on the stage beside the picture itself: arrows that fold, legends, unit numbers, the overview's window.
 * It hears before the picture's own gestures (pointer.ts), and takes from them what it handles.
 */
import type { TrackId } from '../choices';
import type { Axis } from '../layout/axis';
import type { Hit } from '../layout/hit';
import { centreAt, partAt, slideBy, stretchTo } from '../layout/overview';

export interface PressActions {
  readonly hit: (x: number, y: number) => Hit;
  /** Where the plot begins, in pixels from the left. */
  readonly plot: () => number;
  readonly axis: () => Axis;
  readonly setAxis: (axis: Axis) => void;
  readonly fold: (track: TrackId) => void;
  /** Pins the unit of a row, or lets it go. */
  readonly pin: (hit: Hit) => void;
  /** Opens the choice of colours of a track under a place on the screen; absent where there is none. */
  readonly openShade?: (track: TrackId, x: number, y: number) => void;
}

type Drag =
  | { readonly kind: 'edge'; readonly edge: 'from' | 'to' }
  | { readonly kind: 'window' }
  | { readonly kind: 'press'; readonly hit: Hit };

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Whether a press with Alt, or beside the rows, is about a unit. */
const isPin = (hit: Hit, event: MouseEvent): boolean =>
  hit.place !== undefined && (hit.zone === 'gutter' || (hit.zone === 'body' && event.altKey));

export function listenToPresses(target: HTMLElement, actions: PressActions): void {
  let drag: Drag | undefined;
  let last = 0;

  const placeOf = (event: MouseEvent): Place => {
    const box = target.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const hitOf = (event: MouseEvent): Hit => {
    const { x, y } = placeOf(event);
    return actions.hit(x, y);
  };
  const takes = (hit: Hit, event: MouseEvent): boolean =>
    hit.zone === 'fold' || (hit.zone === 'legend' && actions.openShade !== undefined) || isPin(hit, event);
  const stop = (event: Event): void => {
    event.stopImmediatePropagation();
  };
  const cursorFor = (event: PointerEvent): string | undefined => {
    const hit = hitOf(event);
    if (hit.zone === 'overview') {
      const part = partAt(actions.axis(), placeOf(event).x - actions.plot());
      return part === 'outside' ? 'pointer' : part === 'window' ? 'grab' : 'ew-resize';
    }
    return takes(hit, event) ? 'pointer' : undefined;
  };

  const begin = (event: PointerEvent): Drag | undefined => {
    const hit = hitOf(event);
    if (takes(hit, event)) return { kind: 'press', hit };
    if (hit.zone !== 'overview') return undefined;
    const x = placeOf(event).x - actions.plot();
    const part = partAt(actions.axis(), x);
    if (part === 'from' || part === 'to') return { kind: 'edge', edge: part };
    if (part === 'outside') actions.setAxis(centreAt(actions.axis(), x));
    return { kind: 'window' };
  };

  target.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      drag = begin(event);
      if (drag === undefined) return;
      stop(event);
      // Capture keeps a drag of the window alive outside the stage; the focus goes where it would have gone.
      target.setPointerCapture(event.pointerId);
      last = placeOf(event).x;
      if (drag.kind === 'window') target.style.cursor = 'grabbing';
    },
    { capture: true },
  );
  target.addEventListener(
    'pointermove',
    (event) => {
      if (drag === undefined) return;
      stop(event);
      const { x } = placeOf(event);
      if (drag.kind === 'window') actions.setAxis(slideBy(actions.axis(), x - last));
      if (drag.kind === 'edge') actions.setAxis(stretchTo(actions.axis(), drag.edge, x - actions.plot()));
      last = x;
    },
    { capture: true },
  );
  const end = (event: PointerEvent): void => {
    if (drag === undefined) return;
    stop(event);
    const ended = drag;
    drag = undefined;
    target.style.cursor = cursorFor(event) ?? 'default';
    if (event.type !== 'pointerup' || ended.kind !== 'press') return;
    const hit = hitOf(event);
    const { zone, track, place } = ended.hit;
    if (hit.zone !== zone || hit.track !== track || track === undefined) return;
    if (zone === 'fold') actions.fold(track);
    else if (zone === 'legend') actions.openShade?.(track, event.clientX, event.clientY);
    else if (hit.place === place) actions.pin(hit);
  };
  target.addEventListener('pointerup', end, { capture: true });
  target.addEventListener('pointercancel', end, { capture: true });
  target.addEventListener(
    'dblclick',
    (event) => {
      const hit = hitOf(event);
      if (hit.zone === 'overview' || takes(hit, event)) stop(event);
    },
    { capture: true },
  );
  // After the picture's own, which knows no more of these places than that they are not the picture.
  target.addEventListener('pointermove', (event) => {
    const cursor = event.buttons === 0 ? cursorFor(event) : undefined;
    if (cursor !== undefined) target.style.cursor = cursor;
  });
}
