/** Mouse, trackpad and touch on the stage: hover, click, drag, wheel. Says what was meant; changes nothing itself. */
import type { Hit, Zone } from '../layout/hit';
import type { TrackId } from '../choices';

export interface PointerActions {
  readonly hit: (x: number, y: number) => Hit;
  /** Where the plot begins: `zoom` and `jump` are told pixels from there. */
  readonly plot: () => number;
  /** @param at of the pointer, in pixels of the target */
  readonly hover: (hit: Hit | undefined, at?: { readonly x: number; readonly y: number }) => void;
  /** A click on a token. */
  readonly pick: (hit: Hit) => void;
  /** A double click on a token. */
  readonly go: (hit: Hit) => void;
  /** The press that selects begins at a pixel of the plot, goes on, and ends. */
  readonly select: (x: number, phase: 'begin' | 'go' | 'end') => void;
  readonly pan: (dx: number, dy: number) => void;
  readonly zoom: (x: number, factor: number) => void;
  readonly scroll: (dy: number) => void;
  /** The window centred at a pixel of the overview. */
  readonly jump: (x: number) => void;
  readonly resizeTrack: (track: TrackId, dy: number) => void;
  readonly resetTrack: (track: TrackId) => void;
}

type Drag =
  | { readonly kind: 'pan'; moved: boolean }
  | { readonly kind: 'select'; moved: boolean }
  | { readonly kind: 'pinch' }
  | { readonly kind: 'overview' }
  | { readonly kind: 'edge'; readonly track: TrackId };

/** Where a click means the token above or below it. */
const PICKED: ReadonlySet<Zone> = new Set(['ruler', 'head', 'body']);
/** Pixels that a press may move and still be a click. */
const SLACK = 4;
/** A wheel's notch is 100–120 pixels; this many double the scale. */
const WHEEL_DOUBLES = 360;
/** Pinching comes as small steps of a wheel with Ctrl. */
const PINCH_DOUBLES = 70;
const LINE = 16;
/** Pixels by which the picture moves on when a selection is dragged beyond its edge. */
const BEYOND = 14;

/** Returns what lies under the pointer now, if it is there: what is drawn may have moved under a pointer at rest. */
export function listenToPointer(target: HTMLElement, actions: PointerActions): () => Hit | undefined {
  let drag: Drag | undefined;
  let from = { x: 0, y: 0 };
  let last = { x: 0, y: 0 };
  let rest: { x: number; y: number } | undefined;
  /** Fingers on the picture; of two, the distance is what zooms. */
  const fingers = new Map<number, { x: number; y: number }>();
  const spread = (): { x: number; apart: number } | undefined => {
    const [a, b] = fingers.values();
    return a && b && { x: (a.x + b.x) / 2, apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  };

  const place = (event: MouseEvent): { x: number; y: number } => {
    const box = target.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const cursorFor = (hit: Hit): string => {
    if (hit.zone === 'edge') return 'ns-resize';
    if (hit.zone === 'overview') return 'pointer';
    if (hit.zone === 'ruler' && hit.token !== undefined) return 'text';
    return PICKED.has(hit.zone) ? 'crosshair' : 'default';
  };

  target.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const at = place(event);
    const hit = actions.hit(at.x, at.y);
    from = last = at;
    target.setPointerCapture(event.pointerId);
    if (event.pointerType === 'touch') fingers.set(event.pointerId, at);
    if (fingers.size > 1) {
      drag = { kind: 'pinch' };
      return;
    }
    if (hit.zone === 'edge' && hit.track !== undefined) drag = { kind: 'edge', track: hit.track };
    else if (hit.zone === 'overview') {
      drag = { kind: 'overview' };
      actions.jump(at.x - actions.plot());
    } else if (hit.token !== undefined && (hit.zone === 'ruler' || event.shiftKey)) {
      drag = { kind: 'select', moved: false };
    } else drag = { kind: 'pan', moved: false };
  });

  target.addEventListener('pointermove', (event) => {
    const at = place(event);
    rest = at;
    if (drag?.kind === 'pinch') {
      const before = spread();
      if (fingers.has(event.pointerId)) fingers.set(event.pointerId, at);
      const now = spread();
      if (before === undefined || now === undefined) return;
      actions.zoom(now.x - actions.plot(), now.apart / before.apart);
      actions.pan(before.x - now.x, 0);
      return;
    }
    if (drag === undefined) {
      const hit = actions.hit(at.x, at.y);
      target.style.cursor = cursorFor(hit);
      actions.hover(hit, at);
      return;
    }
    const [dx, dy] = [at.x - last.x, at.y - last.y];
    if (drag.kind === 'overview') actions.jump(at.x - actions.plot());
    else if (drag.kind === 'edge') actions.resizeTrack(drag.track, dy);
    else if (drag.kind === 'select') {
      if (!drag.moved && Math.hypot(at.x - from.x, at.y - from.y) < SLACK) return;
      if (!drag.moved) actions.select(from.x - actions.plot(), 'begin');
      drag.moved = true;
      target.style.cursor = 'text';
      actions.hover(undefined);
      const beyond = at.x < actions.plot() ? -BEYOND : at.x >= target.clientWidth ? BEYOND : 0;
      if (beyond !== 0) actions.pan(beyond, 0);
      actions.select(at.x - actions.plot(), 'go');
    } else {
      if (!drag.moved && Math.hypot(at.x - from.x, at.y - from.y) < SLACK) return;
      drag.moved = true;
      target.style.cursor = 'grabbing';
      actions.hover(undefined);
      actions.pan(-dx, -dy);
    }
    last = at;
  });

  const finish = (event: PointerEvent): void => {
    const ended = drag;
    fingers.delete(event.pointerId);
    // What one finger does after a pinch is not meant.
    drag = ended?.kind === 'pinch' && fingers.size > 0 ? ended : undefined;
    if (ended?.kind === 'select' && ended.moved) actions.select(0, 'end');
    const at = place(event);
    const hit = actions.hit(at.x, at.y);
    target.style.cursor = cursorFor(hit);
    if (
      event.type === 'pointerup' &&
      (ended?.kind === 'pan' || ended?.kind === 'select') &&
      !ended.moved &&
      hit.token !== undefined
    ) {
      if (PICKED.has(hit.zone)) actions.pick(hit);
    }
  };
  target.addEventListener('pointerup', finish);
  target.addEventListener('pointercancel', finish);
  target.addEventListener('pointerleave', () => {
    rest = undefined;
    if (drag === undefined) actions.hover(undefined);
  });
  target.addEventListener('dblclick', (event) => {
    const at = place(event);
    const hit = actions.hit(at.x, at.y);
    if (hit.zone === 'edge' && hit.track !== undefined) actions.resetTrack(hit.track);
    else if (hit.token !== undefined && PICKED.has(hit.zone)) actions.go(hit);
  });

  target.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
      const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
      const at = place(event);
      if (event.ctrlKey || event.metaKey) actions.zoom(at.x - actions.plot(), 2 ** (-dy / PINCH_DOUBLES));
      else if (event.altKey) actions.scroll(dy);
      else if (event.shiftKey) actions.pan(dx === 0 ? dy : dx, 0);
      else if (Math.abs(dx) > Math.abs(dy)) actions.pan(dx, 0);
      else actions.zoom(at.x - actions.plot(), 2 ** (-dy / WHEEL_DOUBLES));
      const after = actions.hit(at.x, at.y);
      actions.hover(after, at);
    },
    { passive: false },
  );
  return () => (rest === undefined || drag !== undefined ? undefined : actions.hit(rest.x, rest.y));
}
